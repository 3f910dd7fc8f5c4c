#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# config - prints a configuration of many services, each server with a TCP_CHECK and all of them different: nothing that
# could be shared. Debian's keepalived and ours read the same text.
#
# usage: config.sh SERVICES SERVERS [DELAY [LAST [WEIGHT]]]      LAST: the very last server's weight, WEIGHT: all others'
# Service v: VIP 10.(100 + v / 250).(v % 250).100 port 80; its server r: 10.(64 + r % 32).(v / 250).(v % 250 + 1)
set -euo pipefail
awk -v services="$1" -v servers="$2" -v delay="${3:-6}" -v last="${4:-1}" -v weight="${5:-1}" 'BEGIN {
	print "global_defs {\n\trouter_id bench\n}"
	for (v = 0; v < services; v++) {
		printf "virtual_server 10.%d.%d.100 80 {\n", 100 + int(v / 250), v % 250
		printf "\tdelay_loop %s\n\tlb_algo rr\n\tlb_kind NAT\n\tprotocol TCP\n", delay
		for (r = 0; r < servers; r++) {
			printf "\treal_server 10.%d.%d.%d 80 {\n", 64 + r, int(v / 250), v % 250 + 1
			printf "\t\tweight %d\n", v == services - 1 && r == servers - 1 ? last : weight
			print "\t\tTCP_CHECK {\n\t\t\tconnect_timeout 3\n\t\t}\n\t}"
		}
		print "}"
	}
}'
