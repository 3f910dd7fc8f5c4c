#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""snmp_compare - two walks (snmpwalk -On) of the same MIBs, object by object.

usage: snmp_compare.py THEIRS OURS ALLOWED MIB...

Says each difference that ALLOWED does not name, and each line of ALLOWED that names none: exit 1 then. A line of
ALLOWED is `KIND OBJECT: why', KIND one of ~ (another value), + (only ours has it), - (only theirs has it); OBJECT is a
name of the MIBs, perhaps with an instance, * matches anything.
"""
import fnmatch
import re
import sys

ROOTS = {"enterprises": "1.3.6.1.4.1", "mib-2": "1.3.6.1.2.1", "debian": "1.3.6.1.4.1.9586"}


def mib_names(paths):
    """OID -> name, of everything that the files define."""
    oids = dict(ROOTS)
    for path in paths:
        text = re.sub(r'"[^"]*"', "", open(path).read())
        text = re.sub(r"--[^\n]*", "", text)
        made = re.findall(r"\b([a-z][\w-]*)\s+(?:OBJECT[- ]\w+|MODULE-IDENTITY|NOTIFICATION-TYPE)\b"
                          r"[^:]*?::=\s*\{\s*([\w-]+)\s+([\d ]+?)\s*\}", text)
        known = -1
        while known != len(oids):  # a parent may come later
            known = len(oids)
            for name, parent, number in made:
                if parent in oids:
                    oids.setdefault(name, oids[parent] + "." + number.strip().replace(" ", "."))
    return {oid: name for name, oid in oids.items()}


def name_of(names, oid):
    parts = oid.split(".")
    for n in range(len(parts), 0, -1):
        if ".".join(parts[:n]) in names:
            return ".".join([names[".".join(parts[:n])]] + parts[n:])
    return oid


def walk(path, names):
    objects = {}
    for line in open(path, errors="replace"):
        match = re.match(r"\.([\d.]+) = (.*)$", line.rstrip("\n"))
        if match:
            objects[name_of(names, match[1])] = match[2].strip()
    return objects


def differences(theirs, ours):
    for name in sorted(theirs.keys() | ours.keys()):
        if name not in ours:
            yield "-", name, theirs[name], None
        elif name not in theirs:
            yield "+", name, None, ours[name]
        elif theirs[name] != ours[name]:
            yield "~", name, theirs[name], ours[name]


def main():
    names = mib_names(sys.argv[4:])
    theirs, ours = walk(sys.argv[1], names), walk(sys.argv[2], names)
    allowed = [re.match(r"([~+-]) (\S+): (.+)", line) for line in open(sys.argv[3])
               if line.strip() and not line.startswith("#")]
    used, bad = set(), 0
    for kind, name, their, our in differences(theirs, ours):
        fits = [a for a in allowed if a[1] == kind and fnmatch.fnmatchcase(name, a[2])]
        used.update(a[0] for a in fits)
        if not fits:
            bad += 1
            print(f"{kind} {name}: theirs {their}, ours {our}")
    for a in allowed:
        if a[0] not in used:
            bad += 1
            print(f"not so any more: {a[0]}")
    print(f"{len(theirs)} objects of theirs, {len(ours)} of ours, {len(theirs.keys() & ours.keys())} common")
    sys.exit(bad > 0 or len(theirs.keys() & ours.keys()) < 500)


main()
