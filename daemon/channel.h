/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * channel - what the supervisor and a director may tell each other, one struct chan_msg per datagram.
 *
 * A director that the supervisor starts inherits its end as descriptor CHAN_FD. A director whose supervisor died
 * connects to the control socket of the next one, says hello with ELVS_HELLO_DIRECTOR and then REGISTER.
 */
#ifndef ELVS_DAEMON_CHANNEL_H
#define ELVS_DAEMON_CHANNEL_H

#include <stdint.h>

#define CHAN_FD 3	/* in a director: its end of the channel */
#define NETNS_FD 4	/* in a director: the namespace to enter */
#define ELVS_HELLO_DIRECTOR 0x8000	/* struct elvs_hello.flags, not for clients */

enum chan_type {
	/* supervisor to director */
	CHAN_CLIENT = 1,	/* with a descriptor: serve this socket */
	CHAN_END,		/* detach, remove every trace, exit (the namespace is gone, or elvs down --all) */
	CHAN_LEAVE,		/* exit; whatever is pinned stays and goes on */
	/* director to supervisor */
	CHAN_READY,		/* the instance is open: flags */
	CHAN_FAILED,		/* it cannot be opened: error, text; the director exits */
	CHAN_GONE,		/* it was taken down on a client's request; the director exits */
	CHAN_REGISTER,		/* cookie, pid, flags, with the descriptor of the namespace */
};

#define CHAN_PINNED 1	/* state survives the director */
#define CHAN_ADOPTED 2	/* it was there before */

struct chan_msg {
	uint32_t type;	/* enum chan_type */
	int32_t error;	/* -errno */
	uint64_t cookie;
	uint32_t pid;
	uint32_t flags;	/* CHAN_PINNED, ... */
	char text[240];	/* NUL-terminated */
};

#endif
