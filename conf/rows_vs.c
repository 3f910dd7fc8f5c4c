/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_vs - the words of virtual servers: groups of addresses, virtual_server, real_server, SSL, service_check.
 *
 * What a virtual server says about its real servers and their checks is kept beside its own settings and handed down
 * in validate_vs.c. Standard: keepalived.conf(5), "Virtual server(s)".
 */
#include <linux/ip_vs.h>
#include <string.h>

#include "draft_vs.h"

/* clang-format off */
#define SECOND 1000000ll
#define DAY (86400 * SECOND)
#define V(f) FIELD(vs_draft, v.f)
#define R(f) FIELD(rs_draft, r.f)

static const struct row_word families[] = { { "inet", 2 }, { "inet6", 10 }, { NULL, 0 } };
static const struct row_word protocols[] = { { "TCP", 6 }, { "UDP", 17 }, { "SCTP", 132 }, { NULL, 0 } };

static const char method_args[] = "NAT | DR | TUN [type ipip|gre|gue port N [nocsum|csum|remcsum]]";
static const char no_nat_mask[] = "nothing depends on it since LVS for Linux 2.2: leave it out";

/* ---- what virtual and real servers have in common: struct conf_rs ---- */
#define SERVER(f) FIELD(conf_rs, f)
static const struct row server_rows[] = {
	{ "inhibit_on_failure", V_BOOL, T1, R_INHERIT, SERVER(inhibit), .mark = VG_INHIBIT, .standard = "off",
	  .brief = "a server that failed stays in the table with weight 0" },
	{ "slow_start", V_SECS, TELVS, R_INHERIT, SERVER(slow_start_us), .max = DAY, .mark = VG_SLOW_START,
	  .standard = "0",
	  .brief = "time in which the weight rises after the server came up (elvs)" },
	{ "drain", V_BOOL, TELVS, R_INHERIT, SERVER(drain), .mark = VG_DRAIN, .standard = "off",
	  .brief = "a server that is removed gets weight 0 until its connections have ended (elvs)" },
};
static const struct row_table server_table = { server_rows, sizeof(server_rows) / sizeof(server_rows[0]) };

/* ---- real_server ---- */
static const struct row real_rows[] = {
	{ "weight", V_NUM, T1, R_INHERIT, R(weight), .max = INT32_MAX, .mark = VG_WEIGHT, .standard = "1",
	  .brief = "its share; 0: no new connections" },
	{ "lvs_method", V_CUSTOM, T1, R_INHERIT, R(method), .set = set_rs_method, .print = print_rs_method,
	  .min_words = 1,
	  .mark = VG_METHOD, .args = method_args, .standard = "the virtual server's",
	  .brief = "how it gets its packets" },
	{ "lb_kind", V_CUSTOM, T3, R_QUIET, R(method), .set = set_rs_method, .min_words = 1, .mark = VG_METHOD,
	  .args = method_args, .legacy = "in a real_server please use lvs_method", .brief = "old spelling" },
	{ "uthreshold", V_NUM, T2, R(uthreshold), .brief = "connections above which it gets no new ones; 0: none" },
	{ "lthreshold", V_NUM, T2, R(lthreshold), .brief = "connections below which it gets some again" },
	{ "alpha", V_BOOL, T1, R_INHERIT, R(alpha), .mark = VG_ALPHA, .standard = "the virtual server's",
	  .brief = "down until its checks have succeeded" },
	{ "smtp_alert", V_BOOL, T1, R_INHERIT, R(smtp_alert), .mark = VG_SMTP_ALERT,
	  .standard = "smtp_alert_checker, else on", .brief = "mail when it goes up or down" },
	{ "notify_up", V_SCRIPT, T2, R_POINTER, R(notify_up), .brief = "run when it goes up" },
	{ "notify_down", V_SCRIPT, T2, R_POINTER, R(notify_down), .brief = "run when it goes down" },
	{ "virtualhost", V_STRING, T1, FIELD(rs_draft, virtualhost), .standard = "the virtual server's",
	  .brief = "Host: of its HTTP_GET and SSL_GET" },
	{ "snmp_name", V_STRING, T3, R(snmp_name), .brief = "its name for SNMP" },
};
static const struct row_table real_table = { real_rows, sizeof(real_rows) / sizeof(real_rows[0]) };

static const struct row_part real_parts[] = {
	{ &real_table, 0 },
	{ &server_table, offsetof(struct rs_draft, r) },
	{ &check_times_table, offsetof(struct rs_draft, checked.times) },
	{ &check_kinds_table, offsetof(struct rs_draft, checked) },
	{ NULL, 0 },
};

static void *real_open(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct conf_addr a;
	struct rs_draft *d;

	if (!value_addr_port(l, n, 1, &a))
		return NULL;
	d = schema_draft(l, b);
	d->r.addr = a;
	d->r.where = n->where;
	return d;
}

static void real_close(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct vs_draft *vs = parent;

	*(struct rs_draft **)vec_add(l, &vs->servers, sizeof(draft)) = draft;
}

static const struct schema_block real_block = {
	.word = "real_server", .parts = real_parts, .size = sizeof(struct rs_draft),
	  .conf_size = sizeof(struct conf_rs),
	.given = offsetof(struct rs_draft, given), .open = real_open, .close = real_close,
	.args = "ADDRESS [PORT]", .brief = "who serves",
};

/* ---- virtual_server ---- */
static const struct row virtual_rows[] = {
	{ "protocol", V_ENUM, T1, R_FOLD, V(protocol), .words = protocols, .mark = VG_PROTOCOL,
	  .standard = "UDP, with an error",
	  .brief = "whose ports are meant; not with a mark" },
	{ "ip_family", V_ENUM, T2, FIELD(vs_draft, mark_family), .words = families, .mark = VG_FAMILY,
	  .standard = "the real servers'", .brief = "of a mark whose real servers are all tunnelled" },
	{ "lvs_sched", V_CUSTOM, T1, R_INHERIT, V(sched), .set = set_sched, .min_words = 1, .mark = VG_SCHED,
	  .args = "rr|wrr|lc|wlc|lblc|lblcr|sh|mh|dh|fo|ovf|sed|nq|twos", .standard = "wlc, with an error",
	  .brief = "scheduler" },
	{ "lb_algo", V_CUSTOM, T1, R_QUIET, V(sched), .set = set_sched, .min_words = 1, .mark = VG_SCHED,
	  .args = "SCHEDULER", .brief = "the same as lvs_sched" },
	{ "hashed", V_NONE, T3, .no_effect = "it never had one", .brief = "a flag of the kernel's own" },
	{ "ops", V_CUSTOM, T2, V(flags), .min = IP_VS_SVC_F_ONEPACKET, .set = set_svc_flag, .print = print_svc_flag,
	  .args = "", .standard = "off", .brief = "schedule each UDP packet by itself" },
	{ "flag-1", V_CUSTOM, T3, V(flags), .min = IP_VS_SVC_F_SCHED1, .set = set_svc_flag, .print = print_svc_flag,
	  .args = "", .standard = "off", .brief = "first flag of the scheduler" },
	{ "flag-2", V_CUSTOM, T3, V(flags), .min = IP_VS_SVC_F_SCHED2, .set = set_svc_flag, .print = print_svc_flag,
	  .args = "", .standard = "off", .brief = "its second flag" },
	{ "flag-3", V_CUSTOM, T3, V(flags), .min = IP_VS_SVC_F_SCHED3, .set = set_svc_flag, .print = print_svc_flag,
	  .args = "", .standard = "off", .brief = "its third flag" },
	{ "sh-port", V_CUSTOM, T3, R_QUIET, FIELD(vs_draft, sched_words), .min = SW_SH_PORT, .set = set_sched_word,
	  .args = "",
	  .standard = "off", .brief = "sh: hash the client's port, too (flag-2)" },
	{ "sh-fallback", V_CUSTOM, T3, R_QUIET, FIELD(vs_draft, sched_words), .min = SW_SH_FALLBACK,
	  .set = set_sched_word,
	  .args = "", .standard = "off", .brief = "sh: another server for one that is not available (flag-1)" },
	{ "mh-port", V_CUSTOM, T3, R_QUIET, FIELD(vs_draft, sched_words), .min = SW_MH_PORT, .set = set_sched_word,
	  .args = "",
	  .standard = "off", .brief = "mh: hash the client's port, too (flag-2)" },
	{ "mh-fallback", V_CUSTOM, T3, R_QUIET, FIELD(vs_draft, sched_words), .min = SW_MH_FALLBACK,
	  .set = set_sched_word,
	  .args = "", .standard = "off", .brief = "mh: another server for one that is not available (flag-1)" },
	{ "lvs_method", V_CUSTOM, T1, R_INHERIT, V(method), .set = set_vs_method, .print = print_vs_method,
	  .min_words = 1,
	  .mark = VG_METHOD, .args = method_args, .standard = "NAT, with an error",
	  .brief = "how real servers get packets" },
	{ "lb_kind", V_CUSTOM, T1, R_QUIET, V(method), .set = set_vs_method, .min_words = 1, .mark = VG_METHOD,
	  .args = method_args, .brief = "the same as lvs_method" },
	{ "persistence_engine", V_STRING, T3, V(pe), .set = set_engine, .args = "sip", .standard = "none",
	  .brief = "what tells a client, if not its address" },
	{ "persistence_timeout", V_CUSTOM, T1, V(persistence_s), .set = set_persistence, .print = print_persistence,
	  .mark = VG_PERSISTENCE, .args = "[SECONDS]", .standard = "off; 360 without an argument",
	  .brief = "a client stays with its server for so long" },
	{ "persistence_granularity", V_CUSTOM, T1, V(netmask), .set = set_granularity, .print = print_granularity,
	  .min_words = 1, .mark = VG_GRANULARITY, .args = "NETMASK | LENGTH", .standard = "255.255.255.255 or 128",
	  .brief = "clients of one network are one client" },
	{ "nat_mask", V_NONE, T3, .args = "NETMASK", .legacy = no_nat_mask, .brief = "old" },
	{ "net_mask", V_NONE, T3, .args = "NETMASK", .legacy = no_nat_mask, .brief = "old" },
	{ "lvs_id", V_NONE, T3, .args = "NAME", .legacy = "write router_id in global_defs", .brief = "old" },
	{ "virtualhost", V_STRING, T1, V(virtualhost), .standard = "ADDRESS:PORT",
	  .brief = "Host: of HTTP_GET and SSL_GET" },
	{ "snmp_name", V_STRING, T3, V(snmp_name), .brief = "its name for SNMP" },
	{ "alpha", V_BOOL, T1, V(alpha), .preset = "off", .mark = VG_ALPHA,
	  .brief = "real servers are down until checked" },
	{ "omega", V_BOOL, T2, V(omega), .preset = "off", .brief = "run the scripts for \"down\" when we stop" },
	{ "ha_suspend", V_BOOL, T2, V(ha_suspend), .preset = "off",
	  .brief = "no checks while the address is not on this machine" },
	{ "adopted", V_BOOL, TELVS, V(adopted), .preset = "off",
	  .brief = "somebody else made it: only watch over its real servers (elvs)" },
	{ "smtp_alert", V_BOOL, T1, R_INHERIT, V(smtp_alert), .mark = VG_SMTP_ALERT,
	  .standard = "smtp_alert_checker, else off",
	  .brief = "mail when the quorum is gained or lost" },
	{ "quorum", V_NUM, T1, V(quorum), .min = 1, .max = UINT32_MAX, .preset = "1", .print = print_quorum,
	  .brief = "sum of weights below which the sorry server takes over" },
	{ "hysteresis", V_NUM, T2, V(hysteresis), .max = UINT32_MAX, .preset = "0",
	  .brief = "so much more to gain the quorum, so much less to lose it" },
	{ "quorum_up", V_SCRIPT, T1, V(quorum_up), .brief = "run when the quorum is gained" },
	{ "quorum_down", V_SCRIPT, T1, V(quorum_down), .brief = "run when it is lost" },
	{ "sorry_server", V_CUSTOM, T1, V(sorry), .set = set_sorry, .print = print_sorry, .min_words = 1,
	  .args = "ADDRESS [PORT]", .standard = "none", .brief = "who answers while the quorum is lost" },
	{ "sorry_server_inhibit", V_CUSTOM, T2, V(sorry_inhibit), .set = set_sorry_inhibit, .print = print_sorry,
	  .args = "",
	  .standard = "off", .brief = "keep it in the table, with weight 0 when not needed" },
	{ "sorry_server_lvs_method", V_CUSTOM, T3, V(sorry), .set = set_sorry_method, .print = print_sorry_method,
	  .min_words = 1, .args = method_args, .standard = "the virtual server's",
	  .brief = "how it gets its packets" },
	{ "weight", V_NUM, T1, R_QUIET, FIELD(vs_draft, rs.weight), .min = 1, .max = INT32_MAX, .mark = VG_WEIGHT,
	  .standard = "1",
	  .brief = "of real servers that have none of their own" },
	{ "real_server", V_BLOCK, T1, .block = &real_block, .brief = "a real server" },
};
static const struct row_table virtual_table = { virtual_rows, sizeof(virtual_rows) / sizeof(virtual_rows[0]) };

static const struct row_part virtual_parts[] = {
	{ &virtual_table, 0 },
	{ &server_table, offsetof(struct vs_draft, rs) },
	{ &check_times_table, offsetof(struct vs_draft, times) },
	{ NULL, 0 },
};

/* ADDRESS [PORT] | fwmark N [inet|inet6] | group NAME; name NULL: groups are not for it */
static bool read_service(struct load *l, const struct conf_node *n, struct conf_addr *a, uint32_t *mark,
			 const char **name)
{
	const char *word;
	int64_t v;

	if (!value_word(l, n, 1, &word))
		return false;
	if (!strcmp(word, "fwmark")) {
		if (!value_num(l, n, 2, 1, UINT32_MAX, &v))
			return false;
		*mark = (uint32_t)v;
		return true;
	}
	if (name && !strcmp(word, "group")) {
		if (!value_word(l, n, 2, &word))
			return false;
		*name = load_str(l, word);
		return true;
	}
	return value_addr_port(l, n, 1, a);
}

static void *virtual_open(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct conf_addr a = {0};
	const char *group = NULL;
	struct vs_draft *d;
	uint32_t mark = 0;

	if (!read_service(l, n, &a, &mark, &group))
		return NULL;
	d = schema_draft(l, b);
	d->v.addr = a;
	d->v.fwmark = mark;
	d->v.vsg = CONF_NONE;
	d->group = group;
	d->v.where = n->where;
	return d;
}

static void virtual_close(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	*(struct vs_draft **)vec_add(l, &l->servers, sizeof(draft)) = draft;
}

static const struct schema_block virtual_block = {
	.word = "virtual_server", .parts = virtual_parts, .size = sizeof(struct vs_draft),
	  .conf_size = sizeof(struct conf_vs),
	.given = offsetof(struct vs_draft, given), .open = virtual_open, .close = virtual_close,
	.args = "ADDRESS [PORT] | fwmark N | group NAME", .brief = "an address and who serves it",
};

/* ---- service_check ---- */
static const struct row service_rows[] = {
	{ "protocol", V_ENUM, TELVS, R_FOLD, FIELD(service_draft, s.protocol), .words = protocols, .preset = "TCP",
	  .brief = "of the service" },
	{ "ip_family", V_ENUM, TELVS, R_QUIET, FIELD(service_draft, s.family), .words = families,
	  .brief = "of a mark" },
	{ "inhibit_on_failure", V_BOOL, TELVS, FIELD(service_draft, s.inhibit), .preset = "off",
	  .brief = "a server that failed gets weight 0 and is not taken out" },
	{ "virtualhost", V_STRING, TELVS, FIELD(service_draft, virtualhost),
	  .brief = "Host: of HTTP_GET and SSL_GET" },
};
static const struct row_table service_table = { service_rows, sizeof(service_rows) / sizeof(service_rows[0]) };

static const struct row_part service_parts[] = {
	{ &service_table, 0 },
	{ &check_times_table, offsetof(struct service_draft, checked.times) },
	{ &check_kinds_table, offsetof(struct service_draft, checked) },
	{ NULL, 0 },
};

static void *service_open(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct conf_addr a = {0};
	struct service_draft *d;
	uint32_t mark = 0;

	if (!read_service(l, n, &a, &mark, NULL))
		return NULL;
	d = schema_draft(l, b);
	d->s.addr = a;
	d->s.fwmark = mark;
	d->s.where = n->where;
	return d;
}

static void service_close(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	*(struct service_draft **)vec_add(l, &l->service_checks, sizeof(draft)) = draft;
}

static const struct schema_block service_block = {
	.word = "service_check", .parts = service_parts, .size = sizeof(struct service_draft),
	.conf_size = sizeof(struct conf_service_check), .given = offsetof(struct service_draft, given),
	  .open = service_open,
	.close = service_close, .args = "ADDRESS [PORT] | fwmark N",
	.brief = "checks for the real servers of a service made with ipvsadm (elvs)",
};

/* ---- SSL ---- */
static const struct row ssl_rows[] = {
	{ "password", V_STRING, T3, FIELD(conf_ssl, password), .brief = "of the key file" },
	{ "ca", V_STRING, T3, FIELD(conf_ssl, ca), .brief = "file with certificates to trust" },
	{ "certificate", V_STRING, T3, FIELD(conf_ssl, certificate), .brief = "file with our certificate" },
	{ "key", V_STRING, T3, FIELD(conf_ssl, key), .brief = "file with our key" },
};
static const struct row_table ssl_table = { ssl_rows, sizeof(ssl_rows) / sizeof(ssl_rows[0]) };
static const struct row_part ssl_parts[] = { { &ssl_table, 0 }, { NULL, 0 } };

static void *ssl_open(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	return schema_draft(l, b);
}

static void ssl_close(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	l->ssl = *(struct conf_ssl *)draft;
}

static const struct schema_block ssl_block = {
	.word = "SSL", .parts = ssl_parts, .size = sizeof(struct conf_ssl), .conf_size = sizeof(struct conf_ssl),
	.open = ssl_open, .close = ssl_close, .brief = "what SSL_GET shows to the servers",
};

static const struct row rows_vs_root_rows[] = {
	{ "virtual_server_group", V_CUSTOM, T1, .set = set_vsg, .min_words = 1,
	  .args = "NAME { ADDRESS [PORT] | FIRST-LAST [PORT] | NETWORK/LENGTH [PORT] | fwmark N [inet|inet6] ... }",
	  .brief = "addresses and marks that are served alike" },
	{ "virtual_server", V_BLOCK, T1, .block = &virtual_block, .brief = "an address and who serves it" },
	{ "SSL", V_BLOCK, T3, .block = &ssl_block, .brief = "what SSL_GET shows to the servers" },
	{ "service_check", V_BLOCK, TELVS, .block = &service_block,
	  .brief = "checks for the real servers of a service made with ipvsadm (elvs)" },
};
/* clang-format on */
ROW_TABLE(rows_vs_root);
