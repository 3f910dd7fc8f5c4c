/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mib_lvs - KEEPALIVED-MIB's group check: virtual and real servers.
 *
 * How often a server is checked is the business of its checks here; what the MIB wants of servers is taken from their
 * first one.
 */
#include <arpa/inet.h>
#include <linux/ip_vs.h>

#include "mib.h"

/* ---- what virtual and real servers have in common ---- */
/* nat(1), dr(2), tun(3) */
static uint64_t method_number(uint32_t method)
{
	method &= IP_VS_CONN_F_FWD_MASK;
	return method == IP_VS_CONN_F_DROUTE ? 2 : method == IP_VS_CONN_F_TUNNEL ? 3 : 1;
}

static bool is_tunnel(const struct conf_rs *s)
{
	return s && (s->method & IP_VS_CONN_F_FWD_MASK) == IP_VS_CONN_F_TUNNEL;
}

static bool put_tunnel(struct value *v, const struct conf_rs *s)
{
	return is_tunnel(s) && give_number(v, s->tun_type + 1u);
}

static bool put_tunnel_port(struct value *v, const struct conf_rs *s)
{
	return is_tunnel(s) && s->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE && give_number(v, s->tun_port);
}

static bool put_tunnel_sum(struct value *v, const struct conf_rs *s)
{
	if (!is_tunnel(s) || s->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_IPIP)
		return false;
	return give_number(v, s->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM ? 3
			      : s->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM  ? 2
									     : 1);
}

static const struct conf_vs *server_of(const struct row_at *r)
{
	return &r->view->conf->servers[r->i[0]];
}

/* How a real server is checked; virtual servers have no way of their own */
static const struct conf_check *check_of(const struct row_at *r, const struct conf_rs *s)
{
	return s && s->n_checks ? r->view->conf->checks[s->checks[0]].how : NULL;
}

static const struct conf_check *server_check(const struct row_at *r)
{
	const struct conf_vs *s = server_of(r);

	for (uint32_t k = 0; k < s->n_rs; k++)
		if (s->rs[k].n_checks)
			return check_of(r, &s->rs[k]);
	return NULL;
}

/* The real server of a row; without one: its virtual server's check */
static const struct conf_check *row_check(const struct row_at *r)
{
	return r->obj == server_of(r) ? server_check(r) : check_of(r, r->obj);
}

#define OF_CHECK(name, expr)                                            \
	static bool get_##name(const struct row_at *r, struct value *v) \
	{                                                               \
		const struct conf_check *c = row_check(r);              \
                                                                        \
		return c && give_number(v, expr);                       \
	}
OF_CHECK(delay_loop, c->delay_loop_us / 1000000)
OF_CHECK(retry, c->retry)
OF_CHECK(retry_delay, c->delay_before_retry_us / 1000000)
OF_CHECK(warmup, c->warmup_us / 1000000)
OF_CHECK(delay_loop_us, c->delay_loop_us)
OF_CHECK(retry_delay_us, c->delay_before_retry_us)
OF_CHECK(warmup_us, c->warmup_us)
OF_CHECK(timeout_us, c->connect_timeout_us)

/* Both kinds of facts begin with their counters */
#define LOW_HIGH(name)                                                                     \
	static bool get_##name##_low(const struct row_at *r, struct value *v)              \
	{                                                                                  \
		return give_number(v, (uint32_t)((const struct counters *)r->fact)->name); \
	}                                                                                  \
	static bool get_##name##_high(const struct row_at *r, struct value *v)             \
	{                                                                                  \
		return give_number(v, ((const struct counters *)r->fact)->name >> 32);     \
	}
LOW_HIGH(cps)
LOW_HIGH(inpps)
LOW_HIGH(outpps)
LOW_HIGH(inbps)
LOW_HIGH(outbps)
#define RATE(id, name) C_GET(id, GAUGE, get_##name##_low), C_GET(id + 1, GAUGE, get_##name##_high)
#define COUNT(id, type, member) C_FACT(id, type, U64, counters, member)

/* ---- virtual servers ---- */
static uint32_t n_servers(const struct view *v, unsigned level, const uint32_t *i)
{
	const struct conf_vs *s = v->conf->servers;

	return level ? s[i[0]].n_rs + s[i[0]].has_sorry : v->conf->n_servers;
}

static bool server_row(struct row_at *r)
{
	if (!r->view->lvs.head)
		return false;
	r->obj = server_of(r);
	r->fact = &r->view->lvs.servers[r->i[0]];
	return true;
}

static const struct vs_facts *vs_fact(const struct row_at *r)
{
	return r->fact;
}

/* fwmark(1), ip(2), group(3) */
static bool get_kind(const struct row_at *r, struct value *v)
{
	return give_number(v, server_of(r)->fwmark ? 1 : server_of(r)->vsg != CONF_NONE ? 3 : 2);
}

static bool get_group(const struct row_at *r, struct value *v)
{
	uint32_t g = server_of(r)->vsg;

	return g != CONF_NONE && give_text(v, r->view->conf->vsgs[g].name);
}

static bool get_mark(const struct row_at *r, struct value *v)
{
	return server_of(r)->fwmark && give_number(v, server_of(r)->fwmark);
}

static bool get_port(const struct row_at *r, struct value *v)
{
	return server_of(r)->addr.family && give_number(v, server_of(r)->addr.port);
}

/* tcp(1), udp(2), sctp(3), none(4) */
static bool get_protocol(const struct row_at *r, struct value *v)
{
	uint8_t p = server_of(r)->protocol;

	return give_number(v, p == IPPROTO_TCP ? 1 : p == IPPROTO_UDP ? 2 : p == IPPROTO_SCTP ? 3 : 4);
}

static bool get_scheduler(const struct row_at *r, struct value *v)
{
	static const char *const names[] = { "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh",
					     "sh", "sed", "nq", "fo",  "ovf",  "mh",	"twos" };

	for (unsigned k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (!strcmp(names[k], server_of(r)->sched))
			return give_number(v, k + 1);
	return give_number(v, 99);
}

static bool get_method(const struct row_at *r, struct value *v)
{
	return give_number(v, method_number(server_of(r)->method));
}

static bool get_status(const struct row_at *r, struct value *v)
{
	return give_number(v, vs_fact(r)->known ? 1 : 2);
}

static bool has_flag(const struct row_at *r, uint32_t flag, const char *sched)
{
	return server_of(r)->flags & flag && (!sched || !strcmp(server_of(r)->sched, sched));
}

static bool get_persist(const struct row_at *r, struct value *v)
{
	return give_number(v, has_flag(r, IP_VS_SVC_F_PERSISTENT, NULL) ? 1 : 2);
}

static bool get_persist_timeout(const struct row_at *r, struct value *v)
{
	return has_flag(r, IP_VS_SVC_F_PERSISTENT, NULL) && give_number(v, server_of(r)->persistence_s);
}

static bool get_granularity(const struct row_at *r, struct value *v)
{
	const struct conf_vs *s = server_of(r);

	return has_flag(r, IP_VS_SVC_F_PERSISTENT, NULL) && s->family == AF_INET && s->netmask != UINT32_MAX &&
	       give_bytes(v, &s->netmask, 4);
}

static bool get_granularity6(const struct row_at *r, struct value *v)
{
	const struct conf_vs *s = server_of(r);

	return has_flag(r, IP_VS_SVC_F_PERSISTENT, NULL) && s->family == AF_INET6 && s->netmask != 128 &&
	       give_number(v, s->netmask);
}

static bool get_quorum_status(const struct row_at *r, struct value *v)
{
	return give_number(v, vs_fact(r)->quorum ? 1 : 2);
}

#define FLAG(name, flag, sched)                                                        \
	static bool get_##name(const struct row_at *r, struct value *v)                \
	{                                                                              \
		return give_number(v, has_flag(r, IP_VS_SVC_F_##flag, sched) ? 1 : 2); \
	}
FLAG(ops, ONEPACKET, NULL)
FLAG(hashed, HASHED, NULL)
FLAG(sh_fallback, SCHED1, "sh")
FLAG(sh_port, SCHED2, "sh")
FLAG(sched3, SCHED3, NULL)
FLAG(mh_fallback, SCHED1, "mh")
FLAG(mh_port, SCHED2, "mh")

/* What all have unless they say otherwise: as the first one has it */
static const struct conf_rs *first_rs(const struct row_at *r)
{
	return server_of(r)->n_rs ? &server_of(r)->rs[0] : NULL;
}

static bool get_when_down(const struct row_at *r, struct value *v)
{
	return give_number(v, server_of(r)->rs_inhibit ? 2 : 1);
}

static bool get_vs_tunnel(const struct row_at *r, struct value *v)
{
	return put_tunnel(v, first_rs(r));
}

static bool get_vs_tunnel_port(const struct row_at *r, struct value *v)
{
	return put_tunnel_port(v, first_rs(r));
}

static bool get_vs_tunnel_sum(const struct row_at *r, struct value *v)
{
	return put_tunnel_sum(v, first_rs(r));
}

#define VS(id, type, how, member) C_FIELD(id, type, how, conf_vs, member)
static const struct column servers[] = {
	C_GET(2, INTEGER, get_kind),
	C_GET(3, STRING, get_group),
	C_GET(4, GAUGE, get_mark),
	VS(5, INTEGER, ADDR_TYPE, addr),
	VS(6, STRING, ADDR, addr),
	C_GET(7, GAUGE, get_port),
	C_GET(8, INTEGER, get_protocol),
	C_GET(9, INTEGER, get_scheduler),
	C_GET(10, INTEGER, get_method),
	C_GET(11, INTEGER, get_status),
	VS(12, STRING, STR_OPT, virtualhost),
	C_GET(13, INTEGER, get_persist),
	C_GET(14, GAUGE, get_persist_timeout),
	C_GET(15, STRING, get_granularity),
	C_GET(16, GAUGE, get_delay_loop),
	VS(17, INTEGER, BOOL, ha_suspend),
	VS(18, INTEGER, BOOL, alpha),
	VS(19, INTEGER, BOOL, omega),
	VS(20, GAUGE, U32, n_rs),
	C_FACT(21, GAUGE, U32, vs_facts, alive),
	VS(22, GAUGE, U32, quorum),
	C_GET(23, INTEGER, get_quorum_status),
	VS(24, STRING, SCRIPT, quorum_up),
	VS(25, STRING, SCRIPT, quorum_down),
	VS(26, GAUGE, U32, hysteresis),
	COUNT(27, GAUGE, conns),
	COUNT(28, COUNTER, inpkts),
	COUNT(29, COUNTER, outpkts),
	COUNT(30, COUNTER64, inbytes),
	COUNT(31, COUNTER64, outbytes),
	COUNT(32, GAUGE, cps),
	COUNT(33, GAUGE, inpps),
	COUNT(34, GAUGE, outpps),
	COUNT(35, GAUGE, inbps),
	COUNT(36, GAUGE, outbps),
	C_GET(37, INTEGER, get_ops),
	COUNT(38, COUNTER64, conns),
	COUNT(39, COUNTER64, inpkts),
	COUNT(40, COUNTER64, outpkts),
	RATE(41, cps),
	RATE(43, inpps),
	RATE(45, outpps),
	RATE(47, inbps),
	RATE(49, outbps),
	C_GET(51, GAUGE, get_granularity6),
	C_GET(52, INTEGER, get_hashed),
	C_GET(53, INTEGER, get_sh_fallback),
	C_GET(54, INTEGER, get_sh_port),
	C_GET(55, INTEGER, get_sched3),
	C_GET(56, INTEGER, get_when_down),
	C_GET(57, GAUGE, get_retry),
	C_GET(58, GAUGE, get_retry_delay),
	C_GET(59, GAUGE, get_warmup),
	VS(60, INTEGER, U32, rs_weight),
	VS(61, INTEGER, BOOL, smtp_alert),
	C_GET(62, INTEGER, get_mh_fallback),
	C_GET(63, INTEGER, get_mh_port),
	C_GET(64, GAUGE, get_delay_loop_us),
	C_GET(65, GAUGE, get_retry_delay_us),
	C_GET(66, GAUGE, get_warmup_us),
	C_GET(67, GAUGE, get_timeout_us),
	C_GET(68, INTEGER, get_vs_tunnel),
	C_GET(69, GAUGE, get_vs_tunnel_port),
	C_GET(70, INTEGER, get_vs_tunnel_sum),
	VS(71, STRING, STR_OPT, snmp_name),
};

/* ---- real servers: the sorry server comes first ---- */
static bool real_row(struct row_at *r)
{
	const struct conf_vs *s = server_of(r);

	if (!r->view->lvs.head)
		return false;
	r->obj = s->has_sorry && !r->i[1] ? &s->sorry : &s->rs[r->i[1] - s->has_sorry];
	r->fact = &r->view->lvs.real[r->view->lvs.servers[r->i[0]].rs + r->i[1]];
	return true;
}

static const struct conf_rs *real(const struct row_at *r)
{
	return r->obj;
}

static bool get_real_kind(const struct row_at *r, struct value *v)
{
	return give_number(v, real(r) == &server_of(r)->sorry ? 2 : 1);
}

static bool get_real_status(const struct row_at *r, struct value *v)
{
	return give_number(v, ((const struct rs_facts *)r->fact)->up ? 1 : 2);
}

static bool get_real_when_down(const struct row_at *r, struct value *v)
{
	return give_number(v, real(r)->inhibit ? 2 : 1);
}

static bool get_notify_up(const struct row_at *r, struct value *v)
{
	return give_script(v, real(r)->notify_up);
}

static bool get_notify_down(const struct row_at *r, struct value *v)
{
	return give_script(v, real(r)->notify_down);
}

static bool get_real_method(const struct row_at *r, struct value *v)
{
	return give_number(v, method_number(real(r)->method));
}

/* If it is not its virtual server's */
static bool get_virtualhost(const struct row_at *r, struct value *v)
{
	const struct conf_check *c = row_check(r);
	const char *host;

	if (!c || (c->kind != CONF_CHECK_HTTP && c->kind != CONF_CHECK_SSL) || !c->http.n_urls)
		return false;
	host = c->http.urls[0].virtualhost;
	return *host && strcmp(host, server_of(r)->virtualhost) && give_text(v, host);
}

static bool get_tunnel(const struct row_at *r, struct value *v)
{
	return put_tunnel(v, real(r));
}

static bool get_tunnel_port(const struct row_at *r, struct value *v)
{
	return put_tunnel_port(v, real(r));
}

static bool get_tunnel_sum(const struct row_at *r, struct value *v)
{
	return put_tunnel_sum(v, real(r));
}

#define RS(id, type, how, member) C_FIELD(id, type, how, conf_rs, member)
#define RS_FACT(id, type, how, member) C_FACT(id, type, how, rs_facts, member)
static const struct column reals[] = {
	C_GET(2, INTEGER, get_real_kind),
	RS(3, INTEGER, ADDR_TYPE, addr),
	RS(4, STRING, ADDR, addr),
	RS(5, GAUGE, U16, addr.port),
	C_GET(6, INTEGER, get_real_status),
	RS_FACT(7, INTEGER, U32, weight),
	RS(8, GAUGE, U32, uthreshold),
	RS(9, GAUGE, U32, lthreshold),
	C_GET(10, INTEGER, get_real_when_down),
	C_GET(11, STRING, get_notify_up),
	C_GET(12, STRING, get_notify_down),
	RS_FACT(13, GAUGE, U32, failed_checks),
	COUNT(14, GAUGE, conns),
	RS_FACT(15, GAUGE, U32, active),
	RS_FACT(16, GAUGE, U32, inactive),
	RS_FACT(17, GAUGE, U32, persistent),
	COUNT(18, COUNTER, inpkts),
	COUNT(19, COUNTER, outpkts),
	COUNT(20, COUNTER64, inbytes),
	COUNT(21, COUNTER64, outbytes),
	COUNT(22, GAUGE, cps),
	COUNT(23, GAUGE, inpps),
	COUNT(24, GAUGE, outpps),
	COUNT(25, GAUGE, inbps),
	COUNT(26, GAUGE, outbps),
	COUNT(27, COUNTER64, conns),
	COUNT(28, COUNTER64, inpkts),
	COUNT(29, COUNTER64, outpkts),
	RATE(30, cps),
	RATE(32, inpps),
	RATE(34, outpps),
	RATE(36, inbps),
	RATE(38, outbps),
	C_GET(40, INTEGER, get_real_method),
	C_GET(41, STRING, get_virtualhost),
	RS(42, INTEGER, BOOL, alpha),
	C_GET(43, GAUGE, get_retry),
	C_GET(44, GAUGE, get_retry_delay),
	C_GET(45, GAUGE, get_warmup),
	C_GET(46, GAUGE, get_delay_loop),
	RS(47, INTEGER, BOOL, smtp_alert),
	C_GET(48, GAUGE, get_retry_delay_us),
	C_GET(49, GAUGE, get_warmup_us),
	C_GET(50, GAUGE, get_delay_loop_us),
	C_GET(51, GAUGE, get_timeout_us),
	C_GET(52, INTEGER, get_tunnel),
	C_GET(53, GAUGE, get_tunnel_port),
	C_GET(54, INTEGER, get_tunnel_sum),
	RS(55, STRING, STR_OPT, snmp_name),
};

#define CHECK .part = PART_CHECKER
const struct table mib_lvs[] = {
	{ TABLE_OID(MIB_KEEPALIVED, 3, 3, 1), COLUMNS(servers), CHECK, .need = NEED_LVS, .n_index = 1, .first = { 1 },
	  .count = n_servers, .row = server_row },
	{ TABLE_OID(MIB_KEEPALIVED, 3, 4, 1), COLUMNS(reals), CHECK, .need = NEED_LVS, .n_index = 2,
	  .first = { 1, 1 }, .count = n_servers, .row = real_row },
};
const unsigned mib_lvs_n = sizeof(mib_lvs) / sizeof(mib_lvs[0]);
