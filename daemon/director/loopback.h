/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loopback - what the director's own requests to its services need of the kernel, set and put back.
 *
 * A NAT server's answer to a program of this host comes in with the virtual address, a local one, as its source; only an
 * interface with accept_local may receive that, and the data plane hands it in at lo. (IPv6 has no such rule.)
 */
#ifndef ELVS_DIRECTOR_LOOPBACK_H
#define ELVS_DIRECTOR_LOOPBACK_H

#include <stdbool.h>

struct loopback {
	char file[256]; /* there: what accept_local was before us */
	bool refused;	/* /proc/sys cannot be written here */
};

void loopback_init(struct loopback *l, const char *state_dir);
/* Idempotent; in the instance's network namespace. */
void loopback_open(struct loopback *l);
/* As it was before; harmless when nothing was set. */
void loopback_restore(struct loopback *l);

#endif
