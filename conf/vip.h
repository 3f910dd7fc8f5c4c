/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vip - addresses, and lines of ip(8): read from an entry of a list, and printed (internal). */
#ifndef ELVS_CONF_VIP_H
#define ELVS_CONF_VIP_H

#include "parts.h"

/* Word i, if it can name an interface. Stays. */
bool value_ifname(struct load *l, const struct conf_node *n, uint32_t i, const char **ret);

/* For rows of V_STRING that name an interface: back to the preset if it cannot be one. */
void set_ifname(struct load *l, void *obj, const struct row *r, const struct conf_node *n);

/* virtual: it comes and goes with an instance (no duplicate address detection unless asked for). False: reported. */
bool vip_read(struct load *l, const struct conf_node *n, bool virtual, struct conf_vip *ret);
void vip_print(struct printer *p, const struct conf_vip *v, bool virtual);

/* A route or a rule in the words of ip(8). False: reported. */
bool ipline_route(struct load *l, const struct conf_node *n, struct conf_ipline *ret);
bool ipline_rule(struct load *l, const struct conf_node *n, struct conf_ipline *ret);
void ipline_print(struct printer *p, const struct conf_ipline *line, bool is_route);

#endif
