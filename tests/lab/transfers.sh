#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# transfers - 100 MB down and up through each mode, both families, compared by checksum. Offloads are on at every end.
#
#   client --- router --- lan --- director: VIP:80 and [VIP6]:80, NAT, DR, TUN in turn
#                             \-- rs1: nginx with a large file, takes PUT
. "$(dirname "$0")/lib.sh"
SIZE=${SIZE:-100000000}

# transfer NAME HOST SECONDS: down and up
transfer() {
	local name=$1 url=http://$2 seconds=$3
	is "$name: $((SIZE / 1000000)) MB come down whole" \
		"$(on client curl -sSg -m "$seconds" "$url/big" 2>&1 | md5sum)" "$sum"
	: >"$LAB_RUN/rs1/up/f"
	on client curl -sSg -m "$seconds" -T "$LAB_RUN/www/big" "$url/up/f" 2>&1 || true
	is "$name: and go up whole" "$(md5sum <"$LAB_RUN/rs1/up/f")" "$sum"
}

lab_begin
lab_topology 1 director
lab_nginx
head -c "$SIZE" /dev/urandom >"$LAB_RUN/www/big"
sum=$(md5sum <"$LAB_RUN/www/big")

services() {
	dir ipvsadm -C
	dir ipvsadm -A -t $VIP:80 -s rr
	servers_of "-t $VIP:80" 80 "$1"
	dir ipvsadm -A -t "[$VIP6]:80" -s rr
	servers6_of "-t [$VIP6]:80" 80 "$1"
}
services -m
transfer "NAT, IPv4" $VIP 60
transfer "NAT, IPv6" "[$VIP6]" 60
lab_gateway router
vip_on_servers
services -g
transfer "DR, IPv4" $VIP 60
transfer "DR, IPv6" "[$VIP6]" 60
vip_off_servers
decapsulate
services -i
transfer "TUN, 4in4" $VIP 60
transfer "TUN, 6in6" "[$VIP6]" 60
undo_decapsulate
lab_end
