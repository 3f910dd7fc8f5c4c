/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chunk - a map of arrays ("dir"): its chunks are arrays of equal size, made when they are needed and never removed.
 * They are mapped into this process while they are looked at; what is mapped counts as this process's memory.
 */
#include "internal.h"

#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GROW_BATCH 64 /* chunks added at a time */

void *map_mmap(int fd, size_t bytes)
{
	long page = sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, (bytes + page - 1) / page * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

int map_info(int fd, uint32_t *type, uint32_t *value_size, uint32_t *max_entries)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	if (type)
		*type = info.type;
	if (value_size)
		*value_size = info.value_size;
	if (max_entries)
		*max_entries = info.max_entries;
	return 0;
}

/* ---- pins: chunks/NAME-N, so that taking over needs no more rights than the other maps do ---- */

static void chunk_path(const struct elvs *e, const struct dir *d, uint32_t i, char *buf, size_t size)
{
	snprintf(buf, size, "%s/chunks/%s-%u", e->pin_dir, d->name, i);
}

/* In place of what a process that was killed between pinning and showing it to the data plane has left. */
static int chunk_pin(const struct elvs *e, const struct dir *d, uint32_t i, int fd)
{
	char path[512];

	if (!e->pin_dir)
		return 0;
	chunk_path(e, d, i, path, sizeof(path));
	unlink(path);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

/* The pinned chunk i, if it is the map of this id; else -1 */
static int chunk_pinned(const struct elvs *e, const struct dir *d, uint32_t i, uint32_t id)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	char path[512];
	int fd;

	if (!e->pin_dir)
		return -1;
	chunk_path(e, d, i, path, sizeof(path));
	fd = bpf_obj_get(path);
	if (fd >= 0 && (bpf_obj_get_info_by_fd(fd, &info, &len) || info.id != id)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/*
 * Chunk i that another process made: its id stands in the outer map. By its pin, or else by its id, which takes
 * CAP_SYS_ADMIN. Returns a descriptor, -ENOENT if there is none.
 */
static int chunk_fd(const struct elvs *e, const struct dir *d, uint32_t i)
{
	__u32 id = 0;
	int fd;

	if (bpf_map_lookup_elem(d->fd, &i, &id))
		return -errno;
	fd = chunk_pinned(e, d, i, id);
	if (fd >= 0)
		return fd;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	chunk_pin(e, d, i, fd); /* next time by its pin; if not, by its id again */
	return fd;
}

/* An inner array as the kernel knows it */
static uint32_t kernel_value_size(const struct dir *d)
{
	return d->whole ? d->value_size * d->entries : d->value_size;
}

static uint32_t kernel_entries(const struct dir *d)
{
	return d->whole ? 1 : d->entries;
}

static int chunk_check(struct elvs *e, struct dir *d, uint32_t i, int fd)
{
	uint32_t type, value_size, entries;
	int r = map_info(fd, &type, &value_size, &entries);

	if (r)
		return fail(e, r, "%s: chunk %u: %s", d->name, i, strerror(-r));
	if (value_size != kernel_value_size(d) || entries != kernel_entries(d))
		return fail(
			e, -EPROTO,
			"%s: chunk %u has %u entries of %u bytes, this version wants %u of %u: the instance was made "
			"by another version or on a machine with another number of CPUs",
			d->name, i, entries, value_size, kernel_entries(d), kernel_value_size(d));
	return 0;
}

static size_t chunk_bytes(const struct dir *d)
{
	return (size_t)d->entries * d->value_size;
}

static int chunk_map(struct dir *d, uint32_t i, int fd)
{
	int r;

	d->chunk[i] = map_mmap(fd, chunk_bytes(d));
	if (!d->chunk[i]) {
		r = -errno;
		return fail(d->e, r, "%s: chunk %u cannot be mapped: %s", d->name, i, strerror(-r));
	}
	d->nmapped++;
	return 0;
}

static void chunk_unmap(struct dir *d, uint32_t i)
{
	if (!d->chunk[i])
		return;
	munmap(d->chunk[i], chunk_bytes(d));
	d->chunk[i] = NULL;
	d->nmapped--;
}

int dir_map(struct dir *d, uint32_t i)
{
	int fd, r;

	if (d->chunk[i])
		return 0;
	fd = d->inner_fd ? d->inner_fd[i] : chunk_fd(d->e, d, i);
	if (fd < 0)
		return fail(d->e, fd, "%s: chunk %u cannot be opened: %s", d->name, i, strerror(-fd));
	r = chunk_map(d, i, fd);
	if (!d->inner_fd)
		close(fd);
	return r;
}

void dir_must_map(struct dir *d, uint32_t i)
{
	if (dir_map(d, i))
		abort();
}

void dir_rest(struct dir *d, uint32_t more_than)
{
	for (uint32_t i = 0; d->rests && d->nmapped > more_than && i < d->count; i++)
		chunk_unmap(d, i);
}

/* A chunk that is there for good: its descriptor is kept where it may be needed again. */
static void chunk_close(struct dir *d, uint32_t i, int fd)
{
	if (d->inner_fd)
		d->inner_fd[i] = fd;
	if (!i)
		d->first_fd = fd;
	else if (!d->inner_fd)
		close(fd);
}

static int dir_init(struct elvs *e, struct dir *d, enum dir_use use)
{
	int r = map_info(d->fd, NULL, NULL, &d->max);

	if (r)
		return fail(e, r, "%s: %s", d->name, strerror(-r));
	d->e = e;
	d->first_fd = -1;
	d->rests = use == DIR_RESTS_WITH_FDS || (use == DIR_RESTS && e->pin_dir);
	d->chunk = calloc(d->max, sizeof(*d->chunk));
	if (use == DIR_RESTS_WITH_FDS)
		d->inner_fd = calloc(d->max, sizeof(*d->inner_fd));
	if (!d->chunk || (use == DIR_RESTS_WITH_FDS && !d->inner_fd))
		return fail(e, -ENOMEM, "%s: out of memory", d->name);
	return 0;
}

int dir_open(struct elvs *e, struct dir *d, int fd, const char *name, uint32_t value_size, uint32_t entries,
	     bool whole, enum dir_use use)
{
	int r;

	*d = (struct dir){
		.fd = fd, .name = name, .value_size = value_size, .entries = entries, .whole = whole, .first_fd = -1
	};
	r = dir_init(e, d, use);
	for (; !r && d->count < d->max; d->count++) {
		int inner = chunk_fd(e, d, d->count);

		if (inner == -ENOENT)
			return 0;
		if (inner < 0)
			return fail(e, inner, "%s: chunk %u cannot be opened: %s%s", name, d->count, strerror(-inner),
				    inner == -EPERM ? " (it is not pinned: taking it over needs CAP_SYS_ADMIN)" : "");
		r = chunk_check(e, d, d->count, inner);
		if (!r && !d->rests)
			r = chunk_map(d, d->count, inner);
		if (r) {
			close(inner);
			return r;
		}
		chunk_close(d, d->count, inner);
	}
	return r;
}

/* Makes chunk i, not yet seen by the data plane. Returns its descriptor. */
static int chunk_make(struct elvs *e, struct dir *d, uint32_t i)
{
	LIBBPF_OPTS(bpf_map_create_opts, o, .map_flags = BPF_F_MMAPABLE);
	int r, fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, d->name, sizeof(uint32_t), kernel_value_size(d),
				   kernel_entries(d), &o);

	if (fd < 0) {
		r = -errno;
		return fail(e, r, "%s: no memory for chunk %u (%zu kB): %s", d->name, i,
			    (size_t)d->entries * d->value_size >> 10, strerror(-r));
	}
	r = chunk_pin(e, d, i, fd);
	if (r)
		fail(e, r, "%s: chunk %u cannot be pinned in %s/chunks: %s", d->name, i, e->pin_dir, strerror(-r));
	else
		r = d->rests ? 0 : chunk_map(d, i, fd);
	if (!r)
		return fd;
	close(fd);
	return r;
}

static void chunk_unmake(const struct elvs *e, struct dir *d, uint32_t i, int fd)
{
	char path[512];

	if (e->pin_dir) {
		chunk_path(e, d, i, path, sizeof(path));
		unlink(path);
	}
	chunk_unmap(d, i);
	close(fd);
}

/*
 * Shows n chunks to the data plane. Every update of a map of maps waits for an RCU grace period, some 10 ms, so all
 * of them go in one batch; kernels before 6.8 wait for each all the same.
 */
static int chunks_insert(struct dir *d, uint32_t first, const int *fd, uint32_t n)
{
	uint32_t index[GROW_BATCH], count = n;
	LIBBPF_OPTS(bpf_map_batch_opts, o);

	for (uint32_t i = 0; i < n; i++)
		index[i] = first + i;
	if (n > 1 && !bpf_map_update_batch(d->fd, index, fd, &count, &o))
		return 0;
	for (uint32_t i = 0; i < n; i++) /* also those that a broken-off batch did: harmless */
		if (bpf_map_update_elem(d->fd, &index[i], &fd[i], BPF_ANY))
			return -errno;
	return 0;
}

static int grow_batch(struct elvs *e, struct dir *d, uint32_t n)
{
	uint32_t made = 0;
	int fd[GROW_BATCH], r = 0;

	while (made < n && r >= 0) {
		r = chunk_make(e, d, d->count + made);
		if (r >= 0)
			fd[made++] = r;
	}
	if (made) { /* what could be had counts, even if it is less than asked for */
		int err = chunks_insert(d, d->count, fd, made);

		if (err) {
			for (uint32_t i = 0; i < made; i++)
				chunk_unmake(e, d, d->count + i, fd[i]);
			return fail(e, err, "%s: chunks cannot be added: %s", d->name, strerror(-err));
		}
		for (uint32_t i = 0; i < made; i++)
			chunk_close(d, d->count + i, fd[i]);
		d->count += made;
	}
	return r < 0 ? r : 0;
}

int dir_grow(struct elvs *e, struct dir *d, uint32_t count)
{
	if (count > d->max)
		return fail(e, -ENOSPC, "%s: the limit of %u chunks of %u entries is reached", d->name, d->max,
			    d->entries);
	while (d->count < count) {
		uint32_t n = count - d->count;
		int r = grow_batch(e, d, n < GROW_BATCH ? n : GROW_BATCH);

		if (r)
			return r;
	}
	return 0;
}

/*
 * An update of a map of maps returns after an RCU grace period (maybe_wait_bpf_programs() in the kernel), because it
 * drops the map that stood there. Programs run under RCU: none that began earlier is left then.
 */
void dir_grace(struct dir *d)
{
	uint32_t zero = 0;

	if (d->count)
		bpf_map_update_elem(d->fd, &zero, &d->first_fd, BPF_ANY);
}

void dir_close(struct dir *d)
{
	for (uint32_t i = 0; d->chunk && i < d->count; i++) {
		chunk_unmap(d, i);
		if (d->inner_fd && i)
			close(d->inner_fd[i]);
	}
	if (d->chunk && d->first_fd >= 0)
		close(d->first_fd);
	free(d->chunk);
	free(d->inner_fd);
	memset(d, 0, sizeof(*d));
}
