/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mib_rfc - VRRP-MIB (RFC 2787: version 2 over IPv4) and VRRPV3-MIB (RFC 6527: everything; version 2 is described in
 * its terms, too, as keepalived does).
 *
 * A virtual router is indexed by its interface, its id and, in RFC 6527, its address family. One without an interface
 * has no row.
 */
#include "mib.h"

/* ---- rows ---- */
static uint32_t n_routers(const struct view *v, unsigned level, const uint32_t *i)
{
	return v->conf->n_vrrps;
}

static uint32_t router_key(const struct view *v, const struct conf_vrrp *i, uint32_t *ret)
{
	ret[0] = view_ifindex(v, i->iface);
	ret[1] = i->vrid;
	ret[2] = i->family == AF_INET6 ? 2 : 1;
	return ret[0] ? 3 : 0;
}

static uint32_t key2(const struct view *v, uint32_t k, uint32_t *ret)
{
	const struct conf_vrrp *i = &v->conf->vrrps[k];

	return i->version == 2 && router_key(v, i, ret) ? 2 : 0;
}

static uint32_t key3(const struct view *v, uint32_t k, uint32_t *ret)
{
	return router_key(v, &v->conf->vrrps[k], ret);
}

static bool router_row(struct row_at *r)
{
	r->obj = &r->view->conf->vrrps[r->i[0]];
	r->fact = &r->view->vrrps[r->i[0]];
	return true;
}

static const struct conf_vrrp *conf_of(const struct row_at *r)
{
	return r->obj;
}

static const struct vrrp_known *known(const struct row_at *r)
{
	return r->fact;
}

/* ---- addresses of all routers, one after the other ---- */
static uint32_t n_all_vips(const struct view *v, unsigned level, const uint32_t *i)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < v->conf->n_vrrps; k++)
		n += v->conf->vrrps[k].n_vips;
	return n;
}

static const struct conf_vip *nth_vip(const struct view *v, uint32_t n, const struct conf_vrrp **ret)
{
	for (*ret = v->conf->vrrps; n >= (*ret)->n_vips; ++*ret)
		n -= (*ret)->n_vips;
	return &(*ret)->vips[n];
}

static uint32_t put_bytes(const struct conf_addr *a, uint32_t *ret)
{
	uint32_t n = a->family == AF_INET6 ? 16 : 4;

	for (uint32_t k = 0; k < n; k++)
		ret[k] = a->bytes[k];
	return n;
}

static uint32_t vip_key2(const struct view *v, uint32_t k, uint32_t *ret)
{
	const struct conf_vrrp *i;
	const struct conf_vip *a = nth_vip(v, k, &i);

	return i->version == 2 && router_key(v, i, ret) ? 2 + put_bytes(&a->addr, ret + 2) : 0;
}

/* An address of variable length has its length before it (RFC 2578 section 7.7) */
static uint32_t vip_key3(const struct view *v, uint32_t k, uint32_t *ret)
{
	const struct conf_vrrp *i;
	const struct conf_vip *a = nth_vip(v, k, &i);

	if (!router_key(v, i, ret))
		return 0;
	ret[3] = put_bytes(&a->addr, ret + 4);
	return 4 + ret[3];
}

/* ---- what both have ---- */
static bool get_mac(const struct row_at *r, struct value *v)
{
	const struct msg_vrrp_counts *c = &known(r)->counts;
	uint8_t mac[6];

	return view_mac(r->view, *c->vmac ? c->vmac : conf_of(r)->iface, mac) && give_bytes(v, mac, sizeof(mac));
}

/* initialize(1), backup(2), master(3) */
static bool get_state(const struct row_at *r, struct value *v)
{
	uint8_t s = known(r)->state;

	return give_number(v, s == VRRP_MASTER ? 3 : s == VRRP_BACKUP ? 2 : 1);
}

static bool put_address(const struct row_at *r, const uint8_t *bytes, struct value *v)
{
	return give_bytes(v, bytes, conf_of(r)->family == AF_INET6 ? 16 : 4);
}

static bool get_master(const struct row_at *r, struct value *v)
{
	const struct msg_vrrp_counts *c = &known(r)->counts;

	return put_address(r, known(r)->state == VRRP_MASTER ? c->source : c->master, v);
}

static bool get_source(const struct row_at *r, struct value *v)
{
	return put_address(r, known(r)->counts.source, v);
}

static bool get_preempt(const struct row_at *r, struct value *v)
{
	return give_number(v, conf_of(r)->nopreempt ? 2 : 1);
}

/* When it began to work, by the clock that the master agent calls sysUpTime */
static bool get_uptime_stamp(const struct row_at *r, struct value *v)
{
	uint64_t up = known(r)->up_us, told = r->view->master_told_us, now = r->view->master_uptime;
	uint64_t ago = told > up ? (told - up) / 10000 : 0;

	return give_number(v, !up || ago > now ? 0 : now - ago);
}

static bool get_uptime(const struct row_at *r, struct value *v)
{
	uint64_t up = known(r)->up_us;

	return give_number(v, up && r->view->now_us > up ? (r->view->now_us - up) / 10000 : 0);
}

static bool totals_row(struct row_at *r)
{
	r->fact = &r->view->totals;
	r->obj = &r->view->conf->global;
	return true;
}

#define CONF(id, type, how, member) C_FIELD(id, type, how, conf_vrrp, member)
#define COUNT(id, type, member) C_FACT(id, type, U64, vrrp_known, counts.member)
#define TOTAL(id, type, member) C_FACT(id, type, U64, msg_vrrp_counts, member)

/* ---- RFC 2787 ---- */
static bool get_admin(const struct row_at *r, struct value *v)
{
	return give_number(v, known(r)->state == VRRP_FAULT ? 2 : 1);
}

static bool get_auth(const struct row_at *r, struct value *v)
{
	return give_number(v, conf_of(r)->auth == CONF_AUTH_PASS ? 2 : conf_of(r)->auth == CONF_AUTH_AH ? 3 : 1);
}

/* Never told (RFC 2787): a string without bytes */
static bool get_key(const struct row_at *r, struct value *v)
{
	return give_text(v, "");
}

static const struct column node[] = {
	C_IS(1, INTEGER, 2),
	C_FIELD(2, INTEGER, BOOL, conf_global, snmp_traps),
};
static const struct column oper[] = {
	C_GET(2, STRING, get_mac),
	C_GET(3, INTEGER, get_state),
	C_GET(4, INTEGER, get_admin),
	CONF(5, INTEGER, U8, priority),
	CONF(6, INTEGER, U32, n_vips),
	C_GET(7, IP, get_master),
	C_GET(8, IP, get_source),
	C_GET(9, INTEGER, get_auth),
	C_GET(10, STRING, get_key),
	CONF(11, INTEGER, SECS, advert_us),
	C_GET(12, INTEGER, get_preempt),
	C_GET(13, TICKS, get_uptime_stamp),
	C_IS(14, INTEGER, 1),
	C_IS(15, INTEGER, 1),
};
static const struct column active[] = { C_IS(2, INTEGER, 1) };
static const struct column errors[] = {
	TOTAL(1, COUNTER, checksum),
	TOTAL(2, COUNTER, version),
	TOTAL(3, COUNTER, vrid),
};
static const struct column stats[] = {
	COUNT(1, COUNTER, became_master),
	COUNT(2, COUNTER, received),
	COUNT(3, COUNTER, interval),
	COUNT(4, COUNTER, auth_failure),
	COUNT(5, COUNTER, ttl),
	COUNT(6, COUNTER, received_prio0),
	COUNT(7, COUNTER, sent_prio0),
	COUNT(8, COUNTER, type),
	COUNT(9, COUNTER, addresses),
	COUNT(10, COUNTER, auth_type),
	COUNT(11, COUNTER, auth_mismatch),
	COUNT(12, COUNTER, length),
};

#define V2 .part = PART_RFC2787, .need = NEED_VRRP
const struct table mib_rfc2787[] = {
	{ TABLE_OID(MIB_VRRP, 1), COLUMNS(node), V2, .row = totals_row },
	{ TABLE_OID(MIB_VRRP, 1, 3, 1), COLUMNS(oper), V2, .n_index = 2, .count = n_routers, .key = key2,
	  .row = router_row },
	{ TABLE_OID(MIB_VRRP, 1, 4, 1), COLUMNS(active), V2, .n_index = 6, .count = n_all_vips, .key = vip_key2 },
	{ TABLE_OID(MIB_VRRP, 2), COLUMNS(errors), V2, .row = totals_row },
	{ TABLE_OID(MIB_VRRP, 2, 4, 1), COLUMNS(stats), V2, .n_index = 2, .count = n_routers, .key = key2,
	  .row = router_row },
};
const unsigned mib_rfc2787_n = sizeof(mib_rfc2787) / sizeof(mib_rfc2787[0]);

/* ---- RFC 6527 ---- */
static bool get_accept(const struct row_at *r, struct value *v)
{
	return give_number(v, conf_of(r)->version == 2 || conf_of(r)->accept ? 1 : 2);
}

/* Milliseconds */
static bool get_refresh(const struct row_at *r, struct value *v)
{
	return give_number(v, conf_of(r)->advert_us / 1000);
}

static const struct column oper3[] = {
	C_GET(3, STRING, get_master),
	C_GET(4, STRING, get_source),
	C_GET(5, STRING, get_mac),
	C_GET(6, INTEGER, get_state),
	CONF(7, GAUGE, U8, priority),
	CONF(8, INTEGER, U32, n_vips),
	CONF(9, INTEGER, CENTI, advert_us),
	C_GET(10, INTEGER, get_preempt),
	C_GET(11, INTEGER, get_accept),
	C_GET(12, TICKS, get_uptime),
	C_IS(13, INTEGER, 1),
};
static const struct column errors3[] = {
	TOTAL(1, COUNTER64, checksum),
	TOTAL(2, COUNTER64, version),
	TOTAL(3, COUNTER64, vrid),
	C_IS(4, TICKS, 0),
};
static const struct column stats3[] = {
	COUNT(1, COUNTER, became_master),
	C_FACT(2, INTEGER, U8, vrrp_known, counts.why_master),
	COUNT(3, COUNTER64, received),
	COUNT(4, COUNTER64, interval),
	COUNT(5, COUNTER64, ttl),
	C_FACT(6, INTEGER, U8, vrrp_known, counts.error),
	COUNT(7, COUNTER64, received_prio0),
	COUNT(8, COUNTER64, sent_prio0),
	COUNT(9, COUNTER64, type),
	COUNT(10, COUNTER64, addresses),
	COUNT(11, COUNTER64, length),
	C_IS(12, TICKS, 0),
	C_GET(13, GAUGE, get_refresh),
};

#define V3 .part = PART_RFC6527, .need = NEED_VRRP
const struct table mib_rfc6527[] = {
	{ TABLE_OID(MIB_VRRPV3, 1, 1, 1, 1), COLUMNS(oper3), V3, .n_index = 3, .count = n_routers, .key = key3,
	  .row = router_row },
	{ TABLE_OID(MIB_VRRPV3, 1, 1, 2, 1), COLUMNS(active), V3, .n_index = 20, .count = n_all_vips,
	  .key = vip_key3 },
	{ TABLE_OID(MIB_VRRPV3, 1, 2), COLUMNS(errors3), V3, .row = totals_row },
	{ TABLE_OID(MIB_VRRPV3, 1, 2, 5, 1), COLUMNS(stats3), V3, .n_index = 3, .count = n_routers, .key = key3,
	  .row = router_row },
};
const unsigned mib_rfc6527_n = sizeof(mib_rfc6527) / sizeof(mib_rfc6527[0]);
