#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - measures the cells of cells.conf one after the other, each in a process of its own, and has report.py make
# a table and build/bench.json of it. README.md says how to read them.
#
#   cells.conf --> run.sh --> bench-prog | bench-veth | bench-checks | vrrp.sh | keeper.sh | instructions.sh
#                                          (one line of JSON a figure) --> results --> report.py
#
# Exit status: 0 all measured and within bounds, 1 some bound missed, 2 some cell could not be measured.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
build=${BUILD:-$root/build}
[[ $build = /* ]] || build=$root/$build
quick=0 only='*' list=0 json=$build/bench.json parts=()

usage() {
	cat <<-END
	usage: bench/run.sh [--quick] [--only GLOB] [--list] [--json FILE] [PART...]
	  PART         of these only (all of them in this order), with the minutes that each takes:
	               data    the data plane: xdp/*, tc/*, memory/*, sweep/*, veth/* (10)
	               checks  the check role alone (2)
	               vrrp    takeover beside Debian's keepalived (7)
	               keeper  a whole keepalived: memory, CPU, start, reload (3)
	               guest   the same and instructions a packet beside IPVS, in the 6.1 guest (15)
	  --quick      the most telling cells with fewer packets, about 8 minutes instead of 40; nothing in the guest
	  --only GLOB  only cells whose name matches, e.g. 'xdp/est/*' (bounds that refer to others stay open)
	  --list       show the cells and end
	  --json FILE  where the figures go (build/bench.json)
	END
}
die() {
	echo "bench: $*" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--quick) quick=1 ;;
	--only) only=${2?bench: --only wants a pattern} && shift ;;
	--json) json=${2?bench: --json wants a file} && shift ;;
	--list) list=1 ;;
	-h | --help) usage && exit 0 ;;
	data | checks | vrrp | keeper | guest) parts+=("$1") ;;
	*) usage >&2 && die "$1: neither an option nor a part" ;;
	esac
	shift
done

trim() {
	local s=$1
	s=${s#"${s%%[! ]*}"}
	printf '%s' "${s%"${s##*[! ]}"}"
}

# of_part CELL: whether it belongs to the parts asked for
of_part() {
	local part=${1%%/*}
	case $part in checks | vrrp | keeper | guest) ;; *) part=data ;; esac
	[ ${#parts[@]} = 0 ] || [[ " ${parts[*]} " = *" $part "* ]]
}

# cells of this run: names, commands
names=() commands=()
last=
while IFS='|' read -r name when command _; do
	name=$(trim "$name") when=$(trim "${when:-}") command=$(trim "${command:-}")
	[[ -z $name || $name = '#'* ]] && continue
	[ "$command" = '"' ] && command=$last
	last=$command
	[ $quick = 1 ] && [ "$when" != q ] && continue
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $name = $only ]] || continue
	of_part "$name" || continue
	names+=("$name")
	commands+=("$command")
done < "$here/cells.conf"
[ ${#names[@]} -gt 0 ] || die "no cell has such a name (--only $only ${parts[*]}; --list shows all)"
if [ $list = 1 ]; then
	printf '%s\n' "${names[@]}"
	exit 0
fi

[ "$(id -u)" = 0 ] || die "loading BPF programs needs root"
[ -e "$build/build.ninja" ] || die "$build is no build directory; run make first"
ninja -C "$build" --quiet bench/bench-prog bench/bench-veth bench/bench-checks bench/bench-serve
export BUILD=$build ELVS_BUILD=$build
results=$(mktemp "$build/bench.XXXXXX")
child=
# shellcheck disable=SC2317 # called by the trap
stop() {
	[ -z "$child" ] || kill "$child" 2>/dev/null || true
	rm -f "$results" "$results.one" "$results.err"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The lines of one command into $results.one; a program that dies without a word is given one.
measure() {
	local program=$1 status=0 limit=180 path=$build/bench/bench-$1
	shift
	case $program in
	vrrp) limit=1200 path=$here/vrrp.sh ;;
	keeper) limit=3200 path=$here/keeper.sh ;;
	instructions) limit=600 path=$here/instructions.sh ;;
	esac
	timeout $limit "$path" "$@" > "$results.one" 2> "$results.err" &
	child=$!
	wait $child || status=$?
	child=
	grep '^#' "$results.err" >&2 || true	# what a script tells beside its figures
	[ -s "$results.one" ] || jq -cn --arg why "$program ended with status $status and no result: $(tail -n 1 "$results.err")" \
		'{failed: $why}' > "$results.one"
}

# What a quick run does less of
quick_options() {
	case $1 in
	veth*) echo --packets 300k ;;
	checks*) echo --seconds 5 ;;
	vrrp*) ;;
	'keeper usage') ;;
	keeper*) echo --rounds 3 ;;
	*--rounds*) ;;
	*'--kind new'*) echo --rounds 5 ;;
	*--kind*) echo --rounds 3 ;;
	*) echo --rounds 5 --packets 500k ;;
	esac
}

started=$SECONDS
measured=
for i in "${!names[@]}"; do
	name=${names[i]} command=${commands[i]} group=${names[i]%/*}
	[ "$group: $command" = "$measured" ] && continue	# a further row of the same run
	case $command in veth* | checks* | vrrp* | keeper* | instructions*) measured="$group: $command" ;; esac
	[ $quick = 0 ] || command+=" $(quick_options "$command")"
	case $command in prog*) ;; *) echo "[$((i + 1)) of ${#names[@]}] after $((SECONDS - started)) s: $command ..." >&2 ;; esac
	read -ra words <<< "$command"
	measure "${words[@]}"
	jq -c --arg cell "$name" --arg group "$group" --arg command "$command" \
		'{cell: (if .row then "\($group)/\(.row)" else $cell end), command: $command} + del(.row)' \
		"$results.one" | tee -a "$results" |
		jq -r --arg at "[$((i + 1)) of ${#names[@]}]" '"\($at) \(.cell)  " +
			(if .failed != "" then "FAILED: \(.failed)" else "\(.median) \(.unit)" end)' >&2
done

python3 "$here/report.py" --cells "$here/cells.conf" --results "$results" --json "$json" \
	--root "$root" --seconds $((SECONDS - started)) "${names[@]}"
