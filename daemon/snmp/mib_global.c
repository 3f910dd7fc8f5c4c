/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mib_global - KEEPALIVED-MIB's group global: what holds for everything. */
#include <arpa/inet.h>

#include "mib.h"

#define G(id, type, how, member) C_FIELD(id, type, how, conf, global.member)

static bool conf_row(struct row_at *r)
{
	r->obj = r->view->conf;
	return true;
}

static bool get_version(const struct row_at *r, struct value *v)
{
	return give_text(v, r->view->version);
}

/* ---- mail ---- */
/* Where it is written as an address: names are for whoever sends the mail */
static bool smtp_server(const struct view *view, struct conf_addr *ret)
{
	const char *text = view->conf->global.smtp_server;

	*ret = (struct conf_addr){ .family = AF_INET };
	if (inet_pton(AF_INET, text, &ret->v4) == 1)
		return true;
	ret->family = AF_INET6;
	return inet_pton(AF_INET6, text, &ret->v6) == 1;
}

static bool get_smtp_type(const struct row_at *r, struct value *v)
{
	struct conf_addr a;

	return smtp_server(r->view, &a) && give_address_type(v, &a);
}

static bool get_smtp_address(const struct row_at *r, struct value *v)
{
	struct conf_addr a;

	return smtp_server(r->view, &a) && give_address(v, &a);
}

static bool get_email_faults(const struct row_at *r, struct value *v)
{
	return give_number(v, r->view->conf->global.no_email_faults ? 2 : 1);
}

static bool tristate(struct value *v, enum conf_tristate t)
{
	return give_number(v, t == CONF_ON ? 1 : t == CONF_OFF ? 2 : 3);
}

static bool get_alert(const struct row_at *r, struct value *v)
{
	return tristate(v, r->view->conf->global.smtp_alert);
}

static bool get_alert_vrrp(const struct row_at *r, struct value *v)
{
	return tristate(v, r->view->conf->global.smtp_alert_vrrp);
}

static bool get_alert_checker(const struct row_at *r, struct value *v)
{
	return tristate(v, r->view->conf->global.smtp_alert_checker);
}

static uint32_t n_mails(const struct view *v, unsigned level, const uint32_t *i)
{
	return v->conf->global.n_mail_to;
}

static bool get_mail(const struct row_at *r, struct value *v)
{
	return give_text(v, r->view->conf->global.mail_to[r->i[0]]);
}

/* ---- the rest ---- */
static bool get_flush_stop(const struct row_at *r, struct value *v)
{
	const struct conf_global *g = &r->view->conf->global;

	return give_number(v, g->lvs_flush_on_stop_vs ? 3 : g->lvs_flush_on_stop ? 1 : 2);
}

static const struct column globals[] = {
	C_GET(1, STRING, get_version),
	G(2, STRING, STR, router_id),
	G(4, INTEGER, BOOL, snmp_traps),
	C_IS(5, INTEGER, 1), /* links are watched by netlink */
	G(6, INTEGER, BOOL, lvs_flush),
	C_IS(7, INTEGER, 1), /* counters have 64 bits */
	G(8, STRING, STR, net_namespace),
	G(9, INTEGER, BOOL, dbus),
	G(10, INTEGER, BOOL, dynamic_interfaces),
	C_GET(11, INTEGER, get_flush_stop),
};

static const struct column mail[] = {
	C_GET(1, INTEGER, get_smtp_type), C_GET(2, STRING, get_smtp_address), G(3, GAUGE, SECS, smtp_timeout_us),
	G(4, STRING, STR_OPT, mail_from), G(6, GAUGE, U16, smtp_port),	      C_GET(7, INTEGER, get_email_faults),
	C_GET(8, INTEGER, get_alert),	  C_GET(9, INTEGER, get_alert_vrrp),  C_GET(10, INTEGER, get_alert_checker),
};

static const struct column emails[] = { C_GET(2, STRING, get_mail) };

const struct table mib_global[] = {
	{ TABLE_OID(MIB_KEEPALIVED, 1), COLUMNS(globals), .part = PART_VRRP | PART_CHECKER, .row = conf_row },
	{ TABLE_OID(MIB_KEEPALIVED, 1, 3), COLUMNS(mail), .part = PART_VRRP | PART_CHECKER, .row = conf_row },
	{ TABLE_OID(MIB_KEEPALIVED, 1, 3, 5, 1), COLUMNS(emails), .part = PART_VRRP | PART_CHECKER, .n_index = 1,
	  .first = { 1 }, .count = n_mails },
};
const unsigned mib_global_n = sizeof(mib_global) / sizeof(mib_global[0]);
