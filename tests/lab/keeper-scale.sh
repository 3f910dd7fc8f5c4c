#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper-scale - 2,000 virtual servers with 20 real servers each, 40,000 checks: how long a start and a reload take,
# and that a reload touches what has changed and nothing else. Figures are notes; the bounds are for busy machines.
#
#   director: keepalived   d0 10.0.0.1 --- r0 10.0.0.2   rs1: nginx, answers at every address of 10.128.0.0/9
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
SERVICES=2000 SERVERS=20
TOTAL=$((SERVICES * SERVERS))
lab_begin
for x in director rs1; do lab_namespace $x; done
ip link add d0 netns "$LAB-director" type veth peer name r0 netns "$LAB-rs1"
lab_address director d0 10.0.0.1/24 fd00::1/64
lab_address rs1 r0 10.0.0.2/24 fd00::2/64
ip -n "$LAB-director" route add 10.128.0.0/9 via 10.0.0.2
ip -n "$LAB-rs1" route add local 10.128.0.0/9 dev lo
lab_nginx rs1
# every connection asked for, and those to the address that comes later
on rs1 nft -f - <<-NFT
	table ip count {
		counter asked_all {}
		counter asked_new {}
		chain in {
			type filter hook input priority 0;
			iifname "r0" tcp flags & (syn | ack) == syn counter name asked_all
			ip daddr 10.200.0.1 tcp flags & (syn | ack) == syn counter name asked_new
		}
	}
NFT
asked() { on rs1 nft -j list counter ip count "asked_$1" | jq '.nftables[] | .counter? // empty | .packets'; }

machine director
conf=$ETC/keepalived/keepalived.conf
# Checked once, in the first seconds; then not for an hour: who connects afterwards was told to begin anew.
write_conf() {	# ADDRESS of the last real server
	awk -v services=$SERVICES -v servers=$SERVERS -v last="$1" 'BEGIN {
		print "global_defs {\n router_id LAB\n}"
		for (s = 0; s < services; s++) {
			printf "virtual_server 10.64.%d.%d 80 {\n delay_loop 3600\n lvs_sched wrr\n lvs_method NAT\n", s / 250, s % 250 + 1
			printf " protocol TCP\n warmup 5\n connect_timeout 10\n retry 3\n delay_before_retry 1\n"
			for (r = 0; r < servers; r++) {
				n = s * servers + r
				a = sprintf("10.%d.%d.%d", 128 + n / 62500, n / 250 % 250, n % 250 + 1)
				if (n == services * servers - 1)
					a = last
				printf " real_server %s 80 {\n  weight %d\n  TCP_CHECK {\n  }\n }\n", a, r + 1
			}
			print "}"
		}
	}' >"$conf"
}
LAST=10.128.159.250
write_conf $LAST
note "a configuration of $(wc -l <"$conf") lines, $(($(wc -c <"$conf") / 1024)) KiB"

now_ms() { echo $(($(date +%s%N) / 1000000)); }
took() { echo $(($(now_ms) - began)); }
table() { dir ipvsadm -Sn; }
servers_wanted() { [ "$(dir ipvsadm -Ln | grep -c '^  -> 10')" = "$1" ]; }
pids() { cat "$LAB_RUN/director/"*.pid | paste -sd' '; }
# cpu_ms: what the keeper has used so far, and its children that have ended (the reader is one)
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ print int(($14 + $15 + $16 + $17) * 1000 / hz) }' \
	"/proc/$(cat "$LAB_RUN/director/keepalived.pid")/stat"; }
# memory PID: KiB that are its own, and its share of what several have
memory() { awk '/^Pss:/ { n += $2 } END { print n }' "/proc/$1/smaps_rollup"; }

began=$(now_ms)
check "it starts" service director start
check "and all $TOTAL real servers stand in the table" wait_for 60 "servers_wanted $TOTAL"
first=$(took)
note "start to full table: $first ms"
within "in half a minute" "$first" 0 30000
check "each has been asked" wait_for 60 "[ \"\$(asked all)\" -ge $TOTAL ]"
note "start to all asked: $(took) ms"
check "and all have answered" wait_for 30 "[ \"\$(dir elvs check | grep -c ' up')\" = $TOTAL ]"
for f in "$LAB_RUN"/director/*.pid; do note "memory of $(basename "$f" .pid): $(memory "$(cat "$f")") KiB"; done
before=$(table) was=$(pids) n=$(asked all)
unlike "nobody was taken out on the way" "$(ka_log director | grep -m 3 Removing || true)" .

# ---- nothing has changed ----
# What somebody does by hand shows that the table is not written anew.
dir ipvsadm -e -t 10.64.3.3:80 -r 10.128.60.41:80 -m -w 77 || true
changed=$(table)
unlike "(a weight is changed by hand)" "$(diff <(echo "$before") <(echo "$changed") && echo same)" same
began=$(now_ms) cpu=$(cpu_ms)
check "a reload with nothing changed" dir elvs reload
same=$(took)
cpu=$(($(cpu_ms) - cpu))
note "reload with nothing changed: $same ms, $cpu ms of a CPU"
within "takes less than a second of a CPU" "$cpu" 0 1000
within "and of time (three on a busy machine)" "$same" 0 3000
is "leaves the table alone, what was done by hand included" "$(table)" "$changed"
is "leaves the processes alone" "$(pids)" "$was"
is "and begins no check anew" "$(($(asked all) - n))" 0

# ---- one server of 40,000 ----
write_conf 10.200.0.1
began=$(now_ms) cpu=$(cpu_ms)
check "a reload with one server changed" dir elvs reload
one=$(took)
cpu=$(($(cpu_ms) - cpu))
note "reload with one server changed: $one ms, $cpu ms of a CPU"
within "takes no longer" "$cpu" 0 1000
check "the new server is there" wait_for 15 "dir ipvsadm -Ln -t 10.64.7.250:80 | grep -q 10.200.0.1:80"
is "it alone has changed" "$({ diff <(echo "$changed") <(table) || true; } | grep '^[<>]' | paste -sd'|')" \
	"< -a -t 10.64.7.250:80 -r $LAST:80 -m -w 20|> -a -t 10.64.7.250:80 -r 10.200.0.1:80 -m -w 20"
check "it is asked" wait_for 15 "[ \"\$(asked new)\" -ge 1 ]"
is "nobody else is" "$(($(asked all) - n - $(asked new)))" 0
is "the processes still are the same" "$(pids)" "$was"

began=$(now_ms)
check "it stops" service director stop
note "stop: $(took) ms"
is "and nothing is left in the table" "$(dir ipvsadm -Sn | head -3)" ""
lab_end
