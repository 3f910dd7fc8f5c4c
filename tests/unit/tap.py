#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tap - meson's testlog.json of one or more builds as one TAP stream.

usage: tap.py BUILD normal|sanitized...

Programs that print TAP themselves (cmocka with CMOCKA_MESSAGE_OUTPUT=TAP) give one line a case; what such a program's
exit status says beyond its cases (a crash, a sanitizer's finding) gives another.
"""
import json
import os
import re
import sys

CASE = re.compile(r"^(not )?ok\b[ \d]*-?\s*(.*)")


class Tap:
    def __init__(self):
        self.n = 0
        self.failed = 0

    def say(self, ok, text, skip=""):
        self.n += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.n} - {text}" + (f" # SKIP {skip}" if skip else ""))

    @staticmethod
    def show(text):
        for line in text.splitlines()[-60:]:
            print("# " + line)


def report(tap, variant, test):
    name = test["name"].split(" / ")[-1]
    out = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    failed_cases = cases = 0
    if test["result"] == "SKIP":
        tap.say(True, f"{variant}: {name}", skip="the program said so")
        return
    for line in (test.get("stdout") or "").splitlines():
        m = CASE.match(line)
        if m:
            cases += 1
            failed_cases += bool(m.group(1))
            tap.say(not m.group(1), f"{variant}: {name}: {m.group(2)}")
    good = test["result"] in ("OK", "EXPECTEDFAIL")
    if not cases or (not good and not failed_cases):
        tap.say(good, f"{variant}: {name}" + ("" if good else f" ({test['result']}, status {test.get('returncode')})"))
    if not good:
        tap.show(out)


def main():
    tap = Tap()
    build = sys.argv[1]
    for variant in sys.argv[2:]:
        where = build if variant == "normal" else os.path.join(build, variant)
        log = os.path.join(where, "meson-logs/testlog.json")
        try:
            with open(log, encoding="utf-8") as f:
                tests = [json.loads(line) for line in f if line.strip()]
        except OSError as e:
            tap.say(False, f"{variant}: meson left no log: {e}")
            continue
        for test in tests:
            report(tap, variant, test)
        if not tests:
            tap.say(False, f"{variant}: meson knows no test")
    print(f"1..{tap.n}")
    return 1 if tap.failed or not tap.n else 0


if __name__ == "__main__":
    sys.exit(main())
