/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tc - see tc.h. libbpf does the attaching; asking which other filters are there is rtnetlink's RTM_GETTFILTER.
 */
#include "internal.h"
#include "tc.h"

#include <bpf/libbpf.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

/* libbpf hands the kernel's sentence to its logger: keep the sentence only. */
static void shorten(char *why)
{
	char *begin = strstr(why, "Kernel error message: ");

	if (begin)
		memmove(why, begin + 22, strlen(begin + 22) + 1);
	else
		why[0] = '\0';
	why[strcspn(why, "\n")] = '\0';
}

static int filter_attach(uint32_t ifindex, enum bpf_tc_attach_point point, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, o, .handle = TC_HANDLE, .priority = TC_PRIORITY, .prog_fd = prog_fd,
		    .flags = BPF_TC_F_REPLACE);

	return bpf_tc_attach(&hook, &o);
}

int tc_attach(uint32_t ifindex, int in_fd, int out_fd, bool *ret_made, char *why, size_t size)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct bpf_silence silence;
	int r;

	bpf_silence_begin(&silence, why, size);
	r = bpf_tc_hook_create(&hook);
	if (!r)
		*ret_made = true;
	if (!r || r == -EEXIST) {
		why[0] = '\0';
		r = filter_attach(ifindex, BPF_TC_INGRESS, in_fd);
	}
	if (!r)
		r = filter_attach(ifindex, BPF_TC_EGRESS, out_fd);
	bpf_silence_end(&silence);
	shorten(why);
	return r;
}

int tc_attach_out(uint32_t ifindex, int fd, char *why, size_t size)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct bpf_silence silence;
	int r;

	bpf_silence_begin(&silence, why, size);
	r = bpf_tc_hook_create(&hook);
	if (!r || r == -EEXIST)
		r = filter_attach(ifindex, BPF_TC_EGRESS, fd);
	bpf_silence_end(&silence);
	shorten(why);
	return r;
}

/* ---- other filters ---- */

static int dump_begin(int fd, uint32_t ifindex, uint32_t parent)
{
	struct {
		struct nlmsghdr n;
		struct tcmsg t;
	} req = {
		.n = { .nlmsg_len = sizeof(req),
		       .nlmsg_type = RTM_GETTFILTER,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.t = { .tcm_family = AF_UNSPEC, .tcm_ifindex = ifindex, .tcm_parent = parent },
	};

	return send(fd, &req, sizeof(req), 0) < 0 ? -errno : 0;
}

/* A filter's line, not that of the chain or priority it stands in; ours has our handle and priority. */
static bool is_foreign(const struct nlmsghdr *n)
{
	const struct tcmsg *t = NLMSG_DATA(n);

	if (n->nlmsg_type != RTM_NEWTFILTER || !t->tcm_handle)
		return false;
	return t->tcm_handle != TC_HANDLE || TC_H_MAJ(t->tcm_info) >> 16 != TC_PRIORITY;
}

static int dump_read(int fd)
{
	char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	int foreign = 0;

	for (;;) {
		ssize_t got = recv(fd, buf, sizeof(buf), 0);

		if (got <= 0)
			return got ? -errno : -EPROTO;
		for (struct nlmsghdr *n = (void *)buf; NLMSG_OK(n, got); n = NLMSG_NEXT(n, got)) {
			if (n->nlmsg_type == NLMSG_DONE)
				return foreign;
			if (n->nlmsg_type == NLMSG_ERROR)
				return ((struct nlmsgerr *)NLMSG_DATA(n))->error;
			foreign += is_foreign(n);
		}
	}
}

int tc_foreign_filters(uint32_t ifindex)
{
	static const uint32_t parents[] = { TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
					    TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS) };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), sum = 0;

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(parents) && sum >= 0; i++) {
		int r = dump_begin(fd, ifindex, parents[i]);

		if (!r)
			r = dump_read(fd);
		sum = r < 0 ? r : sum + r;
	}
	close(fd);
	return sum;
}

void tc_detach(uint32_t ifindex, bool made_clsact)
{
	static const enum bpf_tc_attach_point points[] = { BPF_TC_INGRESS, BPF_TC_EGRESS };
	struct bpf_silence silence;
	char quiet[64];

	bpf_silence_begin(&silence, quiet, sizeof(quiet));
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = points[i]);
		LIBBPF_OPTS(bpf_tc_opts, o, .handle = TC_HANDLE, .priority = TC_PRIORITY);

		bpf_tc_detach(&hook, &o);
	}
	if (made_clsact && !tc_foreign_filters(ifindex)) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

		bpf_tc_hook_destroy(&hook);
	}
	bpf_silence_end(&silence);
}
