#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-passive - a real server that leaves clients' connections unanswered is taken out by what the data plane saw,
# without a single probe, and is given another chance after a while.
#
#   client --- router --- lan --- director: keepalived, VIP:80 by NAT, PASSIVE_CHECK
#                             \-- rs1, rs2: nginx; rs2 comes to swallow SYNs
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
lab_begin
lab_topology 2 director
lab_nginx

machine director
{
	cat <<-CONF
		virtual_server $VIP 80 {
			delay_loop 10
			lvs_sched rr
			lvs_method NAT
			protocol TCP
	CONF
	for i in 1 2; do
		cat <<-CONF
			real_server 10.1.0.1$i 80 {
				PASSIVE_CHECK {
					failures 3
					hold 6
				}
			}
		CONF
	done
	echo "}"
} >"$ETC/keepalived/keepalived.conf"
check "keepalived starts" service director start

in_table() {
	dir ipvsadm -Ln | awk '/^TCP/ { on = 1 } on && $1 == "->" { print $2 }' | sort | paste -sd' '
}
# holds SERVERS WHAT
holds() {
	wait_for 15 "[ \"\$(in_table)\" = '$1' ]" >/dev/null || true
	is "$2" "$(in_table)" "$1"
}
# knock COUNT: connections at once, given up when the SYN has been sent again
knock() {
	local i pids=()
	for ((i = 0; i < $1; i++)); do
		on client curl -s --max-time 1.5 -o /dev/null "http://$VIP/" >/dev/null 2>&1 || true &
		pids+=("$!")
	done
	wait "${pids[@]}"
}
holds "10.1.0.11:80 10.1.0.12:80" "both are in without a check ever being sent"
is "and answer" "$(for i in 1 2 3 4; do fetch http://$VIP/; done | sort -u | paste -sd' ')" "rs1 rs2"
knock 12
is "who answers, stays" "$(in_table)" "10.1.0.11:80 10.1.0.12:80"

on rs2 nft \
	'add table ip t; add chain ip t c { type filter hook input priority 0; }; add rule ip t c tcp dport 80 drop'
end=$((SECONDS + 15))
while [ "$(in_table)" != 10.1.0.11:80 ] && [ $SECONDS -lt $end ]; do knock 6; done
is "who leaves connections unanswered, goes" "$(in_table)" 10.1.0.11:80
like "the log says why" "$(ka_log director)" \
	'PASSIVE_CHECK on service \[10.1.0.12\]:tcp:80 failed. \([0-9]+ connections unanswered'
is "all clients are served" "$(for i in 1 2 3 4; do fetch http://$VIP/; done | sort -u | paste -sd' ')" rs1
on rs2 nft delete table ip t
holds "10.1.0.11:80 10.1.0.12:80" "after a while it gets another chance"
is "and answers" "$(for i in 1 2 3 4; do fetch http://$VIP/; done | sort -u | paste -sd' ')" "rs1 rs2"
check "keepalived stops" service director stop
lab_end
