#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# persistence - a client keeps its server: per port, per network, for all ports; until its template has run out.
#
#   client (10.0.0.2 and 10.0.1.0/24) --- router --- lan --- director: -p, DR
#                                                        \-- rs1..rs4: VIP on lo, gateway: the router
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 4 router
vip_on_servers
lab_nginx

dir ipvsadm -A -t $VIP:80 -s rr -p 30
servers_of "-t $VIP:80" 80 -g
is "one client, one server" "$(cseq -q -n 6 $VIP 80 | sort | uniq -c | awk '{ print $1, $2 }')" "6 rs4"
is "the next clients get the next servers" "$(cseq -q -b 10.0.1.1 -k 4 $VIP 80 | paste -sd' ')" "rs3 rs2 rs1 rs4"
is "and keep them" "$(cseq -q -b 10.0.1.1 -k 4 -n 2 $VIP 80 | paste -sd' ')" "rs3 rs3 rs2 rs2 rs1 rs1 rs4 rs4"
like "the template is listed" "$(connections ' 10.0.0.2:0 ')" \
	'^TCP 00:[0-3][0-9]  ASSURED     10.0.0.2:0         10.1.0.100:80      10.1.0.14:80$'
like "and counted" "$(dir ipvsadm -Ln --persistent-conn -t $VIP:80)" '^  -> 10.1.0.14:80 +1 +2 '

dir ipvsadm -A -t $VIP:8080 -s rr -p 30 -M 255.255.255.252
servers_of "-t $VIP:8080" 8080 -g
is "a netmask joins neighbours" "$(cseq -q -b 10.0.1.4 -k 8 $VIP 8080 | paste -sd' ')" \
	"rs4 rs4 rs4 rs4 rs3 rs3 rs3 rs3"
like "their template carries the network" "$(connections ' 10.0.1.4:0 ')" \
	' 10.0.1.4:0 +10.1.0.100:8080 +10.1.0.14:8080$'

dir ipvsadm -C
dir ipvsadm -A -t $VIP:0 -s rr -p 30
for i in 1 2 3 4; do dir ipvsadm -a -t $VIP:0 -r 10.1.0.1$i:0 -g; done
first=$(cseq -q -b 10.0.1.20 -k 4 $VIP 80 | paste -sd' ')
is "port 0: four clients, four servers" "$first" "rs4 rs3 rs2 rs1"
is "port 0: another port, the same server" "$(cseq -q -b 10.0.1.20 -k 4 $VIP 8080 | paste -sd' ')" "$first"

# With DR a finished connection is FIN_WAIT; its timeout set short lets the template run out.
dir ipvsadm -C
dir ipvsadm --set 0 1 0
dir ipvsadm -A -t $VIP:80 -s rr -p 3
servers_of "-t $VIP:80" 80 -g
before=$(cseq -q -b 10.0.1.30 $VIP 80)
check "a template ends with its time" wait_for 12 '[ -z "$(connections " 10.0.1.30:")" ]'
unlike "and the next connection is scheduled anew" "$(cseq -q -b 10.0.1.30 $VIP 80)" "$before"

dir ipvsadm --set 0 120 0
dir ipvsadm -E -t $VIP:80 -s rr -p 60
mine=$(cseq -q -b 10.0.1.40 $VIP 80)
dir ipvsadm -e -t $VIP:80 -r 10.1.0.1"${mine#rs}":80 -g -w 0
is "weight 0 does not break persistence" "$(cseq -q -b 10.0.1.40 -n 3 $VIP 80 | sort -u)" "$mine"
unlike "but new clients go elsewhere" "$(cseq -q -b 10.0.1.50 -k 8 $VIP 80)" "$mine"

# IPv6: 2^64 clients are one under /64
dir ipvsadm -A -t "[$VIP6]:80" -s rr -p 30 -M 64
servers6_of "-t [$VIP6]:80" 80 -g
is "IPv6: a prefix joins clients" "$(cseq -q -b fd00:0:0:1::1 -k 5 $VIP6 80 | sort | uniq -c | awk '{ print $1 }')" 5
lab_end
