/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame - writes a flow's headers into a frame, in the stores that shared.h lays down. For BPF programs.
 */
#ifndef ELVS_BENCH_FRAME_BPF_H
#define ELVS_BENCH_FRAME_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "shared.h"

#define PUT64(off, v) (*(volatile __u64 *)(p + (off)) = (v))
#define PUT32(off, v) (*(volatile __u32 *)(p + (off)) = (v))

static __always_inline int write_v4(void *p, void *end, const struct bench_run *run, const struct bench_flow *f)
{
	__u64 ports = f->sport | (__u32)f->dport << 16;

	if (p + 54 > end)
		return -1;
	PUT64(6, run->word[0]);
	PUT64(0, run->word[1]);
	PUT64(14, run->word[2]);
	PUT64(22, run->word[3] | (__u64)f->ip_csum << 16);
	PUT64(26, f->saddr | (__u64)f->daddr << 32);
	if (run->udp) {
		PUT64(34, ports | run->word[5] | (__u64)f->l4_csum << 48);
		return 0;
	}
	PUT64(34, ports | run->word[5]);
	PUT64(42, run->word[6]);
	PUT32(50, f->l4_csum);
	return 0;
}

static __always_inline int write_v6(void *p, void *end, const struct bench_run *run, const struct bench_flow *f)
{
	__u64 ports = f->sport | (__u32)f->dport << 16;

	if (p + 74 > end)
		return -1;
	PUT64(6, run->word[0]);
	PUT64(0, run->word[1]);
	PUT64(14, run->word[2]);
	PUT64(22, run->word[3]);
	PUT64(30, run->word[4] | (__u64)f->saddr << 32);
	PUT64(38, run->word[5]);
	PUT64(46, run->word[6] | (__u64)f->daddr << 32);
	if (run->udp) {
		PUT64(54, ports | run->word[7] | (__u64)f->l4_csum << 48);
		return 0;
	}
	PUT64(54, ports | run->word[7]);
	PUT64(62, run->word[8]);
	PUT32(70, f->l4_csum);
	return 0;
}

/* 0, or -1: the frame is too short */
static __always_inline int write_frame(void *p, void *end, const struct bench_run *run, const struct bench_flow *f)
{
	return run->v6 ? write_v6(p, end, run, f) : write_v4(p, end, run, f);
}

#endif
