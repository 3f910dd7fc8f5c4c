/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tap - takes the lease of a capture and reads its perf buffer (tap.h). The two sides of a packet come one after the
 * other on its CPU.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tap.h"

#define PAGES 128 /* of each CPU's buffer */
#define HOOKS 3
#define MAPS_MAX 64

struct half {
	bool valid;
	struct capture_event event;
	uint8_t *data; /* snap_len bytes */
};

struct tap {
	struct tap_options o;
	int lock_fd;
	int map_fd; /* perf event array */
	volatile uint32_t *clock;
	volatile struct capture_lease *lease;
	size_t mapped; /* bytes mapped at clock */
	struct perf_buffer *buffer;
	struct half *half; /* [cpu][hook] */
	int cpus;
	int stop; /* what packet() returned */
	uint64_t lost;
};

__attribute__((format(printf, 4, 5))) static int fail(char *why, size_t size, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return error;
}

/* ---- what comes out of the buffer ---- */

static struct half *half_of(struct tap *t, const struct capture_event *e)
{
	if (e->cpu >= (uint32_t)t->cpus || e->hook >= HOOKS)
		return NULL;
	return &t->half[e->cpu * HOOKS + e->hook];
}

static void hand_over(struct tap *t, const struct half *before, const struct capture_event *after,
		      const uint8_t *data)
{
	struct tap_packet p = { .after = after, .after_data = data };

	if (before) {
		p.before = &before->event;
		p.before_data = before->data;
	}
	if (!t->stop)
		t->stop = t->o.packet(t->o.arg, &p);
}

static void on_sample(void *ctx, int cpu, void *sample, __u32 size)
{
	const uint8_t *data = (const uint8_t *)sample + sizeof(struct capture_event);
	struct capture_event e;
	struct tap *t = ctx;
	struct half *h;

	if (size < sizeof(e))
		return;
	memcpy(&e, sample, sizeof(e)); /* samples lie on 4 bytes */
	h = half_of(t, &e);
	if (!h || e.captured_len > size - sizeof(e))
		return;
	if (e.after) {
		hand_over(t, h->valid ? h : NULL, &e, data);
		h->valid = false;
		return;
	}
	if (h->valid) /* its second half was lost */
		hand_over(t, h, NULL, NULL);
	h->event = e;
	if (h->event.captured_len > t->o.snap_len)
		h->event.captured_len = t->o.snap_len;
	memcpy(h->data, data, h->event.captured_len);
	h->valid = true;
}

/* Halves of which the other may have been lost are not put together. */
static void on_lost(void *ctx, int cpu, __u64 n)
{
	struct tap *t = ctx;
	int i;

	t->lost += n;
	for (i = 0; cpu < t->cpus && i < HOOKS; i++) {
		struct half *h = &t->half[cpu * HOOKS + i];

		if (h->valid)
			hand_over(t, h, NULL, NULL);
		h->valid = false;
	}
}

static void renew(struct tap *t)
{
	uint32_t until = *t->clock + CAPTURE_LEASE_TICKS;

	t->lease->until = until ? until : 1;
}

int tap_poll(struct tap *t, int timeout_ms)
{
	int r;

	renew(t);
	r = perf_buffer__poll(t->buffer, timeout_ms);
	if (r < 0 && r != -EINTR)
		return r;
	return t->stop;
}

void tap_flush(struct tap *t)
{
	int i;

	for (i = 0; i < t->cpus * HOOKS; i++) {
		if (t->half[i].valid)
			hand_over(t, &t->half[i], NULL, NULL);
		t->half[i].valid = false;
	}
}

uint64_t tap_lost(const struct tap *t)
{
	return t->lost;
}

/* ---- beginning and end ---- */

/* The name belongs to the network namespace and goes with the process: a lock that no crash leaves behind. */
static int take_lock(struct tap *t, char *why, size_t why_size)
{
	static const char name[] = "\0elvs-capture";
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	memcpy(sa.sun_path, name, sizeof(name));
	t->lock_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (t->lock_fd < 0)
		return fail(why, why_size, -errno, "cannot make a socket: %s", strerror(errno));
	if (bind(t->lock_fd, (struct sockaddr *)&sa, (socklen_t)(sizeof(sa_family_t) + sizeof(name))) < 0)
		return fail(why, why_size, -errno, "another elvs capture runs in this network namespace");
	return 0;
}

static int map_settings(struct tap *t, int fd, const struct bpf_map_info *info)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;

	if (info->value_size < CAPTURE_LEASE_OFFSET + sizeof(*t->lease))
		return -EPROTO;
	t->mapped = (info->value_size + page - 1) / page * page;
	p = mmap(NULL, t->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	t->clock = p;
	t->lease = (void *)((char *)p + CAPTURE_LEASE_OFFSET);
	return 0;
}

/* Takes the map if it is one of ours. 0 or -errno; closes fd unless kept. */
static int look_at_map(struct tap *t, int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int r = 0;

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		r = -errno;
	else if (strcmp(info.name, CAPTURE_BUFFER_MAP) == 0 && t->map_fd < 0) {
		t->map_fd = fd;
		return 0;
	} else if (strcmp(info.name, CAPTURE_SETTINGS_MAP) == 0 && !t->lease)
		r = map_settings(t, fd, &info);
	close(fd);
	return r;
}

static int find_maps(struct tap *t, uint32_t program, char *why, size_t why_size)
{
	__u32 ids[MAPS_MAX] = {}, len = sizeof(struct bpf_prog_info), i;
	struct bpf_prog_info info = { .nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids };
	int prog = bpf_prog_get_fd_by_id(program), fd, r;

	if (prog < 0)
		return fail(why, why_size, -errno,
			    errno == EPERM
				    ? "reaching the running program takes CAP_SYS_ADMIN (program %u)"
				    : "the director's program %u has gone: has it just been replaced? Try again",
			    program);
	r = bpf_obj_get_info_by_fd(prog, &info, &len) < 0 ? -errno : 0;
	close(prog);
	for (i = 0; r == 0 && i < info.nr_map_ids && i < MAPS_MAX; i++) {
		fd = bpf_map_get_fd_by_id(ids[i]);
		r = fd < 0 ? -errno : look_at_map(t, fd);
	}
	if (r == 0 && (!t->lease || t->map_fd < 0))
		r = -EPROTO;
	if (r == -EPROTO)
		return fail(why, why_size, r,
			    "the running director is of another version, which this program cannot capture from");
	return r < 0 ? fail(why, why_size, r, "cannot open the director's maps: %s", strerror(-r)) : 0;
}

static int alloc_halves(struct tap *t)
{
	int i;

	t->cpus = libbpf_num_possible_cpus();
	if (t->cpus < 1)
		return t->cpus < 0 ? t->cpus : -EINVAL;
	t->half = calloc((size_t)t->cpus * HOOKS, sizeof(*t->half));
	if (!t->half)
		return -ENOMEM;
	for (i = 0; i < t->cpus * HOOKS; i++) {
		t->half[i].data = malloc(t->o.snap_len);
		if (!t->half[i].data)
			return -ENOMEM;
	}
	return 0;
}

static int silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return 0;
}

static int begin(struct tap *t, uint32_t program, char *why, size_t why_size)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int r;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(silent);
	r = take_lock(t, why, why_size);
	if (r == 0)
		r = find_maps(t, program, why, why_size);
	if (r < 0)
		return r;
	r = alloc_halves(t);
	if (r < 0)
		return fail(why, why_size, r, "%s", strerror(-r));
	t->buffer = perf_buffer__new(t->map_fd, PAGES, on_sample, on_lost, t, NULL);
	if (!t->buffer)
		return fail(why, why_size, -errno, "cannot make the buffer for packets: %s%s", strerror(errno),
			    errno == EACCES || errno == EPERM ? " (CAP_PERFMON is needed)" : "");
	t->lease->snap = t->o.snap_len;
	renew(t);
	return 0;
}

int tap_open(struct tap **ret, const struct tap_options *o, uint32_t program, char *why, size_t why_size)
{
	struct tap *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return fail(why, why_size, -ENOMEM, "out of memory");
	t->o = *o;
	t->lock_fd = t->map_fd = -1;
	r = begin(t, program, why, why_size);
	if (r < 0) {
		tap_close(t);
		return r;
	}
	*ret = t;
	return 0;
}

void tap_close(struct tap *t)
{
	int i;

	if (!t)
		return;
	if (t->buffer) /* whoever has the buffer has the lease */
		t->lease->until = 0;
	perf_buffer__free(t->buffer);
	if (t->clock)
		munmap((void *)t->clock, t->mapped);
	if (t->map_fd >= 0)
		close(t->map_fd);
	if (t->lock_fd >= 0)
		close(t->lock_fd);
	for (i = 0; t->half && i < t->cpus * HOOKS; i++)
		free(t->half[i].data);
	free(t->half);
	free(t);
}
