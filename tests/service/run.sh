#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh - the boot service of ipvsadm (packaging/ipvsadm.init) with both layouts of /etc, and how the first ipvsadm
# starts the daemon. Prints TAP.
#
#   namespaces elvs-svc-PID-{0..5}, each with lo only, no traffic; /etc is a scratch directory (ELVS_ETC)
#   one supervisor of their own (ELVS_RUN_DIR), started by whoever comes first
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"

bin=${ELVS_BUILD:-$here/../../build}/bin
init=$here/../../packaging/ipvsadm.init
ns=elvs-svc-$$
namespaces=6
scratch=

cleanup() {
	local i end status=$?
	trap - EXIT TERM INT HUP
	if [ -n "$scratch" ]; then
		elvs down --all >/dev/null 2>&1 || true
		end=$((SECONDS + 10))
		while mountpoint -q "$scratch/run/bpf" && [ $SECONDS -lt $end ]; do read -rt 0.1 <> <(:) || true; done
		for ((i = 0; i < namespaces; i++)); do ip netns del "$ns-$i" 2>/dev/null || true; done
		rm -rf "$scratch"
	fi
	exit $status
}
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT HUP

for program in elvsd elvs ipvsadm ipvsadm-save ipvsadm-restore; do
	[ -x "$bin/$program" ] || { echo "Bail out! $bin/$program is missing: run make"; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP namespaces need root"; exit 0; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/elvs-service.XXXXXX")
export PATH=$bin:$PATH:/usr/sbin:/sbin ELVS_RUN_DIR=$scratch/run ELVS_ETC=$scratch/etc
for ((i = 0; i < namespaces; i++)); do
	ip netns add "$ns-$i"
	ip -n "$ns-$i" link set lo up
done

in_ns() { ip netns exec "$ns-$1" "${@:2}"; }
service() { in_ns 0 "$init" "$@" 2>&1; }
table() { in_ns 0 ipvsadm -Sn; }
status_of() {
	local status=0
	"$@" >/dev/null 2>&1 || status=$?
	echo $status
}

# ---- starting on demand ----

supervisors() {
	local dir
	for dir in /proc/[0-9]*; do
		# a supervisor's environment tells whose it is
		if { tr '\0' ' ' <"$dir/cmdline" | grep -q '^elvsd --on-demand' &&
			tr '\0' '\n' <"$dir/environ" | grep -qx "ELVS_RUN_DIR=$ELVS_RUN_DIR"; } 2>/dev/null; then
			basename "$dir"
		fi
	done
}

together() {
	local i pids=() status=0
	for ((i = 0; i < namespaces; i++)); do
		in_ns $i ipvsadm -A -t 192.0.2.$i:80 -s rr &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || status=1; done
	return $status
}

check "first calls in $namespaces namespaces at the same instant all succeed" together
is "they started one supervisor" "$(supervisors | wc -l)" 1
pid=$(supervisors | head -n 1)
# It visits clients' namespaces to learn their cookies, but does not stay in one.
in_no_clients_net() {
	local i end=$((SECONDS + 5))
	for ((i = 0; i < namespaces; i++)); do
		until [ "$(readlink "/proc/$1/ns/net")" != "net:[$(stat -Lc %i "/run/netns/$ns-$i")]" ]; do
			[ $SECONDS -lt $end ] || return 1
			read -rt 0.1 <> <(:) || true
		done
	done
}
check "it stays in no client's network namespace" in_no_clients_net "$pid"
is "nor a client's mounts" "$(readlink "/proc/$pid/ns/mnt")" "$(readlink /proc/self/ns/mnt)"
is "it holds no directory" "$(readlink "/proc/$pid/cwd")" /
is "its standard input, output and errors are nobody else's" \
	"$(for fd in 0 1 2; do readlink "/proc/$pid/fd/$fd"; done | sort -u)" /dev/null
for ((i = 0; i < namespaces; i++)); do
	is "namespace $i has its own table" "$(in_ns $i ipvsadm -Sn)" "-A -t 192.0.2.$i:80 -s rr"
done

alone=$scratch/alone
mkdir "$alone"
cp "$bin/ipvsadm" "$alone"
in_ns 0 env ELVS_RUN_DIR="$scratch/other" "$alone/ipvsadm" -v >"$scratch/out" 2>&1
like "-v needs no daemon" "$(cat "$scratch/out")" '^ipvsadm v1\.31 '
if [ ! -e /usr/local/sbin/elvsd ] && [ ! -e /usr/sbin/elvsd ]; then
	out=$(in_ns 0 env ELVS_RUN_DIR="$scratch/other" "$alone/ipvsadm" -Ln 2>&1) && status=0 || status=$?
	is "without an elvsd to start the status is 2" "$status" 2
	like "and what is missing is named" "$out" '^elvsd was found neither beside this program nor in '
else
	skip "without an elvsd to start the status is 2" "an elvsd is installed on this machine"
	skip "and what is missing is named" "an elvsd is installed on this machine"
fi

# A daemon that kept its starter's pipe would hang this substitution.
fresh=$scratch/fresh
check "x=\$(ipvsadm ...) ends although it starts the daemon" \
	timeout 30 bash -c "x=\$(ELVS_RUN_DIR=$fresh ip netns exec $ns-1 ipvsadm -Ln); [ -n \"\$x\" ]"
ELVS_RUN_DIR=$fresh elvs down --all >/dev/null 2>&1 || true

# Where systemd runs and the unit is installed, that is started instead: in a mount namespace whose /run says so, with a
# systemctl that notes what it is asked for and starts the daemon as the unit would (or fails, as asked).
mkdir "$scratch/systemd"
cat >"$scratch/systemd/systemctl" <<'SHIM'
#!/bin/bash
echo "$*" >>"$SHIM_LOG"
[ -z "${SHIM_FAILS:-}" ] || exit 1
exec 3> >(cat >/dev/null)
setsid elvsd --on-demand --ready-fd 3 </dev/null >/dev/null 2>&1 &
SHIM
chmod +x "$scratch/systemd/systemctl"
# shellcheck disable=SC2016  # expanded by the inner shell
booted='mount -t tmpfs run /run
	mkdir -p /run/systemd/system
	touch /run/systemd/system/elvsd.service
	unset ELVS_RUN_DIR
	"$@"
	status=$?
	elvs down --all >/dev/null 2>&1
	exit $status'
with_systemd() {
	SHIM_LOG=$scratch/systemd/log PATH=$scratch/systemd:$PATH unshare --net --mount --propagation slave \
		bash -c "$booted" - "$@"
}
check "the unit is started where there is one" with_systemd ipvsadm -Ln
is "by systemctl" "$(cat "$scratch/systemd/log")" "start elvsd.service"
out=$(SHIM_FAILS=1 with_systemd ipvsadm -Ln 2>&1) && status=0 || status=$?
is "a unit that does not start: status 2" "$status" 2
like "and where its reason stands" "$out" "journalctl -u elvsd' says why"

# ---- Debian's layout ----

mkdir -p "$ELVS_ETC/default"
cp "$here/../../packaging/ipvsadm.default" "$ELVS_ETC/default/ipvsadm"
rules=$ELVS_ETC/ipvsadm.rules
two_servers="-A -t 192.0.2.10:80 -s wrr -p 300
-a -t 192.0.2.10:80 -r 10.0.0.11:80 -m -w 1
-a -t 192.0.2.10:80 -r 10.0.0.12:8080 -m -w 3"
in_ns 0 ipvsadm -C

out=$(service load) && status=0 || status=$?
is "load without saved rules: status 6" "$status" 6
like "load without saved rules names the file" "$out" "$rules cannot be read"
in_ns 0 ipvsadm -R <<<"$two_servers"
like "save says where to" "$(service save)" "^ipvsadm: Saving IPVS table to $rules: OK$"
is "what was saved is the table" "$(cat "$rules")" "$two_servers"
is "only root reads it" "$(stat -c %a "$rules")" 600
like "status shows the table" "$(service status)" '^  -> 10\.0\.0\.12:8080 +Masq +3 '
like "rate shows rates" "$(service rate)" 'CPS +InPPS'
check "stop" service stop
is "stop clears the table" "$(table)" ""
check "start with AUTO=false" service start
is "which loads nothing" "$(table)" ""
sed -i 's/^AUTO=.*/AUTO="true"/' "$ELVS_ETC/default/ipvsadm"
check "start with AUTO=true" service start
is "loads the rules" "$(table)" "$two_servers"
in_ns 0 ipvsadm -A -u 192.0.2.10:53 -s rr
check "reload" service reload
is "replaces what had been changed" "$(table)" "$two_servers"
check "restart" service restart
is "brings the rules back" "$(table)" "$two_servers"

mkdir "$scratch/shim"
printf '#!/bin/sh\necho half a\nexit 1\n' >"$scratch/shim/ipvsadm-save"
chmod +x "$scratch/shim/ipvsadm-save"
is "a save that fails has a status" "$(PATH=$scratch/shim:$PATH status_of service save)" 1
is "and leaves the old rules alone" "$(cat "$rules")" "$two_servers"
is "with nothing beside them" "$(find "$ELVS_ETC" -name 'ipvsadm.rules?*')" ""

echo "-A -t bogus -s rr" >>"$rules"
is "rules that make no sense are a failure" "$(status_of service load)" 1
sed -i '$d' "$rules"
sed -i 's/^DAEMON=.*/DAEMON="sometimes"/' "$ELVS_ETC/default/ipvsadm"
out=$(service start) && status=0 || status=$?
is "a wrong DAEMON is a failure" "$status" 1
like "that says what would be right" "$out" 'DAEMON=sometimes is not one of none, master, backup, both'
sed -i 's/^DAEMON=.*/DAEMON="none"/' "$ELVS_ETC/default/ipvsadm"
is "an unknown action: status 2" "$(status_of service frobnicate)" 2

# ---- Red Hat's layout ----

rm -r "$ELVS_ETC/default" "$rules"
mkdir "$ELVS_ETC/sysconfig"
rules=$ELVS_ETC/sysconfig/ipvsadm
in_ns 0 ipvsadm -C
check "start without rules" service start
in_ns 0 ipvsadm -R <<<"$two_servers"
like "save goes to sysconfig" "$(service save)" "^ipvsadm: Saving IPVS table to $rules: OK$"
in_ns 0 ipvsadm -C
check "start with rules" service start
is "loads them" "$(table)" "$two_servers"
echo 'IPVS_SAVE_ON_STOP="yes"' >"$ELVS_ETC/sysconfig/ipvsadm-config"
in_ns 0 ipvsadm -A -u 192.0.2.10:53 -s rr
check "stop that saves" service stop
is "stop clears the table here, too" "$(table)" ""
check "start after it" service start
is "knows what was there at the stop" "$(table)" "$two_servers
-A -u 192.0.2.10:53 -s rr"

# ---- a large table ----

awk 'BEGIN {
	for (s = 0; s < 1000; s++) {
		vip = "10." int(s / 250) "." s % 250 ".1:80"
		print "-A -t " vip " -s rr"
		for (d = 1; d < 100; d++) print "-a -t " vip " -r 172.16." s % 250 "." d ":80 -m -w " d % 5 + 1
	}
}' >"$scratch/large"
in_ns 0 ipvsadm -C
began=${EPOCHREALTIME/[.,]/}
check "ipvsadm -R of 100,000 lines" in_ns 0 ipvsadm -R <"$scratch/large"
took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
note "it took $took ms"
within "takes a second or two, not minutes (others may be busy here)" $took 1 15000
is "all of them are there" "$(table | sort | md5sum)" "$(sort "$scratch/large" | md5sum)"
tap_plan
