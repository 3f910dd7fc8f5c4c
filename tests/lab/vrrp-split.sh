#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-split - equal priorities, and a network that falls apart and grows together again: of two masters exactly one
# stays, the one with the higher address or the higher priority, and who asks finds it.
#
#   n1 (ours)  n2 (Debian's)   pair A: the higher address is Debian's      all on one bridge, with a client;
#   n3 (Debian's)  n4 (ours)   pair B: the higher address is ours          the cables of n1 and n3 are cut
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 4
config() {	# NODE ID PRIORITY
	local family version=2 i=0
	for family in 4 6; do
		printf 'vrrp_instance V%s {\n\tinterface eth0\n\tvirtual_router_id %s\n' $family $(($2 + i))
		printf '\tpriority %s\n\tversion %s\n\tadvert_int %s\n\tdont_track_primary\n' "$3" $version \
			"$([ $version = 3 ] && echo 0.1 || echo 1)"
		if [ $family = 4 ]; then
			printf '\tvirtual_ipaddress {\n\t\t10.0.0.%s\n\t}\n}\n' $((100 + $2))
		else
			printf '\tvirtual_ipaddress {\n\t\tfe80::%s\n\t\tfd00::%s\n\t}\n}\n' $((100 + $2)) \
				$((100 + $2))
		fi
		version=3
		i=1
	done >"$LAB_RUN/$1.conf"
}
for n in n1 n2; do config "$n" 1 100; done
for n in n3 n4; do config "$n" 11 100; done
# IPv6 adverts come from link-local addresses: the order of these is the order of the nodes
for n in n1 n2 n3 n4; do
	ip -n "$LAB-$n" -6 addr flush dev eth0 scope link
	ip -n "$LAB-$n" addr add "fe80::a0${n#n}/64" dev eth0 nodad
done

node_start n1 ours
node_start n3 debian
became_within 6 "the first one has them" "has n1 10.0.0.101 fd00::101 && has n3 10.0.0.111 fd00::111"
node_start n2 debian
node_start n4 ours
wait_for 15 \
	"[ \"\$(state_of n2 V4)\$(state_of n2 V6)\$(state_of n4 V4)\$(state_of n4 V6)\" = BACKUPBACKUPBACKUPBACKUP ]"
for a in 10.0.0.101 10.0.0.111 fd00::101 fd00::111; do
	check "an equal does not preempt: $a" on client ping -qc1 -W2 $a
done

ip -n "$LAB-lan" link set p1 down
ip -n "$LAB-lan" link set p3 down
became_within 6 "without a cable to the first, the second takes over" \
	"has n2 10.0.0.101 fd00::101 && has n4 10.0.0.111 fd00::111"
ip -n "$LAB-lan" link set p1 up
ip -n "$LAB-lan" link set p3 up
for n in n1 n3; do
	became_within 6 "$n, the lower address, has nothing any more" \
		"has_none $n 10.0.0.101 fd00::101 10.0.0.111 fd00::111"
done
check "the higher address keeps everything" has n2 10.0.0.101 fd00::101
check "whoever's it is" has n4 10.0.0.111 fd00::111
for a in 10.0.0.101 10.0.0.111; do
	on client ip neigh flush all
	check "the client finds $a" on client ping -qc1 -W2 $a
done
is "the second ones were never in doubt" "$(states n2 V4), $(states n4 V4)" "BACKUP MASTER, BACKUP MASTER"
node_stop n4
node_stop n1
lab_end
