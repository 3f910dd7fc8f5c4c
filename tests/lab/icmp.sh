#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# icmp - ICMP errors find the one whose packet they are about: refusals are seen at once, and path MTU discovery works
# through NAT, DR and TUN, whichever side of the director has the narrow link.
#
#   client ---- router --- lan --- director: VIP:80, VIP6:80 -> rs1, NAT, DR, TUN in turn; VIP:54 -m -> rs1, no listener
#    the way back             |--- rs2: routes to 10.3.0.11 and fd00:3::11, a link of 1400
#    is of 1300               \=== rs1: nginx; also 10.3.0.11, fd00:3::11 behind rs2
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx rs1
head -c 3000000 /dev/urandom >"$LAB_RUN/www/big"
sum=$(md5sum <"$LAB_RUN/www/big")

# way_back MTU: of the link from the router to the client, as the router knows it
way_back() {
	ip -n "$LAB-router" route replace 10.0.0.0/24 dev r0 mtu "$1"
	ip -n "$LAB-router" -6 route replace fd00:0::/64 dev r0 proto kernel metric 256 mtu "$1"
}

forget() {
	local x
	for x in client rs1 rs2 router; do
		ip -n "$LAB-$x" route flush cache
		ip -n "$LAB-$x" -6 route flush cache
	done
}

# Servers behind the narrow link: rs1's other addresses, through rs2
ip -n "$LAB-rs1" addr add 10.3.0.11/32 dev lo
ip -n "$LAB-rs1" addr add fd00:3::11/128 dev lo nodad
on rs2 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$LAB-rs2" route add 10.3.0.11/32 via 10.1.0.11 mtu lock 1400
ip -n "$LAB-rs2" -6 route add fd00:3::11/128 via fd00:1::11 mtu 1400
ip -n "$LAB-director" route add 10.3.0.11/32 via 10.1.0.12
ip -n "$LAB-director" -6 route add fd00:3::11/128 via fd00:1::12

services() {
	dir ipvsadm -C
	dir ipvsadm -A -t $VIP:80 -s rr
	dir ipvsadm -a -t $VIP:80 -r "${2:-10.1.0.11}" "$1"
	dir ipvsadm -A -t "[$VIP6]:80" -s rr
	dir ipvsadm -a -t "[$VIP6]:80" -r "[${3:-fd00:1::11}]:80" "$1"
}

down() { on client curl -sSg -m 10 "http://$1/big" 2>&1 | md5sum; }
up() {
	: >"$LAB_RUN/rs1/up/f"
	on client curl -sSg -m 10 -T "$LAB_RUN/www/big" "http://$1/up/f" 2>&1 || true
	md5sum <"$LAB_RUN/rs1/up/f"
}

# narrow_way_back NAME: answers of 3 MB over the link of 1300, and what the server has learnt
narrow_way_back() {
	way_back 1300
	forget
	is "$1: 3 MB come down over a narrow way back" "$(down $VIP)" "$sum"
	like "$1: the server has learnt its MTU" "$(ip -n "$LAB-rs1" route get 10.0.0.2 from "$2")" "mtu 1300"
	is "$1, IPv6: 3 MB come down over a narrow way back" "$(down "[$VIP6]")" "$sum"
	like "$1, IPv6: the server has learnt its MTU" "$(ip -n "$LAB-rs1" -6 route get fd00:0::2 from "$3")" "mtu 1300"
	way_back "$MTU"
	forget
}

services -m
dir ipvsadm -A -u $VIP:54 -s rr
dir ipvsadm -a -u $VIP:54 -r 10.1.0.11:5454 -m
dir ipvsadm -A -u "[$VIP6]:54" -s rr
dir ipvsadm -a -u "[$VIP6]:54" -r "[fd00:1::11]:5454" -m
is "NAT: a datagram for a server where nobody listens is refused" "$(cseq -u -q -T 2000 $VIP 54)" REFUSED
is "NAT, IPv6: so it is" "$(cseq -u -q -T 2000 $VIP6 54)" REFUSED
dir ipvsadm -a -u $VIP:54 -r 10.1.0.1:5454 -m
dir ipvsadm -d -u $VIP:54 -r 10.1.0.11:5454
is "NAT: also when the server is the director itself" "$(cseq -u -q -T 2000 $VIP 54)" REFUSED
narrow_way_back NAT 10.1.0.11 fd00:1::11
services -m 10.3.0.11 fd00:3::11
is "NAT: 3 MB go up to a server behind a narrow link" "$(up $VIP)" "$sum"
like "NAT: the client has learnt its MTU" "$(on client ip route get $VIP)" "mtu 1400"
is "NAT, IPv6: 3 MB go up to a server behind a narrow link" "$(up "[$VIP6]")" "$sum"
like "NAT, IPv6: the client has learnt its MTU" "$(on client ip -6 route get $VIP6)" "mtu 1400"

lab_gateway router
vip_on_servers
services -g
narrow_way_back DR $VIP $VIP6
vip_off_servers
decapsulate
services -i
narrow_way_back TUN $VIP $VIP6
services -i 10.3.0.11 fd00:3::11
is "TUN: 3 MB go up through a tunnel over a narrow link" "$(up $VIP)" "$sum"
like "TUN: the client has learnt what the tunnel leaves" "$(on client ip route get $VIP)" "mtu 1380"
is "TUN, IPv6: 3 MB go up through a tunnel over a narrow link" "$(up "[$VIP6]")" "$sum"
like "TUN, IPv6: the client has learnt what the tunnel leaves" "$(on client ip -6 route get $VIP6)" "mtu 1360"
undo_decapsulate
lab_end
