/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps - the maps of an instance: made, or taken over from their pins, pinned, seen from this process.
 *
 * A pinned instance is whole exactly if its pin "settings" exists: that one is pinned last. Leftovers without it
 * (a start that was killed) are swept away.
 */
#include "internal.h"
#include "elvs_bpf.skel.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define LOG_BYTES 65536

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

int pins_make(struct elvs *e)
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

	e->nh_entries = clamp(pow2(e->max_conns / 16), 1u << 16, 1u << 20);
	e->skel->rodata->cpu_mask = e->cpu_slots - 1;
	r = bpf_map__set_value_size(inner, e->dest_bytes);
	if (!r)
		r = bpf_map__set_max_entries(e->skel->maps.cpus, e->cpu_slots);
	if (!r)
		r = bpf_map__set_max_entries(e->skel->maps.nh_cache, e->nh_entries);
	bpf_object__for_each_map(m, e->skel->obj) /* one for each CPU; said here, so that taking over compares it */
		if (!r && bpf_map__type(m) == BPF_MAP_TYPE_PERF_EVENT_ARRAY) r =
			bpf_map__set_max_entries(m, e->ncpus);
	return r ? fail(e, r, "the maps' sizes cannot be set: %s", strerror(-r)) : 0;
}

int pins_find(struct elvs *e)
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

int maps_make(struct elvs *e)
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
	return r ? r : maps_keep(e);
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

void maps_done(struct elvs *e)
{
	elvs_bpf__destroy(e->skel); /* accepts NULL */
	e->skel = NULL;
}

void maps_close(struct elvs *e)
{
	for (int i = 0; i < WINDOWS; i++)
		window_close(&e->window[i]);
	while (e->nmaps)
		close(e->map_fd[--e->nmaps]);
	free(e->map_fd);
	maps_done(e);
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

int maps_open(struct elvs *e)
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
