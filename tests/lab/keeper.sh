#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper - keepalived's main process: -t, start, pid files, notifications, dumps, reload, kill -9 of each role, stop.
#
#   one namespace ("director"):  v0 10.66.0.1/24 ---veth--- v1      VIP 10.66.0.9 on v0
. "$(dirname "$0")/lib.sh"
lab_begin
lab_namespace director
ip -n "$LAB-director" link add v0 type veth peer name v1
ip -n "$LAB-director" addr add 10.66.0.1/24 dev v0
ip -n "$LAB-director" link set v0 up
ip -n "$LAB-director" link set v1 up

R=$LAB_RUN
CONF=$R/keepalived.conf
PIDS=(-p "$R/k.pid" -r "$R/v.pid" -c "$R/c.pid" -b "$R/b.pid")
run_keepalived() { on director keepalived -D -G -g"$R/log" "${PIDS[@]}" "$@"; }
log_has() { grep -qE -- "$1" "$R"/log*; }
vip() { ip -n "$LAB-director" -br addr show v0 | grep -c "10\.66\.0\.$1/" || true; }
fifo_has() { grep -qE "$1" "$R/fifo.out"; }

# Scripts that root runs must be changed by nobody else, the directories above included.
SCRIPTS=$(mktemp -d /run/elvs-keeper-XXXXXX)
chmod 755 "$SCRIPTS"
trap 'rm -rf "$SCRIPTS"; lab_cleanup' EXIT
cat >"$SCRIPTS/notify" <<-SH
	#!/bin/sh
	echo "\$(id -un): \$*" >>$R/notify.out
SH
cat >"$SCRIPTS/reader" <<-SH
	#!/bin/sh
	exec cat "\$1" >>$R/fifo.out
SH
chmod 755 "$SCRIPTS"/*
chmod 711 "$R"
touch "$R/notify.out"
chmod 666 "$R/notify.out"

write_conf() {	# PRIORITY VIP-NUMBER EXTRA
	cat >"$CONF" <<-C
	global_defs {
	    router_id lab
	    enable_script_security
	    script_user root
	    vrrp_notify_fifo $R/fifo
	    vrrp_notify_fifo_script "$SCRIPTS/reader"
	    state_dump_file $R/dump.data
	    json_dump_file $R/dump.json
	    stats_dump_file $R/dump.stats
	}
	track_file tf {
	    file "$R/tracked"
	    init_file 0
	}
	vrrp_instance VI_1 {
	    interface v0
	    state BACKUP
	    virtual_router_id 66
	    priority $1
	    version 3
	    advert_int 0.1
	    virtual_ipaddress { 10.66.0.$2/32 }
	    track_file { tf weight 1 }
	    notify "$SCRIPTS/notify any"
	    notify_master "$SCRIPTS/notify master" nobody
	    notify_stop "$SCRIPTS/notify stop"
	}
	${3:-}
	C
}

# ---- -t ----
status_of() { local s=0; "$@" >"$R/out" 2>&1 || s=$?; echo $s; }
write_conf 100 9
is "-t of a good file" "$(status_of run_keepalived -t -f "$CONF")" 0
is "says nothing" "$(cat "$R/out")" ""
write_conf 100 9 $'no_such_word 1\nvrrp_instance VI_2 {\n  virtual_router_id 999\n}'
is "-t of one with errors" "$(status_of run_keepalived -t -f "$CONF")" 5
like "names file, line and column of the first" "$(cat "$R/out")" "^$CONF:[0-9]+:[0-9]+: error: .*no_such_word"
like "and of another one" "$(cat "$R/out")" "^$CONF:[0-9]+:[0-9]+: .*999"
is "-t of a file that is not there" "$(status_of run_keepalived -t -f "$R/none.conf")" 4
printf 'vrrp_instance VI_1 {\n  interface\n}\n' >"$CONF"
is "-t where a parameter is missing" "$(status_of run_keepalived -t -f "$CONF")" 2
run_keepalived "-t$R/messages" -f "$CONF" || true
like "-tFILE writes there" "$(cat "$R/messages")" "interface"
is "an unknown option is refused" "$(status_of run_keepalived --no-such-option)" 1
is "--signum" "$(keepalived --signum=RELOAD)" 1
is "a start with a file that cannot be used fails" "$(status_of run_keepalived -f "$R/none.conf")" 1
like "and says why, on the terminal" "$(cat "$R/out")" "none.conf: error: .*No such file"

# ---- start ----
write_conf 100 9
from_there() (cd "$R" && run_keepalived -f "${CONF##*/}")
check "it starts in the background, with a path from where we stand" from_there
check "the pid file names a living process" kill -0 "$(cat "$R/k.pid")"
check "and that of VRRP" kill -0 "$(cat "$R/v.pid")"
like "pidof finds it" " $(pidof keepalived) " " $(cat "$R/k.pid") "
is "a second one is refused" "$(status_of run_keepalived -f "$CONF")" 1
like "with a sentence" "$(cat "$R/out")" "already running.*$(cat "$R/k.pid")"
check "the address is there" wait_for 15 '[ "$(vip 9)" = 1 ]'
check "the log says so in keepalived's words" wait_for 15 'log_has "\(VI_1\) Entering MASTER STATE"'
check "notify_master has run as its user" wait_for 15 'grep -qx "nobody: master" "$R/notify.out"'
check "notify has its four arguments" wait_for 15 'grep -qx "root: any INSTANCE VI_1 MASTER 100" "$R/notify.out"'
check "the FIFO has its line" wait_for 15 'fifo_has "^INSTANCE \"VI_1\" MASTER 100$"'

# ---- what can be asked ----
kill -USR1 "$(cat "$R/k.pid")"
check "USR1 dumps data" wait_for 15 'grep -q VI_1 "$R/dump.data" && grep -q VI_1 "$R/dump_parent.data"'
kill -USR2 "$(cat "$R/k.pid")"
check "USR2 dumps statistics" wait_for 15 'grep -q VI_1 "$R/dump.stats"'
kill -"$(keepalived --signum=JSON)" "$(cat "$R/k.pid")"
check "JSON is JSON" wait_for 15 'jq -e . "$R/dump.json"'
is "status: master" "$(ask '{"verb":"status"}' | jq -r '.vrrp[0].state')" MASTER
like "nonsense is answered" "$(ask '{"verb":"frobnicate"}')" error
like "bad JSON, too" "$(ask '{"verb')" error
echo 20 >"$R/tracked"
check "a tracked file's number counts" wait_for 15 \
	'[ "$(ask "{\"verb\":\"status\"}" | jq ".vrrp[0].priority")" = 120 ]'

# ---- reload ----
since() { ask '{"verb":"status"}' | jq -r '.vrrp[0].transitions'; }
transitions=$(since)
write_conf 110 9
kill -HUP "$(cat "$R/k.pid")"
check "a reload takes effect" wait_for 15 '[ "$(ask "{\"verb\":\"status\"}" | jq ".vrrp[0].priority")" = 130 ]'
is "and nothing flaps" "$(since)" "$transitions"
pid=$(cat "$R/v.pid")
write_conf 120 9 'no_such_word 1'
like "a reload with an error is refused" "$(ask '{"verb":"reload"}')" '"ok": false.*no_such_word'
is "and leaves everything as it was" "$(ask '{"verb":"status"}' | jq '.vrrp[0].base_priority')" 110
write_conf 120 9 'vrrp_instance VI_9 { interface'
like "so is one that cannot even be read" "$(ask '{"verb":"reload"}')" '"ok": false'
is "the address stays" "$(vip 9)" 1
write_conf 110 8
like "a good one is accepted" "$(ask '{"verb":"reload"}')" '"ok": true'
check "its address comes" wait_for 15 '[ "$(vip 8)$(vip 9)" = 10 ]'
is "all by the same process" "$(cat "$R/v.pid")" "$pid"
write_conf 110 9
ask '{"verb":"reload"}' >/dev/null

# ---- kill -9 ----
for role in vrrp script; do
	before=$(ask '{"verb":"status"}' | jq ".roles[] | select(.name == \"$role\").pid")
	kill -9 "$before"
	check "$role comes back after kill -9" wait_for 15 \
		'[ "$(ask "{\"verb\":\"status\"}" | jq ".roles[] | select(.name == \"$role\").restarts")" = 1 ]'
	check "the address is there afterwards" wait_for 15 '[ "$(vip 9)" = 1 ]'
done
is "VRRP's new pid is in its file" "$(cat "$R/v.pid")" \
	"$(ask '{"verb":"status"}' | jq '.roles[] | select(.name == "vrrp").pid')"
is "the tracked file still counts" "$(ask '{"verb":"status"}' | jq '.vrrp[0].priority')" 130

# ---- stop ----
: >"$R/notify.out"
pid=$(cat "$R/k.pid")
kill "$pid"
check "TERM ends it" wait_for 15 '! kill -0 $pid'
check "notify_stop has run" grep -qx "root: stop" "$R/notify.out"
check "and notify, with STOP" grep -qE "^root: any INSTANCE VI_1 STOP [0-9]+$" "$R/notify.out"
is "the address is gone" "$(vip 9)" 0
is "no pid file is left" "$(find "$R" -name '*.pid')" ""
check "nor the FIFO" test ! -e "$R/fifo"

# ---- the keeper itself, killed ----
check "it starts again" run_keepalived -f "$CONF"
check "and is master" wait_for 15 '[ "$(vip 9)" = 1 ]'
pid=$(cat "$R/k.pid") vrrp=$(cat "$R/v.pid")
kill -9 "$pid"
check "its roles end with it" wait_for 15 "! kill -0 $vrrp"
check "a pid file of the dead does not count" run_keepalived -f "$CONF"
check "the address is there again" wait_for 15 '[ "$(vip 9)" = 1 ]'
pid=$(cat "$R/k.pid")
kill "$pid"
check "and it ends" wait_for 15 '! kill -0 $pid'

# ---- --dont-respawn ----
check "with --dont-respawn" run_keepalived -R -f "$CONF"
pid=$(cat "$R/k.pid")
kill -9 "$(cat "$R/v.pid")"
check "the end of a role is the end of all" wait_for 15 '! kill -0 $pid'

# ---- two in one namespace: an instance of its own, and one with nothing but its own pid files ----
vrrp_of() {	# NAME VRID
	cat <<-CONF
		vrrp_instance $1 {
			interface v0
			virtual_router_id $2
			virtual_ipaddress {
				10.66.0.$2
			}
		}
	CONF
}
instances() { on director elvs status --json | jq -c '[.keepalived, .other_keepalived[]?] | map([.instance, .vrrp[].name]) | sort'; }
vrrp_of one 21 >"$R/one.conf"
(echo "instance second"; vrrp_of two 22) >"$R/two.conf"
vrrp_of three 23 >"$R/three.conf"
for n in one two three; do
	check "keepalived with $n.conf" on director keepalived -D -G -g"$R/log.$n" -p "$R/$n.pid" -r "$R/$n.v.pid" \
		-c "$R/$n.c.pid" -b "$R/$n.b.pid" -f "$R/$n.conf"
done
is "elvs status shows all of them" "$(instances)" '[["","one"],["","three"],["second","two"]]'
for n in 21 22 23; do check "10.66.0.$n is there" wait_for 15 "[ \"\$(vip $n)\" = 1 ]"; done
sed -i 's/two/deux/' "$R/two.conf"
sed -i 's/three/trois/' "$R/three.conf"
check "elvs reload reaches all" on director elvs reload
is "all have reloaded" "$(instances)" '[["","one"],["","trois"],["second","deux"]]'
pid=$(cat "$R/one.pid")
kill -9 "$pid"
wait_for 5 '! kill -0 $pid'
is "one that was killed is not waited for" "$(instances)" '[["","trois"],["second","deux"]]'
for n in two three; do
	pid=$(cat "$R/$n.pid")
	kill "$pid"
	check "the one with $n.conf ends" wait_for 15 '! kill -0 $pid'
done
rm -rf "$SCRIPTS"
lab_end
