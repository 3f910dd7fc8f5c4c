#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# instance - the life of supervisor and director: started by the first call, killed, restarted, taken over, ended with
# their network namespace.
#
#   supervisor (a network namespace of its own)
#      |-- director of NS a        |-- director of NS b         |-- ...
. "$(dirname "$0")/lib.sh"
lab_begin
ns() { echo "$LAB-$1"; }
make() { lab_namespace "$1"; }
in_ns() { ip netns exec "$LAB-$1" "${@:2}"; }
supervisor() { cut -d' ' -f1 "$ELVS_RUN_DIR/lock"; }
# directors: pids, one a line. Found by their run directory, so that labs may run side by side.
directors() {
	local p
	for p in $(lab_daemons "$ELVS_RUN_DIR"); do
		if tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q -- '--role director'; then echo "$p"; fi
	done
}
director_count() { directors | wc -l; }
pins() { find "$ELVS_RUN_DIR/bpf" /sys/fs/bpf -maxdepth 2 -path '*[0-9]/maps' 2>/dev/null | wc -l; }
rules() { in_ns "$1" ipvsadm -Sn; }
add() { in_ns "$1" ipvsadm -A -t "$2" -s rr && in_ns "$1" ipvsadm -a -t "$2" -r 10.9.9.1:80 -m; }
want() { printf -- '-A -t %s -s rr\n-a -t %s -r 10.9.9.1:80 -m -w 1' "$1" "$1"; }

# ---- two first calls at the same instant; a caller that waits for the end of its pipe ----
make a
make b
exec 9>"$LAB_RUN/inherited"
(out=$(in_ns a ipvsadm -Ln 2>&1) && grep -q 'IP Virtual Server version 1.2.1' <<<"$out") &
one=$!
(out=$(in_ns b ipvsadm -Ln 2>&1) && grep -q 'IP Virtual Server version 1.2.1' <<<"$out") &
two=$!
status=0
wait $one || status=$?
is "the first of two first calls is answered, and its pipe ends" $status 0
wait $two || status=$?
is "so is the second" $status 0
is "there is one supervisor" "$(lab_daemons "$ELVS_RUN_DIR" | wc -l)" 3
is "and a director for each namespace" "$(director_count)" 2
is "listing attaches nothing" "$(in_ns a ip -d link show lo | grep -c xdp || true)" 0
check "a service in one" add a 192.0.2.10:80
is "is not seen in the other" "$(rules b)" ""
super=$(supervisor)
is "the supervisor holds nobody's network namespace" \
	"$(for x in a b; do in_ns $x readlink /proc/self/ns/net; done |
	grep -cF "$(readlink "/proc/$super/ns/net")" || true)" 0
# shellcheck disable=SC2046	# several paths
is "nor any descriptor of its starter" "$(find $(lab_daemons "$ELVS_RUN_DIR" | sed 's,.*,/proc/&/fd,') \
	-lname '*/inherited' | wc -l)" 0
exec 9>&-
is "its directory is the root" "$(readlink "/proc/$super/cwd")" /

# ---- killed ----
victims=$(directors)
# shellcheck disable=SC2086
kill -KILL $victims
check "killed directors are started again" wait_for 20 '[ "$(director_count)" = 2 ]'
is "and adopt what they find" "$(rules a)" "$(want 192.0.2.10:80)"
kill -KILL "$super"
check "a killed supervisor is replaced without anybody's call" wait_for 10 \
	'[ "$(supervisor)" != "$super" ] && [ -S "$ELVS_RUN_DIR/control" ] && [ -d "/proc/$(supervisor)" ]'
before=$(directors)
is "its directors live on, and answer" "$(rules a)" "$(want 192.0.2.10:80)"
wait_for 3 false >/dev/null || true	# longer than a new supervisor waits for directors to come back
is "and no others are started" "$(directors)" "$before"
lab_kill_daemons "$ELVS_RUN_DIR"
is "all killed: the next call finds the services" "$(rules a)" "$(want 192.0.2.10:80)"
check "and every instance has its director" wait_for 20 '[ "$(director_count)" = 2 ]'

# ---- run as a service ----
ELVS_RUN_DIR=$ELVS_RUN_DIR "$BIN/elvsd" </dev/null >"$LAB_RUN/service.log" 2>&1 &
service=$!
LAB_PIDS+=("$service")
check "elvsd as a service takes over from one started on demand" wait_for 10 '[ "$(supervisor)" = "$service" ]'
is "with everything" "$(rules a)" "$(want 192.0.2.10:80)"
is "and still one director each" "$(director_count)" 2
status=0
out=$("$BIN/elvsd" 2>&1) || status=$?
is "a second service says no" "$status" 1
like "and why" "$out" 'another elvsd is running here'
lab_stop "$service"
check "stopped, it takes its directors along" wait_for 10 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
is "what was pinned stays" "$(pins)" 2
is "and is found again" "$(rules a)" "$(want 192.0.2.10:80)"
check "by all" wait_for 20 '[ "$(director_count)" = 2 ]'

# ---- namespaces go ----
ip netns del "$(ns b)"
check "a deleted namespace loses its director within 3 s" wait_for 3 '[ "$(director_count)" = 1 ]'
check "and its pins" wait_for 1 '[ "$(pins)" = 1 ]'
unshare -n -- bash -c 'ip link set lo up; ipvsadm -A -t 192.0.2.66:80 -s rr; exec sleep 1000' &
anonymous=$!
LAB_PIDS+=("$anonymous")
check "a namespace without a name has an instance, too" wait_for 20 '[ "$(pins)" = 2 ] && [ "$(director_count)" = 2 ]'
wait_for 3 false >/dev/null || true
is "as long as a process lives in it" "$(director_count)" 2
lab_stop "$anonymous"
check "and not longer" wait_for 3 '[ "$(director_count)" = 1 ] && [ "$(pins)" = 1 ]'
is "the other one is untouched" "$(rules a)" "$(want 192.0.2.10:80)"
lab_kill_daemons "$ELVS_RUN_DIR"
ip netns del "$(ns a)"
is "deleted while nobody looked: the pins are still there" "$(pins)" 1
make a
is "a new namespace sees nothing of the old one's" "$(rules a)" ""
check "and what belonged to that was removed by the start" wait_for 5 '[ "$(pins)" = 1 ]'
ip netns del "$(ns a)"
check "with the last instance the supervisor ends" wait_for 10 '[ -z "$(lab_daemons "$ELVS_RUN_DIR")" ]'
is "and leaves no bpffs" "$(grep -cF "$ELVS_RUN_DIR" /proc/mounts || true)" 0
is "nor a socket, nor an instance's files" \
	"$(find "$ELVS_RUN_DIR" -name control -o -path '*/instance/*' | wc -l)" 0

# ---- what goes wrong is said ----
make c
like "an unknown option" "$("$BIN/elvsd" --nonsense 2>&1 || true)" 'elvsd --help'
like "a wrong hook" "$(ELVS_HOOK=generic "$BIN/elvsd" 2>&1 || true)" 'ELVS_HOOK must be xdp or tc, not .generic'
out=$(ELVS_RUN_DIR=relative "$BIN/elvsd" 2>&1) && status=0 || status=$?
is "a relative run directory" "$status" 2

# An elvsd that ends at once: its reason is the client's answer, and nobody waits for it.
broken() { # TEXT OF THE SCRIPT: what `ipvsadm -Ln' says beside such an elvsd, within 2 s
	mkdir -p "$LAB_RUN/broken"
	cp -L "$BIN/ipvsadm" "$LAB_RUN/broken/"
	printf '#!/bin/sh\n%s\n' "$1" >"$LAB_RUN/broken/elvsd"
	chmod +x "$LAB_RUN/broken/elvsd"
	ELVS_RUN_DIR=$LAB_RUN/broken/run timeout 2 ip netns exec "$(ns c)" "$LAB_RUN/broken/ipvsadm" -Ln 2>&1 || true
}
like "what the loader says" "$(broken 'echo "libbpf.so.1: cannot open shared object file" >&2; exit 127')" \
	'elvsd could not start: libbpf.so.1: cannot open shared object file'
like "nothing was said" "$(broken 'exit 1')" 'elvsd ended at once and did not say why'
lab_end
