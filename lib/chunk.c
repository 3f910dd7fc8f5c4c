/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chunk - a map of arrays ("dir"): its chunks are arrays of equal size, made when they are needed and mapped into
 * this process once. Chunks are never removed.
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

static int chunk_map(struct elvs *e, struct dir *d, uint32_t i, int fd)
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
	d->chunk[i] = map_mmap(fd, (size_t)entries * value_size);
	if (!d->chunk[i]) {
		r = -errno;
		return fail(e, r, "%s: chunk %u cannot be mapped: %s", d->name, i, strerror(-r));
	}
	return 0;
}

/* The mapping keeps a chunk alive; only the first one's descriptor is needed further. */
static void chunk_close(struct dir *d, uint32_t i, int fd)
{
	if (i)
		close(fd);
	else
		d->first_fd = fd;
}

int dir_open(struct elvs *e, struct dir *d, int fd, const char *name, uint32_t value_size, uint32_t entries,
	     bool whole)
{
	int r = map_info(fd, NULL, NULL, &d->max);

	d->fd = fd;
	d->first_fd = -1;
	d->name = name;
	d->value_size = value_size;
	d->entries = entries;
	d->whole = whole;
	if (r)
		return fail(e, r, "%s: %s", name, strerror(-r));
	d->chunk = calloc(d->max, sizeof(*d->chunk));
	if (!d->chunk)
		return fail(e, -ENOMEM, "%s: out of memory", name);
	for (; d->count < d->max; d->count++) {
		int inner = chunk_fd(e, d, d->count);

		if (inner == -ENOENT)
			return 0;
		if (inner < 0)
			return fail(e, inner, "%s: chunk %u cannot be opened: %s%s", name, d->count, strerror(-inner),
				    inner == -EPERM ? " (it is not pinned: taking it over needs CAP_SYS_ADMIN)" : "");
		r = chunk_map(e, d, d->count, inner);
		chunk_close(d, d->count, inner);
		if (r)
			return r;
	}
	return 0;
}

/* Makes and maps chunk i, not yet seen by the data plane. Returns its descriptor. */
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
		r = chunk_map(e, d, i, fd);
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
	munmap(d->chunk[i], (size_t)d->entries * d->value_size);
	d->chunk[i] = NULL;
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
	for (uint32_t i = 0; d->chunk && i < d->count; i++)
		munmap(d->chunk[i], (size_t)d->entries * d->value_size);
	if (d->chunk && d->first_fd >= 0)
		close(d->first_fd);
	free(d->chunk);
	memset(d, 0, sizeof(*d));
}
