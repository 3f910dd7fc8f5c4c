#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-failover - three of our routers: who is master after every kind of accident, and how long nobody was.
#
#   n1  n2  n3 and a client on one bridge; adverts every 100 ms, so that a dead master is missed after 0.36 to 0.39 s
#   instance   priorities of n1 n2 n3      what it shows
#   CHAIN      150 120  90                 the next one takes over, the first one preempts when it returns
#   STAY       150 120   -  nopreempt      whoever has it keeps it
#   EQUAL      100 100 100                 of equals nobody preempts; of two masters the higher address stays
#   EAST, WEST 150 100 / 100 150           two masters, each with one address, each the other's backup
#   S1, S2     150 100   -  one group      a tracked interface of one takes both along
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 3
for n in n1 n2; do
	ip -n "$LAB-$n" link add up0 type veth peer name up1
	ip -n "$LAB-$n" link set up1 up
	ip -n "$LAB-$n" link set up0 up
done

instance() {	# NAME ID PRIORITY ADDRESS LINES...
	printf 'vrrp_instance %s {\n\tversion 3\n\tadvert_int 0.1\n\tinterface eth0\n\tvirtual_router_id %s\n' "$1" \
		"$2"
	printf '\tpriority %s\n\tvirtual_ipaddress {\n\t\t%s\n\t}\n' "$3" "$4"
	if [ $# -gt 4 ]; then printf '\t%s\n' "${@:5}"; fi
	printf '}\n'
}
config() {	# NODE CHAIN STAY EQUAL EAST WEST GROUP (- = not there)
	instance CHAIN 1 "$2" 10.0.0.101
	[ "$3" = - ] || instance STAY 2 "$3" 10.0.0.102 nopreempt
	instance EQUAL 3 "$4" 10.0.0.103
	if [ "$5" != - ]; then
		instance EAST 4 "$5" 10.0.0.104
		instance WEST 5 "$6" 10.0.0.105
		instance S1 6 "$7" 10.0.0.106 'track_interface {' up0 '}'
		instance S2 7 "$7" 10.0.0.107
		printf 'vrrp_sync_group BOTH {\n\tgroup {\n\t\tS1\n\t\tS2\n\t}\n}\n'
	fi
}
config n1 150 150 100 150 100 150 >"$LAB_RUN/n1.conf"
config n2 120 120 100 100 150 100 >"$LAB_RUN/n2.conf"
config n3 90 - 100 - - - >"$LAB_RUN/n3.conf"

# masters SECONDS TEXT CHAIN STAY EQUAL EAST WEST S1 S2: each address stands on exactly that node
masters() {
	local want="$3 $4 $5 $6 $7 $8 $9" text=$2 i got=
	for ((i = 0; i < $1 * 20; i++)); do
		got=
		local a
		for a in 101 102 103 104 105 106 107; do got+=" $(owners 10.0.0.$a)"; done
		[ "${got# }" != "$want" ] || break
		sleep 0.05
	done
	is "$text: the masters of CHAIN STAY EQUAL EAST WEST S1 S2" "${got# }" "$want"
}

node_start n1 ours
became_within 4 "alone, n1 is master of everything" "has n1 10.0.0.10{1..7}"
node_start n2 ours
node_start n3 ours
masters 4 "all three" n1 n1 n1 n1 n2 n1 n1
is "n1's EQUAL was never challenged by its equals" "$(states n1 EQUAL)" "BACKUP MASTER"

# the power of n1 fails; a client asks 100 times a second
on client ping -q -i 0.01 -c 300 -W 1 10.0.0.101 >"$LAB_RUN/ping" 2>&1 &
pinger=$!
sleep 0.5	# of undisturbed traffic: the measure of what follows, not a wait for something
ip -n "$LAB-lan" link set p1 down
node_kill n1
node_bury n1
masters 4 "n1 without power" n2 n2 n3 n2 n2 n2 n2
wait $pinger || true
# "300 packets transmitted, 281 received, 6.3% packet loss, time 5872ms": requests lost, times the real interval
gap=$(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.* time \([0-9]*\)ms/\1 \2 \3/p' "$LAB_RUN/ping" |
	awk '{ print int(($1 - $2) * $3 / $1) }')
note "the client was without an answer for about $gap ms"
within "the gap is about the 260 to 390 ms of the protocol" "$gap" 150 600

ip -n "$LAB-lan" link set p1 up
node_start n1 ours
masters 4 "n1 returns" n1 n2 n3 n1 n2 n1 n1

# only its vrrp role is killed: it is started again and goes on, nobody else takes over, no address is touched
vrrp_watch n1
before=$(states n2 CHAIN)
role=$(cat "$LAB_RUN/n1/vrrp.pid")
kill -KILL "$role"
became_within 3 "a killed vrrp role is started again" "[ \"\$(cat '$LAB_RUN/n1/vrrp.pid')\" != $role ]"
became_within 3 "it says that it resumes" "grep -q '(CHAIN) resuming MASTER' '$LAB_RUN/n1.log'"
masters 2 "the vrrp role of n1 was killed" n1 n2 n3 n1 n2 n1 n1
is "no address of n1 was touched" "$(grep -cE '10\.0\.0\.1' "$LAB_RUN/n1.changes" || true)" 0
is "n2 never took over" "$(states n2 CHAIN)" "$before"

ip -n "$LAB-n1" link set up0 down
masters 3 "a tracked interface of S1 is down on n1" n1 n2 n3 n1 n2 n2 n2
is "that is a fault of both" "$(state_of n1 S1) $(state_of n1 S2)" "FAULT FAULT"
ip -n "$LAB-n1" link set up0 up
masters 3 "and up again" n1 n2 n3 n1 n2 n1 n1

ip -n "$LAB-n2" link set eth0 down
masters 4 "n2's interface is down" n1 n1 n3 n1 n1 n1 n1
is "n2 knows that it is its own fault" "$(state_of n2 WEST)" FAULT
ip -n "$LAB-n2" link set eth0 up
masters 4 "and up again" n1 n1 n3 n1 n2 n1 n1

ip -n "$LAB-n1" addr del 10.0.0.101/32 dev eth0
became_within 1 "an address that somebody removes is put back" "has n1 10.0.0.101"
like "and that is said" "$(cat "$LAB_RUN/n1.log")" '\(CHAIN\) address 10.0.0.101 was removed from eth0'

# a master that stops keeps its addresses until it hears the next one: nobody who asks goes without an answer
on client ping -q -i 0.005 -c 400 -W 1 10.0.0.101 >"$LAB_RUN/ping" 2>&1 &
pinger=$!
wait_for 15 "on client ping -qc1 -W1 10.0.0.101"
node_stop n1
masters 2 "n1 stops" n2 n2 n3 n2 n2 n2 n2
wait $pinger || true
like "the client has lost no answer while n1 stopped" "$(cat "$LAB_RUN/ping")" \
	'^400 packets transmitted, 400 received'
node_stop n2
node_stop n3
for n in n1 n2 n3; do
	is "$n leaves its interface as it was" \
		"$(ip -n "$LAB-$n" -br -4 addr show dev eth0 | awk '{ print $3, $4 }')" \
		"10.0.0.${n#n}/24 "
done
lab_end
