/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tap - one set of capturing programs for each program of the data plane, all writing to one perf buffer (tap.h).
 * The two sides of a packet come in order on its CPU and carry the same number.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "capture.skel.h"
#include "tap.h"

#define TAPS 4
#define PAGES 128	/* of each CPU's buffer */
#define HOOKS 3

struct half {
	bool valid;
	struct capture_event event;
	uint8_t *data;		/* snap_len bytes */
};

struct tap {
	struct tap_options o;
	struct capture_bpf *skel[TAPS];
	size_t taps;
	struct perf_buffer *buffer;
	struct half *half;	/* [cpu][hook] */
	int cpus;
	int stop;		/* what packet() returned */
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

static void hand_over(struct tap *t, const struct half *before, const struct capture_event *after, const uint8_t *data)
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
	const struct capture_event *e = sample;
	struct tap *t = ctx;
	struct half *h;

	if (size < sizeof(*e) || e->captured_len > size - sizeof(*e))
		return;
	h = half_of(t, e);
	if (!h)
		return;
	if (!e->after) {
		if (h->valid)
			hand_over(t, h, NULL, NULL);
		h->event = *e;
		if (h->event.captured_len > t->o.snap_len)
			h->event.captured_len = t->o.snap_len;
		memcpy(h->data, e + 1, h->event.captured_len);
		h->valid = true;
		return;
	}
	if (h->valid && h->event.id != e->id)
		hand_over(t, h, NULL, NULL);
	hand_over(t, h->valid && h->event.id == e->id ? h : NULL, e, (const uint8_t *)(e + 1));
	h->valid = false;
}

static void on_lost(void *ctx, int cpu, __u64 n)
{
	struct tap *t = ctx;

	t->lost += n;
}

int tap_poll(struct tap *t, int timeout_ms)
{
	int r = perf_buffer__poll(t->buffer, timeout_ms);

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

/* ---- attaching ---- */

static int silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return 0;
}

/* The data plane's map of per-CPU notes, found through the program; -errno: go without verdicts */
static int cpus_map(int prog_fd)
{
	__u32 ids[64] = {}, len = sizeof(struct bpf_prog_info), i;
	struct bpf_prog_info info = { .nr_map_ids = 64, .map_ids = (uintptr_t)ids };

	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len) < 0)
		return -errno;
	for (i = 0; i < info.nr_map_ids && i < 64; i++) {
		struct bpf_map_info mi = {};
		__u32 mlen = sizeof(mi);
		int fd = bpf_map_get_fd_by_id(ids[i]);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &mi, &mlen) == 0 && strcmp(mi.name, "cpus") == 0)
			return fd;
		close(fd);
	}
	return -ENOENT;
}

static const struct {
	const char *name, *function;
	enum capture_hook hook;
} kinds[] = {
	{ "xdp", "elvs_xdp", CAPTURE_XDP },
	{ "xdp.frags", "elvs_xdp_frags", CAPTURE_XDP },
	{ "tc_in", "elvs_tc_in", CAPTURE_TC_IN },
	{ "tc_out", "elvs_tc_out", CAPTURE_TC_OUT },
};

static int configure(struct tap *t, struct capture_bpf *s, int target, const char *function, enum capture_hook hook)
{
	bool xdp = hook == CAPTURE_XDP;
	int cpus = cpus_map(target), r = 0;

	bpf_program__set_autoload(s->progs.capture_xdp_before, xdp);
	bpf_program__set_autoload(s->progs.capture_xdp_after, xdp);
	bpf_program__set_autoload(s->progs.capture_skb_before, !xdp);
	bpf_program__set_autoload(s->progs.capture_skb_after, !xdp);
	r = bpf_program__set_attach_target(xdp ? s->progs.capture_xdp_before : s->progs.capture_skb_before, target,
					   function);
	if (r == 0)
		r = bpf_program__set_attach_target(xdp ? s->progs.capture_xdp_after : s->progs.capture_skb_after, target,
						   function);
	if (r == 0 && cpus >= 0)
		r = bpf_map__reuse_fd(s->maps.cpus, cpus);
	if (cpus >= 0)
		close(cpus);
	if (r == 0 && t->taps > 0) {
		r = bpf_map__reuse_fd(s->maps.events, bpf_map__fd(t->skel[0]->maps.events));
		if (r == 0)
			r = bpf_map__reuse_fd(s->maps.current, bpf_map__fd(t->skel[0]->maps.current));
	}
	s->rodata->snap_len = t->o.snap_len;
	s->rodata->hook = (uint8_t)hook;
	return r;
}

static int tap_one(struct tap *t, const struct tap_program *p, char *why, size_t why_size)
{
	struct capture_bpf *s;
	int target, r;
	size_t k;

	for (k = 0; k < TAPS && strcmp(kinds[k].name, p->name) != 0; k++)
		;
	if (k == TAPS || t->taps == TAPS)
		return 0;
	target = bpf_prog_get_fd_by_id(p->id);
	if (target < 0)
		return fail(why, why_size, -errno, errno == EPERM ?
			    "reaching the running program takes CAP_SYS_ADMIN (program %u)" :
			    "the director's program %u has gone: has it just been replaced? Try again", p->id);
	s = capture_bpf__open();
	r = s ? configure(t, s, target, kinds[k].function, kinds[k].hook) : -errno;
	if (r == 0)
		r = capture_bpf__load(s);
	close(target);
	if (r == 0) {
		t->skel[t->taps++] = s;
		r = capture_bpf__attach(s);
		if (r == 0)
			return 0;
	} else {
		capture_bpf__destroy(s);
	}
	return fail(why, why_size, r, r == -EPERM ? "the kernel does not let us look at %s: CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN are needed" :
						     "the kernel does not let us look at %s: %s", kinds[k].function, strerror(-r));
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

int tap_open(struct tap **ret, const struct tap_options *o, const struct tap_program *programs, size_t n, char *why,
	     size_t why_size)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct tap *t = calloc(1, sizeof(*t));
	size_t i;
	int r;

	if (!t)
		return fail(why, why_size, -ENOMEM, "out of memory");
	t->o = *o;
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(silent);
	r = alloc_halves(t);
	if (r < 0)
		fail(why, why_size, r, "%s", strerror(-r));
	for (i = 0; i < n && r == 0; i++)
		r = tap_one(t, &programs[i], why, why_size);
	if (r == 0 && t->taps == 0)
		r = fail(why, why_size, -ENOENT, "the director has no program loaded yet: it attaches with the first service");
	if (r == 0) {
		t->buffer = perf_buffer__new(bpf_map__fd(t->skel[0]->maps.events), PAGES, on_sample, on_lost, t, NULL);
		if (!t->buffer)
			r = fail(why, why_size, -errno, "cannot make the buffer for packets: %s", strerror(errno));
	}
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
	for (i = (int)t->taps; i-- > 0;)
		capture_bpf__destroy(t->skel[i]);
	perf_buffer__free(t->buffer);
	for (i = 0; t->half && i < t->cpus * HOOKS; i++)
		free(t->half[i].data);
	free(t->half);
	free(t);
}
