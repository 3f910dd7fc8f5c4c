#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# quiesce - taking a server out: weight 0 lets connections finish, -d drops them, thresholds keep new ones away.
#
#   client --- router --- lan --- director: VIP:80 -m rr
#                             \-- rs1 rs2 (gateway: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx
lab_rsd 53

dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -m
# Two connections that live through all of it, one on each server.
lab_load long -n 100000 -c 2 -k 100000 -r 100 $VIP 80
long=$LAST_PID
lab_load_at 5 long 20
is "two connections are active" "$(dir ipvsadm -Ln -t $VIP:80 | awk '/Masq/ { n += $5 } END { print n }')" 2
dir ipvsadm -e -t $VIP:80 -r 10.1.0.11:80 -m -w 0
is "weight 0: no new connection" "$(fetch_many 8 http://$VIP/)" "8 rs2"
have=$(cat "$LAB_RUN/long.n")
lab_load_at 5 long $((have + 50))
like "weight 0: the old one goes on" "$(dir ipvsadm -Ln -t $VIP:80)" '^  -> 10.1.0.11:80 +Masq +0 +1 '
dir ipvsadm -e -t $VIP:80 -r 10.1.0.11:80 -m -w 1
is "weight 1: it gets its share again" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 rs1 2 rs2"
kill "$long"
wait "$long" || true
report=$(cat "$LAB_RUN/long")
is "nothing of the long connections was lost" "$(value failed "$report") $(value retransmits "$report")" "0 0"
is "they were on both servers" "$(awk '$1 == "server"' "$LAB_RUN/long" | wc -l)" 2

dir ipvsadm -d -t $VIP:80 -r 10.1.0.11:80
is "a removed server gets nothing" "$(fetch_many 4 http://$VIP/)" "4 rs2"
dir ipvsadm -e -t $VIP:80 -r 10.1.0.12:80 -m -w 0
is "the last server at weight 0: refused" "$(cseq -q -T 2500 $VIP 80)" REFUSED

dir ipvsadm -A -t $VIP:53 -s rr
dir ipvsadm -a -t $VIP:53 -r 10.1.0.11:53 -m -x 3 -y 2
dir ipvsadm -a -t $VIP:53 -r 10.1.0.12:53 -m -x 2
is "upper thresholds: 3 and 2 connections, then none" "$(cseq -q -h -n 7 -T 1500 $VIP 53 | paste -sd' ')" \
	"rs2 rs1 rs2 rs1 rs1 REFUSED REFUSED"
lab_end
