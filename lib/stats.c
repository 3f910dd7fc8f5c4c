/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats - counters and rates. The data plane counts per destination and CPU, and nothing else: a service's counters
 * are the sum over its destinations, those gone included. Zeroing moves a zero point, never a counter.
 */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void dest_raw(const struct elvs *e, uint32_t id, uint64_t ret[NCOUNTERS])
{
	memset(ret, 0, NCOUNTERS * sizeof(*ret));
	for (uint32_t cpu = 0; cpu < e->ncpus; cpu++) {
		const struct elvs_stats *s = dest_stats(e, id, cpu);

		ret[0] += LOAD(s->conns);
		ret[1] += LOAD(s->inpkts);
		ret[2] += LOAD(s->outpkts);
		ret[3] += LOAD(s->inbytes);
		ret[4] += LOAD(s->outbytes);
	}
}

void dest_passive(const struct elvs *e, uint32_t id, struct elvs_passive *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (uint32_t cpu = 0; cpu < e->ncpus; cpu++) {
		const struct elvs_stats *s = dest_stats(e, id, cpu);

		ret->conns += LOAD(s->conns);
		ret->established += LOAD(s->established);
		ret->unanswered += LOAD(s->unanswered);
		ret->repeated += LOAD(s->repeated);
	}
}

void svc_raw(const struct elvs *e, uint32_t i, uint64_t ret[NCOUNTERS])
{
	memcpy(ret, e->svcs[i].gone, NCOUNTERS * sizeof(*ret));
	for (uint32_t id = e->srec[i].head; id; id = e->drec[id].next) {
		uint64_t raw[NCOUNTERS];

		dest_raw(e, id, raw);
		for (int k = 0; k < NCOUNTERS; k++)
			ret[k] += raw[k];
	}
}

/* The estimator keeps connections and packets times 2^10, bytes times 2^5 (IPVS's ip_vs_est.c). */
static uint64_t shown(const struct rate *r, int i)
{
	if (!r)
		return 0;
	return i < 3 ? (r->est[i] + 0x1ff) >> 10 : (r->est[i] + 0xf) >> 5;
}

void counters_fill(struct elvs_counters *ret, const uint64_t raw[NCOUNTERS], const __u64 zero[NCOUNTERS],
		   const struct rate *r)
{
	*ret = (struct elvs_counters){
		.conns = raw[0] - zero[0],
		.inpkts = raw[1] - zero[1],
		.outpkts = raw[2] - zero[2],
		.inbytes = raw[3] - zero[3],
		.outbytes = raw[4] - zero[4],
		.cps = shown(r, 0),
		.inpps = shown(r, 1),
		.outpps = shown(r, 2),
		.inbps = shown(r, 3),
		.outbps = shown(r, 4),
	};
}

/* One step of two seconds; the first only remembers. */
static void rate_step(struct rate *r, bool *seen, const uint64_t raw[NCOUNTERS])
{
	for (int i = 0; *seen && i < NCOUNTERS; i++) {
		int64_t now = (int64_t)((raw[i] - r->last[i]) << (i < 3 ? 9 : 4));

		r->est[i] += (now - r->est[i]) >> 2;
	}
	if (!*seen)
		memset(r->est, 0, sizeof(r->est));
	memcpy(r->last, raw, sizeof(r->last));
	*seen = true;
}

/* Most destinations of most instances have had no packet yet: rates are kept of those that have. */
static void dest_rate_step(struct dest_rec *d, const uint64_t raw[NCOUNTERS])
{
	static const uint64_t none[NCOUNTERS];

	if (!d->rate && memcmp(raw, none, sizeof(none)))
		d->rate = calloc(1, sizeof(*d->rate)); /* no memory: no rates */
	if (d->rate)
		rate_step(d->rate, &d->seen, raw);
	else
		d->seen = true;
}

void rate_forget(struct rate **r)
{
	free(*r);
	*r = NULL;
}

void rates_update(struct elvs *e)
{
	for (uint32_t i = e->svc_head; i; i = e->srec[i].next) {
		uint64_t sum[NCOUNTERS], raw[NCOUNTERS];

		memcpy(sum, e->svcs[i].gone, sizeof(sum));
		for (uint32_t id = e->srec[i].head; id; id = e->drec[id].next) {
			dest_raw(e, id, raw);
			for (int k = 0; k < NCOUNTERS; k++)
				sum[k] += raw[k];
			dest_rate_step(&e->drec[id], raw);
		}
		rate_step(&e->srec[i].rate, &e->srec[i].seen, sum);
		dir_rest(&e->dest, DESTS_MAPPED);
	}
}

/*
 * Packets to and from all destinations that ever were. What services no longer there had counted stands where the
 * data plane would count, had it no better place: in the verdicts of CPU 0.
 */
static void traffic(const struct elvs *e, uint64_t *ret_in, uint64_t *ret_out)
{
	uint64_t raw[NCOUNTERS];

	*ret_in = LOAD(e->cpus[0].verdict[ELVS_V_FORWARDED]);
	*ret_out = LOAD(e->cpus[0].verdict[ELVS_V_REPLIED]);
	for (uint32_t i = 1; i < e->svc_top; i++) {
		if (!e->svcs[i].used)
			continue;
		svc_raw(e, i, raw);
		*ret_in += raw[1];
		*ret_out += raw[2];
	}
}

void svc_counts_keep(struct elvs *e, uint32_t i)
{
	__u64 *gone = e->svcs[i].gone;

	STORE(e->cpus[0].verdict[ELVS_V_FORWARDED], e->cpus[0].verdict[ELVS_V_FORWARDED] + gone[1]);
	STORE(e->cpus[0].verdict[ELVS_V_REPLIED], e->cpus[0].verdict[ELVS_V_REPLIED] + gone[2]);
	memset(gone, 0, sizeof(e->svcs[i].gone));
}

static uint64_t verdict_count(const struct elvs *e, size_t v)
{
	uint64_t sum = 0;

	for (uint32_t cpu = 0; cpu < e->ncpus; cpu++)
		sum += LOAD(e->cpus[cpu].verdict[v]);
	return sum;
}

size_t elvs_verdicts(struct elvs *e, struct elvs_verdict_count *ret, size_t max)
{
	static const char *const kinds[] = { "forward", "up", "tc", "drop" };
#define X(name, kind, text) { ELVS_KIND_##kind, text },
	static const struct {
		int kind;
		const char *text;
	} about[] = { ELVS_VERDICTS(X) };
#undef X
#define X(name, kind, text) #name,
	static const char *const names[] = { ELVS_VERDICTS(X) };
#undef X
	uint64_t local = verdict_count(e, ELVS_V_LOCAL), in, out; /* before the packets, of which they are a part */
	size_t n = 0;

	traffic(e, &in, &out);
	for (; n < ELVS_V_COUNT && n < max; n++) {
		uint64_t count = n == ELVS_V_FORWARDED ? (in > local ? in - local : 0)
				 : n == ELVS_V_REPLIED ? out
				 : n == ELVS_V_LOCAL   ? local
						       : verdict_count(e, n);
		char *name = e->verdict_name[n];

		for (size_t k = 0; names[n][k] && k + 1 < sizeof(e->verdict_name[n]); k++)
			name[k] = names[n][k] == '_' ? '-' : tolower((unsigned char)names[n][k]);
		ret[n] = (struct elvs_verdict_count){ name, kinds[about[n].kind], about[n].text, count };
	}
	return n;
}
