#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ha-abandoned - all of a master's keepalived processes are killed at once: its VIP stays on eth0, and nobody is left
# to take it off. Service goes on; once another node has taken over, the first one leaves the address to it, although
# it is still there: what the new master forwards to it is served, not scheduled once more.
#
#   client --- router --- lan --- director  10.1.0.1 priority 50 --+
#                             \-- director2 10.1.0.2 priority 30 --+-- each: nginx, VIP on lo:0, keepalived
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"

sources=0

# node NAME SEED PRIORITY: the three-node tutorial's files; the third node is away
node() {
	three_nodes_files "$1" "$2" "$3"
	ip netns exec "$LAB-$1" bash "$ETC/realserver" start >/dev/null
}

# served WHAT: 300 requests of 80 clients that persistence has not seen; none fails, both nodes answer
served() {
	local from=(10.0.1.1 10.0.1.81 10.0.1.161 10.0.2.1 10.0.2.81) report
	lab_load load$sources -b "${from[sources]}" -s 80 -n 300 -c 8 -T 3000 $VIP 80
	wait "$LAST_PID" || true
	report=$(cat "$LAB_RUN/load$sources")
	sources=$((sources + 1))
	is "$1: no request failed" "$(value failed "$report")" 0
	is "$1: answered by" "$(shares "$report" | tr ' ' '\n' | sed 's/=.*//' | sort | paste -sd' ')" \
		"director director2"
}

# family PID: it and all that it has started
family() {
	local p
	echo "$1"
	# shellcheck disable=SC2013	# words, not lines
	for p in $(cat /proc/"$1"/task/*/children 2>/dev/null); do family "$p"; done
}

# murder NAME: all of its keepalived at once; stopped first, so that none can act on another's death
murder() {
	local pids
	pids=$(family "$(cat "$LAB_RUN/$1/keepalived.pid")")
	# shellcheck disable=SC2086
	kill -STOP $pids && kill -KILL $pids
	wait_for 5 "! kill -0 $(head -1 <<<"$pids") 2>/dev/null"
}

# live NAME: its director handles packets to the VIP
live() { ip netns exec "$LAB-$1" "$LAB_TOOLS/lab-ctl" vips | grep "^$VIP .*live" >/dev/null; }

lab_begin
lab_topology 0 router
lab_director_bare
lab_director_n 2
lab_nginx director director2
node director master 50
node director2 backup 30
check "director: service keepalived start" service director start
check "it is master, with two real servers" wait_for 15 "has_vip director && [ \$(servers_in director) = 2 ]"
served "all well"

check "all of its processes are killed" murder director
check "the address is still there" has_vip director
served "nobody looks after it"

check "director2: service keepalived start" service director2 start
check "it is master, with two real servers" wait_for 20 "has_vip director2 && [ \$(servers_in director2) = 2 ]"
check "the first one has the address still" has_vip director
check "but leaves it to the second" wait_for 5 "! live director"
served "the second as master"

check "director: service keepalived start" service director start
check "it is master again" wait_for 15 "has_vip director && ! has_vip director2 && live director"
served "the first as master again"
for n in director director2; do service "$n" stop >/dev/null; done
lab_end
