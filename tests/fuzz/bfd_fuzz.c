/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bfd_fuzz - control packets from anybody, at any time, to one session.
 *
 * The first byte chooses the session's configuration. Then pieces: a byte of milliseconds that pass (timers run), a byte
 * of length, as many bytes of packet. What has to hold is the session's invariant and that it does not send faster than
 * agreed.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../../daemon/bfd/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static void carry_out(struct bfd_session *s, const struct bfd_todo *t, uint64_t now)
{
	struct bfd_packet p, again;
	uint8_t wire[BFD_PACKET_BYTES];

	MUST(t->changed == (t->old != s->state));
	if (!t->send)
		return;
	bfd_session_fill(s, t->final, now, &p);
	bfd_packet_build(&p, wire);
	MUST(!(p.poll && p.final) && p.my == s->local);
	MUST(bfd_packet_parse(wire, sizeof(wire), &again) == BFD_ACCEPTED); /* nobody refuses what we send */
	MUST(memcmp(&p.my, &again.my, 5 * sizeof(uint32_t)) == 0);
	if (bfd_session_interval_us(s))
		MUST(s->tx_at >= now + bfd_session_interval_us(s) * 3 / 4);
}

static void hold(const struct bfd_session *s, uint64_t now)
{
	MUST(s->state < BFD_STATES && s->diag < BFD_DIAGS);
	if (s->state == BFD_UP || s->state == BFD_INIT)
		MUST(s->detect_at != BFD_NEVER && s->detect_at <= now + bfd_session_detect_us(s));
	MUST(s->state == BFD_UP || !s->poll);
	MUST(s->state != BFD_UP || s->ups > s->downs);
}

static void run(struct bfd_session *s, uint64_t *now, uint64_t until)
{
	struct bfd_todo t;

	for (int i = 0; i < 1000 && bfd_session_due(s) <= until; i++) {
		*now = bfd_session_due(s) > *now ? bfd_session_due(s) : *now;
		bfd_session_timer(s, *now, &t);
		carry_out(s, &t, *now);
		hold(s, *now);
	}
	*now = until;
}

static void hear(struct bfd_table *table, struct bfd_session *s, const uint8_t *data, size_t len, uint64_t now)
{
	struct bfd_datagram d = { .src = s->conf->neighbour, .ttl = 255 };
	uint8_t *exact = malloc(len ? len : 1);
	enum bfd_refusal why;
	struct bfd_packet p;
	struct bfd_todo t;

	MUST(exact);
	memcpy(exact, data, len);
	if (len >= BFD_PACKET_BYTES && exact[11] == 1) { /* it has learnt our discriminator */
		for (int i = 0; i < 4; i++)
			exact[8 + i] = (uint8_t)(s->local >> (24 - 8 * i));
	}
	why = bfd_packet_parse(exact, len, &p);
	if (why == BFD_ACCEPTED && bfd_table_find(table, &p, &d, false, &why)) {
		why = bfd_session_receive(s, &p, now, &t);
		MUST(why == BFD_ACCEPTED);
		carry_out(s, &t, now);
		hold(s, now);
	}
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	struct conf_bfd conf = {
		.name = "f", .min_rx_us = 10000, .min_tx_us = 10000, .idle_tx_us = 1000000, .ttl = 255
	};
	struct bfd_table table = { .random = 1 };
	struct bfd_session *s;
	uint64_t now = 1000000;
	size_t at = 1;

	if (!len)
		return 0;
	conf.neighbour.family = AF_INET;
	conf.multiplier = 1 + (in[0] & 7);
	conf.passive = in[0] & 8;
	MUST(bfd_table_apply(&table, &conf, 1, now) == 0);
	s = &table.list[0]->s;
	while (at + 2 <= len) {
		size_t n = in[at + 1] < len - at - 2 ? in[at + 1] : len - at - 2;

		run(s, &now, now + in[at] * 1000ull);
		if (in[at] == 255) { /* a reload */
			conf.min_tx_us = 1000 + n * 1000;
			conf.min_rx_us = 1000 + in[at + 1] * 2000ull;
			bfd_session_reconf(s, &conf, now);
		}
		hear(&table, s, in + at + 2, n, now);
		at += 2 + n;
	}
	run(s, &now, now + 20000000000ull); /* longer than any detection time that was agreed, mostly */
	bfd_table_free(&table);
	return 0;
}
