#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vrrp-tracking - what is tracked decides: scripts, files and interfaces with weights and without; interfaces that
# come later or come back; those that flap.
#
#   n1 (ours)  n2 (ours) and a client on one bridge
#   SCRIPT  150 / 120  a script of weight -40 that looks for a file
#   FILE    150 / 120  a file's number times -1
#   HEALTH  150 / 120  a script of weight 0: its failure is a fault
#   LATE    150 /  -   on an interface that does not exist at first
#   CALM    150 / 120  on an interface with interface_up_down_delays
. "$(dirname "$0")/vrrplib.sh"
lab_begin
vrrp_lan 2
mkdir -p "$LAB_RUN/t"
for n in n1 n2; do
	touch "$LAB_RUN/t/$n.script" "$LAB_RUN/t/$n.health"
	echo 0 >"$LAB_RUN/t/$n.file"
	# a second network between the two, for CALM
	ip -n "$LAB-lan" link add "q${n#n}" type veth peer name eth1 netns "$LAB-$n"
done
ip -n "$LAB-lan" link add br1 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
ip -n "$LAB-lan" link set br1 up
for n in n1 n2; do
	ip -n "$LAB-lan" link set "q${n#n}" master br1 up
	lab_address "$n" eth1 "10.1.0.${n#n}/24" "fd01::${n#n}/64"
done

instance() {	# NAME ID PRIORITY INTERFACE ADDRESS LINES...
	printf 'vrrp_instance %s {\n\tversion 3\n\tadvert_int 0.1\n\tinterface %s\n\tvirtual_router_id %s\n' "$1" \
		"$4" "$2"
	printf '\tpriority %s\n\tvirtual_ipaddress {\n\t\t%s\n\t}\n' "$3" "$5"
	if [ $# -gt 5 ]; then printf '\t%s\n' "${@:6}"; fi
	printf '}\n'
}
config() {	# NODE PRIORITY
	cat <<-CONF
		global_defs {
			script_user root
			enable_script_security
			dynamic_interfaces
		}
		interface_up_down_delays {
			eth1 2 0
		}
		vrrp_script exists {
			script "/usr/bin/test -e $LAB_RUN/t/$1.script"
			interval 0.2
			weight -40
		}
		vrrp_script healthy {
			script "/usr/bin/test -e $LAB_RUN/t/$1.health"
			interval 0.2
			fall 2
			rise 2
		}
		track_file number {
			file "$LAB_RUN/t/$1.file"
			weight -1
		}
	CONF
	instance SCRIPT 1 "$2" eth0 10.0.0.101 'track_script {' exists '}'
	instance FILE 2 "$2" eth0 10.0.0.102 'track_file {' number '}'
	instance HEALTH 3 "$2" eth0 10.0.0.103 'track_script {' healthy '}'
	instance CALM 5 "$2" eth1 10.1.0.105
}
{ config n1 150; instance LATE 4 150 late0 10.2.0.104; } >"$LAB_RUN/n1.conf"
config n2 120 >"$LAB_RUN/n2.conf"
node_start n1 ours
became_within 4 "n1 is master of all that it can be" "has n1 10.0.0.101 10.0.0.102 10.0.0.103 10.1.0.105"
node_start n2 ours
wait_for 15 "[ \"\$(state_of n2 HEALTH)\" = BACKUP ]"

is "an interface that does not exist is a fault" "$(state_of n1 LATE)" FAULT
ip -n "$LAB-n1" link add late0 type veth peer name late1
ip -n "$LAB-n1" addr add 10.2.0.1/24 dev late0
ip -n "$LAB-n1" link set late1 up
ip -n "$LAB-n1" link set late0 up
became_within 3 "until it comes" "has n1 10.2.0.104"
ip -n "$LAB-n1" link del late0
became_within 3 "it goes" "[ \"\$(state_of n1 LATE)\" = FAULT ]"
ip -n "$LAB-n1" link add late0 type veth peer name late1
ip -n "$LAB-n1" addr add 10.2.0.1/24 dev late0
ip -n "$LAB-n1" link set late1 up
ip -n "$LAB-n1" link set late0 up
became_within 3 "and comes back, with another number" "has n1 10.2.0.104"

rm "$LAB_RUN/t/n1.script"
became_within 3 "a script with weight -40 fails: the other one has more" "has n2 10.0.0.101 && has_none n1 10.0.0.101"
is "that is no fault" "$(state_of n1 SCRIPT)" BACKUP
touch "$LAB_RUN/t/n1.script"
became_within 3 "and succeeds again" "has n1 10.0.0.101 && has_none n2 10.0.0.101"

echo 31 >"$LAB_RUN/t/n1.file"
became_within 3 "a file says 31 less" "has n2 10.0.0.102 && has_none n1 10.0.0.102"
echo 29 >"$LAB_RUN/t/n1.file"
became_within 3 "29 less is not enough" "has n1 10.0.0.102 && has_none n2 10.0.0.102"

rm "$LAB_RUN/t/n1.health"
became_within 3 "a script without a weight fails twice: a fault" "[ \"\$(state_of n1 HEALTH)\" = FAULT ]"
became_within 2 "the other one takes over" "has n2 10.0.0.103 && has_none n1 10.0.0.103"
touch "$LAB_RUN/t/n1.health"
became_within 3 "and it returns" "has n1 10.0.0.103 && has_none n2 10.0.0.103"

# nobody may notice a second without a carrier; the delay counts from the first moment
before=$(states n1 CALM)
ip -n "$LAB-lan" link set q1 down
sleep 0.3	# shorter than the delay: that is the subject
ip -n "$LAB-lan" link set q1 up
became_within 4 "after a flap it is master alone" "has n1 10.1.0.105 && has_none n2 10.1.0.105"
is "its own state has not changed" "$(states n1 CALM)" "$before"
ip -n "$LAB-lan" link set q1 down
became_within 4 "what lasts longer than the delay is a fault" "[ \"\$(state_of n1 CALM)\" = FAULT ]"
node_stop n1
node_stop n2
lab_end
