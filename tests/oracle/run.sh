#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - this build on Debian's 6.1 kernel, in the guest: every BPF program loads within the verifier's limit, the data
# plane's rows pass, a lab script passes. With "all" also comparisons with the kernel's own IPVS. Prints TAP.
#
# usage: run.sh [all]      or names of parts: load rows lab compare
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${ELVS_BUILD:-$root/build}
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

parts=("$@") limit=345	# seconds; five minutes are asked for below
[ $# -gt 0 ] || parts=(load rows lab)
[ "${1:-}" != all ] || parts=(load rows lab compare)
[[ " ${parts[*]} " != *" compare "* ]] || limit=1500

if [ ! -s "${ELVS_ORACLE:-/var/tmp/elvs-oracle}/ready-cloud" ] && [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP the guest is not built, and only root can build it"
	exit 0
fi
share=$(mktemp -d "${TMPDIR:-/tmp}/elvs-oracle.XXXXXX")
guest=
cleanup() {
	[ -z "$guest" ] || kill "$guest" 2>/dev/null || true
	rm -rf "$share"
}
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# What the guest gets: the tests and the programs, nothing of the build but those
mkdir -p "$share"/{tree,objects,build/bin,build/tests/{dp,oracle,lab}}
cp -a "$root/tests" "$share/tree/"
cp -a "$build"/bin/. "$share/build/bin/"
cp -a "$build/tests/lab/tools" "$share/build/tests/lab/"
find "$share/build/tests/lab" -name '*.p' -prune -exec rm -rf {} +
cp -a "$build/tests/dp/dp_test" "$share/build/tests/dp/"
cp -a "$build/tests/oracle/insns" "$share/build/tests/oracle/"
# objects of programs other than the director, which libelvs loads
find "$build" -path "$build/sanitized" -prune -o -name '*.bpf.o' -print | while read -r o; do
	case $o in
	*/elvs*.bpf.o | */bench/*) ;;
	*) cp "$o" "$share/objects/" ;;
	esac
done
# real files, not links into the build
find "$share/build" -type l | while read -r l; do
	cp --remove-destination "$(readlink -f "$build/${l#"$share/build/"}")" "$l"
done

# Libraries that the guest may lack; its own C library stays.
mkdir "$share/lib"
libraries() {
	local f
	find "$share/build" -type f -perm /111 | while read -r f; do ldd "$f" 2>/dev/null || true; done |
		awk '$3 ~ /^\// && $1 !~ /^(libc|libm|libpthread|libdl|libresolv)\.so/ { print $3 }' | sort -u
}
libraries | while read -r l; do cp -L "$l" "$share/lib/"; done

began=$SECONDS
"$here/guest.sh" -s "$share" -m 2048 -t $((limit - 5)) "$here/in-guest.sh" "${parts[@]}" >"$share/out" 2>"$share/err" &
guest=$!
status=0
wait "$guest" || status=$?
guest=
done_parts=0
while IFS= read -r line; do
	case $line in
	"ok "*" # SKIP"*) TAP_COUNT=$((TAP_COUNT + 1)); echo "ok $TAP_COUNT - 6.1: ${line#* - }" ;;
	"ok "*) tap_say ok "6.1: ${line#* - }" ;;
	"not ok "*) tap_say not "6.1: ${line#* - }" ;;
	"1.."*) ;;
	"@@ "*)
		read -r _ part part_status seconds <<<"$line"
		note "$part took $seconds s in the guest"
		done_parts=$((done_parts + 1))
		# a status that no failed line explains
		[ "$part_status" = 0 ] || [ "$TAP_FAILED" != 0 ] || tap_say not "6.1: $part ended with status $part_status"
		;;
	"#"*) echo "$line" ;;
	*) note "$line" ;;
	esac
done <"$share/out"
if [ $done_parts != ${#parts[@]} ]; then
	tap_say not "6.1: the guest did all of: ${parts[*]}"
	note "guest.sh ended with status $status after $((SECONDS - began)) s"
	note "$(tail -30 "$share/err")"
fi
if [ ${#parts[@]} = 3 ]; then
	within "6.1: all within five minutes" $((SECONDS - began)) 0 300
fi
tap_plan
