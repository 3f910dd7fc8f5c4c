/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * instance - opens an instance, new or pinned: maps (maps.c), programs (programs.c), what makes them one. Closes it.
 */
#include "internal.h"
#include "memory.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define CONN_BYTES 48 /* of memory for a connection: what maxima are reckoned with */
#define MIN_CONNS (64u << 10)
#define START_CONNS (64u << 10)
#define MEMORY_SHARE 64 /* the table may take 1/64 of memory */

int ctl_run(struct elvs *e, uint32_t op, uint32_t arg, uint32_t *ret_result)
{
	struct elvs_ctl ctl = { ELVS_CTL_MAGIC, op, arg, 0 };
	unsigned char in[64] = { 0 }, out[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = in, .data_size_in = sizeof(in), .data_out = out,
		    .data_size_out = sizeof(out), .repeat = 1);
	int r;

	memcpy(in, &ctl, sizeof(ctl));
	if (bpf_prog_test_run_opts(e->prog_fd[PROG_CTL], &o)) {
		r = -errno;
		return fail(e, r, "the control program cannot be run: %s", strerror(-r));
	}
	memcpy(&ctl, out, sizeof(ctl));
	if (ret_result)
		*ret_result = ctl.result;
	return 0;
}

/* ---- a fresh instance ---- */

static void set_timeouts(struct elvs_settings *s)
{
	static const uint16_t sec[ELVS_TCP_STATES] = {
		/* IPVS's defaults */
		[ELVS_TCP_NONE] = 2,	  [ELVS_TCP_ESTABLISHED] = 900, [ELVS_TCP_SYN_SENT] = 120,
		[ELVS_TCP_SYN_RECV] = 60, [ELVS_TCP_FIN_WAIT] = 120,	[ELVS_TCP_TIME_WAIT] = 120,
		[ELVS_TCP_CLOSE] = 10,	  [ELVS_TCP_CLOSE_WAIT] = 60,	[ELVS_TCP_LAST_ACK] = 30,
		[ELVS_TCP_LISTEN] = 120,  [ELVS_TCP_SYNACK] = 120,
	};

	for (int i = 0; i < ELVS_TCP_STATES; i++)
		s->timeout[i] = sec[i] * ELVS_TICKS_PER_SEC;
	s->udp_timeout = 300 * ELVS_TICKS_PER_SEC;
	s->timeout_sec[0] = 900;
	s->timeout_sec[1] = 120;
	s->timeout_sec[2] = 300;
	s->conn_reuse = 1;
}

static int init_fresh(struct elvs *e, uint32_t start_conns)
{
	struct elvs_settings *s = e->set;
	int r;

	if (getrandom(s->key, sizeof(s->key), 0) != sizeof(s->key))
		return fail(e, -EIO, "no random numbers from the kernel");
	s->clock = 1;
	s->heartbeat = 1;
	s->generation = 1;
	s->nh_mask = e->nh_entries - 1;
	s->ep_base = 1u << 3;
	s->ep_mask = s->ep_base - 1;
	s->flags = e->manual_clock ? ELVS_SET_MANUAL_CLOCK : 0;
	set_timeouts(s);
	r = conns_init(e, start_conns);
	if (!r)
		r = dir_grow(e, &e->dest, 1);
	if (!r)
		r = dir_grow(e, &e->sched, 1);
	if (r)
		return r;
	e->tended = true; /* no connection yet: all that the first tending sees have come since now */
	STORE(s->version, ELVS_LAYOUT_VERSION);
	return 0;
}

static void adopt_settings(struct elvs *e, const struct elvs_options *o)
{
	if (o->max_conns) /* asked for: memory may have changed, an instance's limit does not by itself */
		conns_limit(e);
	if (o->manual_clock)
		__atomic_fetch_or(&e->set->flags, ELVS_SET_MANUAL_CLOCK, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&e->set->flags, ~ELVS_SET_MANUAL_CLOCK, __ATOMIC_RELEASE);
}

static int start_timer(struct elvs *e)
{
	uint32_t result = 0;
	int r = e->manual_clock ? 0 : ctl_run(e, ELVS_CTL_START_TIMER, 0, &result);

	if (!r && (int32_t)result < 0)
		r = fail(e, (int32_t)result, "the sweeper's timer cannot be started: %s", strerror(-(int32_t)result));
	return r;
}

/* ---- open, close ---- */

static struct elvs *instance_new(const struct elvs_options *o)
{
	struct elvs *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->probe4_fd = -1;
	if (o->pin_dir)
		e->pin_dir = strdup(o->pin_dir);
	if ((o->pin_dir && !e->pin_dir) || programs_init(e, o->xdp_later)) {
		free(e->pin_dir);
		free(e);
		return NULL;
	}
	e->manual_clock = o->manual_clock;
	e->max_conns = o->max_conns ? clamp(o->max_conns, ELVS_PAIR_SLOTS, ELVS_MAX_CONNS)
				    : clamp(memory_limit() / MEMORY_SHARE / CONN_BYTES, MIN_CONNS, ELVS_MAX_CONNS);
	return e;
}

static int count_cpus(struct elvs *e)
{
	int n = libbpf_num_possible_cpus();

	if (n < 1)
		return fail(e, n ? n : -EIO, "the number of CPUs cannot be found out");
	if (n > ELVS_MAX_CPUS)
		return fail(e, -EOPNOTSUPP, "this machine may have %d CPUs, elvs is built for %d", n, ELVS_MAX_CPUS);
	e->ncpus = n;
	e->cpu_slots = pow2(n);
	e->dest_bytes = sizeof(struct elvs_dest) + e->cpu_slots * sizeof(struct elvs_stats);
	return 0;
}

/* All that needs no program; those are being loaded meanwhile. */
static int state_open(struct elvs *e, const struct elvs_options *o)
{
	uint32_t start = o->start_conns ? o->start_conns : START_CONNS;
	int r = maps_open(e);

	if (!r && !e->adopted)
		r = init_fresh(e, start < e->max_conns ? start : e->max_conns);
	else if (!r)
		adopt_settings(e, o);
	if (!r)
		r = index_build(e);
	if (!r)
		r = checks_adopt(e);
	if (!r)
		r = sched_adopt(e);
	return r;
}

static int state_and_programs(struct elvs *e, const struct elvs_options *o)
{
	struct loader *loaders[PROGRAM_LOADERS];
	char why[sizeof(e->why)];
	int r, programs;

	programs_begin(e, loaders);
	r = state_open(e, o);
	memcpy(why, e->why, sizeof(why));
	programs = programs_end(e, loaders);
	if (r)
		memcpy(e->why, why, sizeof(why));
	return r ? r : programs;
}

/* Pinned when all is there: a start that fails leaves nothing that looks like an instance. */
static int instance_open(struct elvs *e, const struct elvs_options *o)
{
	int r = count_cpus(e);

	if (!r)
		r = pins_find(e);
	if (!r)
		r = maps_make(e);
	if (!r)
		r = state_and_programs(e, o);
	if (!r)
		r = start_timer(e);
	if (!r && e->pin_dir && !e->adopted)
		r = pins_make(e);
	if (!r && e->adopted)
		r = attach_adopt(e);
	if (r)
		return r;
	maps_done(e);
	elvs_heartbeat(e);
	e->probe4_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* -1: broadcasts go unnoticed */
	return 0;
}

int elvs_open(struct elvs **ret, const struct elvs_options *o)
{
	static const struct elvs_options defaults;
	struct elvs *e = instance_new(o ? o : &defaults);
	int r;

	if (!e) {
		fail_without_instance("out of memory");
		return -ENOMEM;
	}
	r = instance_open(e, o ? o : &defaults);
	if (r) {
		fail_without_instance(e->why);
		elvs_close(e);
		return r;
	}
	*ret = e;
	return 0;
}

void elvs_close(struct elvs *e)
{
	if (!e)
		return;
	programs_close(e);
	attach_end_all(e);
	if (e->extents.chunk)
		extent_free_all(&e->extents);
	index_free(e);
	dir_close(&e->conn);
	dir_close(&e->wconn);
	dir_close(&e->dest);
	dir_close(&e->sched);
	dir_close(&e->vip_modes);
	dir_close(&e->checks);
	checks_free(e);
	maps_close(e);
	if (e->probe4_fd >= 0)
		close(e->probe4_fd);
	free(e->pin_dir);
	free(e);
}

bool elvs_adopted(const struct elvs *e)
{
	return e->adopted;
}

/* ---- tests and benches ---- */

void elvs_clock_set(struct elvs *e, uint32_t tick)
{
	if (e->set->flags & ELVS_SET_MANUAL_CLOCK)
		STORE(e->set->clock, tick);
}

uint32_t elvs_clock(const struct elvs *e)
{
	return LOAD(e->set->clock);
}

int elvs_sweep(struct elvs *e)
{
	uint32_t result = 0;
	int r = ctl_run(e, ELVS_CTL_SWEEP, 0, &result);

	return r || (int32_t)result >= 0 ? r
					 : fail(e, (int32_t)result, "the sweeper: %s", strerror(-(int32_t)result));
}
