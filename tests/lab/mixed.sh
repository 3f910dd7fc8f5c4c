#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mixed - tunnels from one address family to the other, and several forwarding methods in one service.
#
#   client --- router --- lan --- director: VIP:80 -i -> fd00:1::1N (4in6), VIP6:80 -i -> 10.1.0.1N (6in4)
#                             |             VIP:8080 -> rs1 -m, rs2 -g, rs3 -i
#                             \== rs1 rs2 rs3: decapsulate; VIP on lo; gateway: the router (rs1, NAT: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 3 router
lab_nginx
decapsulate

dir ipvsadm -A -t $VIP:80 -s rr
servers6_of "-t $VIP:80" 80 -i
dir ipvsadm -A -t "[$VIP6]:80" -s rr
servers_of "-t [$VIP6]:80" 80 -i
is "4in6: the servers answer in turn" "$(for i in 1 2 3; do fetch http://$VIP/; done | paste -sd' ')" "rs3 rs2 rs1"
is "6in4: the servers answer in turn" "$(for i in 1 2 3; do fetch "http://[$VIP6]/"; done | paste -sd' ')" \
	"rs3 rs2 rs1"
report=$(load -n 600 -c 8 $VIP 80) || true
is "4in6: 600 requests, none failed" "$(value failed "$report") $(value retransmits "$report")" "0 0"
report=$(load -n 600 -c 8 $VIP6 80) || true
is "6in4: 600 requests, none failed" "$(value failed "$report") $(value retransmits "$report")" "0 0"
head -c 3000000 /dev/urandom >"$LAB_RUN/www/big"
on client curl -sS -m 20 -T "$LAB_RUN/www/big" http://$VIP/up/f
is "4in6: 3 MB go up whole" "$(cat "$LAB_RUN"/rs*/up/f | md5sum)" "$(md5sum <"$LAB_RUN/www/big")"
like "4in6: the client has learnt the tunnel's MTU" "$(on client ip route get $VIP)" "mtu $((MTU - 40))"
on client curl -sS -m 20 -T "$LAB_RUN/www/big" "http://[$VIP6]/up/g"
is "6in4: 3 MB go up whole" "$(cat "$LAB_RUN"/rs*/up/g | md5sum)" "$(md5sum <"$LAB_RUN/www/big")"
like "6in4: the client has learnt the tunnel's MTU" "$(on client ip -6 route get $VIP6)" "mtu $((MTU - 20))"

ip -n "$LAB-rs1" route replace default via 10.1.0.1
dir ipvsadm -A -t $VIP:8080 -s rr
dir ipvsadm -a -t $VIP:8080 -r 10.1.0.11:80 -m
dir ipvsadm -a -t $VIP:8080 -r 10.1.0.12 -g
dir ipvsadm -a -t $VIP:8080 -r 10.1.0.13 -i
is "one service, three methods" "$(dir ipvsadm -Ln -t $VIP:8080 | awk '/^  -> 1/ { print $2, $3 }' | paste -sd';')" \
	"10.1.0.11:80 Masq;10.1.0.12:8080 Route;10.1.0.13:8080 Tunnel"
# The VIP on rs1's lo does not disturb NAT: its answers come from 10.1.0.11 and pass the director.
report=$(load -n 900 -c 8 $VIP 8080) || true
is "900 requests, none failed" "$(value failed "$report") $(value retransmits "$report")" "0 0"
is "each method got its third" "$(shares "$report")" "rs1=300 rs2=300 rs3=300"
undo_decapsulate
lab_end
