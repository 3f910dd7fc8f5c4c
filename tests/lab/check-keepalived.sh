#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-keepalived - health checks of a keepalived.conf, to their end in the director's table: who fails is out and
# comes back, weights follow, whatever happens to the checker.
#
#   client --- router --- lan --- director: keepalived, virtual servers by NAT; no VRRP
#                             \-- rs1 rs2: nginx; rs1 also checked.py: SMTP, DNS, agent, echo, HTTPS
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ha.sh"
lab_begin
lab_topology 2 director
lab_nginx

here=$LAB_RUN/checked
mkdir -p "$here"
mode() { echo "$1" >"$here/mode.new" && mv "$here/mode.new" "$here/mode"; }
mode good
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -keyout "$here/key.pem" -out "$here/cert.pem" \
	2>/dev/null
lab_spawn rs1 python3 "$LAB_TOP/tests/lab/tools/checked.py" "$here"
wait_for 10 "[ -e '$here/ready' ]"
cat >"$LAB_RUN/script" <<-SH
	#!/bin/sh
	[ "\$(cat $here/mode)" = good ] && exit 12
	exit 1
SH
chmod 755 "$LAB_RUN/script"

# service_of PORT PROTOCOL CHECK...: a virtual server with rs1 under this check
service_of() {
	echo "virtual_server $VIP $1 {"
	echo "	delay_loop 1"
	echo "	lvs_sched rr"
	echo "	lvs_method NAT"
	echo "	protocol $2"
	echo "	real_server 10.1.0.11 $1 {"
	echo "		weight 7"
	printf '		%s\n' "${@:3}"
	echo "	}"
	echo "}"
}
fast='connect_timeout 1
		retry 1
		delay_before_retry 1
		warmup 0'

machine director
conf=$ETC/keepalived/keepalived.conf
write_conf() {
	cat <<-CONF
		global_defs {
			router_id LAB
			script_user root
			smtp_server 10.1.0.11
			smtp_connect_timeout 3
			notification_email { root@lab }
			notification_email_from elvs@lab
		}
		virtual_server $VIP 80 {
			delay_loop 1
			lvs_sched rr
			lvs_method NAT
			protocol TCP
			smtp_alert
			real_server 10.1.0.11 80 {
				HTTP_GET {
					$fast
					url {
						path /
						status_code 200
					}
				}
			}
			real_server 10.1.0.12 80 {
				TCP_CHECK {
					$fast
				}
			}
		}
	CONF
	service_of 25 TCP "SMTP_CHECK {" "$fast" "}"
	service_of 53 UDP "DNS_CHECK {" "$fast" "type A" "name www.example" "}"
	service_of 7 UDP "UDP_CHECK {" "$fast" "require_reply 706f6e67" "}"
	service_of 8443 TCP "SSL_GET {" "$fast" "url {" "path /" "}" "}"
	service_of 8081 TCP "MISC_CHECK {" "misc_path \"$LAB_RUN/script\"" "misc_timeout 3" misc_dynamic "warmup 0" \
		"}"
	service_of 9000 TCP "AGENT_CHECK {" "$fast" "connect_port 9000" "}"
	service_of 22 TCP "PING_CHECK {" "$fast" "}"
}
# Nothing that needs libcurl: then it is not there, and the checker that a reload finds without it is started anew
checker() { cat "$LAB_RUN/director/checkers.pid"; }
has_curl() { grep -q libcurl "/proc/$(checker)/maps"; }
write_conf | sed '/smtp_server/d; s/SSL_GET/HTTP_GET/' >"$conf"
check "keepalived starts" service director start
wait_for 5 '[ -s "$LAB_RUN/director/checkers.pid" ]'
check "no libcurl without SSL_GET and mail" eval "! has_curl"
pid=$(checker)
write_conf >"$conf"
kill -HUP "$(cat "$LAB_RUN/director/keepalived.pid")"
check "with them, another checker" wait_for 5 "[ \"\$(checker)\" != $pid ] && has_curl"
pid=$(checker)

# weight_of PROTOCOL PORT [SERVER]: of the real server in the table, "-" when it is not there
weight_of() {
	dir ipvsadm -Ln | awk -v s="$VIP:$2" -v p="$1" -v r="${3:-10.1.0.11}:$2" '
		/^(TCP|UDP)/ { on = $1 == p && $2 == s }
		on && $1 == "->" && $2 == r { w = $4 }
		END { print w == "" ? "-" : w }'
}
# weighs WHAT PROTOCOL PORT WEIGHT [SERVER]
weighs() {
	wait_for 12 "[ \"\$(weight_of $2 $3 ${5:-10.1.0.11})\" = '$4' ]" >/dev/null || true
	is "$1" "$(weight_of "$2" "$3" "${5:-10.1.0.11}")" "$4"
}

weighs "HTTP_GET: in" TCP 80 1
weighs "TCP_CHECK: in" TCP 80 1 10.1.0.12
for row in "TCP 25 SMTP_CHECK" "UDP 53 DNS_CHECK" "UDP 7 UDP_CHECK" "TCP 8443 SSL_GET" "TCP 22 PING_CHECK"; do
	read -r proto port kind <<<"$row"
	weighs "$kind: in" "$proto" "$port" 7
done
weighs "AGENT_CHECK: 75% of 7 is 5" TCP 9000 5
weighs "MISC_CHECK: the script says the weight" TCP 8081 10

: >"$here/mail"
mode bad
# shellcheck disable=SC2154 # lab_nginx names it
lab_stop "${NGINX[rs1]}"
weighs "HTTP_GET: out" TCP 80 -
weighs "TCP_CHECK of another server: stays" TCP 80 1 10.1.0.12
for row in "TCP 25 SMTP_CHECK" "UDP 53 DNS_CHECK" "UDP 7 UDP_CHECK" "TCP 8443 SSL_GET" "TCP 8081 MISC_CHECK" \
	"TCP 9000 AGENT_CHECK"; do
	read -r proto port kind <<<"$row"
	weighs "$kind: out" "$proto" "$port" -
done
like "in keepalived's words" "$(ka_log director)" \
	'Removing service \[10.1.0.11\]:tcp:80 from VS \[10.1.0.100\]:tcp:80'

is "and that one stays" "$(checker)" "$pid"
kill -KILL "$pid"
check "a checker that is killed is started again" wait_for 15 \
	"[ \"\$(checker)\" != '$pid' ] && kill -0 \"\$(checker)\""
weighs "who was out, stays out" TCP 25 -
is "who was in, stays in" "$(weight_of TCP 80 10.1.0.12)" 1

mode good
lab_nginx rs1
weighs "HTTP_GET: in again" TCP 80 1
for row in "TCP 25 SMTP_CHECK" "UDP 53 DNS_CHECK" "UDP 7 UDP_CHECK" "TCP 8443 SSL_GET"; do
	read -r proto port kind <<<"$row"
	weighs "$kind: in again" "$proto" "$port" 7
done
weighs "AGENT_CHECK: in again, with its weight" TCP 9000 5
weighs "MISC_CHECK: in again, with its weight" TCP 8081 10
check "a mail was sent" wait_for 10 \
	"tr -d '\\r' <'$here/mail' | grep -q '^Subject: .LAB. Realserver .10.1.0.11.:tcp:80 .*UP\$'"

is "genhash prints what digest wants" "$(dir genhash -s 10.1.0.11 -p 80 -u /)" \
	"$(printf 'rs1\n' | md5sum | cut -d' ' -f1)"
is "so does keepalived --genhash, over TLS" "$(dir keepalived --genhash -S -s 10.1.0.11 -p 8443 -u /)" \
	"$(printf 'hello\n' | md5sum | cut -d' ' -f1)"
is "without a page it fails" "$(dir genhash -s 10.1.0.11 -p 1 -u / >/dev/null 2>&1 || echo $?)" 1

check "keepalived stops" service director stop
lab_end
