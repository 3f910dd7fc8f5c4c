// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wrapper - see wrapper.h and wrap.bpf.c.
 */
#include "wrapper.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sample.h"
#include "wrap.skel.h"

#define CHUNK 512

int wrapper_open(struct wrapper *w, enum bench_hook hook, uint32_t capacity)
{
	long page = sysconf(_SC_PAGESIZE);
	size_t bytes = ((size_t)capacity * sizeof(*w->flows) + page - 1) / page * page;
	int r;

	memset(w, 0, sizeof(*w));
	w->hook = hook;
	w->capacity = capacity;
	w->skel = wrap_bpf__open();
	if (!w->skel)
		return -errno;
	bpf_map__set_max_entries(w->skel->maps.flows, capacity);
	r = wrap_bpf__load(w->skel);
	if (!r) {
		w->flows = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(w->skel->maps.flows), 0);
		r = w->flows == MAP_FAILED ? -errno : 0;
	}
	if (r)
		wrap_bpf__destroy(w->skel);
	return r;
}

void wrapper_close(struct wrapper *w)
{
	/* The mapping goes with the process: a bench runs one cell and ends. */
	wrap_bpf__destroy(w->skel);
	w->skel = NULL;
}

static int set_slot(struct wrapper *w, uint32_t slot, int prog_fd)
{
	struct bpf_map *map = w->hook == BENCH_XDP ? w->skel->maps.target_xdp : w->skel->maps.target_tc;

	return bpf_map_update_elem(bpf_map__fd(map), &slot, &prog_fd, BPF_ANY) ? -errno : 0;
}

/* One syscall; out may be NULL. Returns the program's verdict or -errno. */
static int prog_run(const struct wrapper *w, int fd, const uint8_t *in, size_t in_len, uint8_t *out, size_t *out_len,
		    uint64_t repeat)
{
	struct xdp_md xdp = { .data_end = in_len, .ingress_ifindex = w->ifindex };
	struct __sk_buff skb = { .ifindex = w->ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = in, .data_size_in = in_len, .repeat = repeat);
	int r;

	if (out) {
		o.data_out = out;
		o.data_size_out = BENCH_FRAME_MAX;
	}
	if (w->ifindex) {
		o.ctx_in = w->hook == BENCH_XDP ? (void *)&xdp : (void *)&skb;
		o.ctx_size_in = w->hook == BENCH_XDP ? sizeof(xdp) : sizeof(skb);
	}
	r = bpf_prog_test_run_opts(fd, &o);
	if (r)
		return r;
	if (out)
		*out_len = o.data_size_out;
	return o.retval;
}

static int wrapper_fd(const struct wrapper *w)
{
	return bpf_program__fd(w->hook == BENCH_XDP ? w->skel->progs.wrap_xdp : w->skel->progs.wrap_tc);
}

static void prepare(struct wrapper *w, const struct flow_kind *k, uint32_t first, uint32_t n, uint64_t count)
{
	struct bench_run *run = &w->skel->bss->run;

	memset(run, 0, sizeof(*run));
	flow_template(run, k);
	run->first = first;
	run->flows = n;
	run->count = count;
	run->chunk = CHUNK;
	while (count / run->chunk * 2 > BENCH_STAMPS - 4)
		run->chunk *= 2;
	run->next[BENCH_NULL] = n / 2;
}

/* Runs what was prepared; once more than there are packets, since the last call only takes the time. */
static int run_prepared(struct wrapper *w, const struct flow_kind *k, uint8_t *last, size_t *last_len)
{
	const struct bench_run *run = &w->skel->bss->run;
	uint64_t chunks = (run->count + run->chunk - 1) / run->chunk;
	uint64_t calls = run->count + 1 + (run->paired ? chunks * run->chunk : 0);
	uint8_t frame[BENCH_FRAME_MAX];
	int r;

	/* the packet that would be next may be an empty program's: let that chunk pass */
	if (run->paired && run->count % run->chunk == 0)
		calls += run->chunk;
	r = prog_run(w, wrapper_fd(w), frame, flow_frame(frame, k, &w->flows[run->first]), last, last_len, calls);
	if (r < 0)
		return r;
	return run->done == run->count + 1 ? 0 : -EIO;
}

int wrapper_send(struct wrapper *w, int prog_fd, const struct flow_kind *k, uint32_t first, uint32_t n,
		 uint64_t count, uint8_t last[BENCH_FRAME_MAX], size_t *last_len)
{
	int r = set_slot(w, BENCH_TARGET, prog_fd);

	if (r)
		return r;
	prepare(w, k, first, n, count);
	return run_prepared(w, k, last, last_len);
}

/* Means out of the stamps: empty, target, empty, target, ... A last piece of less than half a chunk does not count. */
static void evaluate(const struct wrapper *w, struct wrapper_time *ret)
{
	static double raw[BENCH_STAMPS / 2], base[BENCH_STAMPS / 2], net[BENCH_STAMPS / 2];
	const struct bench_run *run = &w->skel->bss->run;
	const __u64 *stamp = w->skel->bss->stamps;
	size_t n = 0;

	for (uint64_t at = 0; at < run->count; at += run->chunk, stamp += 2) {
		uint64_t packets = run->count - at < run->chunk ? run->count - at : run->chunk;

		if (packets * 2 < run->chunk && n)
			break;
		base[n] = (double)(stamp[1] - stamp[0]) / run->chunk;
		raw[n] = (double)(stamp[2] - stamp[1]) / packets;
		net[n] = raw[n] - base[n];
		n++;
	}
	ret->raw = sample_trimmed_mean(raw, n);
	ret->base = sample_trimmed_mean(base, n);
	ret->net = sample_trimmed_mean(net, n);
}

int wrapper_time(struct wrapper *w, int prog_fd, int null_fd, const struct flow_kind *k, uint32_t first, uint32_t n,
		 uint64_t count, struct wrapper_time *ret)
{
	int r = set_slot(w, BENCH_TARGET, prog_fd);

	if (!r)
		r = set_slot(w, BENCH_NULL, null_fd);
	if (r)
		return r;
	prepare(w, k, first, n, count);
	w->skel->bss->run.paired = 1;
	r = run_prepared(w, k, NULL, NULL);
	if (!r)
		evaluate(w, ret);
	return r;
}

int wrapper_frame(struct wrapper *w, int null_fd, const struct flow_kind *k, uint32_t at,
		  uint8_t ret_frame[BENCH_FRAME_MAX])
{
	uint8_t frame[BENCH_FRAME_MAX] = { 0 };
	size_t len;
	int r;

	r = set_slot(w, BENCH_TARGET, null_fd);
	if (r)
		return r;
	prepare(w, k, at, 1, 1);
	len = w->skel->bss->run.len;
	frame[12] = k->v6 ? 0x86 : 0x08; /* for a TC program the kernel wants to know the protocol */
	frame[13] = k->v6 ? 0xdd : 0x00;
	r = prog_run(w, wrapper_fd(w), frame, len, ret_frame, &len, 1);
	return r < 0 ? r : (int)len;
}

int wrapper_once(const struct wrapper *w, int prog_fd, uint8_t frame[BENCH_FRAME_MAX], size_t *len)
{
	uint8_t out[BENCH_FRAME_MAX];
	int r = prog_run(w, prog_fd, frame, *len, out, len, 1);

	if (r >= 0)
		memcpy(frame, out, *len);
	return r;
}
