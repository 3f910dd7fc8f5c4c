/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mib_vrrp - KEEPALIVED-MIB's group vrrp: sync groups, instances, addresses. */
#include <linux/rtnetlink.h>

#include "mib.h"

/* The MIB has unknown(4) before shutdown(5) and deleted(6). */
static bool give_state(struct value *v, uint8_t state)
{
	return give_number(v, state >= VRRP_STOPPED ? state + 1u : state);
}

/* ---- sync groups ---- */
static uint32_t n_groups(const struct view *v, unsigned level, const uint32_t *i)
{
	return level ? v->conf->groups[i[0]].n_members : v->conf->n_groups;
}

static bool group_row(struct row_at *r)
{
	r->obj = &r->view->conf->groups[r->i[0]];
	r->fact = &r->view->groups[r->i[0]];
	return true;
}

static bool runs_scripts(const struct conf_notify *n)
{
	return n->master.argv || n->backup.argv || n->fault.argv || n->stop.argv || n->deleted.argv || n->any.argv ||
	       n->master_rx_lower_pri.argv;
}

static bool get_group_state(const struct row_at *r, struct value *v)
{
	return give_state(v, *(const uint8_t *)r->fact);
}

static bool get_group_exec(const struct row_at *r, struct value *v)
{
	return give_number(v, runs_scripts(&((const struct conf_sync_group *)r->obj)->notify) ? 1 : 2);
}

static bool get_member(const struct row_at *r, struct value *v)
{
	const struct conf *c = r->view->conf;

	return give_text(v, c->vrrps[c->groups[r->i[0]].members[r->i[1]]].name);
}

#define GROUP(id, type, how, member) C_FIELD(id, type, how, conf_sync_group, member)
static const struct column groups[] = {
	GROUP(2, STRING, STR, name),
	C_GET(3, INTEGER, get_group_state),
	GROUP(4, INTEGER, BOOL, notify.smtp_alert),
	C_GET(5, INTEGER, get_group_exec),
	GROUP(6, STRING, SCRIPT, notify.master),
	GROUP(7, STRING, SCRIPT, notify.backup),
	GROUP(8, STRING, SCRIPT, notify.fault),
	GROUP(9, STRING, SCRIPT, notify.any),
	GROUP(10, INTEGER, BOOL, tracking_weight),
	GROUP(11, STRING, SCRIPT, notify.stop),
};
static const struct column members[] = { C_GET(2, STRING, get_member) };

/* ---- instances ---- */
static uint32_t n_vrrps(const struct view *v, unsigned level, const uint32_t *i)
{
	return v->conf->n_vrrps;
}

static bool vrrp_row(struct row_at *r)
{
	r->obj = &r->view->conf->vrrps[r->i[0]];
	r->fact = &r->view->vrrps[r->i[0]];
	return true;
}

static const struct conf_vrrp *vrrp_of(const struct row_at *r)
{
	return r->obj;
}

static const struct vrrp_known *known(const struct row_at *r)
{
	return r->fact;
}

static bool get_initial(const struct row_at *r, struct value *v)
{
	return give_number(v, vrrp_of(r)->start_master ? VRRP_MASTER : VRRP_BACKUP);
}

static bool get_state(const struct row_at *r, struct value *v)
{
	return give_state(v, known(r)->state);
}

static bool get_wanted(const struct row_at *r, struct value *v)
{
	return give_state(v, known(r)->counts.wants_master ? VRRP_MASTER : known(r)->state);
}

static bool get_vips_status(const struct row_at *r, struct value *v)
{
	return give_number(v, known(r)->counts.owns ? 1 : 2);
}

static bool get_primary(const struct row_at *r, struct value *v)
{
	return give_number(v, vrrp_of(r)->dont_track_primary ? 2 : 1);
}

/* Seconds in version 2, hundredths in version 3 */
static bool get_interval(const struct row_at *r, struct value *v)
{
	return give_number(v, vrrp_of(r)->advert_us / (vrrp_of(r)->version == 3 ? 10000 : 1000000));
}

static bool get_preempt(const struct row_at *r, struct value *v)
{
	return give_number(v, vrrp_of(r)->nopreempt ? 2 : 1);
}

static bool get_auth(const struct row_at *r, struct value *v)
{
	return give_number(v, vrrp_of(r)->auth == CONF_AUTH_PASS ? 1 : vrrp_of(r)->auth == CONF_AUTH_AH ? 2 : 0);
}

static bool syncs(const struct row_at *r)
{
	return r->view->conf->global.sync.on && !strcmp(r->view->conf->global.sync.vrrp, vrrp_of(r)->name);
}

static bool get_sync(const struct row_at *r, struct value *v)
{
	return give_number(v, syncs(r) ? 1 : 2);
}

static bool get_sync_iface(const struct row_at *r, struct value *v)
{
	return syncs(r) && give_text(v, r->view->conf->global.sync.iface);
}

static bool get_group_name(const struct row_at *r, struct value *v)
{
	const struct conf_vrrp *i = vrrp_of(r);

	return i->group != CONF_NONE && give_text(v, r->view->conf->groups[i->group].name);
}

static bool get_exec(const struct row_at *r, struct value *v)
{
	return give_number(v, runs_scripts(&vrrp_of(r)->notify) ? 1 : 2);
}

static bool get_accept(const struct row_at *r, struct value *v)
{
	return give_number(v, vrrp_of(r)->version == 2 || vrrp_of(r)->accept ? 1 : 2);
}

static bool get_deleted(const struct row_at *r, struct value *v)
{
	return give_number(v, vrrp_of(r)->notify.deleted.argv ? 1 : 2);
}

static bool get_mcast_type(const struct row_at *r, struct value *v)
{
	return !vrrp_of(r)->unicast && give_address_type(v, &vrrp_of(r)->mcast_dst);
}

static bool get_mcast(const struct row_at *r, struct value *v)
{
	return !vrrp_of(r)->unicast && give_address(v, &vrrp_of(r)->mcast_dst);
}

#define VRRP(id, type, how, member) C_FIELD(id, type, how, conf_vrrp, member)
static const struct column instances[] = {
	VRRP(2, STRING, STR, name),
	VRRP(3, GAUGE, U8, vrid),
	C_GET(4, INTEGER, get_state),
	C_GET(5, INTEGER, get_initial),
	C_GET(6, INTEGER, get_wanted),
	VRRP(7, INTEGER, U8, priority),
	C_FACT(8, INTEGER, U8, vrrp_known, priority),
	C_GET(9, INTEGER, get_vips_status),
	VRRP(10, STRING, STR, iface),
	C_GET(11, INTEGER, get_primary),
	C_GET(12, GAUGE, get_interval),
	C_GET(13, INTEGER, get_preempt),
	VRRP(14, GAUGE, SECS, preempt_delay_us),
	C_GET(15, INTEGER, get_auth),
	C_GET(16, INTEGER, get_sync),
	C_GET(17, STRING, get_sync_iface),
	C_GET(18, STRING, get_group_name),
	VRRP(19, GAUGE, SECS, garp.master_delay_us),
	VRRP(20, INTEGER, BOOL, notify.smtp_alert),
	C_GET(21, INTEGER, get_exec),
	VRRP(22, STRING, SCRIPT, notify.master),
	VRRP(23, STRING, SCRIPT, notify.backup),
	VRRP(24, STRING, SCRIPT, notify.fault),
	VRRP(25, STRING, SCRIPT, notify.stop),
	VRRP(26, STRING, SCRIPT, notify.any),
	C_GET(27, INTEGER, get_accept),
	VRRP(28, INTEGER, BOOL, promote_secondaries),
	C_IS(29, INTEGER, 2), /* links are never polled */
	VRRP(30, INTEGER, U8, version),
	VRRP(31, STRING, SCRIPT, notify.master_rx_lower_pri),
	VRRP(32, STRING, SCRIPT, notify.deleted),
	C_GET(33, INTEGER, get_deleted),
	C_GET(34, INTEGER, get_mcast_type),
	C_GET(35, STRING, get_mcast),
};

/* ---- addresses: instance 0 has the static ones ---- */
static uint32_t n_addresses(const struct view *v, unsigned level, const uint32_t *i)
{
	const struct conf *c = v->conf;

	if (level == 0)
		return c->n_vrrps + 1;
	return i[0] ? c->vrrps[i[0] - 1].n_vips + c->vrrps[i[0] - 1].n_excluded : c->n_static_addresses;
}

static const struct conf_vrrp *owner(const struct row_at *r)
{
	return r->i[0] ? &r->view->conf->vrrps[r->i[0] - 1] : NULL;
}

static bool address_row(struct row_at *r)
{
	const struct conf_vrrp *i = owner(r);

	if (!i)
		r->obj = &r->view->conf->static_addresses[r->i[1]];
	else
		r->obj = r->i[1] < i->n_vips ? &i->vips[r->i[1]] : &i->excluded[r->i[1] - i->n_vips];
	return true;
}

/* IPv4 has one, perhaps 0.0.0.0; what `brd +' is, the kernel knows as little as we before it stands */
static bool get_broadcast(const struct row_at *r, struct value *v)
{
	const struct conf_vip *a = r->obj;
	struct in_addr all = a->brd.v4;

	if (a->addr.family != AF_INET)
		return false;
	if (a->brd_auto && a->prefix < 32)
		all.s_addr = a->addr.v4.s_addr | htonl(UINT32_MAX >> a->prefix);
	return give_bytes(v, &all, sizeof(all));
}

static bool get_scope(const struct row_at *r, struct value *v)
{
	uint8_t s = ((const struct conf_vip *)r->obj)->scope;

	return give_number(v, s == RT_SCOPE_HOST ? 1 : s == RT_SCOPE_LINK ? 2 : s == RT_SCOPE_SITE ? 5 : 14);
}

static bool get_ifindex(const struct row_at *r, struct value *v)
{
	return give_number(v, view_ifindex(r->view, view_vip_dev(r->view, owner(r), r->obj)));
}

static bool get_ifname(const struct row_at *r, struct value *v)
{
	return give_text(v, view_vip_dev(r->view, owner(r), r->obj));
}

static bool get_address_status(const struct row_at *r, struct value *v)
{
	const struct msg_vrrp_counts *c = r->i[0] ? &r->view->vrrps[r->i[0] - 1].counts : &r->view->totals;
	uint32_t n = r->i[1];
	bool set = n < sizeof(c->vips_set) * 8 ? c->vips_set[n / 8] >> n % 8 & 1 : c->owns;

	return give_number(v, set ? 1 : 2);
}

static bool get_advertising(const struct row_at *r, struct value *v)
{
	const struct conf_vrrp *i = owner(r);

	return give_number(v, i && r->i[1] < i->n_vips ? 1 : 2);
}

#define VIP(id, type, how, member) C_FIELD(id, type, how, conf_vip, member)
static const struct column addresses[] = {
	VIP(2, INTEGER, ADDR_TYPE, addr),    VIP(3, STRING, ADDR, addr),     C_GET(4, STRING, get_broadcast),
	VIP(5, GAUGE, U8, prefix),	     C_GET(6, INTEGER, get_scope),   C_GET(7, INTEGER, get_ifindex),
	C_GET(8, STRING, get_ifname),	     VIP(9, STRING, STR_OPT, label), C_GET(10, INTEGER, get_address_status),
	C_GET(11, INTEGER, get_advertising), VIP(12, STRING, ADDR, peer),
};

const struct table mib_vrrp[] = {
	{ TABLE_OID(MIB_KEEPALIVED, 2, 1, 1), COLUMNS(groups), .part = PART_VRRP, .n_index = 1, .first = { 1 },
	  .count = n_groups, .row = group_row },
	{ TABLE_OID(MIB_KEEPALIVED, 2, 2, 1), COLUMNS(members), .part = PART_VRRP, .n_index = 2, .first = { 1, 1 },
	  .count = n_groups },
	{ TABLE_OID(MIB_KEEPALIVED, 2, 3, 1), COLUMNS(instances), .part = PART_VRRP, .need = NEED_VRRP, .n_index = 1,
	  .first = { 1 }, .count = n_vrrps, .row = vrrp_row },
	{ TABLE_OID(MIB_KEEPALIVED, 2, 6, 1), COLUMNS(addresses), .part = PART_VRRP, .need = NEED_VRRP, .n_index = 2,
	  .first = { 0, 1 }, .count = n_addresses, .row = address_row },
};
const unsigned mib_vrrp_n = sizeof(mib_vrrp) / sizeof(mib_vrrp[0]);
