/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_check - the words of health checks, and the timing that virtual and real servers hand down to them.
 *
 * Standard: keepalived.conf(5), "healthcheckers". Every check has rise, fall, total_timeout and jitter (elvs)
 * besides.
 */
#include <string.h>

#include "set_check.h"

/* clang-format off */
#define SECOND 1000000ll
#define DAY (86400 * SECOND)
#define C(f) FIELD(check_draft, c.f)
#define T(f) FIELD(conf_check, f)

/* ---- timing: struct conf_check, wherever it stands ---- */
static const struct row times_rows[] = {
	{ "delay_loop", V_SECS, T1, R_INHERIT, T(delay_loop_us), .min = 1, .max = 365 * DAY, .mark = VG_DELAY_LOOP,
	  .standard = "60", .brief = "time between two checks" },
	{ "warmup", V_SECS, T2, R_INHERIT, T(warmup_us), .max = 365 * DAY, .mark = VG_WARMUP,
	  .standard = "delay_loop",
	  .brief = "the first check comes at random within it" },
	{ "retry", V_NUM, T1, R_INHERIT, T(retry), .mark = VG_RETRY, .standard = "1, DNS_CHECK 3, MISC_CHECK 0",
	  .brief = "further tries before a check counts as failed" },
	{ "delay_before_retry", V_SECS, T1, R_INHERIT, T(delay_before_retry_us), .max = 365 * DAY,
	  .mark = VG_RETRY_DELAY,
	  .standard = "1, HTTP_GET and SSL_GET 3, DNS_CHECK delay_loop", .brief = "time before each of them" },
	{ "connect_timeout", V_SECS, T1, R_INHERIT, T(connect_timeout_us), .min = 1, .max = DAY,
	  .mark = VG_CONNECT_TIMEOUT,
	  .standard = "5", .brief = "how long each step of a check may take" },
	{ "total_timeout", V_SECS, TELVS, R_INHERIT, T(total_timeout_us), .max = DAY, .mark = VG_TOTAL_TIMEOUT,
	  .standard = "0: no bound", .brief = "how long a whole try may take (elvs)" },
	{ "jitter", V_SECS, TELVS, R_INHERIT, T(jitter_us), .max = DAY, .mark = VG_JITTER, .standard = "0",
	  .brief = "up to so much is added to each delay, at random (elvs)" },
	{ "rise", V_NUM, TELVS, R_INHERIT, T(rise), .min = 1, .max = 1000, .mark = VG_RISE, .standard = "1",
	  .brief = "good checks in a row until a server is up (elvs)" },
	{ "fall", V_NUM, TELVS, R_INHERIT, T(fall), .min = 1, .max = 1000, .mark = VG_FALL, .standard = "1",
	  .brief = "failed checks in a row until it is down (elvs)" },
};
const struct row_table check_times_table = { times_rows, sizeof(times_rows) / sizeof(times_rows[0]) };

/* ---- what checks say besides ---- */
static const struct row own_rows[] = {
	{ "alpha", V_BOOL, T1, R_INHERIT, C(alpha), .mark = VG_ALPHA, .standard = "the real server's",
	  .brief = "failed until it has succeeded" },
	{ "log_all_failures", V_BOOL, T3, R_INHERIT, C(log_all_failures), .mark = VG_LOG_ALL,
	  .standard = "checker_log_all_failures", .brief = "log every failure, not only changes" },
	{ "nb_get_retry", V_NUM, T1, R_QUIET, C(retry), .mark = VG_RETRY, .legacy = "please use retry",
	  .brief = "old spelling" },
};
static const struct row_table own_table = { own_rows, sizeof(own_rows) / sizeof(own_rows[0]) };

static const struct row connect_rows[] = {
	{ "connect_ip", V_CUSTOM, T2, R_INHERIT, C(target), .set = set_connect_ip, .print = print_connect_ip,
	  .min_words = 1,
	  .mark = VG_CONNECT_IP, .args = "ADDRESS", .standard = "the real server's", .brief = "whom to ask" },
	{ "connect_port", V_NUM, T1, R_INHERIT, C(target.port), .min = 1, .max = 65535, .mark = VG_CONNECT_PORT,
	  .print = print_port, .standard = "the real server's", .brief = "and where" },
	{ "bindto", V_CUSTOM, T2, C(bind), .set = set_bindto, .print = print_bindto, .min_words = 1,
	  .args = "ADDRESS",
	  .standard = "any", .brief = "address to ask from" },
	{ "bind_port", V_NUM, T3, C(bind.port), .min = 1, .max = 65535, .standard = "any",
	  .brief = "port to ask from" },
	{ "bind_if", V_STRING, T3, C(bind_if), .standard = "any", .brief = "interface to ask through" },
	{ "fwmark", V_NUM, T2, C(fwmark), .standard = "0", .brief = "mark of our packets" },
	{ "via_vip", V_CUSTOM, TELVS, C(via_vip), .set = set_via_vip, .print = print_via_vip, .args = "[ADDRESS]",
	  .standard = "off",
	  .brief = "ask for the virtual address at the real server, as clients do (DR, TUN) (elvs)" },
};
static const struct row_table connect_table = { connect_rows, sizeof(connect_rows) / sizeof(connect_rows[0]) };

static const struct row smtp_rows[] = {
	{ "helo_name", V_STRING, T1, C(smtp.helo), .preset = "smtpchecker.keepalived.org",
	  .brief = "name to greet with" },
	{ "host", V_BLOCK, T2, .block = &smtp_host_block, .brief = "old: another server to ask" },
};
static const struct row_table smtp_table = { smtp_rows, sizeof(smtp_rows) / sizeof(smtp_rows[0]) };

static const struct row_word dns_types[] = {
	{ "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "SOA", 6 }, { "MX", 15 },
	{ "TXT", 16 }, { "AAAA", 28 }, { NULL, 0 },
};
static const struct row dns_rows[] = {
	{ "type", V_ENUM, T2, R_FOLD, C(dns.type), .words = dns_types, .preset = "SOA", .brief = "what to ask for" },
	{ "name", V_STRING, T2, C(dns.name), .preset = ".", .brief = "about which name" },
};
static const struct row_table dns_table = { dns_rows, sizeof(dns_rows) / sizeof(dns_rows[0]) };

static const struct row misc_rows[] = {
	{ "misc_path", V_SCRIPT, T1, R_NO_USER, C(misc.script), .brief = "command to run; 0: up" },
	{ "misc_timeout", V_SECS, T1, R_INHERIT, C(misc.timeout_us), .min = 1, .max = DAY, .mark = VG_MISC_TIMEOUT,
	  .standard = "delay_loop", .brief = "how long it may run" },
	{ "misc_dynamic", V_BOOL, T2, C(misc.dynamic), .preset = "off",
	  .brief = "exit status 2 to 255 is the weight + 2" },
	{ "user", V_CUSTOM, T2, FIELD(check_draft, user), .set = set_misc_user, .min_words = 1,
	  .args = "USER [GROUP]",
	  .standard = "script_user", .brief = "who runs it" },
};
static const struct row_table misc_table = { misc_rows, sizeof(misc_rows) / sizeof(misc_rows[0]) };

static const struct row bfd_rows[] = {
	{ "name", V_STRING, T2, FIELD(check_draft, name), .brief = "bfd_instance that must be up" },
	{ "alpha", V_BOOL, T2, R_INHERIT, C(alpha), .mark = VG_ALPHA, .brief = "down until it is up" },
};
static const struct row_table bfd_table = { bfd_rows, sizeof(bfd_rows) / sizeof(bfd_rows[0]) };

static const struct row udp_rows[] = {
	{ "payload", V_CUSTOM, T3, C(udp), .set = set_payload, .print = print_payload, .min_words = 1,
	  .args = "HEX ...",
	  .standard = "some text", .brief = "what to send" },
	{ "require_reply", V_CUSTOM, T3, C(udp), .set = set_reply, .print = print_reply, .args = "[HEX ...]",
	  .standard = "off", .brief = "an answer must come, which begins so; X: any four bits" },
	{ "min_reply_length", V_NUM, T3, C(udp.min_reply), .max = 65535, .preset = "0",
	  .brief = "bytes of the answer" },
	{ "max_reply_length", V_NUM, T3, C(udp.max_reply), .max = 65535, .preset = "255",
	  .brief = "bytes of the answer" },
};
static const struct row_table udp_table = { udp_rows, sizeof(udp_rows) / sizeof(udp_rows[0]) };

static const struct row file_rows[] = {
	{ "track_file", V_STRING, T2, FIELD(check_draft, name), .brief = "track_file block whose value counts" },
	{ "weight", V_CUSTOM, T2, C(file.weight), .set = set_file_weight, .print = print_file_weight, .min_words = 1,
	  .args = "N [reverse]", .standard = "the track_file's",
	  .brief = "its value times this is added to the weight" },
	{ "dynamic", V_NONE, T3, .no_effect = "weight does it", .brief = "old" },
};
static const struct row_table file_table = { file_rows, sizeof(file_rows) / sizeof(file_rows[0]) };

static const struct row agent_rows[] = {
	{ "send", V_STRING, TELVS, C(agent.send), .brief = "text to send on connecting" },
};
static const struct row_table agent_table = { agent_rows, sizeof(agent_rows) / sizeof(agent_rows[0]) };

static const struct row passive_rows[] = {
	{ "failures", V_NUM, TELVS, C(passive.failures), .min = 1, .max = 1000000, .preset = "3",
	  .brief = "connections left unanswered in a row, within delay_loop" },
	{ "hold", V_SECS, TELVS, C(passive.hold_us), .min = SECOND, .max = DAY, .preset = "30",
	  .brief = "how long it stays out before traffic may try it again" },
};
static const struct row_table passive_table = { passive_rows, sizeof(passive_rows) / sizeof(passive_rows[0]) };

#define TIMES { &check_times_table, 0 }, { &own_table, 0 }
#define CONNECT { &connect_table, 0 }
static const struct row_part plain_parts[] = { TIMES, CONNECT, { NULL, 0 } };
static const struct row_part http_parts[] = { TIMES, CONNECT, { &http_table, 0 }, { NULL, 0 } };
static const struct row_part smtp_parts[] = { TIMES, CONNECT, { &smtp_table, 0 }, { NULL, 0 } };
static const struct row_part host_parts[] = { CONNECT, { NULL, 0 } };
static const struct row_part dns_parts[] = { TIMES, CONNECT, { &dns_table, 0 }, { NULL, 0 } };
static const struct row_part misc_parts[] = { TIMES, { &misc_table, 0 }, { NULL, 0 } };
static const struct row_part bfd_parts[] = { { &bfd_table, 0 }, { NULL, 0 } };
static const struct row_part udp_parts[] = { TIMES, CONNECT, { &udp_table, 0 }, { NULL, 0 } };
static const struct row_part file_parts[] = { { &file_table, 0 }, { NULL, 0 } };
static const struct row_part agent_parts[] = { TIMES, CONNECT, { &agent_table, 0 }, { NULL, 0 } };
static const struct row_part passive_parts[] = { TIMES, { &passive_table, 0 }, { NULL, 0 } };

/* What all check blocks are; a row beyond struct conf_check is not printed */
#define CHECK(name, table, text) \
	{ .word = name, .parts = table, .size = sizeof(struct check_draft), .conf_size = sizeof(struct conf_check), \
	  .given = offsetof(struct check_draft, given), .open = open_check, .close = close_check, .brief = text }
static const struct schema_block blocks[CONF_CHECK_KINDS] = {
	[CONF_CHECK_TCP] = CHECK("TCP_CHECK", plain_parts, "a connection is accepted"),
	[CONF_CHECK_HTTP] = CHECK("HTTP_GET", http_parts, "pages are as they should be"),
	[CONF_CHECK_SSL] = CHECK("SSL_GET", http_parts, "the same over TLS"),
	[CONF_CHECK_SMTP] = CHECK("SMTP_CHECK", smtp_parts, "a mail server greets"),
	[CONF_CHECK_DNS] = CHECK("DNS_CHECK", dns_parts, "a name server answers"),
	[CONF_CHECK_MISC] = CHECK("MISC_CHECK", misc_parts, "a command succeeds"),
	[CONF_CHECK_BFD] = CHECK("BFD_CHECK", bfd_parts, "a bfd_instance is up"),
	[CONF_CHECK_UDP] = CHECK("UDP_CHECK", udp_parts, "a datagram is not refused, or is answered"),
	[CONF_CHECK_PING] = CHECK("PING_CHECK", plain_parts, "it answers to ping"),
	[CONF_CHECK_FILE] = CHECK("FILE_CHECK", file_parts, "a file says so"),
	[CONF_CHECK_AGENT] = CHECK("AGENT_CHECK", agent_parts, "an agent there tells its weight (elvs)"),
	[CONF_CHECK_PASSIVE] = CHECK("PASSIVE_CHECK", passive_parts, "clients' connections are answered (elvs)"),
};
const struct schema_block smtp_host_block = {
	.word = "host", .parts = host_parts, .size = sizeof(struct check_draft),
	  .conf_size = sizeof(struct conf_check),
	.given = offsetof(struct check_draft, given), .open = open_host, .close = close_host,
	  .brief = "old: whom to ask",
};

/* ---- where they stand: struct checked ---- */
#define ROW(name, k, t, text) { name, V_BLOCK, t, .block = &blocks[k], .brief = text }
static const struct row kinds_rows[] = {
	ROW("TCP_CHECK", CONF_CHECK_TCP, T1, "a connection is accepted"),
	ROW("HTTP_GET", CONF_CHECK_HTTP, T1, "pages are as they should be"),
	ROW("SSL_GET", CONF_CHECK_SSL, T1, "the same over TLS"),
	ROW("SMTP_CHECK", CONF_CHECK_SMTP, T1, "a mail server greets"),
	ROW("DNS_CHECK", CONF_CHECK_DNS, T2, "a name server answers"),
	ROW("MISC_CHECK", CONF_CHECK_MISC, T1, "a command succeeds"),
	ROW("BFD_CHECK", CONF_CHECK_BFD, T2, "a bfd_instance is up"),
	ROW("UDP_CHECK", CONF_CHECK_UDP, T2, "a datagram is not refused, or is answered"),
	ROW("PING_CHECK", CONF_CHECK_PING, T2, "it answers to ping"),
	ROW("FILE_CHECK", CONF_CHECK_FILE, T2, "a file says so"),
	ROW("AGENT_CHECK", CONF_CHECK_AGENT, TELVS, "an agent there tells its weight (elvs)"),
	ROW("PASSIVE_CHECK", CONF_CHECK_PASSIVE, TELVS, "clients' connections are answered (elvs)"),
};
/* clang-format on */
const struct row_table check_kinds_table = { kinds_rows, sizeof(kinds_rows) / sizeof(kinds_rows[0]) };

const struct schema_block *check_block(enum conf_check_kind kind)
{
	return &blocks[kind];
}
