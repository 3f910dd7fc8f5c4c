#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# instance-load - the director's network namespace is deleted in the middle of traffic: within seconds there is no
# process, no pin, no program, and its interfaces are gone.
#
#   client --- router --- lan --- director: VIP:80 -m, then `ip netns del director`
#                             \-- rs1 rs2 (gateway: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx
pins() { find "$ELVS_RUN_DIR/bpf" /sys/fs/bpf -maxdepth 2 -path '*[0-9]/maps' 2>/dev/null | wc -l; }
dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -m
is "a service works" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 rs1 2 rs2"
progs=$(find "$ELVS_RUN_DIR/bpf" /sys/fs/bpf -path '*/links/*' 2>/dev/null | wc -l)
check "programs are attached" test "$progs" -gt 0
prog=$(dir ip -d link show eth0 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p')

lab_load cut -n 1000000 -c 8 -r 2000 $VIP 80
lab_load_at 10 cut 500
ip netns del "$LAB-director"
check "no director within 3 s" wait_for 3 '[ "$(pins)" = 0 ] && [ "$(lab_daemons "$ELVS_RUN_DIR" | wc -l)" -le 1 ]'
check "its veth is gone from the bridge" wait_for 3 '! ip -n "$LAB-lan" link show pd'
[ -z "$prog" ] || check "the XDP program is unloaded" wait_for 5 "! bpftool prog show id $prog"
check "and soon there is no supervisor, either" wait_for 8 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
is "no bpffs is left" "$(grep -cF "$ELVS_RUN_DIR" /proc/mounts || true)" 0
lab_stop "$LAST_PID"
lab_end
