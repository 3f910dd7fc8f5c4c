# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ha - what labs with keepalived share: further directors, and keepalived as its init script runs it in each.
#
#   client --- router --- lan --- director  10.1.0.1   keepalived, perhaps with the VIP
#                             \-- director2 10.1.0.2   keepalived
#                             \-- rs1 rs2 ...
# Each machine has its own etc/ and pid files below $LAB_RUN/NAME, so `service keepalived stop' is the init script
# with that machine's environment. Sourced after lib.sh.

# lab_director_n N: a further director, 10.1.0.N; without the VIP
lab_director_n() {
	local x=director$1
	lab_namespace "$x"
	lab_link "$x" eth0 "pd$1"
	lab_address "$x" eth0 "10.1.0.$1/24" "fd00:1::$1/64"
	ip -n "$LAB-$x" route add default via 10.1.0.254
	ip -n "$LAB-$x" -6 route add default via fd00:1::254
	on "$x" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.eth0.send_redirects=0
	[ "$WIRE" != nic ] || on lan ethtool -K "pd$1" tx off >/dev/null
}

# The VIP is VRRP's to put on.
lab_director_bare() {
	ip -n "$LAB-director" addr del "$VIP/32" dev eth0
	ip -n "$LAB-director" addr del "$VIP6/128" dev eth0
}

# machine NAME: makes its etc; sets ETC
machine() {
	ETC=$LAB_RUN/$1/etc
	mkdir -p "$ETC/keepalived" "$ETC/default"
	echo "DAEMON_ARGS=\"-r $LAB_RUN/$1/vrrp.pid -c $LAB_RUN/$1/checkers.pid -b $LAB_RUN/$1/bfd.pid -D -G -g$LAB_RUN/$1/keepalived.log --flush-log-file\"" \
		>"$ETC/default/keepalived"
}

# service NAME ACTION: `service keepalived ACTION' on that machine
service() {
	ELVS_ETC=$LAB_RUN/$1/etc KEEPALIVED=$BIN/keepalived KEEPALIVED_PID=$LAB_RUN/$1/keepalived.pid \
		ip netns exec "$LAB-$1" "$LAB_TOP/packaging/keepalived.init" "$2"
}

# has_vip NAME [ADDRESS]
# (grep without -q: it would end first, ip would die of that, and with pipefail the answer be no)
has_vip() { ip -n "$LAB-$1" -o addr show dev eth0 | grep -w "${2:-$VIP}" >/dev/null; }

# servers_in NAME: how many real servers its table has; ipvsadm -Ln as somebody would look
servers_in() { ip netns exec "$LAB-$1" ipvsadm -Ln | grep -c '^  -> [0-9]' || true; }

# ka_log NAME [SUFFIX]: everything that its keepalived has logged
ka_log() { cat "$LAB_RUN/$1"/keepalived*.log 2>/dev/null; }

# lvs_conf TYPE PRIORITY: the one-file tutorial's, one array over two lines
lvs_conf() {
	cat <<-CONF
		# LVS.conf
		interface=eth0
		router_id=LVS_$1
		lvs_ip=$VIP
		lvs_port=80
		balance_algorithm=rr
		persistence_timeout=0
		protocol=TCP
		type=$1
		priority=$2
		real_server=(10.1.0.11
		             10.1.0.12)
		real_server_port=80
	CONF
}

# three_nodes_files NAME SEED PRIORITY: the three-node tutorial's own configuration and real-server script, addresses
# substituted, delays shortened, in that machine's etc/
three_nodes_files() {
	machine "$1"
	sed -e "s/192\.168\.46\.100/$VIP/; s/192\.168\.46\.133/10.1.0.1/; s/192\.168\.46\.134/10.1.0.2/" \
		-e "s/192\.168\.46\.135/10.1.0.3/; s/ens33/eth0/; s/priority [0-9]*/priority $3/" \
		-e 's/delay_loop 6/delay_loop 1/; s/connect_timeout 10/connect_timeout 1/' \
		-e 's/delay_before_retry 3/delay_before_retry 1/' \
		"$LAB_TOP/tests/conf/seeds/003-$2.conf" >"$ETC/keepalived/keepalived.conf"
	sed "s/\xc2\xa0/ /g; s/192\.168\.46\.100/$VIP/" \
		"$LAB_TOP/tests/seed-scripts/003-realserver.sh" >"$ETC/realserver"
}
