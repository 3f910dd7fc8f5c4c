#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nat - masquerading: both ways pass the director, which rewrites the destination on the way in, the source on the
# way out.
#
#   client --- router --- lan --- director: VIP:80 -m -> rsN:80, VIP:53/udp -m -> rsN:53
#                             \-- rs1 rs2 rs3 (gateway: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 3 director
lab_nginx
lab_rsd 53

check "a service is made with nothing started before" dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -m
dir ipvsadm -A -u $VIP:53 -s rr
servers_of "-u $VIP:53" 53 -m
dir ipvsadm -A -t $VIP:53 -s rr
servers_of "-t $VIP:53" 53 -m

is "the servers answer in turn, newest first" "$(for i in 1 2 3 4; do fetch http://$VIP/; done | paste -sd' ')" \
	"rs3 rs2 rs1 rs3"
report=$(load -n 1500 -c 16 $VIP 80) || true
is "1500 requests, none failed" "$(value failed "$report")" 0
is "and no segment was sent twice" "$(value retransmits "$report")" 0
is "each server got its third" "$(shares "$report")" "rs1=500 rs2=500 rs3=500"
is "the service counts its connections" "$(service_count "-t $VIP:80" 1)" 1504
within "packets in" "$(service_count "-t $VIP:80" 2)" $((1504 * 4)) $((1504 * 8))
within "packets out" "$(service_count "-t $VIP:80" 3)" $((1504 * 3)) $((1504 * 8))

like "the server sees the client, and its own address" "$(cseq -v -p 20001 $VIP 53)" \
	'^10.0.0.2:20001 10.1.0.100:53 rs[123] local=10.1.0.1[123]:53 peer=10.0.0.2:20001$'
like "the connection is listed with its state" "$(connections :20001)" \
	'^TCP 0(1:5[0-9]|2:00)  TIME_WAIT   10.0.0.2:20001     10.1.0.100:53      10.1.0.1[123]:53$'

is "datagrams are answered, each by another server" "$(cseq -u -q -n 3 -p 21001 $VIP 53 | paste -sd' ')" "rs3 rs2 rs1"
is "the same client port stays with its server" "$(cseq -u -q -n 1 -p 21001 $VIP 53)" rs3
like "UDP is listed" "$(connections :21001)" \
	'^UDP 0[45]:[0-9][0-9]  UDP         10.0.0.2:21001     10.1.0.100:53      10.1.0.13:53$'

dir ipvsadm -A -t $VIP:81 -s rr
is "a service without a server refuses" "$(cseq -q -T 2500 $VIP 81)" REFUSED
is "so does a port that is no service" "$(cseq -q -T 2500 $VIP 82)" REFUSED
xdp_did_the_work
lab_end
