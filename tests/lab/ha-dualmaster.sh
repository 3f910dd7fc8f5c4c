#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ha-dualmaster - two directors, each master of one VIP and backup of the other's, from a tutorial's own files and its
# notify script; then the same with Debian's keepalived as the second director.
#
#   client --- router --- lan --- director   lb01: MASTER of VI_1 (10.1.0.100), BACKUP of VI_2 (10.1.0.200)
#                             \-- director2  lb02: BACKUP of VI_1, MASTER of VI_2; ours, later Debian's
#                             \-- rs1 rs2: nginx, both VIPs on lo
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
VIP2=10.1.0.200
DEBIAN=/usr/sbin/keepalived
lab_begin
lab_topology 2 router
lab_director_bare
lab_director_n 2
lab_nginx
for i in 1 2; do
	ip -n "$LAB-rs$i" addr add $VIP/32 dev lo
	ip -n "$LAB-rs$i" addr add $VIP2/32 dev lo
done
SCRIPTS=$(mktemp -d /run/elvs-dualmaster-XXXXXX)
trap 'rm -rf "$SCRIPTS"; lab_cleanup' EXIT
chmod 755 "$SCRIPTS"

# start_conf NAME FILE: the tutorial's file with this lab's addresses, its notify script, and the second VIP served as
# the first one is, which the tutorial leaves to the reader
start_conf() {
	local d=$SCRIPTS/$1 text
	machine "$1"
	mkdir -p "$d"
	: >"$d/mails"
	: >"$d/notes"
	chmod 666 "$d/mails" "$d/notes"
	printf '#!/bin/sh\necho "$2: $(cat)" >>%s/mails\n' "$d" >"$d/mail"	# mail -s SUBJECT TO
	printf '#!/bin/sh\necho "$*" >>%s/notes\n' "$d" >"$d/all"
	sed "s#^vip=.*#vip=$VIP#; s#| mail #| $d/mail #; s#\`hostname\`#$1#g" \
		"$LAB_TOP/tests/seed-scripts/000-notify.sh" >"$d/notify.sh"
	chmod 755 "$d"/mail "$d"/all "$d"/notify.sh
	text=$(sed "s/10\.0\.0\.3\b/$VIP/; s/10\.0\.0\.4\b/$VIP2/; s/10\.0\.0\.7\b/10.1.0.11/; s/10\.0\.0\.8\b/10.1.0.12/
		    s#^    advert_int 1#&\n    notify_master \"$d/notify.sh master\"\n    notify_backup \"$d/notify.sh backup\"\n    notify_fault \"$d/notify.sh fault\"\n    notify $d/all#" \
		"$LAB_TOP/tests/conf/seeds/$2")
	{
		echo "$text"
		sed -n "/^virtual_server/,\$ s/$VIP /$VIP2 /p; /^virtual_server/,\$ { /$VIP /! p }" <<<"$text"
	} >"$ETC/keepalived/keepalived.conf"
}
start_conf director 000-dr-master.conf
start_conf director2 000-dr-backup.conf

# at ADDRESS: on which directors it stands
at() {
	local x
	for x in director director2; do ! has_vip $x "$1" || echo $x; done | paste -sd' '
}
# stand SECONDS TEXT OF-VIP OF-VIP2
stand() {
	wait_for "$1" "[ \"\$(at $VIP)|\$(at $VIP2)\" = '$3|$4' ]" >/dev/null || true
	is "$2" "$(at $VIP) and $(at $VIP2)" "$3 and $4"
}
# conns NAME VIP: that its table has counted
conns() {
	ip netns exec "$LAB-$1" ipvsadm -Ln --stats --exact -t "$2:80" | awk '/^TCP/ { print $3 }'
}
# serves VIP NAME: requests reach a real server, through that director
serves() {
	local before got
	wait_for 5 "[ \"\$(fetch http://$1/)\" != FAILED ]" >/dev/null || true
	before=$(conns "$2" "$1")
	got=$(fetch_many 4 "http://$1/" | grep -c FAILED || true)
	is "$1 is served by $2" "$got failed, $(($(conns "$2" "$1") - before)) there" "0 failed, 4 there"
}
mails() { cut -d: -f1 "$SCRIPTS/$1/mails" | sort | uniq -c | awk '{ $1 = $1; print }' | paste -sd'|'; }
notes() { grep -E "\"?$2\"? " "$SCRIPTS/$1/notes" | tail -n "$3" | paste -sd'|'; }

check "keepalived starts on director" service director start
check "and on director2" service director2 start
stand 10 "each VIP is where its master is" director director2
serves $VIP director
serves $VIP2 director2
check "the notify scripts have run" wait_for 5 \
	"grep -q VI_2 $SCRIPTS/director/notes && grep -q VI_1 $SCRIPTS/director2/notes &&
	grep -q master $SCRIPTS/director/mails && grep -q master $SCRIPTS/director2/mails"
like "with what keepalived gives them: director" "$(cat "$SCRIPTS/director/notes")" '^INSTANCE VI_1 MASTER 150$'
like "and of the other instance" "$(cat "$SCRIPTS/director/notes")" '^INSTANCE VI_2 BACKUP 50$'
like "director2" "$(cat "$SCRIPTS/director2/notes")" '^INSTANCE VI_2 MASTER 150$'
like "and of the other instance" "$(cat "$SCRIPTS/director2/notes")" '^INSTANCE VI_1 BACKUP 100$'
like "the tutorial's script sends its mail" "$(cat "$SCRIPTS/director/mails")" \
	"^director to be master: $VIP floating: .*: vrrp transition, director changed to be master$"

# drill_ours: second node stopped, returned; first stopped, returned
service director2 stop >/dev/null
stand 6 "director2 stopped: director has both" director director
serves $VIP director
serves $VIP2 director
check "and its script is told" wait_for 5 "grep -qx 'INSTANCE VI_2 MASTER 50' $SCRIPTS/director/notes"
service director2 start >/dev/null
stand 10 "director2 is back: each has its own" director director2
check "and the scripts are told" wait_for 5 "[ \"\$(notes director VI_2 1)\" = 'INSTANCE VI_2 BACKUP 50' ]"
service director stop >/dev/null
stand 6 "director stopped: director2 has both" director2 director2
serves $VIP director2
serves $VIP2 director2
service director2 stop >/dev/null
stand 6 "both stopped: nobody has any" "" ""
note "mails: director $(mails director); director2 $(mails director2)"

# ---- Debian's as the second director: VRRP alone, this machine has no kernel IPVS ----
: >"$SCRIPTS/director2/notes"
mkdir -p "$LAB_RUN/debian"
debian() {
	lab_spawn director2 "$DEBIAN" -n -l -D -P -f "$LAB_RUN/director2/etc/keepalived/keepalived.conf" \
		-p "$LAB_RUN/debian/main.pid" -r "$LAB_RUN/debian/vrrp.pid" >>"$LAB_RUN/debian/log" 2>&1
	DEBIAN_PID=$LAST_PID
}
service director start >/dev/null
debian
stand 10 "with Debian's as director2: each VIP is where its master is" director director2
check "its scripts are told the same" wait_for 5 "grep -qx 'INSTANCE VI_2 MASTER 150' $SCRIPTS/director2/notes &&
	grep -qx 'INSTANCE VI_1 BACKUP 100' $SCRIPTS/director2/notes"
serves $VIP director
lab_stop "$DEBIAN_PID"
stand 6 "Debian's stopped: director has both" director director
serves $VIP2 director
debian
stand 10 "Debian's is back: each has its own" director director2
service director stop >/dev/null
stand 6 "ours stopped: Debian's has both" director2 director2
lab_stop "$DEBIAN_PID"
unlike "Debian's complained about none of ours" "$(cat "$LAB_RUN/debian/log")" \
	'nvalid|ncorrect|mismatch|expected|bogus|differ|eceived an invalid'
rm -rf "$SCRIPTS"
lab_end
