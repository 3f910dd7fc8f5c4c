/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decap - puts the decapsulating program (bpf/decap.bpf.c) on an interface of a real server, and takes it off.
 *
 * The program is held by the interface (netlink attachment), not by a pin: no bpffs is needed, and nothing of ours
 * keeps running. Its maps are filled before it is attached; when the set of virtual addresses changes, a new
 * program takes the old one's place in one step. Which attachment is ours is known by the program's id, which the
 * journal holds before the program is attached.
 * TC on virtual devices, whose frames may carry partial checksums that only a socket buffer remembers; native XDP on
 * hardware that has it, else TC. Never generic XDP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "change.h"
#include "decap.h"
#include "decap.skel.h"
#include "nl.h"

#define DECAP_TC_PRIORITY 47 /* behind the director's own programs: they leave alone what is not theirs */
#define DECAP_TC_HANDLE 1

/* ---- which attachment is ours ---- */

static bool is_ours(const json_t *c, uint32_t prog_id)
{
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(c, "progs"), i, v)
	{
		if ((uint32_t)json_integer_value(v) == prog_id)
			return true;
	}
	return false;
}

static uint32_t tc_prog_id(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = DECAP_TC_HANDLE, .priority = DECAP_TC_PRIORITY);

	return bpf_tc_query(&hook, &opts) == 0 ? opts.prog_id : 0;
}

static uint32_t xdp_prog_id(uint32_t ifindex)
{
	uint32_t id = 0;

	return bpf_xdp_query_id((int)ifindex, 0, &id) == 0 ? id : 0;
}

/* The id is noted before the program is attached: whatever happens then, undo knows it again. */
static int note_prog(struct journal *j, json_t *c, int prog_fd, bool only)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	json_t *progs = json_object_get(c, "progs");

	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len) < 0)
		return journal_fail(j, -errno, "cannot ask for the program's id: %s", strerror(errno));
	if (!progs) {
		progs = json_array();
		json_object_set_new(c, "progs", progs);
	}
	if (only)
		json_array_clear(progs);
	json_array_append_new(progs, json_integer(info.id));
	return journal_write(j);
}

/* ---- filling ---- */

struct fill {
	int map;
	const json_t *users; /* whose addresses are virtual, not local */
	int error;
};

static struct decap_addr to_key(const struct vip *v)
{
	struct decap_addr key = { .family = v->af == AF_INET ? 4 : 6 };

	memcpy(key.addr, v->addr, vip_bytes(v));
	return key;
}

/* "realserver ADDRESS" -> ADDRESS */
static bool user_vip(const char *user, struct vip *ret)
{
	const char *why, *space = user ? strchr(user, ' ') : NULL;

	return space && vip_parse(ret, space + 1, &why) == 0;
}

static bool is_vip(const json_t *users, const struct vip *addr)
{
	struct vip v;
	json_t *u;
	size_t i;

	json_array_foreach(users, i, u)
	{
		if (user_vip(json_string_value(u), &v) && vip_same_addr(&v, addr))
			return true;
	}
	return false;
}

static int add_local(void *arg, const struct nl_addr *a)
{
	struct fill *f = arg;
	struct decap_addr key = to_key(&a->addr);
	uint8_t one = 1;

	if (is_vip(f->users, &a->addr) || (a->addr.af == AF_INET && a->addr.addr[0] == 127) ||
	    (a->addr.af == AF_INET6 && IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)a->addr.addr)))
		return 0;
	return bpf_map_update_elem(f->map, &key, &one, BPF_ANY) < 0 ? -errno : 0;
}

static int fill_maps(struct journal *j, const json_t *c, struct decap_bpf *skel)
{
	const json_t *users = json_object_get(c, "users");
	struct fill f = { .map = bpf_map__fd(skel->maps.locals), .users = users };
	struct decap_addr key;
	struct vip v;
	uint8_t one = 1;
	json_t *u;
	size_t i;
	int r;

	r = nl_addrs(add_local, &f);
	if (r < 0)
		return journal_fail(j, r, "cannot tell the decapsulating program this host's addresses: %s",
				    strerror(-r));
	json_array_foreach(users, i, u)
	{
		if (!user_vip(json_string_value(u), &v))
			continue;
		key = to_key(&v);
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.vips), &key, &one, BPF_ANY) < 0)
			return journal_fail(
				j, -errno,
				"cannot tell the decapsulating program its virtual addresses (at most %u): %s",
				bpf_map__max_entries(skel->maps.vips), strerror(errno));
	}
	return 0;
}

/* ---- attaching ---- */

static int attach_xdp(struct journal *j, json_t *c, const struct nl_link *l, struct decap_bpf *skel)
{
	int fd = bpf_program__fd(skel->progs.elvs_decap_xdp), r;
	uint32_t there = xdp_prog_id(l->ifindex);

	if (there && !is_ours(c, there))
		return journal_fail(j, -EBUSY, "%s has another XDP program (id %u); --hook tc works beside it",
				    l->name, there);
	r = note_prog(j, c, fd, false);
	if (r < 0)
		return r;
	r = bpf_xdp_attach((int)l->ifindex, fd, XDP_FLAGS_DRV_MODE | (there ? 0 : XDP_FLAGS_UPDATE_IF_NOEXIST), NULL);
	if (r < 0)
		return journal_fail(j, r, "%s does not take an XDP program (%s); --hook tc does without", l->name,
				    strerror(-r));
	return note_prog(j, c, fd, true);
}

static int attach_tc(struct journal *j, json_t *c, const struct nl_link *l, struct decap_bpf *skel)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)l->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = DECAP_TC_HANDLE, .priority = DECAP_TC_PRIORITY,
		    .flags = BPF_TC_F_REPLACE);
	int fd = bpf_program__fd(skel->progs.elvs_decap_tc), r;
	uint32_t there;

	r = bpf_tc_hook_create(&hook);
	if (r < 0 && r != -EEXIST)
		return journal_fail(j, r, "cannot put a clsact queueing discipline on %s: %s", l->name, strerror(-r));
	there = tc_prog_id(l->ifindex);
	if (there && !is_ours(c, there))
		return journal_fail(j, -EBUSY,
				    "%s has a TC filter at priority %d already, which is not ours (program %u)",
				    l->name, DECAP_TC_PRIORITY, there);
	r = note_prog(j, c, fd, false);
	if (r < 0)
		return r;
	opts.prog_fd = fd;
	r = bpf_tc_attach(&hook, &opts);
	if (r < 0)
		return journal_fail(j, r, "cannot attach the decapsulating program to %s: %s", l->name, strerror(-r));
	return note_prog(j, c, fd, true);
}

static int silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return 0;
}

static int load(struct journal *j, bool xdp, struct decap_bpf **ret)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct decap_bpf *skel;
	int r;

	setrlimit(RLIMIT_MEMLOCK, &unlimited); /* only counts where memory is not charged to a cgroup */
	libbpf_set_print(silent);
	skel = decap_bpf__open();
	if (!skel)
		return journal_fail(j, -errno, "cannot open the decapsulating program: %s", strerror(errno));
	bpf_program__set_autoload(skel->progs.elvs_decap_xdp, xdp);
	bpf_program__set_autoload(skel->progs.elvs_decap_tc, !xdp);
	r = decap_bpf__load(skel);
	if (r < 0) {
		decap_bpf__destroy(skel);
		return journal_fail(
			j, r,
			r == -EPERM
				? "the kernel does not let us load a program: CAP_BPF and CAP_NET_ADMIN are needed"
				: "the kernel refuses the decapsulating program: %s",
			strerror(-r));
	}
	*ret = skel;
	return 0;
}

static int try_hook(struct journal *j, json_t *c, const struct nl_link *l, bool xdp)
{
	struct decap_bpf *skel = NULL;
	int r = load(j, xdp, &skel);

	if (r < 0)
		return r;
	r = fill_maps(j, c, skel);
	if (r >= 0)
		r = xdp ? attach_xdp(j, c, l, skel) : attach_tc(j, c, l, skel);
	decap_bpf__destroy(skel);
	return r;
}

static int decap_link(struct journal *j, const json_t *c, struct nl_link *l)
{
	int r = nl_link_by_name(l, change_str(c, "dev"));

	if (r < 0)
		return journal_fail(j, r, "there is no interface %s here", change_str(c, "dev"));
	if (l->type != ARPHRD_ETHER)
		return journal_fail(j, -EOPNOTSUPP, "%s is no Ethernet interface", l->name);
	return 0;
}

/* Always made anew: the set of addresses may have changed, and replacing the program loses no packet. */
static int decap_probe(struct journal *j, json_t *c)
{
	struct nl_link l;
	int r = decap_link(j, c, &l);

	if (r < 0)
		return r;
	r = nl_has_clsact(l.ifindex);
	if (r < 0)
		return journal_fail(j, r, "cannot list the queueing disciplines of %s: %s", l.name, strerror(-r));
	json_object_set_new(c, "clsact_was_there", json_boolean(r));
	return 0;
}

static void detach_xdp(const json_t *c, uint32_t ifindex)
{
	uint32_t id = xdp_prog_id(ifindex);

	if (id && is_ours(c, id))
		bpf_xdp_detach((int)ifindex, XDP_FLAGS_DRV_MODE, NULL);
}

static void detach_tc(const json_t *c, uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = DECAP_TC_HANDLE, .priority = DECAP_TC_PRIORITY);
	uint32_t id = tc_prog_id(ifindex);

	if (id && is_ours(c, id))
		bpf_tc_detach(&hook, &opts);
}

static int decap_make(struct journal *j, json_t *c)
{
	const char *want = change_str(c, "hook");
	struct nl_link l;
	int r = decap_link(j, c, &l);

	if (r < 0)
		return r;
	if (strcmp(want, "xdp") == 0 ||
	    (strcmp(want, "auto") == 0 && l.kind[0] == '\0' && xdp_prog_id(l.ifindex) == 0) ||
	    is_ours(c, xdp_prog_id(l.ifindex))) {
		r = try_hook(j, c, &l, true);
		if (r >= 0) {
			detach_tc(c, l.ifindex);
			return 0;
		}
		if (strcmp(want, "xdp") == 0)
			return r;
	}
	r = try_hook(j, c, &l, false);
	if (r >= 0 && strcmp(want, "tc") == 0)
		detach_xdp(c, l.ifindex);
	return r;
}

static int decap_undo(struct journal *j, json_t *c)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct nl_link l;
	int r = decap_link(j, c, &l);

	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return r;
	libbpf_set_print(silent);
	detach_xdp(c, l.ifindex);
	detach_tc(c, l.ifindex);
	if (json_is_true(json_object_get(c, "clsact_was_there")) || nl_has_clsact(l.ifindex) <= 0)
		return 0;
	if (nl_count_filters(l.ifindex) > 0) {
		journal_note(j, "the clsact queueing discipline of %s stays: somebody else has filters there",
			     l.name);
		return 0;
	}
	hook.ifindex = (int)l.ifindex;
	r = bpf_tc_hook_destroy(&hook);
	return r < 0 && r != -ENOENT ? journal_fail(j, r, "cannot remove clsact from %s: %s", l.name, strerror(-r))
				     : 0;
}

const struct change_kind change_decap_kind = { "decap", decap_probe, decap_make, decap_undo };

/* ---- looking in ---- */

static int counts_map(uint32_t prog_id)
{
	__u32 ids[8] = {}, len = sizeof(struct bpf_prog_info), i;
	struct bpf_prog_info info = { .nr_map_ids = 8, .map_ids = (uintptr_t)ids };
	int prog = bpf_prog_get_fd_by_id(prog_id), r;

	if (prog < 0)
		return prog;
	r = bpf_obj_get_info_by_fd(prog, &info, &len);
	close(prog);
	for (i = 0; r == 0 && i < info.nr_map_ids && i < 8; i++) {
		struct bpf_map_info mi = {};
		__u32 mlen = sizeof(mi);
		int fd = bpf_map_get_fd_by_id(ids[i]);

		if (fd < 0)
			return fd;
		if (bpf_obj_get_info_by_fd(fd, &mi, &mlen) == 0 && strcmp(mi.name, "counts") == 0)
			return fd;
		close(fd);
	}
	return -ENOENT;
}

int decap_status(const char *dev, const json_t *change, struct decap_status *ret)
{
	int cpus = libbpf_num_possible_cpus(), map, k;
	struct nl_link l;
	__u64 *values;
	__u32 i;

	*ret = (struct decap_status){};
	libbpf_set_print(silent);
	if (nl_link_by_name(&l, dev) < 0)
		return -ENODEV;
	ret->prog_id = xdp_prog_id(l.ifindex);
	ret->hook = "xdp";
	if (!ret->prog_id || !is_ours(change, ret->prog_id)) {
		ret->prog_id = tc_prog_id(l.ifindex);
		ret->hook = "tc";
	}
	if (!ret->prog_id || !is_ours(change, ret->prog_id))
		return -ENOENT;
	map = counts_map(ret->prog_id);
	values = cpus > 0 ? calloc((size_t)cpus, sizeof(*values)) : NULL;
	if (map >= 0 && values) {
		ret->counted = true;
		for (i = 0; i < DECAP_COUNTS; i++) {
			if (bpf_map_lookup_elem(map, &i, values) < 0)
				continue;
			for (k = 0; k < cpus; k++)
				ret->counts[i] += values[k];
		}
	}
	free(values);
	if (map >= 0)
		close(map);
	return 0;
}

const char *decap_counter_text(unsigned int i)
{
#define X(name, text) text,
	static const char *const texts[] = { DECAP_COUNTERS(X) };
#undef X
	return i < DECAP_COUNTS ? texts[i] : "?";
}
