#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""reload - sends HUP and tells when the new configuration was in force.

usage: reload.py PID LOG VIP WEIGHT SECONDS      (in the director's network namespace, ipvsadm in the path)

In force: the log says so (`Reload finished') and the last server that `ipvsadm -Ln -t VIP:80' shows has WEIGHT; both
are waited for, the tables are looked at with ipvsadm itself, about a hundred times a second. Prints milliseconds.
"""
import os
import signal
import subprocess
import sys
import time


def weight(vip):
    """Of the last server of the service in the tables"""
    out = subprocess.run(["ipvsadm", "-Ln", "-t", f"{vip}:80"], capture_output=True, text=True, check=True).stdout
    return out.splitlines()[-1].split()[3]


def main():
    pid, log, vip, wanted, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5])
    if weight(vip) == wanted:
        sys.exit("reload.py: it is in force before the reload")
    said = open(log)
    said.seek(0, os.SEEK_END)
    text = ""
    begin = time.monotonic()
    os.kill(pid, signal.SIGHUP)
    while time.monotonic() < begin + seconds:
        text += said.read()
        if "Reload refused" in text:
            sys.exit("reload.py: the reload was refused, see " + log)
        if "Reload finished" in text and weight(vip) == wanted:
            print(f"{(time.monotonic() - begin) * 1000:.1f}")
            return
        time.sleep(0.001)
    sys.exit(f"reload.py: not in force within {seconds} s; the log said: {text[-300:]}")


main()
