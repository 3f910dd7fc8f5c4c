#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# portmap - NAT from one port to another, several services on one VIP, several VIPs.
#
#   client --- router --- lan --- director: VIP:80 -> rsN:8080, VIP:8000 -> rsN:80, VIP2:80 -> rs1:80
#                             \-- rs1 rs2 (gateway: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx
lab_rsd 5353

dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 8080 -m
dir ipvsadm -A -t $VIP:8000 -s rr
servers_of "-t $VIP:8000" 80 -m
dir ipvsadm -A -t $VIP:53 -s rr
servers_of "-t $VIP:53" 5353 -m
dir ip addr add 10.1.0.101/32 dev eth0
dir ipvsadm -A -t 10.1.0.101:80 -s rr
dir ipvsadm -a -t 10.1.0.101:80 -r 10.1.0.11:80 -m

is "80 to 8080" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 rs1 2 rs2"
is "8000 to 80" "$(fetch_many 4 http://$VIP:8000/ | paste -sd' ')" "2 rs1 2 rs2"
is "a second VIP" "$(fetch_many 2 http://10.1.0.101/)" "2 rs1"
like "the server is asked on the mapped port" "$(cseq -v -p 20001 $VIP 53)" \
	'rs[12] local=10.1.0.1[12]:5353 peer=10.0.0.2:20001$'
# One client port towards three services: three connections, not one.
for port in 80 8000; do cseq -q -p 20100 $VIP $port >/dev/null; done
cseq -q -p 20100 10.1.0.101 80 >/dev/null
is "one client port, three services, three connections" "$(connections :20100 | wc -l)" 3
dir ip addr del 10.1.0.101/32 dev eth0
wait_for 5 '[ "$(cseq -q -T 500 10.1.0.101 80)" != rs1 ]'
unlike "an address that is no longer the director's is left alone" "$(cseq -q -T 500 10.1.0.101 80)" rs1
dir ip addr add 10.1.0.101/32 dev eth0
check "and served again when it is back" wait_for 5 '[ "$(cseq -q -T 500 10.1.0.101 80)" = rs1 ]'
lab_end
