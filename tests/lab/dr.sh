#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dr - direct routing: only the destination MAC changes; answers go straight from the real server to the client.
#
#   client --- router --- lan --- director: VIP:80 -g, VIP:53/udp -g
#                 ^           \-- rs1 rs2 rs3: VIP on lo, ARP kept quiet, gateway: the router
#                 +--- answers ---+
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 3 router
vip_on_servers
lab_nginx
lab_rsd 53

dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -g
for proto in t u; do
	dir ipvsadm -A -$proto $VIP:53 -s rr
	servers_of "-$proto $VIP:53" 53 -g
done

is "the servers answer in turn, newest first" "$(for i in 1 2 3 4; do fetch http://$VIP/; done | paste -sd' ')" \
	"rs3 rs2 rs1 rs3"
report=$(load -n 1500 -c 16 $VIP 80) || true
is "1500 requests, none failed" "$(value failed "$report")" 0
is "and no segment was sent twice" "$(value retransmits "$report")" 0
is "each server got its third" "$(shares "$report")" "rs1=500 rs2=500 rs3=500"
is "the service counts its connections" "$(service_count "-t $VIP:80" 1)" 1504
is "no answer passed the director" "$(service_count "-t $VIP:80" 3)" 0

like "the server is asked for the VIP itself, by the client itself" "$(cseq -v -p 20001 $VIP 53)" \
	'^10.0.0.2:20001 10.1.0.100:53 rs[123] local=10.1.0.100:53 peer=10.0.0.2:20001$'
like "the director sees only the client's half" "$(connections :20001)" \
	'^TCP 0(1:5[0-9]|2:00)  FIN_WAIT    10.0.0.2:20001     10.1.0.100:53      10.1.0.1[123]:53$'
is "datagrams are answered, each by another server" "$(cseq -u -q -n 3 -p 21001 $VIP 53 | paste -sd' ')" "rs3 rs2 rs1"

dir ipvsadm -A -t $VIP:8080 -s rr
dir ipvsadm -a -t $VIP:8080 -r 10.1.0.11:9999 -g
like "DR maps no ports: the service's port is taken" "$(dir ipvsadm -Ln -t $VIP:8080)" '^  -> 10.1.0.11:8080  *Route '
is "and it works" "$(fetch http://$VIP:8080/)" rs1
xdp_did_the_work
lab_end
