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
is "the director's own requests to its VIP are scheduled" \
	"$(for i in 1 2; do dir curl -sS -m 3 http://$VIP/; done | sort | paste -sd' ')" "director rs1"
dir ipvsadm -Z
for i in 1 2; do dir curl -sS -m 3 -o /dev/null http://$VIP/; done
like "and counted, both ways" "$(dir ipvsadm -Ln --stats -t $VIP:80)" '^  -> 10.1.0.11:80 +1 +[4-9] +[3-9] '
head -c 2000000 /dev/urandom >"$LAB_RUN/www/big"
is "2 MB come to the director's own client, segments as large as its stack makes them" \
	"$(for i in 1 2; do dir curl -sS -m 10 http://$VIP/big | md5sum; done | sort -u)" \
	"$(md5sum <"$LAB_RUN/www/big")"
for i in 1 2; do dir curl -sS -m 10 -T "$LAB_RUN/www/big" http://$VIP/up/f; done
is "2 MB go up to either" "$(md5sum <"$LAB_RUN/director/up/f")$(md5sum <"$LAB_RUN/rs1/up/f")" \
	"$(md5sum <"$LAB_RUN/www/big")$(md5sum <"$LAB_RUN/www/big")"
dir ipvsadm -A -t $VIP:0 -s rr -p 60
dir ipvsadm -a -t $VIP:0 -r 10.1.0.11 -m
is "also while a service takes every other port, as which the answers come in" \
	"$(for i in 1 2; do dir curl -sS -m 3 http://$VIP/; done | sort | paste -sd' ')" "director rs1"
is "and through that service itself" "$(dir curl -sS -m 3 http://$VIP:8080/)" rs1
dir ipvsadm -D -t $VIP:0
dir ipvsadm -A -t "[$VIP6]:80" -s rr
dir ipvsadm -a -t "[$VIP6]:80" -r "[fd00:1::1]:80" -m
dir ipvsadm -a -t "[$VIP6]:80" -r "[fd00:1::11]:80" -m
is "IPv6: the director's own requests are scheduled, too" \
	"$(for i in 1 2; do dir curl -sS -g -m 3 "http://[$VIP6]/"; done | sort | paste -sd' ')" "director rs1"
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
is "lo takes back what it sent" "$(dir sysctl -n net.ipv4.conf.lo.accept_local)" 1
dir elvs down
is "and as it was when elvs goes" "$(dir sysctl -n net.ipv4.conf.lo.accept_local)" 0
lab_end
