/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump_json - the instances as keepalived's keepalived.json has them (version 1: an array; 2: under "vrrp"). */
#include <errno.h>
#include <jansson.h>

#include "dump.h"

/* As keepalived numbers them: INIT, BACKUP, MASTER, FAULT. */
static int state_number(enum vrrp_state s)
{
	return s <= VRRP_FAULT ? (int)s : 0;
}

static json_t *vips_of(const struct vrrp_role *r, const struct instance *i, bool excluded)
{
	json_t *list = json_array();
	char text[200];

	for (uint32_t k = 0; k < i->n_vips; k++) {
		if (i->vips[k].excluded != excluded)
			continue;
		dump_vip(r, i, &i->vips[k], text, sizeof(text));
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *lines_of(const struct conf_ipline *l, uint32_t n)
{
	json_t *list = json_array();

	for (uint32_t k = 0; k < n; k++) {
		char text[900];
		size_t len = 0;

		text[0] = '\0';
		for (const char *const *w = l[k].words; *w && len < sizeof(text); w++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? " " : "", *w);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static void put(json_t *o, const char *key, json_int_t value)
{
	json_object_set_new(o, key, json_integer(value));
}

static void put_seconds(json_t *o, const char *key, uint64_t us)
{
	json_object_set_new(o, key,
			    us % 1000000 ? json_real((double)us / 1e6) : json_integer((json_int_t)(us / 1000000)));
}

static void put_garp(json_t *o, const struct conf_garp *g)
{
	put_seconds(o, "garp_delay", g->master_delay_us);
	put_seconds(o, "garp_refresh", g->master_refresh_us);
	put(o, "garp_rep", g->master_repeat);
	put(o, "garp_refresh_rep", g->master_refresh_repeat);
	put_seconds(o, "garp_lower_prio_delay", g->lower_prio_delay_us);
	put(o, "garp_lower_prio_rep", g->lower_prio_repeat);
}

static void put_lists(json_t *o, const struct vrrp_role *r, const struct instance *i)
{
	const struct conf_vrrp *v = i->conf;

	if (v->n_vips)
		json_object_set_new(o, "vips", vips_of(r, i, false));
	if (v->n_excluded)
		json_object_set_new(o, "evips", vips_of(r, i, true));
	if (v->n_routes)
		json_object_set_new(o, "vroutes", lines_of(v->routes, v->n_routes));
	if (v->n_rules)
		json_object_set_new(o, "vrules", lines_of(v->rules, v->n_rules));
}

static json_t *data_of(const struct vrrp_role *r, const struct instance *i)
{
	const struct conf_vrrp *v = i->conf;
	json_t *o = json_object();

	json_object_set_new(o, "iname", json_string(v->name));
	put(o, "dont_track_primary", v->dont_track_primary);
	put(o, "skip_check_adv_addr", v->skip_check_adv_addr);
	put(o, "strict_mode", v->strict);
	json_object_set_new(o, "vmac_ifname", json_string(i->vmac.name));
	json_object_set_new(o, "ifp_ifname", json_string(v->iface));
	put(o, "master_priority", i->fsm.state == VRRP_BACKUP ? i->fsm.master_priority : 0);
	json_object_set_new(o, "last_transition", json_real(dump_wall(i->fsm.since)));
	put_garp(o, &v->garp);
	put(o, "lower_prio_no_advert", v->lower_prio_no_advert);
	put(o, "higher_prio_send_advert", v->higher_prio_send_advert);
	put(o, "vrid", v->vrid);
	put(o, "base_priority", v->priority);
	put(o, "effective_priority", i->fsm.priority);
	json_object_set_new(o, "vipset", json_boolean(i->owns));
	json_object_set_new(o, "promote_secondaries", json_boolean(v->promote_secondaries));
	put_seconds(o, "adver_int", v->advert_us);
	put_seconds(o, "master_adver_int", i->fsm.master_interval_us);
	put(o, "accept", v->accept);
	json_object_set_new(o, "nopreempt", json_boolean(v->nopreempt));
	put_seconds(o, "preempt_delay", v->preempt_delay_us);
	put(o, "state", state_number(i->fsm.state));
	put(o, "wantstate", i->fsm.wants_master ? VRRP_MASTER : state_number(i->fsm.state));
	put(o, "version", v->version);
	json_object_set_new(o, "smtp_alert", json_boolean(v->notify.smtp_alert));
	json_object_set_new(o, "notify_deleted", json_boolean(v->notify.deleted.argv != NULL));
	put_lists(o, r, i);
	put(o, "auth_type", v->auth);
	return o;
}

static json_t *stats_of(const struct instance *i)
{
	const struct vrrp_fsm *m = &i->fsm;
	struct dump_counts c;
	json_t *o = json_object();

	dump_counts(i, &c);
	put(o, "advert_rcvd", (json_int_t)m->received);
	put(o, "advert_sent", (json_int_t)m->sent);
	put(o, "become_master", (json_int_t)m->became_master);
	put(o, "release_master", (json_int_t)m->released_master);
	put(o, "packet_len_err", (json_int_t)c.length);
	put(o, "advert_interval_err", (json_int_t)c.interval);
	put(o, "ip_ttl_err", (json_int_t)c.ttl);
	put(o, "invalid_type_rcvd", (json_int_t)c.type);
	put(o, "addr_list_err", (json_int_t)c.addresses);
	put(o, "invalid_authtype", (json_int_t)c.auth_type);
	put(o, "authtype_mismatch", (json_int_t)c.auth_mismatch);
	put(o, "auth_failure", (json_int_t)c.auth_failure);
	put(o, "pri_zero_rcvd", (json_int_t)m->received_prio0);
	put(o, "pri_zero_sent", (json_int_t)m->sent_prio0);
	return o;
}

int dump_json(const struct vrrp_role *r, FILE *f)
{
	json_t *list = json_array(), *top = list;
	int e;

	for (uint32_t n = 0; n < r->n_instances; n++) {
		json_t *o = json_object();

		json_object_set_new(o, "data", data_of(r, r->instances[n]));
		json_object_set_new(o, "stats", stats_of(r->instances[n]));
		json_array_append_new(list, o);
	}
	if (r->conf->global.json_version == 2) {
		top = json_object();
		json_object_set_new(top, "vrrp", list);
	}
	e = json_dumpf(top, f, JSON_COMPACT);
	json_decref(top);
	return e < 0 ? -EIO : 0;
}
