#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# datagrams - datagrams that fill the MTU go through tunnels, which have less room, since they may be fragmented.
#
#   client --- router --- lan --- director: VIP:9 -i -> 10.1.0.11, VIP:10 -i -> fd00:1::11 (4in6), VIP6:9 -i (6in6)
#                             \== rs1: decapsulates; VIP on lo; gateway: the router
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 1 router
decapsulate
for port in 9 10; do
	lab_spawn rs1 "$LAB_TOP/tests/lab/tools/datagrams.py" serve $port >"$LAB_RUN/serve$port"
	wait_for 5 "grep -q ready '$LAB_RUN/serve$port'"
done
dir ipvsadm -A -u $VIP:9 -s rr
dir ipvsadm -a -u $VIP:9 -r 10.1.0.11 -i
dir ipvsadm -A -u $VIP:10 -s rr
dir ipvsadm -a -u $VIP:10 -r "[fd00:1::11]:10" -i
dir ipvsadm -A -u "[$VIP6]:9" -s rr
dir ipvsadm -a -u "[$VIP6]:9" -r "[fd00:1::11]:9" -i

# lost HOST PORT FROM TO [TRIES]: sizes that did not arrive whole
lost() { on client "$LAB_TOP/tests/lab/tools/datagrams.py" send "$@"; }

fragmented() { dir elvs drops | awk '/sent in fragments/ { print $1 }'; }

is "4in4: datagrams around what fits arrive whole" "$(lost $VIP 9 $((MTU - 60)) $((MTU - 28)))" ""
like "those that do not fit into the tunnel went in fragments" "$(fragmented)" '^20$'
is "4in6: the same" "$(lost $VIP 10 $((MTU - 80)) $((MTU - 28)))" ""
like "and again they went in fragments" "$(fragmented)" '^60$'
is "what the client itself fragments arrives whole" "$(lost $VIP 9 $((MTU - 27)) $((MTU - 10)))" ""
is "small ones as ever" "$(lost $VIP 9 1 20)" ""
is "6in6: the client learns what fits, and fragments by itself" "$(lost $VIP6 9 $((MTU - 110)) $((MTU - 48)) 2)" ""
is "nothing was too long" "$(dir elvs drops | awk '/longer than the path/ { print $1 }')" 1
undo_decapsulate
lab_end
