/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change - addresses, routes and rules from one configuration to the next: only what differs is touched. See role.h. */
#include <stdlib.h>

#include "ipcmd.h"
#include "log.h"
#include "role.h"

static bool lists(const struct conf_vip *list, uint32_t n, const struct conf_vip *v)
{
	for (uint32_t k = 0; k < n; k++)
		if (addr_conf_equal(&list[k], v))
			return true;
	return false;
}

bool change_moves(const struct vrrp_role *r, const struct instance *i, const struct vip *v)
{
	for (uint32_t n = 0; r->next && n < r->n_instances; n++) {
		const struct instance *o = r->instances[n];
		const struct conf_vrrp *c;

		if (o == i || !o->owns || o->ifindex != i->ifindex || o->vmac.ifindex != i->vmac.ifindex)
			continue;
		if (o->becomes == CONF_NONE)
			continue;
		c = &r->next->vrrps[o->becomes];
		if (lists(c->vips, c->n_vips, v->conf) || lists(c->excluded, c->n_excluded, v->conf))
			return true;
	}
	return false;
}

static bool wanted_by_any(const struct vrrp_role *r, const struct vip *v)
{
	for (uint32_t n = 0; n < r->n_instances; n++) {
		struct instance *i = r->instances[n];

		for (uint32_t k = 0; i->owns && k < i->n_vips; k++)
			if (addr_conf_equal(i->vips[k].conf, v->conf) &&
			    vip_ifindex(r, i, i->vips[k].conf) == v->ifindex)
				return true;
	}
	return false;
}

/* What stays is marked as being there; what goes is taken off, unless another instance wants it now. */
void change_vips_drop(struct vrrp_role *r, struct instance *i)
{
	struct vip *one;

	for (uint32_t k = 0; k < i->n_old_vips; k++) {
		struct vip *old = &i->old_vips[k];
		bool stays = false;

		for (uint32_t j = 0; old->set && j < i->n_vips && !stays; j++) {
			stays = addr_conf_equal(old->conf, i->vips[j].conf) && !i->vips[j].set;
			if (stays) {
				i->vips[j].set = true;
				i->vips[j].ifindex = old->ifindex;
			}
		}
		one = old;
		if (old->set && !stays && !wanted_by_any(r, old))
			act_vips(r, i, &one, 1, false);
	}
	free(i->old_vips);
	i->old_vips = NULL;
	i->n_old_vips = 0;
}

void change_vips_add(struct vrrp_role *r, struct instance *i)
{
	struct vip **list = calloc(i->n_vips ? i->n_vips : 1, sizeof(*list));
	uint32_t n = 0;

	if (!list)
		return;
	for (uint32_t k = 0; i->owns && k < i->n_vips; k++)
		if (!i->vips[k].set)
			list[n++] = &i->vips[k];
	i->adding = i->n_vips;
	act_vips(r, i, list, n, true);
	act_garps(r, i, list, n);
	free(list);
}

/* Queues those of a that b has not. */
static void lines_without(struct vrrp_role *r, const struct conf_ipline *a, uint32_t n_a, const struct conf_ipline *b,
			  uint32_t n_b, bool rule, bool add)
{
	for (uint32_t k = 0; k < n_a; k++) {
		bool same = false;

		for (uint32_t j = 0; j < n_b && !same; j++)
			same = ipline_equal(&a[k], &b[j]);
		if (!same && ipcmd_queue(&r->commands, &a[k], rule, add) < 0)
			log_err("%s:%u: this %s cannot be given to ip(8)", a[k].where.file, a[k].where.line,
				rule ? "rule" : "route");
	}
}

void change_lines(struct vrrp_role *r, const struct conf_vrrp *old, const struct conf_vrrp *new)
{
	lines_without(r, old->rules, old->n_rules, new->rules, new->n_rules, true, false);
	lines_without(r, old->routes, old->n_routes, new->routes, new->n_routes, false, false);
	lines_without(r, new->routes, new->n_routes, old->routes, old->n_routes, false, true);
	lines_without(r, new->rules, new->n_rules, old->rules, old->n_rules, true, true);
}

/* ---- static things ---- */
void change_statics(struct vrrp_role *r, const struct conf *old, const struct conf *new)
{
	static const struct conf none;
	struct vip *was = r->statics;
	uint32_t n_was = r->n_statics;

	r->statics = calloc(new->n_static_addresses + 1, sizeof(*r->statics));
	r->n_statics = r->statics ? new->n_static_addresses : 0;
	for (uint32_t k = 0; k < r->n_statics; k++)
		r->statics[k].conf = &new->static_addresses[k];
	for (uint32_t j = 0; j < n_was; j++) {
		struct addr_op op = { .vip = was[j].conf, .ifindex = was[j].ifindex };
		bool stays = false;

		for (uint32_t k = 0; k < r->n_statics && !stays; k++) {
			stays = addr_conf_equal(was[j].conf, r->statics[k].conf);
			if (stays)
				r->statics[k].set = was[j].set, r->statics[k].ifindex = was[j].ifindex;
		}
		if (!stays && was[j].set)
			addr_apply(&r->nl, &op, 1);
	}
	free(was);
	statics_apply(r);
	old = old ? old : &none;
	lines_without(r, old->static_rules, old->n_static_rules, new->static_rules, new->n_static_rules, true, false);
	lines_without(r, old->static_routes, old->n_static_routes, new->static_routes, new->n_static_routes, false,
		      false);
	lines_without(r, new->static_routes, new->n_static_routes, old->static_routes, old->n_static_routes, false,
		      true);
	lines_without(r, new->static_rules, new->n_static_rules, old->static_rules, old->n_static_rules, true, true);
}
