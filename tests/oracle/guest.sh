#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh - boots Debian's 6.1 kernel under qemu (software emulation; nothing is needed from the host's kernel), runs a
# script there as root, prints its output and exits with its status. The first call builds the guest (setup.sh).
#
# usage: guest.sh [options] SCRIPT [ARGS...]
#  -s DIR    copy of DIR at /share in the guest; SCRIPT's working directory
#  -o DIR    everything SCRIPT leaves in /out comes back into DIR
#  -t SEC    wall clock limit (default 600): then status 125
#  -m MB     memory (default 1024)
#  -c N      CPUs (default 2)
#  -k FL     kernel flavour: cloud (default) or gen
#  -i        instruction counting (-icount shift=0): 1 guest ns = 1 guest instruction, one CPU, deterministic
#  -v        show the kernel's log
# The guest has no network device; topologies are made of namespaces.
set -u
oracle=${ELVS_ORACLE:-/var/tmp/elvs-oracle}
here=$(cd "$(dirname "$0")" && pwd)
share='' out='' limit=600 memory=1024 cpus=2 flavour=cloud counting='' kernel_log="quiet loglevel=3"
while getopts s:o:t:m:c:k:iv f; do
	case $f in
	s) share=$OPTARG ;;
	o) out=$OPTARG ;;
	t) limit=$OPTARG ;;
	m) memory=$OPTARG ;;
	c) cpus=$OPTARG ;;
	k) flavour=$OPTARG ;;
	i) counting=1 ;;
	v) kernel_log="loglevel=7" ;;
	*) exit 64 ;;
	esac
done
shift $((OPTIND - 1))
if [ $# -lt 1 ]; then
	sed -n '/^# usage/,/^# The guest/p' "$0" | cut -c3- >&2
	exit 64
fi
if [ ! -s "$oracle/ready-$flavour" ]; then
	"$here/setup.sh" "$flavour" >&2 || exit 70
	echo ok >"$oracle/ready-$flavour"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/elvs-guest.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
mkdir "$work/share"
[ -z "$share" ] || cp -a "$share/." "$work/share/"
{
	printf 'set --'
	printf ' %q' "${@:2}"
	echo
	cat "$1"
} >"$work/share/.run.sh"
size=$(($(du -sm "$work/share" | cut -f1) * 13 / 10 + 8))
mke2fs -q -t ext4 -O ^has_journal -d "$work/share" "$work/share.img" ${size}M >/dev/null || exit 70
truncate -s 512M "$work/out.img"

accel=(-accel "tcg,thread=multi,tb-size=512" -smp "$cpus")
[ -z "$counting" ] || accel=(-accel "tcg,thread=single,tb-size=512" -smp 1 -icount "shift=0,sleep=off")
append="console=ttyS0 $kernel_log panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check net.ifnames=0"
between() {
	if [ "${kernel_log%% *}" = quiet ]; then
		sed -u -n '/@@GUEST-BOOTED/,/@@GUEST-EXIT/p' | grep -a -v --line-buffered '^@@GUEST'
	else
		cat
	fi
}
: >"$work/log"
timeout -k 5 "$limit" qemu-system-x86_64 -M pc,hpet=off -cpu max "${accel[@]}" -m "$memory" -nodefaults \
	-no-user-config -display none -no-reboot -kernel "$oracle/vmlinuz-$flavour" \
	-initrd "$oracle/initrd-$flavour.img" -append "$append" \
	-drive file="$oracle/root-$flavour.ext4",format=raw,if=virtio,snapshot=on \
	-drive file="$work/share.img",format=raw,if=virtio,snapshot=on \
	-drive file="$work/out.img",format=raw,if=virtio,cache=unsafe \
	-serial stdio </dev/null 2>"$work/err" | stdbuf -oL tr -d '\r' | tee "$work/log" | between
status=$(sed -n 's/^@@GUEST-EXIT //p' "$work/log" | tail -1)
if [ -n "$out" ] && [ -n "$status" ]; then
	mkdir -p "$out"
	tar -C "$out" -xf "$work/out.img" 2>/dev/null
fi
if [ -z "$status" ]; then
	echo "guest.sh: the guest did not finish (limit $limit s); its last lines:" >&2
	tail -20 "$work/log" >&2
	cat "$work/err" >&2
	exit 125
fi
exit "$status"
