#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# setup - `elvs realserver' and `elvs director' do what they say, and undo exactly that; also after a crash.
#
#   peer ns                         box ns: the machine that is set up
#   p0 10.9.0.1/24, fd09::1/64 ---- eth0 10.9.0.2/24, fd09::2/64
#   asks who has the VIP, sends     VIPs 10.9.0.100, fd09::100; lo
#   packets in tunnels
# No daemon takes part. Names carry the pid; two of these run side by side.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"
elvs=${ELVS:-${ELVS_BUILD:-$top/build}/bin/elvs}
P=elvsset$$p B=elvsset$$b
work=$(mktemp -d)
export ELVS_RUN_DIR=$work/run
VIP=10.9.0.100 VIP6=fd09::100

cleanup() {
	trap - EXIT
	# shellcheck disable=SC2046 # a word each: what still runs in there, the echo among it
	kill $(ip netns pids "$B" 2>/dev/null) 2>/dev/null || true
	ip netns del "$P" 2>/dev/null || true
	ip netns del "$P-gone" 2>/dev/null || true
	ip netns del "$B" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

box() { ip netns exec "$B" "$@"; }
peer() { ip netns exec "$P" "$@"; }
wait_for() {
	local end=$((SECONDS + $1 + 1))
	until eval "$2" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
status_of() { local s=0; "$@" >"$work/out" 2>&1 || s=$?; echo $s; }

# Everything that set-up commands may touch. Lifetimes and statistics are none of it.
state() {
	box ip -o address show | sed 's/ *valid_lft.*//'
	box ip -o link show | sed 's/ qlen.*//; s/ qdisc [a-z]*//; s/state [A-Z]*//'
	box ip route show table all
	box ip -6 route show table all
	box nft list ruleset
	box tc qdisc show
	box tc filter show dev eth0 ingress 2>/dev/null || true
	box sysctl -a 2>/dev/null | grep -E '^net\.ipv[46]\.(conf|ip_forward)'
}
journals() { find "$work/run/setup" -type f 2>/dev/null | wc -l; }

# hear FILTER: the first frame that the peer gets, in $work/arp once $dump has ended
hear() {
	: >"$work/tcpdump"
	peer timeout 5 tcpdump -lnni p0 -c1 "$1" >"$work/arp" 2>"$work/tcpdump" &
	dump=$!
	wait_for 5 "grep -q listening '$work/tcpdump'"
}

ip netns add "$P"
ip netns add "$B"
ip -n "$P" link add p0 type veth peer name eth0 netns "$B"
for i in "$P p0 10.9.0.1/24 fd09::1/64" "$B eth0 10.9.0.2/24 fd09::2/64"; do
	read -r ns dev v4 v6 <<<"$i"
	ip -n "$ns" link set lo up
	ip -n "$ns" address add "$v4" dev "$dev"
	ip -n "$ns" address add "$v6" dev "$dev" nodad
	ip -n "$ns" link set "$dev" up
done
peer sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.p0.rp_filter=0
wait_for 5 "peer ping -c1 -W1 10.9.0.2"
wait_for 5 "peer ping -c1 -W1 fd09::2"
mac=$(box cat /sys/class/net/eth0/address)
wait_for 5 "! box ip address show | grep -q tentative"
state >"$work/before"

# answers ADDRESS: does anybody answer an ARP request or neighbour solicitation for it?
answers() {
	local n
	peer ip neigh flush dev p0 >/dev/null 2>&1 || true
	peer ping -c1 -W1 -I p0 "$1" >/dev/null 2>&1 || true
	n=$(peer ip neigh show "$1" dev p0)
	[[ "$n" == *lladdr* ]] && echo yes || echo no
}

# ---- words ----
is "without an action it says what is missing" "$(status_of box "$elvs" realserver)" 2
is "an address that is none is refused" "$(status_of box "$elvs" realserver start 10.9.0.300)" 2
like "and the message names it" "$(cat "$work/out")" '10\.9\.0\.300.*not an IPv4 address'
is "status of nothing is 3" "$(status_of box "$elvs" realserver status)" 3
is "an unknown interface fails" "$(status_of box "$elvs" realserver start $VIP --tunnel --dev nosuch0)" 1
like "and is named" "$(cat "$work/out")" 'nosuch0'
is "what failed is undone" "$(state)" "$(cat "$work/before")"

# ---- real server, sysctl ----
for arp in sysctl nft; do
	# shellcheck disable=SC2034
	TAP_PREFIX="arp $arp: "
	is "start works" "$(status_of box "$elvs" realserver start $VIP $VIP6 --arp $arp)" 0
	state >"$work/started"
	like "the VIP is on lo" "$(box ip -o address show dev lo)" "inet $VIP/32"
	like "the IPv6 VIP is on lo" "$(box ip -o address show dev lo)" "inet6 $VIP6/128"
	is "nobody answers ARP for it" "$(answers $VIP)" no
	is "nobody answers a neighbour solicitation for it" "$(answers $VIP6)" no
	is "the machine's own address is answered" "$(answers 10.9.0.2)" yes
	# the server talks as VIP: whom does it name as sender of its ARP request?
	box ip neigh flush dev eth0
	hear 'arp and ether broadcast'
	box ping -c1 -W1 -I $VIP 10.9.0.1 >/dev/null 2>&1 || true
	wait $dump || true
	like "ARP requests of our own do not name the VIP" "$(cat "$work/arp")" 'who-has 10\.9\.0\.1 tell 10\.9\.0\.2'
	is "status is 0" "$(status_of box "$elvs" realserver status)" 0
	like "status says running" "$(cat "$work/out")" "^$VIP: running"
	like "status speaks JSON" "$(box "$elvs" realserver status $VIP --json | jq -r '.[0].state')" '^running$'
	is "a second start does no harm" "$(status_of box "$elvs" realserver start $VIP $VIP6 --arp $arp)" 0
	is "and changes nothing" "$(state)" "$(cat "$work/started")"
	box ip address del $VIP/32 dev lo
	is "status notices that the VIP has gone" "$(status_of box "$elvs" realserver status $VIP)" 1
	like "and says so" "$(cat "$work/out")" 'MISSING on lo'
	is "start mends it" "$(status_of box "$elvs" realserver start $VIP --arp $arp)" 0
	is "stop of one address works" "$(status_of box "$elvs" realserver stop $VIP6)" 0
	unlike "it has gone" "$(box ip -o address show dev lo)" "$VIP6"
	like "the other one stays" "$(box ip -o address show dev lo)" "$VIP/32"
	is "stop works" "$(status_of box "$elvs" realserver stop)" 0
	is "everything is as it was" "$(state)" "$(cat "$work/before")"
	is "no journal is left" "$(journals)" 0
	is "a second stop does no harm" "$(status_of box "$elvs" realserver stop $VIP)" 0
done
TAP_PREFIX=

box "$elvs" realserver start $VIP --arp sysctl
is "from sysctl to nft in one start" "$(status_of box "$elvs" realserver start $VIP --arp nft)" 0
is "the sysctls are back" \
	"$(box sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce | tr '\n' ' ')" "0 0 "
is "still nobody answers" "$(answers $VIP)" no
box "$elvs" realserver stop
is "everything is as it was, the way back included" "$(state)" "$(cat "$work/before")"

# ---- what was there before is not ours ----
box sysctl -qw net.ipv4.conf.all.arp_ignore=2
box ip address add $VIP/32 dev lo
state >"$work/before2"
box "$elvs" realserver start $VIP
is "a stricter arp_ignore is left alone" "$(box sysctl -n net.ipv4.conf.all.arp_ignore)" 2
box "$elvs" realserver stop
is "stop leaves what it found" "$(state)" "$(cat "$work/before2")"
box sysctl -qw net.ipv4.conf.all.arp_ignore=0
box ip address del $VIP/32 dev lo
box "$elvs" realserver start $VIP
box sysctl -qw net.ipv4.conf.lo.arp_announce=1
like "a value that somebody changed meanwhile is left, and said" "$(box "$elvs" realserver stop 2>&1)" \
	'lo/arp_announce is 1, which somebody set since'
is "it is left" "$(box sysctl -n net.ipv4.conf.lo.arp_announce)" 1
box sysctl -qw net.ipv4.conf.lo.arp_announce=0
is "the rest is as it was" "$(state)" "$(cat "$work/before")"

# ---- tunnels ----
box python3 "$here/tools/echo.py" $VIP $VIP6 10.9.0.101 >"$work/echo" 2>&1 &
wait_for 5 "grep -q ready '$work/echo'"
sent() { peer python3 "$here/tools/tunnelled.py" p0 "$mac" "$@"; }
peer ip route add $VIP via 10.9.0.2
peer ip -6 route add $VIP6 via fd09::2
for hook in tc xdp; do
	TAP_PREFIX="tunnel, $hook: "
	is "start works" "$(status_of box "$elvs" realserver start $VIP $VIP6 --tunnel --hook $hook --dev eth0)" 0
	note "$(cat "$work/out")"
	is "IPv4 in IPv4 arrives" "$(sent 10.9.0.2 $VIP)" "reply from $VIP"
	is "IPv6 in IPv6 arrives" "$(sent fd09::2 $VIP6)" "reply from $VIP6"
	is "IPv4 in IPv6 arrives" "$(sent fd09::2 $VIP)" "reply from $VIP"
	is "IPv6 in IPv4 arrives" "$(sent 10.9.0.2 $VIP6)" "reply from $VIP6"
	is "a congestion mark of the tunnel is carried over (IPv4)" "$(sent 10.9.0.2 $VIP ce)" "reply from $VIP ce"
	is "a congestion mark of the tunnel is carried over (IPv6)" "$(sent fd09::2 $VIP6 ce)" "reply from $VIP6 ce"
	is "an outer address that is not ours is left alone" "$(sent 10.9.0.77 $VIP)" silence
	is "the VIP as outer address is left alone" "$(sent $VIP $VIP)" silence
	is "an inner address that is no VIP is left alone" "$(sent 10.9.0.2 10.9.0.2)" silence
	is "an outer fragment is left alone" "$(sent 10.9.0.2 $VIP fragment)" silence
	is "status is 0" "$(status_of box "$elvs" realserver status)" 0
	like "status counts what was decapsulated" "$(cat "$work/out")" '[0-9] decapsulated'
	like "status names hook and interface" "$(cat "$work/out")" "tunnel: eth0 $hook"
	like "status counts what was left alone" "$(box "$elvs" realserver status --json |
		jq -r '[.[0].tunnel[0].packets | to_entries[] | select(.key | startswith("outer fragment")) | .value][0]')" '^1$'
	state >"$work/started"
	is "a second start does no harm" \
		"$(status_of box "$elvs" realserver start $VIP $VIP6 --tunnel --hook $hook --dev eth0)" 0
	is "packets still arrive" "$(sent 10.9.0.2 $VIP)" "reply from $VIP"
	box "$elvs" realserver stop $VIP
	is "after stop of one address its packets are left alone" "$(sent 10.9.0.2 $VIP)" silence
	is "the other one's arrive" "$(sent 10.9.0.2 $VIP6)" "reply from $VIP6"
	box "$elvs" realserver stop
	is "everything is as it was" "$(state)" "$(cat "$work/before")"
done
TAP_PREFIX=
is "without --dev the interface is found" "$(status_of box "$elvs" realserver start $VIP --tunnel)" 0
is "and packets arrive" "$(sent 10.9.0.2 $VIP)" "reply from $VIP"
box tc filter add dev eth0 ingress pref 7 bpf bytecode '1,6 0 0 0,'
like "clsact stays when others use it, and that is said" "$(box "$elvs" realserver stop 2>&1)" \
	'somebody else has filters'
like "the other filter is still there" "$(box tc filter show dev eth0 ingress)" 'pref 7 bpf'
box tc qdisc del dev eth0 clsact
is "the rest is as it was" "$(state)" "$(cat "$work/before")"
if [ -d /sys/module/ipip ] || modprobe -n ipip 2>/dev/null; then
	is "the kernel's tunl0 is used if asked for" \
		"$(status_of box "$elvs" realserver start $VIP --tunnel --use-kernel)" 0
	is "and packets arrive through it" "$(sent 10.9.0.2 $VIP)" "reply from $VIP"
	box "$elvs" realserver stop
else
	is "--use-kernel without ipip fails" "$(status_of box "$elvs" realserver start $VIP --tunnel --use-kernel)" 1
	like "and says what is missing" "$(cat "$work/out")" 'no module ipip'
	is "and leaves nothing behind" "$(state)" "$(cat "$work/before")"
fi

# ---- director ----
peer ip route del $VIP
peer ip -6 route del $VIP6
box sysctl -qw net.ipv4.conf.default.forwarding=0 net.ipv4.conf.lo.forwarding=1
state >"$work/before"
is "director start finds the interface" "$(status_of box "$elvs" director start $VIP $VIP6/64 --nat)" 0
note "$(cat "$work/out")"
like "the VIP is on eth0" "$(box ip -o address show dev eth0)" "inet $VIP/32"
like "so is the IPv6 one with its network" "$(box ip -o address show dev eth0)" "inet6 $VIP6/64"
is "--nat switches forwarding on" "$(box sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | tr '\n' ' ')" \
	"1 1 "
is "router advertisements are still heard" "$(box sysctl -n net.ipv6.conf.eth0.accept_ra)" 2
state >"$work/started"
is "a second start does no harm" "$(status_of box "$elvs" director start $VIP $VIP6/64 --nat)" 0
is "and changes nothing" "$(state)" "$(cat "$work/started")"
is "status is 0" "$(status_of box "$elvs" director status)" 0
like "status speaks JSON" "$(box "$elvs" director status --json | jq -r .state)" '^running$'
is "the neighbours hear of the VIP" "$(answers $VIP)" yes
is "stop works" "$(status_of box "$elvs" director stop)" 0
is "everything is as it was, every interface's forwarding included" "$(state)" "$(cat "$work/before")"
is "no journal is left" "$(journals)" 0
is "an address of no interface's network wants --dev" "$(status_of box "$elvs" director start 192.0.2.1)" 1
like "and says so" "$(cat "$work/out")" 'dev'
hear 'arp and ether broadcast and arp[14:4] = arp[24:4]'
box "$elvs" director start 192.0.2.1 --dev eth0
wait $dump || true
like "a gratuitous ARP tells the neighbours" "$(cat "$work/arp")" 'who-has 192\.0\.2\.1'
is "stop of the only address undoes it" "$(status_of box "$elvs" director stop 192.0.2.1)" 0
is "to the last bit" "$(state)" "$(cat "$work/before")"

# ---- crash at every place ----
# The shim kills the command before or after the N-th time the journal is written, which is just before each change
# is made, and just after the one before.
gcc -shared -fPIC -o "$work/crash.so" -x c - <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
int renameat(int a, const char *b, int c, const char *d)
{
	static int n;
	int (*next)(int, const char *, int, const char *) = dlsym(RTLD_NEXT, "renameat");
	int at = atoi(getenv("CRASH_AT")), after = at % 2, r;

	if (++n == (at + 1) / 2 && !after)
		kill(getpid(), SIGKILL);
	r = next(a, b, c, d);
	if (n == (at + 1) / 2 && after)
		kill(getpid(), SIGKILL);
	return r;
}
C
crash() { # crash N COMMAND...: 137 if it was killed
	local s=0
	box env LD_PRELOAD="$work/crash.so" CRASH_AT="$1" "${@:2}" >/dev/null 2>&1 || s=$?
	echo $s
}
state >"$work/before"
# crash_everywhere NAME "START" "STOP"
crash_everywhere() {
	local n s bad=0 killed=0 start stop
	read -ra start <<<"$2"
	read -ra stop <<<"$3"
	for n in $(seq 1 80); do
		s=$(crash "$n" "$elvs" "${start[@]}" || true)
		[ "$s" = 137 ] && killed=$((killed + 1))
		box "$elvs" "${stop[@]}" 2>/dev/null || bad=$((bad + 1))
		state | cmp -s - "$work/before" || {
			bad=$((bad + 1))
			note "start killed at $n, then stop: $(state | diff "$work/before" - || true)"
		}
		[ "$s" = 137 ] || break
	done
	is "$1: killed anywhere in start ($killed places), stop puts everything back" "$bad" 0
	within "$1: there were places to be killed at" $killed 4 79
	bad=0 killed=0
	for n in $(seq 1 80); do
		box "$elvs" "${start[@]}"
		s=$(crash "$n" "$elvs" "${stop[@]}" || true)
		[ "$s" = 137 ] && killed=$((killed + 1))
		box "$elvs" "${stop[@]}" 2>/dev/null || bad=$((bad + 1))
		state | cmp -s - "$work/before" || {
			bad=$((bad + 1))
			note "stop killed at $n, then stop: $(state | diff "$work/before" - || true)"
		}
		[ "$s" = 137 ] || break
	done
	is "$1: killed anywhere in stop ($killed places), a second stop finishes" "$bad" 0
	bad=0
	for n in 2 3 5 8; do
		crash $n "$elvs" "${start[@]}" >/dev/null
		box "$elvs" "${start[@]}" || bad=$((bad + 1))
		box "$elvs" "${start[0]}" status >/dev/null || bad=$((bad + 1))
		box "$elvs" "${stop[@]}" || bad=$((bad + 1))
		state | cmp -s - "$work/before" || bad=$((bad + 1))
	done
	is "$1: killed in start, a second start finishes it" "$bad" 0
}
crash_everywhere "real server, sysctl" "realserver start $VIP $VIP6" "realserver stop"
crash_everywhere "real server, nft, tunnel" "realserver start $VIP --arp nft --tunnel" "realserver stop"
crash_everywhere "director" "director start $VIP $VIP6 --nat" "director stop"
is "no journal is left" "$(journals)" 0

# ---- namespaces do not mix ----
box "$elvs" realserver start $VIP
is "another namespace's stop does nothing here" "$(status_of peer "$elvs" realserver stop)" 0
like "the VIP is still there" "$(box ip -o address show dev lo)" "$VIP/32"
box "$elvs" realserver stop

ip netns add "$P-gone"
ip netns exec "$P-gone" "$elvs" realserver start $VIP
is "a namespace that is set up has a journal" "$(journals)" 1
ip netns del "$P-gone"
box "$elvs" realserver status >/dev/null || true
is "the journal of a namespace that is gone is swept away" "$(journals)" 0

# ---- at boot ----
root=$work/root
mkdir -p "$root/etc/systemd/system" "$root/usr/lib/systemd/system"
for role in realserver director; do
	cp "$top/packaging/elvs-$role@.service" "$root/usr/lib/systemd/system/" 2>/dev/null ||
		sed 's#@SBINDIR@#/usr/sbin#' \
		"$top/packaging/elvs-$role@.service.in" >"$root/usr/lib/systemd/system/elvs-$role@.service"
done
(cd "$root" && find . | sort) >"$work/root.before"
is "enable works" "$(status_of "$elvs" realserver enable $VIP $VIP6 --tunnel --dev eth0 --root "$root")" 0
note "$(cat "$work/out")"
is "the unit is linked" \
	"$(test -L "$root/etc/systemd/system/multi-user.target.wants/elvs-realserver@$VIP.service" && echo yes)" yes
# what the unit would run, word for word
# shellcheck disable=SC1090
(
	eval "$(grep -E '^(VIPS|OPTIONS)=' "$root/etc/elvs/realserver.d/$VIP" |
		sed -E 's/=(.*)/="\1"/; s/^/export /')"
	cmd=$(sed -n 's/^ExecStart=[^ ]* //p' "$root/usr/lib/systemd/system/elvs-realserver@.service")
	eval "box '$elvs' $cmd"
)
is "the unit's command makes it run" "$(status_of box "$elvs" realserver status $VIP $VIP6)" 0
box "$elvs" realserver stop
is "enabling an address that is none fails" "$(status_of "$elvs" director enable nonsense --root "$root")" 2
is "director enable works" "$(status_of "$elvs" director enable $VIP/24 --dev eth0 --nat --root "$root")" 0
like "its file holds the arguments" "$(cat "$root/etc/elvs/director.d/$VIP")" "^VIPS=$VIP/24$"
is "disable works" "$(status_of "$elvs" director disable $VIP --root "$root")" 0
is "disable works for real servers" "$(status_of "$elvs" realserver disable $VIP --root "$root")" 0
is "disable undoes enable" "$(cd "$root" && find . -not -type d | sort)" \
	"$(grep -E 'service$' "$work/root.before")"
is "disabling twice is an error that says so" "$(status_of "$elvs" realserver disable $VIP --root "$root")" 1

cleanup
is "nothing is left behind" "$(ip netns list | grep -c "^elvsset$$" || true)" 0
tap_plan
