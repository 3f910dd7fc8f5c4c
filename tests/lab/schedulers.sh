#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# schedulers - how 1,000 requests spread over four servers of weight 1, 2, 3, 4, for each scheduler.
#
#   client (10.0.0.2 and 10.0.1.0/24) --- router --- lan --- director: one VIP port per scheduler, NAT
#                                                        \-- rs1..rs4, weights 1 2 3 4
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 4 director
lab_nginx

declare -A wanted=(
	[rr]="rs1=250 rs2=250 rs3=250 rs4=250"
	[wrr]="rs1=100 rs2=200 rs3=300 rs4=400"
	[lc]="rs1=250 rs2=250 rs3=250 rs4=250"
	[wlc]="rs1=100 rs2=200 rs3=300 rs4=400"
)
port=8000
# Each case has its own client address: behind NAT one client port towards two services of the same server would be
# one and the same connection to that server.
for sched in rr wrr lc wlc; do
	port=$((port + 1))
	dir ipvsadm -A -t $VIP:$port -s $sched
	servers_of "-t $VIP:$port" 80 -m 1 2 3 4
	report=$(load -n 1000 -c 1 -b 10.0.1.$((port - 8000)) $VIP $port) || true
	is "$sched: one after another" "$(shares "$report")" "${wanted[$sched]}"
	is "$sched: none failed" "$(value failed "$report")" 0
done
for sched in rr wrr; do
	port=$((port + 1))
	dir ipvsadm -A -t $VIP:$port -s $sched
	servers_of "-t $VIP:$port" 80 -m 1 2 3 4
	report=$(load -n 1000 -c 32 -b 10.0.1.$((port - 8000)) $VIP $port) || true
	is "$sched: 32 at once, the shares are as exact" "$(shares "$report")" "${wanted[$sched]}"
done

dir ipvsadm -A -t $VIP:9001 -s sh
servers_of "-t $VIP:9001" 80 -m 1 2 3 4
is "sh: one client, one server" "$(load -n 100 -b 10.0.1.100 $VIP 9001 | grep -c '^server ')" 1
first=$(cseq -q -w 1 -b 10.0.1.128 -k 64 $VIP 9001)
is "sh: 64 clients use all four" "$(sort -u <<<"$first" | paste -sd' ')" "rs1 rs2 rs3 rs4"
is "sh: and each stays with its own" "$(cseq -q -w 1 -b 10.0.1.128 -k 64 $VIP 9001)" "$first"
dir ipvsadm -A -t $VIP:9002 -s dh
servers_of "-t $VIP:9002" 80 -m 1 2 3 4
is "dh: one destination, one server, whoever asks" \
	"$(load -n 100 -b 10.0.1.200 -s 50 $VIP 9002 | grep -c '^server ')" 1

check "the scheduler of a service may be changed" dir ipvsadm -E -t $VIP:9002 -s rr
is "and the change counts at once" "$(shares "$(load -n 400 -c 4 -b 10.0.1.110 $VIP 9002)")" \
	"rs1=100 rs2=100 rs3=100 rs4=100"
lab_end
