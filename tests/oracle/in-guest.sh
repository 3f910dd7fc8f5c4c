#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# in-guest.sh - what run.sh has done in the 6.1 guest; prints the TAP of several programs with a line
# "@@ NAME STATUS SECONDS" after each. Works in /share/tree with the host's build in /share/build.
#
# usage: in-guest.sh load|rows|lab|compare...
set -uo pipefail
export LD_LIBRARY_PATH=/share/lib ELVS_BUILD=/share/build ELVS_GOLDEN=/share/tree/tests/golden
cd /share/tree || exit 1
worst=0
for what; do
	began=$SECONDS status=0
	case $what in
	load) "$ELVS_BUILD/tests/oracle/insns" 300000 /share/objects/*.o || status=$? ;;
	rows) ELVS_DP_QUICK=1 tests/dp/run.sh || status=$? ;;
	lab) HOOK=xdp WIRE=nic tests/lab/nat.sh 2>&1 || status=$? ;;
	compare) tests/oracle/compare.sh 2>&1 || status=$? ;;
	*) echo "in-guest.sh: $what is not known" && status=64 ;;
	esac
	echo "@@ $what $status $((SECONDS - began))"
	[ $status = 0 ] || worst=1
done
exit $worst
