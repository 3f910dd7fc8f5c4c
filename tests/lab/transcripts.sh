#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# transcripts - the live groups of tests/golden, recorded with the kernel's IPVS and traffic, replayed against elvs in
# the topology they come from (lib.sh's); replay.py compares.
#
#   client --- router --- lan --- director
#                             \-- rs1..rs4: lab-rsd on 80 8080 53 5353
# Groups 20 to 26 run one after another in one lab, as they were recorded: later ones see what earlier ones left. (23, of
# firewall marks, comes last: the time it takes would let connections that 26 counts run out.)
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
GOLDEN=$LAB_TOP/tests/golden

# The recordings call the tools by their bare names.
lab_bare_names() {
	mkdir -p "$LAB_RUN/bin"
	ln -sf "$LAB_TOOLS/lab-cseq" "$LAB_RUN/bin/cseq"
	ln -sf "$LAB_TOOLS/lab-rsd" "$LAB_RUN/bin/rsd"
	export PATH=$LAB_RUN/bin:$PATH
}

# Recorded lines that may differ, by reason (transcripts.exceptions): one result a reason, at the end.
declare -A differs=()

# replay MODE FILE [UNTIL]
replay() {
	local line reason
	if [ ! -e "$GOLDEN/$2" ]; then
		tap_say not "$2 is there to be replayed"
		return
	fi
	while IFS= read -r line; do
		case $line in
		"ok "*) tap_say ok "${line#ok }" ;;
		"not ok "*) tap_say not "${line#not ok }" ;;
		"skip "*)
			reason=${line##* # }
			differs[$reason]=$((${differs[$reason]:-0} + 1))
			echo "# ${line#skip }"
			;;
		*) echo "$line" ;;
		esac
	done < <("$here/replay.py" "$1" "$LAB" "$here/transcripts.exceptions" "$GOLDEN/$2" "${3:-}" ||
		echo "not ok $2 was replayed to its end")
}

lab_begin
lab_bare_names
lab_topology 4 director
# The kernel's choice of a port must not look like one of a group's own (20001, 21001, ...).
on client sysctl -qw net.ipv4.ip_local_port_range="32768 60999"
lab_rsd 80 8080 53 5353
replay transcript 20-nat.txt
replay transcript 21-udp.txt 5300
dir ipvsadm -C
replay transcript 22-persistence.txt
dir ipvsadm -C
lab_spawn director rsd dirlocal 80 8080 53 5353
dirlocal=$LAST_PID
wait_for 5 'dir ss -Hltn sport = :8080 | grep -q .'
replay transcript 24-weight0-thresholds-local.txt
lab_gateway router
vip_on_servers
replay transcript 25-dr.txt
decapsulate
replay transcript 26-tun.txt "--tun-type"
undo_decapsulate
vip_off_servers
lab_gateway director
dir ipvsadm -C
lab_stop "$dirlocal"
replay transcript 27-nodest-tun-headers.txt 5300
dir ipvsadm -C
replay transcript 23-fwmark.txt
dir iptables -t mangle -F

for group in 30-sequences 31-sequences-change 32-hash; do
	dir ipvsadm -C
	replay sequences $group.txt
done
for reason in "${!differs[@]}"; do
	case $reason in
	later:*) skip "${differs[$reason]} recorded lines" "${reason#later: }" ;;
	*) tap_say ok "${differs[$reason]} recorded lines differ for good: ${reason#never: }" ;;
	esac
done
lab_end
