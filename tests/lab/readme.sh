#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# readme - the five-minute tour of README.md, word for word but for the names of its namespaces, which get this
# lab's prefix, and for the daemon it kills, which is this lab's only.
#
#   client 10.0.0.2 --- director --- rs1, rs2: as the tour draws it
. "$(dirname "$0")/lib.sh"
lab_begin

# blocks FILE: the lines of its blocks of shell commands, each with its block's number
blocks() { awk '/^```sh$/ { on = 1; n++; next } /^```$/ { on = 0 } on { print n ":" $0 }' "$1"; }
block() { blocks "$LAB_TOP/README.md" | sed -n "s/^$1://p"; }

is "README.zh-CN.md has the same commands" \
	"$(blocks "$LAB_TOP/README.zh-CN.md" | grep -v '^[0-9]*:#')" \
	"$(blocks "$LAB_TOP/README.md" | grep -v '^[0-9]*:#')"
is "there are three blocks" "$(blocks "$LAB_TOP/README.md" | cut -d: -f1 | sort -u | paste -sd' ')" "1 2 3"

kill_mine() {
	lab_kill_daemons "$ELVS_RUN_DIR"
}
mine() {
	sed -E "s#/tmp/tour#$LAB_RUN/tour#g; s#\b(client|director|rs1|rs2)\b#$LAB-\1#g; s#elvs $LAB-director#elvs director#
		s#^pkill -KILL elvsd\$#kill_mine#; s#ip netns exec#tour_exec#; s#(tour_exec .*http.server.*) &#\1 \& LAB_PIDS+=(\$!)#
		s#kill \\$\(jobs -p\)#kill \"\${LAB_PIDS[@]}\"#" <<<"$1"
}
# The tour's background jobs must not outlive this script.
tour_exec() { ip netns exec "$@"; }

out=$LAB_RUN/out
eval "$(mine "$(block 1)")" >"$out" 2>&1 || note "block 1 ended with status $?"
answers() { grep '^I am' "$out" | sed 's/.*-//' | sort | uniq -c | awk '{ print $1, $2 }' | paste -sd' '; }
is "two servers answer in turn" "$(answers)" "2 rs1 2 rs2"
like "ipvsadm -Ln shows the service" "$(cat "$out")" '^TCP  10.0.0.100:80 rr'
like "and its servers" "$(cat "$out")" '-> 192.168.1.2:8080 +Masq +1 '
like "ipvsadm -Lnc shows connections" "$(cat "$out")" '^TCP [0-9:]+ +[A-Z_]+ +10.0.0.2:'
unlike "nothing complains" "$(cat "$out")" '[Ee]rror|[Cc]annot|not found|denied'

eval "$(mine "$(block 2)")" >"$out" 2>&1 || note "block 2 ended with status $?"
is "without a daemon they still answer in turn" "$(answers)" "2 rs1 2 rs2"
# 8, and one more for every request that met a web server not yet started
like "the next daemon finds the counters" "$(cat "$out")" '^TCP +10.0.0.100:80 +([89]|1[0-9]) '

set +e
eval "$(mine "$(block 3)")" >"$out" 2>&1
set -e
is "and away with it" "$(ip netns list | grep "^$LAB-" || true)" ""
LAB_PIDS=()
lab_end
