#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# keeper-roles - who each of keepalived's processes is and what it may do, and that whoever reads foreign bytes may do
# nothing.
#
#   n1 (150)   n2 (100)   on one bridge: VRRP, a BFD session between them, a virtual server with a check
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 2
config() {	# PRIORITY OWN OTHER
	cat <<-CONF
		bfd_instance PEER {
			neighbor_ip 10.0.0.$3
			source_ip 10.0.0.$2
			min_rx 100
			min_tx 100
		}
		vrrp_instance VI_1 {
			version 3
			advert_int 0.2
			interface eth0
			virtual_router_id 51
			priority $1
			virtual_ipaddress {
				10.0.0.101
			}
		}
		virtual_server 10.0.0.101 80 {
			lb_algo rr
			lb_kind DR
			protocol TCP
			delay_loop 1
			real_server 10.0.0.99 80 {
				TCP_CHECK {
					connect_timeout 1
				}
			}
		}
	CONF
}
start() {	# NODE PRIORITY OWN OTHER: all processes, not VRRP alone
	local d=$LAB_RUN/$1
	config "$2" "$3" "$4" >"$d.conf"
	mkdir -p "$d"
	(exec nsenter --net="/run/netns/$LAB-$1" -- "$OURS" -n -l -D -f "$d.conf" -p "$d/main.pid" -r "$d/vrrp.pid" \
		-c "$d/checkers.pid" -b "$d/bfd.pid") </dev/null >>"$d.log" 2>&1 &
	LAST_PID=$!
	LAB_PIDS+=("$LAST_PID")
}
start n1 150 1 2
became_within 15 "n1 is master" "has n1 10.0.0.101"
start n2 100 2 1
wait_for 15 "[ \"\$(state_of n2 VI_1)\" = BACKUP ]"
became_within 15 "their BFD session is up" "grep -q '(PEER) Entering Up state' '$LAB_RUN/n1.log'"
became_within 15 "the checker runs" "[ -s '$LAB_RUN/n1/checkers.pid' ]"

# word NAME PID: of /proc/PID/status
word() { sed -n "s/^$1:[[:space:]]*\\([^[:space:]]*\\).*/\\1/p" "/proc/$2/status"; }
# standing PID: is it root, its capabilities (effective, permitted), can it gain any, has it a filter of system calls
standing() {
	local user=other
	[ "$(word Uid "$1")" != 0 ] || user=root
	echo "$user $(word CapEff "$1") $(word CapPrm "$1") $(word NoNewPrivs "$1") $(word Seccomp "$1")"
}
ear() { tr -d ' ' <"/proc/$1/task/$1/children"; }
vrrp=$(cat "$LAB_RUN/n1/vrrp.pid")
wait_for 15 "[ -n \"\$(ear $vrrp)\" ]"
none=0000000000000000
is "vrrp: CAP_NET_ADMIN and CAP_NET_RAW, no more" "$(standing "$vrrp")" "other 0000000000003000 0000000000003000 1 2"
is "its ear, which reads the adverts: nothing" "$(standing "$(ear "$vrrp")")" "other $none $none 1 2"
is "bfd: nothing" "$(standing "$(cat "$LAB_RUN/n1/bfd.pid")")" "other $none $none 1 2"
is "check: nothing" "$(standing "$(cat "$LAB_RUN/n1/checkers.pid")")" "other $none $none 1 2"
is "the ear holds its socket to the role and one for adverts, and nothing else" \
	"$(find "/proc/$(ear "$vrrp")/fd" -lname 'socket:*' |
	wc -l) $(find "/proc/$(ear "$vrrp")/fd" -lname 'anon_inode:*' | wc -l)" "2 1"

# an ear that is killed is replaced at once; who is master does not change, on either side
vrrp2=$(cat "$LAB_RUN/n2/vrrp.pid")
for v in "$vrrp" "$vrrp2"; do
	for ((i = 0; i < 5; i++)); do
		wait_for 15 "[ -n \"\$(ear $v)\" ]"
		e=$(ear "$v")
		kill -KILL "$e"
		wait_for 15 "[ -n \"\$(ear $v)\" ] && [ \"\$(ear $v)\" != '$e' ]"
	done
done
like "that is said" "$(cat "$LAB_RUN/n1.log")" \
	'the process that reads adverts has ended \(signal 9\), another one takes its place'
is "n1 was master all the time" "$(states n1 VI_1)" "BACKUP MASTER"
is "n2 was never" "$(states n2 VI_1)" "BACKUP"
kill -KILL "$vrrp"
became_within 5 "an ear ends with its role, another role has another" \
	"[ \"\$(cat '$LAB_RUN/n1/vrrp.pid')\" != $vrrp ] && [ -n \"\$(ear \$(cat '$LAB_RUN/n1/vrrp.pid'))\" ]"
lab_end
