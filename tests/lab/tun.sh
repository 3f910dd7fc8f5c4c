#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tun - IP tunnelling: the packet is wrapped in a second header; answers go straight to the client.
#
#   client --- router --- lan --- director: VIP:80 -i, VIP6:80 -i, VIP:53/udp -i
#                             \== rs1 rs2 rs3: decapsulate; VIP on lo; gateway: the router
#   What does not fit through the tunnel is answered with "fragmentation needed" and comes again, smaller.
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 3 router
lab_nginx
lab_rsd 53
decapsulate

dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -i
dir ipvsadm -A -t "[$VIP6]:80" -s rr
servers6_of "-t [$VIP6]:80" 80 -i
for proto in t u; do
	dir ipvsadm -A -$proto $VIP:53 -s rr
	servers_of "-$proto $VIP:53" 53 -i
done

is "4in4: the servers answer in turn" "$(for i in 1 2 3 4; do fetch http://$VIP/; done | paste -sd' ')" \
	"rs3 rs2 rs1 rs3"
is "6in6: the servers answer in turn" "$(for i in 1 2 3; do fetch "http://[$VIP6]/"; done | paste -sd' ')" \
	"rs3 rs2 rs1"
report=$(load -n 1500 -c 16 $VIP 80) || true
is "1500 requests, none failed" "$(value failed "$report")" 0
is "and no segment was sent twice" "$(value retransmits "$report")" 0
is "each server got its third" "$(shares "$report")" "rs1=500 rs2=500 rs3=500"
report=$(load -n 600 -c 8 $VIP6 80) || true
is "600 requests over IPv6, none failed" "$(value failed "$report")" 0
is "no answer passed the director" "$(service_count "-t $VIP:80" 3)" 0
like "the server is asked for the VIP itself" "$(cseq -v -p 20001 $VIP 53)" \
	'rs[123] local=10.1.0.100:53 peer=10.0.0.2:20001$'
is "datagrams are answered" "$(cseq -u -q -n 3 -p 21001 $VIP 53 | paste -sd' ')" "rs3 rs2 rs1"

lab_spawn director tcpdump -U -s 64 -nni eth0 -w "$LAB_RUN/outer.pcap" 'proto 4' 2>/dev/null
wait_for 5 "[ -s '$LAB_RUN/outer.pcap' ]"
fetch http://$VIP/ >/dev/null
head -c 3000000 /dev/urandom >"$LAB_RUN/www/big"
on client curl -sS -m 20 -T "$LAB_RUN/www/big" http://$VIP/up/f
is "3 MB go up whole, though full-sized packets do not fit" "$(cat "$LAB_RUN"/rs*/up/f | md5sum)" \
	"$(md5sum <"$LAB_RUN/www/big")"
like "the client has learnt the tunnel's MTU" "$(on client ip route get $VIP)" "mtu $((MTU - 20))"
on client curl -sS -m 20 -T "$LAB_RUN/www/big" "http://[$VIP6]/up/g"
is "3 MB go up whole over IPv6" "$(cat "$LAB_RUN"/rs*/up/g | md5sum)" "$(md5sum <"$LAB_RUN/www/big")"
like "the client has learnt the IPv6 tunnel's MTU" "$(on client ip -6 route get $VIP6)" "mtu $((MTU - 40))"
undo_decapsulate
xdp_did_the_work
lab_end
