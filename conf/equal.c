/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * equal - whether two things of two configurations mean the same: what a reload may leave alone. See bytes.h for how.
 *
 * Places in the text do not count. What is referred to counts by its name: a changed script is a change of the
 * script.
 */
#include <string.h>

#include "bytes.h"
#include "load.h"

#define PUT(b, field) bytes_put(b, &(field), sizeof(field))

static bool done(struct bytes *x, struct bytes *y)
{
	bool equal = bytes_equal(x, y);

	bytes_free(x);
	bytes_free(y);
	return equal;
}

bool conf_target_equal(const struct conf *a, const struct conf_target *x, const struct conf *b,
		       const struct conf_target *y)
{
	struct bytes bx = { 0 }, by = { 0 };

	bytes_target(&bx, a, x);
	bytes_target(&by, b, y);
	return done(&bx, &by);
}

static void put_track_script(struct bytes *b, const struct conf_vrrp_script *s)
{
	bytes_str(b, s->name);
	bytes_script(b, &s->script);
	PUT(b, s->interval_us);
	PUT(b, s->timeout_us);
	PUT(b, s->rise);
	PUT(b, s->fall);
	PUT(b, s->weight);
	PUT(b, s->reverse);
	PUT(b, s->init_fail);
}

bool conf_track_script_equal(const struct conf_vrrp_script *x, const struct conf_vrrp_script *y)
{
	struct bytes bx = { 0 }, by = { 0 };

	put_track_script(&bx, x);
	put_track_script(&by, y);
	return done(&bx, &by);
}

static void put_bfd(struct bytes *b, const struct conf_bfd *d)
{
	bytes_str(b, d->name);
	PUT(b, d->source);
	PUT(b, d->neighbour);
	PUT(b, d->min_rx_us);
	PUT(b, d->min_tx_us);
	PUT(b, d->idle_tx_us);
	PUT(b, d->multiplier);
	PUT(b, d->ttl);
	PUT(b, d->max_hops);
	PUT(b, d->passive);
	PUT(b, d->multihop);
	PUT(b, d->for_vrrp);
	PUT(b, d->for_checker);
}

bool conf_bfd_equal(const struct conf_bfd *x, const struct conf_bfd *y)
{
	struct bytes bx = { 0 }, by = { 0 };

	put_bfd(&bx, x);
	put_bfd(&by, y);
	return done(&bx, &by);
}

/* ---- virtual servers ---- */
static void put_server(struct bytes *b, const struct conf *c, const struct conf_rs *r)
{
	PUT(b, r->addr);
	PUT(b, r->weight);
	PUT(b, r->method);
	PUT(b, r->tun_type);
	PUT(b, r->tun_port);
	PUT(b, r->tun_flags);
	PUT(b, r->uthreshold);
	PUT(b, r->lthreshold);
	PUT(b, r->inhibit);
	PUT(b, r->alpha);
	PUT(b, r->smtp_alert);
	PUT(b, r->drain);
	PUT(b, r->slow_start_us);
	PUT(b, r->n_checks);
	for (uint32_t i = 0; i < r->n_checks; i++)
		bytes_target(b, c, &c->checks[r->checks[i]]);
	bytes_script(b, r->notify_up);
	bytes_script(b, r->notify_down);
	bytes_str(b, r->snmp_name);
}

static void put_group(struct bytes *b, const struct conf_vsg *g)
{
	bytes_str(b, g->name);
	PUT(b, g->n_entries);
	for (uint32_t i = 0; i < g->n_entries; i++) {
		PUT(b, g->entries[i].first);
		PUT(b, g->entries[i].count);
		PUT(b, g->entries[i].fwmark);
	}
}

static void put_vs(struct bytes *b, const struct conf *c, const struct conf_vs *v)
{
	PUT(b, v->addr);
	PUT(b, v->fwmark);
	if (v->vsg != CONF_NONE)
		put_group(b, &c->vsgs[v->vsg]);
	PUT(b, v->family);
	PUT(b, v->protocol);
	bytes_str(b, v->sched);
	PUT(b, v->flags);
	bytes_str(b, v->pe);
	PUT(b, v->persistence_s);
	PUT(b, v->netmask);
	PUT(b, v->method);
	bytes_str(b, v->virtualhost);
	bytes_str(b, v->snmp_name);
	PUT(b, v->alpha);
	PUT(b, v->omega);
	PUT(b, v->ha_suspend);
	PUT(b, v->smtp_alert);
	PUT(b, v->adopted);
	PUT(b, v->quorum);
	PUT(b, v->hysteresis);
	bytes_script(b, &v->quorum_up);
	bytes_script(b, &v->quorum_down);
	PUT(b, v->has_sorry);
	PUT(b, v->sorry_inhibit);
	if (v->has_sorry)
		put_server(b, c, &v->sorry);
	PUT(b, v->n_rs);
	for (uint32_t i = 0; i < v->n_rs; i++)
		put_server(b, c, &v->rs[i]);
}

bool conf_vs_equal(const struct conf *a, const struct conf_vs *x, const struct conf *b, const struct conf_vs *y)
{
	struct bytes bx = { 0 }, by = { 0 };

	put_vs(&bx, a, x);
	put_vs(&by, b, y);
	return done(&bx, &by);
}

/* ---- VRRP ---- */
static void put_vip(struct bytes *b, const struct conf_vip *v)
{
	PUT(b, v->addr);
	PUT(b, v->prefix);
	PUT(b, v->scope);
	bytes_str(b, v->dev);
	bytes_str(b, v->label);
	PUT(b, v->brd);
	PUT(b, v->peer);
	PUT(b, v->brd_auto);
	PUT(b, v->home);
	PUT(b, v->nodad);
	PUT(b, v->mngtmpaddr);
	PUT(b, v->noprefixroute);
	PUT(b, v->autojoin);
	PUT(b, v->no_track);
	bytes_str(b, v->preferred_lft);
	bytes_str(b, v->track_group);
}

static void put_ipline(struct bytes *b, const struct conf_ipline *l)
{
	for (const char *const *w = l->words; w && *w; w++)
		bytes_str(b, *w);
	PUT(b, l->family);
	PUT(b, l->no_track);
	PUT(b, l->append);
	PUT(b, l->prepend);
	bytes_str(b, l->track_group);
}

static const char *tracked_name(const struct conf *c, const struct conf_track *t)
{
	switch (t->kind) {
	case CONF_TRACK_SCRIPT:
		return c->scripts[t->index].name;
	case CONF_TRACK_PROCESS:
		return c->processes[t->index].name;
	case CONF_TRACK_FILE:
		return c->files[t->index].name;
	case CONF_TRACK_BFD:
		return c->bfds[t->index].name;
	case CONF_TRACK_IF:
		break;
	}
	return t->ifname;
}

static void put_track(struct bytes *b, const struct conf *c, const struct conf_track *t)
{
	PUT(b, t->kind);
	bytes_str(b, tracked_name(c, t));
	PUT(b, t->weight);
	PUT(b, t->reverse);
}

static void put_garp(struct bytes *b, const struct conf_garp *g)
{
	PUT(b, g->master_delay_us);
	PUT(b, g->master_repeat);
	PUT(b, g->master_refresh_us);
	PUT(b, g->master_refresh_repeat);
	PUT(b, g->lower_prio_delay_us);
	PUT(b, g->lower_prio_repeat);
	PUT(b, g->extra_if_us);
	PUT(b, g->extra_if_all);
}

static void put_notify(struct bytes *b, const struct conf_notify *n)
{
	bytes_script(b, &n->master);
	bytes_script(b, &n->backup);
	bytes_script(b, &n->fault);
	bytes_script(b, &n->stop);
	bytes_script(b, &n->deleted);
	bytes_script(b, &n->any);
	bytes_script(b, &n->master_rx_lower_pri);
	PUT(b, n->deleted_sends_fault);
	PUT(b, n->smtp_alert);
	PUT(b, n->priority_changes);
}

static void put_link(struct bytes *b, const struct conf_vrrp *v)
{
	bytes_str(b, v->iface);
	bytes_str(b, v->vrf);
	PUT(b, v->use_vmac);
	PUT(b, v->vmac_xmit_base);
	PUT(b, v->use_vmac_addr);
	PUT(b, v->use_ipvlan);
	bytes_str(b, v->vmac_name);
	PUT(b, v->vmac_mac);
	PUT(b, v->has_vmac_mac);
	PUT(b, v->ipvlan_addr);
	bytes_str(b, v->ipvlan_type);
	PUT(b, v->source);
	PUT(b, v->track_src);
	PUT(b, v->mcast_dst);
	PUT(b, v->n_peers);
	for (uint32_t i = 0; i < v->n_peers; i++) {
		PUT(b, v->peers[i].addr);
		PUT(b, v->peers[i].min_ttl);
		PUT(b, v->peers[i].max_ttl);
	}
	PUT(b, v->unicast);
	PUT(b, v->unicast_fault_no_peer);
	PUT(b, v->ttl);
	PUT(b, v->check_unicast_src);
	PUT(b, v->old_unicast_checksum);
	PUT(b, v->old_unicast_checksum_never);
	PUT(b, v->v3_checksum_as_v2);
	PUT(b, v->kernel_rx_buf);
}

static void put_addresses(struct bytes *b, const struct conf_vrrp *v)
{
	PUT(b, v->n_vips);
	for (uint32_t i = 0; i < v->n_vips; i++)
		put_vip(b, &v->vips[i]);
	PUT(b, v->n_excluded);
	for (uint32_t i = 0; i < v->n_excluded; i++)
		put_vip(b, &v->excluded[i]);
	PUT(b, v->n_routes);
	for (uint32_t i = 0; i < v->n_routes; i++)
		put_ipline(b, &v->routes[i]);
	PUT(b, v->n_rules);
	for (uint32_t i = 0; i < v->n_rules; i++)
		put_ipline(b, &v->rules[i]);
	PUT(b, v->promote_secondaries);
}

static void put_behaviour(struct bytes *b, const struct conf_vrrp *v)
{
	PUT(b, v->accept);
	PUT(b, v->strict);
	PUT(b, v->nopreempt);
	PUT(b, v->skip_check_adv_addr);
	PUT(b, v->dont_track_primary);
	PUT(b, v->preempt_delay_us);
	PUT(b, v->down_timer_adverts);
	PUT(b, v->lower_prio_no_advert);
	PUT(b, v->higher_prio_send_advert);
	PUT(b, v->owner_ignore_adverts);
	PUT(b, v->timer_expired_backup);
	put_garp(b, &v->garp);
	put_notify(b, &v->notify);
}

static void put_auth(struct bytes *b, const struct conf_vrrp *v)
{
	PUT(b, v->auth);
	PUT(b, v->auth_pass);
	PUT(b, v->n_hmac_keys);
	for (uint32_t i = 0; i < v->n_hmac_keys; i++) {
		PUT(b, v->hmac_keys[i].id);
		PUT(b, v->hmac_keys[i].len);
		bytes_put(b, v->hmac_keys[i].bytes, v->hmac_keys[i].len);
	}
	PUT(b, v->hmac_active);
	PUT(b, v->hmac_window_us);
	PUT(b, v->hmac_monotonic);
	PUT(b, v->hmac_mode);
}

static void put_vrrp(struct bytes *b, const struct conf *c, const struct conf_vrrp *v)
{
	bytes_str(b, v->name);
	PUT(b, v->family);
	PUT(b, v->vrid);
	PUT(b, v->priority);
	PUT(b, v->version);
	PUT(b, v->advert_us);
	PUT(b, v->start_master);
	bytes_str(b, v->group == CONF_NONE ? NULL : c->groups[v->group].name);
	put_link(b, v);
	put_addresses(b, v);
	put_behaviour(b, v);
	PUT(b, v->n_tracks);
	for (uint32_t i = 0; i < v->n_tracks; i++)
		put_track(b, c, &v->tracks[i]);
	put_auth(b, v);
}

bool conf_vrrp_equal(const struct conf *a, const struct conf_vrrp *x, const struct conf *b, const struct conf_vrrp *y)
{
	struct bytes bx = { 0 }, by = { 0 };

	put_vrrp(&bx, a, x);
	put_vrrp(&by, b, y);
	return done(&bx, &by);
}
