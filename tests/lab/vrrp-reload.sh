#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-reload - a reload touches what has changed and nothing else: every change of an address is recorded.
#
#   n1 (ours) with a client on one bridge
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 1
instance() {	# NAME ID PRIORITY ADDRESS...
	printf 'vrrp_instance %s {\n\tversion 3\n\tadvert_int 0.1\n\tinterface eth0\n\tvirtual_router_id %s\n' "$1" \
		"$2"
	printf '\tpriority %s\n\tvirtual_ipaddress {\n' "$3"
	printf '\t\t10.0.0.%s/32\n' "${@:4}"
	printf '\t}\n}\n'
}
# changes: "+ADDRESS" and "-ADDRESS" since vrrp_watch, sorted
changes() {
	sed -nE 's/^(Deleted )?[0-9]+: eth0 +inet6? ([^ ]+).*/\1\2/p' "$LAB_RUN/n1.changes" |
		sed 's/^Deleted /-/; s/^\([^-]\)/+\1/' | LC_ALL=C sort | paste -sd' '
}
reload() {
	printf '%s\n' "# reload" >>"$LAB_RUN/n1.log"
	kill -HUP "$(node_pid n1)"
}
since_reload() { sed -n '/^# reload/h; /^# reload/!H; ${x;p}' "$LAB_RUN/n1.log"; }

globals() { printf 'global_defs {\n\tvrrp_notify_fifo %s\n}\n' "$LAB_RUN/fifo"; }
mkfifo "$LAB_RUN/fifo"
cat "$LAB_RUN/fifo" >"$LAB_RUN/said" &
LAB_PIDS+=("$!")

{ globals; instance KEEPS 1 150 101 102; instance GOES 2 150 103 104; } >"$LAB_RUN/n1.conf"
node_start n1 ours
became_within 4 "it is master" "has n1 10.0.0.101 10.0.0.102 10.0.0.103 10.0.0.104"
vrrp_watch n1

cp "$LAB_RUN/n1.conf" "$LAB_RUN/first.conf"
{ globals; instance NEW 3 150 106; instance KEEPS 1 120 101 105 104; } >"$LAB_RUN/n1.conf"
reload
became_within 4 "a reload with other addresses" \
	"has n1 10.0.0.101 10.0.0.104 10.0.0.105 10.0.0.106 && has_none n1 10.0.0.102 10.0.0.103"
is "only what differs was touched; the address that moved to another instance was not" "$(changes)" \
	"+10.0.0.105/32 +10.0.0.106/32 -10.0.0.102/32 -10.0.0.103/32"
is "the instance that stays has not changed its state" "$(states n1 KEEPS)" "BACKUP MASTER"
like "its new priority counts" "$(since_reload)" '\(KEEPS\) Changing effective priority.* 120'
like "the one that is gone said so" "$(since_reload)" '\(GOES\) (Deleted|sent 0 priority)'
became_within 3 "and in its own name, to whoever is notified" "grep -q 'INSTANCE \"GOES\" FAULT 150' '$LAB_RUN/said'"
unlike "of the others nobody said that" "$(cat "$LAB_RUN/said")" '"(KEEPS|NEW)" (FAULT|DELETED|STOP)'
check "the client reaches the new one" on client ping -qc1 -W2 10.0.0.106

: >"$LAB_RUN/n1.changes"
reload
wait_for 15 "since_reload | grep -qiE 'reload|unchanged'" || true
check "the client reaches an old one" on client ping -qc1 -W2 10.0.0.101
is "a reload of the same changes nothing" "$(changes)" ""

{ cat "$LAB_RUN/n1.conf"; echo 'vrrp_instance BROKEN {'; echo 'interface'; echo '}'; } >"$LAB_RUN/bad.conf"
cp "$LAB_RUN/bad.conf" "$LAB_RUN/n1.conf"
reload
became_within 3 "a file with an error is said to be so" "since_reload | grep -q 'interface'"
check "the client reaches it still" on client ping -qc1 -W2 10.0.0.101
is "and nothing was changed" "$(changes)" ""

cp "$LAB_RUN/first.conf" "$LAB_RUN/n1.conf"
reload
became_within 4 "back to the first" \
	"has n1 10.0.0.101 10.0.0.102 10.0.0.103 10.0.0.104 && has_none n1 10.0.0.105 10.0.0.106"
is "the instance that was there all the time is master since the beginning" "$(states n1 KEEPS)" "BACKUP MASTER"

wait_for 15 "changes | grep -q '+10.0.0.104'"	# told of, too
: >"$LAB_RUN/n1.changes"
sed 's/KEEPS/RENAMED/' "$LAB_RUN/first.conf" >"$LAB_RUN/n1.conf"
reload
became_within 4 "an instance with another name is the same one" \
	"grep -q 'INSTANCE \"RENAMED\" MASTER 150' '$LAB_RUN/said'"
check "the client reaches it" on client ping -qc1 -W2 10.0.0.101
is "no address was touched" "$(changes)" ""
sed 's/KEEPS/RENAMED/; s/virtual_router_id 1$/virtual_router_id 11/' "$LAB_RUN/first.conf" >"$LAB_RUN/n1.conf"
reload
became_within 4 "one with another id is not: the one before has ended" \
	"grep -q 'INSTANCE \"RENAMED\" FAULT 150' '$LAB_RUN/said'"
became_within 4 "and a new one is master" "[ \"\$(tail -n 1 '$LAB_RUN/said')\" = 'INSTANCE \"RENAMED\" MASTER 150' ]"
lab_end
