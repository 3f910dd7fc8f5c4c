#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vipcheck - health checks addressed to the virtual service at one real server: one that lacks the address on lo
# fails, though it answers at its own address; its neighbour's good health does not hide it.
#
#   client --- router --- lan --- director: VIP:80 -g and -i; a checker's marked sockets to rs1 and rs2
#                             \-- rs1 (VIP on lo), rs2 (without), each forwarding, as if it were a router itself
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 router
lab_nginx
lab_rsd 53

ctl() { dir "$LAB_TOOLS/lab-ctl" "$@"; }
# vip_on N / vip_off N
vip_on() { ip -n "$LAB-rs$1" addr add $VIP/32 dev lo; ip -n "$LAB-rs$1" addr add $VIP6/128 dev lo nodad; }
vip_off() { ip -n "$LAB-rs$1" addr del $VIP/32 dev lo; ip -n "$LAB-rs$1" addr del $VIP6/128 dev lo; }
dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -g
dir ipvsadm -A -t "[$VIP6]:80" -s rr
servers6_of "-t [$VIP6]:80" 80 -g
for i in 1 2; do on rs$i sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done

vip_on 1
m1=$(ctl mark $VIP 10.1.0.11 dr) m2=$(ctl mark $VIP 10.1.0.12 dr)
is "the same question gets the same mark" "$(ctl mark $VIP 10.1.0.11 dr)" "$m1"
is "without a mark both answer at their own address" \
	"$(ctl get 0 10.1.0.11 80; ctl get 0 10.1.0.12 80)" $'rs1\nrs2'
is "DR: the server that has the address answers" "$(ctl get "$m1" 10.1.0.11 80)" rs1
unlike "DR: the one without does not" "$(ctl get "$m2" 10.1.0.12 80)" 'rs'
is "DR: and no connection came of that" "$(connections . | wc -l)" 0
vip_on 2
is "DR: with the address it does" "$(ctl get "$m2" 10.1.0.12 80)" rs2
is "DR: also on another port" "$(ctl get "$m2" 10.1.0.12 8080)" rs2
is "DR: where nobody listens, that is said" "$(ctl get "$m2" 10.1.0.12 99)" "Connection refused"
is "DR: datagrams, too" "$(ctl ask "$m1" 10.1.0.11 53)" rs1
n1=$(ctl mark $VIP6 fd00:1::11 dr) n2=$(ctl mark $VIP6 fd00:1::12 dr)
is "DR, IPv6: both answer" "$(ctl get "$n1" fd00:1::11 80; ctl get "$n2" fd00:1::12 80)" $'rs1\nrs2'
vip_off 2
unlike "DR, IPv6: without the address it does not" "$(ctl get "$n2" fd00:1::12 80)" 'rs'
is "clients see what the checks have said" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 FAILED 2 rs1"
vip_off 1

decapsulate	# rs1 and rs2 get the address as well
t1=$(ctl mark $VIP 10.1.0.11 tun) t2=$(ctl mark $VIP 10.1.0.12 tun)
is "TUN: both answer" "$(ctl get "$t1" 10.1.0.11 80; ctl get "$t2" 10.1.0.12 80)" $'rs1\nrs2'
n1=$(ctl mark $VIP6 fd00:1::11 tun)
is "TUN, IPv6: it answers" "$(ctl get "$n1" fd00:1::11 80)" rs1
ip netns exec "$LAB-rs2" elvs realserver stop $VIP $VIP6 >/dev/null
unlike "TUN: the one without the address and its decapsulation does not" "$(ctl get "$t2" 10.1.0.12 80)" 'rs'
is "TUN: the other goes on" "$(ctl get "$t1" 10.1.0.11 80)" rs1

before=$(ctl marks)
is "they are told apart by address and method" "$(wc -l <<<"$before")" 7
lab_kill_daemons "$ELVS_RUN_DIR"
dir "$LAB_TOOLS/lab-load" -n 1 -c 1 10.1.0.11 80 >/dev/null || true
dir ipvsadm -Ln >/dev/null
is "a new daemon knows the marks" "$(ctl marks)" "$before"
is "and they work" "$(ctl get "$t1" 10.1.0.11 80)" rs1
like "NAT needs none" "$(ctl mark $VIP 10.1.0.11 nat 2>&1 || true)" \
	'only servers reached by routing \(3\) or a tunnel'
while read -r _ _ _ mark _; do ctl unmark "$mark"; done <<<"$before"
is "none is left" "$(ctl marks)" ""
like "a second time is refused" "$(ctl unmark "$t1" 2>&1 || true)" 'no health check has the mark'
like "answers to checks are counted" "$(dir elvs drops)" 'answer to a health check'
lab_end
