#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-service - health checks for services that were made with plain ipvsadm: `elvs check' adds, changes and ends
# them; what somebody does with ipvsadm meanwhile is noticed, and stands.
#
#   client --- router --- lan --- director: ipvsadm -A VIP:80, elvs check VIP:80 http ...
#                             \-- rs1 rs2 rs3: nginx
. "$(dirname "$0")/lib.sh"

in_table() { dir ipvsadm -Sn | sed -n 's/^-a .* -r \([^ ]*\) .* -w \(.*\)$/\1=\2/p' | sort | paste -sd' '; }

lab_begin
lab_topology 3 director
lab_nginx
dir ipvsadm -A -t $VIP:80 -s rr
dir ipvsadm -a -t $VIP:80 -r 10.1.0.11:80 -m -w 3
dir ipvsadm -a -t $VIP:80 -r 10.1.0.12:80 -m -w 2

status=0
out=$(dir elvs check $VIP:80 smoke signals 2>&1) || status=$?
is "a check that does not exist is refused" "$status $(head -1 <<<"$out")" \
	"2 elvs check: a check is one of tcp, http, https, smtp, dns, ping, udp, misc, agent"
like "without a check there is none" "$(dir elvs check)" "no health checks run"
check "elvs check SERVICE http" dir elvs check $VIP:80 http / --expect rs --interval 0.3 --timeout 1 --retry 0 \
	--fall 2 --rise 2
check "both servers are checked" wait_for 15 "[ \$(dir elvs check | grep -c 'HTTP_GET .* up') = 2 ]"
is "and nothing has changed" "$(in_table)" "10.1.0.11:80=3 10.1.0.12:80=2"

lab_stop "${NGINX[rs1]}"
check "a dead server is taken out" wait_for 10 "[ \"\$(in_table)\" = 10.1.0.12:80=2 ]"
like "elvs check says why" "$(dir elvs check)" "HTTP_GET 10.1.0.11:80 DOWN: .*refused"
dir ipvsadm -a -t $VIP:80 -r 10.1.0.13:80 -m -w 5
check "a server that somebody adds is checked, too" wait_for 10 "dir elvs check | grep -q '10.1.0.13:80 up'"
is "and the dead one still is out" "$(in_table)" "10.1.0.12:80=2 10.1.0.13:80=5"
dir ipvsadm -e -t $VIP:80 -r 10.1.0.12:80 -m -w 7
lab_nginx rs1
check "it comes back with its weight" wait_for 10 "in_table | grep -q 10.1.0.11:80=3"
is "and the other keeps its new one" "$(in_table)" "10.1.0.11:80=3 10.1.0.12:80=7 10.1.0.13:80=5"
dir ipvsadm -d -t $VIP:80 -r 10.1.0.12:80
check "one that somebody deletes is checked no more" wait_for 10 "! dir elvs check | grep -q 10.1.0.12"
is "and stays deleted" "$(in_table)" "10.1.0.11:80=3 10.1.0.13:80=5"

check "the check is changed: weight 0 instead" dir elvs check $VIP:80 tcp --interval 0.3 --timeout 1 --retry 0 \
	--inhibit
check "the new one runs" wait_for 10 "[ \$(dir elvs check | grep -c 'TCP_CHECK .* up') = 2 ]"
lab_stop "${NGINX[rs3]}"
check "a dead server gets weight 0" wait_for 10 "in_table | grep -q 10.1.0.13:80=0"

# who carries the checks out is killed: nobody who was out comes back by that
pid=$(cat "$ELVS_RUN_DIR"/keeper/*.checkers.pid)
kill -KILL "$pid"
check "started again" dir elvs check $VIP:80 tcp --interval 0.3 --timeout 1 --retry 0 --inhibit
check "it checks both" wait_for 10 "[ \$(dir elvs check | grep -c TCP_CHECK) = 2 ]"
is "and the dead server still has weight 0" "$(in_table)" "10.1.0.11:80=3 10.1.0.13:80=0"
lab_nginx rs3
check "until it is well" wait_for 10 "in_table | grep -q 10.1.0.13:80=5"

check "elvs check SERVICE none" dir elvs check $VIP:80 none
check "nobody checks any more" wait_for 10 "! dir elvs check"
is "and the service stands as it was" "$(in_table)" "10.1.0.11:80=3 10.1.0.13:80=5"
lab_end
