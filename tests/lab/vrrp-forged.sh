#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-forged - adverts that are wrong in any way change nothing: they are counted by reason, said once, and do not
# make good ones late. What is known is written where the configuration says, in keepalived's forms.
#
#   n1 (ours, 150)   n2 (ours, 100)   and a client that forges, on one bridge
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 2
config() {	# NODE PRIORITY
	cat >"$LAB_RUN/$1.conf" <<-CONF
		global_defs {
			state_dump_file $LAB_RUN/$1.data
			stats_dump_file $LAB_RUN/$1.stats
			json_dump_file $LAB_RUN/$1.json
			log_unknown_vrids
		}
		vrrp_instance VI_1 {
			interface eth0
			virtual_router_id 51
			priority $2
			authentication {
				auth_type PASS
				auth_pass right
			}
			virtual_ipaddress {
				10.0.0.101
			}
		}
		vrrp_instance FAST {
			version 3
			advert_int 0.05
			interface eth0
			virtual_router_id 52
			priority $2
			virtual_ipaddress {
				10.0.0.102
			}
		}
	CONF
}
config n1 150
config n2 100
node_start n1 ours
wait_for 15 "has n1 10.0.0.101 10.0.0.102"
node_start n2 ours
wait_for 15 "[ \"\$(state_of n2 VI_1)\" = BACKUP ]"
forge() { on client python3 "$LAB_TOP/tests/lab/tools/vrrp_forge.py" eth0 10.0.0.99 "$@"; }
dump() {	# SIGNAL FILE: what it writes
	rm -f "$2"
	kill "-$1" "$(node_pid n1)"
	wait_for 15 "[ -s $2 ]" && wait_for 1 "! cmp -s $2 $2.before; cp $2 $2.before; sleep 0.1; cmp -s $2 $2.before"
	cat "$2"
}

forge 20 ttl version checksum type interval pass auth length short vrid
data=$(dump USR1 "$LAB_RUN/n1.data")
for reason in 'TTL or hop limit' 'other VRRP version' 'wrong checksum' 'not an advertisement' \
	'other advertisement interval' \
	'wrong password' 'other authentication type' 'length does not match'; do
	like "20 refused: $reason" "$data" "^     20: .*$reason"
	is "said once: $reason" "$(grep -c "VI_1.* from 10.0.0.99 refused: .*$reason" "$LAB_RUN/n1.log" || true)" 1
done
is "an unknown VRID is said once" "$(grep -c 'Unknown VRID(77).*10.0.0.99' "$LAB_RUN/n1.log")" 1
is "nobody was impressed" "$(states n1 VI_1), $(states n2 VI_1)" "BACKUP MASTER, BACKUP"
is "no password in the dump" "$(grep -c right "$LAB_RUN/n1.data" || true)" 0

stats=$(dump USR2 "$LAB_RUN/n1.stats")
is "keepalived's statistics" \
	"$(sed -n '/^VRRP Instance: VI_1/,/^VRRP Instance: FAST/p' <<<"$stats" |
	grep -E 'TTL|Length|Interval|Failure|Invalid|Became' | tr -s ' ' | paste -sd,)" \
	" Became master: 1, Length: 20, TTL: 20, Invalid Type: 20, Advertisement Interval: 20, Invalid Type: 20, Failure: 20"
is "keepalived's JSON" \
	"$(dump 36 "$LAB_RUN/n1.json" |
	jq -c '[.[] | [.data.iname, .data.state, .data.effective_priority, .stats.auth_failure]]')" \
	'[["VI_1",2,150,20],["FAST",2,150,0]]'

# a flood: 30,000 adverts of noise and wrong passwords, as fast as they can be sent, while FAST's interval is 50 ms
before="$(states n1 FAST), $(states n2 FAST)"
forge 15000 noise pass
is "a flood makes no good advert late" "$(states n1 FAST), $(states n2 FAST)" "$before"
within "it is counted and not said" "$(grep -c 'refused' "$LAB_RUN/n1.log")" 8 30

# and one that is right, though nobody meant it: the highest priority wins
forge 1 good
became_within 2 "a good one counts" "[ \"\$(state_of n1 VI_1)\" = BACKUP ]"
became_within 6 "and is forgotten when no other follows" "[ \"\$(state_of n1 VI_1)\" = MASTER ]"
node_stop n2
node_stop n1
lab_end
