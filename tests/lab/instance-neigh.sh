#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# instance-neigh - what changes around a director that is alive reaches the data plane at once: a real server's MAC
# address under load, a service's address that comes and goes, an interface that appears and one that vanishes.
#
#   client --- router --- lan --- director: VIP:80 -m
#      |                            |    \-- rs1 rs2 (gateway: the director)
#      +------- e6 ---- e5 ---------+
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx
dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -m
is "both servers answer" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 rs1 2 rs2"
like "their neighbours are kept fresh" "$(dir ip neigh show 10.1.0.11)" managed

lab_load mac -n 12000 -c 8 -r 2000 $VIP 80
lab_load_at 10 mac 3000
ip -n "$LAB-rs1" link set eth0 address 02:00:00:00:77:11
wait "$LAST_PID" || true
report=$(cat "$LAB_RUN/mac")
is "a real server changed its MAC: nothing failed" "$(value requests "$report") $(value failed "$report")" "12000 0"
within "and at most what was under way was sent again" "$(value retransmits "$report")" 0 8
is "each had its half" "$(shares "$report")" "rs1=6000 rs2=6000"

dir ip addr del $VIP/32 dev eth0
check "without its address the service is not there" wait_for 2 \
	'[ "$(cseq -q -T 300 $VIP 80)" != rs1 ] && [ "$(cseq -q -T 300 $VIP 80)" != rs2 ]'
dir ip addr add $VIP/32 dev eth0
check "and with it, it is" wait_for 2 '[[ "$(fetch http://$VIP/)" == rs* ]]'

ip link add e5 mtu "$MTU" netns "$LAB-director" type veth peer name e6 mtu "$MTU" netns "$LAB-client"
lab_address client e6 172.16.0.2/24 fd00:16::2/64
lab_address director e5 172.16.0.1/24 fd00:16::1/64
on client ethtool -K e6 gro on
dir ipvsadm -A -t 172.16.0.1:80 -s rr
servers_of "-t 172.16.0.1:80" 80 -m
is "a service on an interface that came later works at once" "$(fetch_many 2 http://172.16.0.1/ | paste -sd' ')" \
	"1 rs1 1 rs2"
if [ "$HOOK" = xdp ]; then
	like "on XDP" "$(dir ip -d link show e5)" 'prog/xdp '
else
	unlike "and not on XDP" "$(dir ip -d link show e5)" xdp
fi
ip -n "$LAB-director" link del e5
is "one that vanishes takes nothing with it" "$(fetch_many 2 http://$VIP/ | paste -sd' ')" "1 rs1 1 rs2"
lab_end
