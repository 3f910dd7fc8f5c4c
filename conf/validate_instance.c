/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_instance - one VRRP instance: defaults handed down, words that do not go together, mistakes mended.
 *
 * What is mended is said. The corrections are keepalived's, with two exceptions: strict mode does not make addresses
 * unreachable (no_accept must be written), and addresses of the other family become excluded ones.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "track.h"
#include "validate.h"

#define SECOND ((uint64_t)1000000)
#define CENTISECOND ((uint64_t)10000)
#define V3_ADVERT_MAX (4095 * CENTISECOND)
#define VIPS_MAX 255   /* what the packet can count */
#define VIPS_MAX_V6 89 /* what goes into 1500 bytes, with the trailer of auth_hmac */

#define GIVEN(d, what) schema_given((d)->given, GIVEN_##what)
/* A mistake that is mended, at the place of the word that has the mark `what`. */
#define MEND(l, d, what, fmt, ...) \
	load_error_at(l, CONF_ERROR, place(d, GIVEN_##what), "(%s) " fmt, (d)->v.name, ##__VA_ARGS__)

static struct conf_where place(const struct vrrp_draft *d, enum given what)
{
	return d->at[what].line ? d->at[what] : d->v.where;
}

static const char *family_name(uint16_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* ---- defaults ---- */
static void inherit_garp(const struct global_draft *g, const struct vrrp_draft *d, struct conf_garp *out)
{
	const struct conf_garp *from = &g->garp;
	bool strict = d->v.strict;

	if (!GIVEN(d, GARP_DELAY))
		out->master_delay_us = g->min_garp && !GIVEN(g, GARP_DELAY) ? 0 : from->master_delay_us;
	if (!GIVEN(d, GARP_REPEAT))
		out->master_repeat = g->min_garp && !GIVEN(g, GARP_REPEAT) ? 1 : from->master_repeat;
	if (!GIVEN(d, GARP_REFRESH))
		out->master_refresh_us = from->master_refresh_us;
	if (!GIVEN(d, GARP_REFRESH_REPEAT))
		out->master_refresh_repeat = from->master_refresh_repeat;
	if (!GIVEN(d, GARP_LOWER_DELAY))
		out->lower_prio_delay_us = GIVEN(g, GARP_LOWER_DELAY) ? from->lower_prio_delay_us
					   : strict		      ? 0
								      : out->master_delay_us;
	if (!GIVEN(d, GARP_LOWER_REPEAT))
		out->lower_prio_repeat = GIVEN(g, GARP_LOWER_REPEAT) ? from->lower_prio_repeat
					 : strict		     ? 0
								     : out->master_repeat;
	if (!GIVEN(d, GARP_EXTRA_IF)) {
		out->extra_if_us = from->extra_if_us;
		out->extra_if_all = from->extra_if_all;
	}
}

static void inherit(struct load *l, struct vrrp_draft *d)
{
	const struct global_draft *g = l->global;
	struct conf_vrrp *v = &d->v;

	if (!GIVEN(d, VERSION))
		v->version = g->g.vrrp_version;
	if (!GIVEN(d, STRICT))
		v->strict = g->strict;
	if (!GIVEN(d, DOWN_TIMER))
		v->down_timer_adverts = g->down_timer_adverts;
	if (!GIVEN(d, LOWER_PRIO_NO_ADVERT))
		v->lower_prio_no_advert = g->lower_prio_no_advert;
	if (!GIVEN(d, HIGHER_PRIO_SEND_ADVERT))
		v->higher_prio_send_advert = g->higher_prio_send_advert;
	if (!GIVEN(d, OWNER_IGNORE))
		v->owner_ignore_adverts = g->owner_ignore_adverts;
	if (!GIVEN(d, SKIP_CHECK_ADV_ADDR))
		v->skip_check_adv_addr = g->skip_check_adv_addr;
	if (!GIVEN(d, CHECK_UNICAST_SRC))
		v->check_unicast_src = g->check_unicast_src;
	v->v3_checksum_as_v2 = g->v3_checksum_as_v2;
	inherit_garp(g, d, &v->garp);
}

void validate_notify(struct load *l, struct conf_notify *n, uint64_t given)
{
	const struct conf_global *g = &l->global->g;
	struct {
		struct conf_script *script;
		const char *word;
	} scripts[] = {
		{ &n->master, "notify_master" },
		{ &n->backup, "notify_backup" },
		{ &n->fault, "notify_fault" },
		{ &n->stop, "notify_stop" },
		{ &n->deleted, "notify_deleted" },
		{ &n->any, "notify" },
		{ &n->master_rx_lower_pri, "notify_master_rx_lower_pri" },
	};

	for (unsigned i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		load_script(l, scripts[i].script, scripts[i].word, CONF_HINT);
	if (!schema_given(given, GIVEN_SMTP_ALERT))
		n->smtp_alert = g->smtp_alert_vrrp ? g->smtp_alert_vrrp == CONF_ON : g->smtp_alert == CONF_ON;
	if (!schema_given(given, GIVEN_NOTIFY_PRIORITY))
		n->priority_changes = g->vrrp_notify_priority_changes;
}

/* ---- addresses ---- */
static uint16_t find_family(const struct vrrp_draft *d)
{
	if (d->native_ipv6)
		return AF_INET6;
	if (d->vips.n)
		return VEC_AT(d->vips, struct conf_vip, 0).addr.family;
	if (d->peers.n)
		return VEC_AT(d->peers, struct conf_peer, 0).addr.family;
	if (d->v.source.family)
		return d->v.source.family;
	return d->v.mcast_dst.family ? d->v.mcast_dst.family : AF_INET;
}

static void exclude(struct load *l, struct vrrp_draft *d, struct vec *vips, uint32_t i)
{
	*(struct conf_vip *)vec_add(l, &d->excluded, sizeof(struct conf_vip)) = VEC_AT(*vips, struct conf_vip, i);
	memmove(&VEC_AT(*vips, struct conf_vip, i), &VEC_AT(*vips, struct conf_vip, i + 1),
		(vips->n - i - 1) * sizeof(struct conf_vip));
	vips->n--;
}

static void drop_doubles(struct load *l, struct vrrp_draft *d, struct vec *vips, struct names *seen)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < vips->n; i++) {
		const struct conf_vip *v = &VEC_AT(*vips, struct conf_vip, i);
		char text[INET6_ADDRSTRLEN] = "";
		const char *key;

		inet_ntop(v->addr.family, v->addr.bytes, text, sizeof(text));
		key = arena_printf(&l->scratch, "%s/%u %s", text, v->prefix, v->dev);
		if (names_add(l, seen, key, 0))
			VEC_AT(*vips, struct conf_vip, n++) = *v;
		else
			load_error_at(l, CONF_HINT, v->where, "(%s) address %s is given twice, ignoring this one",
				      d->v.name, text);
	}
	vips->n = n;
}

static void check_vips(struct load *l, struct vrrp_draft *d)
{
	uint32_t max = d->v.family == AF_INET6 ? VIPS_MAX_V6 : VIPS_MAX;
	struct names seen = { 0 };

	for (uint32_t i = 0; i < d->vips.n;) {
		const struct conf_vip *v = &VEC_AT(d->vips, struct conf_vip, i);

		if (v->addr.family == d->v.family) {
			i++;
			continue;
		}
		load_error_at(l, CONF_ERROR, v->where,
			      "(%s) an %s address in an %s instance: it becomes a virtual_ipaddress_excluded",
			      d->v.name, family_name(v->addr.family), family_name(d->v.family));
		exclude(l, d, &d->vips, i);
	}
	drop_doubles(l, d, &d->vips, &seen);
	drop_doubles(l, d, &d->excluded, &seen);
	if (d->vips.n > max)
		load_error_at(l, CONF_ERROR, VEC_AT(d->vips, struct conf_vip, max).where,
			      "(%s) an advertisement has room for %u addresses: the others become excluded ones",
			      d->v.name, max);
	while (d->vips.n > max)
		exclude(l, d, &d->vips, max);
	if (!d->vips.n && !d->no_vips)
		load_error_at(l, CONF_WARNING, d->v.where, "(%s) No VIP specified; at least one is sensible",
			      d->v.name);
}

static void check_vip_interfaces(struct load *l, const struct vec *vips)
{
	for (uint32_t i = 0; i < vips->n; i++) {
		const struct conf_vip *v = &VEC_AT(*vips, struct conf_vip, i);

		check_interface(l, v->where, "an ip address", v->dev);
		if (*v->track_group)
			load_error_at(l, CONF_HINT, v->where,
				      "track_group is for static addresses, it is ignored here");
	}
}

/* ---- where it talks to ---- */
static void check_peers(struct load *l, struct vrrp_draft *d)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->peers.n; i++) {
		const struct conf_peer p = VEC_AT(d->peers, struct conf_peer, i);

		if (p.addr.family != d->v.family) {
			MEND(l, d, PEERS, "a unicast_peer is an %s address in an %s instance, ignoring it",
			     family_name(p.addr.family), family_name(d->v.family));
			continue;
		}
		if (p.min_ttl >= 0 || p.max_ttl >= 0)
			d->v.check_unicast_src = true;
		VEC_AT(d->peers, struct conf_peer, n++) = p;
	}
	d->peers.n = n;
	d->v.unicast = n || d->v.unicast_fault_no_peer;
}

static void check_path(struct load *l, struct vrrp_draft *d)
{
	const struct conf_global *g = &l->global->g;
	struct conf_vrrp *v = &d->v;

	check_peers(l, d);
	if (v->source.family && v->source.family != v->family) {
		MEND(l, d, SOURCE, "the source address is of the other family, ignoring it");
		v->source = (struct conf_addr){ 0 };
	}
	if (v->mcast_dst.family && (v->mcast_dst.family != v->family || !addr_is_multicast(&v->mcast_dst))) {
		MEND(l, d, MCAST_DST, "mcast_dst_ip is no %s multicast address, ignoring it", family_name(v->family));
		v->mcast_dst = (struct conf_addr){ 0 };
	}
	if (!v->mcast_dst.family)
		v->mcast_dst = v->family == AF_INET ? g->mcast_group4 : g->mcast_group6;
	if (v->unicast && v->use_vmac && !v->vmac_xmit_base) {
		MEND(l, d, VMAC, "use_vmac with unicast peers needs vmac_xmit_base, it is switched on");
		v->vmac_xmit_base = true;
	}
	if (v->use_vmac && v->use_ipvlan) {
		MEND(l, d, VMAC, "use_vmac and use_ipvlan exclude each other, ignoring use_ipvlan");
		v->use_ipvlan = false;
		v->ipvlan_addr = (struct conf_addr){ 0 };
		v->ipvlan_type = load_str(l, "");
	}
	if (v->use_ipvlan && v->family == AF_INET && !v->ipvlan_addr.family && v->source.family)
		v->ipvlan_addr = v->source;
	if (d->vmac_5)
		v->vmac_mac[5] = v->vrid;
	if (*v->vrf && (!v->unicast || *v->iface)) {
		MEND(l, d, VRF, "vrf is for unicast without an interface, ignoring it");
		v->vrf = load_str(l, "");
	}
	check_interface(l, place(d, GIVEN_IFACE), arena_printf(&l->scratch, "vrrp_instance %s", v->name), v->iface);
}

/* ---- version, time ---- */
static void check_version(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;

	if (v->family == AF_INET6 && v->version == 2) {
		if (GIVEN(d, VERSION))
			MEND(l, d, VERSION, "IPv6 needs version 3, using it");
		v->version = 3;
	}
}

static void check_advert(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;
	uint64_t us = v->advert_us;

	if (v->version == 2) {
		us = us < SECOND ? SECOND : (us + SECOND / 2) / SECOND * SECOND;
		if (us != v->advert_us)
			MEND(l, d, ADVERT,
			     "advert_int: version 2 has whole seconds, using %" PRIu64 " (version 3 can do less)",
			     us / SECOND);
	} else {
		us = (us + CENTISECOND / 2) / CENTISECOND * CENTISECOND;
		if (us > V3_ADVERT_MAX)
			us = V3_ADVERT_MAX;
		if (us != v->advert_us)
			MEND(l, d, ADVERT,
			     "advert_int: version 3 has steps of 0.01 s up to 40.95, using %" PRIu64 ".%02" PRIu64,
			     us / SECOND, us % SECOND / CENTISECOND);
	}
	v->advert_us = us;
}

/* ---- who is who ---- */
static void check_strict(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;

	if (!v->strict)
		return;
	if (v->unicast) {
		MEND(l, d, PEERS, "strict mode forbids unicast peers: it is switched off for this instance");
		v->strict = false;
		return;
	}
	if (v->start_master && v->priority != 255 && GIVEN(d, STATE)) {
		MEND(l, d, STATE, "strict mode: only priority 255 may start as MASTER, it starts as BACKUP");
		v->start_master = false;
	}
	if (v->preempt_delay_us) {
		MEND(l, d, PREEMPT_DELAY, "strict mode forbids preempt_delay, ignoring it");
		v->preempt_delay_us = 0;
	}
	if (v->accept && v->version == 2 && GIVEN(d, ACCEPT) && v->priority != 255)
		MEND(l, d, ACCEPT, "strict mode: version 2 has no accept; the addresses stay reachable");
	else if (v->accept && !GIVEN(d, ACCEPT) && v->priority != 255)
		load_error_at(
			l, CONF_HINT, v->where,
			"(%s) strict mode: the addresses stay reachable (keepalived would drop packets to them); "
			"write no_accept if they shall only route",
			v->name);
}

static void check_state(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;

	if (!GIVEN(d, PRIORITY) && v->start_master)
		v->priority = 255;
	if (!GIVEN(d, STATE))
		v->start_master = v->priority == 255;
	if (v->nopreempt && (v->start_master || v->priority == 255)) {
		MEND(l, d, PREEMPT, "nopreempt needs state BACKUP and a priority below 255, ignoring it");
		v->nopreempt = false;
	}
	if (v->preempt_delay_us && (v->start_master || v->nopreempt)) {
		MEND(l, d, PREEMPT_DELAY, "preempt_delay needs state BACKUP and no nopreempt, ignoring it");
		v->preempt_delay_us = 0;
	}
	if (v->timer_expired_backup >= 0 && !v->nopreempt) {
		MEND(l, d, EXPIRED, "timer_expired_backup needs nopreempt, ignoring it");
		v->timer_expired_backup = -1;
	}
}

/* ---- authentication ---- */
static void drop_auth(struct vrrp_draft *d)
{
	d->v.auth = CONF_AUTH_NONE;
	memset(d->v.auth_pass, 0, sizeof(d->v.auth_pass));
}

static void check_auth(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;

	if (!v->auth && !GIVEN(d, AUTH_PASS))
		return;
	if (!v->auth)
		MEND(l, d, AUTH_PASS, "auth_pass without auth_type (PASS or AH), no authentication is used");
	else if (!GIVEN(d, AUTH_PASS) || !v->auth_pass[0])
		MEND(l, d, AUTH_TYPE, "auth_type without auth_pass, no authentication is used");
	else if (GIVEN(d, HMAC) && d->hmac_keys.n)
		MEND(l, d, AUTH_TYPE, "auth_hmac takes the place of authentication, which is ignored");
	else if (v->version != 2)
		MEND(l, d, AUTH_TYPE, "version 3 has no authentication, ignoring it (auth_hmac works)");
	else if (v->strict)
		MEND(l, d, AUTH_TYPE, "strict mode forbids authentication, ignoring it");
	else if (v->auth == CONF_AUTH_AH && v->family == AF_INET6)
		MEND(l, d, AUTH_TYPE, "auth_type AH is for IPv4 only, no authentication is used");
	else
		return;
	drop_auth(d);
}

static void check_ah(struct load *l, struct vrrp_draft *d)
{
	if (d->v.auth != CONF_AUTH_AH || !d->v.start_master)
		return;
	MEND(l, d, STATE, "Initial state master is incompatible with AH authentication - clearing");
	d->v.start_master = false;
}

static void check_hmac(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;
	uint64_t window = 3 * v->advert_us > 5 * SECOND ? 3 * v->advert_us : 5 * SECOND;
	uint32_t i;

	if (!d->hmac_keys.n) {
		v->hmac_active = 0;
		v->hmac_window_us = 0;
		v->hmac_monotonic = false;
		v->hmac_mode = CONF_HMAC_ENFORCE;
		if (GIVEN(d, HMAC))
			MEND(l, d, HMAC, "auth_hmac without a key, it is not used");
		return;
	}
	if (!v->hmac_active)
		v->hmac_active = VEC_AT(d->hmac_keys, struct conf_hmac_key, 0).id;
	for (i = 0; i < d->hmac_keys.n && VEC_AT(d->hmac_keys, struct conf_hmac_key, i).id != v->hmac_active; i++)
		;
	if (i == d->hmac_keys.n) {
		MEND(l, d, HMAC_ACTIVE, "active_key %u: there is no such key, using key %u", v->hmac_active,
		     VEC_AT(d->hmac_keys, struct conf_hmac_key, 0).id);
		v->hmac_active = VEC_AT(d->hmac_keys, struct conf_hmac_key, 0).id;
	}
	if (!GIVEN(d, HMAC_WINDOW))
		v->hmac_window_us = window;
}

/* ---- all of it ---- */
static bool has_essentials(struct load *l, const struct vrrp_draft *d)
{
	if (!d->v.vrid) {
		MEND(l, d, NOTHING,
		     "the virtual router id must be set (virtual_router_id 1..255); the instance is left out");
		return false;
	}
	if (!*d->v.iface && !d->peers.n && !d->v.unicast_fault_no_peer) {
		MEND(l, d, NOTHING,
		     "an interface must be set (interface NAME), or unicast_peer; the instance is left out");
		return false;
	}
	return true;
}

static void keep_lists(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;

	v->peers = vec_keep(l, &d->peers, sizeof(struct conf_peer));
	v->n_peers = d->peers.n;
	v->vips = vec_keep(l, &d->vips, sizeof(struct conf_vip));
	v->n_vips = d->vips.n;
	v->excluded = vec_keep(l, &d->excluded, sizeof(struct conf_vip));
	v->n_excluded = d->excluded.n;
	v->routes = vec_keep(l, &d->routes, sizeof(struct conf_ipline));
	v->n_routes = d->routes.n;
	v->rules = vec_keep(l, &d->rules, sizeof(struct conf_ipline));
	v->n_rules = d->rules.n;
	v->hmac_keys = vec_keep(l, &d->hmac_keys, sizeof(struct conf_hmac_key));
	v->n_hmac_keys = d->hmac_keys.n;
}

void validate_instance(struct load *l, struct vrrp_draft *d)
{
	struct conf_vrrp *v = &d->v;

	v->group = CONF_NONE;
	d->dropped = !has_essentials(l, d); /* what else is wrong with it is said all the same */
	inherit(l, d);
	v->family = find_family(d);
	check_vips(l, d);
	check_version(l, d);
	check_path(l, d);
	check_advert(l, d);
	check_strict(l, d);
	check_auth(l, d);
	check_state(l, d);
	check_ah(l, d);
	check_hmac(l, d);
	inherit_garp(l->global, d, &v->garp);
	check_vip_interfaces(l, &d->vips);
	check_vip_interfaces(l, &d->excluded);
	validate_notify(l, &v->notify, d->given);
	keep_lists(l, d);
}
