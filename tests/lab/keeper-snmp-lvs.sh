#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper-snmp-lvs - enable_snmp_checker: virtual and real servers by SNMP, beside what ipvsadm shows; notifications.
#
#   client --- router --- lan --- director: VIP:80 and a group, NAT, checked by keepalived; snmpd
#                             \-- rs1 nginx
#                              \- rs2 nginx
# Debian's keepalived has nothing to say here: it needs a kernel with IPVS. What ours says is held against the MIB.
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx

HERE=$(cd "$(dirname "$0")" && pwd)
R=$LAB_RUN
MIB=/usr/share/snmp/mibs/KEEPALIVED-MIB.txt
export SNMP_PERSISTENT_DIR=$R SNMPCONFPATH=$R MIBS=
K=1.3.6.1.4.1.9586.100.5

cat >"$R/keepalived.conf" <<-C
	global_defs {
	    router_id lab
	    script_user root
	    enable_script_security
	    snmp_socket unix:$R/agentx
	    enable_snmp_checker
	    enable_traps
	    snmp_vs_stats_update_interval 0.2
	    lvs_timeouts tcp 800 udp 200
	}
	virtual_server_group G {
	    $VIP 81
	    10.1.0.110-112 82
	    fwmark 7
	}
	virtual_server $VIP 80 {
	    delay_loop 0.3
	    lb_algo wrr
	    lb_kind NAT
	    protocol TCP
	    persistence_timeout 50
	    persistence_granularity 255.255.255.0
	    quorum 3
	    hysteresis 1
	    quorum_up "/usr/bin/true up"
	    snmp_name web
	    sorry_server 10.1.0.12 8080
	    real_server 10.1.0.11 80 {
	        weight 3
	        uthreshold 100
	        lthreshold 50
	        snmp_name first
	        notify_down "/usr/bin/true down"
	        TCP_CHECK {
	            connect_timeout 1
	            retry 0
	            warmup 0.1
	        }
	    }
	    real_server 10.1.0.12 80 {
	        weight 1
	        inhibit_on_failure
	        TCP_CHECK {
	            connect_timeout 2
	            retry 4
	            delay_before_retry 2
	            warmup 0.1
	        }
	    }
	}
	virtual_server group G {
	    delay_loop 5
	    lb_algo sh
	    lb_kind NAT
	    protocol TCP
	    sh-port
	    ha_suspend
	    omega
	    real_server 10.1.0.11 80 {
	    }
	}
C
cat >"$R/snmpd.conf" <<-C
	agentaddress udp:127.0.0.1:161
	master agentx
	agentxsocket unix:$R/agentx
	rocommunity all
	trap2sink 127.0.0.1:162 all
C
printf 'disableAuthorization yes\n' >"$R/trapd.conf"
lab_spawn director snmptrapd -f -C -c "$R/trapd.conf" -On -Lf "$R/traps" -F 'TRAP %v\n' -p "$R/trapd.pid" \
	udp:127.0.0.1:162
lab_spawn director snmpd -f -C -c "$R/snmpd.conf" -Lf "$R/snmpd.log" -p "$R/snmpd.pid" -I -smux
check "(the agent listens)" wait_for 15 "[ -S $R/agentx ]"
lab_spawn director keepalived -n -D -G "-g$R/log" -p "$R/k.pid" -r "$R/v.pid" -c "$R/c.pid" -b "$R/b.pid" \
	-f "$R/keepalived.conf"

get() { dir snmpget -v2c -c all -On -Oqv -t 2 127.0.0.1 "$K.$1" 2>&1 || true; }
# objects PATTERN...: NAME VALUE of all that there are, those that match
objects() {
	dir snmpwalk -v2c -c all -On -Oe -t 2 127.0.0.1 $K >"$R/walk"
	"$HERE/tools/snmp_walk.py" names "$R/walk" "$MIB" | grep -E -- "$1"
}
rs_up='[ "$(get 3.4.1.6.1.2)$(get 3.4.1.6.1.3)" = 11 ]'
check "both real servers are alive" wait_for 15 "$rs_up"

# ---- what is configured ----
is "groups and their members" "$(objects '^virtualServerGroup')" "$(cat <<-X
	virtualServerGroupName.1 "G"
	virtualServerGroupMemberType.1.1 2
	virtualServerGroupMemberType.1.2 3
	virtualServerGroupMemberType.1.3 1
	virtualServerGroupMemberFwMark.1.3 7
	virtualServerGroupMemberAddrType.1.1 1
	virtualServerGroupMemberAddrType.1.2 1
	virtualServerGroupMemberAddress.1.1 0A 01 00 64
	virtualServerGroupMemberAddr1.1.2 0A 01 00 6E
	virtualServerGroupMemberAddr2.1.2 0A 01 00 70
	virtualServerGroupMemberPort.1.1 81
	virtualServerGroupMemberPort.1.2 82
X
)"
is "the virtual servers" "$(objects '^virtualServer[^G]' | grep -vE 'Stats|Rate|Usec')" "$(cat <<-X
	virtualServerType.1 2
	virtualServerType.2 3
	virtualServerNameOfGroup.2 "G"
	virtualServerAddrType.1 1
	virtualServerAddress.1 0A 01 00 64
	virtualServerPort.1 80
	virtualServerProtocol.1 1
	virtualServerProtocol.2 1
	virtualServerLoadBalancingAlgo.1 2
	virtualServerLoadBalancingAlgo.2 8
	virtualServerLoadBalancingKind.1 1
	virtualServerLoadBalancingKind.2 1
	virtualServerStatus.1 1
	virtualServerStatus.2 1
	virtualServerPersist.1 1
	virtualServerPersist.2 2
	virtualServerPersistTimeout.1 50
	virtualServerPersistGranularity.1 FF FF FF 00
	virtualServerDelayLoop.1 0
	virtualServerHaSuspend.1 2
	virtualServerHaSuspend.2 1
	virtualServerAlpha.1 2
	virtualServerAlpha.2 2
	virtualServerOmega.1 2
	virtualServerOmega.2 1
	virtualServerRealServersTotal.1 2
	virtualServerRealServersTotal.2 1
	virtualServerRealServersUp.1 2
	virtualServerRealServersUp.2 1
	virtualServerQuorum.1 3
	virtualServerQuorum.2 1
	virtualServerQuorumStatus.1 1
	virtualServerQuorumStatus.2 1
	virtualServerQuorumUp.1 "'/usr/bin/true' 'up'"
	virtualServerHysteresis.1 1
	virtualServerHysteresis.2 0
	virtualServerOPS.1 2
	virtualServerOPS.2 2
	virtualServerHashed.1 2
	virtualServerHashed.2 2
	virtualServerSHFallback.1 2
	virtualServerSHFallback.2 2
	virtualServerSHPort.1 2
	virtualServerSHPort.2 1
	virtualServerSched3.1 2
	virtualServerSched3.2 2
	virtualServerActionWhenDown.1 1
	virtualServerActionWhenDown.2 1
	virtualServerRetry.1 0
	virtualServerDelayBeforeRetry.1 1
	virtualServerWarmup.1 0
	virtualServerWeight.1 1
	virtualServerWeight.2 1
	virtualServerSmtpAlert.1 2
	virtualServerSmtpAlert.2 2
	virtualServerMHFallback.1 2
	virtualServerMHFallback.2 2
	virtualServerMHPort.1 2
	virtualServerMHPort.2 2
	virtualServerName.1 "web"
X
)"
is "the real servers of one, the sorry server first" \
	"$(objects '^realServer.*\.1\.[123] ' | grep -vE 'Stats|Rate|Usec|SmtpAlert|Alpha')" "$(cat <<-X
	realServerType.1.1 2
	realServerType.1.2 1
	realServerType.1.3 1
	realServerAddrType.1.1 1
	realServerAddrType.1.2 1
	realServerAddrType.1.3 1
	realServerAddress.1.1 0A 01 00 0C
	realServerAddress.1.2 0A 01 00 0B
	realServerAddress.1.3 0A 01 00 0C
	realServerPort.1.1 8080
	realServerPort.1.2 80
	realServerPort.1.3 80
	realServerStatus.1.1 2
	realServerStatus.1.2 1
	realServerStatus.1.3 1
	realServerWeight.1.1 1
	realServerWeight.1.2 3
	realServerWeight.1.3 1
	realServerUpperConnectionLimit.1.1 0
	realServerUpperConnectionLimit.1.2 100
	realServerUpperConnectionLimit.1.3 0
	realServerLowerConnectionLimit.1.1 0
	realServerLowerConnectionLimit.1.2 50
	realServerLowerConnectionLimit.1.3 0
	realServerActionWhenDown.1.1 1
	realServerActionWhenDown.1.2 1
	realServerActionWhenDown.1.3 2
	realServerNotifyDown.1.2 "'/usr/bin/true' 'down'"
	realServerFailedChecks.1.1 0
	realServerFailedChecks.1.2 0
	realServerFailedChecks.1.3 0
	realServerForwardingMethod.1.1 1
	realServerForwardingMethod.1.2 1
	realServerForwardingMethod.1.3 1
	realServerRetry.1.2 0
	realServerRetry.1.3 4
	realServerDelayBeforeRetry.1.2 1
	realServerDelayBeforeRetry.1.3 2
	realServerWarmup.1.2 0
	realServerWarmup.1.3 0
	realServerDelayLoop.1.2 0
	realServerDelayLoop.1.3 0
	realServerName.1.2 "first"
X
)"
is "fractions of seconds" "$(objects 'Usec\.1')" "$(cat <<-X
	virtualServerDelayLoopUsec.1 300000
	virtualServerDelayBeforeRetrUsec.1 1000000
	virtualServerWarmupUsec.1 100000
	virtualServerConnTimeoutUsec.1 1000000
	realServerDelayBeforeRetryUsec.1.2 1000000
	realServerDelayBeforeRetryUsec.1.3 2000000
	realServerWarmupUsec.1.2 100000
	realServerWarmupUsec.1.3 100000
	realServerDelayLoopUsec.1.2 300000
	realServerDelayLoopUsec.1.3 300000
	realServerConnTimeoutUsec.1.2 1000000
	realServerConnTimeoutUsec.1.3 2000000
X
)"
is "timeouts and synchronisation" "$(objects '^lvs[ST]' | grep -v Flush)" "lvsSyncDaemonEnabled.0 2
lvsTimeoutTcp.0 800
lvsTimeoutUdp.0 200"

# ---- what is counted ----
fetch_many 12 http://$VIP/ >/dev/null
by_snmp() { for c in "${@:2}"; do get "3.$1.1.$c"; done | paste -sd' '; }
by_ipvsadm() { dir ipvsadm -Ln --stats --exact | awk -v s="$1" '$2 == s { print $3, $4, $5, $6, $7; exit }'; }
same='[ "$(by_snmp 3 38.1 39.1 40.1 30.1 31.1)" = "$(by_ipvsadm $VIP:80)" ]'
check "a virtual server's counters are those of ipvsadm" wait_for 10 "$same"
for rs in 1 2; do
	i=$((rs + 1))
	is "rs$rs's, too" "$(by_snmp 4 27.1.$i 28.1.$i 29.1.$i 20.1.$i 21.1.$i)" "$(by_ipvsadm 10.1.0.1$rs:80)"
done
is "someone has answered" "$(($(get 3.3.1.38.1) == 12))" 1
is "connections that are remembered" "$(($(by_snmp 4 15.1.2 16.1.2 15.1.3 16.1.3 | tr ' ' '+')))" \
	"$(dir ipvsadm -Ln | awk '/10.1.0.1[12]:80 / && !seen[$2]++ { n += $5 + $6 } END { print n }')"
check "each object is what the MIB declares" "$HERE/tools/snmp_walk.py" declared "$R/walk" "$MIB"

# ---- what happens ----
heard() { sed 's/\t/\n/g' "$R/traps" | grep -c -- "$1" || true; }
on rs1 iptables -I INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset
check "a real server that fails is dead" wait_for 15 '[ "$(get 3.4.1.6.1.2)" = 2 ]'
is "its check counts as failed" "$(get 3.4.1.13.1.2)" 1
is "one is up, no quorum" "$(get 3.3.1.21.1) $(get 3.3.1.23.1)" "1 2"
# told ALIVE-OR-DEAD: the real server, and the quorum, once each
told() { [ "$(heard "$K.3.4.1.6.1.2 = INTEGER: $1")" = 1 ] && [ "$(heard "$K.3.3.1.23.1 = INTEGER: $1")" = 1 ]; }
check "that is told" wait_for 15 'told 2'
is "with all that belongs to it" "$(grep -m1 "$K.3.5.0.1" "$R/traps" | tr '\t' '\n' | sed 1d)" "$(cat <<-X
	.1.3.6.1.6.3.1.1.4.1.0 = OID: .$K.3.5.0.1
	.$K.3.4.1.3.1.2 = INTEGER: 1
	.$K.3.4.1.4.1.2 = Hex-STRING: 0A 01 00 0B 
	.$K.3.4.1.5.1.2 = Gauge32: 80
	.$K.3.4.1.6.1.2 = INTEGER: 2
	.$K.3.3.1.2.1 = INTEGER: 2
	.$K.3.3.1.8.1 = INTEGER: 1
	.$K.3.3.1.21.1 = Gauge32: 1
	.$K.3.3.1.20.1 = Gauge32: 2
	.$K.1.2.0 = STRING: "lab"
X
)"
on rs1 iptables -D INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset
check "it returns" wait_for 15 "$rs_up"
check "and that is told" wait_for 15 'told 1'
lab_end
