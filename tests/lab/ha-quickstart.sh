#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ha-quickstart - two directors from one LVS.conf each, real servers from one command, and the drills of the tutorial,
# word for word: master stopped, returned, preempted; web server killed and returned; with requests all the time.
#
#   client --- router --- lan --- director  (MASTER, priority 200)   LVS.conf -> keepalived.conf
#                             \-- director2 (BACKUP, priority 100)
#                             \-- rs1 rs2: nginx, VIP on lo
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"

# start_director NAME TYPE PRIORITY: what somebody does on that machine
start_director() {
	machine "$1"
	lvs_conf "$2" "$3" >"$ETC/LVS.conf"
	check "$1: quickstart writes a configuration" ip netns exec "$LAB-$1" elvs quickstart "$ETC/LVS.conf" \
		--no-start --output "$ETC/keepalived/keepalived.conf"
	# the checks of a test need not take a minute
	sed -i 's/delay_loop 6/delay_loop 1/; s/connect_timeout 3/connect_timeout 1/; s/retry 3/retry 1/' \
		"$ETC/keepalived/keepalived.conf"
	check "$1: service keepalived start" service "$1" start
}

# drill KEY COMMAND...: requests while the command is carried out and until its effect is there; its condition is
# EFFECT
drill() {
	local key=$1
	shift
	DRILLS=$((DRILLS + 1))	# a client of its own each, that no port comes again whose connection is remembered
	lab_load "$key" -b 10.0.1.$DRILLS -f 20000 -n 40000 -c 4 -r 300 -T 8000 $VIP 80
	DRILL_PID=$LAST_PID
	lab_load_at 5 "$key" 100
	"$@" >/dev/null
	check "$key: $EFFECT_TEXT" wait_for 15 "$EFFECT"
	lab_load_at 10 "$key" $(($(cat "$LAB_RUN/$key.n") + 300))
	kill "$DRILL_PID"
	wait "$DRILL_PID" || true
	REPORT=$(cat "$LAB_RUN/$key")
	note "$key: $(value requests "$REPORT") requests, $(value failed "$REPORT") lost ($(awk '/^(refused|timeout|reset|short)/ && $2 { printf "%s %s " , $1, $2 }' <<<"$REPORT")), longest gap $(value gap_ms "$REPORT") ms"
}

DRILLS=0
lab_begin
lab_topology 2 router
lab_director_bare
lab_director_n 2
lab_nginx
for i in 1 2; do
	check "rs$i: quickstart --realserver" ip netns exec "$LAB-rs$i" elvs quickstart --realserver $VIP
done
start_director director MASTER 200
start_director director2 BACKUP 100
check "the master takes the VIP" wait_for 10 "has_vip director"
check "the backup does not" wait_for 15 "! has_vip director2"
check "both know both real servers" wait_for 15 "[ \$(servers_in director) = 2 ] && [ \$(servers_in director2) = 2 ]"
check "a client is served" wait_for 15 "[ \"\$(fetch http://$VIP/)\" != FAILED ]"
is "by both in turn" "$(fetch_many 8 "http://$VIP/")" "4 rs1
4 rs2"

EFFECT_TEXT="the backup takes over" EFFECT="has_vip director2 && ! has_vip director"
drill "service keepalived stop" service director stop
# A connection that is half open at that moment meets a director that does not know it: only synchronisation mends
# that.
within "next to no request is lost when the master is stopped" "$(value failed "$REPORT")" 0 2
within "and nobody waits" "$(value gap_ms "$REPORT")" 0 500
like "the log has the words people look for" "$(ka_log director2)" "\(VI_1\) Entering MASTER STATE"

EFFECT_TEXT="the master preempts" EFFECT="has_vip director && ! has_vip director2"
drill "service keepalived restart" service director restart
within "next to no request is lost when it comes back" "$(value failed "$REPORT")" 0 2
like "the other says so" "$(ka_log director2)" "\(VI_1\) Entering BACKUP STATE"

EFFECT_TEXT="the dead web server leaves ipvsadm -Ln" EFFECT="[ \$(servers_in director) = 1 ]"
drill "web server killed" lab_stop "${NGINX[rs1]}"
is "rs2 alone serves" "$(fetch_many 4 "http://$VIP/")" "4 rs2"
like "and the log says so" "$(ka_log director)" "Removing service \[10.1.0.11\]:tcp:80 from VS \[$VIP\]:tcp:80"
EFFECT_TEXT="it returns to ipvsadm -Ln" EFFECT="[ \$(servers_in director) = 2 ]"
drill "web server started" lab_nginx rs1
is "and serves again" "$(fetch_many 4 "http://$VIP/")" "2 rs1
2 rs2"
is "no request is lost when it returns" "$(value failed "$REPORT")" 0

# ---- changes ----
conf=$LAB_RUN/director/etc/keepalived/keepalived.conf
cp "$conf" "$LAB_RUN/first.conf"
sed -i 's/persistence_timeout=0/persistence_timeout=77/' "$LAB_RUN/director/etc/LVS.conf"
for n in 1 2; do
	check "quickstart with a keepalived that runs, $n" dir elvs quickstart "$LAB_RUN/director/etc/LVS.conf" --output "$conf"
done
like "has it reload" "$(dir ipvsadm -Sn)" "-t $VIP:80 -s rr -p 77"
check "what was there first is kept" cmp "$LAB_RUN/first.conf" "$conf.before-quickstart"
check "service keepalived reload" service director reload
sed -i 's/lb_algo rr/lb_algo none/' "$conf"
is "service keepalived reload with an error is refused" "$(service director reload >/dev/null 2>&1 && echo done)" ""

check "service keepalived stop leaves no service" service director stop
is "in the table" "$(dir ipvsadm -Sn)" ""
check "and no address" wait_for 15 "! has_vip director"
service director2 stop >/dev/null

# ---- elvs down while keepalived stops ----
service director start >/dev/null
check "once more" wait_for 15 "[ \$(servers_in director) = 2 ]"
pid=$(cat "$LAB_RUN/director/keepalived.pid")
vrrp=$(cat "$LAB_RUN/director/vrrp.pid")
kill -STOP "$vrrp" # so that its end takes as long as we like
kill "$pid"
check "elvs down --all while keepalived stops" dir elvs down --all
check "it notices" wait_for 5 "ka_log director | grep -q 'the director has gone'"
wait_for 2 '! kill -0 $pid' || true # time enough to look for another one
kill -CONT "$vrrp"
check "it ends" wait_for 15 '! kill -0 $pid'
like "and has not started a director of its own" "$(dir elvs status 2>&1 || true)" "director: none"
# the supervisor that was asked whether there is one goes when nobody wants anything of it
check "nor is a supervisor left" wait_for 10 "[[ \"\$(dir elvs status 2>&1 || true)\" == *'supervisor: not running'* ]]"
lab_end
