#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage - what processes take: memory now, CPU over some seconds. Needs nothing but bash and awk, for the guest has no
# more. The kernel's own memory (maps, tables of ip_vs) is in no process: whoever calls looks at /proc/meminfo for that.
#
# usage: usage.sh SECONDS PID...
# Prints "pss KB", "rss KB" (ps's sum: pages that two processes share count twice), "cpu MS" (all threads, user and
# kernel, softirqs that ran in them included), "seconds S", "busy MS" (of all CPUs, whoever it was) and for each process
# "process PID COMMAND PSS-KB RSS-KB CPU-MS". A process that ends meanwhile is an error: its CPU time would be missing.
set -euo pipefail
seconds=$1
shift

# CPU time of a process in ns, as the scheduler counts it
cpu_of() { cat /proc/"$1"/task/*/schedstat | awk '{ n += $1 } END { printf "%.0f\n", n }'; }
busy() { awk '$1 == "cpu" { print ($2 + $3 + $4 + $7 + $8 + $9) * 10 }' /proc/stat; }

declare -A before
for p; do before[$p]=$(cpu_of "$p"); done
busy0=$(busy) at0=$(awk '{ print $1 }' /proc/uptime)
sleep "$seconds"
for p; do
	after=$(cpu_of "$p") || { echo "usage.sh: process $p has ended" >&2; exit 1; }
	read -r rss pss < <(awk '$1 == "Rss:" { r = $2 } $1 == "Pss:" { p = $2 } END { print r, p }' /proc/"$p"/smaps_rollup)
	name=$(cat /proc/"$p"/comm)
	echo "process $p $name $pss $rss $(((after - before[$p]) / 1000000))"
done | awk '{ print; pss += $4; rss += $5; cpu += $6 } END { print "pss", pss; print "rss", rss; print "cpu", cpu }'
echo "busy $(($(busy) - busy0))"
awk -v t="$at0" '{ print "seconds", $1 - t }' /proc/uptime
