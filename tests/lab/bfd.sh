#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bfd - sessions between our routers, and between ours and keepalived: up, cut, up again, reloaded, killed, forged.
#
#   n1 10.0.0.1, fd00::1 --+
#   n2 10.0.0.2, fd00::2 --+-- bridge in a namespace of its own; a port that forwards nothing is the cut link:
#   n3 10.0.0.3, fd00::3 --+   both ends keep their carrier, so only BFD can notice
#   n1 ours, n2 ours, n3 Debian's keepalived
#   sessions   two (n1-n2, 50 ms x 4), two6 (the same over IPv6), far (n1-n2, port 4784, other addresses)
#              three (n1-n3, 50 ms x 4), three6 (the same over IPv6, where keepalived's hop limit is 64)
#   VI_1 of n1 tracks `two' with weight 0, VI_2 tracks `three' with weight -50
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 3
ip -n "$LAB-n1" addr add 10.9.0.1/24 dev eth0
ip -n "$LAB-n2" addr add 10.9.0.2/24 dev eth0

session() {	# NAME SOURCE NEIGHBOUR LINES...
	printf 'bfd_instance %s {\n\tsource_ip %s\n\tneighbor_ip %s\n\tmin_rx 50\n\tmultiplier 4\n' "$1" "$2" "$3"
	printf '\t%s\n' "${@:4}"
	printf '}\n'
}
instance() {	# NAME ID SESSION WEIGHT
	printf 'vrrp_instance %s {\n\tinterface eth0\n\tvirtual_router_id %s\n\tpriority 100\n\tversion 3\n' "$1" "$2"
	printf '\tadvert_int 0.1\n\tvirtual_ipaddress {\n\t\t10.0.0.10%s\n\t}\n' "$2"
	printf '\ttrack_bfd {\n\t\t%s weight %s\n\t}\n}\n' "$3" "$4"
}
config_n1() {	# MIN_TX
	printf 'global_defs {\n\tvrrp_notify_priority_changes true\n\tvrrp_notify_fifo %s\n}\n' "$LAB_RUN/fifo"
	session two 10.0.0.1 10.0.0.2 "min_tx $1"
	session two6 fd00::1 fd00::2 "min_tx 50"
	session far 10.9.0.1 10.9.0.2 "min_tx 50" "multihop" "max_hops 3"
	session three 10.0.0.1 10.0.0.3 "min_tx 50"
	session three6 fd00::1 fd00::3 "min_tx 50"
	instance VI_1 1 two 0
	instance VI_2 2 three -50
}
config_n1 50 >"$LAB_RUN/n1.conf"
{
	session two 10.0.0.2 10.0.0.1 "min_tx 50"
	session two6 fd00::2 fd00::1 "min_tx 50"
	session far 10.9.0.2 10.9.0.1 "min_tx 50" "multihop" "max_hops 3"
} >"$LAB_RUN/n2.conf"
{
	session three 10.0.0.3 10.0.0.1 "min_tx 50"
	session three6 fd00::3 fd00::1 "min_tx 50"
	printf 'vrrp_instance D {\n\tinterface eth0\n\tvirtual_router_id 9\n\tvirtual_ipaddress {\n\t\t10.0.0.109\n\t}\n}\n'
} >"$LAB_RUN/n3.conf"

# bfd_state NODE SESSION: the last one that its log tells;  bfd_count NODE SESSION STATE: how often
bfd_state() { sed -nE "s/.*\\($2\\) Entering (Up|Down|Init|AdminDown) state.*/\\1/p" "$LAB_RUN/$1.log" | tail -n 1; }
bfd_count() { grep -c "($2) Entering $3 state" "$LAB_RUN/$1.log" || true; }
# link NODE up|cut: its port on the bridge
link() { bridge -n "$LAB-lan" link set dev "p${1#n}" state "$([ "$2" = up ] && echo 3 || echo 0)"; }
ms() { echo $(($(date +%s%N) / 1000000)); }
# down_after NODE SESSION COUNT: milliseconds from now until its log has told so many Downs
down_after() {
	local begin now
	begin=$(ms)
	while now=$(ms) && [ "$(bfd_count "$1" "$2" Down)" -lt "$3" ] && [ $((now - begin)) -lt 5000 ]; do :; done
	echo $((now - begin))
}

mkfifo "$LAB_RUN/fifo"
exec 9<>"$LAB_RUN/fifo"
(exec cat <&9 >"$LAB_RUN/fifo.txt") &
LAB_PIDS+=($!)

node_start n1 ours
node_start n2 ours
node_start n3 debian
for s in two two6 far; do
	became_within 6 "$s comes up at n1" "[ \"\$(bfd_state n1 $s)\" = Up ]"
	became_within 6 "$s comes up at n2" "[ \"\$(bfd_state n2 $s)\" = Up ]"
done
for s in three three6; do
	became_within 6 "$s comes up at n1" "[ \"\$(bfd_state n1 $s)\" = Up ]"
	became_within 6 "$s comes up at keepalived" "[ \"\$(bfd_state n3 $s)\" = Up ]"
done
became_within 6 "what tracks them is master" "has n1 10.0.0.101 10.0.0.102"
unlike "nothing of it was a fault before" "$(states n1 VI_1)" FAULT

role=$(cat "$LAB_RUN/n1/bfd.pid")
like "the process has no capabilities" "$(cat "/proc/$role/status")" 'CapEff:[[:space:]]*0000000000000000'
like "is not root" "$(cat "/proc/$role/status")" 'Uid:[[:space:]]*[1-9]'
like "and is filtered" "$(cat "/proc/$role/status")" 'Seccomp:[[:space:]]*2'

# what is not from the neighbour, or from farther away than it may be, changes nothing. A packet: AdminDown, no
# session
forge() {	# NODE SOURCE TTL
	on "$1" python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, int(sys.argv[2]))
s.bind((sys.argv[1], 0))
s.sendto(struct.pack("!BBBBIIIII", 0x20, 0, 3, 24, 7, 0, 1000000, 1000000, 0), ("10.0.0.1", 3784))
s.sendto(b"\x20", ("10.0.0.1", 3784))' "$2" "$3"
}
forge n2 10.0.0.2 254
forge client 10.0.0.99 255
became_within 2 "too far is said" "grep -q 'from 10.0.0.2 refused: TTL' '$LAB_RUN/n1.log'"
became_within 2 "a stranger is said" "grep -q 'from 10.0.0.99 refused: no session' '$LAB_RUN/n1.log'"
became_within 2 "too short is said" "grep -q 'refused: shorter' '$LAB_RUN/n1.log'"
is "and the session is up" "$(bfd_count n1 two Down)" 0

# 4 x 50 ms; the lower bound is what the last packet's age may take off it (one interval), and the time that passes
# until the clock is read
link n2 cut
t=$(down_after n1 two 1)
within "a cut link is noticed by n1 after the detection time (ms)" "$t" 110 400
became_within 1 "by n2, too" "[ \"\$(bfd_state n2 two)\" = Down ]"
became_within 1 "over IPv6" "[ \"\$(bfd_state n1 two6)\" = Down ]"
became_within 1 "and over the other port" "[ \"\$(bfd_state n1 far)\" = Down ]"
like "the reason is said" "$(cat "$LAB_RUN/n1.log")" \
	'\(two\) Entering Down state \(Local diagnostic - Control Detection Time Expired'
became_within 1 "what tracks it is in FAULT" "[ \"\$(state_of n1 VI_1)\" = FAULT ] && has_none n1 10.0.0.101"
is "what tracks another one is not" "$(state_of n1 VI_2)" MASTER
link n2 up
became_within 5 "the session comes back" "[ \"\$(bfd_state n1 two)\" = Up ]"
became_within 5 "and the instance" "has n1 10.0.0.101"

link n3 cut
t=$(down_after n1 three 1)
within "a cut link to keepalived is noticed after the detection time (ms)" "$t" 110 400
became_within 1 "by keepalived, too" "[ \"\$(bfd_state n3 three)\" = Down ]"
became_within 1 "the priority falls by the weight" \
	"grep -q 'INSTANCE \"VI_2\" MASTER_PRIORITY 50' '$LAB_RUN/fifo.txt'"
is "which is no fault" "$(state_of n1 VI_2)" MASTER
link n3 up
became_within 5 "the session with keepalived comes back" "[ \"\$(bfd_state n1 three)\" = Up ]"

# a reload that makes one side slower: negotiated in a poll, nobody goes down
received() { on "$1" awk '/^Udp:/ && $2 ~ /^[0-9]/ { print $2 }' /proc/net/snmp; }
rate() {	# NODE: datagrams in a second
	local n
	n=$(received "$1")
	read -rt 1 _ <>"$LAB_RUN/never" || true
	echo $(($(received "$1") - n))
}
mkfifo "$LAB_RUN/never"
downs="$(bfd_count n1 two Down) $(bfd_count n2 two Down) $(bfd_count n1 far Down)"
before=$(rate n2)
within "n2 hears two, far at 50 ms (less jitter), a second" "$before" 36 60
config_n1 400 >"$LAB_RUN/n1.conf"
kill -HUP "$(node_pid n1)"
became_within 3 "after the reload n2 hears one of them rarely" "t=\$(rate n2); [ \$t -ge 18 ] && [ \$t -le 33 ]"
is "nobody went down" "$(bfd_count n1 two Down) $(bfd_count n2 two Down) $(bfd_count n1 far Down)" "$downs"
link n2 cut
t=$(down_after n2 two $((${downs:2:1} + 1)))
within "n2 now waits for 4 x 400 ms" "$t" 1150 1900
link n2 up
became_within 6 "and up again" "[ \"\$(bfd_state n1 two)\" = Up ] && [ \"\$(bfd_state n2 two)\" = Up ]"
became_within 5 "with the instance" "has n1 10.0.0.101"

# the process is killed: a new one finds the neighbours before anybody here calls them lost
states_before=$(states n1 VI_1)
ups="$(bfd_count n1 two Up) $(bfd_count n1 three Up) $(bfd_count n2 two Up) $(bfd_count n3 three Up)"
kill -KILL "$role"
became_within 5 "a killed process is replaced" "[ \"\$(cat '$LAB_RUN/n1/bfd.pid')\" != $role ]"
read -r -a ups <<<"$ups"
up_again() { [ "$(bfd_count "$1" "$2" Up)" -gt "$3" ]; }
became_within 6 "its sessions come up again, at n1" "up_again n1 two ${ups[0]} && up_again n1 three ${ups[1]}"
became_within 3 "and at the neighbours" "up_again n2 two ${ups[2]} && up_again n3 three ${ups[3]}"
is "no instance that tracks them noticed" "$(states n1 VI_1)" "$states_before"

node_stop n2
became_within 1 "a neighbour that stops says so" \
	"grep -q '(two) Entering Down state (Local diagnostic - Neighbor Signaled Session Down, Remote diagnostic - Administratively Down)' '$LAB_RUN/n1.log'"
node_stop n1
became_within 1 "keepalived hears that n1 stops, before its time is over" \
	"grep -q '(three) Entering Down state (Local diagnostic - Neighbor Signaled Session Down' '$LAB_RUN/n3.log'"
node_stop n3
lab_end
