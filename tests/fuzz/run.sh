#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - fuzz targets under ASan and UBSan: replays the committed inputs (seconds; TAP), or looks for new ones.
#
# usage: run.sh                       replay all
#        run.sh fuzz SECONDS [NAME]   fuzz (parse ctl args vrrp bfd), from the corpus; a crash is kept in $ELVS_BUILD/fuzz
#        run.sh merge NAME DIR        add those of DIR's inputs to the corpus that reach something new
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${ELVS_BUILD:-$root/build}
out=$build/fuzz
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"
all=(parse ctl args conf vrrp bfd check check_http message track claim dbus agentx)
mkdir -p "$out"

# What a target is made of, beside NAME_fuzz.c; flags before files
sources() {
	case $1 in
	parse) echo "-I$root/bpf -Wno-include-next-absolute-path" ;;
	ctl) echo "-I$root/abi -I$root/lib $root/daemon/director/ctl_decode.c" ;;
	args)
		echo "-I$root/abi -I$root/base -I$root/tools/ipvsadm $root/base/addr.c $root/tools/ipvsadm/words.c"
		printf "$root/tools/ipvsadm/%s.c " options sched_flags command parse_service parse_server
		;;
	vrrp)
		echo "-I$root"
		printf "$root/daemon/vrrp/%s.c " packet packet_parse ah hmac fsm fsm_do fsm_names group priority
		echo "-lnettle"
		;;
	bfd) echo "-I$root $root/daemon/bfd/packet.c $root/daemon/bfd/fsm.c $root/daemon/bfd/session.c" ;;
	check)
		echo "-I$root/conf -I$root/daemon/check"
		printf "$root/daemon/check/%s.c " dns_msg agent_line smtp_line reply_match
		;;
	check_http) echo "-I$root/daemon/check $root/daemon/check/http_msg.c" ;;
	message)
		echo "-I$root -I$root/daemon $root/daemon/message.c $root/daemon/fdpass.c $root/daemon/script/child.c"
		;;
	dbus)
		echo "-I$root -I$root/conf -I$root/daemon -I$root/daemon/dbus"
		printf "$root/daemon/dbus/%s.c " wire objects answer
		;;
	claim) echo "-I$root/abi -I$root/lib -I$root/daemon/director $root/daemon/director/claim.c" ;;
	agentx)
		echo "-I$root/abi -I$root/base -I$root/conf -I$root/daemon -I$root/daemon/snmp -I$root"
		find "$root/daemon/snmp" -name '*.c' ! -name '*_test.c' ! -name role.c ! -name serve.c ! -name session.c \
			! -name facts.c ! -name trap.c
		;;
	track)
		echo "-I$root/conf -I$root/daemon/keeper"
		echo "$root/daemon/keeper/file_value.c $root/daemon/keeper/process_match.c"
		;;
	conf)
		echo "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -I$root/abi -I$root/base -I$root/conf"
		find "$root/conf" -name '*.c' ! -name '*_test.c' ! -name '*_main.c'
		echo -lpcre2-8
		;;
	esac
}

compile() {
	# shellcheck disable=SC2046
	clang -g -O1 -std=gnu11 -D_GNU_SOURCE -Wall -Werror -Wno-unused-function \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o "$out/$1" \
		$(sources "$1") "$here/$1_fuzz.c" -lmnl >"$out/$1.log" 2>&1
}

build_or_bail() {
	if ! compile "$1"; then
		tap_say not "$1: the target compiles"
		note "$(tail -30 "$out/$1.log")"
		return 1
	fi
}

replay() {
	local name=$1 files
	build_or_bail "$name" || return 0
	files=("$here/corpus/$name"/*)
	[ "$name" != conf ] || files+=("$root"/tests/conf/{samples,seeds,features}/*)
	if [ ! -e "${files[0]}" ]; then
		tap_say not "$name: there are inputs to replay"
		return 0
	fi
	check "$name: ${#files[@]} inputs, nothing found" "$out/$name" -runs=0 -timeout=5 -rss_limit_mb=512 \
		-artifact_prefix="$out/crash-$name-" "${files[@]}"
}

# The replay can fail: a target that must crash does.
canary() {
	cat >"$out/canary.c" <<-'C'
		#include <stddef.h>
		#include <stdint.h>
		#include <stdlib.h>
		int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);
		int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
		{
			char *one = malloc(1);
			volatile char c = one[len];
			(void)in;
			(void)c;
			free(one);
			return 0;
		}
	C
	clang -g -O1 -fsanitize=fuzzer,address -o "$out/canary" "$out/canary.c"
	printf xx >"$out/canary.in"
	if "$out/canary" -runs=0 "$out/canary.in" >/dev/null 2>&1; then
		tap_say not "a read of one byte too many is noticed"
	else
		tap_say ok "a read of one byte too many is noticed"
	fi
}

case ${1:-replay} in
replay)
	canary
	for name in "${all[@]}"; do replay "$name"; done
	;;
fuzz)
	seconds=${2:?how many seconds}
	[ $# -lt 3 ] || all=("$3")
	for name in "${all[@]}"; do
		build_or_bail "$name" || continue
		mkdir -p "$out/new-$name"
		check "$name: $seconds s of fuzzing find nothing" "$out/$name" -max_total_time="$seconds" -timeout=5 \
			-rss_limit_mb=1024 -artifact_prefix="$out/crash-$name-" -print_final_stats=1 \
			"$out/new-$name" "$here/corpus/$name"
		note "$(find "$out/new-$name" -type f | wc -l) new inputs in $out/new-$name"
	done
	;;
merge)
	build_or_bail "$2"
	mkdir -p "$here/corpus/$2"
	check "$2: merged" "$out/$2" -merge=1 -max_len=512 "$here/corpus/$2" "$3"
	;;
*)
	sed -n '/^# usage/,/^set/p' "$0" | sed '/^set/d; s/^# \{0,1\}//' >&2
	exit 2
	;;
esac
tap_plan
