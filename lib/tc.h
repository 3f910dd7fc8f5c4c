/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tc - clsact filters of a fixed handle and priority, in the caller's network namespace.
 */
#ifndef ELVS_LIB_TC_H
#define ELVS_LIB_TC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TC_HANDLE 0xe1e5
#define TC_PRIORITY 1

/* Puts the programs at ingress and egress, in place of a former process's. *ret_made: clsact was not there before. */
int tc_attach(uint32_t ifindex, int in_fd, int out_fd, bool *ret_made, char *why, size_t size);
/* One program at egress only, on an interface of our own */
int tc_attach_out(uint32_t ifindex, int fd, char *why, size_t size);
/* Takes our filters off; the qdisc too if it is ours and nobody else's filters hang on it. */
void tc_detach(uint32_t ifindex, bool made_clsact);
/* Filters at ingress and egress that are not ours; -errno. */
int tc_foreign_filters(uint32_t ifindex);

#endif
