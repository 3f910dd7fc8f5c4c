#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_gen - random but repeatable sessions for compare.sh, one "NAMESPACE: COMMAND" a line.

usage: compare_gen.py lines SEED COUNT     ipvsadm command lines, right and wrong, with listings in between
       compare_gen.py traffic SEED COUNT   services, servers, changes, and who answers (needs the lab's topology)

Kept to what has one right answer: no ports the kernel chooses, no order that depends on a hash, no feature that is
documented as different or as not there yet.
"""
import random
import sys

SCHEDS = ["rr", "wrr", "lc", "wlc", "sh", "dh"]


class Lines:
    def __init__(self, rnd):
        self.r = rnd

    def some(self, *choices):
        return self.r.choice(choices)

    def service(self):
        kind = self.some("-t", "-t", "-u")
        if self.r.random() < 0.1:
            return f"-f {self.some('1', '7', '0', 'x', '4294967295', '4294967296')}"
        # few of them, so that services are there when they are edited, deleted, listed
        addr = self.some("10.9.0.1:80", "10.9.0.1:443", "10.9.0.2:53", "[fd00:9::1]:80", "[fd00:9::1]:53")
        if self.r.random() < 0.08:
            addr = self.some("10.9.0.1", "10.9.0.1:", "10.9.0.1:0", "10.9.0.256:80", "10.9.0.1:65536", "80",
                             "[fd00:9::1]", "fd00:9::1:80", ":80", "10.9.0.1:http", "10.9.0.1:+80", "255.255.255.255:80")
        return f"{kind} {addr}"

    def server(self):
        addr = self.some("10.1.0.11", "10.1.0.12:80", "10.1.0.12:8080", "[fd00:1::11]:80", "10.1.0.14:53")
        if self.r.random() < 0.08:
            addr = self.some("0.0.0.0:80", "224.0.0.1:80", "255.255.255.255:80", "[fe80::1]:80", "10.1.0.11:99999", "x:80")
        return f"-r {addr}"

    def maybe(self, chance, text):
        return " " + text if self.r.random() < chance else ""

    def service_options(self):
        return (self.maybe(0.8, "-s " + self.some(*SCHEDS, "nosuch")) +
                self.maybe(0.3, "-p" + self.some("", " 30", " 0", " 2678400", " 2678401", " -1", "100", " abc")) +
                self.maybe(0.15, "-M " + self.some("255.255.255.0", "24", "64", "0.0.0.0", "129", "0")) +
                self.maybe(0.05, "-b " + self.some("sh-port", "sh-fallback", "flag-1", "sh-port,sh-fallback", "zzz")))

    def server_options(self):
        return (self.maybe(0.7, self.some("-m", "-g", "-i", "-m", "-g")) +
                self.maybe(0.6, "-w " + self.some("0", "1", "2", "100", "65535", "65536", "-1", "1x")) +
                self.maybe(0.2, "-x " + self.some("0", "10", "5", "-5")) +
                self.maybe(0.2, "-y " + self.some("0", "3", "7", "x")) +
                self.maybe(0.05, self.some("-w 1", "-m", "-i")))

    def command(self):
        what = self.r.random()
        if what < 0.22:
            return f"-A {self.service()}{self.service_options()}"
        if what < 0.30:
            return f"-E {self.service()}{self.service_options()}"
        if what < 0.35:
            return f"-D {self.service()}"
        if what < 0.62:
            return f"-a {self.service()} {self.server()}{self.server_options()}"
        if what < 0.70:
            return f"-e {self.service()} {self.server()}{self.server_options()}"
        if what < 0.75:
            return f"-d {self.service()} {self.server()}"
        if what < 0.90:
            return f"-L -n{self.maybe(0.3, self.service())}" + self.maybe(
                0.5, self.some("--stats", "--rate", "--thresholds", "--persistent-conn", "--exact --stats", "-c",
                               "--timeout", "--daemon"))
        if what < 0.94:
            return self.some("-Sn", "-Ln", "-S -n")
        return self.some("-Z", f"-Z {self.service()}", "--set 900 120 300", "--set 0 0 60", "--set 1 2", "-C", "-X", "-h x",
                         f"-A -D {self.service()}", "-a", f"-d {self.service()}", "--stop-daemon master", "-L -Z")


def lines(rnd, count):
    make = Lines(rnd)
    for _ in range(count):
        print("director: ipvsadm " + make.command().replace("  ", " "))
    print("director: ipvsadm -Ln")
    print("director: ipvsadm -Sn")


def traffic(rnd, count):
    sport = 20000
    for case in range(count):
        vport = 7000 + case
        where = f"-t 10.1.0.100:{vport}"
        sched = SCHEDS[case % len(SCHEDS)]
        present = {}

        def weight():
            return rnd.choice([0, 1, 1, 2, 3, 5])

        def ask(n):
            nonlocal sport
            print(f"client: lab-cseq -q -T 2500 -p {sport} -n {n} 10.1.0.100 {vport}")
            sport += n

        print(f"director: ipvsadm -A {where} -s {sched}" + (" -p 60" if rnd.random() < 0.2 else ""))
        for i in rnd.sample([1, 2, 3], 3):
            present[i] = weight()
            print(f"director: ipvsadm -a {where} -r 10.1.0.1{i}:53 -m -w {present[i]}")
        ask(7)
        for _ in range(2):
            i = rnd.choice([1, 2, 3])
            if i not in present:
                present[i] = weight()
                print(f"director: ipvsadm -a {where} -r 10.1.0.1{i}:53 -m -w {present[i]}")
            elif rnd.random() < 0.4:
                del present[i]
                print(f"director: ipvsadm -d {where} -r 10.1.0.1{i}:53")
            else:
                present[i] = weight()
                print(f"director: ipvsadm -e {where} -r 10.1.0.1{i}:53 -m -w {present[i]}")
            ask(5)
        print(f"director: ipvsadm -Ln {where}")
        # IPVS lists a template of a removed server under port 65535 until it expires; elvs makes room at once
        print(f"director: ipvsadm -Lnc | grep ':{vport} ' | sed 's/[0-9][0-9]:[0-9][0-9]/mm:ss/' | sort")
        # 6.1 shows counters that its estimator copies every two seconds
        print(f"director: sleep 2.5; ipvsadm -Ln --stats {where} | awk '{{ print $1, $2, $3 }}'")


def main():
    rnd = random.Random(int(sys.argv[2]))
    {"lines": lines, "traffic": traffic}[sys.argv[1]](rnd, int(sys.argv[3]))


if __name__ == "__main__":
    main()
