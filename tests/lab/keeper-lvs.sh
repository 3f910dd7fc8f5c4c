#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# keeper-lvs - what happens around virtual servers: scripts, FIFO, mail, kill -9 of the check role, reload, stop.
#
#   client --- router --- lan --- director: VIP:80 NAT, checked by keepalived; mail to 10.1.0.1:2525
#                             \-- rs1 nginx
#                              \- rs2 nginx
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx

R=$LAB_RUN
CONF=$R/keepalived.conf
SCRIPTS=$(mktemp -d /run/elvs-keeper-XXXXXX)
trap 'rm -rf "$SCRIPTS"; lab_cleanup' EXIT
chmod 755 "$SCRIPTS"
cat >"$SCRIPTS/note" <<-SH
	#!/bin/sh
	echo "\$*" >>$R/notes
SH
chmod 755 "$SCRIPTS/note"
touch "$R/notes"

write_conf() {	# WEIGHT-OF-RS2 EXTRA
	cat >"$CONF" <<-C
	global_defs {
	    router_id lab
	    notification_email { admin@example.net }
	    notification_email_from elvs@example.net
	    smtp_server 10.1.0.1 2525
	    smtp_connect_timeout 5
	    enable_script_security
	    script_user root
	    lvs_notify_fifo $R/fifo
	}
	virtual_server $VIP 80 {
	    delay_loop 0.3
	    lb_algo rr
	    lb_kind NAT
	    protocol TCP
	    quorum 1
	    quorum_up "$SCRIPTS/note quorum up"
	    quorum_down "$SCRIPTS/note quorum down"
	    smtp_alert
	    real_server 10.1.0.11 80 {
	        weight 1
	        smtp_alert
	        notify_up "$SCRIPTS/note rs1 up"
	        notify_down "$SCRIPTS/note rs1 down"
	        TCP_CHECK { connect_timeout 1
	            retry 0
	            warmup 0.1
	        }
	    }
	    real_server 10.1.0.12 80 {
	        weight $1
	        notify_up "$SCRIPTS/note rs2 up"
	        notify_down "$SCRIPTS/note rs2 down"
	        MISC_CHECK { misc_path "$SCRIPTS/misc"
	            misc_timeout 2
	            warmup 0.1
	        }
	    }
	}
	${2:-}
	C
}
cat >"$SCRIPTS/misc" <<-SH
	#!/bin/sh
	exec test ! -e $R/misc-fails
SH
chmod 755 "$SCRIPTS/misc"

# A mail server that writes what it is told into a file: no more than SMTP's plainest dialogue.
cat >"$R/smtp.py" <<-'P'
	import socket, sys
	at = socket.create_server((sys.argv[1], int(sys.argv[2])))
	def talk(s):
	    f = s.makefile("rwb", buffering=0)
	    f.write(b"220 sink\r\n")
	    data = False
	    out = open(sys.argv[3], "ab", buffering=0)
	    while (line := f.readline()):
	        out.write(line)
	        if data:
	            if line == b".\r\n":
	                data = False
	                f.write(b"250 taken\r\n")
	        elif line.upper().startswith(b"DATA"):
	            data = True
	            f.write(b"354 go on\r\n")
	        elif line.upper().startswith(b"QUIT"):
	            f.write(b"221 bye\r\n")
	            break
	        else:
	            f.write(b"250 fine\r\n")
	while True:
	    s, _ = at.accept()
	    try:
	        talk(s)
	    except OSError:
	        pass
	    s.close()
P
lab_spawn director python3 "$R/smtp.py" 10.1.0.1 2525 "$R/mail"
check "the mail server listens" wait_for 15 'on director ss -Hltn | grep -q 10.1.0.1:2525'
touch "$R/mail"

in_table() { dir ipvsadm -Ln | grep -c " 10\.1\.0\.1$1:80 " || true; }
log_has() { grep -qE -- "$1" "$R"/log*; }

# ---- start ----
write_conf 1
mkfifo "$R/fifo"
(exec cat "$R/fifo" >"$R/fifo.out") &
LAB_PIDS+=($!)
check "it starts" on director keepalived -D -G "-g$R/log" -p "$R/k.pid" -r "$R/v.pid" -c "$R/c.pid" -b "$R/b.pid" \
	-f "$CONF"
check "both servers are in the table" wait_for 15 '[ "$(in_table 1)$(in_table 2)" = 11 ]'
is "and answer" "$(for i in 1 2 3 4; do fetch http://$VIP/; done | sort -u | tr '\n' ' ')" "rs1 rs2 "
is "without VRRP there is no VRRP process" "$(ask '{"verb":"status"}' | jq -c '[.roles[].name] | index("vrrp")')" null
known='[ "$(ask "{\"verb\":\"status\"}" | jq "[.checks[].known] | all")" = true ]'
check "all checks have been told" wait_for 15 "$known"

# ---- a server fails and returns ----
on rs1 iptables -I INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset
check "a failed server leaves the table" wait_for 15 '[ "$(in_table 1)" = 0 ]'
check "in keepalived's words" wait_for 15 \
	'log_has "Removing service \[10.1.0.11\]:tcp:80 (from|to) VS \[$VIP\]:tcp:80"'
check "notify_down has run" wait_for 15 'grep -qx "rs1 down" "$R/notes"'
check "the FIFO has its line" wait_for 15 'grep -aq "^RS \[10.1.0.11\]:tcp:80 \[$VIP\]:tcp:80 DOWN" "$R/fifo.out"'
check "mail has been sent" wait_for 15 'grep -q "^Subject: \[lab\] Realserver \[10.1.0.11\]:tcp:80 of virtual server \[$VIP\]:tcp:80 - DOWN" "$R/mail"'
like "to whom it should" "$(cat "$R/mail")" "^RCPT TO:<admin@example.net>"
touch "$R/misc-fails"
check "a script that fails takes a server out" wait_for 15 '[ "$(in_table 2)" = 0 ]'
check "the quorum is lost, and said so" wait_for 15 \
	'grep -qx "quorum down" "$R/notes" && grep -aq "^VS \[$VIP\]:tcp:80 DOWN" "$R/fifo.out"'
rm "$R/misc-fails"
on rs1 iptables -D INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset
check "both return" wait_for 15 '[ "$(in_table 1)$(in_table 2)" = 11 ]'
check "and are said to" wait_for 15 \
	'grep -qx "rs1 up" "$R/notes" && grep -qx "rs2 up" "$R/notes" && grep -qx "quorum up" "$R/notes"'

# ---- kill -9 of the check role: nobody is taken out ----
on rs1 iptables -I INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset
check "a server is down" wait_for 15 '[ "$(in_table 1)" = 0 ]'
: >"$R/notes"
kill -9 "$(cat "$R/c.pid")"
check "a checker that is killed comes back" wait_for 15 \
	'[ "$(ask "{\"verb\":\"status\"}" | jq ".roles[] | select(.name == \"check\").restarts")" = 1 ]'
check "and decides anew" wait_for 15 "$known"
is "what was up stays, what was down stays down" "$(in_table 1)$(in_table 2)" 01
is "and nobody is told anything" "$(cat "$R/notes")" ""
on rs1 iptables -D INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset
check "a server that returns is seen by the new one" wait_for 15 '[ "$(in_table 1)" = 1 ]'

# ---- reload ----
pid=$(cat "$R/c.pid")
write_conf 5
like "a reload" "$(ask '{"verb":"reload"}')" '"ok": true'
check "changes a weight" wait_for 15 'dir ipvsadm -Ln | grep -q "10.1.0.12:80 *Masq *5"'
is "in the same processes" "$(cat "$R/c.pid")" "$pid"
dir ipvsadm -d -t $VIP:80 -r 10.1.0.11:80
like "a reload that is to repair" "$(ask '{"verb":"reload","repair":true}')" '"ok": true'
check "puts back what somebody removed" wait_for 15 '[ "$(in_table 1)" = 1 ]'

# ---- stop ----
pid=$(cat "$R/k.pid")
kill "$pid"
check "it ends" wait_for 15 '! kill -0 $pid'
is "and nothing is left in the table" "$(dir ipvsadm -Ln | sed 1,3d)" ""
check "a FIFO that it had not made stays" test -p "$R/fifo"
check "with --dont-release-ipvs" on director keepalived -I -D -G "-g$R/log" -p "$R/k.pid" -r "$R/v.pid" \
	-c "$R/c.pid" -b "$R/b.pid" -f "$CONF"
check "(both are in the table)" wait_for 15 '[ "$(in_table 1)$(in_table 2)" = 11 ]'
pid=$(cat "$R/k.pid")
kill "$pid"
check "it ends" wait_for 15 '! kill -0 $pid'
is "and leaves what is there" "$(in_table 1)$(in_table 2)" 11
rm -rf "$SCRIPTS"
lab_end
