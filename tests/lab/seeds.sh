#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# seeds - the scripts that LVS tutorials publish for directors and real servers run on top of our ipvsadm: start,
# status, traffic, stop. They lie in tests/seed-scripts as published; what is substituted, and nothing else:
#   addresses and interfaces (sed); VIP= in the environment for the two 004 directors, whose own line sits inside a
#   comment; /var/lock/subsys, and /sbin/ipvsadm, in a private mount namespace; the line that
#   004-realserver-dr.sh lost in print (it is a syntax error without); the no-break spaces with which 003-realserver.sh
#   was printed, which bash takes for the names of commands.
#
#   client --- router --- lan --- director (scripts: 000 DR, 004 DR, 004 NAT)
#                             \-- rs1 rs2 (scripts: 000, 003, 004; NAT: no script, gateway = director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 router
lab_nginx
SCRIPTS=$LAB_TOP/tests/seed-scripts

# The scripts bring the VIP themselves.
dir ip addr del $VIP/32 dev eth0

# /usr/sbin as it is, with our ipvsadm in it
mkdir -p "$LAB_RUN/sbin" "$LAB_RUN/usr-sbin" "$LAB_RUN/lock/subsys" "$LAB_RUN/scripts"
for f in /usr/sbin/*; do ln -s "$LAB_RUN/usr-sbin/${f##*/}" "$LAB_RUN/sbin/"; done
ln -sf "$BIN/ipvsadm" "$LAB_RUN/sbin/ipvsadm"

# prepare SCRIPT SED...: a copy with addresses and interfaces of this lab
prepare() {
	local script=$1
	shift
	sed -e 's/\xc2\xa0/ /g' "$@" "$SCRIPTS/$script" >"$LAB_RUN/scripts/$script"
}
prepare 000-director-dr.sh -e "s/172\.16\.100\.33/$VIP/; s/172\.16\.100\.8/10.1.0.11/; s/172\.16\.100\.9/10.1.0.12/"
prepare 000-realserver-dr.sh -e "s/172\.16\.100\.33/$VIP/"
prepare 003-realserver.sh -e "s/192\.168\.46\.100/$VIP/"
prepare 004-director-dr.sh -e 's/172\.16\.100\.10$/10.1.0.11/; s/172\.16\.100\.11$/10.1.0.12/; s/eth2/eth0/'
prepare 004-director-nat.sh -e 's/172\.16\.100\.10$/10.1.0.11/; s/172\.16\.100\.11$/10.1.0.12/; s/eth1/eth0/'
prepare 004-realserver-dr.sh -e "s/172\.16\.100\.100/$VIP/" \
	-e '/# not found\./a\            echo "LVS-DR real server Stopped."'
is "only addresses, interfaces and one lost line differ from what was published" "$(for s in "$LAB_RUN"/scripts/*; do
	diff <(sed 's/\xc2\xa0/ /g' "$SCRIPTS/${s##*/}") "$s" | grep '^>' | sed 's/^> //'; done |
	grep -vE '10\.1\.0\.|eth0|^ *echo "LVS-DR real server Stopped\."$' || true)" ""

# seed NAMESPACE SCRIPT ACTION [NAME=VALUE...]: one call, as an operator of that machine would make it
seed() {
	local ns=$1 script=$2 action=$3
	shift 3
	ip netns exec "$LAB-$ns" unshare -m env "$@" bash -c "
		mount --bind /usr/sbin '$LAB_RUN/usr-sbin'
		mount --bind '$LAB_RUN/sbin' /usr/sbin
		mount --bind '$LAB_RUN/lock' /var/lock
		exec bash '$LAB_RUN/scripts/$script' $action" 2>&1
}

# after_stop NAME SCRIPT: what every director must leave
after_stop() {
	is "$1: after stop the table is empty" "$(dir ipvsadm -Sn)" ""
	unlike "$1: and the VIP is gone" "$(dir ip -4 addr show dev eth0)" "inet $VIP/"
	is "$1: and forwarding is off" "$(dir sysctl -n net.ipv4.ip_forward)" 0
}

# ---- 000: DR, weights 1 and 2, rr ----
out=$(seed rs1 000-realserver-dr.sh start)
is "000 real server: start says nothing" "$out" ""
like "000 real server: status" "$(seed rs1 000-realserver-dr.sh status)" 'ipvs is running'
seed rs2 003-realserver.sh start >"$LAB_RUN/out"
like "003 real server: start" "$(cat "$LAB_RUN/out")" 'RealServer Start OK'
is "003 real server: keeps ARP quiet" \
	"$(on rs2 sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce |
	paste -sd' ')" "1 2"

out=$(seed director 000-director-dr.sh start)
like "000 director: start adds the service" "$out" "^ipvs service $VIP:80 added\.$"
like "000 director: and both servers" "$(grep -c 'added' <<<"$out")" '^3$'
like "000 director: status says running" "$(seed director 000-director-dr.sh status)" 'ipvs is running'
like "000 director: and shows the table" "$(seed director 000-director-dr.sh status)" '-> 10.1.0.12:80 +Route +2'
wait_for 5 '[ "$(fetch http://$VIP/)" != FAILED ]'
dir ipvsadm -Z
is "000 director: rr, whatever the weights" "$(fetch_many 10 http://$VIP/ | paste -sd' ')" "5 rs1 5 rs2"
report=$(load -n 1000 -c 8 $VIP 80) || true
is "000 director: 1000 requests, none failed" "$(value failed "$report")" 0
check "000 director: start twice is harmless" seed director 000-director-dr.sh start
is "000 director: and serves" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 rs1 2 rs2"
like "000 director: stop" "$(seed director 000-director-dr.sh stop)" 'ipvs stopped'
after_stop "000 director"
like "000 director: status says stopped" "$(seed director 000-director-dr.sh status)" 'ipvs is stopped'
seed rs1 000-realserver-dr.sh stop >/dev/null
like "000 real server: status after stop" "$(seed rs1 000-realserver-dr.sh status)" 'ipvs is stopped'

# ---- 004: DR, wlc, weights 1 and 2 ----
seed rs1 004-realserver-dr.sh start >/dev/null
like "004 real server: status" "$(seed rs1 004-realserver-dr.sh status)" 'LVS-DR real server Running'
seed director 004-director-dr.sh start VIP=$VIP >"$LAB_RUN/out" || true
is "004 director: what it has set up" "$(dir ipvsadm -Sn)" "-A -t $VIP:80 -s wlc
-a -t $VIP:80 -r 10.1.0.11:80 -g -w 1
-a -t $VIP:80 -r 10.1.0.12:80 -g -w 2"
like "004 director: status" "$(seed director 004-director-dr.sh status VIP=$VIP)" 'ipvs is running'
wait_for 5 '[ "$(fetch http://$VIP/)" != FAILED ]'
report=$(load -n 900 -c 1 $VIP 80) || true
is "004 director: 900 requests, none failed" "$(value failed "$report")" 0
# wlc weighs what is there: the connections of the 000 part count, the servers being the same.
is "004 director: wlc, twice as many connections on weight 2" \
	"$(dir ipvsadm -Ln -t $VIP:80 | awk '/Route/ { n[$4] = $5 + $6 }
	END { d = n[2] - 2 * n[1]; print (d >= -4 && d <= 4) ? "yes" : n[1] " and " n[2] }')" yes
like "004 director: stop" "$(seed director 004-director-dr.sh stop VIP=$VIP)" 'ipvs is stopped'
after_stop "004 director"
seed rs1 004-realserver-dr.sh stop >/dev/null
like "004 real server: status after stop" "$(seed rs1 004-realserver-dr.sh status)" 'LVS-DR real server Stopped'
like "003 real server: stop" "$(seed rs2 003-realserver.sh stop)" 'RealServer Stoped'

# ---- 004: NAT; this script expects the VIP to be there ----
lab_gateway director
dir ifconfig eth0:0 $VIP netmask 255.255.255.255 up
out=$(seed director 004-director-nat.sh start VIP=$VIP)
is "004 NAT director: start says nothing" "$out" ""
like "004 NAT director: status" "$(seed director 004-director-nat.sh status VIP=$VIP)" 'ipvs is running'
wait_for 5 '[ "$(fetch http://$VIP/)" != FAILED ]'
is "004 NAT director: both servers in turn" "$(fetch_many 10 http://$VIP/ | paste -sd' ')" "5 rs1 5 rs2"
report=$(load -n 1000 -c 8 $VIP 80) || true
is "004 NAT director: 1000 requests, none failed" "$(value failed "$report")" 0
seed director 004-director-nat.sh stop VIP=$VIP >/dev/null
after_stop "004 NAT director"
like "004 NAT director: status after stop" "$(seed director 004-director-nat.sh status VIP=$VIP)" 'is stopped'
lab_end
