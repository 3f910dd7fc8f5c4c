#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shares - two CPUs schedule at once: over whole cycles each server still gets exactly its share, and no connection
# is counted twice.
#
#   client: load on CPU 0, load on CPU 1 --- router --- lan --- director: rr, wrr
#                                                           \-- rs1..rs4, weights 1 2 3 4
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 4 router
vip_on_servers
lab_nginx

if [ "$(nproc)" -lt 2 ]; then
	skip "two CPUs schedule at once" "this machine has one CPU"
	lab_end
	exit
fi

# both REQUESTS PORT NETWORK: half of the requests from each CPU, at once, each from an address of its own in that
# network; the two reports
both() {
	local i pids=()
	for i in 0 1; do
		(exec nsenter --net="/run/netns/$LAB-client" -- taskset -c $i "$LAB_TOOLS/lab-load" -n $(($1 / 2)) \
			-c 16 -b "$3.$i" -f 20000 $VIP "$2") >"$LAB_RUN/both.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || true; done
	cat "$LAB_RUN/both.0" "$LAB_RUN/both.1"
}
total() { awk -v k="$1" '$1 == k { n += $2 } END { print n }' <<<"$2"; }

dir ipvsadm -A -t $VIP:80 -s rr
servers_of "-t $VIP:80" 80 -g
report=$(both 8000 80 10.0.1)
is "rr: 8,000 requests, none failed" "$(total requests "$report") $(total failed "$report")" "8000 0"
is "rr: a quarter each, exactly" "$(server_counts "-t $VIP:80" 1)" \
	"10.1.0.11:80=2000 10.1.0.12:80=2000 10.1.0.13:80=2000 10.1.0.14:80=2000"

dir ipvsadm -A -t $VIP:8080 -s wrr
servers_of "-t $VIP:8080" 8080 -g 1 2 3 4
report=$(both 10000 8080 10.0.2)
is "wrr: 10,000 requests, none failed" "$(total requests "$report") $(total failed "$report")" "10000 0"
is "wrr: by weight, exactly" "$(server_counts "-t $VIP:8080" 1)" \
	"10.1.0.11:8080=1000 10.1.0.12:8080=2000 10.1.0.13:8080=3000 10.1.0.14:8080=4000"
is "the connections that servers count add up" "$(dir ipvsadm -Ln -t $VIP:8080 |
	awk '/Route/ { n += $5 + $6 } END { print n }')" 10000
lab_end
