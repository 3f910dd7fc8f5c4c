#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-interop - ours and Debian's keepalived agree on the wire about who is master, whichever of them is, in every
# form of advert: start, preemption, graceful stop, return, kill -9.
#
#   n1 (first, priority 100)  n2 (then, 150)      of pair A: Debian's first, ours above it      id 1..7
#   n3 (first, priority 100)  n4 (then, 150)      of pair B: ours first, Debian's above it      id 11..17
#   all four on one bridge, both pairs at once
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 4

# config NODE FIRST-ID PRIORITY OWN-NUMBER PEER-NUMBER: seven instances, a form each
config() {
	local id=$2 x
	instance() {	# NAME LINES...
		printf 'vrrp_instance %s {\n\tinterface eth0\n\tvirtual_router_id %s\n\tpriority %s\n' "$1" "$id" "$x"
		printf '\t%s\n' "${@:2}"
		printf '}\n'
		id=$((id + 1))
	}
	x=$3
	{
		instance PASS 'advert_int 1' 'authentication {' 'auth_type PASS' 'auth_pass s3cret' '}' \
			'virtual_ipaddress {' "10.0.0.$((100 + id))" "10.0.0.$((120 + id))/24" '}'
		instance PLAIN 'advert_int 1' 'virtual_ipaddress {' "10.0.0.$((100 + id))" '}'
		instance AH 'advert_int 1' 'authentication {' 'auth_type AH' 'auth_pass s3cret' '}' \
			'virtual_ipaddress {' "10.0.0.$((100 + id))" '}'
		instance V3 'version 3' 'advert_int 0.2' 'virtual_ipaddress {' "10.0.0.$((100 + id))" '}'
		instance UNICAST 'version 3' 'advert_int 0.2' "unicast_src_ip 10.0.0.$4" 'unicast_peer {' \
			"10.0.0.$5" '}' \
			'virtual_ipaddress {' "10.0.0.$((100 + id))" '}'
		instance V6 'version 3' 'advert_int 0.2' 'virtual_ipaddress {' "fe80::$((100 + id))" \
			"fd00::$((100 + id))" '}'
		instance UNICAST6 'version 3' 'advert_int 0.2' "unicast_src_ip fd00::$4" 'unicast_peer {' "fd00::$5" \
			'}' \
			'virtual_ipaddress {' "fd00::$((100 + id))" '}'
	} >"$LAB_RUN/$1.conf"
}
config n1 1 100 1 2
config n2 1 150 2 1
config n3 11 100 3 4
config n4 11 150 4 3
A=(10.0.0.101 10.0.0.121 10.0.0.102 10.0.0.103 10.0.0.104 10.0.0.105 fe80::106 fd00::106 fd00::107)
B=(10.0.0.111 10.0.0.131 10.0.0.112 10.0.0.113 10.0.0.114 10.0.0.115 fe80::116 fd00::116 fd00::117)

# both SECONDS TEXT A-OWNER B-OWNER: each pair's addresses stand there, all of them, and nowhere else
both() {
	local other_a=n1 other_b=n3
	[ "$3" = n2 ] || other_a=n2
	[ "$4" = n4 ] || other_b=n4
	became_within "$1" "$2: $3 has all addresses of pair A" "has $3 ${A[*]}"
	became_within "$1" "$2: $4 has all addresses of pair B" "has $4 ${B[*]}"
	[ "${5:-}" = dead ] && return 0
	became_within 1 "$2: $other_a has none of pair A" "has_none $other_a ${A[*]}"
	became_within 1 "$2: $other_b has none of pair B" "has_none $other_b ${B[*]}"
}

node_start n1 debian
node_start n3 ours
both 6 "alone" n1 n3
node_start n2 ours
node_start n4 debian
both 6 "a higher priority preempts" n2 n4
for a in 10.0.0.101 10.0.0.104 10.0.0.111 10.0.0.114; do
	check "the client reaches $a" on client ping -qc1 -W2 $a
done
node_stop n2
node_stop n4
# an advert of priority 0: not three intervals, but the skew (0.6 s in version 2)
both 2 "a graceful stop" n1 n3
node_start n2 ours
node_start n4 debian
both 6 "the higher one returns" n2 n4
node_kill n2
node_kill n4
both 5 "kill -9" n1 n3 dead
unlike "ours refused none of Debian's adverts" "$(cat "$LAB_RUN"/n[23].log)" 'refused|cannot'
unlike "Debian's complained about none of ours" "$(cat "$LAB_RUN"/n[14].log)" \
	'nvalid|ncorrect|mismatch|expected|bogus|rror|differ|failed'
for i in PASS PLAIN AH V3 UNICAST V6 UNICAST6; do
	is "states of $i in Debian's (first) node" "$(states n1 $i)" "BACKUP MASTER BACKUP MASTER BACKUP MASTER"
	is "states of $i in our (first) node" "$(states n3 $i)" "BACKUP MASTER BACKUP MASTER BACKUP MASTER"
done
lab_end
