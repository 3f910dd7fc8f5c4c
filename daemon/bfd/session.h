/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session - the sessions of a configuration: which packet is whose (RFC 5880 6.8.6, RFC 5881 3, 5), which session
 * of the last configuration goes on in the next.
 *
 * Owns the sessions and their sending sockets; opens none itself, reads no clock.
 */
#ifndef ELVS_DAEMON_BFD_SESSION_H
#define ELVS_DAEMON_BFD_SESSION_H

#include "fsm.h"
#include "socket.h"

struct bfd_entry {
	struct bfd_session s;
	uint32_t index; /* of conf->bfds */
	int fd;		/* to send from, -1: not open (yet) */
	int error;	/* of the last attempt to send, 0: it worked */
	uint64_t send_failures;
	bool told, told_up;    /* what the keeper knows */
	uint64_t tell_down_at; /* a session that has never been up is said to be down then */
	bool gone;	       /* not in the new configuration */
};

struct bfd_table {
	struct bfd_entry **list;
	uint32_t n;
	uint64_t random;
};

/* How much of a session stays when its configuration becomes the other */
enum bfd_change { BFD_SAME, BFD_RETIMED, BFD_OTHER };
enum bfd_change bfd_compare(const struct conf_bfd *a, const struct conf_bfd *b);

/*
 * Takes the table to a new configuration: sessions with the same name, addresses, ports and TTL go on (other
 * intervals are negotiated), new ones are made, those that are no longer there are marked `gone' (for the caller to
 * say goodbye, then bfd_table_sweep()). told is cleared: indices may have changed. -ENOMEM: the table is as it was.
 */
int bfd_table_apply(struct bfd_table *t, const struct conf_bfd *bfds, uint32_t n, uint64_t now);
void bfd_table_sweep(struct bfd_table *t); /* frees those that are gone, closes their sockets */
void bfd_table_free(struct bfd_table *t);

/* The session that a packet belongs to, with its TTL checked; NULL and why not. */
struct bfd_entry *bfd_table_find(const struct bfd_table *t, const struct bfd_packet *p, const struct bfd_datagram *d,
				 bool multihop, enum bfd_refusal *ret_why);

uint32_t bfd_table_random(struct bfd_table *t);

#endif
