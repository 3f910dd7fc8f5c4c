/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fsm - one BFD session in asynchronous mode (RFC 5880 6), without the world around it.
 *
 * Functions take the session, an event and the time (CLOCK_MONOTONIC, microseconds) and say what is to be done. No
 * socket, no clock, no log; jitter comes from a generator that is seeded from outside. Neither echo nor demand mode
 * of our own; a neighbour's demand mode is honoured. Invariant: while it is up it ends within the detection time
 * after the last packet (detect_at is always set then).
 */
#ifndef ELVS_DAEMON_BFD_FSM_H
#define ELVS_DAEMON_BFD_FSM_H

#include "conf/conf.h"
#include "packet.h"

#define BFD_NEVER UINT64_MAX

struct bfd_session {
	const struct conf_bfd *conf; /* borrowed, see bfd_session_reconf() */
	enum bfd_state state, remote_state;
	uint8_t diag, remote_diag;
	uint32_t local, remote; /* discriminators; remote 0: nobody heard */
	uint8_t remote_multiplier;
	uint64_t remote_min_tx_us, remote_min_rx_us;
	bool remote_demand;

	uint64_t told_tx_us, told_rx_us; /* as our packets say */
	uint64_t tx_us, rx_us;		 /* in force: a change while up waits for the end of its poll */
	bool poll;			 /* one is under way */
	uint64_t sent_at, tx_at;	 /* last packet (0: none), next one; BFD_NEVER: none is to be sent */
	uint64_t detect_at;		 /* the neighbour is lost then */
	uint64_t since;			 /* of the state */
	uint64_t random;

	uint64_t sent, received, ups, downs;
};

/* What is to be done after an event */
struct bfd_todo {
	bool send;    /* a packet: bfd_session_fill(), at once */
	bool final;   /* it answers a poll */
	bool changed; /* the state; old is what it was */
	enum bfd_state old;
};

/* discriminator: not 0, ours alone on this machine. seed: any number, other for each session. It starts Down. */
void bfd_session_init(struct bfd_session *s, const struct conf_bfd *conf, uint32_t discriminator, uint64_t seed,
		      uint64_t now);
/* Other intervals or multiplier for the same neighbour: told to it in a poll, the session stays up. */
void bfd_session_reconf(struct bfd_session *s, const struct conf_bfd *conf, uint64_t now);

/* A packet that is the session's (bfd_session_find() in session.h). */
enum bfd_refusal bfd_session_receive(struct bfd_session *s, const struct bfd_packet *p, uint64_t now,
				     struct bfd_todo *ret);
/* Due times have come; early calls do nothing. */
void bfd_session_timer(struct bfd_session *s, uint64_t now, struct bfd_todo *ret);
/* Administratively down, which the neighbour is to hear (.send). */
void bfd_session_stop(struct bfd_session *s, uint64_t now, struct bfd_todo *ret);

/* The packet to send now; counts it and sets the time of the next one. */
void bfd_session_fill(struct bfd_session *s, bool final, uint64_t now, struct bfd_packet *ret);

uint64_t bfd_session_due(const struct bfd_session *s); /* when bfd_session_timer() is wanted; BFD_NEVER */
/*
 * When to wake for it: losing the neighbour is noticed in time, packets may wait for up to a tenth of their
 * interval, at times that sessions with the same interval share: many cost few wake-ups.
 */
uint64_t bfd_session_wake(const struct bfd_session *s);
uint64_t bfd_session_detect_us(const struct bfd_session *s);   /* detection time, 0: not known yet */
uint64_t bfd_session_interval_us(const struct bfd_session *s); /* between our packets, before jitter; 0: none */

#endif
