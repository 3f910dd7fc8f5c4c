/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attachments - carries a plan out, and remembers what was asked for by hand (a file in the run directory, so that a
 * restarted director knows) and which devices refused XDP.
 */
#ifndef ELVS_DIRECTOR_ATTACHMENTS_H
#define ELVS_DIRECTOR_ATTACHMENTS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elvs.h"
#include "links.h"
#include "plan.h"

#define ATTACH_MAX 256

struct attachments {
	struct elvs *e;
	char file[256];
	struct {
		char ifname[IFNAMSIZ];
		int hook;
	} wanted[64];
	size_t nwanted;
	struct {
		uint32_t ifindex;
		char ifname[IFNAMSIZ];
		int error;
	} refused[64];
	size_t nrefused;
	struct {
		struct elvs_if_info info;
		enum elvs_hook hook;
	} done[ATTACH_MAX];	/* what this process has told the library */
	size_t ndone;
};

void attachments_load(struct attachments *a, struct elvs *e, const char *state_dir);
int attachments_wanted(const struct attachments *a, const char *ifname);	/* -1: nothing said */
int attachments_refused(const struct attachments *a, uint32_t ifindex);		/* -errno; 0: no */
/* hook 0: keep off. -ENOSPC, or -errno of writing the file. */
int attachments_want(struct attachments *a, const char *ifname, int hook);
/*
 * Attaches what the plan says and is not attached yet, tells changed addresses and MTUs, detaches what is gone.
 * Returns whether anything was refused that was not before: the plan is then to be made again.
 */
bool attachments_apply(struct attachments *a, const struct links *links, const struct plan *plan);
/* One interface, now, also if it means waiting for the XDP program. -errno. */
int attachments_set(struct attachments *a, const struct link *l, enum elvs_hook hook);
int attachments_unset(struct attachments *a, uint32_t ifindex);	/* -ENOENT: nothing was there */
size_t attachments_xdp(const struct attachments *a, uint32_t *ifindex, size_t max);
void attachments_forget(struct attachments *a);	/* the file goes */

#endif
