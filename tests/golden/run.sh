#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - replays the recorded ipvsadm sessions (groups 01 to 16) against the programs in build/bin. Prints TAP.
#
#   a network namespace for each group          a supervisor of its own (ELVS_RUN_DIR)
#   lo, eth0 192.0.2.1/24 2001:db8::1/64  --->  elvsd, started by the first ipvsadm
#      |veth (its other end is `peer`)
#
# usage: run.sh [GROUP-PREFIX]...    e.g. run.sh 03 14
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"

bin=${ELVS_BUILD:-$here/../../build}/bin
scratch=
replays=()

cleanup() {
	local pid status=$?
	trap - EXIT TERM INT HUP
	for pid in "${replays[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait
	if [ -n "$scratch" ]; then
		ELVS_RUN_DIR=$scratch/run "$bin/elvs" down --all >/dev/null 2>&1 || true
		pid=$((SECONDS + 10))	# its bpffs goes with the supervisor
		while mountpoint -q "$scratch/run/bpf" && [ $SECONDS -lt $pid ]; do read -rt 0.1 <> <(:) || true; done
		rm -rf "$scratch"
	fi
	exit $status
}
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT HUP

# the names that the recordings know, whatever this machine's are
make_etc() {
	printf '%s\n' "127.0.0.1 localhost" "::1 localhost" "192.0.2.10 vip.example.net" "10.0.0.11 web1.example.net" \
		"2001:db8::10 vip6.example.net" >"$1/hosts"
	printf '%s\n' "hosts: files" "services: files" "protocols: files" >"$1/nsswitch.conf"
	printf '%s\n' "tcpmux 1/tcp" "echo 7/tcp" "discard 9/tcp" "daytime 13/tcp" "netstat 15/tcp" "chargen 19/tcp" \
		"domain 53/tcp" "domain 53/udp" "tftp 69/udp" "finger 79/tcp" "http 80/tcp" "https 443/tcp" \
		"https 443/udp" "sip 5060/tcp" "sip 5060/udp" "mdns 5353/udp" "http-alt 8080/tcp" "tproxy 8081/tcp" \
		>"$1/services"
}

# replay TRANSCRIPT: in namespaces of its own; replay.py's lines on stdout
replay() {
	local dir=$scratch/$1
	mkdir -p "$dir"
	make_etc "$dir"
	# shellcheck disable=SC2016  # expanded by the inner shell
	ELVS_RUN_DIR=$scratch/run PATH=$bin:/usr/sbin:/sbin:$PATH exec unshare --net --mount --propagation slave bash -euc '
		for file in hosts nsswitch.conf services; do mount --bind "$1/$file" "/etc/$file"; done
		mount -t sysfs sysfs /sys
		ip link set lo up
		ip link add eth0 type veth peer name peer
		ip addr add 192.0.2.1/24 dev eth0
		ip addr add 2001:db8::1/64 dev eth0 nodad
		ip link set peer up
		ip link set eth0 up
		exec "$2/replay.py" "$2/$3.txt" "$2/exceptions" "$1"' - "$dir" "$here" "$1"
}

say_line() {
	local line=$1
	case $line in
	"ok "*) tap_say ok "${line#ok }" ;;
	"not ok "*) tap_say not "${line#not ok }" ;;
	"never "*) ;;
	"later "*) later[${line#later }]=$((${later[${line#later }]:-0} + 1)) ;;
	*) echo "$line" ;;
	esac
}

count_never() {
	local n
	n=$(grep -c "	never	" "$here/exceptions" || true)
	check "fewer than 20 lines stay different for good ($n)" test "$n" -lt 20
}

for program in elvsd ipvsadm ipvsadm-save ipvsadm-restore; do
	[ -x "$bin/$program" ] || { echo "Bail out! $bin/$program is missing: run make"; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP namespaces need root"; exit 0; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/elvs-golden.XXXXXX")
chmod 755 "$scratch"

declare -A later=()
groups=()
for prefix in "${@:-}"; do
	for file in "$here/cases/$prefix"*.cmd; do
		groups+=("$(basename "$file" .cmd)")
	done
done
for group in "${groups[@]}"; do
	(replay "$group") >"$scratch/$group.out" 2>&1 &
	replays=("$!")
	status=0
	wait "$!" || status=$?
	replays=()
	while IFS= read -r line; do say_line "$line"; done <"$scratch/$group.out"
	[ $status = 0 ] || tap_say not "$group was replayed to its end"
done
count_never
for feature in "${!later[@]}"; do
	skip "${later[$feature]} recorded lines" "need a feature that does not exist yet: $feature"
done
tap_plan
