#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vipmute - two machines that are director and real server at once, the address on both: who is not master is muted,
# and what the master sends it goes up to its own server instead of back and round.
#
#   client --- router --- lan --- director: nginx; VIP on eth0 (answers ARP); VIP:80 rr, DR -> itself and rs1
#                             \-- rs1:      nginx; VIP on lo; the same service, as a backup has it
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 1 router
vip_on_servers
lab_nginx director rs1

backup() { ip netns exec "$LAB-rs1" "$@"; }
for node in dir backup; do
	$node ipvsadm -A -t $VIP:80 -s rr
	$node ipvsadm -a -t $VIP:80 -r 10.1.0.1 -g
	$node ipvsadm -a -t $VIP:80 -r 10.1.0.11 -g
done
is "the director has the service's address" "$(dir "$LAB_TOOLS/lab-ctl" vips)" "$VIP default local live"
like "two directors send a connection round and round" "$(fetch_many 4 http://$VIP/)" FAILED

backup "$LAB_TOOLS/lab-ctl" vip $VIP muted
is "muted, the backup keeps the address and its service" "$(backup "$LAB_TOOLS/lab-ctl" vips)" "$VIP muted local"
is "and each serves its half" "$(fetch_many 8 http://$VIP/ | paste -sd' ')" "4 director 4 rs1"
report=$(load -n 400 -c 8 $VIP 80) || true
is "400 requests, none failed" "$(value failed "$report") $(value retransmits "$report")" "0 0"

lab_kill_daemons "$ELVS_RUN_DIR"
is "muted without a daemon" "$(fetch_many 8 http://$VIP/ | paste -sd' ')" "4 director 4 rs1"
backup ipvsadm -Ln >/dev/null	# starts one
is "a new daemon finds the mode" "$(backup "$LAB_TOOLS/lab-ctl" vips)" "$VIP muted local"
is "and nothing changes" "$(fetch_many 8 http://$VIP/ | paste -sd' ')" "4 director 4 rs1"

dir "$LAB_TOOLS/lab-ctl" vip $VIP muted
is "with both muted the address's owner answers alone" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "4 director"
like "which is counted by name" "$(dir elvs drops)" 'is muted: another node is master'
dir ipvsadm -C
dir ipvsadm -A -t $VIP:80 -s rr
dir ipvsadm -a -t $VIP:80 -r 10.1.0.11 -g
is "a mode is the address's, not the service's" "$(fetch http://$VIP/)" director
dir "$LAB_TOOLS/lab-ctl" vip $VIP default
is "muted no more" "$(fetch http://$VIP/)" rs1
like "a mode that does not exist is refused with a sentence" \
	"$(dir "$LAB_TOOLS/lab-ctl" vip $VIP loud 2>&1 || true)" \
	'there is no mode 4 of a virtual address'

# held: the address itself says it. A daemon that is killed has nothing to do with it.
held() { backup "$LAB_TOOLS/lab-ctl" vips; }
backup "$LAB_TOOLS/lab-ctl" vip $VIP held
is "held, the address on lo takes nothing" "$(held)" "$VIP held local"
backup ip addr add $VIP/32 dev eth0
check "on eth0 it takes traffic" wait_for 1 "[ \"\$(held)\" = '$VIP held local live' ]"
lab_kill_daemons "$ELVS_RUN_DIR"
backup ip addr del $VIP/32 dev eth0
backup ipvsadm -Ln >/dev/null
is "a new daemon finds the mode, and that the address has gone" "$(held)" "$VIP held local"
backup ip addr add $VIP/32 dev eth0
backup "$LAB_TOOLS/lab-ctl" vip $VIP live
backup "$LAB_TOOLS/lab-ctl" vip $VIP held
is "what was done before the mode was asked for is known" "$(held)" "$VIP held local live"
lab_end
