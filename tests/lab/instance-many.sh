#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# instance-many - namespaces in numbers, made and deleted, each with a service of its own; inode numbers are used
# again, cookies are not: none sees an older one's service, and nothing is left.
#
#   MANY=100   how many namespaces
. "$(dirname "$0")/lib.sh"
lab_begin
MANY=${MANY:-100}
pins() { find "$ELVS_RUN_DIR/bpf" /sys/fs/bpf -maxdepth 2 -path '*[0-9]/maps' 2>/dev/null | wc -l; }

# one N: a namespace's life. Prints what is wrong.
one() {
	local name=$LAB-n$1 out
	ip netns add "$name"
	out=$(ip netns exec "$name" ipvsadm -Sn 2>&1)
	[ -z "$out" ] || echo "namespace $1 began with: $out"
	ip netns exec "$name" ipvsadm -A -t "192.0.2.$(($1 % 250)):$((1000 + $1))" -s rr ||
		echo "namespace $1: -A failed"
	out=$(ip netns exec "$name" ipvsadm -Sn 2>&1)
	[ "$out" = "-A -t 192.0.2.$(($1 % 250)):$((1000 + $1)) -s rr" ] || echo "namespace $1 has: $out"
	# Every second one is deleted at once, so that the next gets its inode number; the others live side by side.
	[ $(($1 % 2)) = 0 ] || ip netns del "$name"
}

# Two at a time; each gets its own file for complaints.
for ((n = 1; n <= MANY; n += 2)); do
	one "$n" >"$LAB_RUN/one" 2>&1 &
	first=$!
	one "$((n + 1))" >"$LAB_RUN/two" 2>&1
	wait $first
	cat "$LAB_RUN/one" "$LAB_RUN/two" >>"$LAB_RUN/complaints"
done
is "$MANY namespaces, none saw another's service" "$(cat "$LAB_RUN/complaints")" ""
check "those deleted at once have no pins" wait_for 5 "[ \"\$(pins)\" = $((MANY / 2)) ]"
wrong=
for ((n = 2; n <= MANY; n += 2)); do
	[ "$(ip netns exec "$LAB-n$n" ipvsadm -Sn)" = "-A -t 192.0.2.$((n % 250)):$((1000 + n)) -s rr" ] ||
		wrong+=" $n"
done
is "those that live have their own, all at once" "$wrong" ""
for ((n = 2; n <= MANY; n += 2)); do ip netns del "$LAB-n$n"; done
check "deleted, all of them are gone within 15 s" wait_for 15 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
is "and no pin is left" "$(pins)" 0
lab_end
