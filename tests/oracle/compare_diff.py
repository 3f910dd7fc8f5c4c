#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare_diff - two transcripts of one session, command by command. usage: compare_diff.py KIND THEIRS OURS

A line "ok ..." for every 25 equal commands (and the rest), "not ok ..." with both outputs for each that differs.
"""
import re
import sys

GROUP = 25


def read(path):
    commands = []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith("$ "):
                commands.append((line[2:].rstrip("\n"), []))
            elif commands:
                commands[-1][1].append(line.rstrip("\n"))
    return commands


def masked(lines):
    # client programs print where a kernel-chosen port would be; sizes of tables are the machine's
    return [re.sub(r"\(size=\d+\)", "(size=N)", line) for line in lines]


def main():
    kind, theirs, ours = sys.argv[1], read(sys.argv[2]), read(sys.argv[3])
    if len(theirs) != len(ours) or not theirs:
        print(f"not ok {kind}: {len(theirs)} commands were run with IPVS, {len(ours)} with elvs")
    same = 0
    for (command, want), (_, got) in zip(theirs, ours):
        if masked(want) == masked(got):
            same += 1
            if same % GROUP == 0:
                print(f"ok {kind}: {same} commands alike")
            continue
        print(f"not ok {kind}: {command}")
        for line in want:
            print(f"# IPVS: {line}")
        for line in got:
            print(f"# elvs: {line}")
    if same % GROUP:
        print(f"ok {kind}: {same} commands alike")


if __name__ == "__main__":
    main()
