#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# topology - is the lab itself sound? The kernel's own DNAT stands where elvs will; no program of ours runs but the
# lab's clients and servers. When this fails, nothing the other scripts say about elvs means anything.
#
#   client --- router --- lan --- director (nft dnat VIP -> rs1, rs2)
#                             \-- rs1, rs2 (gateway: the director)
set -euo pipefail
LAB_WITHOUT_ELVS=1
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx
lab_rsd 53

dir nft -f - <<NFT
table ip lab {
	chain pre {
		type nat hook prerouting priority -100;
		ip daddr $VIP tcp dport 80 dnat to numgen inc mod 2 map { 0 : 10.1.0.11, 1 : 10.1.0.12 }
		ip daddr $VIP udp dport 53 dnat to 10.1.0.11
	}
}
NFT
is "requests reach both servers in turn" "$(fetch_many 10 "http://$VIP/")" "5 rs1
5 rs2"
report=$(load -n 500 -c 16 $VIP 80) || true
is "500 requests, none failed" "$(value failed "$report")" 0
is "and none was sent twice" "$(value retransmits "$report")" 0
is "the load generator counts who answered" "$(shares "$report")" "rs1=250 rs2=250"
is "a datagram is answered" "$(cseq -u -q $VIP 53)" rs1
is "a port without a server is refused" "$(cseq -q -T 1000 $VIP 81)" REFUSED
report=$(load -n 3 -T 200 $VIP 81) || true
is "the load generator counts failures" "$(value refused "$report") of $(value failed "$report")" "3 of 3"
like "sources may be chosen" "$(cseq -b 10.0.1.7 -p 7777 $VIP 80)" '^10.0.1.7:7777 10.1.0.100:80 rs[12]$'

head -c 20000000 /dev/urandom >"$LAB_RUN/www/big"
is "20 MB come down whole" "$(on client curl -s http://$VIP/big | md5sum)" "$(md5sum <"$LAB_RUN/www/big")"
on client curl -s -T "$LAB_RUN/www/big" http://$VIP/up/f
is "and go up whole" "$(cat "$LAB_RUN"/rs[12]/up/f | md5sum)" "$(md5sum <"$LAB_RUN/www/big")"
lab_end
