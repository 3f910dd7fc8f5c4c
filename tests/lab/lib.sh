# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# lab - a small data centre of network namespaces, for scripts that test the real programs with real packets.
#
#   client ---------- router ----------+
#   c0 10.0.0.2   r0 10.0.0.1          |
#   and, as further    r1 10.1.0.254   |  lan: bridge br0 in a namespace of its own
#   sources, 10.0.1.0/24 and .2.0/24   +---------------- eth0 10.1.0.1  director   (VIP 10.1.0.100)
#                                      +---------------- eth0 10.1.0.11 rs1
#   IPv6 likewise: fd00:0::/64 in      :
#   front, fd00:1::/64 behind          +---------------- eth0 10.1.0.14 rs4
#
# A script sources this file and calls: lab_begin; lab_topology COUNT director|router; ...; lab_end.
# COUNT real servers; their gateway is the director (NAT) or the router (DR, TUN).
#   HOOK=xdp|tc      where elvs attaches (the daemon's ELVS_HOOK)
#   MTU=1500|9000    of every link
#   WIRE=veth|nic    veth: packets reach the director as the kernel leaves them on a virtual link, with partial
#                    checksums; nic: the bridge's port towards the director completes them, as a network card does,
#                    which is what the native XDP path sees on a real machine. The ends' own offloads stay on in both.
# Every name carries the script's pid, so labs run side by side; what a killed lab left behind is removed by the next.
# Each lab has its own ELVS_RUN_DIR, hence its own supervisor.

LAB_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$LAB_TOP/tests/tap.sh"

ELVS_BUILD=${ELVS_BUILD:-$LAB_TOP/build}
BIN=$ELVS_BUILD/bin
LAB_TOOLS=$ELVS_BUILD/tests/lab/tools
HOOK=${HOOK:-xdp} MTU=${MTU:-1500} WIRE=${WIRE:-veth}
VIP=10.1.0.100 VIP6=fd00:1::100
export PATH=$BIN:/usr/sbin:/sbin:$PATH

LAB_BASE=${LAB_BASE:-/tmp/elvs-lab}	# directories of running labs: LAB_BASE.PID
LAB=
LAB_SERVERS=0
LAB_PIDS=()
declare -A NGINX=()	# pids of web servers, by namespace

# ---- talking to the parts ----

# on NAME COMMAND...: runs it in the namespace of client, router, lan, director or rsN
on() { nsenter --net="/run/netns/$LAB-$1" -- "${@:2}"; }

# dir COMMAND...: as an operator would, with ip netns exec, in the director
dir() { ip netns exec "$LAB-director" "$@"; }

# lab_spawn NAME COMMAND...: in the background; ended with the lab. LAST_PID is its pid.
lab_spawn() {
	(exec nsenter --net="/run/netns/$LAB-$1" -- "${@:2}") </dev/null &
	LAST_PID=$!
	LAB_PIDS+=("$LAST_PID")
}

# lab_stop PID: ends a spawned process and waits for its end
lab_stop() {
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# lab_load KEY [load's arguments]: load in the background, its report in $LAB_RUN/KEY, its progress in KEY.n
lab_load() {
	local key=$1
	shift
	: >"$LAB_RUN/$key.n"
	(exec nsenter --net="/run/netns/$LAB-client" -- "$LAB_TOOLS/lab-load" -p "$LAB_RUN/$key.n" "$@") \
		</dev/null >"$LAB_RUN/$key" 2>&1 &
	LAST_PID=$!
	LAB_PIDS+=("$LAST_PID")
}

# lab_load_at SECONDS KEY COUNT: waits until that load has finished so many requests
lab_load_at() { wait_for "$1" "[ \"\$(cat '$LAB_RUN/$2.n')\" -ge $3 ]"; }

# wait_for SECONDS CONDITION: evaluates the condition until it is true; fails when the time is over
wait_for() {
	local end=$((SECONDS + $1 + 1))
	until eval "$2" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			note "waited $1 s in vain for: $2"
			return 1
		fi
		sleep 0.05
	done
}

# ask REQUEST: what the keeper of this lab's run directory answers (JSON both ways, as abi/keeper_wire.h has it)
ask() {
	python3 - "$1" <<-'P'
	import glob, json, os, socket, sys
	at = glob.glob(os.environ["ELVS_RUN_DIR"] + "/keeper/*.sock")[0]
	s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	s.connect(at)
	s.send(sys.argv[1].encode())
	text = b""
	while True:
	    part = s.recv(32768)
	    text += part
	    if len(part) < 32768:
	        break
	print(json.dumps(json.loads(text)))
	P
}

# ---- beginning and end ----

lab_begin() {
	set -euo pipefail
	local tool
	if [ "$(id -u)" != 0 ]; then
		echo "Bail out! a lab makes network namespaces: run it as root"
		exit 1
	fi
	for tool in "$BIN/elvsd" "$BIN/elvs" "$BIN/ipvsadm" "$LAB_TOOLS/lab-load"; do
		[ -x "$tool" ] && continue
		[ -n "${LAB_WITHOUT_ELVS:-}" ] && continue
		echo "Bail out! $tool is missing: run make first"
		exit 1
	done
	lab_sweep
	LAB=elvslab$$
	LAB_RUN=$LAB_BASE.$$
	mkdir -p "$LAB_RUN/www"
	export ELVS_RUN_DIR=$LAB_RUN/elvs ELVS_HOOK=$HOOK
	set -E
	trap 'echo "# stopped by line $LINENO of ${BASH_SOURCE[0]##*/}: $BASH_COMMAND" >&2' ERR
	trap 'lab_cleanup' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
}

# lab_end: takes everything down, tests that nothing is left, prints the plan; the script's last line
lab_end() {
	lab_cleanup
	trap - EXIT
	is "nothing of the lab is left behind" "$(lab_leftovers "$LAB" "$LAB_RUN")" ""
	tap_plan
}

# Daemons that serve a run directory. Found by their environment: their parents are gone by design.
lab_daemons() {
	local p
	for p in /proc/[0-9]*; do
		[[ "$(readlink "$p/exe" 2>/dev/null)" =~ /(elvsd|keepalived)[^/]*$ ]] || continue
		if tr '\0' '\n' <"$p/environ" 2>/dev/null | grep -qx "ELVS_RUN_DIR=$1"; then
			echo "${p#/proc/}"
		fi
	done
}

# lab_kill_daemons RUNDIR: kill -9 for all of them. A director that sees its supervisor die first starts another, so
# it is done until nobody is left.
lab_kill_daemons() {
	local pids tries
	for ((tries = 0; tries < 50; tries++)); do
		pids=$(lab_daemons "$1")
		[ -n "$pids" ] || return 0
		# shellcheck disable=SC2086
		kill -KILL $pids 2>/dev/null || true
	done
	return 1
}

# lab_remove NAME RUNDIR: processes, namespaces, directory, of this lab or a dead one
lab_remove() {
	local pids ns
	for ns in $(ip netns list | awk -v p="$1-" 'index($1, p) == 1 { print $1 }'); do
		pids=$(ip netns pids "$ns" 2>/dev/null | grep -vxF -e "$(lab_daemons "$2/elvs")" || true)
		# shellcheck disable=SC2086
		[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
		ip netns del "$ns" 2>/dev/null || true
	done
	pids=$(lab_daemons "$2/elvs")
	# shellcheck disable=SC2086
	[ -z "$pids" ] || kill -TERM $pids 2>/dev/null || true
	wait_for 3 "[ -z \"\$(lab_daemons '$2/elvs')\" ]" >/dev/null || {
		pids=$(lab_daemons "$2/elvs")
		# shellcheck disable=SC2086
		[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
	}
	umount "$2/elvs/bpf" 2>/dev/null || true
	rm -rf --one-file-system "$2"
}

# What labs that were killed (their pid is dead) left behind.
lab_sweep() {
	local pid
	for pid in $({ ip netns list | sed -n 's/^elvslab\([0-9]*\)-.*/\1/p'
		       compgen -G "$LAB_BASE.*" | sed -n 's/.*\.\([0-9]*\)$/\1/p'; } | sort -u); do
		[ -d "/proc/$pid" ] || lab_remove "elvslab$pid" "$LAB_BASE.$pid"
	done
}

lab_cleanup() {
	trap '' INT TERM HUP
	trap - ERR
	local pid
	for pid in "${LAB_PIDS[@]}"; do kill "$pid" 2>/dev/null || true; done
	for pid in "${LAB_PIDS[@]}"; do wait "$pid" 2>/dev/null || true; done
	LAB_PIDS=()
	if [ -S "$ELVS_RUN_DIR/control" ]; then
		timeout 10 elvs down --all >/dev/null 2>&1 || true
	fi
	lab_remove "$LAB" "$LAB_RUN"
}

# lab_leftovers NAME RUNDIR: prints what is left of a lab
lab_leftovers() {
	local pid
	ip netns list | awk -v p="$1-" 'index($1, p) == 1 { print "namespace " $1 }'
	for pid in $(lab_daemons "$2/elvs"); do
		echo "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
	done
	[ ! -e "$2" ] || find "$2" | sed 's/^/file /'
	grep -F " $2/" /proc/mounts || true
}

# ---- the topology ----

# lab_link NAMESPACE IFNAME PORT: a veth from a namespace into the bridge
lab_link() {
	ip link add "$2" mtu "$MTU" netns "$LAB-$1" type veth peer name "$3" mtu "$MTU" netns "$LAB-lan"
	ip -n "$LAB-lan" link set "$3" master br0 up
	# A veth takes redirected frames only where its peer runs NAPI; switching GRO on starts it.
	on lan ethtool -K "$3" gro on >/dev/null
}

# lab_address NAMESPACE IFNAME IPV4 IPV6
lab_address() {
	ip -n "$LAB-$1" addr add "$3" dev "$2"
	ip -n "$LAB-$1" addr add "$4" dev "$2" nodad
	ip -n "$LAB-$1" link set "$2" up
}

lab_namespace() {
	ip netns add "$LAB-$1"
	ip -n "$LAB-$1" link set lo up
	on "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.all.accept_ra=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0 \
		net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0
}

lab_client_and_router() {
	local x
	for x in client router; do lab_namespace $x; done
	ip link add c0 mtu "$MTU" netns "$LAB-client" type veth peer name r0 mtu "$MTU" netns "$LAB-router"
	lab_link router r1 pr
	lab_address client c0 10.0.0.2/24 fd00:0::2/64
	lab_address router r0 10.0.0.1/24 fd00:0::1/64
	lab_address router r1 10.1.0.254/24 fd00:1::254/64
	ip -n "$LAB-client" route add default via 10.0.0.1
	ip -n "$LAB-client" -6 route add default via fd00:0::1
	# The client owns whole networks more, so that a test can have 500 clients.
	ip -n "$LAB-client" route add local 10.0.1.0/24 dev lo
	ip -n "$LAB-client" route add local 10.0.2.0/24 dev lo
	ip -n "$LAB-client" -6 route add local fd00:0:0:1::/64 dev lo
	on client sysctl -qw net.ipv6.ip_nonlocal_bind=1 net.ipv4.ip_local_port_range="10000 65000"
	on router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$LAB-router" route add 10.0.1.0/24 via 10.0.0.2
	ip -n "$LAB-router" route add 10.0.2.0/24 via 10.0.0.2
	ip -n "$LAB-router" -6 route add fd00:0:0:1::/64 via fd00:0::2
	ip -n "$LAB-router" route add 10.9.0.0/24 via 10.1.0.1
	ip -n "$LAB-router" -6 route add fd00:9::/64 via fd00:1::1
}

# The director as the tutorials set it up: VIP on eth0, forwarding on.
lab_director() {
	lab_namespace director
	lab_link director eth0 pd
	lab_address director eth0 10.1.0.1/24 fd00:1::1/64
	ip -n "$LAB-director" addr add $VIP/32 dev eth0
	# preferred_lft 0: never chosen as a source, as a tunnel's outer address for one
	ip -n "$LAB-director" addr add $VIP6/128 dev eth0 nodad preferred_lft 0
	ip -n "$LAB-director" route add default via 10.1.0.254
	ip -n "$LAB-director" -6 route add default via fd00:1::254
	dir sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.eth0.send_redirects=0
	if [ "$WIRE" = nic ]; then
		on lan ethtool -K pd tx off >/dev/null
	fi
}

lab_real_server() {
	local x=rs$1
	lab_namespace "$x"
	lab_link "$x" eth0 "p$1"
	on "$x" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 \
		net.ipv4.conf.eth0.arp_notify=1
	lab_address "$x" eth0 "10.1.0.1$1/24" "fd00:1::1$1/64"
}

# lab_gateway director|router: where the real servers' answers go
lab_gateway() {
	local v4=10.1.0.254 v6=fd00:1::254 i
	if [ "$1" = director ]; then v4=10.1.0.1 v6=fd00:1::1; fi
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		ip -n "$LAB-rs$i" route replace default via $v4
		ip -n "$LAB-rs$i" -6 route replace default via $v6
	done
}

# vip_on_servers / vip_off_servers: the VIP on lo, as DR and TUN want it
vip_on_servers() {
	local i
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		ip -n "$LAB-rs$i" addr add $VIP/32 dev lo
		ip -n "$LAB-rs$i" addr add $VIP6/128 dev lo nodad
	done
}
vip_off_servers() {
	local i
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		ip -n "$LAB-rs$i" addr del $VIP/32 dev lo
		ip -n "$LAB-rs$i" addr del $VIP6/128 dev lo
	done
}

# lab_topology COUNT director|router
lab_topology() {
	local i
	LAB_SERVERS=$1
	lab_namespace lan
	ip -n "$LAB-lan" link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	ip -n "$LAB-lan" link set br0 mtu "$MTU" up
	lab_client_and_router
	lab_director
	for ((i = 1; i <= LAB_SERVERS; i++)); do lab_real_server "$i"; done
	lab_gateway "$2"
	lab_reachable
}

# Everything answers before a test begins, or the lab itself is at fault.
lab_reachable() {
	local i
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		wait_for 5 "on director ping -qc1 -W1 10.1.0.1$i && on director ping -6 -qc1 -W1 fd00:1::1$i"
	done
	wait_for 5 "on client ping -qc1 -W1 $VIP && on client ping -6 -qc1 -W1 $VIP6"
}

# ---- servers ----

# lab_nginx [NAME...]: nginx on 80 and 8080, saying the namespace's name; PUT to /up/FILE; /big is www/big
lab_nginx() {
	local x i
	if [ $# = 0 ]; then
		for ((i = 1; i <= LAB_SERVERS; i++)); do set -- "$@" "rs$i"; done
	fi
	for x; do
		mkdir -p "$LAB_RUN/$x/tmp" "$LAB_RUN/$x/up"
		cat >"$LAB_RUN/$x/nginx.conf" <<-NGINX
			user root;
			daemon off;
			worker_processes 1;
			pid $LAB_RUN/$x/nginx.pid;
			error_log $LAB_RUN/$x/error.log;
			events { worker_connections 4096; }
			http {
				access_log off;
				keepalive_requests 1000000;
				sendfile on;
				client_max_body_size 0;
				client_body_temp_path $LAB_RUN/$x/tmp;
				default_type text/plain;
				server {
					listen 80 backlog=4096;
					listen [::]:80 backlog=4096;
					listen 8080 backlog=4096;
					listen [::]:8080 backlog=4096;
					location / { return 200 "$x\n"; }
					location = /big { root $LAB_RUN/www; }
					location /up/ { root $LAB_RUN/$x; dav_methods PUT; }
				}
			}
		NGINX
		lab_spawn "$x" nginx -c "$LAB_RUN/$x/nginx.conf" -e "$LAB_RUN/$x/error.log"
		# shellcheck disable=SC2034
		NGINX[$x]=$LAST_PID
	done
	for x; do
		wait_for 5 "on $x curl -s http://localhost/ && on $x curl -s http://localhost:8080/"
	done
}

# lab_rsd PORT...: the small TCP and UDP responder in every real server
lab_rsd() {
	local i
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		lab_spawn "rs$i" "$LAB_TOOLS/lab-rsd" "rs$i" "$@"
	done
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		wait_for 5 "on rs$i ss -Hltn sport = :$1 | grep -q ."
	done
}

# ---- clients ----

# fetch URL: one request; what came, or FAILED
fetch() { on client curl -sS -g --max-time 5 "$1" 2>/dev/null || echo FAILED; }

# fetch_many COUNT URL: "COUNT NAME" lines, by name
fetch_many() {
	local i
	for ((i = 0; i < $1; i++)); do fetch "$2"; done | sort | uniq -c | awk '{ print $1, $2 }'
}

load() { on client "$LAB_TOOLS/lab-load" "$@"; }
cseq() { on client "$LAB_TOOLS/lab-cseq" "$@" || true; }	# who failed stands in its output

# value KEY TEXT: the number behind a key in load's report
value() { awk -v k="$1" '$1 == k { print $2; exit }' <<<"$2"; }

# shares TEXT: load's "server NAME COUNT" lines as "NAME=COUNT NAME=COUNT", by name
shares() { awk '$1 == "server" { print $2 "=" $3 }' <<<"$1" | sort | paste -sd' '; }

# retransmits NAME: TCP segments the namespace has sent again so far
retransmits() {
	on "$1" awk '/^Tcp:/ { if (!seen++) for (i = 1; i <= NF; i++) { if ($i == "RetransSegs") c = i }
			       else print $c }' /proc/net/snmp
}

# ---- services ----

# servers_of SERVICE PORT METHOD [WEIGHT...]: adds every real server (IPv4) to a service given as "-t ADDRESS:PORT"
servers_of() {
	local service=$1 port=$2 method=$3 i
	shift 3
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		# shellcheck disable=SC2086
		dir ipvsadm -a $service -r "10.1.0.1$i:$port" "$method" -w "${1:-1}"
		[ $# -le 1 ] || shift
	done
}
servers6_of() {
	local service=$1 port=$2 method=$3 i
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		# shellcheck disable=SC2086
		dir ipvsadm -a $service -r "[fd00:1::1$i]:$port" "$method"
	done
}

# service_count SERVICE COLUMN: of "ipvsadm --stats" (1 Conns, 2 InPkts, 3 OutPkts, 4 InBytes, 5 OutBytes)
service_count() {
	# shellcheck disable=SC2086
	dir ipvsadm -Ln --stats --exact $1 | awk -v c="$2" '/^(TCP|UDP|SCTP|FWM)/ { print $(c + 2) }'
}

# server_counts SERVICE COLUMN: "ADDRESS:PORT=COUNT ..." of the same columns
server_counts() {
	# shellcheck disable=SC2086
	dir ipvsadm -Ln --stats --exact $1 | awk -v c="$2" '/^  -> [^R]/ { print $2 "=" $(c + 2) }' | paste -sd' '
}

# connections [PATTERN]: the lines of -Lnc, headings left out
connections() { dir ipvsadm -Lnc | sed 1,2d | { grep -E -- "${1:-.}" || true; }; }

# xdp_did_the_work: on XDP, behind a wire that completes checksums, nearly nothing may have been left to TC
xdp_did_the_work() {
	local handed
	[ "$HOOK" = xdp ] && [ "$WIRE" = nic ] || return 0
	case $(uname -r) in
	[0-5].* | 6.[0-2].*)
		skip "XDP did the work itself" \
			"before 6.3 the kernel does not tell whether a veth takes redirected frames: TC sends"
		return 0
		;;
	esac
	handed=$(dir elvs drops | awk '/^handed from XDP to TC/ { on = 1; next } /^[^ ]/ { on = 0 } on { n += $1 }
		END { print n + 0 }')
	within "XDP did the work itself, and left next to nothing to TC" "$handed" 0 100
}

# decapsulate: the real servers take tunnelled packets for the VIP
decapsulate() {
	local i
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		ip netns exec "$LAB-rs$i" elvs realserver start $VIP $VIP6 --tunnel >/dev/null
	done
}
undo_decapsulate() {
	local i
	for ((i = 1; i <= LAB_SERVERS; i++)); do
		ip netns exec "$LAB-rs$i" elvs realserver stop $VIP $VIP6 >/dev/null
	done
}

# shellcheck disable=SC2034  # tap.sh's
TAP_PREFIX="[$HOOK $MTU $WIRE] "
