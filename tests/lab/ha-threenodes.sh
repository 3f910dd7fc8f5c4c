#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ha-threenodes - three machines that are director and web server at once, with the tutorial's own configuration and
# real-server script (addresses substituted, delays shortened). The VIP stands on lo of all three, and on eth0 of the
# master; what the master forwards must be served by the others, not scheduled once more.
#
#   client --- router --- lan --- director  10.1.0.1 MASTER, priority 50 --+
#                             \-- director2 10.1.0.2 BACKUP, priority 30   +-- each: nginx, VIP on lo:0, keepalived
#                             \-- director3 10.1.0.3 BACKUP, priority 20 --+
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"

sources=0
nodes=(director director2 director3)

# node NAME SEED PRIORITY
node() {
	three_nodes_files "$1" "$2" "$3"
	check "$1: the tutorial's real-server script" ip netns exec "$LAB-$1" bash "$ETC/realserver" start
	check "$1: service keepalived start" service "$1" start
}

# many KEY: requests from 80 new clients, each of which persistence binds to a server; sets REPORT
many() {
	local from=(10.0.1.1 10.0.1.81 10.0.1.161 10.0.2.1 10.0.2.81 10.0.2.161)
	lab_load "$1" -b "${from[sources++]}" -s 80 -n 300 -c 8 -T 3000 $VIP 80
	wait "$LAST_PID" || true
	REPORT=$(cat "$LAB_RUN/$1")
}


# served KEY NAMES: all were answered, by those and no others
served() {
	many "$1"
	is "$1: no request failed" "$(value failed "$REPORT")" 0
	is "$1: answered by" "$(shares "$REPORT" | tr ' ' '\n' | sed 's/=.*//' | sort | paste -sd' ')" "$2"
}

# rounds: packets that directors dropped because they had been forwarded until their TTL was used up
rounds() {
	local n
	for n in "${nodes[@]}"; do ip netns exec "$LAB-$n" elvs drops; done |
		awk '/TTL/ { n += $1 } END { print n + 0 }'
}

lab_begin
lab_topology 0 router
lab_director_bare
lab_director_n 2
lab_director_n 3
lab_nginx "${nodes[@]}"
node director master 50
node director2 backup 30
node director3 backup 20
check "the first node is master" wait_for 10 "has_vip director"
for n in "${nodes[@]}"; do
	check "$n: three real servers in the table" wait_for 15 "[ \$(servers_in $n) = 3 ]"
done
check "the others are not" wait_for 15 "! has_vip director2 && ! has_vip director3"
served "all well" "director director2 director3"

check "director: the keeper is killed with -9" kill -KILL "$(cat "$LAB_RUN/director/keepalived.pid")"
check "director2 takes over" wait_for 10 "has_vip director2"
check "what was left of keepalived gives the address up" wait_for 5 "! has_vip director"
served "the keeper killed" "director director2 director3"
is "no request went round" "$(rounds)" 0
check "director: service keepalived start" service director start
check "director is master again" wait_for 10 "has_vip director && ! has_vip director2"

check "director: service keepalived stop" service director stop
check "director2 takes over again" wait_for 10 "has_vip director2 && ! has_vip director"
served "the second as master" "director director2 director3"
check "director2's web server is killed" lab_stop "${NGINX[director2]}"
check "it leaves ipvsadm -Ln" wait_for 10 "[ \$(servers_in director2) = 2 ]"
served "one web server down" "director director3"
service director start >/dev/null
check "the first preempts" wait_for 10 "has_vip director && ! has_vip director2"
for n in "${nodes[@]}"; do service "$n" stop >/dev/null; done
lab_end
