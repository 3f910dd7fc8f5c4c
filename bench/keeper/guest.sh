#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest - in the 6.1 guest: one whole keepalived (ours or Debian's over the kernel's ip_vs) with many checked servers,
# which are in a namespace of their own behind a veth; prints usage.sh's lines and the kernel's share.
#
#   this namespace: keepalived, v0 10.63.0.1 ---- s0 10.63.0.2, namespace "servers": owns 10.64.0.0/11, bench-serve
#
# usage: guest.sh ours|debian SERVICES SERVERS SECONDS      in /share, as keeper.sh fills it
set -euo pipefail
who=$1 services=$2 servers=$3 seconds=$4
cd /share
export LD_LIBRARY_PATH=/share/lib ELVS_RUN_DIR=/run/elvs
say() { echo "# $(cut -d' ' -f1 /proc/uptime) $*"; }
kernel() { awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo; }

ip netns add servers
ip link add v0 type veth peer name s0 netns servers
ip addr add 10.63.0.1/24 dev v0
ip link set v0 up
ip -n servers addr add 10.63.0.2/24 dev s0
ip -n servers link set lo up
ip -n servers link set s0 up
ip -n servers route add local 10.64.0.0/11 dev lo
ip route add 10.64.0.0/11 via 10.63.0.2
ulimit -n 100000
ip netns exec servers env -u LD_LIBRARY_PATH ./bench-serve &
for ((i = 0; i < 100; i++)); do timeout 0.3 bash -c ': </dev/tcp/10.64.0.1/80' 2>/dev/null && break; sleep 0.1; done
say "the servers answer"

options=(-n -G -f /share/keeper.conf)	# without a log: the guest's console is slow
ipvsadm=/share/build/bin/ipvsadm program=/share/build/bin/keepalived
if [ "$who" = debian ]; then
	modprobe ip_vs
	modprobe ip_vs_rr
	ipvsadm=/sbin/ipvsadm program=/usr/sbin/keepalived
fi
free0=$(kernel)
"$program" "${options[@]}" >/run/keepalived.out 2>&1 &
main=$!
wanted=$((services * (servers + 1)))
for ((i = 0; i < 300; i++)); do
	have=$("$ipvsadm" -Ln 2>/dev/null | tail -n +4 | wc -l)
	[ "$have" != "$wanted" ] || break
	kill -0 $main || { tail -20 /run/keepalived.out; exit 1; }
	sleep 1
done
[ "$have" = "$wanted" ] || { say "only $have of $wanted lines are in the table"; tail -20 /run/keepalived.out; exit 1; }
say "$wanted lines are in the table"
sleep 15	# two rounds of checks: everything has been touched once
pids=$(for p in /proc/[0-9]*; do
	case $(readlink "$p/exe" 2>/dev/null) in */keepalived | */elvsd) echo "${p#/proc/}" ;; esac
done)
# shellcheck disable=SC2086
./usage.sh "$seconds" $pids
echo "kernel $((free0 - $(kernel)))"
have=$("$ipvsadm" -Ln | tail -n +4 | wc -l)
[ "$have" = "$wanted" ] || { say "$have of $wanted lines are left: checks failed"; exit 1; }
say "done"
