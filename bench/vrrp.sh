#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vrrp - how long nobody is master after kill -9 of the master: ours beside Debian's keepalived, in turns.
#
#   bench/vrrp.sh            20 rounds of each, version 3 at 10 ms and version 2 at 1 s (about 7 minutes)
#   ROUNDS=5 bench/vrrp.sh v3
#   bench/vrrp.sh v3 --json  a line of JSON a figure on standard output, as run.sh wants them
#
# Two routers of the same make (priorities 150 and 100) and a bystander on one bridge. The bystander kills all processes
# of the master at a random moment and waits for the backup's first advert and its first gratuitous ARP. By the protocol
# the backup waits 3.61 intervals from the last advert it heard: 26.1 to 36.1 ms, 2.61 to 3.61 s, hence medians of 31 ms
# and 3.1 s at best.
. "$(dirname "$0")/../tests/lab/vrrplib.sh"
ROUNDS=${ROUNDS:-20}
JSON=
[ "${2:-}" != --json ] || JSON=1
OUT=$(mktemp)
lab_begin
vrrp_lan 2

config() {	# VERSION INTERVAL PRIORITY
	cat <<-CONF
		vrrp_instance VI_1 {
			version $1
			advert_int $2
			interface eth0
			virtual_router_id 51
			priority $3
			virtual_ipaddress {
				10.0.0.101
			}
		}
	CONF
}

# one ours|debian SECONDS: one round; prints "ADVERT GARP"
one() {
	local pids
	: >"$LAB_RUN/n1.log"
	: >"$LAB_RUN/n2.log"
	node_start n1 "$1"
	wait_for 8 "has n1 10.0.0.101"
	node_start n2 "$1"
	wait_for 8 "[ \"\$(state_of n2 VI_1)\" = BACKUP ]"
	# the one that sends adverts first, so that nobody tells it to stop in good order
	pids="$(cat "$LAB_RUN/n1/vrrp.pid") $(ip netns pids "$LAB-n1" | grep -vx "$(cat "$LAB_RUN/n1/vrrp.pid")" | paste -sd' ')"
	# shellcheck disable=SC2086
	on client python3 "$LAB_TOP/bench/vrrp_takeover.py" eth0 10.0.0.2 10.0.0.101 "$2" $pids
	node_kill n1
	node_bury n1
	node_stop n2
	node_bury n2
}

median() { awk '$1 != "-"' | sort -n | awk '{ v[NR] = $1 } END { if (NR) printf "%.1f", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else printf "-" }'; }

# json_row NAME COLUMN ours|debian: one figure of all rounds; a round without a takeover fails it
json_row() {
	awk -v w="$3" -v c="$2" '$1 == w { print $c }' "$OUT" | jq -Rcs --arg row "$1" 'split("\n") | map(select(. != "")) |
		if index("-") then {row: $row, failed: "\(map(select(. == "-")) | length) of \(length) takeovers did not happen"}
		else map(tonumber) | sort as $v | ($v | length) as $n | {row: $row, failed: "", unit: "ms",
			median: (if $n % 2 == 1 then $v[($n - 1) / 2] else ($v[$n / 2] + $v[$n / 2 - 1]) / 2 end),
			min: $v[0], rounds: .} end'
}

# series NAME VERSION INTERVAL SECONDS
series() {
	local i who
	config "$2" "$3" 150 >"$LAB_RUN/n1.conf"
	config "$2" "$3" 100 >"$LAB_RUN/n2.conf"
	: >"$OUT"
	for ((i = 0; i < ROUNDS; i++)); do
		for who in ours debian; do
			echo "$who $(one $who "$4")" >>"$OUT"
		done
	done
	if [ -n "$JSON" ]; then
		for who in ours debian; do
			json_row $who-advert 2 $who
			json_row $who-garp 3 $who
		done
		return
	fi
	for who in ours debian; do
		echo "$1 $who: first advert $(awk -v w=$who '$1 == w { print $2 }' "$OUT" | median) ms," \
			"first GARP $(awk -v w=$who '$1 == w { print $3 }' "$OUT" | median) ms" \
			"(adverts: $(awk -v w=$who '$1 == w { print $2 }' "$OUT" | sort -n | paste -sd' '))"
	done
}

# the lab's own words do not belong among the figures
[ -z "$JSON" ] || note() { echo "# $*" >&2; }
case ${1:-all} in
v3 | all) series "v3, 10 ms" 3 0.01 2 ;;&
v2 | all) series "v2, 1 s" 2 1 8 ;;&
v2 | v3 | all) ;;
*) echo "vrrp.sh: v2, v3 or nothing, not $1" >&2 ;;
esac
rm -f "$OUT"
lab_cleanup
trap - EXIT
