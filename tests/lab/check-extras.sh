#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-extras - the words that keepalived does not have, from keepalived.conf to the director's table: weights that
# the server says itself, fall and rise, slow_start, drain, total_timeout, via_vip through a tunnel, one check for two
# services.
#
#   client --- router --- lan --- director: keepalived, a virtual server for each word, by DR; VIP 10.1.0.101 by TUN
#                             \-- rs1: nginx, elvs realserver agent, a web server that trickles
#                             \-- rs2: nginx
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
TUNVIP=10.1.0.101
lab_begin
lab_topology 2 router
lab_nginx
for i in 1 2; do ip -n "$LAB-rs$i" addr add $VIP/32 dev lo; done
dir ip addr add $TUNVIP/32 dev eth0

here=$LAB_RUN/checked
mkdir -p "$here"
echo good >"$here/mode"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -keyout "$here/key.pem" -out "$here/cert.pem" \
	2>/dev/null
lab_spawn rs1 python3 "$LAB_TOP/tests/lab/tools/checked.py" "$here"
wait_for 10 "[ -e '$here/ready' ]"

# The agent gets a load that we write: this machine's own is nobody's business here.
cat >"$LAB_RUN/load.c" <<-'C'
	#include <stdio.h>
	#include <stdlib.h>
	int getloadavg(double *load, int n)
	{
		FILE *f = fopen(getenv("LAB_LOAD"), "re");
		if (!f || fscanf(f, "%lf", load) != 1)
			abort();
		fclose(f);
		return 1;
	}
C
cc -shared -fPIC -o "$LAB_RUN/load.so" "$LAB_RUN/load.c"
# load_is SHARE: of each CPU
load_is() {
	jq -n "$1 * $(getconf _NPROCESSORS_ONLN)" >"$LAB_RUN/load.new" && mv "$LAB_RUN/load.new" "$LAB_RUN/load"
}
load_is 0
lab_spawn rs1 env LD_PRELOAD="$LAB_RUN/load.so" LAB_LOAD="$LAB_RUN/load" elvs realserver agent \
	--drain-file "$LAB_RUN/drain"

# SCRIPT NAME: takes its exit status from $LAB_RUN/NAME.todo, one a run; the last one stays
cat >"$LAB_RUN/script" <<-SH
	#!/bin/sh
	cd $LAB_RUN
	read -r status rest <\$1.todo
	[ -z "\$rest" ] || { echo "\$rest" >\$1.new && mv \$1.new \$1.todo; }
	exit "\$status"
SH
chmod 755 "$LAB_RUN/script"
todo() { echo "$2" >"$LAB_RUN/$1.then" && mv "$LAB_RUN/$1.then" "$LAB_RUN/$1.todo"; }
todo weight 42
todo calm 0
todo slow 0

fast="connect_timeout 1
	retry 0
	warmup 0"
misc() {
	printf '%s\n' "MISC_CHECK {" "misc_path \"$LAB_RUN/script $1\"" "misc_timeout 3" "retry 0" "warmup 0" \
		"${@:2}" "}"
}

# service PORT LINES-OF-SERVICE CHECK [N] [VIP] [METHOD]: a virtual server with rsN
service_block() {
	printf '%s\n' "virtual_server ${5:-$VIP} $1 {" "delay_loop 0.3" "lvs_sched rr" "lvs_method ${6:-DR}" \
		"protocol TCP" "$2" \
		"real_server 10.1.0.1${4:-1} $1 {" "weight 100" "$3" "}" "}"
}
machine director
conf=$ETC/keepalived/keepalived.conf
write_conf() {	# whether rs2 is one of VIP:80
	printf '%s\n' "global_defs {" "router_id LAB" "script_user root" "lvs_timeouts tcpfin 2" "}"
	printf '%s\n' "virtual_server $VIP 80 {" "delay_loop 0.3" "lvs_sched rr" "lvs_method DR" \
		"protocol TCP" drain \
		"real_server 10.1.0.11 80 {" "TCP_CHECK {" "$fast" "}" "}"
	[ "$1" = no ] || printf '%s\n' "real_server 10.1.0.12 80 {" "TCP_CHECK {" "$fast" "}" "}"
	echo "}"
	service_block 8001 "" "AGENT_CHECK {
		$fast
		connect_port 8777
	}"
	service_block 8002 "" "$(misc weight misc_dynamic)"
	service_block 8003 "" "$(misc calm 'fall 3' 'rise 2')"
	service_block 8004 "slow_start 4" "$(misc slow)"
	service_block 8005 "inhibit_on_failure" "$(misc calm2)"
	service_block 8082 "" "HTTP_GET {
		$fast
		total_timeout 1.5
		url {
			path /
		}
	}"
	# asked at the virtual address, through a tunnel
	service_block 8080 "" "TCP_CHECK {
		$fast
		via_vip
	}" 2 $TUNVIP TUN
	# two services that ask the same of the same server
	for port in 8101 8102; do
		service_block $port "" "TCP_CHECK {
			$fast
			delay_loop 0.5
			connect_port 8080
		}" 2
	done
}
todo calm2 0
on rs2 nft -f - <<-NFT
	table ip count {
		counter asked80 {}
		counter asked8080 {}
		chain in {
			type filter hook input priority 0;
			ip daddr 10.1.0.12 tcp flags & (syn | ack) == syn tcp dport 80 counter name asked80
			ip daddr 10.1.0.12 tcp flags & (syn | ack) == syn tcp dport 8080 counter name asked8080
		}
	}
NFT
asked() { on rs2 nft -j list counter ip count "asked$1" | jq '.nftables[] | .counter? // empty | .packets'; }

write_conf yes >"$conf"
check "keepalived starts" service director start

# weight PORT [N] [VIP]: of rsN in the table, "-" when it is not there
weight() {
	dir ipvsadm -Ln | awk -v s="${3:-$VIP}:$1" -v r="10.1.0.1${2:-1}:$1" '/^TCP/ { on = $2 == s }
		on && $1 == "->" && $2 == r { w = $4 } END { print w == "" ? "-" : w }'
}
# weighs TEXT WEIGHT PORT [N] [VIP]
weighs() {
	wait_for 12 "[ \"\$(weight $3 ${4:-1} ${5:-$VIP})\" = '$2' ]" >/dev/null || true
	is "$1" "$(weight "$3" "${4:-1}" "${5:-$VIP}")" "$2"
}
# how_often TEXT: how many lines of the log have it
how_often() { ka_log director | grep -cE -- "$1" || true; }
done_with() { wait_for 10 "[ \"\$(wc -w <'$LAB_RUN/$1.todo')\" = 1 ]"; }

# ---- weights that the server says ----
weighs "AGENT_CHECK: an idle server has its whole weight" 100 8001
load_is 0.6
weighs "AGENT_CHECK: with load 0.6 a CPU it has 40 %" 40 8001
touch "$LAB_RUN/drain"
weighs "AGENT_CHECK: a server that drains has weight 0" 0 8001
rm "$LAB_RUN/drain"
load_is 0.25
weighs "AGENT_CHECK: and then what it can carry" 75 8001
weighs "misc_dynamic: exit status 42 is weight 40" 40 8002
todo weight 102
weighs "misc_dynamic: 102 is 100" 100 8002
todo weight 1
weighs "misc_dynamic: 1 is failure" - 8002

# ---- one check, two services: every 0.5 s; VIP:80's own, every 0.3 s, is the clock ----
before80=$(asked 80) before8080=$(asked 8080)
wait_for 15 "[ \$(asked 80) -ge $((before80 + 15)) ]"
n=$(($(asked 8080) - before8080))
note "in 15 rounds of 0.3 s the server was asked $n times"
within "one check for two services: 9 times, not 18" "$n" 4 13
is "and both have what it says" "$(weight 8101 2) $(weight 8102 2)" "100 100"

# ---- fall and rise ----
todo calm "1 1 0 1 1 0"
done_with calm
weighs "fall 3: two failures in a row take nobody out" 100 8003
is "nor have they meanwhile" "$(how_often 'Removing service .*:8003')" 0
todo calm "1 1 1"
weighs "fall 3: the third does" - 8003
todo calm "0 1 0 1"
done_with calm
weighs "rise 2: a single success brings nobody back" - 8003
is "nor has it meanwhile" "$(how_often 'Adding service .*:8003')" 0
todo calm "0 0"
weighs "rise 2: the second does" 100 8003
is "and it is said" "$(how_often 'Adding service .*:8003')" 1

# ---- slow_start ----
weighs "slow_start: it had its whole weight" 100 8004
todo slow 1
weighs "slow_start: it goes" - 8004
todo slow 0
seen=
for ((end = SECONDS + 10; SECONDS < end; )); do
	w=$(weight 8004)
	[ "$w" = - ] || [ "$w" = "${seen##* }" ] || seen+=" $w"
	[ "$w" != 100 ] || break
done
note "weights of the server that came back:$seen"
is "slow_start: the weight only rises" "$(tr ' ' '\n' <<<"${seen# }")" "$(tr ' ' '\n' <<<"${seen# }" | sort -n)"
within "slow_start: and begins low" "$(cut -d' ' -f2 <<<"$seen")" 1 40
within "slow_start: in steps" "$(wc -w <<<"$seen")" 3 100
is "slow_start: up to the whole" "${seen##* }" 100

# ---- inhibit, total_timeout ----
todo calm2 1
weighs "inhibit_on_failure: weight 0" 0 8005
todo calm2 0
weighs "inhibit_on_failure: and back" 100 8005
weighs "total_timeout: a server that trickles is out" - 8082
like "total_timeout: the log says why" "$(ka_log director)" \
	'\[10.1.0.11\]:tcp:8082 failed.*timed out after 1.5 s in all'

# ---- via_vip through a tunnel ----
weighs "via_vip, TUN: without VIP and decapsulation it is out" - 8080 2 $TUNVIP
ip netns exec "$LAB-rs2" elvs realserver start $TUNVIP --tunnel >/dev/null
weighs "via_vip, TUN: with them it is in" 100 8080 2 $TUNVIP
is "via_vip, TUN: and clients reach it" "$(fetch http://$TUNVIP:8080/)" rs2
ip netns exec "$LAB-rs2" elvs realserver stop $TUNVIP >/dev/null
weighs "via_vip, TUN: who loses them goes" - 8080 2 $TUNVIP

# ---- drain ----
# hold: one connection, a request for each line on its standard input, kept until that ends
cat >"$LAB_RUN/hold.py" <<-'P'
	import socket, sys
	s = socket.create_connection((sys.argv[1], 80), 5)
	for line in iter(sys.stdin.readline, ""):
	    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	    answer = b""
	    while not answer.endswith((b"rs1\n", b"rs2\n")):
	        answer += s.recv(4096) or sys.exit("closed")
	    print(answer.split()[-1].decode(), flush=True)
P
hold() {	# KEY
	mkfifo "$LAB_RUN/$1.in"
	(exec nsenter --net="/run/netns/$LAB-client" -- python3 \
		"$LAB_RUN/hold.py" $VIP) <"$LAB_RUN/$1.in" >"$LAB_RUN/$1.out" 2>&1 \
		8>&- 9>&- &
	LAB_PIDS+=("$!")
}
hold one
exec 8>"$LAB_RUN/one.in"
hold two
exec 9>"$LAB_RUN/two.in"
echo >&8
wait_for 15 "[ -s '$LAB_RUN/one.out' ]"
echo >&9
wait_for 15 "[ -s '$LAB_RUN/two.out' ]"
is "drain: two connections, two servers" "$(sort "$LAB_RUN/one.out" "$LAB_RUN/two.out" | paste -sd' ')" "rs1 rs2"
keep=8 key=one other=9
[ "$(cat "$LAB_RUN/one.out")" = rs2 ] || keep=9 key=two other=8
write_conf no >"$conf"
check "drain: rs2 is taken out of the configuration" dir elvs reload
weighs "drain: it stays in the table, with weight 0" 0 80 2
is "drain: new clients go to rs1" "$(fetch_many 4 http://$VIP/)" "4 rs1"
echo >&$keep
wait_for 15 "[ \$(wc -l <'$LAB_RUN/$key.out') = 2 ]"
is "drain: the connection goes on" "$(paste -sd' ' "$LAB_RUN/$key.out")" "rs2 rs2"
if [ $keep = 8 ]; then exec 8>&-; else exec 9>&-; fi
weighs "drain: when it has ended, the server goes" - 80 2
if [ $other = 8 ]; then exec 8>&-; else exec 9>&-; fi

check "keepalived stops" service director stop
is "and nothing is left in the table" "$(dir ipvsadm -Sn)" ""
lab_end
