#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - what the reader of configurations says about files, word by word, and what it makes of them. Prints TAP.
#
# usage: run.sh             all of it
#        run.sh --record    writes expected/ anew from what is said now: read the difference before you commit it
#
#   samples/    as keepalived ships them        seeds/   as tutorials publish them
#   features/   every word of the language      cases/   small mistakes: text, and what must be said about it
#   expected/   messages and exit status for each file of the first three
#
# conf_say's world (which interfaces exist, which scripts may run) is the same everywhere; needs neither root nor network.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${ELVS_BUILD:-$here/../../build}
say=$build/tests/conf/conf_say
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/elvs-conf.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT HUP
[ -x "$say" ] || { echo "Bail out! $say is missing: run make"; exit 1; }
cd "$here"

# said FILE: messages and exit status; the status of the process must be the one that is printed
said() {
	local out status=0
	out=$("$say" "$1" 2>&1) || status=$?
	printf '%s\n' "$out"
	[ "${out##*exit }" = "$status" ] || echo "but the process ended with $status"
}

if [ "${1:-}" = --record ]; then
	mkdir -p expected
	for f in samples/* seeds/* features/*; do said "$f" >"expected/${f##*/}.txt"; done
	exit 0
fi

# Each file: what is said is what was said; the printed form is a fixed point, says nothing new and means the same
file() {
	local f=$1 name=${1##*/} status=0
	is "$f: what is said about it" "$(said "$f")" "$(cat "expected/$name.txt")"
	"$say" --print "$f" >"$scratch/one" || status=$?
	"$say" --print "$scratch/one" >"$scratch/two" || status=$?
	is "$f: it can be printed" $status 0
	is "$f: the printed form prints as itself" "$(cat "$scratch/two")" "$(cat "$scratch/one")"
	is "$f: the printed form means the same" "$("$say" --same "$f" "$scratch/one" || true)" ""
}

# A case: text up to ----, then what must be said; "%%%% NAME" in the text begins a further file
cases() {
	local f=$1 label=${1##*/} title text='' want='' part=0 line n=0
	while IFS= read -r line || [ -n "$line" ]; do
		case $part$line in
		?'==== '*)
			[ $n = 0 ] || case_ends "$label: $title" "$text" "$want"
			n=$((n + 1)) title=${line#==== } text='' want='' part=1
			;;
		1----) part=2 ;;
		1*) text+=$line$'\n' ;;
		2*) want+=$line$'\n' ;;
		esac
	done <"$f"
	case_ends "$label: $title" "$text" "$want"
}

case_ends() {
	local title=$1 text=$2 want=$3 out=$scratch/case/k.conf line
	rm -rf "$scratch/case"
	mkdir "$scratch/case"
	while IFS= read -r line; do
		if [[ $line == '%%%% '* ]]; then
			out=$scratch/case/${line#%%%% }
		else
			printf '%s\n' "$line" >>"$out"
		fi
	done <<<"${text%$'\n'}"
	is "$title" "$(cd "$scratch/case" && said k.conf)" "${want%$'\n'}"
}

# What is not there, and what is no file
other() {
	is "a file that does not exist" "$(said nowhere/none.conf)" \
		$'nowhere/none.conf: error: the configuration cannot be read: No such file or directory\nexit 4'
	is "a directory" "$(said samples)" $'samples: error: the configuration cannot be read: Is a directory\nexit 4'
	is "an empty file" "$(said /dev/null)" "exit 0"
	is "a difference is found" \
		"$("$say" --same seeds/003-master.conf seeds/003-backup.conf || true)" "vrrp_instance VI_1 differs"
}

# 2,000 virtual servers with 40,000 real servers: processor time, not the clock, since others may work here, too
big() {
	local ms
	awk 'BEGIN {
		for (i = 0; i < 2000; i++) {
			printf "virtual_server 10.%d.%d.1 80 {\n delay_loop 6\n lb_algo wrr\n lb_kind DR\n protocol TCP\n", i / 250, i % 250
			for (j = 0; j < 20; j++) {
				k = i * 20 + j
				printf " real_server 172.%d.%d.%d 80 {\n  weight %d\n  HTTP_GET {\n   url {\n    path /health\n", 16 + k / 62500, k / 250 % 250, k % 250 + 1, j % 5 + 1
				print "    status_code 200\n   }\n   connect_timeout 3\n   retry 3\n  }\n }"
			}
			print "}"
		}
	}' >"$scratch/big.conf"
	is "2,000 services with 40,000 servers: all are there" "$("$say" --count "$scratch/big.conf")" \
		"servers 2000 real 40000 checks 40000 vrrps 0 groups 0 scripts 0 bfds 0 messages 0"
	TIMEFORMAT='%U %S'
	ms=$({ time "$say" --count "$scratch/big.conf" >/dev/null; } 2>&1 | awk '{ print int(($1 + $2) * 1000) }')
	note "$ms ms of processor time"
	within "they load in less than 0.5 s of processor time" "$ms" 1 500
}

for f in samples/* seeds/* features/*; do file "$f"; done
for f in cases/*; do cases "$f"; done
other
big
tap_plan
