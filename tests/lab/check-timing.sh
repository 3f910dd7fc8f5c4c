#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-timing - our checks and those of Debian's keepalived ask at the same times, whatever becomes of the answers:
# retries, delays, several URLs, fast_recovery; and take the same servers out and in again.
#
#   theirs: Debian's keepalived --- lo --- moody.py      ours: keepalived of elvs --- lo --- moody.py
. "$(dirname "$0")/lib.sh"
lab_begin

cc -shared -fPIC -o "$LAB_RUN/believe.so" "$LAB_TOP/tests/lab/tools/believe.c"

# run WHOSE PROGRAM...: a checker of its own moody servers
run() {
	local d=$LAB_RUN/$1
	mkdir -p "$d"
	lab_namespace "$1"
	lab_spawn "$1" python3 "$LAB_TOP/tests/lab/tools/moody.py" "$d"
	wait_for 15 "[ -e '$d/conf' ]"
	lab_spawn "$1" "${@:2}" -n -l -D -C -f "$d/conf" -p "$d/pid" -c "$d/check.pid" -r "$d/vrrp.pid" \
		-b "$d/bfd.pid" >"$d/log" 2>&1
}
run theirs env LD_PRELOAD="$LAB_RUN/believe.so" /usr/sbin/keepalived
run ours "$BIN/keepalived"

# later_than_14 WHOSE: how many servers were asked later than that
later_than_14() {
	awk '$2 > 14 { split($1, n, "/"); seen[n[1]] = 1 } END { print length(seen) }' "$LAB_RUN/$1/tries"
}
# The last of them has come back for all: 14 s after it was asked first.
for who in theirs ours; do
	wait_for 60 "[ \"\$(later_than_14 $who)\" = 27 ]"
done

# what_was_asked WHOSE: a line for each server: the whole second of each try of the first 14, with ! when it was bad
what_was_asked() {
	awk '$2 < 13.5 {
		split($1, n, "/")
		line[n[1]] = line[n[1]] " " (n[2] ? n[2] ":" : "") sprintf("%.0f", $2) ($3 == "bad" ? "!" : "")
	} END { for (i in line) print i ":" line[i] }' "$LAB_RUN/$1/tries" | sort
}
# out_and_in WHOSE: how often each server was taken out and in again
out_and_in() {
	sed -nE 's/.*: (Removing|Adding) service \[127\.0\.0\.1\]:tcp:([0-9]+) .*/\2 \1/p' "$LAB_RUN/$1/log" |
		sort | uniq -c
}
note "$(what_was_asked ours)"
is "all kinds of checks are tried at the same times" "$(what_was_asked ours)" "$(what_was_asked theirs)"
for who in theirs ours; do	# several URLs take a while to be good
	wait_for 30 "[ \"\$(out_and_in $who | grep -c Adding)\" = \"\$(out_and_in $who | grep -c Removing)\" ]"
done
is "and have the same servers taken out and in again" "$(out_and_in ours)" "$(out_and_in theirs)"
like "which are those that failed for longer than their retries took" "$(out_and_in ours)" '1 9001 Removing'
lab_end
