// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-prog - measures one cell: ns per packet of a data plane, through BPF_PROG_RUN, without any driver's cost.
 *
 * A cell makes its flows known, checks up to 1000 packets byte by byte, and only then takes times. Each round runs
 * the empty program and the target in turns; net is their difference. Afterwards the servers' packet
 * counters must have grown by exactly the packets sent, else the cell failed: what was timed was not forwarding.
 */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "check.h"
#include "elvs.h"
#include "lab.h"
#include "probe.h"
#include "sample.h"

#define SWEEP_PERIOD 0.8 /* seconds that the data plane's own timer takes for a pass */
#define CHECKS 1000
#define SLOTS_PER_CONN 2 /* elvs's capacity counts connections; its table has so many slots for each */
#define GROW_SHARE 64	 /* a growing table is looked after each time it holds 1/64 more, as in real life */
#define GROW_LEAST 512

struct bench {
	const struct cell *cell;
	struct target target;
	struct wrapper wrapper;
	struct check check;
	struct cell_result *res;
	struct flow_kind open, steady; /* a flow's first packet, its later ones */
	uint32_t total;		       /* flows known; the timed ones come first */
	uint32_t clients;	       /* that they belong to */
	uint64_t evicted_before;       /* counter's value when the table was empty */
};

static int __attribute__((format(printf, 3, 4))) fail(struct bench *b, int r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(b->res->why, sizeof(b->res->why), format, ap);
	va_end(ap);
	return r;
}

/* ---- flows ---- */

static uint32_t max1(uint32_t n)
{
	return n ? n : 1;
}

static void set_kinds(struct bench *b)
{
	const struct cell *c = b->cell;

	b->open = (struct flow_kind){ .packet = c->udp ? FLOW_UDP : FLOW_SYN, .v6 = c->v6 };
	memcpy(b->open.smac, target_gateway_mac, 6);
	memcpy(b->open.dmac, b->target.cli.mac, 6);
	b->steady = b->open;
	if (!c->udp)
		b->steady.packet = FLOW_ACK;
}

/*
 * Flows beside the timed ones: with --fill, as many as make the table that full; with --prelude, one of each
 * client (which makes its template, if the service is persistent).
 */
static int count_flows(struct bench *b)
{
	struct elvs_table_info info = { 0 };
	const struct cell *c = b->cell;
	uint64_t capacity;

	b->total = c->flows;
	b->clients = max1(c->flows / c->per_client);
	if (!b->target.elvs)
		return 0;
	elvs_table_info(b->target.director.elvs, &info);
	capacity = c->v6 ? info.wide_capacity : info.capacity;
	b->res->capacity = capacity;
	if (c->prelude)
		b->total += b->clients;
	if (!c->fill)
		return 0;
	b->total = capacity * SLOTS_PER_CONN * c->fill / 100;
	b->clients = max1(b->total / c->per_client);
	if (b->total < c->flows)
		return fail(b, -EINVAL,
			    "%u %% of the table are %u connections, fewer than the %u that are to be timed", c->fill,
			    b->total, c->flows);
	return 0;
}

/* The timed flows come first; neither they nor the others stand in any order. */
static void shuffle(struct bench *b, uint64_t seed)
{
	uint32_t timed = b->cell->flows;

	flows_shuffle(b->wrapper.flows, timed, seed);
	flows_shuffle(b->wrapper.flows + timed, b->total - timed, seed);
}

static void make_flows(struct bench *b)
{
	for (uint32_t i = 0; i < b->total; i++)
		b->wrapper.flows[i] = flow_request(&b->open, i, b->clients);
	shuffle(b, 1);
}

struct replies {
	struct bench *b;
	uint32_t n;
};

static int add_reply(void *arg, uint32_t caddr, uint16_t cport, uint32_t daddr, uint16_t dport)
{
	struct replies *r = arg;

	if (r->n < r->b->total)
		r->b->wrapper.flows[r->n] = flow_between(&r->b->steady, daddr, dport, caddr, cport);
	r->n++;
	return 0;
}

/* Each connection's server answers: who that is, the table itself says. The timed ones are some of them. */
static int turn_to_replies(struct bench *b)
{
	struct replies r = { .b = b };

	director_server_mac(1, b->steady.smac);
	memcpy(b->steady.dmac, b->target.srv.mac, 6);
	b->wrapper.ifindex = b->target.srv.ifindex;
	director_each(&b->target.director, add_reply, &r);
	return r.n == b->total ? 0 : fail(b, -EBADMSG, "the table lists %u connections, should be %u", r.n, b->total);
}

/* ---- sending ---- */

static int send_packets(struct bench *b, const struct flow_kind *k, uint32_t first, uint32_t n, uint64_t count)
{
	int r = wrapper_send(&b->wrapper, b->target.prog_fd, k, first, n, count, NULL, NULL);

	return r ? fail(b, r, "BPF_PROG_RUN: %s", strerror(-r)) : 0;
}

/*
 * Are all connections there? In a table that is nearly full some may have given way to later ones before they were
 * established; they are no fault of the measurement, and the result says how many.
 */
static int expect_conns(struct bench *b, uint64_t want)
{
	struct elvs_table_info info;
	uint64_t n, evicted;

	if (!b->target.elvs)
		return 0;
	n = director_conns(&b->target.director);
	elvs_table_info(b->target.director.elvs, &info);
	evicted = info.evicted - b->evicted_before;
	if (b->cell->fill)
		b->res->evicted = evicted;
	if (n == want || (b->cell->fill && n + evicted == want))
		return 0;
	return fail(b, -EBADMSG, "%llu connections in the table, should be %llu (refused: %llu, evicted: %llu)",
		    (unsigned long long)n, (unsigned long long)want, (unsigned long long)info.refused,
		    (unsigned long long)evicted);
}

/* From here on evictions count. */
static void count_evictions(struct bench *b)
{
	struct elvs_table_info info = { 0 };

	if (b->target.elvs)
		elvs_table_info(b->target.director.elvs, &info);
	b->evicted_before = info.evicted;
}

/* First packets for the upkeep to look between; 0: the table has its size from the start */
static uint32_t grow_step(struct bench *b)
{
	const struct cell *c = b->cell;
	/* the wide table, of IPv6 and of templates, starts small whatever the narrow one does */
	bool wide = c->v6 || c->persist;
	struct elvs_table_info info;

	if (!b->target.elvs || (c->start >= c->max && !wide))
		return 0;
	elvs_table_info(b->target.director.elvs, &info);
	return (info.conns + info.wide_conns) / GROW_SHARE + GROW_LEAST;
}

/* First packets of flows first .. first + n - 1; a table that may grow is given the chance to. */
static int open_flows(struct bench *b, uint32_t first, uint32_t n)
{
	int r = 0;

	for (uint32_t done = 0, some; !r && done < n; done += some) {
		uint32_t step = grow_step(b);

		some = step && step < n - done ? step : n - done;
		r = send_packets(b, &b->open, first + done, some, some);
		if (!r && step)
			director_grow(&b->target.director);
	}
	return r;
}

static int check_flows(struct bench *b, const struct flow_kind *k)
{
	uint32_t n = b->cell->flows < CHECKS ? b->cell->flows : CHECKS;
	bool elvs = b->target.elvs;
	char verdicts[256];
	uint64_t before = elvs ? director_counted(&b->target.director) : 0;
	int r = 0;

	for (uint32_t i = 0; !r && i < n; i++) {
		r = check_wrapper(&b->check, &b->wrapper, b->target.null_fd, k, i);
		if (!r)
			r = check_packet(&b->check, &b->target, &b->wrapper, k, &b->wrapper.flows[i]);
		if (r)
			return fail(b, r, "check of packet %u: %s%s", i, b->check.why,
				    elvs ? director_verdicts(&b->target.director, verdicts, sizeof(verdicts)) : "");
	}
	/* sh and dh need not reach every server */
	if (elvs && !b->cell->reply && b->cell->sched[1] != 'h' && !b->cell->persist && n >= 4 * b->cell->servers &&
	    check_spread(&b->check, b->cell->servers))
		return fail(b, -EBADMSG, "check: %s", b->check.why);
	if (elvs && director_counted(&b->target.director) - before != n)
		return fail(b, -EBADMSG, "check: %u packets were sent, the servers' counters say %llu", n,
			    (unsigned long long)(director_counted(&b->target.director) - before));
	r = check_last(&b->check, &b->target, &b->wrapper, k, n);
	if (r)
		return fail(b, r, "check of the last of %u packets in a row: %s", n, b->check.why);
	b->res->checked = b->check.packets;
	return 0;
}

/* ---- what is timed ---- */

static int time_round(struct bench *b, const struct flow_kind *k, uint64_t count, struct wrapper_time *ret)
{
	int r = wrapper_time(&b->wrapper, b->target.prog_fd, b->target.null_fd, k, 0, b->cell->flows, count, ret);

	return r ? fail(b, r, "BPF_PROG_RUN: %s", strerror(-r)) : 0;
}

/* Sorts value[]. */
static void set_rounds(struct cell_result *res, const char *unit, double *value, uint32_t n)
{
	res->unit = unit;
	res->rounds = n;
	memcpy(res->round, value, n * sizeof(*value));
	res->min = sample_min(value, n);
	res->median = sample_median(value, n);
}

static void conclude(struct bench *b, const struct wrapper_time *round)
{
	struct cell_result *res = b->res;
	double net[CELL_ROUNDS], base[CELL_ROUNDS], raw[CELL_ROUNDS];
	uint32_t n = b->cell->rounds;

	for (uint32_t i = 0; i < n; i++) {
		net[i] = round[i].net;
		base[i] = round[i].base;
		raw[i] = round[i].raw;
	}
	set_rounds(res, "ns", net, n);
	res->base = sample_median(base, n);
	res->raw = sample_median(raw, n);
}

static int counted_exactly(struct bench *b, uint64_t before, uint64_t sent)
{
	uint64_t got;

	if (!b->target.elvs)
		return 0;
	got = director_counted(&b->target.director) - before;
	if (got == sent)
		return 0;
	return fail(b, -EBADMSG, "%llu packets were timed, but the servers' counters grew by %llu",
		    (unsigned long long)sent, (unsigned long long)got);
}

/* The second packet of the timed flows, other flags and so other checksums: they are established. */
static int confirm_flows(struct bench *b)
{
	uint32_t n = b->cell->flows;

	for (uint32_t i = 0; i < n; i++) {
		struct bench_flow *f = &b->wrapper.flows[i];

		*f = flow_between(&b->steady, f->saddr, f->sport, f->daddr, f->dport);
	}
	return send_packets(b, &b->steady, 0, n, n);
}

/* Replay begins in another order than the one in which the connections were made. */
static int establish(struct bench *b)
{
	uint32_t timed = b->cell->flows;
	int r;

	make_flows(b);
	count_evictions(b);
	r = open_flows(b, 0, timed);
	if (!r)
		r = confirm_flows(b);
	if (!r && b->total > timed)
		r = open_flows(b, timed, b->total - timed);
	if (!r)
		r = expect_conns(b, b->total);
	if (!r && b->cell->reply)
		r = turn_to_replies(b);
	shuffle(b, 2);
	return r;
}

static int measure_established(struct bench *b)
{
	const struct cell *c = b->cell;
	struct wrapper_time round[CELL_ROUNDS];
	uint64_t before;
	int r = establish(b);

	if (!r)
		r = check_flows(b, &b->steady);
	/* one untimed round in the order of the timed ones */
	if (!r)
		r = send_packets(b, &b->steady, 0, c->flows, c->packets);
	if (r)
		return r;
	before = b->target.elvs ? director_counted(&b->target.director) : 0;
	for (uint32_t i = 0; !r && i < c->rounds; i++)
		r = time_round(b, &b->steady, c->packets, &round[i]);
	if (!r)
		r = counted_exactly(b, before, (uint64_t)c->rounds * c->packets);
	if (!r)
		r = expect_conns(b, b->total);
	if (!r)
		conclude(b, round);
	return r;
}

/* A table that holds the other flows and none of the timed ones */
static int prepare_new(struct bench *b)
{
	uint32_t others = b->total - b->cell->flows;
	int r = director_clear(&b->target.director);

	if (r)
		return fail(b, r, "%s", b->target.director.why);
	count_evictions(b);
	return others ? open_flows(b, b->cell->flows, others) : 0;
}

static int measure_new(struct bench *b)
{
	const struct cell *c = b->cell;
	struct wrapper_time round[CELL_ROUNDS];
	uint64_t before;
	int r;

	make_flows(b);
	/* once over all, so that a table that grows has its size by the time it is timed; it does not shrink */
	r = open_flows(b, 0, b->total);
	if (!r)
		r = prepare_new(b);
	if (!r)
		r = check_flows(b, &b->open);
	for (uint32_t i = 0; !r && i < c->rounds; i++) {
		r = prepare_new(b);
		if (r)
			break;
		before = director_counted(&b->target.director);
		r = time_round(b, &b->open, c->flows, &round[i]);
		if (!r)
			r = counted_exactly(b, before, c->flows);
		if (!r)
			r = expect_conns(b, b->total);
	}
	if (!r)
		conclude(b, round);
	return r;
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/*
 * One whole pass over the table: all connections alive (sweep), or all timed out (expire). Expiring is a burst, not
 * a steady state; its figure says what share of a core it takes while it lasts.
 */
static int measure_sweep(struct bench *b)
{
	const struct cell *c = b->cell;
	struct elvs *e = b->target.director.elvs;
	bool expire = c->kind == CELL_EXPIRE;
	double percent[CELL_ROUNDS], seconds;
	int r = 0;

	for (uint32_t i = 0; !r && i < c->rounds; i++) {
		if (!i || expire)
			r = establish(b);
		if (r)
			break;
		if (expire) /* an hour is longer than any time-out */
			elvs_clock_set(e, elvs_clock(e) + 3600 * 8);
		seconds = cpu_seconds();
		r = elvs_sweep(e);
		percent[i] = 100 * (cpu_seconds() - seconds) / SWEEP_PERIOD;
		if (r < 0)
			return fail(b, r, "sweep: %s", elvs_strerror(e));
		elvs_heartbeat(e);
		r = expect_conns(b, expire ? 0 : b->total);
	}
	if (!r)
		set_rounds(b->res, "% of a core", percent, c->rounds);
	return r;
}

/* Bytes of an instance without services and with next to no table */
static int measure_empty(struct bench *b, uint64_t *ret_bytes)
{
	struct elvs_options o = { .max_conns = 1, .start_conns = 1, .manual_clock = true };
	struct elvs_table_info info;
	struct elvs *e;
	int r = elvs_open(&e, &o);

	if (r)
		return fail(b, r, "the empty instance: %s", elvs_strerror(NULL));
	elvs_table_info(e, &info);
	*ret_bytes = info.bytes;
	elvs_close(e);
	return 0;
}

static int measure_memory(struct bench *b)
{
	struct elvs_table_info info;
	double each;
	int r = measure_empty(b, &b->res->bytes_empty);

	if (!r)
		r = establish(b);
	if (r)
		return r;
	elvs_table_info(b->target.director.elvs, &info);
	each = (double)(info.bytes - b->res->bytes_empty) / b->total;
	set_rounds(b->res, "B/conn", &each, 1);
	return 0;
}

/* ---- the cell ---- */

static int measure(struct bench *b)
{
	switch (b->cell->kind) {
	case CELL_ESTABLISHED:
		return measure_established(b);
	case CELL_NEW:
		return measure_new(b);
	case CELL_SWEEP:
	case CELL_EXPIRE:
		return measure_sweep(b);
	case CELL_MEMORY:
		return measure_memory(b);
	}
	return -EINVAL;
}

static int run_cell(struct bench *b)
{
	struct elvs_table_info info;
	int r = target_open(&b->target, b->cell);

	if (r)
		return fail(b, r, "%s", b->target.why);
	r = count_flows(b);
	if (r)
		return r;
	r = wrapper_open(&b->wrapper, b->cell->hook, b->total);
	if (r)
		return fail(b, r, "the wrapper could not be loaded: %s", strerror(-r));
	/* the floors have nothing attached that would make the interface known to XDP */
	b->wrapper.ifindex = b->target.elvs || b->cell->hook == BENCH_TC ? b->target.cli.ifindex : 0;
	set_kinds(b);
	b->res->memory_ns = probe_memory_ns();
	r = measure(b);
	b->res->memory_ns = (b->res->memory_ns + probe_memory_ns()) / 2;
	if (!r && b->target.elvs) {
		elvs_table_info(b->target.director.elvs, &info);
		b->res->bytes = info.bytes;
		b->res->capacity = b->cell->v6 ? info.wide_capacity : info.capacity;
		b->res->conns = info.conns + info.wide_conns;
	}
	return r;
}

static void print_result(const struct cell_result *res)
{
	json_t *rounds = json_array(), *o;

	for (uint32_t i = 0; i < res->rounds; i++)
		json_array_append_new(rounds, json_real(res->round[i]));
	o = json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:o, s:i, s:I, s:I, s:I, s:I, s:I, s:f}", "failed", res->why,
		      "unit", res->unit ? res->unit : "", "median", res->median, "min", res->min, "raw", res->raw,
		      "base", res->base, "rounds", rounds, "checked", res->checked, "capacity",
		      (json_int_t)res->capacity, "conns", (json_int_t)res->conns, "evicted", (json_int_t)res->evicted,
		      "bytes", (json_int_t)res->bytes, "bytes_empty", (json_int_t)res->bytes_empty, "memory_ns",
		      res->memory_ns);
	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

int main(int argc, char **argv)
{
	struct cell_result res = { 0 };
	struct bench b = { .res = &res };
	struct cell c;
	int r;

	cell_parse(&c, argc, argv);
	b.cell = &c;
	lab_pin();
	r = run_cell(&b);
	if (r && !res.why[0])
		fail(&b, r, "%s", strerror(-r));
	print_result(&res);
	wrapper_close(&b.wrapper);
	target_close(&b.target);
	return r ? 1 : 0;
}
