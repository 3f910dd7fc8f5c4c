/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status_json - see status_json.h. A number that is not known is null. */
#include "status_json.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "elvs_version.h"
#include "ipvs.h"
#include "load.h"
#include "roles.h"
#include "track.h"
#include "vrrps.h"

static json_t *seconds_since(uint64_t us)
{
	return us ? json_integer((json_int_t)((clock_us() - us) / 1000000)) : json_null();
}

static json_t *roles_json(const struct keeper *k)
{
	json_t *list = json_array();

	for (enum role r = ROLE_VRRP; r < ROLES; r++)
		if (roles_running(k->roles, r) || roles_wanted(k->roles, r))
			json_array_append_new(list, json_pack("{s:s, s:i, s:i}", "name", role_name(r), "pid",
							      (int)roles_pid(k->roles, r), "restarts",
							      (int)roles_restarts(k->roles, r)));
	return list;
}

/* ---- VRRP ---- */
static json_t *addresses_json(const struct conf_vip *vips, uint32_t n)
{
	json_t *list = json_array();
	char text[64];

	for (uint32_t i = 0; i < n; i++) {
		conf_addr_text(&vips[i].addr, text, sizeof(text));
		json_array_append_new(list, json_sprintf("%s/%u", text, vips[i].prefix));
	}
	return list;
}

static const char *state_of(const struct vrrp_entry *e)
{
	return e && e->known ? vrrp_state_word(e->state) : "INIT";
}

static json_t *vrrp_json(const struct keeper *k, const struct conf_vrrp *v)
{
	const struct vrrp_entry *e = vrrps_find(k->vrrps, false, v->name);

	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:s, s:o, s:i, s:o, s:s}", "name", v->name, "state", state_of(e),
			 "priority", (int)(e && e->known ? e->priority : v->priority), "base_priority",
			 (int)v->priority, "vrid", (int)v->vrid, "interface", v->iface, "since_s",
			 seconds_since(e ? e->since_us : 0), "transitions", (int)(e ? e->transitions : 0),
			 "addresses", addresses_json(v->vips, v->n_vips), "why", e ? e->why : "");
}

static void add_vrrp(const struct keeper *k, const struct conf *c, json_t *all)
{
	json_t *list = json_array(), *groups = json_array();

	for (uint32_t i = 0; i < c->n_vrrps; i++)
		json_array_append_new(list, vrrp_json(k, &c->vrrps[i]));
	for (uint32_t i = 0; i < c->n_groups; i++)
		json_array_append_new(groups, json_pack("{s:s, s:s}", "name", c->groups[i].name, "state",
							state_of(vrrps_find(k->vrrps, true, c->groups[i].name))));
	json_object_set_new(all, "vrrp", list);
	json_object_set_new(all, "groups", groups);
}

/* ---- trackers ---- */
static json_t *value_json(const struct keeper *k, enum conf_track_kind kind, uint32_t i)
{
	int64_t v = track_value(k->track, kind, i);

	return v == TRACK_UNKNOWN ? json_null() : json_integer(v);
}

static void add_trackers(const struct keeper *k, const struct conf *c, json_t *all)
{
	json_t *bfd = json_array(), *list = json_array();

	for (uint32_t i = 0; i < c->n_bfds; i++) {
		int64_t v = track_value(k->track, CONF_TRACK_BFD, i);

		json_array_append_new(bfd, json_pack("{s:s, s:s}", "name", c->bfds[i].name, "state",
						     v == TRACK_UNKNOWN ? "INIT"
						     : v		? "UP"
									: "DOWN"));
	}
#define ADD(kind_name, kind, items)                                                                           \
	for (uint32_t i = 0; i < c->n_##items; i++)                                                           \
	json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "kind", kind_name, "name", c->items[i].name, \
					      "value", value_json(k, kind, i)))
	ADD("script", CONF_TRACK_SCRIPT, scripts);
	ADD("process", CONF_TRACK_PROCESS, processes);
	ADD("file", CONF_TRACK_FILE, files);
#undef ADD
	json_object_set_new(all, "bfd", bfd);
	json_object_set_new(all, "trackers", list);
}

/* ---- virtual servers and checks ---- */
static json_t *rs_json(const struct pool *p, const struct conf_vs *vs, uint32_t n, uint32_t i)
{
	struct pool_rs_view v;
	char text[100];
	json_t *checks = json_array();

	pool_rs_view(p, n, i, &v);
	conf_rs_text(vs, v.rs, text, sizeof(text));
	for (uint32_t c = 0; c < v.rs->n_checks; c++)
		json_array_append_new(checks, json_integer(v.rs->checks[c]));
	return json_pack("{s:s, s:b, s:b, s:I, s:b, s:o}", "server", text, "up", v.up, "in_table", v.in_table,
			 "weight", (json_int_t)v.weight, "draining", v.draining, "checks", checks);
}

static json_t *service_json(const struct pool *p, const struct conf *c, uint32_t n)
{
	struct pool_vs_view v;
	char text[200];
	json_t *list = json_array();

	pool_vs_view(p, n, &v);
	conf_vs_text(c, v.vs, text, sizeof(text));
	for (uint32_t i = 0; i < v.n_rs; i++)
		json_array_append_new(list, rs_json(p, v.vs, n, i));
	return json_pack("{s:s, s:b, s:b, s:b, s:i, s:I, s:o}", "service", text, "quorum", v.quorum, "sorry", v.sorry,
			 "refused", v.refused, "alive", (int)v.alive, "alive_weight", (json_int_t)v.alive_weight,
			 "real_servers", list);
}

static const char *kind_name(enum conf_check_kind kind)
{
	static const char *const names[CONF_CHECK_KINDS] = {
		"TCP_CHECK", "HTTP_GET",  "SSL_GET",	"SMTP_CHECK", "DNS_CHECK",   "MISC_CHECK",
		"BFD_CHECK", "UDP_CHECK", "PING_CHECK", "FILE_CHECK", "AGENT_CHECK", "PASSIVE_CHECK",
	};

	return (unsigned)kind < CONF_CHECK_KINDS ? names[kind] : "?";
}

static json_t *check_json(const struct pool *p, uint32_t i, uint32_t users)
{
	struct pool_check_view v;
	char target[80];
	json_t *o;

	pool_check_view(p, i, &v);
	conf_addr_text(&v.check->addr, target, sizeof(target));
	o = json_pack(
		"{s:s, s:o, s:b, s:b, s:I, s:o, s:i}", "kind", kind_name(v.check->how->kind), "target",
		json_sprintf(v.check->addr.family == AF_INET6 ? "[%s]:%u" : "%s:%u", target, v.check->addr.port),
		"known", v.known, "up", v.up, "latency_us", (json_int_t)v.latency_us, "told_s",
		seconds_since(v.told_us), "users", (int)users);
	/* A server's own words: maybe no UTF-8 */
	json_t *text = json_string(v.text ? v.text : "");

	if (o)
		json_object_set_new(o, "text", text ? text : json_string("(unprintable)"));
	else
		json_decref(text);
	return o;
}

static json_t *checks_json(const struct pool *p, const struct conf *c)
{
	uint32_t *users = calloc(c->n_checks ? c->n_checks : 1, sizeof(*users));
	json_t *list = json_array();

	for (uint32_t s = 0; users && s < c->n_servers; s++)
		for (uint32_t r = 0; r < c->servers[s].n_rs; r++)
			for (uint32_t i = 0; i < c->servers[s].rs[r].n_checks; i++)
				users[c->servers[s].rs[r].checks[i]]++;
	for (uint32_t i = 0; users && i < c->n_checks; i++)
		json_array_append_new(list, check_json(p, i, users[i]));
	free(users);
	return list;
}

static void add_services(const struct keeper *k, const struct conf *c, json_t *all)
{
	struct pool *p = k->ipvs ? ipvs_pool(k->ipvs) : NULL;
	json_t *list = json_array();

	for (uint32_t i = 0; p && i < pool_vs_count(p); i++)
		json_array_append_new(list, service_json(p, c, i));
	json_object_set_new(all, "services", list);
	json_object_set_new(all, "checks", p ? checks_json(p, c) : json_array());
	json_object_set_new(all, "director", json_boolean(k->ipvs && ipvs_connected(k->ipvs)));
}

json_t *status_json(const struct keeper *k)
{
	const struct conf *c = keeper_conf(k);
	json_t *all = json_pack("{s:s, s:s, s:I, s:o, s:I, s:i, s:i}", "version", ELVS_VERSION, "config",
				k->o->conf_file, "generation", (json_int_t)k->slots[k->current].number, "uptime_s",
				seconds_since(k->started_us), "loaded", (json_int_t)(k->loaded_us / 1000000),
				"reloads", (int)k->reloads, "reloads_refused", (int)k->reloads_refused);

	if (!all)
		return NULL;
	json_object_set_new(all, "instance", json_string(k->instance));
	json_object_set_new(all, "roles", roles_json(k));
	add_vrrp(k, c, all);
	add_trackers(k, c, all);
	add_services(k, c, all);
	return all;
}

bool status_json_write(const struct keeper *k, int fd)
{
	json_t *o = status_json(k);

	return o && json_dumpfd(o, fd, JSON_COMPACT | JSON_ENSURE_ASCII) == 0;
}
