#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ipv6 - NAT and DR as nat.sh and dr.sh have them, over IPv6. (Tunnels: tun.sh and mixed.sh.)
#
#   client fd00:0::2 --- router --- lan --- director: [fd00:1::100]
#                                       \-- rs1 rs2 rs3 fd00:1::11..13
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 3 director
lab_nginx
lab_rsd 53 5353

dir ipvsadm -A -t "[$VIP6]:80" -s rr
servers6_of "-t [$VIP6]:80" 80 -m
for proto in t u; do
	dir ipvsadm -A -$proto "[$VIP6]:53" -s rr
	servers6_of "-$proto [$VIP6]:53" 5353 -m
done
is "NAT: the servers answer in turn" "$(for i in 1 2 3 4; do fetch "http://[$VIP6]/"; done | paste -sd' ')" \
	"rs3 rs2 rs1 rs3"
report=$(load -n 1500 -c 16 $VIP6 80) || true
is "NAT: 1500 requests, none failed" "$(value failed "$report")" 0
is "NAT: no segment was sent twice" "$(value retransmits "$report")" 0
is "NAT: each server got its third" "$(shares "$report")" "rs1=500 rs2=500 rs3=500"
like "NAT: the port is mapped, the client seen" "$(cseq -v -p 20001 $VIP6 53)" \
	'^\[fd00::2\]:20001 \[fd00:1::100\]:53 rs[123] local=\[fd00:1::1[123]\]:5353 peer=\[fd00::2\]:20001$'
is "NAT: datagrams are answered" "$(cseq -u -q -n 3 -p 21001 $VIP6 53 | paste -sd' ')" "rs3 rs2 rs1"
like "the connection is listed" "$(connections 20001)" \
	'^TCP 0(1:5[0-9]|2:00)  TIME_WAIT   \[fd00::2\]:20001    \[fd00:1::100\]:53   \[fd00:1::1[123]\]:5353$'
dir ipvsadm -A -t "[$VIP6]:81" -s rr
is "a service without a server refuses" "$(cseq -q -T 2500 $VIP6 81)" REFUSED

dir ipvsadm -C
lab_gateway router
vip_on_servers
dir ipvsadm -A -t "[$VIP6]:8080" -s rr
servers6_of "-t [$VIP6]:8080" 8080 -g
is "DR: the servers answer in turn" "$(for i in 1 2 3 4; do fetch "http://[$VIP6]:8080/"; done | paste -sd' ')" \
	"rs3 rs2 rs1 rs3"
report=$(load -n 1500 -c 16 $VIP6 8080) || true
is "DR: 1500 requests, none failed" "$(value failed "$report")" 0
is "DR: no segment was sent twice" "$(value retransmits "$report")" 0
is "DR: each server got its third" "$(shares "$report")" "rs1=500 rs2=500 rs3=500"
is "DR: no answer passed the director" "$(service_count "-t [$VIP6]:8080" 3)" 0
xdp_did_the_work
lab_end
