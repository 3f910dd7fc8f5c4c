#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - the tree keeps to its layers: includes (check.py), libraries that the built programs need, and a check of
# the check itself on trees that break the rule. Prints TAP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
build=${ELVS_BUILD:-$root/build}
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# check.py's own lines become ours
while read -r line; do
	case $line in
	"ok "*) tap_say ok "${line#* - }" ;;
	"not ok "*) tap_say not "${line#* - }" ;;
	"1.."*) ;;
	*) echo "$line" ;;
	esac
done < <("$here/check.py" "$root" || true)
[ "$TAP_COUNT" -ge 4 ] || tap_say not "check.py looked at the folders of the tree"

# breaks WHAT FILE LINE: a tree in which FILE holds LINE is refused
breaks() {
	rm -rf "$tmp/t"
	mkdir -p "$tmp"/t/{abi,base,bpf,lib,daemon/check,tools/elvs}
	touch "$tmp"/t/abi/{maps,verdict}.h "$tmp"/t/base/ctl.h "$tmp"/t/lib/{elvs,internal}.h "$tmp"/t/bpf/parse.h
	echo '#include "elvs.h"' > "$tmp/t/daemon/main.c"
	if ! "$here/check.py" "$tmp/t" > "$tmp/out"; then
		tap_say not "$1"
		note "the tree was refused before it was broken"
		note "$(cat "$tmp/out")"
		return
	fi
	echo "$3" > "$tmp/t/$2"
	if "$here/check.py" "$tmp/t" > "$tmp/out"; then
		tap_say not "$1"
		note "$2 with $3 was accepted"
	else
		tap_say ok "$1"
	fi
}
breaks "a tool that includes the library is noticed" tools/elvs/x.c '#include "elvs.h"'
breaks "a tool that includes the maps is noticed" tools/elvs/x.c '#include "../../abi/maps.h"'
breaks "a daemon role that includes the maps is noticed" daemon/check/x.c '#include "maps.h"'
breaks "a daemon role that looks into the library is noticed" daemon/check/x.c '#include "internal.h"'
breaks "base that includes the library is noticed" base/x.h '#include "../lib/elvs.h"'
breaks "a data plane that includes user-space code is noticed" bpf/x.h '#include "../base/ctl.h"'
breaks "an agreement that includes anything is noticed" abi/x.h '#include "ctl.h"'

# ipvsadm speaks to the daemon and to nothing else: it must run where no libbpf is installed.
if [ -x "$build/bin/ipvsadm" ]; then
	unlike "ipvsadm needs no libbpf" "$(ldd "$build/bin/ipvsadm" 2>&1)" 'libbpf|libelf'
else
	skip "ipvsadm needs no libbpf" "not built"
fi
tap_plan
