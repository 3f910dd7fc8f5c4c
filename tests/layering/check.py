#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check - who may include whom: abi <- bpf, base; bpf, base <- lib; lib, conf <- daemon; base, abi <- tools.

usage: check.py [ROOT]      prints TAP, one line a folder

A quoted include is looked for beside the file, then in the folders that may be used, then anywhere else in the tree:
found only there, it is a violation. The maps' layout (maps.h, hash.h) is for bpf and lib alone.
"""
import os
import re
import sys

USES = {
    "abi": [],
    "base": ["abi"],
    "bpf": ["abi"],
    "lib": ["abi", "base", "bpf"],
    "conf": ["abi", "base"],
    "daemon": ["abi", "base", "lib", "conf"],
    "tools": ["abi", "base"],
}
MAPS_FOR = {"abi", "bpf", "lib"}
MAPS = {"abi/maps.h", "abi/hash.h"}
GENERATED = {"elvs_bpf.skel.h": "bpf", "elvs_version.h": None}
# The data plane's programs are loaded by lib; a tool that carries a program of its own includes just its skeleton.
SKELETON = re.compile(r"\.skel\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)


def sources(root, folder):
    for where, _, names in os.walk(os.path.join(root, folder)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.join(where, name)


def headers(root):
    """Every header of the tree below the folders of the rule: path relative to root"""
    found = []
    for folder in USES:
        found += [os.path.relpath(p, root) for p in sources(root, folder) if p.endswith(".h")]
    return found


def folder_of(path):
    return path.split(os.sep)[0]


def resolve(root, path, name, known):
    """The tree's header that an include of `name` in `path` means, or None for the system's"""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if beside in known:
        return beside
    same = [h for h in known if h == name or h.endswith(os.sep + name)]
    mine = folder_of(path)
    same.sort(key=lambda h: (folder_of(h) != mine, folder_of(h) not in USES[mine]))
    return same[0] if same else None


def violations(root, folder, known):
    for full in sources(root, folder):
        path = os.path.relpath(full, root)
        with open(full, encoding="utf-8") as f:
            text = f.read()
        is_test = path.endswith("_test.c")
        for kind, name in INCLUDE.findall(text):
            if kind == "<" and os.path.exists("/usr/include/" + name):
                continue
            if name in GENERATED:
                home = GENERATED[name]
                if home and home != folder and home not in USES[folder]:
                    yield f"{path}: {name} is for those who may use {home}/"
                continue
            if SKELETON.search(name):
                continue
            header = resolve(root, path, name, known)
            if header is None:
                continue
            home = folder_of(header)
            if home != folder and home not in USES[folder]:
                yield f"{path}: includes {header}, but {folder} may use only: {' '.join(USES[folder]) or 'nothing'}"
            elif header in MAPS and folder not in MAPS_FOR and not is_test:
                yield f"{path}: includes {header}: only bpf and lib know the maps"
            elif home == "lib" and folder != "lib" and header != "lib/elvs.h" and not is_test:
                yield f"{path}: includes {header}: lib's only public header is elvs.h"


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    root = os.path.normpath(root)
    known = headers(root)
    n = bad = 0
    for folder in USES:
        if not os.path.isdir(os.path.join(root, folder)):
            continue
        n += 1
        found = list(violations(root, folder, known))
        print(f"{'not ok' if found else 'ok'} {n} - {folder} includes only what it may: "
              f"{' '.join(USES[folder]) or 'nothing but itself'}")
        for line in found:
            print("# " + line)
        bad += bool(found)
    print(f"1..{n}")
    return 1 if bad or not n else 0


if __name__ == "__main__":
    sys.exit(main())
