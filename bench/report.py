#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
report - puts the bench's results beside their bounds: a table for people, a JSON file for programs.

It measures nothing and leaves nothing out: a cell that failed or has no result is a row too. A bound is judged as it
stands in cells.conf. The last column relates it to this machine: bounds were set on a machine whose floor (one table
lookup) is REFERENCE_FLOOR, and a machine on which that floor costs more cannot be held to the same nanoseconds.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time

# ns of the floor, a table of two flows to a bucket sized for the flows, on the machine where the absolute bounds come
# from (Xeon 2.3 GHz, 260 MB of last-level cache)
REFERENCE_FLOOR = {"1k": 9.0, "100k": 34.0, "1M": 60.0}


def read_cells(path):
    """name -> bound, in order"""
    cells = {}
    for number, line in enumerate(open(path), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        fields = [f.strip() for f in line.split("|")]
        if len(fields) != 4:
            sys.exit(f"{path}:{number}: four fields are expected, found {len(fields)}")
        cells[fields[0]] = fields[3]
    return cells


def bound_value(bound, results):
    """The number that a bound comes to; None if it refers to a cell without a result."""
    text = bound.removeprefix("<=")
    for name in re.findall(r"\[([^]]+)\]", text):
        if results.get(name, {}).get("failed", "missing"):
            return None
        text = text.replace(f"[{name}]", repr(results[name]["median"]))
    if not re.fullmatch(r"[-+*/.() 0-9e]+", text):
        sys.exit(f"cells.conf: '{bound}' is no bound")
    return float(eval(text, {"__builtins__": {}}))


def option(command, name, default):
    found = re.search(rf"--{name} (\S+)", command)
    return found.group(1) if found else default


def shape(command):
    """What a floor must have in common with a cell: hook, flows, size of the table"""
    flows = option(command, "flows", "1k")
    # 1k flows live in the nearest cache whatever the table's size
    return option(command, "hook", "xdp"), flows, "" if flows == "1k" else option(command, "max", flows)


def floor_of(command, results):
    """Median of the table floor of the same shape, or None"""
    for r in results.values():
        if "--target table" in r["command"] and not r["failed"] and shape(r["command"]) == shape(command):
            return r["median"]
    return None


def judge(name, bound, results):
    """A row of the table"""
    r = results.get(name, {"failed": "no result"})
    row = {"cell": name, "bound": bound, "target": None, "ratio": None, "floor": None, "remark": ""}
    row.update(r)
    if r["failed"]:
        row["verdict"] = "FAILED"
        row["remark"] = r["failed"]
        return row
    if r.get("evicted"):
        row["remark"] = f"{r['evicted']} embryonic connections gave way while the table was filled"
    floor = floor_of(r["command"], results)
    if floor and r["unit"] == "ns" and r["command"].startswith("prog"):
        row["floor"] = r["median"] / floor
    if not bound:
        row["verdict"] = ""
        return row
    row["target"] = bound_value(bound, results)
    if row["target"] is None:
        row["verdict"] = "open"
        row["remark"] = "a cell that the bound refers to has no result"
        return row
    row["ratio"] = r["median"] / row["target"]
    row["verdict"] = "ok" if row["ratio"] <= 1 else "MISS"
    hook, size = name.split("/")[0], name.split("/")[-1]
    here = floor_of(f"prog --hook {hook} --flows {size}", results)
    if here and row["floor"] and "[" not in bound and size in REFERENCE_FLOOR:
        scaled = row["target"] * here / REFERENCE_FLOOR[size]
        row["remark"] = f"bound x this machine's floor: {scaled:.0f}, {'met' if r['median'] <= scaled else 'missed'}"
    return row


def command(*words, cwd=None):
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True, cwd=cwd).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def sysctl(name):
    try:
        return open("/proc/sys/" + name).read().strip()
    except OSError:
        return ""


def machine(root):
    cpu = re.search(r"model name\s*:\s*(.*)", open("/proc/cpuinfo").read())
    caches = {}
    for line in command("lscpu").splitlines():
        if " cache:" in line:
            key, value = line.split(":", 1)
            caches[key.strip()] = value.strip()
    weak = "/sys/devices/system/cpu/vulnerabilities"
    states = {name: open(f"{weak}/{name}").read().strip() for name in sorted(os.listdir(weak))}
    return {
        "cpu": cpu.group(1) if cpu else platform.processor(),
        "cpus": os.cpu_count(),
        "caches": caches,
        "kernel": platform.release(),
        "arch": platform.machine(),
        "mitigations": {k: v for k, v in states.items() if v != "Not affected"},
        "bpf_jit_enable": sysctl("net/core/bpf_jit_enable"),
        "bpf_jit_harden": sysctl("net/core/bpf_jit_harden"),
        "load": open("/proc/loadavg").read().split()[:3],
        "commit": command("git", "rev-parse", "HEAD", cwd=root),
        "uncommitted": bool(command("git", "status", "--porcelain", "--untracked-files=no", cwd=root)),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def number(v):
    if v is None:
        return ""
    return f"{v:.2f}" if abs(v) < 10 else f"{v:.1f}"


def print_table(rows):
    form = "{:<27} {:>8} {:>8} {:<11} {:>8} {:>6} {:>6} {:>4}  {:<7} {}"
    print(form.format("cell", "median", "min", "unit", "bound", "ratio", "floors", "mem", "verdict", "remark").rstrip())
    for r in rows:
        print(form.format(r["cell"], number(r.get("median")) if not r["failed"] else "",
                          number(r.get("min")) if not r["failed"] else "", r.get("unit", ""), number(r["target"]),
                          number(r["ratio"]), number(r["floor"]),
                          f"{r['memory_ns']:.0f}" if r.get("memory_ns") else "", r["verdict"], r["remark"]).rstrip())


def main():
    p = argparse.ArgumentParser()
    for option in ("--cells", "--results", "--json", "--root", "--seconds"):
        p.add_argument(option, required=True)
    p.add_argument("names", nargs="+")
    a = p.parse_args()
    results = {}
    for line in open(a.results):
        r = json.loads(line)
        results[r["cell"]] = r
    cells = read_cells(a.cells)
    rows = [judge(name, cells[name], results) for name in a.names]
    about = machine(a.root)
    print(f"\n{about['cpu']}, {about['cpus']} CPUs, L2 {about['caches'].get('L2 cache', '?')}, "
          f"L3 {about['caches'].get('L3 cache', '?')}, Linux {about['kernel']}, load {about['load'][0]}, "
          f"commit {about['commit'][:12]}{' and changes' if about['uncommitted'] else ''}, {a.seconds} s\n")
    print_table(rows)
    missed = [r["cell"] for r in rows if r["verdict"] == "MISS"]
    failed = [r["cell"] for r in rows if r["verdict"] in ("FAILED", "open")]
    bounds = sum(r["verdict"] in ("ok", "MISS") for r in rows)
    print(f"\n{len(rows)} cells, {bounds} with a bound: {bounds - len(missed)} ok, {len(missed)} missed; "
          f"{len(failed)} not measured or not judged")
    print("ns: per packet, net of the empty program. floors: median / table floor of the same hook and flows. "
          "mem: ns of a random read in 8 MB just then.\nveth: CPU time of the whole path.")
    with open(a.json, "w") as f:
        json.dump({"machine": about, "seconds": int(a.seconds), "cells": rows}, f, indent=1)
        f.write("\n")
    print(f"all figures: {os.path.relpath(a.json)}")
    sys.exit(2 if failed else 1 if missed else 0)


main()
