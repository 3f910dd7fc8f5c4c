/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervisor - one per machine: answers /run/elvs/control, keeps one director per network namespace, owns the bpffs.
 *
 * It touches no map and no packet: killed, everything goes on, and the next one finds the directors and the pins.
 * Invariant: an instance holds a descriptor of its namespace, so its inode number cannot be anybody else's.
 */
#ifndef ELVS_SUPERVISOR_SUPERVISOR_H
#define ELVS_SUPERVISOR_SUPERVISOR_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "channel.h"
#include "options.h"

enum instance_state {
	INSTANCE_WAITING,	/* it was there before us: its director may register */
	INSTANCE_STARTING,
	INSTANCE_READY,
	INSTANCE_ENDING,
	INSTANCE_BROKEN,	/* its director could not start: the next client tries again */
};

struct supervisor;
struct visitor;

struct instance {
	struct instance *next;
	struct supervisor *s;
	uint64_t cookie, inode;
	int netns_fd;
	enum instance_state state;
	pid_t pid;		/* of the director, 0: none */
	int channel;		/* -1: none */
	struct event *channel_ev;
	uint32_t flags;		/* CHAN_PINNED, ... */
	unsigned missed;	/* looks in a row that found its namespace unused */
	unsigned deaths;	/* of directors, lately */
	unsigned ending_ticks;
	char why[240];		/* why it is BROKEN */
};

struct supervisor {
	const struct options *o;
	struct event_base *base;
	int listen_fd, lock_fd;
	struct event *listen_ev, *tick_ev, *child_ev, *term_ev, *int_ev, *usr2_ev;
	char pin_root[ELVS_PATH_MAX];	/* empty: no bpffs */
	char own_bpffs[ELVS_PATH_MAX];	/* mounted by an elvsd: empty if not */
	struct instance *instances;
	struct visitor *visitors;
	unsigned ticks, idle_ticks;
	bool done;		/* it has let go of socket and pins, and ends */
	unsigned waiting_ticks;	/* left for directors to register */
	uint64_t own_inode;	/* of a namespace that is not ours to judge; 0: none */
};

int supervisor_run(const struct options *o);
/* Nothing is left to do: one that was started on demand ends, unless somebody has just come. */
void supervisor_done(struct supervisor *s);

/* instance.c */
struct instance *instance_find(struct supervisor *s, uint64_t cookie);
/* Takes netns_fd. NULL: out of memory. */
struct instance *instance_new(struct supervisor *s, uint64_t cookie, uint64_t inode, int netns_fd);
int instance_start(struct instance *i);	/* a director; -errno */
void instance_end(struct instance *i);	/* every trace of it goes */
void instance_adopt(struct instance *i, int channel, pid_t pid, uint32_t flags);	/* takes channel */
int instance_serve(struct instance *i, int fd);	/* hands a client's socket to the director */
void instance_child_died(struct supervisor *s, pid_t pid, int status);
void instances_tick(struct supervisor *s);
void instances_leave(struct supervisor *s);	/* directors are to exit; pins stay */
void instances_detach(struct supervisor *s);	/* closes the channels */
void instance_free(struct instance *i);	/* who waits for it wants another */
const char *instance_state_name(enum instance_state state);

/* traces.c */
void traces_pin_dir(const struct supervisor *s, uint64_t cookie, char *ret, size_t size);
void traces_state_dir(const struct supervisor *s, uint64_t cookie, char *ret, size_t size);
void traces_remove(struct supervisor *s, uint64_t cookie, int netns_fd);	/* -1: its namespace is gone */

/* survivors.c */
void survivors_find(struct supervisor *s);	/* at start: what is left from before */
void survivors_tick(struct supervisor *s);	/* starts directors for those whose own have not come back */

/* visitor.c */
int visitor_accept(struct supervisor *s);	/* one connection; -EAGAIN: none is waiting */
void visitors_instance_changed(struct supervisor *s, struct instance *i);	/* to READY or BROKEN */
void visitors_instance_freed(struct supervisor *s, struct instance *i);	/* who waits for it wants another */
void visitors_tick(struct supervisor *s);
void visitors_free(struct supervisor *s);

/* bpffs.c: fills pin_root and own_bpffs */
void bpffs_find(struct supervisor *s);
void bpffs_leave(struct supervisor *s);	/* nothing is pinned any more: what we mounted and made goes */

#endif
