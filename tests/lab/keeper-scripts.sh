#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper-scripts - what the keeper runs and watches: startup and shutdown scripts, tracked scripts and processes, a
# hanging script, a timed reload, a FIFO for everything, the status page, net_namespace.
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
SCRIPTS=$(mktemp -d /run/elvs-keeper-XXXXXX)
trap 'rm -rf "$SCRIPTS"; lab_cleanup' EXIT
chmod 755 "$SCRIPTS"
PROCESS=elvs-lab-$$	# a name that nobody else's process has
cp /bin/sleep "$SCRIPTS/$PROCESS"
cat >"$SCRIPTS/note" <<-SH
	#!/bin/sh
	echo "\$*" >>$R/notes
SH
cat >"$SCRIPTS/slow" <<-SH
	#!/bin/sh
	echo "\$1 begins" >>$R/notes
	sleep 0.5
	echo "\$1 ends" >>$R/notes
SH
cat >"$SCRIPTS/tracked" <<-SH
	#!/bin/sh
	[ ! -e $R/hang ] || sleep 60
	test ! -e $R/fail
SH
chmod 755 "$SCRIPTS"/*
: >"$R/notes"

cat >"$CONF" <<-C
	net_namespace $LAB-director
	instance one
	global_defs {
	    router_id lab
	    enable_script_security
	    script_user root
	    notify_fifo $R/fifo
	    startup_script "$SCRIPTS/slow startup"
	    startup_script_timeout 5
	    shutdown_script "$SCRIPTS/slow shutdown"
	    shutdown_script_timeout 5
	    reload_time_file $R/reload-time
	    status_listen 127.0.0.1 9650
	}
	vrrp_script chk {
	    script "$SCRIPTS/tracked"
	    interval 0.2
	    timeout 0.4
	    rise 2
	    fall 2
	}
	vrrp_track_process proc {
	    process $PROCESS
	    weight 5
	}
	vrrp_instance VI_1 {
	    interface v0
	    virtual_router_id 66
	    priority 100
	    version 3
	    advert_int 0.1
	    virtual_ipaddress { 10.66.0.9/32 }
	    track_script { chk }
	    track_process { proc }
	    notify_master "$SCRIPTS/note master"
	    notify_fault "$SCRIPTS/note fault"
	}
C
log_has() { grep -qE -- "$1" "$R"/log*; }
vip() { ip -n "$LAB-director" -br addr show v0 | grep -c "10\.66\.0\.9/" || true; }
status() { on director curl -sf -m 3 http://127.0.0.1:9650/status.json | jq -r "$1"; }
mkfifo "$R/fifo"
(exec cat "$R/fifo" >"$R/fifo.out") &
LAB_PIDS+=($!)

# ---- start: into its namespace by itself ----
check "it starts" keepalived -D -G "-g$R/log.txt" -p "$R/k.pid" -r "$R/v.pid" -c "$R/c.pid" -b "$R/b.pid" -f "$CONF"
is "after the startup script" "$(head -2 "$R/notes" | tr '\n' ' ')" "startup begins startup ends "
K=$(cat "$R/k.pid")
is "in the namespace that it names" "$(readlink "/proc/$K/ns/net")" "$(on director readlink /proc/self/ns/net)"
check "the address comes" wait_for 15 '[ "$(vip)" = 1 ]'
check "VRRP has a log of its own" wait_for 15 'grep -q "Entering MASTER" "$R/log_vrrp.txt"'
check "the FIFO for everything has the line" wait_for 15 'grep -q "INSTANCE \"VI_1\" MASTER" "$R/fifo.out"'
check "the status page says so" wait_for 15 '[ "$(status ".vrrp[0].state")" = MASTER ]'
like "metrics, too" "$(on director curl -sf -m 3 http://127.0.0.1:9650/metrics)" VI_1
is "the status process has no rights" \
	"$(awk '/^CapEff|^Seccomp:|^NoNewPrivs/ { printf "%s ", $2 }' \
		"/proc/$(status '.roles[] | select(.name == "status").pid')/status")" \
	"0000000000000000 1 2 "

# ---- tracked scripts ----
touch "$R/fail"
check "a script that fails twice is a fault" wait_for 15 'grep -qx fault "$R/notes"'
check "in keepalived's words" log_has 'VRRP_Script\(chk\) failed \(exited with status 1\)'
is "without the address" "$(vip)" 0
rm "$R/fail"
check "one that succeeds twice ends it" wait_for 15 '[ "$(vip)" = 1 ] && log_has "VRRP_Script\(chk\) succeeded"'
touch "$R/hang"
check "one that hangs is ended and counts as failed" wait_for 15 'log_has "VRRP_Script\(chk\) failed \(timed out\)"'
rm "$R/hang"
check "(it is back)" wait_for 15 '[ "$(vip)" = 1 ]'
check "no run is left hanging" wait_for 15 '! pgrep -f "^/bin/sh $SCRIPTS/tracked"'

# ---- tracked processes ----
check "without the process the priority is its own" wait_for 15 '[ "$(status ".vrrp[0].priority")" = 100 ]'
"$SCRIPTS/$PROCESS" 60 &
P=$!
LAB_PIDS+=("$P")
check "with it, it is more" wait_for 15 '[ "$(status ".vrrp[0].priority")" = 105 ]'
kill "$P"
check "and again less" wait_for 15 '[ "$(status ".vrrp[0].priority")" = 100 ]'

# ---- a reload at a time ----
date -d '2 seconds' +%T >"$R/reload-time"
check "a timed reload takes place" wait_for 15 'log_has "Reload finished"'
check "its file is gone" test ! -e "$R/reload-time"
sed -i 's/instance one/instance two/' "$CONF"
kill -HUP "$K"
check "another instance's name is refused" wait_for 15 'log_has "Reload refused: instance cannot change"'

# ---- end ----
kill "$K"
check "it ends" wait_for 10 '! kill -0 $K'
is "with the shutdown script last" "$(tail -2 "$R/notes" | tr '\n' ' ')" "shutdown begins shutdown ends "
rm -rf "$SCRIPTS"
lab_end
