/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mib_vsg - KEEPALIVED-MIB's group check: groups of virtual servers, connection synchronisation, timeouts. */
#include "mib.h"

/* ---- groups of virtual servers ---- */
static uint32_t n_groups(const struct view *v, unsigned level, const uint32_t *i)
{
	return level ? v->conf->vsgs[i[0]].n_entries : v->conf->n_vsgs;
}

static bool group_row(struct row_at *r)
{
	r->obj = &r->view->conf->vsgs[r->i[0]];
	return true;
}

static bool entry_row(struct row_at *r)
{
	r->obj = &r->view->conf->vsgs[r->i[0]].entries[r->i[1]];
	return true;
}

static const struct conf_vsg_entry *entry(const struct row_at *r)
{
	return r->obj;
}

/* fwmark(1), ip(2), iprange(3) */
static unsigned entry_kind(const struct row_at *r)
{
	return entry(r)->fwmark ? 1 : entry(r)->count > 1 ? 3 : 2;
}

static bool get_entry_kind(const struct row_at *r, struct value *v)
{
	return give_number(v, entry_kind(r));
}

static bool get_entry_mark(const struct row_at *r, struct value *v)
{
	return entry(r)->fwmark && give_number(v, entry(r)->fwmark);
}

static bool get_entry_family(const struct row_at *r, struct value *v)
{
	return entry_kind(r) != 1 && give_address_type(v, &entry(r)->first);
}

static bool get_entry_address(const struct row_at *r, struct value *v)
{
	return entry_kind(r) == 2 && give_address(v, &entry(r)->first);
}

static bool get_entry_first(const struct row_at *r, struct value *v)
{
	return entry_kind(r) == 3 && give_address(v, &entry(r)->first);
}

static bool get_entry_last(const struct row_at *r, struct value *v)
{
	struct conf_addr a = entry(r)->first;
	uint32_t add = entry(r)->count - 1;

	if (entry_kind(r) != 3)
		return false;
	for (int k = a.family == AF_INET6 ? 15 : 3; k >= 0 && add; k--) {
		add += a.bytes[k];
		a.bytes[k] = (uint8_t)add;
		add >>= 8;
	}
	return give_address(v, &a);
}

static bool get_entry_port(const struct row_at *r, struct value *v)
{
	return entry_kind(r) != 1 && give_number(v, entry(r)->first.port);
}

static const struct column groups[] = { C_FIELD(2, STRING, STR, conf_vsg, name) };
static const struct column entries[] = {
	C_GET(2, INTEGER, get_entry_kind),   C_GET(3, GAUGE, get_entry_mark),	C_GET(4, INTEGER, get_entry_family),
	C_GET(5, STRING, get_entry_address), C_GET(6, STRING, get_entry_first), C_GET(7, STRING, get_entry_last),
	C_GET(8, GAUGE, get_entry_port),
};

/* ---- connection synchronisation, timeouts ---- */
static bool global_row(struct row_at *r)
{
	r->obj = &r->view->conf->global;
	return true;
}

static bool sync_row(struct row_at *r)
{
	return global_row(r) && r->view->conf->global.sync.on;
}

static bool get_timeout(struct value *v, uint32_t seconds)
{
	return seconds && give_number(v, seconds);
}

static bool get_tcp(const struct row_at *r, struct value *v)
{
	return get_timeout(v, r->view->conf->global.timeout_tcp_s);
}

static bool get_tcpfin(const struct row_at *r, struct value *v)
{
	return get_timeout(v, r->view->conf->global.timeout_tcpfin_s);
}

static bool get_udp(const struct row_at *r, struct value *v)
{
	return get_timeout(v, r->view->conf->global.timeout_udp_s);
}

#define G(id, type, how, member) C_FIELD(id, type, how, conf_global, member)
static const struct column sync_enabled[] = { G(1, INTEGER, BOOL, sync.on) };
static const struct column sync_daemon[] = {
	G(2, STRING, STR, sync.iface),	      G(3, STRING, STR_OPT, sync.vrrp), G(4, INTEGER, U8, sync.id),
	G(5, INTEGER, U16, sync.maxlen),      G(6, INTEGER, U16, sync.port),	G(7, INTEGER, U8, sync.ttl),
	G(8, INTEGER, ADDR_TYPE, sync.group), G(9, STRING, ADDR, sync.group),
};
static const struct column timeouts[] = {
	C_GET(1, INTEGER, get_tcp),
	C_GET(2, INTEGER, get_tcpfin),
	C_GET(3, INTEGER, get_udp),
};

#define CHECK .part = PART_CHECKER
const struct table mib_vsg[] = {
	{ TABLE_OID(MIB_KEEPALIVED, 3, 1, 1), COLUMNS(groups), CHECK, .n_index = 1, .first = { 1 }, .count = n_groups,
	  .row = group_row },
	{ TABLE_OID(MIB_KEEPALIVED, 3, 2, 1), COLUMNS(entries), CHECK, .n_index = 2, .first = { 1, 1 },
	  .count = n_groups, .row = entry_row },
	{ TABLE_OID(MIB_KEEPALIVED, 3, 6), COLUMNS(sync_enabled), CHECK, .row = global_row },
	{ TABLE_OID(MIB_KEEPALIVED, 3, 6), COLUMNS(sync_daemon), CHECK, .row = sync_row },
	{ TABLE_OID(MIB_KEEPALIVED, 3, 7), COLUMNS(timeouts), CHECK, .row = global_row },
};
const unsigned mib_vsg_n = sizeof(mib_vsg) / sizeof(mib_vsg[0]);
