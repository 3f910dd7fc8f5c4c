/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fsm - see fsm.h. Section numbers are RFC 5880's. */
#include "fsm.h"

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* xorshift64*: jitter needs to be uneven, not secret. */
static uint32_t rnd(struct bfd_session *s, uint32_t below)
{
	s->random ^= s->random >> 12;
	s->random ^= s->random << 25;
	s->random ^= s->random >> 27;
	return (uint32_t)((s->random * 2685821657736338717ull) >> 33) % below;
}

/* While it is not up, packets are a second apart or more (6.8.3). */
static uint64_t wanted_tx(const struct bfd_session *s)
{
	const struct conf_bfd *c = s->conf;

	return s->state == BFD_UP ? c->min_tx_us : later(c->min_tx_us, later(c->idle_tx_us, 1000000));
}

uint64_t bfd_session_interval_us(const struct bfd_session *s)
{
	bool wait = s->conf->passive && !s->remote;
	bool demanded = s->remote_demand && s->state == BFD_UP && s->remote_state == BFD_UP && !s->poll;

	if (wait || demanded || s->remote_min_rx_us == 0 || s->state == BFD_ADMIN_DOWN)
		return 0;
	return later(s->tx_us, s->remote_min_rx_us);
}

uint64_t bfd_session_detect_us(const struct bfd_session *s)
{
	return s->remote_multiplier * later(s->rx_us, s->remote_min_tx_us);
}

/*
 * 6.8.7: up to a quarter less, and with multiplier 1 at least a tenth, so that senders do not fall into step. We
 * take that tenth always: it is what bfd_session_wake() may be late by.
 */
static uint64_t with_jitter(struct bfd_session *s, uint64_t us)
{
	return us * (75 + rnd(s, 16)) / 100;
}

/* The next packet is due one interval after the last; never later than it was, if it was due at all. */
static void plan_tx(struct bfd_session *s, uint64_t now)
{
	uint64_t us = bfd_session_interval_us(s), at;

	if (!us) {
		s->tx_at = BFD_NEVER;
		return;
	}
	at = s->sent_at ? s->sent_at + with_jitter(s, us) : now;
	s->tx_at = s->tx_at == BFD_NEVER || s->tx_at <= s->sent_at ? at : earlier(s->tx_at, at);
}

/*
 * What we tell changes at once, what we do waits while the session is up: packets do not become rarer, and silence is
 * not held against the neighbour sooner, until it has answered the poll (6.8.3).
 */
static void renegotiate(struct bfd_session *s)
{
	uint64_t tx = wanted_tx(s), rx = s->conf->min_rx_us;
	bool news = tx != s->told_tx_us || rx != s->told_rx_us;

	s->told_tx_us = tx;
	s->told_rx_us = rx;
	if (s->state != BFD_UP) {
		s->poll = false;
		s->tx_us = tx;
		s->rx_us = rx;
	} else if (news) {
		s->poll = true;
		s->tx_us = earlier(s->tx_us, tx);
		s->rx_us = later(s->rx_us, rx);
	}
}

static void set_state(struct bfd_session *s, enum bfd_state state, uint8_t diag, uint64_t now, struct bfd_todo *ret)
{
	if (!ret->changed)
		ret->old = s->state;
	ret->changed = true;
	s->ups += state == BFD_UP;
	s->downs += s->state == BFD_UP;
	s->state = state;
	s->diag = diag;
	s->since = now;
	renegotiate(s);
	ret->send = bfd_session_interval_us(s) != 0; /* at once: the neighbour waits for it */
}

/* 6.8.1: what is known of a neighbour, before anything is known */
static void forget_neighbour(struct bfd_session *s)
{
	s->remote = 0;
	s->remote_state = BFD_DOWN;
	s->remote_min_rx_us = 1;
	s->remote_min_tx_us = 0;
	s->remote_multiplier = 0;
	s->remote_demand = false;
	s->detect_at = BFD_NEVER;
}

void bfd_session_init(struct bfd_session *s, const struct conf_bfd *conf, uint32_t discriminator, uint64_t seed,
		      uint64_t now)
{
	*s = (struct bfd_session){ .conf = conf, .state = BFD_DOWN, .local = discriminator, .since = now };
	s->random = seed ? seed : 1;
	s->tx_at = BFD_NEVER;
	forget_neighbour(s);
	renegotiate(s);
	plan_tx(s, now);
}

void bfd_session_reconf(struct bfd_session *s, const struct conf_bfd *conf, uint64_t now)
{
	s->conf = conf;
	renegotiate(s);
	plan_tx(s, now);
}

/* The table of 6.8.6 */
static void transition(struct bfd_session *s, enum bfd_state theirs, uint64_t now, struct bfd_todo *ret)
{
	if (theirs == BFD_ADMIN_DOWN || (theirs == BFD_DOWN && s->state == BFD_UP)) {
		if (s->state != BFD_DOWN)
			set_state(s, BFD_DOWN, BFD_DIAG_NEIGHBOUR, now, ret);
	} else if (s->state == BFD_DOWN && theirs == BFD_DOWN) {
		set_state(s, BFD_INIT, s->diag, now, ret);
	} else if ((s->state == BFD_DOWN && theirs == BFD_INIT) || (s->state == BFD_INIT && theirs >= BFD_INIT)) {
		set_state(s, BFD_UP, BFD_DIAG_NONE, now, ret);
	}
}

static void end_poll(struct bfd_session *s)
{
	s->poll = false;
	s->tx_us = s->told_tx_us;
	s->rx_us = s->told_rx_us;
}

enum bfd_refusal bfd_session_receive(struct bfd_session *s, const struct bfd_packet *p, uint64_t now,
				     struct bfd_todo *ret)
{
	uint64_t interval = bfd_session_interval_us(s);

	*ret = (struct bfd_todo){ .old = s->state };
	if (s->state == BFD_ADMIN_DOWN)
		return BFD_REFUSED_ADMIN_DOWN;
	s->received++;
	s->remote = p->my;
	s->remote_state = p->state;
	s->remote_diag = p->diag;
	s->remote_demand = p->demand;
	s->remote_min_rx_us = p->min_rx_us;
	s->remote_min_tx_us = p->min_tx_us;
	s->remote_multiplier = p->multiplier;
	if (s->poll && p->final)
		end_poll(s);
	transition(s, p->state, now, ret);
	s->detect_at = now + bfd_session_detect_us(s);
	if (p->poll)
		ret->send = ret->final = true;
	if (bfd_session_interval_us(s) != interval) {
		if (bfd_session_interval_us(s) > interval)
			s->tx_at = BFD_NEVER; /* plan_tx() only moves it forward */
		plan_tx(s, now);
	}
	return BFD_ACCEPTED;
}

void bfd_session_timer(struct bfd_session *s, uint64_t now, struct bfd_todo *ret)
{
	*ret = (struct bfd_todo){ .old = s->state };
	if (now >= s->detect_at) {
		bool lost = s->state == BFD_INIT || s->state == BFD_UP;

		forget_neighbour(s);
		if (lost)
			set_state(s, BFD_DOWN, BFD_DIAG_EXPIRED, now, ret);
		if (!ret->send)
			plan_tx(s, now);
	}
	if (now >= s->tx_at)
		ret->send = true;
}

void bfd_session_stop(struct bfd_session *s, uint64_t now, struct bfd_todo *ret)
{
	*ret = (struct bfd_todo){ .old = s->state };
	if (s->state == BFD_ADMIN_DOWN)
		return;
	set_state(s, BFD_ADMIN_DOWN, BFD_DIAG_ADMIN, now, ret);
	s->tx_at = s->detect_at = BFD_NEVER;
	ret->send = s->remote != 0; /* nobody else would understand */
}

static uint32_t wire_us(uint64_t us)
{
	return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

void bfd_session_fill(struct bfd_session *s, bool final, uint64_t now, struct bfd_packet *ret)
{
	*ret = (struct bfd_packet){
		.diag = s->diag,
		.state = s->state,
		.poll = s->poll && !final, /* never both (6.8.7) */
		.final = final,
		.multiplier = (uint8_t)s->conf->multiplier,
		.my = s->local,
		.your = s->remote,
		.min_tx_us = wire_us(s->told_tx_us),
		.min_rx_us = wire_us(s->told_rx_us),
	};
	s->sent++;
	s->sent_at = now;
	s->tx_at = BFD_NEVER;
	plan_tx(s, now);
}

uint64_t bfd_session_due(const struct bfd_session *s)
{
	return earlier(s->tx_at, s->detect_at);
}

uint64_t bfd_session_wake(const struct bfd_session *s)
{
	/* with multiplier 1 a single late packet ends the session: none is late */
	uint64_t grain = s->conf->multiplier == 1 ? 0 : bfd_session_interval_us(s) / 10;

	if (s->tx_at == BFD_NEVER || !grain)
		return bfd_session_due(s);
	return earlier(s->detect_at, (s->tx_at + grain - 1) / grain * grain);
}
