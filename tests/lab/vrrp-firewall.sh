#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-firewall - no_accept: what is dropped, where and for how long, by nftables and in chains of vrrp_iptables.
#
#   n1 (150)   n2 (100, also a real server: the address stands on its lo)   on one bridge with a client
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 2
ip -n "$LAB-n2" addr add 10.0.0.101/32 dev lo
on n2 sysctl -qw net.ipv4.conf.all.arp_ignore=1
config() {	# PRIORITY ACCEPT GLOBALS...
	printf 'global_defs {\n'
	printf '\t%s\n' "${@:3}"
	printf '}\n'
	cat <<-CONF
		vrrp_instance V4 {
			version 3
			advert_int 0.1
			interface eth0
			virtual_router_id 51
			priority $1
			$2
			virtual_ipaddress {
				10.0.0.101
			}
		}
		vrrp_instance V6 {
			version 3
			advert_int 0.1
			interface eth0
			virtual_router_id 52
			priority $1
			$2
			virtual_ipaddress {
				fe80::102
				fd00::102
			}
		}
	CONF
}
reload() { kill -HUP "$(node_pid n1)"; }
elements() { on n1 nft list set "$@" 2>/dev/null | tr -d ' \t\n' | grep -o 'elements={[^}]*}'; }
deaf() { ! on client ping -qc1 -W1 "$1" && ! on client ping -qc1 -W1 "$1"; }
chain() { on n1 iptables -S "$1" | sed -n 's/^-A //p' | paste -sd,; }
chain6() { on n1 ip6tables -S "$1" | grep -c ^-A || true; }

config 150 no_accept >"$LAB_RUN/n1.conf"
config 100 no_accept >"$LAB_RUN/n2.conf"
node_start n1 ours
became_within 10 "n1 is master" "has n1 10.0.0.101 fd00::102 fe80::102"
node_start n2 ours
wait_for 15 "[ \"\$(state_of n2 V4)\" = BACKUP ]"
is "its address is in the set" "$(elements ip keepalived vips)" "elements={10.0.0.101}"
is "so is the IPv6 one" "$(elements ip6 keepalived vips)" "elements={fd00::102}"
is "a link-local one counts on its interface only" "$(elements ip6 keepalived vips_link_local)" \
	'elements={fe80::102."eth0"}'
check "the client is not answered" deaf 10.0.0.101
check "nor over IPv6" deaf fd00::102
mac=$(on n2 ip -o link show eth0 | sed 's/.*ether \([^ ]*\).*/\1/')
on client ip neigh replace 10.0.0.101 lladdr "$mac" dev eth0
check "what a director sends to the backup, which has the address on lo, is answered" on client ping -qc1 -W2 \
	10.0.0.101
on client ip neigh del 10.0.0.101 dev eth0

on n1 iptables -N VRRP_IN
on n1 ip6tables -N VRRP_IN
on n1 iptables -A INPUT -j VRRP_IN
on n1 ip6tables -A INPUT -j VRRP_IN
config 150 no_accept "vrrp_iptables VRRP_IN" >"$LAB_RUN/n1.conf"
reload
became_within 5 "vrrp_iptables: its rule is in the chain that was named" \
	"[ \"\$(chain VRRP_IN)\" = 'VRRP_IN -d 10.0.0.101/32 -j DROP' ] && [ \"\$(chain6 VRRP_IN)\" = 6 ]"
is "in that one only" "$(chain OUTPUT)" ""
became_within 3 "and no longer in a table of nftables" "! on n1 nft list tables | grep -q keepalived"
check "the client is not answered" deaf 10.0.0.101
check "nor over IPv6" deaf fd00::102
role=$(cat "$LAB_RUN/n1/vrrp.pid")
kill -KILL "$role"
wait_for 15 "[ \"\$(cat '$LAB_RUN/n1/vrrp.pid')\" != $role ] && [ \$(grep -c resuming '$LAB_RUN/n1.log') = 2 ]"
became_within 3 "a role that was killed does not leave its rules there twice" \
	"[ \"\$(chain VRRP_IN)\" = 'VRRP_IN -d 10.0.0.101/32 -j DROP' ] && [ \"\$(chain6 VRRP_IN)\" = 6 ]"

config 150 no_accept "vrrp_iptables NOWHERE" >"$LAB_RUN/n1.conf"
reload
became_within 5 "a chain that does not exist: nftables does it" \
	"[ \"\$(elements ip keepalived vips)\" = 'elements={10.0.0.101}' ]"
is "nothing is left in the chain before" "$(chain VRRP_IN)$(chain6 VRRP_IN)" 0
check "the client is not answered" deaf 10.0.0.101
is "that is said once" "$(grep -c 'vrrp_iptables: .*NOWHERE.*nftables' "$LAB_RUN/n1.log")" 1

config 150 accept >"$LAB_RUN/n1.conf"
reload
became_within 5 "a reload without no_accept takes the rules away" "! on n1 nft list tables | grep -q keepalived"
became_within 5 "the client is answered" "on client ping -qc1 -W1 10.0.0.101 && on client ping -qc1 -W1 fd00::102"
config 150 no_accept >"$LAB_RUN/n1.conf"
reload
became_within 5 "a reload with it brings them back, for what stands there already" \
	"[ \"\$(elements ip keepalived vips)\" = 'elements={10.0.0.101}' ]"
check "the client is not answered" deaf 10.0.0.101
node_stop n1
became_within 5 "n2 takes over" "[ \"\$(state_of n2 V4)\" = MASTER ]"
became_within 5 "and guards the address" "on n2 nft list set ip keepalived vips | grep -q 10.0.0.101"
is "n1 has no rules any more" "$(on n1 nft list tables | grep -c keepalived || true)" 0
lab_end
