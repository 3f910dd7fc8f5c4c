/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc_events - which processes begin, change and end: the kernel's process connector.
 *
 * It only exists in the first network and process namespaces, and for root; elsewhere one has to look at /proc.
 */
#ifndef ELVS_KEEPER_PROC_EVENTS_H
#define ELVS_KEEPER_PROC_EVENTS_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/types.h>

struct proc_events;
struct proc_events_owner {
	void *arg;
	void (*changed)(void *arg, pid_t pid, bool ended); /* begun, or another program now; or it has ended */
	void (*lost)(void *arg);			   /* some were missed: look at them all */
};

/* netns_home: where it may be, -1: here. -errno: it is not to be had. rcvbuf: bytes, 0: the system's */
int proc_events_new(struct proc_events **ret, struct event_base *base, const struct proc_events_owner *owner,
		    int netns_home);
void proc_events_free(struct proc_events *p); /* NULL is fine */

#endif
