#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# roundtrip - save, clear, restore: what -S prints, -R makes again; and traffic flows afterwards.
#
#   client --- router --- lan --- director: services of all kinds
#                             \-- rs1 rs2 (gateway: the director)
. "$(dirname "$0")/lib.sh"
lab_begin
lab_topology 2 director
lab_nginx

dir ipvsadm -R <<RULES
-A -t $VIP:80 -s rr
-a -t $VIP:80 -r 10.1.0.11:80 -m -w 1
-a -t $VIP:80 -r 10.1.0.12:8080 -m -w 5
-A -t $VIP:443 -s sh -p 300 -M 255.255.255.0
-a -t $VIP:443 -r 10.1.0.11 -g -w 0
-A -u $VIP:53 -s wlc
-a -u $VIP:53 -r 10.1.0.12 -i -w 65535
-A -t [$VIP6]:80 -s wrr -p 60 -M 64
-a -t [$VIP6]:80 -r [fd00:1::11]:8080 -m -w 2
RULES
saved=$(dir ipvsadm -Sn)
is "all lines are there" "$(wc -l <<<"$saved")" 9
dir ipvsadm -Sn >"$LAB_RUN/rules"
dir ipvsadm -C
is "-C leaves nothing" "$(dir ipvsadm -Sn)" ""
is "nothing answers" "$(cseq -q -T 2500 $VIP 80)" REFUSED
check "-R takes what -S wrote" dir bash -c "ipvsadm -R <'$LAB_RUN/rules'"
is "-S prints the same again" "$(dir ipvsadm -Sn)" "$saved"
is "traffic flows" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 rs1 2 rs2"

dir ipvsadm-save -n >"$LAB_RUN/rules2"
is "ipvsadm-save writes the same" "$(cat "$LAB_RUN/rules2")" "$saved"
dir ipvsadm -A -t $VIP:9999
{ echo "# a comment"; cat "$LAB_RUN/rules2"; } >"$LAB_RUN/rules3"
check "ipvsadm-restore clears first, and takes comments" dir bash -c "ipvsadm-restore <'$LAB_RUN/rules3'"
is "and the table is as saved" "$(dir ipvsadm -Sn)" "$saved"

check "elvs restore --clear FILE" dir elvs restore --clear "$LAB_RUN/rules2"
is "makes the same table" "$(dir ipvsadm -Sn)" "$saved"
{ cat "$LAB_RUN/rules2"; echo "-A -t $VIP:81 -s nonsense"; } >"$LAB_RUN/bad"
is "one bad line refuses the file" "$(dir elvs restore --clear "$LAB_RUN/bad" >"$LAB_RUN/why" 2>&1 && echo taken ||
	echo refused)" refused
like "and is named with its place" "$(cat "$LAB_RUN/why")" 'bad:10'
is "and nothing has changed" "$(dir ipvsadm -Sn)" "$saved"
is "traffic still flows" "$(fetch_many 4 http://$VIP/ | paste -sd' ')" "2 rs1 2 rs2"
lab_end
