# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# demo_ha - the demo's chapters about keepalived: the drills of the tutorials, with requests running all the time.
# Sourced by demo.sh, after lib.sh and ha.sh.
#
#   client ---- router ---- lan ---- director  10.1.0.1
#                            \------ director2 10.1.0.2
#                            \------ director3 10.1.0.3 (chapter 11)
#                            \------ rs1 rs2 rs3

# drill WHAT CONDITION MAX_GAP_MS WHO COMMAND...: requests run, the command is carried out on that machine, the
# condition comes true; prints what was lost
drill() {
	local what=$1 condition=$2 max_gap=$3 who=$4 pid status=0
	shift 4
	DRILLS=$((${DRILLS:-0} + 1))
	lab_load "drill$DRILLS" -b 10.0.2.$((100 + DRILLS)) -f 20000 -n 40000 -c 4 -r 400 -T 8000 "$VIP" 80
	pid=$LAST_PID
	lab_load_at 10 "drill$DRILLS" 100
	printf '    %s%s#%s %s\n' "$DIM" "$who" "$OFF" "$*"
	"$@" >/dev/null 2>&1 || status=$?
	[ $status = 0 ] || expect "the command succeeds" "status $status" "status 0"
	wait_for 20 "$condition" && status=yes || status=no
	expect "$what" "$status" yes
	lab_load_at 10 "drill$DRILLS" $(($(cat "$LAB_RUN/drill$DRILLS.n") + 400))
	kill "$pid"
	wait "$pid" || true
	REPORT=$(cat "$LAB_RUN/drill$DRILLS")
	printf '      %s requests, %s lost, the longest time without an answer: %s ms\n' \
		"$(value requests "$REPORT")" "$(value failed "$REPORT")" "$(value gap_ms "$REPORT")"
	expect "no gap longer than $max_gap ms" \
		"$(awk -v g="$(value gap_ms "$REPORT")" -v m="$max_gap" \
			'BEGIN { print g <= m ? "none" : g " ms" }')" none
}

# ha_director NAME TYPE PRIORITY
ha_director() {
	machine "$1"
	lvs_conf "$2" "$3" >"$ETC/LVS.conf"
	printf '    %s%s#%s elvs quickstart LVS.conf      (type=%s priority=%s)\n' "$DIM" "$1" "$OFF" "$2" "$3"
	ip netns exec "$LAB-$1" elvs quickstart \
		"$ETC/LVS.conf" --no-start --output "$ETC/keepalived/keepalived.conf" \
		>"$LAB_RUN/$1/shown"
	[ "$1" != director ] || sed -n '/^vrrp_instance/,/^}/p; /^virtual_server/,/^}/p' "$LAB_RUN/$1/shown" |
		sed 's/^/      /'
	# a demo need not wait six seconds for a check; and shows the sorry server, too
	sed -i -e 's/delay_loop 6/delay_loop 1/; s/connect_timeout 3/connect_timeout 1/; s/retry 3/retry 1/' \
		-e "s/^\tprotocol TCP/&\n\tsorry_server 10.1.0.13 80/" "$ETC/keepalived/keepalived.conf"
	service "$1" start >/dev/null
}

demo_failover() {
	chapter "11. Two directors: master stopped, returned; web servers killed, returned (tutorial: LVS + keepalived)"
	say "One file and one command on each director, one command on each real server."
	ip -n "$LAB-director" addr del "$VIP/32" dev eth0 2>/dev/null || true
	ip -n "$LAB-director" addr del "$VIP6/128" dev eth0 2>/dev/null || true
	lab_gateway router
	lab_director_n 2
	for i in 1 2 3; do show "rs$i" elvs quickstart --realserver "$VIP"; done
	ha_director director MASTER 200
	ha_director director2 BACKUP 100
	wait_for 10 "has_vip director && [ \$(servers_in director) = 2 ]" || true
	show director ip -brief addr show dev eth0
	show director ipvsadm -Ln
	expect "the master has the address, the backup has not" \
		"$(has_vip director && echo yes || echo no) $(has_vip director2 && echo yes || echo no)" "yes no"
	drill "the backup takes over" "has_vip director2 && ! has_vip director" 3000 director service director stop
	drill "the master preempts" "has_vip director && ! has_vip director2" 3000 director service director restart
	drill "the dead web server leaves ipvsadm -Ln" "[ \$(servers_in director) = 1 ]" 3500 rs1 lab_stop \
		"${NGINX[rs1]}"
	show director ipvsadm -Ln
	printf '    %srs2#%s nginx -s stop\n' "$DIM" "$OFF"
	lab_stop "${NGINX[rs2]}"
	expect "none is left: the sorry server stands in" \
		"$(wait_for 10 "[ \"\$(fetch http://$VIP/)\" = rs3 ]" && echo yes)" yes
	show director elvs status
	drill "both return" \
		"[ \$(servers_in director) = 2 ] && [ \$(fetch http://$VIP/) != rs3 ]" 3000 rs1 lab_nginx rs1 rs2
	for i in director director2; do service $i stop >/dev/null; done
	for i in 1 2 3; do show "rs$i" elvs realserver stop "$VIP"; done
	show director ipvsadm -Ln
}

# ha_node NAME SEED PRIORITY: the three-node tutorial's own files
ha_node() {
	three_nodes_files "$1" "$2" "$3"
	sed -i 's/persistence_timeout 50//' "$ETC/keepalived/keepalived.conf"
	ip netns exec "$LAB-$1" bash "$ETC/realserver" start >/dev/null
	service "$1" start >/dev/null
}

demo_three_nodes() {
	local n
	chapter "12. Three machines, each director and web server at once (tutorial: three nodes)"
	say "The VIP is on lo of all three and on eth0 of the master. What the master forwards, the others must serve," \
		"not schedule again: the classic loop."
	lab_director_n 3
	lab_nginx director director2 director3
	ha_node director master 50
	ha_node director2 backup 30
	ha_node director3 backup 20
	wait_for 10 "has_vip director && [ \$(servers_in director) = 3 ]" || true
	show director ipvsadm -Ln
	requests 300 6 "$VIP" 80
	expect "every request was answered" "failed $(value failed "$REPORT")" "failed 0"
	expect "by all three" "$(shares "$REPORT" | tr ' ' '\n' | sed 's/=.*//' | sort | paste -sd' ')" \
		"director director2 director3"
	drill "keepalived stopped on the master: the second takes over" \
		"has_vip director2 && ! has_vip director" 3000 \
		director service director stop
	drill "its web server killed: it leaves the table" "[ \$(servers_in director2) = 2 ]" 3500 director2 \
		lab_stop "${NGINX[director2]}"
	drill "the master returns and preempts" "has_vip director && ! has_vip director2" 3000 director \
		service director start
	for n in director director2 director3; do service $n stop >/dev/null; done
}
