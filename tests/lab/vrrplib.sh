# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# vrrplib - routers that speak VRRP on one network, each ours or Debian's keepalived, for the vrrp-*.sh labs.
#
#   n1 10.0.0.1 --+
#   n2 10.0.0.2 --+-- bridge br0 in a namespace of its own ("lan") --- client 10.0.0.99
#   n3 10.0.0.3 --+
#   IPv6 likewise: fd00::1, ...
#
# A script sources this file and calls: lab_begin; vrrp_lan COUNT; node_start ...; lab_end. Addresses of instances are
# 10.0.0.1xx and fd00::1xx. What a node does is read from its log and from its interfaces, never from what it says.

# shellcheck source=tests/lab/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DEBIAN=/usr/sbin/keepalived
# any other keepalived may be put in its place, to see what is the test's and what is ours
OURS=${OURS:-$BIN/keepalived}

# vrrp_lan COUNT
vrrp_lan() {
	local i
	lab_namespace lan
	ip -n "$LAB-lan" link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	ip -n "$LAB-lan" link set br0 mtu "$MTU" up
	for ((i = 1; i <= $1; i++)); do
		lab_namespace "n$i"
		lab_link "n$i" eth0 "p$i"
		lab_address "n$i" eth0 "10.0.0.$i/24" "fd00::$i/64"
	done
	lab_namespace client
	lab_link client eth0 pc
	lab_address client eth0 10.0.0.99/24 fd00::99/64
	for ((i = 1; i <= $1; i++)); do wait_for 15 "on client ping -qc1 -W1 10.0.0.$i"; done
}

# node_start NODE ours|debian: with the configuration $LAB_RUN/NODE.conf; its log is $LAB_RUN/NODE.log, appended to
node_start() {
	local program=$DEBIAN d=$LAB_RUN/$1
	[ "$2" = debian ] || program=$OURS
	mkdir -p "$d"
	(exec nsenter --net="/run/netns/$LAB-$1" -- "$program" -n -l -D -P -f "$LAB_RUN/$1.conf" -p "$d/main.pid" \
		-r "$d/vrrp.pid" -c "$d/checkers.pid" -b "$d/bfd.pid") </dev/null >>"$LAB_RUN/$1.log" 2>&1 &
	LAST_PID=$!
	LAB_PIDS+=("$LAST_PID")
	eval "NODE_$1=$LAST_PID"
}

# node_pid NODE: of its main process
node_pid() { eval "echo \$NODE_$1"; }

# node_stop NODE: gracefully, and waits for its end
node_stop() { lab_stop "$(node_pid "$1")"; }

# node_kill NODE: kill -9 for all of its processes at once, as far as the network can tell a machine without power,
# except that its addresses still stand on the interface
node_kill() {
	local pids
	pids=$(ip netns pids "$LAB-$1")
	# shellcheck disable=SC2086
	kill -KILL $pids 2>/dev/null || true
	{ wait "$(node_pid "$1")"; } 2>/dev/null || true
}

# node_bury NODE: takes a killed node's virtual addresses and pid files away: it may start as if it had been rebooted
node_bury() {
	local a
	rm -f "$LAB_RUN/$1"/*.pid
	for a in $(ip -n "$LAB-$1" -br addr show dev eth0 | tr ' ' '\n' |
		{ grep -E '^(10\.0\.0\.1[0-9][0-9]|fd00::1[0-9a-f]+)/' || true; }); do
		ip -n "$LAB-$1" addr del "$a" dev eth0
	done
}

# state_of NODE INSTANCE: the last state that its log tells
state_of() { sed -n "s/.*($2) Entering \\([A-Z]*\\) STATE.*/\\1/p" "$LAB_RUN/$1.log" | tail -n 1; }

# states NODE INSTANCE: all of them in order
states() { sed -n "s/.*($2) Entering \\([A-Z]*\\) STATE.*/\\1/p" "$LAB_RUN/$1.log" | paste -sd' '; }

# owners ADDRESS: the nodes on whose interfaces it stands
owners() {
	local n
	for n in $(ip netns list | sed -n "s/^$LAB-\\(n[0-9]*\\).*/\\1/p" | sort); do
		if ip -n "$LAB-$n" -br addr | grep -qF " $1/"; then echo "$n"; fi
	done | paste -sd' '
}

# has NODE ADDRESS...: every one of them is on it
has() {
	local a all
	all=$(ip -n "$LAB-$1" -br addr)
	for a in "${@:2}"; do grep -qF " $a/" <<<"$all" || return 1; done
}
# has_none NODE ADDRESS...
has_none() {
	local a all
	all=$(ip -n "$LAB-$1" -br addr)
	for a in "${@:2}"; do ! grep -qF " $a/" <<<"$all" || return 1; done
}

# became_within SECONDS DESCRIPTION CONDITION: waits; a test
became_within() {
	if wait_for "$1" "$3"; then tap_say ok "$2"; else tap_say not "$2"; fi
}

# vrrp_watch NODE: records every change of its IPv4 and IPv6 addresses from now on in $LAB_RUN/NODE.changes
vrrp_watch() {
	: >"$LAB_RUN/$1.changes"
	(exec nsenter --net="/run/netns/$LAB-$1" -- ip -o monitor address) </dev/null >>"$LAB_RUN/$1.changes" 2>&1 &
	LAST_PID=$!
	LAB_PIDS+=("$LAST_PID")
	# it listens as soon as it tells of an address that has nothing to do with anything
	wait_for 15 "ip -n $LAB-$1 addr replace 192.0.2.1/32 dev lo; ip -n $LAB-$1 addr del 192.0.2.1/32 dev lo
		    grep -q 192.0.2.1 $LAB_RUN/$1.changes"
}
