#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo - the walk-throughs of the LVS tutorials, on real packets, as a report: what was done, what was seen, what it
# means. Ends with status 1 when anything was not as it should be; leaves nothing behind, also on Ctrl-C.
# HOOK=tc shows the same on TC instead of XDP.
#
#   client 10.0.0.2 ---- router ---- lan ---- director 10.1.0.1, VIP 10.1.0.100 and fd00:1::100
#                                     \------ rs1 rs2 rs3: nginx on 10.1.0.11, .12, .13
export WIRE=${WIRE:-nic}
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
. "$(dirname "$0")/demo_ha.sh"

DEMO_STEPS=0
DEMO_WRONG=0
if [ -t 1 ]; then BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' DIM=$'\e[2m' OFF=$'\e[0m'
else BOLD='' RED='' GREEN='' DIM='' OFF=''; fi

chapter() { printf '\n%s%s%s\n' "$BOLD" "$*" "$OFF"; }
say() { printf '%s\n' "$*" | fold -sw 110 | sed 's/^/  /'; }

# show NAME COMMAND...: a command as typed on that machine, and what it printed
show() {
	local who=$1 status=0 out
	shift
	printf '    %s%s#%s %s\n' "$DIM" "$who" "$OFF" "$*"
	out=$(ip netns exec "$LAB-$who" "$@" 2>&1) || status=$?
	[ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/      /'
	[ $status = 0 ] || expect "the command succeeds" "status $status" "status 0"
}

# expect SENTENCE GOT WANTED
expect() {
	DEMO_STEPS=$((DEMO_STEPS + 1))
	if [ "$2" = "$3" ]; then
		printf '  %s✔%s %s\n' "$GREEN" "$OFF" "$1"
	else
		DEMO_WRONG=$((DEMO_WRONG + 1))
		printf '  %s✘ %s%s\n      wanted: %s\n      seen:   %s\n' "$RED" "$1" "$OFF" "$3" "$2"
	fi
}

# requests COUNT CONCURRENCY ADDRESS PORT [OPTION...]: sets REPORT; prints the distribution as bars.
# Each call comes from a client address of its own: behind NAT the same client port towards two services of one server
# would be the same connection to that server, with any NAT.
DEMO_CLIENT=0
requests() {
	local n=$1 c=$2 to=$3 port=$4 from
	shift 4
	DEMO_CLIENT=$((DEMO_CLIENT + 1))
	case $to in
	*:*) from=fd00:0:0:1::$DEMO_CLIENT ;;
	*) from=10.0.2.$DEMO_CLIENT ;;
	esac
	REPORT=$(load -n "$n" -c "$c" -b "$from" "$@" "$to" "$port") || true
	printf '    %sclient#%s %s requests to %s port %s, %s at once%s\n' "$DIM" "$OFF" "$n" "$to" "$port" "$c" \
		"${*:+ ($*)}"
	awk -v n="$n" '$1 == "server" { bar = sprintf("%*s", $3 * 50 / n, ""); gsub(/ /, "#", bar)
				       printf "      %-4s %6d  %s\n", $2, $3, bar }' <<<"$REPORT" | sort
}
all_answered() {
	expect "every request was answered, no segment was sent twice" \
		"failed $(value failed "$REPORT"), sent again $(value retransmits "$REPORT")" "failed 0, sent again 0"
}
turns() { local i; for ((i = 0; i < $1; i++)); do fetch "$2"; done | paste -sd' '; }

demo_nat() {
	chapter "1. NAT: the director rewrites both ways (tutorial: VS/NAT)"
	say "Three real servers, their default gateway is the director. Nothing of elvs runs yet; the first ipvsadm" \
		"starts it."
	show director ipvsadm -A -t $VIP:80 -s rr
	for i in 1 2 3; do show director ipvsadm -a -t $VIP:80 -r 10.1.0.1$i:80 -m; done
	show client curl -s http://$VIP/
	expect "round robin, newest server first, as IPVS does it" "$(turns 6 http://$VIP/)" "rs2 rs1 rs3 rs2 rs1 rs3"
	show director ipvsadm -Ln
	show director ipvsadm -Lnc
	say "Meaning: both directions pass the director; each connection is in its table, in the state TCP is in."
}

demo_portmap() {
	chapter "2. Port mapping: VIP:8000 is port 8080 of the real servers"
	show director ipvsadm -A -t $VIP:8000 -s rr
	for i in 1 2 3; do show director ipvsadm -a -t $VIP:8000 -r 10.1.0.1$i:8080 -m; done
	expect "the mapped port answers" "$(turns 3 http://$VIP:8000/)" "rs3 rs2 rs1"
	show director ipvsadm -Ln -t $VIP:8000
}

demo_schedulers() {
	chapter "3. Schedulers: rr, then sh, then wlc, 1,000 requests each; weights 1, 2, 3"
	for i in 1 2 3; do show director ipvsadm -e -t $VIP:80 -r 10.1.0.1$i:80 -m -w $i; done
	requests 999 10 $VIP 80
	all_answered
	expect "rr: equal shares, whatever the weights" "$(shares "$REPORT")" "rs1=333 rs2=333 rs3=333"

	show director ipvsadm -E -t $VIP:80 -s sh
	requests 1000 10 $VIP 80
	all_answered
	expect "sh: one client always meets the same server" "$(grep -c '^server' <<<"$REPORT")" 1
	requests 1000 10 $VIP 80 -b 10.0.1.0 -s 200
	expect "sh: 200 clients spread over all three" "$(grep -c '^server' <<<"$REPORT")" 3

	show director ipvsadm -E -t $VIP:80 -s wlc
	requests 1000 10 $VIP 80
	all_answered
	say "wlc weighs all connections, those of rr and sh before it included. On a fresh service it shows its own face:"
	show director ipvsadm -A -t $VIP:81 -s wlc
	for i in 1 2 3; do show director ipvsadm -a -t $VIP:81 -r 10.1.0.1$i:80 -m -w $i; done
	requests 1000 1 $VIP 81
	all_answered
	expect "wlc: connections in proportion to the weights" "$(shares "$REPORT" | awk -F'[= ]' \
		'{ print ($2 >= 160 && $2 <= 174 && $4 >= 326 && $4 <= 340 && $6 >= 492 && $6 <= 508) ? "1 : 2 : 3" : $0 }')" \
		"1 : 2 : 3"
	say "Meaning: the data plane itself schedules; changing the scheduler of a live service takes effect with the" \
		"next connection."
}

demo_outage() {
	chapter "4. A real server stops; it is taken out by hand"
	show director ipvsadm -E -t $VIP:80 -s rr
	printf '    %srs2#%s nginx -s stop\n' "$DIM" "$OFF"
	lab_stop "${NGINX[rs2]}"
	requests 300 6 $VIP 80
	expect "a third of the requests meets the dead server: IPVS itself checks no health" \
		"$(value refused "$REPORT") refused of 300" "100 refused of 300"
	show director ipvsadm -d -t $VIP:80 -r 10.1.0.12:80
	requests 300 6 $VIP 80
	all_answered
	printf '    %srs2#%s nginx\n' "$DIM" "$OFF"
	lab_nginx rs2
	show director ipvsadm -a -t $VIP:80 -r 10.1.0.12:80 -m
	requests 300 6 $VIP 80
	all_answered
	expect "and it has its share again" "$(shares "$REPORT")" "rs1=100 rs2=100 rs3=100"
}

demo_ipv6() {
	chapter "5. IPv6"
	show director ipvsadm -A -t "[$VIP6]:80" -s rr
	for i in 1 2 3; do show director ipvsadm -a -t "[$VIP6]:80" -r "[fd00:1::1$i]:8080" -m; done
	expect "NAT over IPv6, port mapped as well" "$(turns 3 "http://[$VIP6]/")" "rs3 rs2 rs1"
	requests 600 8 $VIP6 80
	all_answered
}

demo_marks() {
	chapter "6. Firewall marks: several ports as one service, with one persistence (tutorial: -f)"
	show director iptables -t mangle -A PREROUTING -d $VIP -p tcp -m multiport --dports 8080,80 -j MARK --set-mark 10
	show director ipvsadm -C
	show director ipvsadm -A -f 10 -s rr -p 60
	for i in 1 2 3; do show director ipvsadm -a -f 10 -r 10.1.0.1$i -m; done
	expect "a client's two ports go to the same server" \
		"$(cseq -q -b 10.0.1.9 $VIP 80)" "$(cseq -q -b 10.0.1.9 $VIP 8080)"
	requests 600 8 $VIP 80
	all_answered
	show director ip rule
	say "Meaning: a mark is known only after netfilter has seen the packet; the rules bring it back to the data plane."
	show director iptables -t mangle -F
	show director ipvsadm -C
	expect "with the last such service they are gone" "$(dir ip rule | head -1 | tr '\t' ' ')" "0: from all lookup local"
}

demo_dr() {
	chapter "7. DR: only the MAC address changes (tutorial: VS/DR)"
	say "The real servers get the VIP on lo and keep quiet about it in ARP; their gateway is the router again."
	show director ipvsadm -C
	lab_gateway router
	for i in 1 2 3; do show "rs$i" elvs realserver start $VIP $VIP6; done
	show director ipvsadm -A -t $VIP:80 -s rr
	for i in 1 2 3; do show director ipvsadm -a -t $VIP:80 -r 10.1.0.1$i -g; done
	expect "each server in turn" "$(turns 3 http://$VIP/)" "rs3 rs2 rs1"
	requests 999 10 $VIP 80
	all_answered
	show director ipvsadm -Ln --stats
	expect "no answer passed the director" "OutPkts $(service_count "-t $VIP:80" 3)" "OutPkts 0"
	for i in 1 2 3; do show "rs$i" elvs realserver stop $VIP $VIP6; done
	expect "the real servers are as they were before" \
		"$(on rs1 ip -o addr show dev lo | grep -c "$VIP" || true)" 0
}

demo_tun() {
	chapter "8. TUN: the packet travels in a second IP packet (tutorial: VS/TUN)"
	say "The real servers take the outer header off with a small program of ours; no ipip module is needed."
	show director ipvsadm -C
	for i in 1 2 3; do show "rs$i" elvs realserver start $VIP --tunnel; done
	show director ipvsadm -A -t $VIP:80 -s rr
	for i in 1 2 3; do show director ipvsadm -a -t $VIP:80 -r 10.1.0.1$i -i; done
	expect "each server in turn" "$(turns 3 http://$VIP/)" "rs3 rs2 rs1"
	requests 999 10 $VIP 80
	all_answered
	head -c 2000000 /dev/urandom >"$LAB_RUN/www/big"
	on client curl -sS -m 20 -T "$LAB_RUN/www/big" http://$VIP/up/f || true
	expect "2 MB go up whole, although a full-sized packet does not fit with its second header" \
		"$(cat "$LAB_RUN"/rs*/up/f | md5sum)" "$(md5sum <"$LAB_RUN/www/big")"
	show client ip route get $VIP
	say "Meaning: the director answered the first packet that was too big with 'fragmentation needed'; the client" \
		"sends smaller ones since."
	for i in 1 2 3; do show "rs$i" elvs realserver stop $VIP; done
}

demo_kill() {
	local pids
	chapter "9. kill -9 in the middle of 10,000 requests"
	say "All state is in the kernel. Without its daemon the data plane goes on: it schedules, tracks, expires."
	show director ipvsadm -C
	lab_gateway director
	show director ipvsadm -A -t $VIP:80 -s rr
	for i in 1 2 3; do show director ipvsadm -a -t $VIP:80 -r 10.1.0.1$i:80 -m; done
	lab_load run -b 10.0.2.100 -f 20000 -n 10000 -c 16 -r 2500 $VIP 80
	lab_load_at 20 run 3000
	show director ipvsadm -Ln
	pids=$(lab_daemons "$ELVS_RUN_DIR" | paste -sd' ')
	printf '    %sdirector#%s kill -9 %s    (elvsd, all of it; %s requests done)\n' "$DIM" "$OFF" "$pids" \
		"$(cat "$LAB_RUN/run.n")"
	lab_kill_daemons "$ELVS_RUN_DIR"
	printf '      no elvsd is running; %s requests done\n' "$(cat "$LAB_RUN/run.n")"
	wait "$LAST_PID" || true
	REPORT=$(cat "$LAB_RUN/run")
	expect "no daemon came back by itself" "$(lab_daemons "$ELVS_RUN_DIR")" ""
	expect "10,000 requests, zero failures" \
		"$(value requests "$REPORT") requests, $(value failed "$REPORT") failed" \
		"10000 requests, 0 failed"
	expect "not one packet was lost" "$(value retransmits "$REPORT") sent again" "0 sent again"
	say "The next command starts the daemon again; it adopts what it finds."
	show director ipvsadm -Ln --stats
	expect "services and counters are all there" "$(service_count "-t $VIP:80" 1) connections" "10000 connections"
}

demo_down() {
	chapter "10. elvs down"
	show director elvs status
	show director elvs down
	expect "no program is left on the interface" "$(dir ip -d link show eth0 | grep -c 'prog/xdp' || true)" 0
	expect "the VIP is an ordinary address again" "$(cseq -q -T 1500 $VIP 80)" REFUSED
}

lab_begin
started=$SECONDS
printf '%selvs: the tutorials of LVS, on %s%s\n' "$BOLD" "$([ "$HOOK" = tc ] && echo TC || echo XDP)" "$OFF"
say "Machines are network namespaces: client, router, director, three real servers with nginx, a bridged LAN." \
	"Every packet below is a real one."
lab_topology 3 director
lab_nginx
demo_nat
demo_portmap
demo_schedulers
demo_outage
demo_ipv6
demo_marks
demo_dr
demo_tun
demo_kill
demo_down
demo_failover
demo_three_nodes
lab_cleanup
trap - EXIT
chapter "13. What is left"
expect "no namespace, no process, no pin, no file" "$(lab_leftovers "$LAB" "$LAB_RUN")" ""
printf '\n%s%d of %d as it should be%s, in %d seconds\n' "$BOLD" $((DEMO_STEPS - DEMO_WRONG)) $DEMO_STEPS "$OFF" \
	$((SECONDS - started))
[ $DEMO_WRONG = 0 ]
