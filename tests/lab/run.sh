#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run - the lab suite: every script, on both hooks, at both MTUs, behind both kinds of wire; TAP.
#
#   tests/lab/run.sh            everything
#   tests/lab/run.sh nat dr     these topics only
#   HOOK=tc MTU=9000 WIRE=nic   fix a dimension of the matrix
# Topics whose subject does not depend on the packet's way run once per hook, not in the whole matrix.
set -euo pipefail
cd "$(dirname "$0")"

matrix=(nat dr tun ipv6 mixed transfers)
hooks_only=(portmap persistence quiesce schedulers localnode kill9 adopt down shares)
once=(topology roundtrip sidebyside)
for script in instance*.sh setup*.sh capture*.sh container*.sh drops*.sh seeds.sh transcripts.sh readme.sh; do
	[ ! -x "$script" ] || once+=("${script%.sh}")
done

count=0
failed=0

# run_one TOPIC HOOK MTU WIRE: renumbers the script's lines into this suite's
run_one() {
	local line status=0 planned=0 results=0 bad=0 out
	out=$(mktemp)
	echo "# $1: HOOK=$2 MTU=$3 WIRE=$4"
	HOOK=$2 MTU=$3 WIRE=$4 timeout -k 10 300 "./$1.sh" >"$out" 2>&1 || status=$?
	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*)
			count=$((count + 1))
			results=$((results + 1))
			[ "${line#not }" = "$line" ] || bad=$((bad + 1))
			sed -E "s/^(not )?ok [0-9]+( -)?/\1ok $count - $1:/" <<<"$line"
			;;
		1..*) planned=${line#1..} ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$out"
	rm -f "$out"
	failed=$((failed + bad))
	if [ "$planned" != $results ] || { [ $status != 0 ] && [ $bad = 0 ]; }; then
		count=$((count + 1))
		failed=$((failed + 1))
		echo "not ok $count - $1: [$2 $3 $4] ran to its end (status $status, $results of ${planned:-?} results)"
	fi
}

selected() { [ ${#topics[@]} = 0 ] || [[ " ${topics[*]} " == *" $1 "* ]]; }

topics=("$@")
read -ra hooks <<<"${HOOK:-xdp tc}"
read -ra mtus <<<"${MTU:-1500 9000}"
read -ra wires <<<"${WIRE:-veth nic}"
# Outside the matrix each hook gets the wire that lets it do the work itself: XDP hands partial checksums to TC.
declare -A own_wire=([xdp]=${WIRE:-nic} [tc]=${WIRE:-veth})
for topic in "${once[@]}"; do
	! selected "$topic" || run_one "$topic" "${hooks[0]}" "${mtus[0]}" "${own_wire[${hooks[0]}]}"
done
for hook in "${hooks[@]}"; do
	for topic in "${hooks_only[@]}"; do
		! selected "$topic" || run_one "$topic" "$hook" "${mtus[0]}" "${own_wire[$hook]}"
	done
	for mtu in "${mtus[@]}"; do
		for wire in "${wires[@]}"; do
			for topic in "${matrix[@]}"; do
				! selected "$topic" || run_one "$topic" "$hook" "$mtu" "$wire"
			done
		done
	done
done
echo "1..$count"
[ $failed = 0 ]
