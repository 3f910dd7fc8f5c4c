/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * realserver - what the files of `elvs realserver' share.
 */
#ifndef ELVS_TOOLS_REALSERVER_H
#define ELVS_TOOLS_REALSERVER_H

#include "journal.h"
#include "setup.h"
#include "vip.h"

#define REALSERVER_USER_LEN (VIP_STRLEN + 16)

#define REALSERVER_USER "realserver "
#define REALSERVER_DEVS 16

struct realserver_options {
	struct setup_options all;
	const char *arp; /* "sysctl", "nft" */
	bool tunnel, use_kernel;
	const char *devs[REALSERVER_DEVS];
	int ndevs;
	const char *hook; /* auto, xdp, tc */
};

/* Appends them to wanted, in the order in which they are to be made. -errno, said in j->why. */
int realserver_changes(struct journal *j, json_t *wanted, const struct vip *v, const struct realserver_options *o);

/* The journal's name of a virtual address as a user of changes: REALSERVER_USER and the address; returns ret */
char *realserver_user(const struct vip *v, char ret[REALSERVER_USER_LEN]);
/*
 * How the address stands: an object that the caller owns. "state" is running, incomplete or stopped; text and JSON
 * are rendered from it.
 */
json_t *realserver_status(const struct journal *j, const struct vip *v);
void realserver_print(const json_t *status);

#endif
