/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * instance - opens an instance: loads the programs, makes the maps or takes over those that are pinned, pins them.
 *
 * A pinned instance is whole exactly if its pin "settings" exists: that one is pinned last. Leftovers without it
 * (a start that was killed) are swept away.
 */
#include "internal.h"
#include "memory.h"
#include "elvs_bpf.skel.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define CONN_BYTES 48 /* of memory for a connection: what maxima are reckoned with */
#define MIN_CONNS (64u << 10)
#define START_CONNS (64u << 10)
#define LOG_BYTES 65536
#define MEMORY_SHARE 64 /* the table may take 1/64 of memory */

static uint32_t pow2(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static uint32_t clamp(uint64_t n, uint32_t lo, uint32_t hi)
{
	return n < lo ? lo : n > hi ? hi : n;
}

/* ---- pins ---- */

static void map_path(const struct elvs *e, const char *map, char *buf, size_t size)
{
	snprintf(buf, size, "%s/maps/%s", e->pin_dir, map[0] == '.' ? "settings" : map);
}

static int make_dirs(struct elvs *e)
{
	char path[512];
	struct statfs fs;
	int r;

	snprintf(path, sizeof(path), "%s/maps", e->pin_dir);
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	if (statfs(e->pin_dir, &fs)) {
		r = -errno;
		return fail(e, r, "%s cannot be made: %s", e->pin_dir, strerror(-r));
	}
	if (fs.f_type != BPF_FS_MAGIC)
		return fail(e, -EINVAL, "%s is not in a BPF file system (mount -t bpf bpf /sys/fs/bpf)", e->pin_dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/chunks", e->pin_dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/links", e->pin_dir);
	if (mkdir(path, 0700) && errno != EEXIST) {
		r = -errno;
		return fail(e, r, "%s cannot be made: %s", path, strerror(-r));
	}
	return 0;
}

/* Maps that hold state; .rodata and the like belong to the program. */
static bool is_state(const struct bpf_map *m)
{
	return !bpf_map__is_internal(m) || !strcmp(bpf_map__name(m), ".data.elvs");
}

/* An older daemon's settings tell its layout. */
static int check_version(struct elvs *e, int fd)
{
	uint32_t size, zero = 0;
	union {
		struct elvs_settings set;
		char bytes[4096];
	} v;
	int r = map_info(fd, NULL, &size, NULL);

	if (r)
		return fail(e, r, "%s: settings: %s", e->pin_dir, strerror(-r));
	v.set.version = 0;
	if (size >= sizeof(v.set) && size <= sizeof(v) && !bpf_map_lookup_elem(fd, &zero, &v) &&
	    v.set.version == ELVS_LAYOUT_VERSION)
		return 0;
	return fail(
		e, -EPROTO,
		"%s holds an instance of another layout (%u, this version has %u): end it with the version that made "
		"it, or remove it with elvs down",
		e->pin_dir, v.set.version, ELVS_LAYOUT_VERSION);
}

static int reuse_map(struct elvs *e, struct bpf_map *m)
{
	bool sized = strcmp(bpf_map__name(m), "nh_cache"); /* follows memory: any size is right */
	uint32_t type, value_size, entries;
	char path[512];
	int fd, r;

	map_path(e, bpf_map__name(m), path, sizeof(path));
	fd = bpf_obj_get(path);
	if (fd < 0) {
		r = errno == ENOENT ? -EPROTO : -errno;
		return fail(e, r, "%s: %s", path,
			    r == -EPROTO ? "missing; another version made this instance" : strerror(-r));
	}
	r = map_info(fd, &type, &value_size, &entries);
	if (!r && (type != bpf_map__type(m) || value_size != bpf_map__value_size(m) ||
		   (sized && entries != bpf_map__max_entries(m))))
		r = fail(e, -EPROTO,
			 "%s has %u entries of %u bytes, this version wants %u of %u: another version made this "
			 "instance",
			 path, entries, value_size, bpf_map__max_entries(m), bpf_map__value_size(m));
	else if (!r)
		r = bpf_map__reuse_fd(m, fd);
	close(fd);
	return r == -EPROTO || !r ? r : fail(e, r, "%s cannot be taken over: %s", path, strerror(-r));
}

static int pin_maps(struct elvs *e)
{
	struct bpf_map *m;
	char path[512];
	int r;

	for (int last = 0; last < 2; last++)
		bpf_object__for_each_map(m, e->skel->obj)
		{
			if (!is_state(m) || (bpf_map__name(m)[0] == '.') != last)
				continue;
			map_path(e, bpf_map__name(m), path, sizeof(path));
			if (bpf_obj_pin(bpf_map__fd(m), path)) {
				r = -errno;
				return fail(e, r, "%s cannot be pinned: %s", path, strerror(-r));
			}
		}
	return 0;
}

/* ---- loading ---- */

static int set_sizes(struct elvs *e)
{
	struct bpf_map *inner = bpf_map__inner_map(e->skel->maps.dest_dir), *m;
	int r;

	e->skel->rodata->cpu_mask = e->cpu_slots - 1;
	r = bpf_map__set_value_size(inner, e->dest_bytes);
	if (!r)
		r = bpf_map__set_max_entries(e->skel->maps.cpus, e->cpu_slots);
	if (!r)
		r = bpf_map__set_max_entries(e->skel->maps.nh_cache,
					     clamp(pow2(e->max_conns / 16), 1u << 16, 1u << 20));
	bpf_object__for_each_map(m, e->skel->obj) /* one for each CPU; said here, so that taking over compares it */
		if (!r && bpf_map__type(m) == BPF_MAP_TYPE_PERF_EVENT_ARRAY) r =
			bpf_map__set_max_entries(m, e->ncpus);
	return r ? fail(e, r, "the maps' sizes cannot be set: %s", strerror(-r)) : 0;
}

static int find_pinned(struct elvs *e)
{
	char path[512];
	int fd, r;

	if (!e->pin_dir)
		return 0;
	r = make_dirs(e);
	if (r)
		return r;
	map_path(e, ".data.elvs", path, sizeof(path));
	fd = bpf_obj_get(path);
	if (fd >= 0) {
		r = check_version(e, fd);
		close(fd);
		e->adopted = !r;
		return r;
	}
	if (errno != ENOENT) {
		r = -errno;
		return fail(e, r, "%s: %s", path, strerror(-r));
	}
	elvs_destroy(e->pin_dir); /* what a start that did not get this far has left */
	return make_dirs(e);
}

/* Makes the maps, or takes those over that are pinned; the programs follow. */
static int maps_load(struct elvs *e)
{
	struct bpf_program *p;
	struct bpf_map *m;
	int r = set_sizes(e);

	bpf_object__for_each_program(p, e->skel->obj) bpf_program__set_autoload(p, false);
	if (!r && e->adopted)
		bpf_object__for_each_map(m, e->skel->obj) if (!r && is_state(m)) r = reuse_map(e, m);
	return r;
}

static int maps_make(struct elvs *e)
{
	char *log = calloc(1, LOG_BYTES);
	struct bpf_silence silence;
	int r;

	if (!log)
		return fail(e, -ENOMEM, "out of memory");
	bpf_silence_begin(&silence, log, LOG_BYTES);
	e->skel = skeleton_open();
	r = e->skel ? maps_load(e) : load_error(e, -errno, log);
	if (!r) {
		r = elvs_bpf__load(e->skel);
		if (r)
			r = load_error(e, r, log);
	}
	bpf_silence_end(&silence);
	free(log);
	return r;
}

/* Descriptors of our own: the object and what libbpf knows of it go when all is open. */
static int maps_keep(struct elvs *e)
{
	struct bpf_map *m;

	bpf_object__for_each_map(m, e->skel->obj) e->nmaps++;
	e->map_fd = malloc(e->nmaps * sizeof(*e->map_fd));
	if (!e->map_fd) {
		e->nmaps = 0;
		return fail(e, -ENOMEM, "out of memory");
	}
	e->nmaps = 0;
	bpf_object__for_each_map(m, e->skel->obj)
	{
		int fd = fcntl(bpf_map__fd(m), F_DUPFD_CLOEXEC, 3);

		if (fd < 0)
			return fail(e, -errno, "too many descriptors are open: %s", strerror(errno));
		e->map_fd[e->nmaps++] = fd;
	}
	return 0;
}

static int kept_fd(const struct elvs *e, const struct bpf_map *map)
{
	const struct bpf_map *m;
	size_t i = 0;

	bpf_object__for_each_map(m, e->skel->obj)
	{
		if (m == map)
			return e->map_fd[i];
		i++;
	}
	return -1;
}

static void maps_close(struct elvs *e)
{
	while (e->nmaps)
		close(e->map_fd[--e->nmaps]);
	free(e->map_fd);
	elvs_bpf__destroy(e->skel); /* accepts NULL */
}

/* How much of a taken-over map is in use is found out by reading it: index_build() lets go what is not. */
static int windows_open(struct elvs *e)
{
	const struct {
		const struct bpf_map *map;
		void *to;
		bool whole; /* small, or used all over */
	} flat[WINDOWS] = {
		[W_SETTINGS] = { e->skel->maps.data_elvs, &e->set, true },
		[W_SVCS] = { e->skel->maps.svcs, &e->svcs, e->adopted },
		[W_EPS] = { e->skel->maps.eps, &e->eps },
		[W_LOADS] = { e->skel->maps.loads, &e->loads },
		[W_RS_FILTER] = { e->skel->maps.rs_filter, &e->rs_filter, true },
		[W_IFS] = { e->skel->maps.ifs, &e->ifs, true },
		[W_CPUS] = { e->skel->maps.cpus, &e->cpus, true },
	};
	int r = 0;

	for (size_t i = 0; !r && i < WINDOWS; i++) {
		size_t bytes = (size_t)bpf_map__max_entries(flat[i].map) * bpf_map__value_size(flat[i].map);

		r = window_open(e, &e->window[i], kept_fd(e, flat[i].map), bytes);
		if (!r && flat[i].whole)
			r = window_reach(e, &e->window[i], bytes);
		if (!r)
			memcpy(flat[i].to, &e->window[i].at, sizeof(e->window[i].at));
	}
	return r ? r : window_reach(e, &e->window[W_SVCS], sizeof(*e->svcs));
}

static int open_maps(struct elvs *e)
{
	const struct {
		struct dir *dir;
		const struct bpf_map *map;
		const char *name;
		uint32_t value_size, entries;
		bool whole;
		enum dir_use use;
	} dirs[] = {
		{ &e->conn, e->skel->maps.conn_dir, "elvs_conns", sizeof(struct elvs_pair), ELVS_CONN_SEG, true,
		  DIR_RESTS },
		{ &e->wconn, e->skel->maps.wconn_dir, "elvs_wide_conns", sizeof(struct elvs_wpair), ELVS_WCONN_SEG,
		  true, DIR_RESTS },
		{ &e->dest, e->skel->maps.dest_dir, "elvs_dests", e->dest_bytes, ELVS_DEST_CHUNK, false,
		  DIR_RESTS_WITH_FDS },
		{ &e->vip_modes, e->skel->maps.vip_dir, "elvs_vips", sizeof(struct elvs_vip), ELVS_VIP_CHUNK },
		{ &e->checks, e->skel->maps.check_dir, "elvs_checks", sizeof(struct elvs_check), ELVS_CHECK_CHUNK },
		{ &e->sched, e->skel->maps.sched_dir, "elvs_sched", ELVS_SCHED_CHUNK * sizeof(uint32_t), 1 },
	};
	struct bpf_map *m;
	int r = windows_open(e);

	for (size_t i = 0; !r && i < ARRAY_SIZE(dirs); i++)
		r = dir_open(e, dirs[i].dir, kept_fd(e, dirs[i].map), dirs[i].name, dirs[i].value_size,
			     dirs[i].entries, dirs[i].whole, dirs[i].use);
	e->check_flows_fd = kept_fd(e, e->skel->maps.check_flows);
	bpf_object__for_each_map(m, e->skel->obj) e->fixed_bytes +=
		(uint64_t)bpf_map__max_entries(m) * bpf_map__value_size(m);
	return r;
}

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
	s->nh_mask = bpf_map__max_entries(e->skel->maps.nh_cache) - 1;
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
	int r = open_maps(e);

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
		r = find_pinned(e);
	if (!r)
		r = maps_make(e);
	if (!r)
		r = maps_keep(e);
	if (!r)
		r = state_and_programs(e, o);
	if (!r)
		r = start_timer(e);
	if (!r && e->pin_dir && !e->adopted)
		r = pin_maps(e);
	if (!r && e->adopted)
		r = attach_adopt(e);
	if (r)
		return r;
	elvs_bpf__destroy(e->skel);
	e->skel = NULL;
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
	for (int i = 0; i < WINDOWS; i++)
		window_close(&e->window[i]);
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
