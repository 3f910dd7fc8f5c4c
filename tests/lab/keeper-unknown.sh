#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper-unknown - a configuration that names what the director cannot do: it is said once, with file and line; the
# rest runs, nothing repeats in the log, and a reload says it again to whoever asked for it.
#
#   client --- router --- lan --- director: keepalived, VIP:80 by NAT beside services that cannot be
#                             \-- rs1 rs2: nginx
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
lab_begin
lab_topology 2 director
lab_nginx
machine director
conf=$ETC/keepalived/keepalived.conf
write_conf() {	# SCHEDULER of VIP:81
	cat <<-CONF
		global_defs {
		    router_id LAB
		    lvs_sync_daemon eth0 VI_1
		}
		vrrp_instance VI_1 {
		    state MASTER
		    interface eth0
		    virtual_router_id 51
		    priority 100
		    advert_int 1
		    virtual_ipaddress {
		        10.1.0.200/24
		    }
		}
		virtual_server $VIP 81 {
		    delay_loop 0.5
		    lvs_sched $1
		    lvs_method NAT
		    protocol TCP
		    real_server 10.1.0.11 80 {
		        weight 1
		        TCP_CHECK {
		            connect_timeout 1
		        }
		    }
		    real_server 10.1.0.12 80 {
		        weight 1
		        TCP_CHECK {
		            connect_timeout 1
		        }
		    }
		}
		virtual_server fwmark 7 {
		    delay_loop 0.5
		    lvs_sched rr
		    lvs_method NAT
		    real_server 10.1.0.11 80 {
		        weight 1
		        TCP_CHECK {
		            connect_timeout 1
		        }
		    }
		}
		virtual_server $VIP 80 {
		    delay_loop 0.5
		    lvs_sched rr
		    lvs_method NAT
		    protocol TCP
		    real_server 10.1.0.11 80 {
		        weight 1
		        TCP_CHECK {
		            connect_timeout 1
		            retry 0
		            warmup 0
		        }
		    }
		    real_server 10.1.0.12 80 {
		        weight 1
		        TCP_CHECK {
		            connect_timeout 1
		            retry 0
		            warmup 0
		        }
		    }
		}
	CONF
}
line_of() { grep -nE "$1" "$conf" | head -1 | cut -d: -f1; }
in_table() {
	dir ipvsadm -Ln | awk -v s="$1" '/^(TCP|FWM)/ { on = $2 == s } on && $1 == "->" { print $2 }' | sort |
		paste -sd' '
}
said() { ka_log director | grep -cE -- "$1" || true; }
write_conf sed >"$conf"

out=$(dir keepalived -t -f "$conf" 2>&1) || true
note "keepalived -t: ${out:-(nothing)}"
check "it starts" service director start
check "what can be done is done" wait_for 5 "[ \"\$(in_table $VIP:80)\" = '10.1.0.11:80 10.1.0.12:80' ]"
check "VRRP runs" wait_for 8 "has_vip director 10.1.0.200"
is "clients are served" "$(fetch_many 4 http://$VIP/)" "2 rs1
2 rs2"
at=$conf:$(line_of 'virtual_server .* 81 ')
sed_said="$at: virtual server .$VIP.:tcp:81: scheduler sed is not supported"
check "the scheduler is named, with its place" wait_for 5 "[ \$(said '$sed_said') = 1 ]"
is "its service is not in the table" "$(in_table $VIP:81)" ""
check "so is the synchronisation" wait_for 5 "[ \$(said '$conf:[0-9]*: lvs_sync_daemon eth0: ') = 1 ]"
is "with its place" "$(said "$conf:$(line_of lvs_sync): lvs_sync_daemon")" 1
# A firewall mark: either the director takes it, or it is said.
at=$conf:$(line_of 'virtual_server fwmark')
if [ "$(in_table 7)" = 10.1.0.11:80 ]; then
	is "the director knows firewall marks: nothing is said" "$(said "$at")" 0
else
	is "the firewall mark is named, with its place" "$(said "$at")" 1
fi
unknown() { ka_log director | grep -E 'scheduler sed|lvs_sync|fwmark' | cut -d' ' -f6- || true; }
once=$(unknown)
note "$once"

# ---- time passes, seen by checks that come round and by a server that goes and comes back ----
# shellcheck disable=SC2154 # lab_nginx names it
lab_stop "${NGINX[rs1]}"
check "a server that fails leaves its service" wait_for 8 "[ \"\$(in_table $VIP:80)\" = 10.1.0.12:80 ]"
lab_nginx rs1
check "and comes back" wait_for 8 "[ \"\$(in_table $VIP:80)\" = '10.1.0.11:80 10.1.0.12:80' ]"
check "the second round of gratuitous ARP is out" wait_for 10 "[ \$(said 'gratuitous ARPs on eth0') -ge 2 ]"
# Attempts at rs2 that came to nothing: one a round, since a check that has its answer goes no further
rounds() { on rs2 awk \
	'/^Tcp:/ { if (!seen++) for (i = 1; i <= NF; i++) { if ($i == "AttemptFails") c = i } else print $c }' \
	/proc/net/snmp; }
before=$(ka_log director) n=$(rounds)
check "a dozen rounds of checks later" wait_for 20 "[ \$(rounds) -ge $((n + 12)) ]"
is "nothing has been said, with -D either" "$(ka_log director)" "$before"
is "nor has what is unknown been said again" "$(unknown)" "$once"

# ---- the director is killed: what is said when it is back is not said for ever either ----
directors=$(for p in $(lab_daemons "$ELVS_RUN_DIR"); do
	! grep -qa '^[^[:cntrl:]]*elvsd' "/proc/$p/cmdline" || echo "$p"
done)
within "supervisor and director are there" "$(wc -w <<<"$directors")" 2 2
# shellcheck disable=SC2086 # a word for each
kill -KILL $directors
check "a reload" dir elvs reload
check "all is there again" wait_for 10 "[ \"\$(in_table $VIP:80)\" = '10.1.0.11:80 10.1.0.12:80' ]"
is "and clients are served" "$(fetch_many 4 http://$VIP/)" "2 rs1
2 rs2"
within "the scheduler is named again at most for each of the two" "$(said "$sed_said")" 1 3

# ---- mended ----
write_conf wrr >"$conf"
check "the mended configuration is read" dir elvs reload
check "and its service comes up" wait_for 8 "[ \"\$(in_table $VIP:81)\" = '10.1.0.11:80 10.1.0.12:80' ]"
is "and serves" "$(fetch_many 2 "http://$VIP:81/")" "1 rs1
1 rs2"
check "keepalived stops" service director stop
is "and nothing is left in the table" "$(dir ipvsadm -Sn)" ""
lab_end
