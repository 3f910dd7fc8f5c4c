#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run - the lab suite: every script, on both hooks, at both MTUs, behind both kinds of wire; TAP.
#
#   tests/lab/run.sh            everything
#   tests/lab/run.sh nat dr     these topics only
#   HOOK=tc MTU=9000 WIRE=nic   fix a dimension of the matrix;  JOBS=1: one script at a time
# Topics whose subject does not depend on the packet's way run once per hook, not in the whole matrix.
set -euo pipefail
cd "$(dirname "$0")"

matrix=(nat dr tun ipv6 mixed transfers datagrams)
hooks_only=(icmp portmap persistence quiesce schedulers localnode kill9 adopt down shares vipmute vipcheck capture fwmark)
once=(topology transcripts roundtrip sidebyside)	# the longest early
for script in ha-*.sh vrrp-*.sh keeper*.sh check*.sh bfd*.sh instance*.sh setup*.sh container*.sh drops*.sh seeds.sh \
	readme.sh; do
	[ ! -x "$script" ] || once+=("${script%.sh}")
done

# Labs run side by side by design; two at once use two CPUs.
jobs=${JOBS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
queue=()

# run_one NUMBER TOPIC HOOK MTU WIRE: one script; its output and status go to files
run_one() {
	local status=0
	HOOK=$3 MTU=$4 WIRE=$5 timeout -k 10 300 "./$2.sh" >"$work/$1.out" 2>&1 || status=$?
	echo $status >"$work/$1.status"
}

# report NUMBER TOPIC HOOK MTU WIRE: renumbers a script's lines into this suite's
report() {
	local line planned=none results=0 bad=0 status
	status=$(cat "$work/$1.status")
	echo "# $2: HOOK=$3 MTU=$4 WIRE=$5"
	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*)
			count=$((count + 1))
			results=$((results + 1))
			[ "${line#not }" = "$line" ] || bad=$((bad + 1))
			sed -E "s/^(not )?ok [0-9]+( -)?/\1ok $count - $2:/" <<<"$line"
			;;
		1..*) planned=${line#1..} ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$work/$1.out"
	failed=$((failed + bad))
	if [ "$planned" != $results ] || { [ "$status" != 0 ] && [ $bad = 0 ]; }; then
		count=$((count + 1))
		failed=$((failed + 1))
		echo "not ok $count - $2: [$3 $4 $5] ran to its end (status $status, $results of $planned results)"
	fi
}

# run_queue: all of it, $jobs at a time, reported in order as soon as what comes before is reported
run_queue() {
	local started=0 reported=0
	while [ $reported -lt ${#queue[@]} ]; do
		while [ $started -lt ${#queue[@]} ] && [ "$(jobs -rp | wc -l)" -lt "$jobs" ]; do
			# shellcheck disable=SC2086
			run_one $started ${queue[$started]} &
			started=$((started + 1))
		done
		wait -n || true
		while [ $reported -lt ${#queue[@]} ] && [ -e "$work/$reported.status" ]; do
			# shellcheck disable=SC2086
			report $reported ${queue[$reported]}
			reported=$((reported + 1))
		done
	done
}

count=0
failed=0
selected() { [ ${#topics[@]} = 0 ] || [[ " ${topics[*]} " == *" $1 "* ]]; }

topics=("$@")
read -ra hooks <<<"${HOOK:-xdp tc}"
read -ra mtus <<<"${MTU:-1500 9000}"
read -ra wires <<<"${WIRE:-veth nic}"
# Outside the matrix each hook gets the wire that lets it do the work itself: XDP hands partial checksums to TC.
declare -A own_wire=([xdp]=${WIRE:-nic} [tc]=${WIRE:-veth})
for topic in "${once[@]}"; do
	! selected "$topic" || queue+=("$topic ${hooks[0]} ${mtus[0]} ${own_wire[${hooks[0]}]}")
done
for hook in "${hooks[@]}"; do
	for topic in "${hooks_only[@]}"; do
		! selected "$topic" || queue+=("$topic $hook ${mtus[0]} ${own_wire[$hook]}")
	done
	for mtu in "${mtus[@]}"; do
		for wire in "${wires[@]}"; do
			for topic in "${matrix[@]}"; do
				! selected "$topic" || queue+=("$topic $hook $mtu $wire")
			done
		done
	done
done
run_queue
echo "1..$count"
[ $failed = 0 ]
