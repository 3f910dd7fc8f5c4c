#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper - what a whole keepalived takes: memory and CPU with many checked servers, start, reload. One part a call, one
# line of JSON a figure; run.sh calls it for the cells keeper/* and guest/*.
#
#   bench/keeper.sh usage    ours, here: 1,000 services x 10 servers with a TCP_CHECK each, delay_loop 6
#   bench/keeper.sh guest    the same, ours and Debian's 2.2.7 in the 6.1 guest, which has ip_vs; CPU time is counted in
#                            instructions there (a CPU of 1 GHz that does one each ns), the same on any machine
#   bench/keeper.sh start    from `keepalived -f' to a client's first answer: no director yet, a director that runs, and
#                            (the last of) 1,000 services x 10 servers
#   bench/keeper.sh reload   2,000 x 20 servers: one weight changed, and all of them changed
#   --rounds N               of start and reload (5)
#
#   client --- router --- lan --- director: keepalived; VIPs 10.1.0.100 and 10.96.0.0/11
#                             \-- rs1: all servers, 10.64.0.0/11, bench-serve
# shellcheck disable=SC2016 # what is waited for is evaluated later
set -euo pipefail
part=${1:-} rounds=5
[ "${2:-}" != --rounds ] || rounds=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
build=${BUILD:-$root/build}
[[ $build = /* ]] || build=$root/$build
export ELVS_BUILD=$build
SERVICES=1000 SERVERS=10 SECONDS_OF_USE=20

# row NAME UNIT VALUE...: a figure of one or several rounds
row() {
	local name=$1 unit=$2
	shift 2
	printf '%s\n' "$@" | jq -cs --arg row "$name" --arg unit "$unit" '{row: $row, failed: "", unit: $unit,
		median: (sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2] + .[length / 2 - 1]) / 2 end),
		min: min, rounds: .}'
}
# failed NAME...: rows without a figure; why is $why
failed() {
	local name
	for name; do jq -cn --arg row "$name" --arg why "$why" '{row: $row, failed: $why}'; done
}
# usage_rows PREFIX FILE: usage.sh's lines as figures
usage_rows() {
	local seconds
	seconds=$(awk '$1 == "seconds" { print $2 }' "$2")
	row "$1pss" MB "$(awk '$1 == "pss" { print $2 / 1024 }' "$2")"
	row "$1rss" MB "$(awk '$1 == "rss" { print $2 / 1024 }' "$2")"
	row "$1cores" cores "$(awk -v s="$seconds" '$1 == "cpu" { print $2 / 1000 / s }' "$2")"
	grep '^process' "$2" | sed 's/^/# /' >&2
}

# ---- here ----

begin() {
	# shellcheck source=tests/lab/lib.sh
	. "$root/tests/lab/lib.sh"
	lab_begin
	lab_topology 1 director >&2
	ip -n "$LAB-rs1" route add local 10.64.0.0/11 dev lo
	ip -n "$LAB-director" route add 10.64.0.0/11 via 10.1.0.11
	ip -n "$LAB-director" route add local 10.96.0.0/11 dev lo
	ip -n "$LAB-router" route add 10.96.0.0/11 via 10.1.0.1
	lab_spawn rs1 "$build/bench/bench-serve"
	wait_for 5 'on director curl -sf http://10.64.0.1/'
	options=(-l -D "-f$LAB_RUN/k.conf" "-p$LAB_RUN/k.pid" "-r$LAB_RUN/v.pid" "-c$LAB_RUN/c.pid" "-b$LAB_RUN/b.pid")
}
finish() {
	lab_cleanup
	trap - EXIT
}

in_table() { dir ipvsadm -Ln | tail -n +4 | wc -l; }

# stop_keeper: with SIGTERM, and its pid file is gone
stop_keeper() {
	kill "$(cat "$LAB_RUN/k.pid")"
	wait_for 20 '[ ! -e "$LAB_RUN/k.pid" ]'
}

# run_keeper LINES: in the foreground of a job of the lab, until the tables hold that many lines
run_keeper() {
	lab_spawn director keepalived -n "${options[@]}" >"$LAB_RUN/k.log" 2>&1
	keeper=$LAST_PID
	wait_for 60 "[ \"\$(in_table)\" = $1 ]" || { tail -5 "$LAB_RUN/k.log" >&2; exit 2; }
}

part_usage() {
	begin
	"$here/keeper/config.sh" $SERVICES $SERVERS >"$LAB_RUN/k.conf"
	run_keeper $((SERVICES * (SERVERS + 1)))
	sleep 15	# two rounds of checks: everything has been touched once
	# shellcheck disable=SC2046
	"$here/keeper/usage.sh" $SECONDS_OF_USE $(lab_daemons "$ELVS_RUN_DIR") >"$LAB_RUN/usage"
	usage_rows "" "$LAB_RUN/usage"
	[ "$(in_table)" = $((SERVICES * (SERVERS + 1))) ] || { echo "keeper.sh: checks failed" >&2; exit 2; }
	finish
}

# first VIP: one start, in ms
first() {
	on client python3 "$here/keeper/first.py" "$1" 30 \
		nsenter --net="/run/netns/$LAB-director" -- keepalived "${options[@]}" 2>>"$LAB_RUN/k.log"
	wait_for 20 '[ -e "$LAB_RUN/k.pid" ]'
}

part_start() {
	local i figures
	begin
	cat >"$LAB_RUN/k.conf" <<-CONF
		virtual_server $VIP 80 {
			delay_loop 6
			lb_algo rr
			lb_kind NAT
			protocol TCP
			real_server 10.64.0.1 80 {
				TCP_CHECK {
					connect_timeout 3
				}
			}
			real_server 10.65.0.1 80 {
				TCP_CHECK {
					connect_timeout 3
				}
			}
		}
	CONF
	figures=()
	for ((i = 0; i < rounds; i++)); do
		figures+=("$(first "$VIP")")
		stop_keeper
		elvs down --all >/dev/null
		wait_for 10 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
	done
	row cold ms "${figures[@]}"
	dir ipvsadm -A -t 10.1.0.1:9999 -s rr
	figures=()
	for ((i = 0; i < rounds; i++)); do
		figures+=("$(first "$VIP")")
		stop_keeper
	done
	row warm ms "${figures[@]}"
	"$here/keeper/config.sh" $SERVICES $SERVERS >"$LAB_RUN/k.conf"
	figures=()
	for ((i = 0; i < rounds; i++)); do
		figures+=("$(first 10.$((100 + (SERVICES - 1) / 250)).$(((SERVICES - 1) % 250)).100)")
		stop_keeper
	done
	row many ms "${figures[@]}"
	finish
}

# reloads NAME: what figures say of a configuration of 2,000 x 20 whose weights change with each round: $1 one or all
reloads() {
	local i figures=() all=1
	for ((i = 0; i < rounds; i++)); do
		weight=$((weight + 1))
		[ "$1" = one ] || all=$weight
		"$here/keeper/config.sh" 2000 20 60 $weight $all >"$LAB_RUN/k.conf"
		figures+=("$(on director python3 "$here/keeper/reload.py" "$keeper" "$LAB_RUN/k.log" 10.107.249.100 $weight 30)")
		if [ "$1" = all ]; then
			dir ipvsadm -Ln | awk -v w=$weight '$1 == "->" && $2 ~ /^10/ && $4 != w { n++ } END { exit n > 0 }' ||
				{ echo "keeper.sh: some weights did not change" >&2; exit 2; }
		fi
	done
	row "$1" ms "${figures[@]}"
}

part_reload() {
	begin
	weight=1
	"$here/keeper/config.sh" 2000 20 60 >"$LAB_RUN/k.conf"
	run_keeper 42000
	reloads one
	reloads all
	finish
}

# ---- in the guest ----

# Everything that the guest has not: the programs and their libraries (its own C library stays)
fill_share() {
	local f
	mkdir -p "$1"/{build/bin,lib}
	for f in "$build"/bin/*; do cp -L "$f" "$1/build/bin/"; done
	cp "$build/bench/bench-serve" "$here/keeper/usage.sh" "$1/"
	"$here/keeper/config.sh" $SERVICES $SERVERS >"$1/keeper.conf"
	for f in "$1"/build/bin/*; do ldd "$f" 2>/dev/null || true; done |
		awk '$3 ~ /^\// && $1 !~ /^(libc|libm|libpthread|libdl|libresolv)\.so/ { print $3 }' | sort -u |
		xargs cp -Lt "$1/lib"
}

part_guest() {
	local who share status=0
	share=$(mktemp -d "${TMPDIR:-/tmp}/elvs-keeper.XXXXXX")
	guest=
	# shellcheck disable=SC2064
	trap "[ -z \"\$guest\" ] || kill \$guest 2>/dev/null || true; rm -rf '$share'" EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	fill_share "$share/in"
	for who in ours debian; do
		status=0
		"$root/tests/oracle/guest.sh" -i -m 2048 -t 1500 -s "$share/in" "$here/keeper/guest.sh" $who $SERVICES $SERVERS \
			$SECONDS_OF_USE >"$share/$who" 2>"$share/$who.err" &
		guest=$!
		wait $guest || status=$?
		guest=
		if [ $status != 0 ]; then
			tail -20 "$share/$who" "$share/$who.err" >&2
			why="the guest ended with status $status: $(tail -1 "$share/$who")"
			failed $who-{pss,rss,cores,all,busy}
			continue
		fi
		usage_rows $who- "$share/$who"
		row $who-all MB "$(awk '$1 == "kernel" { print $2 / 1024 }' "$share/$who")"
		row $who-busy cores "$(awk '$1 == "busy" { b = $2 } $1 == "seconds" { s = $2 } END { print b / 1000 / s }' "$share/$who")"
	done
}

case $part in
usage | guest | start | reload) part_"$part" ;;
*)
	echo "usage: bench/keeper.sh usage|guest|start|reload [--rounds N]" >&2
	exit 2
	;;
esac
