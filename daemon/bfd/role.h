/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the bfd process: sessions of a configuration over UDP, and what the keeper is told of them.
 *
 * role.c is the loop; which sessions there are is session.h's, the protocol fsm.h's; dump.c writes down what is
 * known. It keeps no privilege: after the first configuration it is another user under a filter of system calls.
 */
#ifndef ELVS_DAEMON_BFD_ROLE_H
#define ELVS_DAEMON_BFD_ROLE_H

#include <event2/event.h>

#include "conf/arena.h"
#include "daemon/message.h"
#include "session.h"

#define BFD_LISTENERS 4 /* IPv4, IPv6, and for multihop */

struct bfd_role {
	int fd; /* to the keeper */
	const struct arena_space *space;
	struct event_base *base;
	struct event *ev_keeper, *ev_flush, *ev_timer, *ev_listen;
	struct listener {
		struct bfd_role *role;
		uint16_t family;
		bool multihop;
		int fd;	   /* -1: not open */
		int error; /* why not, as it was logged */
		struct event *ev;
	} listeners[BFD_LISTENERS];
	struct arena arena; /* base NULL: no configuration yet */
	const struct conf *conf;
	uint32_t generation;
	bool ready_told; /* that it is in force */
	struct bfd_table table;
	uint64_t refused[BFD_REFUSALS], refused_said_at[BFD_REFUSALS];
	uint64_t timer_at, late_us; /* how late a timer has been, at most */
	int status;		    /* exit status */
};

/* Writes to fd (borrowed) what enum dump_kind asks for. */
void bfd_dump(struct bfd_role *r, int fd, uint32_t kind);

#endif
