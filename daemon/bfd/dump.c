/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump - the sessions as text, for keepalived.data and keepalived.stats. BFD has no part in keepalived's JSON. */
#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "role.h"

static const char *text_of(const struct conf_addr *a, char *buf, size_t size)
{
	if (!a->family || !inet_ntop(a->family, a->bytes, buf, (socklen_t)size))
		snprintf(buf, size, "none");
	return buf;
}

static double ms(uint64_t us)
{
	return (double)us / 1000;
}

static void write_session(FILE *f, const struct bfd_entry *e, uint64_t now)
{
	const struct bfd_session *s = &e->s;
	const struct conf_bfd *c = s->conf;
	char neighbour[INET6_ADDRSTRLEN], source[INET6_ADDRSTRLEN];

	fprintf(f, " BFD Instance = %s\n", c->name);
	fprintf(f, "   Neighbor IP = %s\n", text_of(&c->neighbour, neighbour, sizeof(neighbour)));
	fprintf(f, "   Source IP = %s\n", text_of(&c->source, source, sizeof(source)));
	fprintf(f, "   State = %s for %.3f s\n", bfd_state_name(s->state), (double)(now - s->since) / 1e6);
	fprintf(f, "   Remote state = %s\n", bfd_state_name(s->remote_state));
	fprintf(f, "   Local diagnostic = %s\n", bfd_diag_text(s->diag));
	fprintf(f, "   Remote diagnostic = %s\n", bfd_diag_text(s->remote_diag));
	fprintf(f, "   Local discriminator = 0x%x\n", s->local);
	fprintf(f, "   Remote discriminator = 0x%x\n", s->remote);
	fprintf(f, "   Required min RX interval = %.3f ms\n", ms(c->min_rx_us));
	fprintf(f, "   Desired min TX interval = %.3f ms\n", ms(c->min_tx_us));
	fprintf(f, "   Desired idle TX interval = %.3f ms\n", ms(c->idle_tx_us));
	fprintf(f, "   Detection multiplier = %u\n", c->multiplier);
	fprintf(f, "   TTL = %u\n   Max hops = %u\n", c->ttl, c->max_hops);
	fprintf(f, "   Port = %d\n", c->multihop ? BFD_PORT_MULTIHOP : BFD_PORT);
	fprintf(f, "   Passive = %s\n", c->passive ? "yes" : "no");
	fprintf(f, "   Transmission interval = %.3f ms\n", ms(bfd_session_interval_us(s)));
	fprintf(f, "   Detection time = %.3f ms\n", ms(bfd_session_detect_us(s)));
}

static void write_counts(FILE *f, const struct bfd_entry *e)
{
	const struct bfd_session *s = &e->s;

	fprintf(f, " BFD Instance: %s\n", s->conf->name);
	fprintf(f, "   Sent: %llu\n   Send failures: %llu\n   Received: %llu\n", (unsigned long long)s->sent,
		(unsigned long long)e->send_failures, (unsigned long long)s->received);
	fprintf(f, "   Became up: %llu\n   Went down: %llu\n", (unsigned long long)s->ups,
		(unsigned long long)s->downs);
}

static void write_refusals(FILE *f, struct bfd_role *r)
{
	fprintf(f, " BFD packets refused:\n");
	for (int i = BFD_ACCEPTED + 1; i < BFD_REFUSALS; i++)
		if (r->refused[i])
			fprintf(f, "   %s: %llu\n", bfd_refusal_text(i), (unsigned long long)r->refused[i]);
	fprintf(f, "   Latest timer: %.3f ms\n", ms(r->late_us));
}

static void clear_counts(struct bfd_role *r)
{
	for (uint32_t i = 0; i < r->table.n; i++) {
		struct bfd_entry *e = r->table.list[i];

		e->s.sent = e->s.received = e->s.ups = e->s.downs = e->send_failures = 0;
	}
	for (int i = 0; i < BFD_REFUSALS; i++)
		r->refused[i] = 0;
	r->late_us = 0;
}

void bfd_dump(struct bfd_role *r, int fd, uint32_t kind)
{
	int own = dup(fd);
	FILE *f = own < 0 ? NULL : fdopen(own, "w");
	uint64_t now = clock_us();

	if (!f) {
		if (own >= 0)
			close(own);
		return;
	}
	if (kind == DUMP_DATA)
		fprintf(f, "------< BFD Topology >------\n");
	for (uint32_t i = 0; i < r->table.n; i++) {
		if (kind == DUMP_DATA)
			write_session(f, r->table.list[i], now);
		else if (kind == DUMP_STATS || kind == DUMP_STATS_CLEAR)
			write_counts(f, r->table.list[i]);
	}
	if (kind == DUMP_STATS || kind == DUMP_STATS_CLEAR)
		write_refusals(f, r);
	fclose(f);
	if (kind == DUMP_STATS_CLEAR)
		clear_counts(r);
}
