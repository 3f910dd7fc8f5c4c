#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kill9 - the daemon is killed with -9 under traffic and stays dead; not one packet is lost, new connections
# included; a real server changes its MAC address meanwhile; a new daemon adopts everything.
#
#   client --- router --- lan --- director: elvsd dead; VIP:80 rr, NAT and DR in turn
#                             \-- rs1 rs2 rs3
. "$(dirname "$0")/lib.sh"

# kill_daemons: all of this lab's, at once
kill_daemons() {
	[ -n "$(lab_daemons "$ELVS_RUN_DIR")" ]
	lab_kill_daemons "$ELVS_RUN_DIR"
}

# one_mode NAME METHOD SOURCE: the whole story once. Each part has its own client address, that no port comes again
# whose last connection the director still remembers.
one_mode() {
	local name=$1 method=$2 from=$3 before long report
	dir ipvsadm -A -t $VIP:80 -s rr
	servers_of "-t $VIP:80" 80 "$method"
	dir ipvsadm -A -t $VIP:8080 -s wrr -p 60
	servers_of "-t $VIP:8080" 8080 "$method" 1 2 3
	fetch http://$VIP/ >/dev/null
	before=$(dir ipvsadm -Sn)

	lab_load "long.$name" -b "$from.1" -n 1000000 -c 3 -k 1000000 -r 100 $VIP 80
	long=$LAST_PID
	lab_load "new.$name" -b "$from.20" -f 20000 -n 10000 -c 16 -r 1500 $VIP 80
	lab_load_at 10 "new.$name" 2000
	kill_daemons
	wait "$LAST_PID" || true
	report=$(cat "$LAB_RUN/new.$name")
	is "$name: 10,000 new connections around the kill, none failed" \
		"$(value requests "$report") $(value failed "$report")" "10000 0"
	is "$name: and not one segment had to be sent again" "$(value retransmits "$report")" 0
	is "$name: persistence goes on without a daemon" "$(cseq -q -b "$from.9" -n 3 $VIP 8080 | sort -u | wc -l)" 1

	# The heartbeat is stale after 5 s: from then on the data plane asks the kernel for next hops.
	lab_load "mac.$name" -b "$from.40" -f 20000 -n 9000 -c 16 -r 1000 $VIP 80
	lab_load_at 15 "mac.$name" 3000
	ip -n "$LAB-rs1" link set eth0 address "02:00:00:00:0$([ "$name" = DR ] && echo 1 || echo 2):11"
	wait "$LAST_PID" || true
	report=$(cat "$LAB_RUN/mac.$name")
	is "$name: a real server changed its MAC, nothing failed" \
		"$(value requests "$report") $(value failed "$report")" "9000 0"
	# not exactly a third: a segment to the old address is sent again, and the client may try again with another
	# port
	within "$name: and rs1, with its new address, serves its third" \
		"$(shares "$report" | sed 's/rs1=//; s/ .*//')" \
		2900 3100

	lab_load "adopt.$name" -b "$from.60" -f 20000 -n 4000 -c 16 -r 1500 $VIP 80
	lab_load_at 10 "adopt.$name" 500
	is "$name: a new daemon finds the services" "$(dir ipvsadm -Sn)" "$before"
	wait "$LAST_PID" || true
	report=$(cat "$LAB_RUN/adopt.$name")
	is "$name: nothing failed while it took over" "$(value failed "$report")" 0
	# none is lost by the takeover; but the verifier holds a CPU, and where others want it, too, an answer is late
	within "$name: and next to nothing was sent again" "$(value retransmits "$report")" 0 5
	within "$name: it finds the counters" "$(service_count "-t $VIP:80" 1)" 23001 23010
	is "$name: it finds the long connections" "$(connections "ESTABLISHED .*$VIP:80 " | wc -l)" 3
	kill "$long"
	wait "$long" || true
	report=$(cat "$LAB_RUN/long.$name")
	is "$name: which lost no request in all that" "$(value failed "$report")" 0

	# The adopted table is a working one.
	check "$name: a server is taken out of the adopted service" dir ipvsadm -d -t $VIP:80 -r 10.1.0.11:80
	is "$name: and gets nothing any more" "$(cseq -q -b "$from.90" -n 4 $VIP 80 | sort | uniq -c |
		awk '{ print $1, $2 }' | paste -sd' ')" "2 rs2 2 rs3"
	dir ipvsadm -C
}

lab_begin
lab_topology 3 director
lab_nginx
one_mode NAT -m 10.0.1
lab_gateway router
vip_on_servers
one_mode DR -g 10.0.2
lab_end
