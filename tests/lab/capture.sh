#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# capture - `elvs capture' shows packets before and after, on both hooks, to people and to tcpdump; `elvs drops',
# `elvs status' and `elvs attach' tell the truth beside it.
#
#   client -- router -- LAN -- director --DR--> rs1
#                          \-- rs1
# WIRE=nic: the director gets whole checksums, so that XDP itself forwards (with veth's partial ones TC does).
# shellcheck disable=SC2034  # lib.sh's
HOOK=${HOOK:-xdp} WIRE=nic
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 1 router
cap=$LAB_RUN/cap

# capture NAME ARGS...: in the background until the test stops it; its text in $cap.NAME
capture() {
	local name=$1
	shift
	: >"$cap.$name.err"
	(exec nsenter --net="/run/netns/$LAB-director" -- "$BIN/elvs" capture "$@" >"$cap.$name" 2>"$cap.$name.err") &
	CAP=$!
	LAB_PIDS+=("$CAP")
	wait_for 5 "grep -q listening '$cap.$name.err'"
}
# stop_capture: as Ctrl-C does; its exit status in STATUS
stop_capture() {
	STATUS=0
	kill -INT "$CAP"
	wait "$CAP" || STATUS=$?
}
mac() { on "$1" ip -j link show eth0 | jq -r '.[0].address'; }
status_of() { local s=0; "$@" >/dev/null 2>&1 || s=$?; echo $s; }
get() { on client curl -s -m 5 "http://$VIP/" >/dev/null; }

is "capture without a director says so" "$(dir elvs capture 2>&1 >/dev/null || true)" \
	"elvs capture: elvsd is not running (nothing answers on $ELVS_RUN_DIR/control)"
dir ipvsadm -A -t $VIP:80 -s rr
dir ipvsadm -a -t $VIP:80 -r 10.1.0.11 -g
vip_on_servers
lab_nginx
wait_for 10 get
# XDP takes over once a first packet has come
[ "$HOOK" = tc ] || wait_for 10 "on director ip link show eth0 | grep -q prog/xdp"

capture text
get
wait_for 5 "grep -q 'FORWARDED' '$cap.text'"
is "a second capture is refused" "$(dir elvs capture 2>&1 >/dev/null || true)" \
	"elvs capture: another elvs capture runs in this network namespace"
stop_capture
is "Ctrl-C ends it with status 0" "$STATUS" 0
text=$(cat "$cap.text")
like "the request is shown with verdict" "$text" \
	"TCP 10\.0\.0\.2:[0-9]+ > $VIP:80 \[S\].*=> FORWARDED \(sent to a real server\)"
like "and the new MAC address" "$text" "FORWARDED.*, MAC $(mac director) > $(mac rs1)"
like "by the hook that did it" "$text" "eth0 ${HOOK} TCP"

capture filtered host 192.0.2.1
get
stop_capture
is "a filter that matches nothing shows nothing" "$(cat "$cap.filtered")" ""
is "a filter that is none is a usage error" "$(status_of dir elvs capture nonsense here)" 2

capture pcap -w - tcp port 80
get
stop_capture
is "pcapng: status 0" "$STATUS" 0
lines=$(tcpdump -nr "$cap.pcap" 2>"$cap.tcpdump.err")
is "tcpdump reads all of it" "$(grep -c -v '^reading from' "$cap.tcpdump.err" || true)" 0
syns=$(grep -c 'Flags \[S\]' <<<"$lines" || true)
is "the SYN is there before and after" "$syns" 2
macs=$(tcpdump -enr "$cap.pcap" 2>/dev/null | grep 'Flags \[S\]' | awk '{ print $4 }' | tr -d ,)
is "before: to the director; after: to the real server" "$macs" \
	"$(mac director; mac rs1)"
(sleep 0.5; get) &
is "-c ends by itself" \
	"$(dir timeout 10 elvs capture -c 1 -w - tcp port 80 2>/dev/null | tcpdump -nr - 2>/dev/null | wc -l)" 2

# NAT, and a tunnel
dir ipvsadm -C
dir ipvsadm -A -t $VIP:80 -s rr
dir ipvsadm -a -t $VIP:80 -r 10.1.0.11:8080 -m
capture nat tcp
get || true
wait_for 5 "grep -q 'FORWARDED.*to 10.1.0.11:8080' '$cap.nat'"
stop_capture
like "NAT: the new destination is shown" "$(cat "$cap.nat")" 'FORWARDED.*, to 10\.1\.0\.11:8080$'
unlike "what passes by is no packet of its own, nor lost" "$(cat "$cap.nat")" 'was lost'
dir ipvsadm -e -t $VIP:80 -r 10.1.0.11:8080 -i 2>/dev/null || {
	dir ipvsadm -d -t $VIP:80 -r 10.1.0.11:8080
	dir ipvsadm -a -t $VIP:80 -r 10.1.0.11 -i
}
capture tun
get || true
wait_for 5 "grep -q 'in IPIP' '$cap.tun'"
stop_capture
like "TUN: the outer header is shown" "$(cat "$cap.tun")" 'FORWARDED.*, in IPIP 10\.1\.0\.1 > 10\.1\.0\.11$'

# no server: dropped or refused, and counted
dir ipvsadm -d -t $VIP:80 -r 10.1.0.11
capture none --drops
get || true
on client timeout 1 bash -c "echo x >/dev/udp/$VIP/9" 2>/dev/null || true
stop_capture
unlike "--drops shows nothing that was not dropped" "$(cat "$cap.none")" 'FORWARDED'
drops=$(dir elvs drops --json)
is "drops: every verdict has a count" "$(jq '[.verdicts[] | select(.count == null)] | length' <<<"$drops")" 0
like "drops: what had no server is counted" "$(jq -r '.verdicts[] | select(.count > 0) | .name' <<<"$drops")" \
	'^(tc-)?no-dest'
like "drops: every interface is there" "$(jq -r '.interfaces[].interface' <<<"$drops")" '^eth0$'
like "drops: the driver's XDP counters are there" \
	"$(jq -r '.interfaces[] | select(.interface == "eth0") | .counters | keys[]' <<<"$drops")" 'xdp_xmit_errors'
like "drops as text" "$(dir elvs drops)" 'no real server available'
dir timeout 3 elvs drops --watch --json >"$cap.watch" 2>/dev/null &
watch=$!
LAB_PIDS+=("$watch")
wait_for 5 "[ -s '$cap.watch' ]"
wait $watch || true
is "drops --watch: one JSON object a line, of differences" \
	"$(head -1 "$cap.watch" | jq '[.verdicts[] | select(.count < 0)] | length')" 0

# a failed redirect, which nothing else shows: a program that sends frames to an interface that is not there
cat >"$LAB_RUN/lost.c" <<'C'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int lost(struct xdp_md *ctx) { return bpf_redirect(9999, 0); }
C
clang -O2 -target bpf -c "$LAB_RUN/lost.c" -o "$LAB_RUN/lost.o" -I"/usr/include/$(gcc -print-multiarch)"
on director ip link add lost0 type veth peer name lost1
on director ip link set lost1 xdp obj "$LAB_RUN/lost.o" sec xdp
on director ip link set lost1 up
dir timeout 4 elvs drops --watch --json >"$cap.lost" 2>"$cap.lost.err" &
watch=$!
LAB_PIDS+=("$watch")
wait_for 5 "[ -s '$cap.lost' ]"
on director ip link set lost0 up	# the kernel sends its multicast reports
on director ip address add 192.0.2.1/24 dev lost0
on director ping -c 1 -W 1 -I lost0 192.0.2.2 >/dev/null 2>&1 || true
wait $watch || true
like "drops --watch: failed redirects, by interface and reason" \
	"$(jq -r '.redirects[] | select(.count > 0) | "\(.from) \(.to) \(.error)"' "$cap.lost" | sort -u)" \
	'^lost1 if9999 '
is "they are counted for this namespace only" "$(jq -r '.redirects[].from' "$cap.lost" | sort -u)" lost1
on director ip link del lost0

# a killed capture ends by itself: the data plane stops showing packets when nobody renews the lease
capture killed
kill -KILL "$CAP"
wait "$CAP" 2>/dev/null || true
capture again
dir ipvsadm -a -t $VIP:80 -r 10.1.0.11 -g
get
wait_for 5 "grep -q FORWARDED '$cap.again'"
stop_capture
is "after a killed capture another one works" "$STATUS" 0

like "status names service and interface" "$(dir elvs status)" 'services: 1, real servers: 1'
like "status: attached" "$(dir elvs status --json | jq -r '.interfaces[].interface')" '^eth0$'
like "attach --dry-run: the plan names every interface" "$(dir elvs attach --dry-run)" '^lo '
like "attach --dry-run: as JSON" \
	"$(dir elvs attach --dry-run --json | jq -r '.[] | select(.interface == "eth0") | .hook')" '(xdp|tc)'
is "attach to what is not there fails" "$(dir elvs attach nosuch0 2>&1 || true)" \
	"elvs attach: there is no interface nosuch0 here"
is "down" "$(status_of dir elvs down)" 0
is "status after down is 3" "$(status_of dir elvs status)" 3
lab_end
