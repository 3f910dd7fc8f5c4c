#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# down - `elvs down` leaves no trace: no program on an interface, no pin, no process; the VIP is an ordinary address.
#
#   client --- router --- lan --- director: VIP:80 -m, then nothing
#                             \-- rs1 (gateway: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 1 director
lab_nginx

# What a machine shows of us: programs and qdiscs on links, sysctls, rules, addresses.
traces() {
	dir ip -d link show eth0 | grep -oE 'xdp[^ ]*|prog/[^ ]*' || true
	dir tc qdisc show dev eth0 | grep -v noqueue || true
	dir ip link show | grep -oE '^[0-9]+: [^:@]+' | cut -d' ' -f2
	dir ip rule show
	dir ip addr show | grep -oE 'inet6? [^ ]+' | sort
	dir sysctl -a 2>/dev/null | grep -E '^net\.ipv[46]\.(conf|ip_)' | grep -vE 'mtu|hop_limit|stable_secret|temp' | sort | md5sum
}
# Programs of ours in the kernel, whoever loaded them: labs may run side by side, so only growth counts.
clean=$(traces)
check "down with nothing up is no error" dir elvs down
is "and starts nothing" "$(traces)" "$clean"

dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -m
is "a service works" "$(fetch http://$VIP/)" rs1
unlike "and has left traces" "$(traces)" '^$'
[ "$(traces)" != "$clean" ] || note "traces() sees nothing: this test is blind"
check "traces() is not blind" test "$(traces)" != "$clean"
if [ "$HOOK" = xdp ]; then
	check "XDP is attached natively" wait_for 5 'dir ip -d link show eth0 | grep -qE "xdp( |$)|prog/xdp "'
	unlike "never generically" "$(dir ip -d link show eth0)" xdpgeneric
else
	unlike "HOOK=tc attaches no XDP program" "$(dir ip -d link show eth0)" xdp
fi
check "-C keeps the programs attached" dir ipvsadm -C
check "still attached" test "$(traces)" != "$clean"
dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -m
check "elvs down" dir elvs down
is "no trace on the machine" "$(traces)" "$clean"
is "the VIP is an ordinary address again" "$(cseq -q -T 1500 $VIP 80)" REFUSED
is "-L after down shows an empty table" "$(dir ipvsadm -Ln | sed 1,3d)" ""
check "elvs down --all" dir elvs down --all
check "the supervisor has ended, so that the next client gets a new one" flock -n "$ELVS_RUN_DIR/lock" true
check "and no process of ours is left" wait_for 2 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
is "no pin either" "$(find "$ELVS_RUN_DIR/bpf" /sys/fs/bpf -path '*elvs*' -newer "$LAB_RUN/rs1/nginx.conf" 2>/dev/null |
	grep -v "^$ELVS_RUN_DIR/bpf$" || true)" ""
dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -m
is "and it can be started again" "$(fetch http://$VIP/)" rs1

# The supervisor dies; its director finds the next one, which is told at once to take everything down.
kill -KILL "$(awk '{ print $1 }' "$ELVS_RUN_DIR/lock")"
check "down --all reaches a director that has not come back yet" dir elvs down --all
check "it has ended" wait_for 2 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
is "and left no trace" "$(traces)" "$clean"

# Daemons of a version that speaks another protocol: killed ones whose pins are there, and a supervisor that refuses us.
dir ipvsadm -A -t $VIP:80 -s rr
lab_kill_daemons "$ELVS_RUN_DIR"
check "pins and programs are left" test "$(traces)" != "$clean"
cat >"$LAB_RUN/older.py" <<'P'
import fcntl, os, signal, socket, struct, sys
run = sys.argv[1]
lock = open(run + "/lock", "r+")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.truncate(0)
lock.write("%d on-demand\n" % os.getpid())
lock.flush()
if os.path.exists(run + "/control"):
    os.unlink(run + "/control")
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(run + "/control")
s.listen(8)
signal.signal(signal.SIGTERM, lambda *_: (os.unlink(run + "/control"), os._exit(0)))
print("ready", flush=True)
while True:
    c, _ = s.accept()
    c.recv(4096)
    c.send(struct.pack("=IiQ240s", 0x656c6873, -71, 0, b"elvsd and this program are of different versions"))
    c.close()
P
python3 "$LAB_RUN/older.py" "$ELVS_RUN_DIR" >"$LAB_RUN/older.out" &
older=$!
LAB_PIDS+=("$older")
wait_for 5 'grep -q ready "$LAB_RUN/older.out"'
like "an older supervisor says so to everybody" "$(dir ipvsadm -Ln 2>&1 || true)" 'different versions'
check "down --all ends it and takes down what it has left" dir elvs down --all
check "it is gone" wait_for 1 "! kill -0 $older"
check "no process is left" wait_for 2 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
is "nor a trace" "$(traces)" "$clean"
lab_end
