#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# adopt - the daemon is stopped in an orderly way and comes back: services, counters and connections are as they were.
#
#   client --- router --- lan --- director: VIP:80 -m wlc, [VIP6]:80 -m, VIP:53/udp -m
#                             \-- rs1 rs2 (gateway: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx
lab_rsd 53
dir ipvsadm -A -t $VIP:80 -s wlc
servers_of "-t $VIP:80" 80 -m 1 3
dir ipvsadm -A -t "[$VIP6]:80" -s rr -p 120 -M 64
servers6_of "-t [$VIP6]:80" 80 -m
dir ipvsadm -A -u $VIP:53 -s sh
servers_of "-u $VIP:53" 53 -m
dir ipvsadm --set 800 100 200

load -n 400 -c 4 $VIP 80 >/dev/null
cseq -q -p 20001 -n 3 $VIP6 80 >/dev/null
cseq -u -q -p 21001 $VIP 53 >/dev/null
lab_load long -n 1000000 -c 2 -k 1000000 -r 200 $VIP 80
long=$LAST_PID
lab_load_at 5 long 10
wait_for 5 '[ "$(dir ipvsadm -Ln | awk "/Masq/ { n += \$5 } END { print n }")" = 2 ]'

rules=$(dir ipvsadm -Sn)
listed=$(dir ipvsadm -Ln)
conns=$(connections | awk '{ print $1, $4, $5, $6 }' | sort)
timeouts=$(dir ipvsadm -L --timeout)
old=$(lab_daemons "$ELVS_RUN_DIR" | sort | paste -sd' ')
# shellcheck disable=SC2086
kill -TERM $old
wait_for 5 '[ -z "$(lab_daemons "$ELVS_RUN_DIR" | grep -wE "${old// /|}")" ]'

is "the rules are the same" "$(dir ipvsadm -Sn)" "$rules"
is "so is the listing, active and inactive connections included" "$(dir ipvsadm -Ln)" "$listed"
is "and the connection table" "$(connections | awk '{ print $1, $4, $5, $6 }' | sort)" "$conns"
is "and the timeouts" "$(dir ipvsadm -L --timeout)" "$timeouts"
unlike "and it is another process" "$(lab_daemons "$ELVS_RUN_DIR")" "^(${old// /|})$"
within "counters go on" "$(service_count "-t $VIP:80" 1)" 402 402
is "UDP: the same client keeps its server" "$(connections :21001 | wc -l) $(cseq -u -q -p 21001 $VIP 53 |
	grep -c '^rs')" "1 1"
kill "$long"
wait "$long" || true
report=$(cat "$LAB_RUN/long")
is "the connections that were open lost nothing" "$(value failed "$report") $(value retransmits "$report")" "0 0"
lab_end
