#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper-snmp - enable_snmp_*: the same configuration under Debian's keepalived and under ours, each with an snmpd of
# its own, walked and compared object by object; notifications; a role that is killed, an snmpd that is restarted.
#
#   n1: Debian's keepalived -- AgentX -- snmpd -- snmpwalk, snmptrapd      n2: ours, likewise
#   both: e0 10.1.0.1, e1 10.2.0.1, no neighbours, the same MAC addresses
# keeper-snmp.conf is what both get, keeper-snmp.differences what may differ, and why.
. "$(dirname "$0")/vrrplib.sh"
lab_begin
HERE=$(cd "$(dirname "$0")" && pwd)
R=$LAB_RUN
FILES=(/usr/share/snmp/mibs/{KEEPALIVED,VRRP,VRRPv3}-MIB.txt)
export SNMP_PERSISTENT_DIR=$R SNMPCONFPATH=$R MIBS=
K=1.3.6.1.4.1.9586.100.5

node_make() {
	local i
	lab_namespace "$1"
	for i in 0 1; do
		ip -n "$LAB-$1" link add "e$i" address "02:00:00:00:00:0$i" type veth peer name "p$i"
		ip -n "$LAB-$1" link set "p$i" up
		ip -n "$LAB-$1" addr add "10.$((i + 1)).0.1/24" dev "e$i"
		ip -n "$LAB-$1" link set "e$i" up
	done
	mkdir -p "$R/$1"
	sed "s,DIR,$R/$1," "$HERE/keeper-snmp.conf" >"$R/$1.conf"
	cat >"$R/$1/snmpd.conf" <<-C
		agentaddress udp:127.0.0.1:161
		master agentx
		agentxsocket unix:$R/$1/agentx
		rwcommunity all
		trap2sink 127.0.0.1:162 all
	C
	printf 'disableAuthorization yes\n' >"$R/$1/trapd.conf"
	lab_spawn "$1" snmptrapd -f -C -c "$R/$1/trapd.conf" -On -Lf "$R/$1/traps" -F 'TRAP %v\n' \
		-p "$R/$1/trapd.pid" udp:127.0.0.1:162
}
snmpd_start() {
	lab_spawn "$1" snmpd -f -C -c "$R/$1/snmpd.conf" -Lf "$R/$1/snmpd.log" -p "$R/$1/snmpd.pid" -I -smux
	SNMPD=$LAST_PID # the last one
}
get() { on "$1" snmpget -v2c -c all -On -Oqv -t 2 127.0.0.1 "$K.$2" 2>&1 || true; }
walk() {
	local o
	for o in $K 1.3.6.1.2.1.68 1.3.6.1.2.1.207; do
		on "$1" snmpwalk -v2c -c all -On -Oe -t 2 127.0.0.1 "$o"
	done
}
role() { ask '{"verb":"status"}' | jq -r '.roles[] | select(.name == "snmp").pid'; }
# masters NODE: all instances are, by SNMP
masters() {
	local i
	for i in 1 2 3 4 5; do [ "$(get "$1" "2.3.1.4.$i")" = 2 ] || return 1; done
}
# traps NODE: OID, and the values that say what of
traps() {
	sed -n 's/^TRAP //p' "$R/$1/traps" | tr '\t' '\n' | awk -v k=".$K." '
		function end() { if (t != "") print t, v; t = v = "" }
		/^\.1\.3\.6\.1\.2\.1\.1\.3\.0/ { end(); next }
		/^\.1\.3\.6\.1\.6\.3\.1\.1\.4\.1\.0/ { t = $NF; sub(k, "K.", t); next }
		{ sub(/^[^=]* = [A-Za-z0-9-]*: /, ""); v = v " " $0 }
		END { end() }'
}

node_make n1
node_make n2
snmpd_start n1
snmpd_start n2
check "(both agents listen)" wait_for 15 "[ -S $R/n1/agentx ] && [ -S $R/n2/agentx ]"
node_start n1 debian
node_start n2 ours
check "Debian's keepalived has five masters" wait_for 20 'masters n1'
check "ours has them" wait_for 20 'masters n2'

# ---- object by object ----
# the garp delay, preempt delay and statistics settle
alike() { [ "$(get n1 "$1")" = "$(get n2 "$1")" ]; }
check "(both count alike)" wait_for 10 'alike 2.9.1.6.2 && alike 2.3.1.8.1'
walk n1 >"$R/theirs"
walk n2 >"$R/ours"
check "what may differ differs, and nothing else" "$HERE/tools/snmp_walk.py" compare "$R/theirs" "$R/ours" \
	"$HERE/keeper-snmp.differences" "${FILES[@]}"
check "each of ours is what the MIB declares" "$HERE/tools/snmp_walk.py" declared "$R/ours" "${FILES[@]}"
on n2 snmpbulkwalk -v2c -c all -On -Oe -t 2 -Cr40 127.0.0.1 $K.2.6 >"$R/bulk"
is "a bulk walk finds what single steps find" "$(cat "$R/bulk")" "$(grep "^\.$K\.2\.6\." "$R/ours")"
like "nothing can be written" "$(on n2 snmpset -v2c -c all -On 127.0.0.1 $K.2.3.1.7.1 i 99 2>&1 || true)" notWritable

# ---- the process ----
status=$(cat "/proc/$(role)/status")
unlike "its process is not root's" "$status" $'^Uid:\t0'
like "it has no capabilities" "$status" $'^CapEff:\t0000000000000000'
like "and a filter of system calls" "$status" $'^Seccomp:\t2'
note "resident: $(awk '/^(Rss|Pss|Private_Dirty)/ { printf "%s %s kB  ", $1, $2 }' "/proc/$(role)/smaps_rollup")"

# ---- notifications ----
ttl_errors() { on n2 snmpget -v2c -c all -On -Oqv -t 2 127.0.0.1 1.3.6.1.2.1.68.2.4.1.5.3.51 2>&1 || true; }
is "(no advert was wrong so far)" "$(ttl_errors)" 0
on n2 python3 "$HERE/tools/vrrp_forge.py" p0 10.1.0.77 3 ttl
for n in n1 n2; do on $n python3 "$HERE/tools/vrrp_forge.py" p0 10.1.0.78 1 good; done # another password
check "adverts that came from afar are counted" wait_for 5 '[ "$(ttl_errors)" = 3 ]'
check "both have told of their masters" wait_for 15 '[ "$(traps n1 | grep -c "^K.2.10.0.2 .* 2 ")" -ge 5 ] &&
	[ "$(traps n2 | grep -c "^K.2.10.0.2 .* 2 ")" -ge 5 ]'
for n in n1 n2; do ip -n "$LAB-$n" link set p1 down; done
check "both tell of the fault" wait_for 15 '[ "$(traps n1 | grep -c "^K.2.10.0.[12] .* 3 ")" -ge 3 ] &&
	[ "$(traps n2 | grep -c "^K.2.10.0.[12] .* 3 ")" -ge 3 ]'
for n in n1 n2; do ip -n "$LAB-$n" link set p1 up; done
check "(all are masters again)" wait_for 20 'masters n1 && masters n2'
same_traps() { [ "$(traps n1 | grep "$1" | sort)" = "$(traps n2 | grep "$1" | sort)" ]; }
check "the notifications are the same" wait_for 15 'same_traps ^K'
check "those of new masters in the RFCs' MIBs, too" wait_for 15 'same_traps "^\.1\.3\.6\.1\.2\.1\.\(68\|207\)\.0\.1 "'
proto_errors() { traps n2 | grep '^\.1\.3\.6\.1\.2\.1\.207\.0\.2 '; }
failures() { traps "$1" | grep '^\.1\.3\.6\.1\.2\.1\.68\.0\.2 '; }
check "a wrong password is told of, and whose" wait_for 15 \
	'[ -n "$(failures n1)" ] && [ "$(failures n1)" = "$(failures n2)" ]'
check "the wrong adverts are told of" wait_for 15 '[ "$(proto_errors)" = ".1.3.6.1.2.1.207.0.2  1" ]'

# ---- ends ----
before=$(states n2 VA)
pid=$(role)
kill -KILL "$pid"
check "a role that is killed is there again" wait_for 15 '[ -n "$(role)" ] && [ "$(role)" != '"$pid"' ] && masters n2'
lab_stop "$SNMPD"
refused='no session with .*: \(Connection refused\|No such file\)'
check "(it has been looked for again)" wait_for 15 'grep -q "$refused" $R/n2.log'
snmpd_start n2
check "an agent that was started again has us again" wait_for 20 'masters n2'
is "that it was missing is said once" "$(grep -c "$refused" "$R/n2.log")" 1
is "no instance has noticed" "$(states n2 VA)" "$before"
sed -i.all '/enable_snmp/d' "$R/n2.conf"
kill -HUP "$(node_pid n2)"
check "without its words the role ends" wait_for 15 '[ -z "$(role)" ]'
like "and the objects are gone" "$(get n2 2.3.1.4.1)" 'No Such'
mv "$R/n2.conf.all" "$R/n2.conf"
kill -HUP "$(node_pid n2)"
check "with them it is back" wait_for 15 'masters n2'
# ended NODE: notifications of shutdown
ended() { traps "$1" | grep '^K\.2\.10\.0\.2 .* 5 ' | sort; }
node_stop n1
node_stop n2
check "the end is told of, too" wait_for 15 '[ "$(ended n1 | wc -l)" = 5 ] && [ "$(ended n1)" = "$(ended n2)" ]'
lab_end
