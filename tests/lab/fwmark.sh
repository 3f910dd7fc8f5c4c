#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fwmark - services of firewall marks: what iptables or nftables mark goes to the mark's servers, in all methods; several
# ports as one service, with one persistence ("port affinity"); nothing else is touched, and all is undone.
#
#   client (10.0.0.2, 10.0.1.0/24) --- router --- lan --- director: mangle PREROUTING, -f N
#                                                     \-- rs1, rs2, rs3
# shellcheck disable=SC2034  # lib.sh's
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 3 router
vip_on_servers
lab_nginx

# rules and settings as they are: ours must leave them so
state_of() {
	dir ip rule
	dir ip -6 rule
	dir ip -o link | awk '{ print $2 }'
	dir sysctl -ae 2>/dev/null | grep -E '^net.ipv[46].(conf.*.forwarding|ip_early_demux)'
}
before=$(state_of)
dir iptables -t mangle -A PREROUTING -d $VIP -p tcp -m multiport --dports 80,8080 -j MARK --set-mark 10
dir iptables -t mangle -A PREROUTING -d $VIP -p udp --dport 5000 -j MARK --set-mark 11

dir ipvsadm -A -f 10 -s rr
for i in 1 2 3; do dir ipvsadm -a -f 10 -r 10.1.0.1$i -g; done
is "the rule stands ahead of the local table" "$(dir ip rule | awk '{ print $1, $2, $3, $4, $5 }' | head -3 | paste -sd'|')" \
	"98: from all iif lo|99: from all fwmark 0xa|100: from all lookup local"
is "DR: both ports are one service, in turn" "$(for i in 1 2 3; do cseq -q $VIP 80; cseq -q $VIP 8080; done | paste -sd' ')" \
	"rs3 rs2 rs1 rs3 rs2 rs1"
like "the connections carry the packet's own address" "$(connections)" "10.1.0.100:8080 +10.1.0.1[123]:8080$"
is "counted as the mark's" "$(dir ipvsadm -Ln --stats -f 10 | awk '$1 == "FWM" { print $3 }')" 6
# ttl_at_server: of a SYN to port 80 as a real server gets it
ttl_at_server() {
	local i
	for i in 1 2 3; do
		on rs$i timeout 10 tcpdump -i eth0 -nvc 1 "dst host $VIP and dst port 80 and tcp[tcpflags] & tcp-syn != 0" \
			>"$LAB_RUN/ttl.$i" 2>"$LAB_RUN/ttl.err.$i" &
		LAB_PIDS+=($!)
	done
	for i in 1 2 3; do wait_for 5 "grep -q listening '$LAB_RUN/ttl.err.$i'"; done
	for i in 1 2 3; do cseq -q $VIP 80 >/dev/null; done
	wait_for 5 "grep -q ttl '$LAB_RUN'/ttl.1"
	grep -o 'ttl [0-9]*' "$LAB_RUN/ttl.1"
}
is "the director takes one hop off, not two" "$(ttl_at_server)" "ttl 62"
on client ping -c 1 -W 2 $VIP >/dev/null && r=0 || r=$?
is "what has no mark reaches the director as ever" "$r" 0

# persistence: port affinity
dir ipvsadm -E -f 10 -s rr -p 60
mine=$(cseq -q -b 10.0.1.7 $VIP 80)
is "PFWMC: the client's other port goes to the same server" "$(cseq -q -b 10.0.1.7 -n 3 $VIP 8080 | sort -u)" "$mine"
like "one template, of the mark" "$(connections 10.0.1.7:0)" '^IP .* 10.0.1.7:0 +0.0.0.10:0 +10.1.0.1[123]:0$'

# NAT, TUN
dir ipvsadm -C
is "nothing is left of it without services" "$(state_of)" "$before"
dir ipvsadm -A -f 10 -s rr
for i in 1 2 3; do dir ipvsadm -a -f 10 -r 10.1.0.1$i -i; done
decapsulate
is "TUN" "$(for i in 1 2 3; do cseq -q $VIP 80; done | sort | paste -sd' ')" "rs1 rs2 rs3"
undo_decapsulate
dir ipvsadm -C
vip_off_servers
for i in 1 2 3; do on rs$i ip route replace default via 10.1.0.1; done
dir ipvsadm -A -f 10 -s rr
for i in 1 2 3; do dir ipvsadm -a -f 10 -r 10.1.0.1$i -m; done
is "NAT, and the answers come from the virtual address" \
	"$(for i in 1 2 3; do cseq -q $VIP 80; cseq -q $VIP 8080; done | paste -sd' ')" "rs3 rs2 rs1 rs3 rs2 rs1"
is "NAT: a long answer" "$(fetch http://$VIP/big | wc -c)" "$(on rs1 curl -s http://10.1.0.11/big | wc -c)"

# an address that is nobody's: the mark is enough; and what belongs to no connection goes round once, not for ever
on router ip route add 198.51.100.9 via 10.1.0.1
dir iptables -t mangle -A PREROUTING -d 198.51.100.9 -p tcp --dport 80 -j MARK --set-mark 10
is "an address that is not local" "$(for i in 1 2 3; do cseq -q 198.51.100.9 80; done | sort | paste -sd' ')" "rs1 rs2 rs3"
passed() { dir elvs drops --json | jq '[.verdicts[] | select(.name == "no-connection") | .count] | add'; }
was=$(passed)
on client hping3 -q -A -p 80 -c 3 -i u1000 198.51.100.9 >/dev/null 2>&1 || true
is "a packet of no connection" $(($(passed) - was)) 3

# the daemon's death, and its successor
lab_kill_daemons "$ELVS_RUN_DIR"
is "without a daemon" "$(for i in 1 2 3; do cseq -q $VIP 80; done | sort | paste -sd' ')" "rs1 rs2 rs3"
like "the next one adopts" "$(dir ipvsadm -Ln)" "FWM  10 rr"
is "and goes on" "$(for i in 1 2 3; do cseq -q $VIP 80; done | sort | paste -sd' ')" "rs1 rs2 rs3"

# no server: as for other services, an answer of the director's
for i in 1 2 3; do dir ipvsadm -d -f 10 -r 10.1.0.1$i; done
like "no server left: refused" "$(on client curl -sS -m 5 http://$VIP/ 2>&1 || true)" "after [0-9]{1,3} ms: (Couldn|Connection refused)"

# UDP, IPv6, nftables' marks, a server on the director itself
dir ipvsadm -A -f 11 -s rr
dir ipvsadm -a -f 11 -r 10.1.0.12 -m
on rs2 timeout 20 python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5000))
while True:
	d, a = s.recvfrom(100); s.sendto(b"rs2 has " + d, a)' &
LAB_PIDS+=($!)
wait_for 5 "on rs2 ss -lnu | grep -q :5000"
is "UDP" "$(on client python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3); s.connect(("'$VIP'", 5000)); s.send(b"it"); print(s.recv(100).decode())')" \
	"rs2 has it"
dir nft -f - <<END
table ip6 m {
	chain pre { type filter hook prerouting priority mangle; ip6 daddr $VIP6 tcp dport { 80, 8080 } meta mark set 20; }
}
END
dir ipvsadm -A -f 20 -6 -s rr
for i in 1 2 3; do
	dir ipvsadm -a -f 20 -6 -r "[fd00:1::1$i]:0" -m
	on rs$i ip -6 route replace default via fd00:1::1
done
is "IPv6" "$(for i in 1 2 3; do cseq -q $VIP6 80; cseq -q $VIP6 8080; done | paste -sd' ')" "rs3 rs2 rs1 rs3 rs2 rs1"
is "what is there is not made again and again" "$(dir timeout 3 stdbuf -oL ip monitor route link rule | grep -cE 'elvs0|51966' || true)" 0
dir ipvsadm -a -f 10 -r $VIP -m
dir python3 -m http.server -d "$LAB_RUN" 80 >/dev/null 2>&1 &
LAB_PIDS+=($!)
wait_for 5 "dir ss -lnt | grep -q :80"
like "a server on the director itself" "$(on client curl -s -m 3 -o /dev/null -w '%{http_code}' http://$VIP/)" 200

# the last service gone: everything as it was
dir iptables -t mangle -F
dir nft delete table ip6 m
dir ipvsadm -C
is "everything is as it was" "$(state_of)" "$before"
dir ipvsadm -A -f 12 -s rr
dir ipvsadm -a -f 12 -r 10.1.0.11
like "again" "$(dir ip rule)" "fwmark 0xc "
dir elvs down
is "elvs down undoes it, too" "$(state_of)" "$before"
lab_end
