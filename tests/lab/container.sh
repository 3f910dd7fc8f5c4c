#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# container - the director in a container-like sandbox: own pid, mount and network namespaces, no bpffs, read-only
# /sys, 256 MB, and of all capabilities CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON only. The line of docs/containers.md.
#
#   client 10.8.0.1 -- bridge -- sandbox 10.8.0.2: VIP 10.8.0.100   (the sandbox runs elvsd, ipvsadm, elvs)
#                         \----- server 10.8.0.3: VIP on lo, web server on port 80
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"
BIN=${ELVS_BUILD:-$top/build}/bin
export PATH=$BIN:/usr/sbin:/sbin:$PATH
N=elvscon$$
VIP=10.8.0.100
work=$(mktemp -d)
box_pid=
web_pid=
cgroup=

cleanup() {
	trap - EXIT
	exec 7>&- || true
	[ -z "$box_pid" ] || kill -KILL "$box_pid" 2>/dev/null ||
		true	# the last one out: it is its namespace's init's parent
	[ -z "$web_pid" ] || kill "$web_pid" 2>/dev/null || true
	wait 2>/dev/null || true
	for n in client box server lan; do ip netns del "$N-$n" 2>/dev/null || true; done
	local tries=50
	while [ -n "$cgroup" ] && [ -d "$cgroup" ] && ! rmdir "$cgroup" 2>/dev/null &&
		[ $((tries--)) -gt 0 ]; do sleep 0.1; done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

wait_for() {
	local end=$((SECONDS + $1 + 1))
	until eval "$2" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
on() { ip netns exec "$N-$1" "${@:2}"; }

ip netns add "$N-lan"
ip -n "$N-lan" link add br0 type bridge
ip -n "$N-lan" link set br0 up
i=1
for n in client box server; do
	ip netns add "$N-$n"
	ip -n "$N-$n" link set lo up
	ip -n "$N-lan" link add "p$i" type veth peer name eth0 netns "$N-$n"
	ip -n "$N-lan" link set "p$i" master br0 up
	on lan ethtool -K "p$i" gro on
	ip -n "$N-$n" link set eth0 up
	ip -n "$N-$n" address add "10.8.0.$i/24" dev eth0
	i=$((i + 1))
done
ip -n "$N-box" address add $VIP/32 dev eth0
ELVS_RUN_DIR=$work/server on server elvs realserver start $VIP
mkdir "$work/www"
echo "hello from the server" >"$work/www/index.html"
(cd "$work/www" && exec ip netns exec "$N-server" python3 -m http.server 80 --bind $VIP) >/dev/null 2>&1 &
web_pid=$!
wait_for 5 "on server curl -s http://$VIP/"

# 256 MB, with whichever cgroup version the memory controller is
if [ -w /sys/fs/cgroup/memory/memory.limit_in_bytes ]; then
	cgroup=/sys/fs/cgroup/memory/$N
	mkdir "$cgroup"
	echo $((256 << 20)) >"$cgroup/memory.limit_in_bytes"
elif grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
	cgroup=/sys/fs/cgroup/$N
	mkdir "$cgroup"
	echo $((256 << 20)) >"$cgroup/memory.max" || true
fi

# The sandbox's first process reads commands from a pipe until the pipe ends.
mkfifo "$work/in"
(
	[ -z "$cgroup" ] || echo "$BASHPID" >"$cgroup/cgroup.procs"
	exec nsenter --net="/run/netns/$N-box" unshare --mount --pid --fork --kill-child --propagation private \
		bash -c '
		mount -t proc proc /proc
		umount -l /sys && mount -t sysfs -o ro sysfs /sys
		mount -t tmpfs tmpfs /run
		exec setpriv --bounding-set=-all,+bpf,+net_admin,+perfmon --inh-caps=-all --no-new-privs bash'
) <"$work/in" >"$work/out" 2>&1 &
box_pid=$!
exec 7>"$work/in"

# in_box COMMAND LINE: runs it in the sandbox; its output, then "status N"
in_box() {
	local mark=done-$RANDOM$RANDOM n
	n=$(wc -l <"$work/out")
	echo "{ $1; } 2>&1; echo \"status \$?\"; echo $mark" >&7
	wait_for 30 "grep -q '^$mark' '$work/out'" || { cat "$work/out"; return 1; }
	tail -n +$((n + 1)) "$work/out" | sed "/^$mark/d"
}

note "$(in_box 'uname -r; id -u; grep CapEff /proc/self/status')"
is "the sandbox has three capabilities" \
	"$(in_box 'capsh --decode=$(grep CapEff /proc/self/status | cut -f2)' | head -1)" \
	"0x000000c000001000=cap_net_admin,cap_perfmon,cap_bpf"
is "the sandbox has no bpffs of its own" \
	"$(in_box 'grep -c " /sys/fs/bpf bpf\| /run.* bpf " /proc/mounts' | head -1)" 0
out=$(in_box "ipvsadm -A -t $VIP:80 -s rr && ipvsadm -a -t $VIP:80 -r 10.8.0.3 -g && ipvsadm -Ln")
like "ipvsadm works, and starts the daemon" "$out" '^status 0$'
like "and lists the server" "$out" '-> 10.8.0.3:80 +Route'
wait_for 5 "on client curl -s -m 2 http://$VIP/" || true
is "traffic is forwarded" \
	"$(for _ in 1 2 3; do on client curl -s -m 5 http://$VIP/; done | sort | uniq -c | sed 's/^ *//')" \
	"3 hello from the server"
out=$(in_box "ipvsadm -Ln --stats --exact")
like "and counted" "$out" "^TCP +$VIP:80 +[3-9] "
out=$(in_box "elvs status")
like "status says what dies with the daemon" "$out" 'NOT pinned: dies with the daemon'
like "status: 0" "$out" '^status 0$'
like "connections are listed" "$(in_box 'ipvsadm -Lnc')" "10.8.0.1:[0-9]+ +$VIP:80 +10.8.0.3:80"
out=$(in_box "elvs drops --json | head -c 40; elvs attach --dry-run")
like "drops and plan are answered" "$out" '^eth0 '
out=$(in_box "elvs capture")
like "capture names the capability that it misses" "$out" 'CAP_SYS_ADMIN'
out=$(in_box "elvs realserver start 10.8.0.200 --tunnel && elvs realserver status && elvs realserver stop")
like "set-up works here, too, with decapsulation" "$out" '^10.8.0.200: running$'
like "and is undone" "$out" '^status 0$'
[ -z "$cgroup" ] || within "it fits: of 256 MB used at most (MB)" \
	$(($(cat "$cgroup/memory.max_usage_in_bytes" "$cgroup/memory.peak" 2>/dev/null | head -1) >> 20)) 1 256
out=$(in_box "elvs down; elvs status")
like "down leaves no director" "$out" 'director: none'
is "and no program on the interface" "$(ip -n "$N-box" -d link show eth0 | grep -c xdp || true)" 0
cleanup
is "nothing is left behind" "$(ip netns list | grep -c "^$N" || true)" 0
tap_plan
