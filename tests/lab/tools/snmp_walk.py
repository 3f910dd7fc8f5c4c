#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""snmp_walk - what snmpwalk -On has found, against MIB files.

  snmp_walk.py compare THEIRS OURS ALLOWED MIB...   two walks, object by object
  snmp_walk.py declared WALK MIB...                 each object is declared there, may be read, has that type and value
  snmp_walk.py names WALK MIB...                    NAME VALUE, one a line

compare says each difference that ALLOWED does not name, and each line of ALLOWED that names none: exit 1 then. A
line of ALLOWED is `KIND OBJECT: why', KIND one of ~ (another value), + (only ours has it), - (only theirs has it); OBJECT is
a name of the MIBs, perhaps with an instance, * matches anything.
"""
import fnmatch
import re
import sys

ROOTS = {"enterprises": "1.3.6.1.4.1", "mib-2": "1.3.6.1.2.1", "debian": "1.3.6.1.4.1.9586"}
# How snmpwalk shows values of a base type; textual conventions of other MIBs among them
SHOWN = {
    "Counter32": "Counter32", "Counter64": "Counter64", "IpAddress": "IpAddress",
    "Unsigned32": "Gauge32", "Gauge32": "Gauge32", "InetPortNumber": "Gauge32", "InetAddressPrefixLength": "Gauge32",
    "TimeTicks": "Timeticks", "TimeStamp": "Timeticks", "OCTET STRING": "STRING", "DisplayString": "STRING",
    "InetAddress": "STRING", "MacAddress": "STRING", "INTEGER": "INTEGER", "Integer32": "INTEGER",
    "TruthValue": "INTEGER", "InetAddressType": "INTEGER", "InetScopeType": "INTEGER", "RowStatus": "INTEGER",
    "InterfaceIndex": "INTEGER", "TimeInterval": "INTEGER",
}


class Mib:
    """Names of OIDs; of objects, type and access as declared."""

    def __init__(self, paths):
        oids, self.objects, self.types = dict(ROOTS), {}, {}
        for path in paths:
            text = re.sub(r'"[^"]*"', "", open(path).read())
            text = re.sub(r"--[^\n]*", "", text)
            self.types.update(re.findall(r"\b(\w+)\s*::=\s*TEXTUAL-CONVENTION"
                                         r".*?SYNTAX\s+(\w+(?:\s*\{[^}]*\}|\s+STRING)?)", text, re.S))
            made = re.findall(r"\b([a-z][\w-]*)\s+(OBJECT-TYPE|OBJECT IDENTIFIER|OBJECT-\w+|MODULE-IDENTITY"
                              r"|NOTIFICATION-TYPE)\b((?:(?!::=).)*?)"
                              r"::=\s*\{\s*([\w-]+)\s+([\d ]+?)\s*\}", text, re.S)
            known = -1
            while known != len(oids):  # a parent may come later
                known = len(oids)
                for name, _, _, parent, number in made:
                    if parent in oids:
                        oids.setdefault(name, oids[parent] + "." + number.strip().replace(" ", "."))
            for name, kind, body, _, _ in made:
                if kind == "OBJECT-TYPE" and "SEQUENCE OF" not in body and "INDEX" not in body.replace("ifIndex", ""):
                    syntax = re.search(r"SYNTAX\s+(OCTET STRING|\w+)(\s*\{[^}]*\})?", body)
                    self.objects[name] = (syntax[1], syntax[2] or "", re.search(r"MAX-ACCESS\s+(\S+)", body)[1])
        self.names = {oid: name for name, oid in oids.items()}

    def name(self, oid):
        parts = oid.split(".")
        for n in range(len(parts), 0, -1):
            if ".".join(parts[:n]) in self.names:
                return ".".join([self.names[".".join(parts[:n])]] + parts[n:])
        return oid

    def walk(self, path):
        found = {}
        for line in open(path, errors="replace"):
            match = re.match(r"\.([\d.]+) = (.*)$", line.rstrip("\n"))
            if match:
                found[self.name(match[1])] = match[2].strip()
        return found

    def complaint(self, name, shown):
        """None: that object may be so."""
        if name.split(".")[0] not in self.objects:
            return "is no object of the MIB"
        syntax, choices, access = self.objects[name.split(".")[0]]
        if access in ("not-accessible", "accessible-for-notify"):
            return "may not be read"
        if syntax in self.types:
            syntax, choices = re.match(r"(OCTET STRING|\w+)\s*(.*)", self.types[syntax], re.S).groups()
        kind, _, value = ("STRING", "", "") if shown == '""' else shown.partition(": ")
        if kind.replace("Hex-", "") != SHOWN[syntax]:
            return f"is declared as {syntax}"
        numbers = re.findall(r"\(\s*(-?\d+)\s*\)", choices)
        if "{" in choices and value not in numbers:
            return f"must be one of {', '.join(numbers)}"
        return None


def compare(mib, theirs, ours, allowed):
    theirs, ours = mib.walk(theirs), mib.walk(ours)
    allowed = [re.match(r"([~+-]) (\S+): (.+)", line) for line in open(allowed)
               if line.strip() and not line.startswith("#")]
    used, bad = set(), 0
    for name in sorted(theirs.keys() | ours.keys()):
        kind = "-" if name not in ours else "+" if name not in theirs else "~"
        if kind == "~" and theirs[name] == ours[name]:
            continue
        fits = [a[0] for a in allowed if a[1] == kind and fnmatch.fnmatchcase(name, a[2])]
        used.update(fits)
        if not fits:
            bad += 1
            print(f"{kind} {name}: theirs {theirs.get(name)}, ours {ours.get(name)}")
    for a in allowed:
        if a[0] not in used:
            bad += 1
            print(f"not so any more: {a[0]}")
    common = len(theirs.keys() & ours.keys())
    print(f"{len(theirs)} objects of theirs, {len(ours)} of ours, {common} common")
    return bad == 0 and common >= 500


def declared(mib, path):
    found, bad = mib.walk(path), 0
    for name, shown in found.items():
        why = mib.complaint(name, shown)
        if why:
            bad += 1
            print(f"{name} = {shown}: {why}")
    print(f"{len(found)} objects")
    return bad == 0 and found


def main():
    verb, args = sys.argv[1], sys.argv[2:]
    if verb == "compare":
        sys.exit(not compare(Mib(args[3:]), *args[:3]))
    mib = Mib(args[1:])
    if verb == "declared":
        sys.exit(not declared(mib, args[0]))
    for name, shown in mib.walk(args[0]).items():
        print(name, shown.partition(": ")[2] or shown)


main()
