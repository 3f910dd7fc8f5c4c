#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-via-vip - health checks addressed to the VIP at the real server: one whose web server runs but that does not
# have the VIP on lo would swallow clients' connections, and is found out; a check of its own address would not.
#
#   client --- router --- lan --- director: keepalived, VIP:80 by DR (plain check) and VIP:8080 (via_vip)
#                             \-- rs1: VIP on lo    rs2: without it, at first
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
lab_begin
lab_topology 2 router
lab_nginx
ip -n "$LAB-rs1" addr add $VIP/32 dev lo

machine director
# service_of PORT WORD: both real servers under an HTTP check
service_of() {
	cat <<-CONF
		virtual_server $VIP $1 {
			delay_loop 1
			lvs_sched rr
			lvs_method DR
			protocol TCP
	CONF
	for i in 1 2; do
		cat <<-CONF
			real_server 10.1.0.1$i $1 {
				HTTP_GET {
					$2
					connect_timeout 1
					retry 1
					delay_before_retry 1
					warmup 0
					url {
						path /
						status_code 200
					}
				}
			}
		CONF
	done
	echo "}"
}
{
	service_of 80 ""
	service_of 8080 via_vip
} >"$ETC/keepalived/keepalived.conf"
check "keepalived starts" service director start

# in_table PORT: the real servers of VIP:PORT
in_table() {
	dir ipvsadm -Ln | awk -v s="$VIP:$1" '/^TCP/ { on = $2 == s } on && $1 == "->" { print $2 }' | sort |
		paste -sd' '
}
# holds PORT SERVERS WHAT
holds() {
	wait_for 12 "[ \"\$(in_table '$1')\" = '$2' ]" >/dev/null || true
	is "$3" "$(in_table "$1")" "$2"
}
holds 8080 10.1.0.11:8080 "without the VIP on lo a server is out when it is asked at the VIP"
is "asked at its own address it seems to be good" "$(in_table 80)" "10.1.0.11:80 10.1.0.12:80"
like "the log says why" "$(ka_log director)" 'HTTP_CHECK on service \[10.1.0.12\]:tcp:8080 failed.*while connecting'
ip -n "$LAB-rs2" addr add $VIP/32 dev lo
holds 8080 "10.1.0.11:8080 10.1.0.12:8080" "with it, it comes in"
is "and clients reach both" "$(for i in 1 2 3 4; do fetch http://$VIP:8080/; done | sort -u | paste -sd' ')" "rs1 rs2"
ip -n "$LAB-rs1" addr del $VIP/32 dev lo
holds 8080 10.1.0.12:8080 "who loses the VIP goes"
check "keepalived stops" service director stop
lab_end
