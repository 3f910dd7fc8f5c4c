#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# instructions.sh - instructions a packet on Debian's 6.1, in the guest of tests/oracle, which counts them (icount: its
# nanoseconds are instructions, the same in every run), against what the kernel's IPVS was seen to take there.
#
#   bench-prog, in the guest --> "ns" a packet net of an empty program = instructions --> bound: a quarter of IPVS's
#
# usage: bench/instructions.sh [--json]      (BUILD=dir; --json: bench-prog's own lines, as run.sh wants them; about two minutes, most of it booting). Exit status as run.sh's.
# It does not count what the kernel does for a frame before and after the program: see README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
build=${BUILD:-$root/build}
[[ $build = /* ]] || build=$root/$build

# mode|options|the same packet in IPVS, 256 known flows, without receiving it (README.md: how that was counted)
rows='DR|--mode dr|3323
NAT, request|--mode nat|3593
NAT, reply|--mode nat --reply|3848'

[ "$(id -u)" = 0 ] || { echo "bench: loading BPF programs needs root" >&2; exit 2; }
ninja -C "$build" --quiet bench/bench-prog
share=$(mktemp -d "${TMPDIR:-/tmp}/elvs-insns.XXXXXX")
guest=
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ -z "$guest" ] || kill "$guest" 2>/dev/null || true
	rm -rf "$share"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cp "$build/bench/bench-prog" "$share/"
ldd "$build/bench/bench-prog" | awk '$3 ~ /^\// && $1 !~ /^libc\.so/ { print $3 }' | xargs cp -Lt "$share"
{
	echo 'cd /share; export LD_LIBRARY_PATH=/share'
	while IFS='|' read -r _ options _; do
		echo "./bench-prog $options --flows 256 --max 4k --rounds 3 --packets 4k || true"
	done <<<"$rows"
} >"$share/measure.sh"
"$root/tests/oracle/guest.sh" -i -t 400 -s "$share" "$share/measure.sh" >"$share/out" 2>"$share/err" &
guest=$!
wait "$guest" || { echo "bench: the guest failed:" >&2; tail -5 "$share/err" >&2; exit 2; }
guest=

if [ "${1:-}" = --json ]; then
	paste -d'|' <(printf '%s\n' dr nat nat-reply) <(grep '^{' "$share/out") | while IFS='|' read -r row line; do
		jq -c --arg row "$row" '{row: $row} + . + {unit: "insns"}' <<<"${line:-{\}}"
	done
	exit 0
fi
status=0
printf '%-14s %12s %12s %8s\n' "on 6.1" elvs IPVS share
while IFS='|' read -r name _ ipvs <&3 && read -r line <&4; do
	failed=$(jq -r .failed <<<"$line") count=$(jq -r '.median | round' <<<"$line")
	if [ -n "$failed" ]; then
		echo "$name: FAILED: $failed"
		status=2
		continue
	fi
	printf '%-14s %12d %12d %7d%%' "$name" "$count" "$ipvs" $((100 * count / ipvs))
	if [ $((4 * count)) -gt "$ipvs" ]; then
		printf '  MISS: a quarter is asked for'
		[ $status != 0 ] || status=1
	fi
	echo
done 3<<<"$rows" 4< <(grep '^{' "$share/out")
[ "$(grep -c '^{' "$share/out")" = "$(wc -l <<<"$rows")" ] || { echo "bench: a figure is missing" >&2; status=2; }
exit $status
