#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""replay - runs one recorded group of ipvsadm commands again and compares stdout, stderr and status byte for byte.

  replay.py GROUP.txt EXCEPTIONS SCRATCH-DIRECTORY

To be called by run.sh in the group's own namespaces, with the programs under test first in PATH. Prints "ok TEXT",
"not ok TEXT", "never REASON", "later FEATURE" and "# ..." lines; the caller numbers and counts them.
"""
import difflib
import os
import re
import subprocess
import sys

# Groups whose table is not in a definite order in the original either: addresses more than 2^31 apart.
MASKED = {"04-errors"}


def read_transcript(path):
    """-> [(command, stdout, stderr, status)]"""
    entries = []
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as f:
        for line in f.read().split("\n"):
            if line.startswith("$ "):
                entries.append([line[2:], [], [], None])
            elif not entries or entries[-1][3] is not None:
                continue  # comments and blank lines between entries
            elif line.startswith("? "):
                entries[-1][3] = int(line[2:])
            elif line.startswith("! ") or line == "!":
                entries[-1][2].append(line[2:])
            else:
                entries[-1][1].append(line)
    return entries


class Exceptions:
    """GROUP/NUMBER, KIND (never, later), command, reason; tab-separated."""

    def __init__(self, path, group):
        self.rows = {}
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    place, kind, what, why = line.rstrip("\n").split("\t")
                    if kind not in ("never", "later"):
                        raise ValueError(f"{path}: kind {kind!r} is neither never nor later")
                    if place.split("/")[0] == group:
                        self.rows[int(place.split("/")[1])] = (kind, what, why)

    def take(self, number, command):
        """-> (kind, reason) or None; a row whose command is another one stays and is reported."""
        if number in self.rows and self.rows[number][1] == command:
            kind, _, why = self.rows.pop(number)
            return kind, why
        return None


def run(command, scratch):
    p = subprocess.run(["bash", "-c", command.replace("/tmp/", scratch + "/")], stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=120, check=False)

    def lines(data):
        text = data.decode("utf-8", "surrogateescape")
        if not text:
            return []
        if not text.endswith("\n"):
            return text.split("\n") + ["\\ no newline"]
        return text[:-1].split("\n")

    return lines(p.stdout), lines(p.stderr), p.returncode


def blocks(lines):
    """Services with their servers, in a definite order; the lines before them as they are."""
    out, block = [[]], None
    for line in lines:
        if re.match(r"(TCP|UDP|SCTP|FWM) |-A ", line):
            block = [line]
            out.append(block)
        elif block is not None:
            block.append(line)
        else:
            out[0].append(line)
    return out[0] + [line for b in sorted(out[1:]) for line in b]


def mask(group, command, lines):
    if "--nosort" in command or (group in MASKED and re.search(r"ipvsadm -(L|S)n", command)):
        lines = blocks(lines)
    if lines[:1] == ["IPVS connection entries"]:
        lines = lines[:2] + sorted(re.sub(r"[0-9]+:[0-9]{2}", "MM:SS", line, count=1) for line in lines[2:])
    return lines


def complain(wanted, got):
    for line in difflib.unified_diff(wanted, got, "recorded", "elvs", lineterm="", n=1):
        print("#   " + line.encode("utf-8", "backslashreplace").decode()[:200])


def main():
    path, exceptions_path, scratch = sys.argv[1:]
    group = os.path.basename(path).removesuffix(".txt")
    exceptions = Exceptions(exceptions_path, group)
    for number, (command, out, err, status) in enumerate(read_transcript(path), 1):
        got_out, got_err, got_status = run(command, scratch)
        wanted = mask(group, command, out) + ["! " + line for line in err] + [f"? {status}"]
        got = mask(group, command, got_out) + ["! " + line for line in got_err] + [f"? {got_status}"]
        text = f"{group}/{number}: {command[:100]}".replace("#", "\\#")
        exception = exceptions.take(number, command)
        if exception and wanted != got:
            print(f"# {text}: differs, {exception[0]}: {exception[1]}")
            print(f"{exception[0]} {exception[1]}")
        elif exception:
            print(f"not ok {text}")
            print(f"#   this passes now: take it out of the exceptions ({exception[0]}: {exception[1]})")
        elif wanted == got:
            print(f"ok {text}")
        else:
            print(f"not ok {text}")
            complain(wanted, got)
        sys.stdout.flush()
    for number, row in exceptions.rows.items():
        print(f"not ok {group}/{number}: an exception for a command that is not there: {row[1]}")


main()
