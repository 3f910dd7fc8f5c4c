#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper-dbus - enable_dbus: what stands on the bus is what Debian's keepalived puts there; signals, commands, callers
# that are wrong or may not, a role that is killed, a bus that is late, or restarted.
#
#   n1 10.0.0.1 (on the bus) --+
#   n2 10.0.0.2 -------------- +-- br0     VI_1 10.0.0.101 on both, VI_6 fd00::106 and VI_dot (interface e-x.7) on n1
#   a message bus of its own in $LAB_RUN, with the policy file that is installed
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 2
ip -n "$LAB-n1" link add e-x.7 type veth peer name e7
ip -n "$LAB-n1" addr add 10.7.0.1/24 dev e-x.7
ip -n "$LAB-n1" link set e7 up
ip -n "$LAB-n1" link set e-x.7 up

R=$LAB_RUN
NAME=org.keepalived.Vrrp1
ROOT=/org/keepalived/Vrrp1
VI_1=$ROOT/Instance/eth0/1/IPv4
chmod 755 "$R"
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$R/bus

# ---- the bus ----
cat >"$R/bus.conf" <<-X
	<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
	 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
	<busconfig>
	<type>system</type>
	<listen>unix:path=$R/bus</listen>
	<auth>EXTERNAL</auth>
	<policy context="default">
	  <allow user="*"/>
	  <deny own="*"/>
	  <deny send_type="method_call"/>
	  <allow send_type="signal"/>
	  <allow send_requested_reply="true" send_type="method_return"/>
	  <allow send_requested_reply="true" send_type="error"/>
	  <allow receive_type="method_call"/>
	  <allow receive_type="method_return"/>
	  <allow receive_type="error"/>
	  <allow receive_type="signal"/>
	  <allow send_destination="org.freedesktop.DBus"/>
	</policy>
	<policy user="root">
	  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Monitoring"/>
	</policy>
	<include>$LAB_TOP/packaging/elvs-keepalived.dbus.conf</include>
	</busconfig>
X
bus_start() {
	rm -f "$R/bus"
	dbus-daemon --config-file="$R/bus.conf" --nofork --nopidfile --nosyslog </dev/null >>"$R/bus.log" 2>&1 &
	BUS=$!
	LAB_PIDS+=("$BUS")
	wait_for 15 "[ -S $R/bus ]"
}
# listen FILE: to all that goes over the bus from now on
listen() {
	dbus-monitor --system </dev/null >"$R/$1.monitor" 2>/dev/null &
	LAB_PIDS+=("$!")
	wait_for 15 "dbus-send --system --dest=org.freedesktop.DBus / org.freedesktop.DBus.Peer.Ping
		     grep -q member=Ping $R/$1.monitor"
}
# heard FILE: signals of ours there, one a line: PATH MEMBER [NUMBER]
heard() {
	awk -v name="$NAME" '
		/^signal/ && match($0, /path=[^;]*/) { path = substr($0, RSTART + 5, RLENGTH - 5)
			ours = $0 ~ "interface=" name; sub(/.*member=/, ""); member = $0
			if (ours && member != "VrrpStatusChange") print path, member; next }
		/^   uint32/ && ours { print path, member, $2; ours = 0; next }
		/^[a-z]/ { ours = 0 }' "$R/$1.monitor"
}
# has_heard FILE LINE
has_heard() { heard "$1" | grep -qxF -- "$2"; }
call() { gdbus call --system --timeout 5 -d $NAME -o "$1" -m "$2" "${@:3}" 2>&1 || true; }
state() { call $VI_1 org.freedesktop.DBus.Properties.Get $NAME.Instance State; }
owned() {
	gdbus call --system -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.NameHasOwner "$NAME" 2>/dev/null |
		grep -q true
}
role() { ask '{"verb":"status"}' | jq -r '.roles[] | select(.name == "dbus").pid'; }
log_has() { grep -qE -- "$1" "$R/n1.log"; }
# walk: all objects, and all that they say about themselves, in the order of their names
walk() {
	local p
	gdbus introspect --system -d $NAME -o / --recurse | sed -n 's/^ *node \(.*\) {$/\1/p' | sort |
		while read -r p; do gdbus introspect --system -d $NAME -o "$p" | grep -v '^  node '; done
}

cat >"$R/n1.conf" <<-C
	global_defs {
	    enable_dbus
	    vrrp_version 3
	    state_dump_file $R/dump.data
	    stats_dump_file $R/dump.stats
	}
	vrrp_instance VI_dot {
	    interface e-x.7
	    virtual_router_id 7
	    priority 100
	    advert_int 0.2
	    virtual_ipaddress { 10.7.0.107 }
	}
	vrrp_instance VI_1 {
	    interface eth0
	    virtual_router_id 1
	    priority 100
	    advert_int 0.2
	    virtual_ipaddress { 10.0.0.101 }
	}
	vrrp_instance VI_6 {
	    interface eth0
	    virtual_router_id 6
	    priority 100
	    advert_int 0.2
	    virtual_ipaddress { fe80::106 fd00::106 }
	}
C
sed -e '/enable_dbus/d; s/100$/150/; /_dump_file/d' \
	-e '/VI_dot/,/^}/d; /VI_6/,/^}/d' "$R/n1.conf" >"$R/n2.conf"
all_masters='[ "$(walk | grep -c "State = (2, .Master.)")" = 3 ]'

# ---- as Debian's has it ----
bus_start
node_start n1 debian
check "(Debian's keepalived is on the bus)" wait_for 15 "$all_masters"
walk >"$R/debian.walk"
node_stop n1
wait_for 15 '! owned'
listen first
node_start n1 ours
check "ours is on the bus" wait_for 15 "$all_masters"
is "objects, interfaces and properties are Debian's" "$(walk)" "$(cat "$R/debian.walk")"
is "it says first that it has started" "$(heard first | head -1)" "$ROOT/Vrrp VrrpStarted"
is "then how things stand" "$(heard first | sed -n 2,4p | sort)" \
	"$ROOT/Instance/e_x_7/7/IPv4 VrrpStatusChange 1
$VI_1 VrrpStatusChange 1
$ROOT/Instance/eth0/6/IPv6 VrrpStatusChange 1"
check "a master is a signal" has_heard first "$VI_1 VrrpStatusChange 2"
is "a property, too" "$(state)" "(<(uint32 2, 'Master')>,)"
is "the name's form is keepalived's" \
	"$(call $VI_1 org.freedesktop.DBus.Properties.GetAll $NAME.Instance)" \
	"({'Name': <('VI_1',)>, 'State': <(uint32 2, 'Master')>},)"
is "the process has no rights" \
	"$(awk '/^Uid|^CapEff|^Seccomp:|^NoNewPrivs/ { printf "%s ", $2 }' "/proc/$(role)/status" |
	sed 's/^0 /root /; s/^[0-9]* /other /')" "other 0000000000000000 1 2 "

# ---- takeover ----
node_start n2 ours
check "a router with more priority: BACKUP" wait_for 15 \
	'has_heard first "$VI_1 VrrpStatusChange 1" && state | grep -q Backup'
listen second
node_stop n2
check "it stops: MASTER, a signal" wait_for 15 'has_heard second "$VI_1 VrrpStatusChange 2"'

# ---- commands ----
is "PrintData answers" "$(call $ROOT/Vrrp $NAME.Vrrp.PrintData)" "()"
check "and writes" wait_for 15 'grep -q "VRRP Instance = VI_1" $R/dump.data'
sent() { sed -n '/VI_1/,/Sent/s/ *Sent: //p' "$R/dump.stats"; }
is "PrintStats answers" "$(call $ROOT/Vrrp $NAME.Vrrp.PrintStats)" "()"
check "and writes" wait_for 15 '[ "$(sent)" -gt 5 ]'
# shellcheck disable=SC2034	# in conditions
BEFORE=$(sent)
call $ROOT/Vrrp $NAME.Vrrp.PrintStatsClear >/dev/null
check "PrintStatsClear writes what there was" wait_for 15 \
	'[ "$(sent)" -ge "$BEFORE" ] && ! [ "$R/dump.data" -nt "$R/dump.stats" ]'
rm "$R/dump.stats"
call $ROOT/Vrrp $NAME.Vrrp.PrintStats >/dev/null
check "and begins anew" wait_for 15 '[ "$(sent)" -lt "$BEFORE" ]'
lab_spawn client tcpdump -lnni eth0 arp >"$R/arp" 2>"$R/arp.err"
wait_for 15 'grep -q "listening on" $R/arp.err'
is "SendGarp answers" "$(call $VI_1 $NAME.Instance.SendGarp)" "()"
check "and the neighbours hear it" wait_for 15 \
	'grep -q "who-has 10.0.0.101 .*tell 10.0.0.101\|Announcement 10.0.0.101" $R/arp'
check "Debian's words are in the log" log_has 'Sending garps on VI_1 on DBus request'

# ---- callers that are wrong, or may not ----
E=org.freedesktop.DBus.Error
like "arguments that are too many" "$(call $VI_1 $NAME.Instance.SendGarp x)" 'InvalidArgs|too many|Too many'
like "the same from a caller that does not look first" \
	"$(dbus-send --system --print-reply --dest=$NAME $VI_1 $NAME.Instance.SendGarp string:x 2>&1 || true)" \
	"$E.InvalidArgs: SendGarp takes"
like "another method" \
	"$(dbus-send --system --print-reply --dest=$NAME $VI_1 $NAME.Instance.Nope 2>&1 || true)" "$E.UnknownMethod"
like "another object" "$(call $ROOT/Instance/eth0/2/IPv4 $NAME.Instance.SendGarp)" "$E.UnknownMethod"
like "another property" "$(call $VI_1 org.freedesktop.DBus.Properties.Get $NAME.Instance Nope)" "$E.InvalidArgs"
like "a property that is set" \
	"$(call $VI_1 org.freedesktop.DBus.Properties.Set $NAME.Instance Name "<'x'>")" \
	"$E.InvalidArgs: .* not writable"
like "three megabytes" "$(python3 - "$VI_1" <<-'P' 2>&1 || true
	import os, socket, struct, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(os.environ["DBUS_SYSTEM_BUS_ADDRESS"].split("=")[1])
	s.sendall(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")
	def call(serial, dest, path, iface, member, sig=b"", body=b""):
	    f = b""
	    fields = (1, b"o", path), (2, b"s", iface), (3, b"s", member), (6, b"s", dest), (8, b"g", sig)
	    for code, kind, text in fields:
	        if not text:
	            continue
	        f += b"\0" * (-len(f) % 8) + bytes([code, 1]) + kind + b"\0"
	        f += (bytes([len(text)]) if kind == b"g" else struct.pack("<I", len(text))) + text + b"\0"
	    s.sendall(b"l\1\0\1" + struct.pack("<III", len(body), serial, len(f)) + f + b"\0" * (-len(f) % 8) + body)
	bus = b"org.freedesktop.DBus"
	call(1, bus, b"/org/freedesktop/DBus", bus, b"Hello")
	text = b"x" * 3000000
	to = b"org.keepalived.Vrrp1"
	body = struct.pack("<I", len(text)) + text + b"\0"
	call(2, to, sys.argv[1].encode(), to + b".Instance", b"SendGarp", b"s", body)
	call(3, to, sys.argv[1].encode(), b"org.freedesktop.DBus.Peer", b"Ping")
	s.settimeout(10)
	got = b""
	while got.count(b"\5\1u\0\3\0\0\0") < 1:
	    got += s.recv(65536)
	print(b"takes" in got and b"InvalidArgs" in got and "refused, and the next one is answered")
	P
)" "refused, and the next one is answered"
other() { # COMMAND'S ARGUMENTS: as somebody who is nobody
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		gdbus call --system --timeout 5 -d $NAME -o "$@" 2>&1 || true
}
like "who is not root may look" "$(other $VI_1 -m org.freedesktop.DBus.Properties.Get $NAME.Instance State)" Master
like "and nothing else" "$(other $ROOT/Vrrp -m $NAME.Vrrp.ReloadConfig)" "$E.AccessDenied"
unlike "(nothing was reloaded)" "$(cat "$R/n1.log")" 'Reloading'

# ---- reload ----
listen third
sed -i '/VI_dot/,/^}/d' "$R/n1.conf"	# the first: all others have other numbers now
is "ReloadConfig answers" "$(call $ROOT/Vrrp $NAME.Vrrp.ReloadConfig)" "()"
check "a reload is a signal" wait_for 15 'has_heard third "$ROOT/Vrrp VrrpReloaded"'
check "an instance that is gone has failed, as in Debian's" wait_for 5 \
	'has_heard third "$ROOT/Instance/e_x_7/7/IPv4 VrrpStatusChange 3"'
unlike "and has no object" "$(walk)" VI_dot
unlike "nobody else has changed" "$(heard third)" '/(1/IPv4|6/IPv6) '

# ---- killed, and a bus that is restarted ----
P=$(role)
kill -KILL "$P"
check "the role is killed: another takes the name" wait_for 15 '[ "$(role)" != "$P" ] && owned'
is "and knows how things stand" "$(state)" "(<(uint32 2, 'Master')>,)"
lab_stop "$BUS"
check "the bus ends: that is said" wait_for 15 'log_has "DBus: no $NAME: the bus has ended"'
bus_start
check "a new one: the name is taken again" wait_for 20 owned
is "nothing was lost" "$(state)" "(<(uint32 2, 'Master')>,)"
is "what went on in between was said once" "$(grep -c 'DBus: no' "$R/n1.log")" 1
is "VRRP took no notice" "$(states n1 VI_1)" "BACKUP MASTER BACKUP MASTER BACKUP MASTER"

# ---- end ----
listen fourth
sed -i '/enable_dbus/d' "$R/n1.conf"
kill -HUP "$(node_pid n1)"
check "without enable_dbus the name is given back" wait_for 15 '! owned && has_heard fourth "$ROOT/Vrrp VrrpStopped"'
check "and there is no process" wait_for 15 '[ -z "$(role)" ]'
lab_stop "$BUS"
sed -i "s/^global_defs {/&\n    enable_dbus\n    dbus_service_name $NAME.Other/" "$R/n1.conf"
sed -i "s/$NAME\"/$NAME.Other\"/" "$R/bus.conf"
sed "s/$NAME\"/$NAME.Other\"/" "$LAB_TOP/packaging/elvs-keepalived.dbus.conf" >"$R/policy.conf"
sed -i "s#<include>.*</include>#<include>$R/policy.conf</include>#" "$R/bus.conf"
kill -HUP "$(node_pid n1)"
check "a bus that is not there yet is waited for" wait_for 15 \
	'log_has "DBus: no $NAME.Other: unix:path=$R/bus: No such file"'
bus_start
NAME=$NAME.Other
check "with a name of one's own" wait_for 20 owned
NAME=org.keepalived.Vrrp1
listen fifth
node_stop n1
is "the end is told" "$(heard fifth | tail -3 | sort)" \
	"$VI_1 VrrpStatusChange 98
$ROOT/Instance/eth0/6/IPv6 VrrpStatusChange 98
$ROOT/Vrrp VrrpStopped"
lab_end
