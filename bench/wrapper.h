/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wrapper - drives wrap.bpf.c: fresh packets into a target, and how long each took.
 */
#ifndef ELVS_BENCH_WRAPPER_H
#define ELVS_BENCH_WRAPPER_H

#include "flows.h"

enum bench_hook { BENCH_XDP, BENCH_TC };

struct wrapper {
	struct wrap_bpf *skel;
	struct bench_flow *flows; /* mapped; capacity of them */
	uint32_t capacity;
	enum bench_hook hook;
	uint32_t ifindex; /* that the packets come in by */
};

/* 0 or -errno. On success the caller closes. */
int wrapper_open(struct wrapper *w, enum bench_hook hook, uint32_t capacity);
void wrapper_close(struct wrapper *w);

/*
 * Sends count packets of the flows first .. first + n - 1 to the program behind prog_fd. last: NULL, or where the
 * target's answer to the last of them goes, *last_len bytes.
 */
int wrapper_send(struct wrapper *w, int prog_fd, const struct flow_kind *k, uint32_t first, uint32_t n,
		 uint64_t count, uint8_t last[BENCH_FRAME_MAX], size_t *last_len);

/* ns per packet, wrapper included; net: the target's time minus the empty program's just before it */
struct wrapper_time {
	double raw, base, net;
};

/*
 * The same, with chunks of packets to the empty program (null_fd) in between, and timed: trimmed means over the
 * chunks.
 */
int wrapper_time(struct wrapper *w, int prog_fd, int null_fd, const struct flow_kind *k, uint32_t first, uint32_t n,
		 uint64_t count, struct wrapper_time *ret);

/* What the wrapper writes for flow number `at`, as a target would see it. Returns its length or -errno. */
int wrapper_frame(struct wrapper *w, int null_fd, const struct flow_kind *k, uint32_t at,
		  uint8_t ret_frame[BENCH_FRAME_MAX]);

/* One frame through a program, without the wrapper. *len: in and out. Returns the program's verdict or -errno. */
int wrapper_once(const struct wrapper *w, int prog_fd, uint8_t frame[BENCH_FRAME_MAX], size_t *len);

#endif
