#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# localnode - the director is one of its own real servers, and a client of its own VIP.
#
#   client --- router --- lan --- director: nginx, too; VIP:80 -> itself and rs1
#                             \-- rs1 (NAT: gateway the director; DR: VIP on lo, gateway the router)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 1 director
lab_nginx director rs1

dir ipvsadm -A -t $VIP:80 -s rr
dir ipvsadm -a -t $VIP:80 -r 10.1.0.1:80 -m
dir ipvsadm -a -t $VIP:80 -r 10.1.0.11:80 -m
is "NAT: the director serves its half" "$(fetch_many 10 http://$VIP/ | paste -sd' ')" "5 director 5 rs1"
report=$(load -n 600 -c 8 $VIP 80) || true
is "NAT: 600 requests, none failed" "$(value failed "$report") $(value retransmits "$report")" "0 0"
is "NAT: half each" "$(shares "$report")" "director=300 rs1=300"
later "the director's own requests to its VIP are scheduled" \
	"$(for i in 1 2; do dir curl -sS -m 3 http://$VIP/; done | sort | paste -sd' ')" "director rs1" \
	"traffic of the director to itself goes over lo, which carries no program"
dir ipvsadm -A -t $VIP:8000 -s rr
dir ipvsadm -a -t $VIP:8000 -r 10.1.0.1:8080 -m
is "NAT to another port of the director itself" "$(fetch http://$VIP:8000/)" director

lab_gateway router
vip_on_servers
dir ipvsadm -A -t $VIP:8080 -s rr
dir ipvsadm -a -t $VIP:8080 -r 10.1.0.1 -g
dir ipvsadm -a -t $VIP:8080 -r 10.1.0.11 -g
is "DR: the director serves its half" "$(fetch_many 10 http://$VIP:8080/ | paste -sd' ')" "5 director 5 rs1"
report=$(load -n 600 -c 8 $VIP 8080) || true
is "DR: 600 requests, none failed" "$(value failed "$report") $(value retransmits "$report")" "0 0"
dir ipvsadm -A -t "[$VIP6]:8080" -s rr
dir ipvsadm -a -t "[$VIP6]:8080" -r "[fd00:1::1]:8080" -g
dir ipvsadm -a -t "[$VIP6]:8080" -r "[fd00:1::11]:8080" -g
is "DR over IPv6: the director serves its half" "$(fetch_many 6 "http://[$VIP6]:8080/" | paste -sd' ')" \
	"3 director 3 rs1"
lab_end
