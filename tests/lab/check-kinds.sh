#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-kinds - each kind of health check against a real server that is good, then bad, then good again.
#
#   director: one lab-check per kind (the check role in its jail, a keeper made of straw) --- lan --- rs1: nginx,
#             and checked.py: HTTP, HTTPS, SMTP, DNS, agent, echo
#
# The role alone: no director, no keepalived.conf. What a result then does is tested elsewhere.
. "$(dirname "$0")/lib.sh"
[ -x "$LAB_TOOLS/lab-check" ] || { echo "Bail out! $LAB_TOOLS/lab-check is missing: run make first" && exit 1; }
lab_begin
lab_topology 1 director
lab_nginx
rs=10.1.0.11
ip -n "$LAB-rs1" addr add 10.1.0.21/24 dev eth0
dir sysctl -qw net.ipv4.ping_group_range="0 2147483647"

here=$LAB_RUN/checked
mkdir -p "$here"
mode() { echo "$1" >"$here/mode.new" && mv "$here/mode.new" "$here/mode"; }
mode good
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -addext subjectAltName=DNS:www.lab \
	-keyout "$here/key.pem" -out "$here/cert.pem" 2>/dev/null
cp "$here/key.pem" "$here/secret.pem"
chmod 644 "$here/key.pem"
chmod 600 "$here/secret.pem"
lab_spawn rs1 python3 "$LAB_TOP/tests/lab/tools/checked.py" "$here"
wait_for 10 "[ -e '$here/ready' ]"

# try NAME KIND ADDRESS PORT WORD...: a check in the background, its results in $LAB_RUN/NAME.out
declare -A PID
try() {
	local name=$1
	shift
	mkfifo "$LAB_RUN/$name.in"
	(exec nsenter --net="/run/netns/$LAB-director" -- "$LAB_TOOLS/lab-check" "$@") <>"$LAB_RUN/$name.in" \
		>"$LAB_RUN/$name.out" 2>"$LAB_RUN/$name.log" &
	PID[$name]=$!
	LAB_PIDS+=("$!")
}
tell() { echo "$2" >"$LAB_RUN/$1.in"; }
last() { tail -n 1 "$LAB_RUN/$1.out"; }
# becomes NAME PATTERN: the last result is, or soon will be, like that
becomes() {
	wait_for 15 "grep -qE -- '$2' <<<\"\$(last $1)\"" >/dev/null || true
	like "$1: $2" "$(last "$1")" "$2"
}

cat >"$LAB_RUN/script" <<-'SH'
	#!/bin/sh
	[ "$(cat "$1/mode")" = good ] && exit 12
	exit 1
SH
chmod 755 "$LAB_RUN/script"

try tcp tcp $rs 80 retry=1
try tcp6 tcp fd00:1::11 80
try nobody tcp 10.1.0.99 80 timeout=0.4
try plain http $rs 80 path=/
try http http $rs 8081 path=/a path=/b digest=b1946ac92492d2347c6235b4d2611184 regex='^hel+o' host=www.lab
try v6 http fd00:1::11 8081 path=/x
try chunked http $rs 8081 path=/chunked protocol=11 digest=b1946ac92492d2347c6235b4d2611184
try moved http $rs 8081 path=/moved status=302
try digest http $rs 8081 path=/ digest=00000000000000000000000000000000
try trickle http $rs 8082 path=/ total=1
try ssl ssl $rs 8443 path=/
try client ssl $rs 8443 path=/client cert="$here/cert.pem" key="$here/secret.pem"
try verified ssl $rs 8443 path=/ sni=www.lab verify="$here/cert.pem"
try othername ssl $rs 8443 path=/ sni=other.lab verify="$here/cert.pem"
try unknownca ssl $rs 8443 path=/ sni=www.lab verify=
try nottls ssl $rs 8081 path=/
try smtp smtp $rs 25 smtp_server=$rs smtp_port=25
try notsmtp smtp $rs 9000
try dns dns $rs 53 name=www.example.
try udp udp $rs 7 reply=pong
try quiet udp $rs 7
try closed udp $rs 9
try agent agent $rs 9000
try noagent agent $rs 8081
try misc misc $rs 0 "script=$LAB_RUN/script $here" dynamic
try ping ping 10.1.0.21 0
try ping6 ping fd00:1::11 0
try bound tcp $rs 80 bind=10.1.0.1 bind_if=eth0 mark=7
try boundping ping $rs 0 bind=10.1.0.1
try passive passive $rs 80 failures=3 hold=1 delay=10

for name in tcp tcp6 plain http v6 chunked moved ssl client verified smtp dns udp quiet ping ping6 bound boundping \
	passive; do
	becomes $name '^up +$'
done
becomes agent '^up weight=75% '
becomes misc '^up weight=10 '
becomes nobody '^down changed (timed out after 0.4 s while connecting|no route to host)'
becomes digest 'MD5 digest b1946ac92492d2347c6235b4d2611184, want 0{32}$'
becomes trickle 'timed out after 1 s in all while reading the answer'
becomes othername 'down.*other.lab'
becomes unknownca 'down.*certificate'
becomes nottls '^down'
becomes notsmtp 'the greeting is not SMTP'
becomes closed 'connection refused'
becomes noagent 'timed out|makes no sense'
is "both URLs are asked for, as HTTP/1.0, the second again and again" \
	"$(grep -a ^GET "$here/asked" | sort -u | tr -d '\r' |
	grep -E '/[ab] ' | paste -sd' ')" "GET /a HTTP/1.0 GET /b HTTP/1.0"
like "with the virtual host" "$(tr -d '\r' <"$here/asked")" '^Host: www.lab$'
like "or the address" "$(tr -d '\r' <"$here/asked")" '^Host: 10.1.0.11:8081$'
like "IPv6 in brackets" "$(tr -d '\r' <"$here/asked")" '^Host: \[fd00:1::11\]:8081$'
like "and keepalived's name" "$(tr -d '\r' <"$here/asked")" '^User-Agent: KeepAliveClient$'
like "TCP's success is logged in keepalived's words" "$(cat "$LAB_RUN/tcp.log")" \
	'TCP connection to \[10.1.0.11\]:tcp:80 success.$'

tell v6 suspend
tell v6 dump
wait_for 15 "grep -q 'running = suspended' '$LAB_RUN/v6.out'"
mode bad
# shellcheck disable=SC2154 # lab_nginx names it
lab_stop "${NGINX[rs1]}"
ip -n "$LAB-rs1" addr del 10.1.0.21/24 dev eth0
for ((i = 1; i <= 5; i++)); do tell passive "counter $((10 * i)) 5"; done
becomes tcp 'down changed connection refused while connecting'
becomes plain 'down changed connection refused while connecting'
becomes http 'down changed HTTP status 503, want 200-299'
becomes ssl 'down changed HTTP status 503, want 200-299'
becomes smtp 'down changed SMTP greeting 554, want 220'
becomes dns 'down changed DNS answer SERVFAIL \(2\), want NOERROR'
becomes udp 'down changed reply has 69 at byte 1, want 6f'
becomes agent 'down changed weight=75% the agent says down: disk full'
becomes misc 'down changed weight=10 script exited with status 1, want 0 or 2 to 255'
becomes ping 'down changed (timed out after 0.5 s while waiting for the reply|no route to host)'
becomes passive 'down changed [0-9]+ connections unanswered'
is "who is suspended tells nothing" "$(grep -E '^(up|down)' "$LAB_RUN/v6.out")" "up "
tell v6 resume
becomes v6 'down changed HTTP status 503'
like "TCP's failure is logged in keepalived's words" "$(cat "$LAB_RUN/tcp.log")" \
	'TCP_CHECK on service \[10.1.0.11\]:tcp:80 failed after 1 retries. '
becomes passive '^up changed'

mode good
lab_nginx
ip -n "$LAB-rs1" addr add 10.1.0.21/24 dev eth0
for name in tcp plain http ssl smtp dns udp ping agent misc; do
	becomes $name '^up changed '
done

lines=$(wc -l <"$LAB_RUN/tcp.out")
kill -HUP "${PID[tcp]}"
becomes tcp '^ready 2'
tell tcp dump
wait_for 15 "grep -q 'State = up, ' '$LAB_RUN/tcp.out'"
is "a reload begins nothing anew: still known to be up" \
	"$(sed "1,${lines}d" "$LAB_RUN/tcp.out" | grep -E '^(up|down)' || true)" ""

kill -HUP "${PID[client]}"
becomes client '^ready 2'
: >"$here/asked"
wait_for 15 "grep -aq '^GET /client' '$here/asked'"
check "a key that only root may read is still there" wait_for 15 "grep -aq '^Client: lab' '$here/asked'"
touch "$here/secret.pem"
kill -HUP "${PID[client]}"
check "when it has changed, the checker starts anew to read it" wait_for 15 \
	"grep -q 'the role ended' '$LAB_RUN/client.out'"
unset "PID[client]"

mode bad
kill -USR1 "${PID[http]}"
wait_for 15 "grep -q '^ready 2' '$LAB_RUN/http.out'"
mode good
becomes http '^up +$'
is "a checker that was killed tells nothing before it knows" \
	"$(sed -n '/^ready 2/,$p' "$LAB_RUN/http.out" | paste -sd' ')" "ready 2 up "

: >"$here/mail"
tell smtp "mail [lab] Realserver [10.1.0.11]:tcp:80 - DOWN"
becomes smtp '^mail 0'
like "a mail has keepalived's subject" "$(tr -d '\r' <"$here/mail")" \
	'^Subject: \[lab\] Realserver \[10.1.0.11\]:tcp:80 - DOWN$'
like "and mailer" "$(tr -d '\r' <"$here/mail")" '^X-Mailer: Keepalived$'
like "its sender" "$(tr -d '\r' <"$here/mail")" '^MAIL FROM:<elvs@lab>'
like "a line with a dot is one" "$(tr -d '\r' <"$here/mail")" '^\.\.$'

for name in "${!PID[@]}"; do
	kill -0 "${PID[$name]}" 2>/dev/null || note "$name ended: $(tail -3 "$LAB_RUN/$name.log")"
done
is "no checker ended" "$(for p in "${PID[@]}"; do kill -0 "$p" 2>/dev/null || echo "$p"; done)" ""
lab_end
