/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * realserver - what the files of `elvs realserver' share.
 */
#ifndef ELVS_TOOLS_REALSERVER_H
#define ELVS_TOOLS_REALSERVER_H

#include "journal.h"
#include "vip.h"

#define REALSERVER_USER_LEN (VIP_STRLEN + 16)

/* The journal's name of a virtual address as a user of changes */
void realserver_user(const struct vip *v, char ret[REALSERVER_USER_LEN]);
/*
 * How the address stands: an object that the caller owns. "state" is running, incomplete or stopped; text and JSON
 * are rendered from it.
 */
json_t *realserver_status(const struct journal *j, const struct vip *v);
void realserver_print(const json_t *status);

#endif
