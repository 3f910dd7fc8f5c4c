#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-vmac - use_vmac, no_accept, routes and rules, labels and masks, static addresses: what a master puts in place,
# and that nothing of it is left.
#
#   n1 (ours, 150)   n2 (Debian's, 100)   on one bridge with a client
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 2
if on n1 ip link add m0 link eth0 type macvlan mode private 2>/dev/null; then
	on n1 ip link del m0
else
	skip "use_vmac" "this kernel has no macvlan"
	lab_end
	exit
fi
for n in n1 n2; do
	ip -n "$LAB-$n" link add up0 type veth peer name up1
	ip -n "$LAB-$n" link set up1 up
	ip -n "$LAB-$n" link set up0 up
done
config() {	# PRIORITY
	cat <<-CONF
		static_ipaddress {
			10.0.0.200/32 dev eth0
		}
		static_routes {
			10.77.0.0/16 via 10.0.0.99 dev eth0
		}
		vrrp_instance MAC {
			version 3
			advert_int 0.1
			interface eth0
			use_vmac
			use_vmac_addr
			virtual_router_id 51
			priority $1
			virtual_ipaddress {
				10.0.0.101/24
			}
			virtual_ipaddress_excluded {
				10.1.0.104/24 dev up0
				fd00::105
			}
		}
		vrrp_instance MAC6 {
			version 3
			advert_int 0.1
			interface eth0
			use_vmac vmac6
			virtual_router_id 52
			priority $1
			virtual_ipaddress {
				fe80::102
				fd00::102
			}
		}
		vrrp_instance DEAF {
			version 3
			advert_int 0.1
			interface eth0
			virtual_router_id 53
			priority $1
			no_accept
			virtual_ipaddress {
				10.0.0.103/24 dev eth0 label eth0:vip
			}
			virtual_ipaddress_excluded {
				fd00::103
			}
			virtual_routes {
				10.78.0.0/16 via 10.0.0.99 dev eth0
				10.79.0.0/16 nexthop via 10.0.0.99 nexthop via 10.0.0.98
			}
			virtual_rules {
				from 10.0.0.103 table 53
			}
		}
	CONF
}
config 150 >"$LAB_RUN/n1.conf"
config 100 | sed '/^static/,/^}/d' >"$LAB_RUN/n2.conf"
before=$(on n1 sysctl -n net.ipv4.conf.eth0.arp_{ignore,filter,announce} | paste -sd' ')
node_start n2 debian
wait_for 15 "[ \"\$(state_of n2 DEAF)\" = MASTER ]"
# at a machine's start its link-local address is still tentative: that is no fault
ip -n "$LAB-n1" link set eth0 down
ip -n "$LAB-n1" link set eth0 up
ip -n "$LAB-n1" addr replace fd00::1/64 dev eth0 nodad
wait_for 15 "ip -n $LAB-n1 -6 addr show dev eth0 scope link | grep -q fe80"
node_start n1 ours
became_within 4 "the higher priority is master" "has n1 10.0.0.101 fe80::102 fd00::102 10.0.0.103 fd00::103"
is "nothing was at fault before" "$(states n1 MAC6)" "BACKUP MASTER"
became_within 2 "Debian's has nothing any more" "has_none n2 10.0.0.101 fd00::102 10.0.0.103"

like "a macvlan in private mode with the virtual router's MAC address" \
	"$(on n1 ip -o -d link show vrrp.51)" 'link/ether 00:00:5e:00:01:33 .*macvlan mode private'
like "the same for IPv6" "$(on n1 ip -o -d link show vmac6)" 'link/ether 00:00:5e:00:02:34 .*macvlan mode private'
like "use_vmac_addr: one for an address on another interface" "$(on n1 ip -o -d link show vrrp1.51)" \
	'vrrp1\.51@up0: .*link/ether 00:00:5e:00:01:33 .*macvlan mode private'
like "one for the other family" "$(on n1 ip -o -d link show vrrp6.51)" \
	'vrrp6\.51@eth0: .*link/ether 00:00:5e:00:02:33'
like "their addresses stand there" "$(on n1 ip -br addr show vrrp1.51) $(on n1 ip -br addr show vrrp6.51)" \
	'10\.1\.0\.104/24 .*fd00::105/128'
macvlans() { on "$1" ip -br link show type macvlan | awk '{ print $1 }' | sort | paste -sd' '; }
is "they have the names that Debian's gives" "$(macvlans n1)" "$(macvlans n2)"
like "its address stands there" "$(on n1 ip -br addr show vrrp.51)" '10\.0\.0\.101/24'
on client ip neigh flush all
check "the client reaches it" on client ping -qc1 -W2 10.0.0.101
like "at that MAC address" "$(on client ip neigh show 10.0.0.101)" 'lladdr 00:00:5e:00:01:33'
check "the client reaches the IPv6 address" on client ping -6 -qc1 -W2 fd00::102
like "at that MAC address" "$(on client ip neigh show fd00::102)" 'lladdr 00:00:5e:00:02:34'

like "label and mask" "$(on n1 ip -o addr show dev eth0)" '10\.0\.0\.103/24 .*eth0:vip'
like "the excluded address is deprecated, as a /128 is" "$(on n1 ip -o -6 addr show dev eth0)" \
	'fd00::103/128 .*deprecated'
check "nothing answers at an address that may not be accepted" bash -c \
	"! ip netns exec $LAB-client ping -qc1 -W1 10.0.0.103"
check "nor at the IPv6 one" bash -c "! ip netns exec $LAB-client ping -6 -qc1 -W1 fd00::103"
like "though it is there" "$(on client ip neigh show 10.0.0.103)" \
	"lladdr $(on n1 ip -o link show eth0 | sed 's/.*ether \([^ ]*\).*/\1/')"
became_within 2 "the route is there, marked" \
	"on n1 ip route show 10.78.0.0/16 | grep -q 'via 10.0.0.99 .*proto keepalived'"
became_within 2 "one with several next hops, too" \
	"on n1 ip route show 10.79.0.0/16 proto keepalived | grep -q 'via 10.0.0.98'"
became_within 2 "the rule, too" "on n1 ip rule show | grep -q 'from 10.0.0.103 lookup 53'"
like "a static address" "$(on n1 ip -br addr show dev eth0)" '10\.0\.0\.200/32'
like "a static route" "$(on n1 ip route show 10.77.0.0/16)" 'via 10\.0\.0\.99'

on n1 ip route del 10.78.0.0/16
became_within 3 "a route that somebody removes is put back" \
	"on n1 ip route show 10.78.0.0/16 | grep -q 'via 10.0.0.99'"
on n1 ip rule del from 10.0.0.103 table 53
became_within 3 "a rule, too" "on n1 ip rule show | grep -q 'from 10.0.0.103 lookup 53'"
on n1 ip link set eth0 down
wait_for 15 "[ \"\$(state_of n1 DEAF)\" = FAULT ]"
on n1 ip link set eth0 up
became_within 3 "a static route is put back when its interface is up again" \
	"on n1 ip route show 10.77.0.0/16 | grep -q 10.0.0.99"
became_within 4 "and it is master again" "has n1 10.0.0.101 10.0.0.103 && [ \"\$(state_of n1 DEAF)\" = MASTER ]"
on n1 ip route del 10.78.0.0/16
node_stop n1
became_within 2 "Debian's takes over" "has n2 10.0.0.101 fd00::102 10.0.0.103"
is "no address is left" "$(on n1 ip -br -4 addr show dev eth0 | awk '{ print $3, $4 }')" "10.0.0.1/24 "
is "no macvlan is left" "$(on n1 ip -o link show type macvlan)" ""
is "no rule is left" "$(on n1 ip rule show | grep -c 'lookup 53' || true)" 0
is "no static route is left" "$(on n1 ip route show 10.77.0.0/16)" ""
is "no firewall table is left" "$(on n1 nft list tables)" ""
is "the interface's settings are what they were" \
	"$(on n1 sysctl -n net.ipv4.conf.eth0.arp_{ignore,filter,announce} | paste -sd' ')" "$before"
unlike "nothing was complained about, not even the route that somebody had removed" "$(cat "$LAB_RUN/n1.log")" \
	'cannot|rror'
lab_end
