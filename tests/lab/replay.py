#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""replay - runs what was once run against the kernel's IPVS again, against elvs, and compares.

  replay.py transcript NAMESPACE-PREFIX EXCEPTIONS FILE [UNTIL]   commands and their output (groups 20 to 27)
  replay.py sequences  NAMESPACE-PREFIX EXCEPTIONS FILE           who was scheduled, one line per case (30 to 32)

Prints "ok TEXT", "not ok TEXT", "skip TEXT # REASON" and "# ..." lines; the caller numbers them. It makes no
topology: transcripts.sh has built the one the recordings come from.

Masked before comparing, because they are not the same in two runs of the original either: expiry times and the order
of connection listings, connections with a port the kernel chose, connections of other groups (they were recorded at
another pace), REFUSED against TIMEOUT where the answer comes with the second SYN, times of a cached route and of a round trip.
"""
import difflib
import re
import subprocess
import sys


class Exceptions:
    """GROUP, KIND (never, later), what the command begins with (with $ at its end: all of it), reason, and perhaps a
    pattern of the lines meant (else all of the output is); tab-separated. One that nothing needs is a failure."""

    def __init__(self, path):
        self.rows = []
        self.needed = set()
        with open(path, encoding="ascii") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    group, kind, what, why, *lines = line.rstrip("\n").split("\t")
                    self.rows.append((group, kind, what, why, lines[0] if lines else None))

    def find(self, group, what):
        rows = [row for row in self.rows if row[0] == group and (what + "$").startswith(row[2])]
        return max(rows, key=lambda row: len(row[2]), default=None)


    def say_unneeded(self, group):
        for row in self.rows:
            if row[0] == group and row not in self.needed:
                print(f"not ok {group}: an exception that nothing needs any more: {row[1]}: {row[2]}".replace("#", ""))


def without(lines, pattern):
    return [line for line in lines if not re.search(pattern, line)]


def say(text, wanted, got, exceptions, exception):
    if wanted != got and exception:
        exceptions.needed.add(exception)
        if not exception[4]:
            print(f"skip {text} # {exception[1]}: {exception[3]}")
            return
        wanted, got = without(wanted, exception[4]), without(got, exception[4])
    if wanted == got:
        print(f"ok {text}")
    else:
        print(f"not ok {text}")
        for line in list(difflib.unified_diff(wanted, got, "wanted", "got", lineterm="", n=0))[2:60]:
            print(f"#   {line}")
    sys.stdout.flush()


def run(prefix, namespace, command):
    where = {"dir": "director"}.get(namespace, namespace)
    p = subprocess.run(["ip", "netns", "exec", f"{prefix}-{where}", "bash", "-c", command], stdin=subprocess.DEVNULL,
                       capture_output=True, text=True, timeout=120, check=False)
    out = p.stdout.splitlines()
    if p.stdout and not p.stdout.endswith("\n"):
        out.append("\\ no newline")
    return out + ["! " + line for line in p.stderr.splitlines()] + [f"? {p.returncode}"]


# ---- transcripts ----

def read_transcript(path, until):
    """Yields (namespace, command, [output lines])."""
    entry = None
    with open(path, encoding="utf-8") as f:
        for line in f.read().splitlines():
            if line.startswith("$ "):
                if entry:
                    yield entry
                namespace, command = line[2:].split(": ", 1)
                if until and until in command:
                    return
                entry = (namespace, command, [])
            elif entry and not line.startswith("# "):
                entry[2].append(line)
    if entry:
        yield entry


CONNECTION = re.compile(r"^(TCP|UDP|SCTP|IP ) +[0-9]+:[0-9]+ +\S+ +(\S+):(\d+) ")


def mask_connections(lines, group):
    rows, rest = [], []
    for line in lines:
        m = CONNECTION.match(line)
        if not m:
            rest.append(line)
            continue
        port = int(m.group(3))
        mine = port // 1000 == group or (port == 0 and group == 22)
        if mine:
            rows.append(re.sub(r"[0-9]{2}:[0-9]{2} ", "MM:SS ", line, count=1))
    return sorted(rest) + sorted(rows)


def near(wanted, got):
    """Counters of curl's connection, which another kernel closes with a segment more or less: 2 packets, 160 bytes."""
    if len(wanted) != len(got):
        return wanted
    result = []
    for w, g in zip(wanted, got):
        a, b = w.split(), g.split()
        same = len(a) == len(b) == 7 and a[:3] == b[:3] and all(
            x.isdigit() and y.isdigit() and abs(int(x) - int(y)) <= limit
            for x, y, limit in zip(a[3:], b[3:], (2, 2, 160, 160)))
        result.append(g if same else w)
    return result


def mask(lines, group, command):
    lines = [re.sub(r"expires \d+sec", "expires Nsec", line) for line in lines]
    lines = [re.sub(r"rtt=[0-9.]+ ms", "rtt=N ms", line) for line in lines]
    if "-Lnc" in command or "-L -c" in command:
        lines = mask_connections(lines, group)
    return lines


def transcript(prefix, exceptions, path, until):
    name = path.rsplit("/", 1)[1].split("-")[0]
    group = int(name)
    for namespace, command, wanted in read_transcript(path, until):
        got = run(prefix, namespace, command)
        wanted, got = mask(wanted, group, command), mask(got, group, command)
        if group == 20 and "--stats" in command:
            wanted = near(wanted, got)
        short = command if len(command) < 110 else command[:107] + "..."
        say(f"{name}: {namespace}: {short}".replace("#", ""), wanted, got, exceptions, exceptions.find(name, command))
    exceptions.say_unneeded(name)


# ---- sequences ----

CASE = re.compile(r"^(?P<fwmark>fwmark )?(?P<sched>[a-z]+)(?P<flags> -b \S+)?(?P<v6> v6)? weights=(?P<weights>[0-9,]+)"
                  r"(?: (?P<mode>close|hold))?(?: vport=(?P<vport>\d+))?(?: pass \d)?,? "
                  r"\(?source ports from (?P<port>\d+)\)?: (?P<wanted>.*)$")
CHANGE = re.compile(r"^(?P<sched>[a-z]+) (?P<step>.*) \(source ports from (?P<port>\d+)\): (?P<wanted>.*)$")
VIP, VIP6 = "10.1.0.100", "fd00:1::100"


def rules(prefix, lines):
    """Feeds ipvsadm -R; returns its complaints."""
    p = subprocess.run(["ip", "netns", "exec", f"{prefix}-director", "ipvsadm", "-R"], input="\n".join(lines) + "\n",
                       capture_output=True, text=True, check=False)
    return p.stderr.strip()


def server(i, v6=False):
    return f"[fd00:1::1{i}]:80" if v6 else f"10.1.0.1{i}:80"


def ask(prefix, options, vip, vport):
    got = run(prefix, "client", f"cseq -q -w 4 -T 900 {options} {vip} {vport}")
    return " ".join(line for line in got if not line.startswith("?")).replace("REFUSED", "TIMEOUT")


def sequences(prefix, exceptions, path):
    name = path.rsplit("/", 1)[1].split("-")[0]
    vport = {"30": 8000, "31": 9000, "32": 9007}[name]  # as recorded
    changing = None
    with open(path, encoding="ascii") as f:
        for line in f.read().splitlines():
            if line.startswith("#"):
                continue
            text, wanted = line.rsplit(": ", 1)
            case = CASE.match(line)
            exception = exceptions.find(name, text)
            if exception and case and case["fwmark"]:   # no service: each of its requests would be waited for
                got = "not run"
            elif case and case["fwmark"]:
                got = marked_case(prefix, case)
            elif case:
                vport += 1
                got = one_case(prefix, case, case["vport"] or vport)
            else:
                m = CHANGE.match(line)
                if m["step"] == "start":
                    vport += 1
                    changing = start_changing(prefix, m["sched"], vport)
                got = changing or change(prefix, m, vport)
            say(f"{name}: {text}", [wanted], [got], exceptions, exception)
    exceptions.say_unneeded(name)


def one_case(prefix, case, vport):
    v6 = bool(case["v6"])
    vip = f"[{VIP6}]" if v6 else VIP
    count = len(case["wanted"].split())
    lines = [f"-A -t {vip}:{vport} -s {case['sched']}{case['flags'] or ''}"]
    lines += [f"-a -t {vip}:{vport} -r {server(i + 1, v6)} -m -w {w}" for i, w in enumerate(case["weights"].split(","))]
    why = rules(prefix, lines)
    if why:
        return why
    if case["mode"]:
        options = f"{'-h ' if case['mode'] == 'hold' else ''}-p {case['port']} -n {count}"
    else:
        options = f"-b {'fd00:0:0:1::' if v6 else '10.0.1.0'} -k {count} -p {case['port']}"
    got = ask(prefix, options, VIP6 if v6 else VIP, vport)
    if str(vport) == "80":
        rules(prefix, [f"-D -t {vip}:80"])
    return got


def marked_case(prefix, case):
    """One client, and as many destination addresses as there are results, all of which carry the mark."""
    director = ["ip", "netns", "exec", f"{prefix}-director", "iptables", "-t", "mangle"]
    marked = ["PREROUTING", "-d", "10.9.0.0/24", "-p", "tcp", "-j", "MARK", "--set-mark", "5"]
    lines = [] if "pass 2" in case.string else [f"-A -f 5 -s {case['sched']}"]
    lines += [f"-a -f 5 -r {server(i + 1)} -m -w {w}" for i, w in enumerate(case["weights"].split(",")) if lines]
    why = rules(prefix, lines or [""])
    if why:
        return why
    subprocess.run(director + ["-A"] + marked, check=True)
    got = ask(prefix, f"-p {case['port']} -K {len(case['wanted'].split())}", "10.9.0.0", 80)
    subprocess.run(director + ["-D"] + marked, check=True)
    if "pass 2" in case.string:
        rules(prefix, ["-D -f 5"])
    return got


def start_changing(prefix, sched, vport):
    lines = [f"-A -t {VIP}:{vport} -s {sched}"]
    lines += [f"-a -t {VIP}:{vport} -r {server(i)} -m -w {i}" for i in (1, 2, 3, 4)]
    return rules(prefix, lines)


STEPS = {
    "start": [],
    "rs4 weight 1": ["-e -t {s} -r 10.1.0.14:80 -m -w 1"],
    "rs1 weight 0": ["-e -t {s} -r 10.1.0.11:80 -m -w 0"],
    "rs2 removed": ["-d -t {s} -r 10.1.0.12:80"],
    "rs2 added again weight 2": ["-a -t {s} -r 10.1.0.12:80 -m -w 2"],
}


def change(prefix, m, vport):
    why = rules(prefix, [line.format(s=f"{VIP}:{vport}") for line in STEPS[m["step"]]] or [""])
    return why or ask(prefix, f"-p {m['port']} -n {len(m['wanted'].split())}", VIP, vport)


def main():
    mode, prefix, exceptions, path = sys.argv[1:5]
    if mode == "transcript":
        transcript(prefix, Exceptions(exceptions), path, sys.argv[5] if len(sys.argv) > 5 else None)
    else:
        sequences(prefix, Exceptions(exceptions), path)


if __name__ == "__main__":
    main()
