/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirects - counts the failed XDP transmissions of this network namespace, as long as it is open.
 */
#ifndef ELVS_TOOLS_REDIRECTS_H
#define ELVS_TOOLS_REDIRECTS_H

#include <jansson.h>

struct redirects;

/* -errno: -EPERM without CAP_BPF and CAP_PERFMON */
int redirects_open(struct redirects **ret);
/* Array of {"from", "to", "error", "count"}, counted since it was opened; the caller owns it. */
json_t *redirects_read(const struct redirects *r);
void redirects_close(struct redirects *r); /* accepts NULL */

#endif
