/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load - text in, configuration out: tree, schema, defaults, validation, sharing of checks.
 *
 * Opens only what its conf_io opens. Links neither lib nor daemon.
 */
#ifndef ELVS_CONF_LOAD_H
#define ELVS_CONF_LOAD_H

#include <stdio.h>

#include "arena.h"
#include "conf.h"
#include "tree.h"

/* Never NULL; conf->messages says what was wrong, conf->usable whether it would run. Lies in a, which is borrowed. */
const struct conf *conf_load(struct arena *a, const struct conf_io *io, const struct conf_options *o);

/*
 * The canonical form, which loads to the same configuration: every word that is not at its default, sorted as read.
 */
int conf_print(const struct conf *c, FILE *out);

/* Same content, wherever the two lie (arenas may differ): what a reload may leave alone. */
bool conf_vrrp_equal(const struct conf *a, const struct conf_vrrp *x, const struct conf *b,
		     const struct conf_vrrp *y);
bool conf_vs_equal(const struct conf *a, const struct conf_vs *x, const struct conf *b, const struct conf_vs *y);
bool conf_target_equal(const struct conf *a, const struct conf_target *x, const struct conf *b,
		       const struct conf_target *y);
bool conf_bfd_equal(const struct conf_bfd *x, const struct conf_bfd *y);
bool conf_track_script_equal(const struct conf_vrrp_script *x, const struct conf_vrrp_script *y);

/* For messages and logs: "10.0.0.1", "[10.0.0.1]:tcp:80", "[10.0.0.10]:tcp:80", "FWM 10"; the length as snprintf. */
int conf_addr_text(const struct conf_addr *a, char *buf, size_t size);
int conf_vs_text(const struct conf *c, const struct conf_vs *vs, char *buf, size_t size);
int conf_rs_text(const struct conf_vs *vs, const struct conf_rs *rs, char *buf, size_t size);

#endif
