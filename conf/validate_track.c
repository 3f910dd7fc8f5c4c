/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_track - scripts, processes, files, BFD sessions and static addresses: from drafts to what stays.
 *
 * Their order is that of the text and does not change: an index is good as soon as the block has been read. A script
 * that cannot be run stays in the list without its argv.
 */
#include <string.h>

#include "draft.h"
#include "parts.h"
#include "track.h"
#include "validate.h"

static bool if_exists(struct load *l, const char *ifname)
{
	uint32_t known = names_find(&l->ifs, ifname);

	if (known == CONF_NONE) {
		known = l->io->if_exists(l->io->arg, ifname);
		names_add(l, &l->ifs, ifname, known);
	}
	return known;
}

void check_interface(struct load *l, struct conf_where w, const char *owner, const char *ifname)
{
	const struct conf_global *g = &l->global->g;

	if (!*ifname || g->dynamic_interfaces || !l->io->if_exists || if_exists(l, ifname))
		return;
	load_error_at(l, CONF_WARNING, w, "interface %s for %s doesn't exist (dynamic_interfaces lets it come later)",
		      ifname, owner);
}

static const struct conf_vrrp_script *keep_scripts(struct load *l)
{
	struct conf_vrrp_script *out = arena_alloc(l->a, l->scripts.n * sizeof(*out));

	for (uint32_t i = 0; i < l->scripts.n; i++) {
		struct script_draft *d = VEC_AT(l->scripts, struct script_draft *, i);

		if (!schema_given(d->given, GIVEN_TIMEOUT))
			d->s.timeout_us = d->s.interval_us;
		if (d->has_user) {
			d->s.script.has_user = true;
			d->s.script.user = d->user;
			d->s.script.group = d->group;
		}
		if (d->s.script.argv)
			load_script(l, &d->s.script, "vrrp_script", CONF_WARNING);
		else
			load_error_at(l, CONF_ERROR, d->s.where, "(%s) no script specified, it is not tracked",
				      d->s.name);
		out[i] = d->s;
	}
	return out;
}

static const struct conf_track_process *keep_processes(struct load *l)
{
	struct conf_track_process *out = arena_alloc(l->a, l->processes.n * sizeof(*out));

	for (uint32_t i = 0; i < l->processes.n; i++) {
		struct process_draft *d = VEC_AT(l->processes, struct process_draft *, i);

		if (d->p.quorum_max < d->p.quorum && d->p.quorum_max) {
			load_error_at(l, CONF_ERROR, d->p.where, "(%s) quorum_max %u is below quorum %u, using %u",
				      d->p.name, d->p.quorum_max, d->p.quorum, d->p.quorum);
			d->p.quorum_max = d->p.quorum;
		}
		out[i] = d->p;
	}
	return out;
}

static const struct conf_track_file *keep_files(struct load *l)
{
	struct conf_track_file *out = arena_alloc(l->a, l->files.n * sizeof(*out));

	for (uint32_t i = 0; i < l->files.n; i++)
		out[i] = VEC_AT(l->files, struct file_draft *, i)->f;
	return out;
}

static const struct conf_bfd *keep_bfds(struct load *l)
{
	struct conf_bfd *out = arena_alloc(l->a, l->bfds.n * sizeof(*out));

	for (uint32_t i = 0; i < l->bfds.n; i++)
		out[i] = VEC_AT(l->bfds, struct bfd_draft *, i)->b;
	return out;
}

void validate_trackers(struct load *l)
{
	struct conf *c = l->conf;

	c->n_scripts = l->scripts.n;
	c->scripts = keep_scripts(l);
	c->n_processes = l->processes.n;
	c->processes = keep_processes(l);
	c->n_files = l->files.n;
	c->files = keep_files(l);
	c->n_bfds = l->bfds.n;
	c->bfds = keep_bfds(l);
}

/* ---- what stays on the machine ---- */
static bool is_track_group(struct load *l, const char *name)
{
	for (uint32_t i = 0; i < l->track_groups.n; i++)
		if (!strcmp(VEC_AT(l->track_groups, struct track_group_draft *, i)->name, name))
			return true;
	return false;
}

/* A name of a group that does not exist becomes none */
static void check_track_group(struct load *l, const char **name, struct conf_where w)
{
	if (!**name || is_track_group(l, *name))
		return;
	load_error_at(l, CONF_ERROR, w, "there is no track_group %s, ignoring it", *name);
	*name = load_str(l, "");
}

static void keep_addresses(struct load *l)
{
	struct conf *c = l->conf;

	for (uint32_t i = 0; i < l->static_addresses.n; i++) {
		struct conf_vip *v = &VEC_AT(l->static_addresses, struct conf_vip, i);

		if (!*v->dev)
			v->dev = l->global->g.default_interface;
		check_interface(l, v->where, "a static address", v->dev);
		check_track_group(l, &v->track_group, v->where);
	}
	c->n_static_addresses = l->static_addresses.n;
	c->static_addresses = vec_keep(l, &l->static_addresses, sizeof(struct conf_vip));
}

static const struct conf_ipline *keep_lines(struct load *l, const struct vec *v)
{
	for (uint32_t i = 0; i < v->n; i++)
		check_track_group(l, &VEC_AT(*v, struct conf_ipline, i).track_group,
				  VEC_AT(*v, struct conf_ipline, i).where);
	return vec_keep(l, v, sizeof(struct conf_ipline));
}

static void keep_track_groups(struct load *l)
{
	struct conf_track_group *out = arena_alloc(l->a, l->track_groups.n * sizeof(*out));

	for (uint32_t i = 0; i < l->track_groups.n; i++) {
		const struct track_group_draft *d = VEC_AT(l->track_groups, struct track_group_draft *, i);
		uint32_t *vrrps = arena_alloc(l->a, (d->members.n + 1) * sizeof(*vrrps)), n = 0;

		for (uint32_t k = 0; k < d->members.n; k++) {
			const struct member *m = &VEC_AT(d->members, struct member, k);
			uint32_t index = kept_vrrp(l, m->name);

			if (index == CONF_NONE)
				load_error_at(l, CONF_ERROR, m->where,
					      "track_group %s: there is no vrrp_instance %s, ignoring it", d->name,
					      m->name);
			else
				vrrps[n++] = index;
		}
		out[i] = (struct conf_track_group){ .name = d->name, .vrrps = vrrps, .n_vrrps = n };
	}
	l->conf->track_groups = out;
	l->conf->n_track_groups = l->track_groups.n;
}

void validate_static(struct load *l)
{
	struct conf *c = l->conf;

	keep_addresses(l);
	c->n_static_routes = l->static_routes.n;
	c->static_routes = keep_lines(l, &l->static_routes);
	c->n_static_rules = l->static_rules.n;
	c->static_rules = keep_lines(l, &l->static_rules);
	c->n_if_delays = l->if_delays.n;
	c->if_delays = vec_keep(l, &l->if_delays, sizeof(struct conf_if_delay));
	keep_track_groups(l);
}
