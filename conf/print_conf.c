/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_conf - a whole configuration in its canonical form: global words, trackers, VRRP, static things, servers.
 *
 * It loads to the same configuration: defaults that were handed down are written where they ended up.
 */
#include <errno.h>
#include <string.h>

#include "draft.h"
#include "print.h"
#include "track.h"
#include "vip.h"

static void print_global(struct printer *p, const struct conf *c)
{
	const struct conf_global *g = &c->global;
	bool v2_sum = c->n_vrrps && c->vrrps[0].v3_checksum_as_v2;

	/* words outside any block come from the root's own rows; blocks among them print nothing */
	print_rows(p, &schema_root, g);
	print_open(p, "global_defs");
	print_rows(p, &schema_global, g);
	if (v2_sum)
		print_line(p, "v3_checksum_as_v2 on");
	print_close(p);
}

static void print_static(struct printer *p, const struct conf *c)
{
	uint32_t i;

	if (c->n_if_delays) {
		print_open(p, "interface_up_down_delays");
		for (i = 0; i < c->n_if_delays; i++)
			print_line(p, "%s %s %s", print_word(p, c->if_delays[i].ifname),
				   print_us(p, c->if_delays[i].down_us, 1000000),
				   print_us(p, c->if_delays[i].up_us, 1000000));
		print_close(p);
	}
	if (c->n_static_addresses) {
		print_open(p, "static_ipaddress");
		for (i = 0; i < c->n_static_addresses; i++)
			vip_print(p, &c->static_addresses[i], false);
		print_close(p);
	}
	if (c->n_static_routes) {
		print_open(p, "static_routes");
		for (i = 0; i < c->n_static_routes; i++)
			ipline_print(p, &c->static_routes[i], true);
		print_close(p);
	}
	if (c->n_static_rules) {
		print_open(p, "static_rules");
		for (i = 0; i < c->n_static_rules; i++)
			ipline_print(p, &c->static_rules[i], false);
		print_close(p);
	}
}

static void print_names(struct printer *p, const struct conf *c, const uint32_t *vrrps, uint32_t n)
{
	print_open(p, "group");
	for (uint32_t i = 0; i < n; i++)
		print_line(p, "%s", print_word(p, c->vrrps[vrrps[i]].name));
	print_close(p);
}

static void print_trackers(struct printer *p, const struct conf *c)
{
	uint32_t i;

	for (i = 0; i < c->n_track_groups; i++) {
		print_open(p, "track_group %s", print_word(p, c->track_groups[i].name));
		print_names(p, c, c->track_groups[i].vrrps, c->track_groups[i].n_vrrps);
		print_close(p);
	}
	for (i = 0; i < c->n_files; i++) {
		print_open(p, "track_file %s", print_word(p, c->files[i].name));
		print_rows(p, &schema_file, &c->files[i]);
		print_close(p);
	}
	for (i = 0; i < c->n_processes; i++) {
		print_open(p, "vrrp_track_process %s", print_word(p, c->processes[i].name));
		print_rows(p, &schema_process, &c->processes[i]);
		print_close(p);
	}
	for (i = 0; i < c->n_scripts; i++) {
		print_open(p, "vrrp_script %s", print_word(p, c->scripts[i].name));
		print_rows(p, &schema_script, &c->scripts[i]);
		print_close(p);
	}
	for (i = 0; i < c->n_bfds; i++) {
		print_open(p, "bfd_instance %s", print_word(p, c->bfds[i].name));
		print_rows(p, &schema_bfd, &c->bfds[i]);
		print_close(p);
	}
}

static void print_vrrp(struct printer *p, const struct conf *c)
{
	uint32_t i;

	for (i = 0; i < c->n_garp_groups; i++) {
		print_open(p, "garp_group");
		print_rows(p, &schema_garp_group, &c->garp_groups[i]);
		print_close(p);
	}
	for (i = 0; i < c->n_groups; i++) {
		const struct conf_sync_group *g = &c->groups[i];

		print_open(p, "vrrp_sync_group %s", print_word(p, g->name));
		print_names(p, c, g->members, g->n_members);
		track_print(p, c, g->tracks, g->n_tracks);
		print_rows(p, &schema_sync_group, g);
		print_close(p);
	}
	for (i = 0; i < c->n_vrrps; i++) {
		const struct conf_vrrp *v = &c->vrrps[i];

		print_open(p, "vrrp_instance %s", print_word(p, v->name));
		print_rows(p, &schema_vrrp, v);
		track_print(p, c, v->tracks, v->n_tracks);
		print_close(p);
	}
}

int conf_print(const struct conf *c, FILE *out)
{
	static const struct conf_options none = { .path = "", .config_id = "", .instance = "" };
	struct arena arena;
	struct load l;
	struct printer p = { .out = out, .conf = c, .presets = &l };
	int r = arena_open_private(&arena);

	if (r < 0)
		return r;
	r = load_begin(&l, &arena, &conf_io_direct, &none);
	if (r < 0) {
		arena_close(&arena);
		return r;
	}
	print_global(&p, c);
	print_static(&p, c);
	print_trackers(&p, c);
	print_vrrp(&p, c);
	print_vs(&p, c);
	load_end(&l);
	arena_close(&arena);
	return ferror(out) ? -EIO : 0;
}
