#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# compare.sh - the same session with the kernel's IPVS and Debian's ipvsadm, then with elvs; every difference is a
# failure. To be run in the guest (in-guest.sh), whose kernel has ip_vs. Prints TAP.
#
#   client --- router --- lan --- director: VIP:7000.. -m -> rsN:53
#                             \-- rs1 rs2 rs3 (gateway: the director)
#
# usage: compare.sh [SEED]     (default 1)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
seed=${1:-1}
work=$(mktemp -d)
export WIRE=nic HOOK=${HOOK:-xdp}

# session THEIRS|ours FILE: runs its lines in a lab of its own; "$ line", output, "? status"
session() (
	export LAB_WITHOUT_ELVS=1
	# shellcheck source=tests/lab/lib.sh
	. "$here/../lab/lib.sh"
	lab_begin >&2
	lab_topology 3 director >&2
	lab_rsd 53
	if [ "$1" = theirs ]; then
		modprobe ip_vs
		PATH=/usr/sbin:/sbin:/usr/bin:/bin
		hash -r
	else
		# the first call starts a daemon, which has programs to load: slow under emulation
		wait_for 90 "dir ipvsadm -Ln"
	fi
	PATH=$LAB_TOOLS:$PATH
	while IFS= read -r line; do
		printf '$ %s\n' "$line"
		status=0
		on "${line%%: *}" bash -c "${line#*: }" </dev/null >"$work/o" 2>"$work/e" || status=$?
		cat "$work/o"
		sed 's/^/! /' "$work/e"
		echo "? $status"
	done <"$2"
	lab_cleanup
	trap - EXIT
)

# both KIND COUNT: the sessions, and one line of TAP for each command
both() {
	"$here/compare_gen.py" "$1" "$seed" "$2" >"$work/$1"
	session theirs "$work/$1" >"$work/$1.theirs"
	session ours "$work/$1" >"$work/$1.ours"
	"$here/compare_diff.py" "$1" "$work/$1.theirs" "$work/$1.ours"
}

# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
status=0
both lines "${COMPARE_LINES:-150}" >"$work/tap" || status=$?
both traffic "${COMPARE_CASES:-6}" >>"$work/tap" || status=$?
while IFS= read -r line; do
	case $line in
	"ok "*) tap_say ok "${line#ok }" ;;
	"not ok "*) tap_say not "${line#not ok }" ;;
	*) echo "$line" ;;
	esac
done <"$work/tap"
[ "$status" = 0 ] || [ "$TAP_FAILED" != 0 ] || tap_say not "the comparison ran to its end (status $status)"
rm -rf "$work"
tap_plan
