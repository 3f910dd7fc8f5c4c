/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_commands - what each of elvs's own requests does: they begin at 64 (abi/ctl_wire.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "command.h"
#include "ctl_encode.h"
#include "netns.h"
#include "watch.h"

static int put_conn(void *arg, const struct elvs_conn *conn)
{
	struct command *m = arg;
	struct nlmsghdr *nlh = command_begin(m, ELVS_CMD_NEW_CONN);

	ctl_put_conn(nlh, conn, elvs_conn_state(conn));
	command_add(m, nlh);
	return m->reply->failed ? -ENOMEM : 0;
}

static int get_drops(struct command *m)
{
	struct elvs_verdict_count v[128];
	size_t n = elvs_verdicts(m->d->elvs, v, 128);

	for (size_t i = 0; i < n && i < 128; i++) {
		struct nlmsghdr *nlh = command_begin(m, ELVS_CMD_NEW_DROP);

		mnl_attr_put_strz(nlh, ELVS_ATTR_NAME, v[i].name);
		mnl_attr_put_strz(nlh, ELVS_ATTR_KIND, v[i].kind);
		mnl_attr_put_strz(nlh, ELVS_ATTR_TEXT, v[i].text);
		mnl_attr_put_u64(nlh, ELVS_ATTR_COUNT, v[i].count);
		command_add(m, nlh);
	}
	return 0;
}

static int count_svc(void *arg, const struct elvs_svc_info *s)
{
	uint32_t *n = arg;

	n[0]++;
	n[1] += s->ndests;
	return 0;
}

static void put_warning(void *arg, const char *text)
{
	struct nlmsghdr *nlh = arg;

	if (nlh->nlmsg_len + strlen(text) + 16 < CTL_ENCODE_MAX)
		mnl_attr_put_strz(nlh, ELVS_ATTR_WARNING, text);
}

static int get_status(struct command *m)
{
	struct director *d = m->d;
	struct elvs_table_info t;
	uint32_t n[2] = { 0, 0 };
	struct nlmsghdr *nlh;
	char name[128];

	elvs_table_info(d->elvs, &t);
	elvs_svc_each(d->elvs, count_svc, n);
	nlh = command_begin(m, ELVS_CMD_GET_STATUS);
	mnl_attr_put_u64(nlh, ELVS_ATTR_CONNS, t.conns);
	mnl_attr_put_u64(nlh, ELVS_ATTR_WIDE_CONNS, t.wide_conns);
	mnl_attr_put_u64(nlh, ELVS_ATTR_CAPACITY, t.capacity + t.wide_capacity);
	mnl_attr_put_u64(nlh, ELVS_ATTR_MAX_CONNS, t.max);
	mnl_attr_put_u64(nlh, ELVS_ATTR_BYTES, t.bytes);
	mnl_attr_put_u32(nlh, ELVS_ATTR_SERVICES, n[0]);
	mnl_attr_put_u32(nlh, ELVS_ATTR_DESTS, n[1]);
	mnl_attr_put_u32(nlh, ELVS_ATTR_PINNED, d->o->pin_dir[0] != 0);
	mnl_attr_put_u32(nlh, ELVS_ATTR_PID, getpid());
	mnl_attr_put_u64(nlh, ELVS_ATTR_COOKIE, d->o->cookie);
	if (netns_name_of_self(name, sizeof(name)) == 0)
		mnl_attr_put_strz(nlh, ELVS_ATTR_NETNS, name);
	if (!d->o->pin_dir[0])
		put_warning(nlh, "no bpffs could be mounted: services and connections die with this daemon");
	if (t.refused) {
		char text[120];

		snprintf(text, sizeof(text), "%llu connections were refused because the table was full",
			 (unsigned long long)t.refused);
		put_warning(nlh, text);
	}
	watch_warnings(d->watch, put_warning, nlh);
	command_add(m, nlh);
	return 0;
}

static void put_iface(struct command *m, const struct plan_entry *p, uint32_t hook)
{
	struct nlmsghdr *nlh = command_begin(m, ELVS_CMD_NEW_IFACE);

	mnl_attr_put_strz(nlh, ELVS_ATTR_IFNAME, p->ifname);
	mnl_attr_put_u32(nlh, ELVS_ATTR_IFINDEX, p->ifindex);
	mnl_attr_put_u32(nlh, ELVS_ATTR_HOOK, hook);
	mnl_attr_put_strz(nlh, ELVS_ATTR_KIND, p->kind);
	mnl_attr_put_strz(nlh, ELVS_ATTR_TEXT, p->reason);
	command_add(m, nlh);
}

/* With PLAN: every interface and what would happen to it; else those that have a program. */
static int get_iface(struct command *m)
{
	const struct plan *p = watch_plan(m->d->watch);
	enum elvs_hook hook[256];
	uint32_t ifindex[256];
	size_t n;

	if (!p)
		return -ENOMEM;
	n = elvs_attachments(m->d->elvs, ifindex, hook, 256);
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_entry *x = &p->entry[i];
		size_t at = 0;

		if (m->q->plan) {
			put_iface(m, x, x->hook);
			continue;
		}
		while (at < n && ifindex[at] != x->ifindex)
			at++;
		if (at < n)
			put_iface(m, x, hook[at]);
	}
	return 0;
}

static int attach(struct command *m, uint32_t hook)
{
	if (!m->q->ifname[0]) {
		m->why = "an interface must be named";
		return -EINVAL;
	}
	if (m->q->cmd == ELVS_CMD_ATTACH && (hook < ELVS_HOOK_XDP || hook > ELVS_HOOK_BOTH)) {
		m->why = "the hook must be XDP (1), TC (2) or both (3)";
		return -EINVAL;
	}
	return watch_attach(m->d->watch, m->q->ifname, hook, &m->why);
}

/* The kernel tells a program's id in its descriptor's fdinfo: no libbpf needed for that. */
static int prog_id(int fd, uint32_t *ret)
{
	char path[64], line[128];
	FILE *f;
	int r = -ENOENT;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "prog_id: %u", ret) == 1)
			r = 0;
	fclose(f);
	return r;
}

static int get_prog(struct command *m)
{
	static const char *const name[] = { "xdp", "xdp.frags", "tc_in", "tc_out" };

	for (int i = ELVS_PROG_XDP; i <= ELVS_PROG_TC_OUT; i++) {
		int fd = elvs_prog_loaded(m->d->elvs, i) ? elvs_prog_fd(m->d->elvs, i) : -1;
		struct nlmsghdr *nlh;
		uint32_t id;

		if (fd < 0 || prog_id(fd, &id) < 0)
			continue;
		nlh = command_begin(m, ELVS_CMD_NEW_PROG);
		mnl_attr_put_strz(nlh, ELVS_ATTR_NAME, name[i]);
		mnl_attr_put_u32(nlh, ELVS_ATTR_PROG_ID, id);
		command_add(m, nlh);
	}
	return 0;
}

/* ---- virtual addresses ---- */
static int set_vip(struct command *m)
{
	int r;

	if (!m->q->has_addr || !m->q->has_vip_mode) {
		m->why = "the address, its family, and a mode must be given";
		return -EINVAL;
	}
	watch_catch_up(m->d->watch);
	r = elvs_vip_mode_set(m->d->elvs, m->q->af, &m->q->addr, m->q->vip_mode);
	if (!r)
		watch_vip_mode_set(m->d->watch, m->q->af, &m->q->addr, m->q->vip_mode, m->c);
	return command_result(m, r);
}

static int put_vip(void *arg, const struct elvs_vip_info *v)
{
	struct command *m = arg;
	struct nlmsghdr *nlh = command_begin(m, ELVS_CMD_NEW_VIP);

	mnl_attr_put_u32(nlh, ELVS_ATTR_AF, v->af);
	mnl_attr_put(nlh, ELVS_ATTR_ADDR, sizeof(v->addr), &v->addr);
	mnl_attr_put_u32(nlh, ELVS_ATTR_VIP_MODE, v->mode);
	mnl_attr_put_u32(nlh, ELVS_ATTR_VIP_STATE,
			 (v->local ? ELVS_VIP_IS_LOCAL : 0) | (v->live ? ELVS_VIP_IS_LIVE : 0));
	command_add(m, nlh);
	return m->reply->failed ? -ENOMEM : 0;
}

/* ---- health checks addressed to a virtual service ---- */
static int put_check(void *arg, const struct elvs_check_conf *c, uint32_t mark)
{
	struct command *m = arg;
	struct nlmsghdr *nlh = command_begin(m, ELVS_CMD_NEW_CHECK);

	mnl_attr_put_u32(nlh, ELVS_ATTR_AF, c->af);
	mnl_attr_put(nlh, ELVS_ATTR_ADDR, sizeof(c->vip), &c->vip);
	mnl_attr_put(nlh, ELVS_ATTR_RADDR, sizeof(c->server), &c->server);
	mnl_attr_put_u32(nlh, ELVS_ATTR_METHOD, c->method);
	mnl_attr_put_u32(nlh, ELVS_ATTR_MARK, mark);
	mnl_attr_put_u32(nlh, ELVS_ATTR_OVERHEAD, elvs_check_overhead(c));
	command_add(m, nlh);
	return m->reply->failed ? -ENOMEM : 0;
}

static int set_check(struct command *m)
{
	struct elvs_check_conf c = { m->q->af, m->q->addr, m->q->raddr, m->q->method };
	uint32_t mark;
	int r;

	if (!m->q->has_addr || !m->q->has_raddr || !m->q->has_method) {
		m->why = "the virtual and the real server's address, their family, and the forwarding method must be "
			 "given";
		return -EINVAL;
	}
	r = elvs_check_set(m->d->elvs, &c, &mark);
	return r < 0 ? command_result(m, r) : put_check(m, &c, mark);
}

static int run_batch(struct command *m)
{
	struct director *d = m->d;
	int r;

	if (m->q->batch_op == 1)
		return batch_begin(d, m->c);
	if (d->batch_owner != m->c || (m->q->batch_op != 2 && m->q->batch_op != 3)) {
		m->why = "no restore has been begun here";
		return -EINVAL;
	}
	if (m->q->batch_op == 3) {
		batch_abort(d);
		r = 0;
	} else {
		r = command_result(m, batch_commit(d));
	}
	watch_config_changed(d->watch);
	return r;
}

int command_own(struct command *m)
{
	switch (m->q->cmd) {
	case ELVS_CMD_GET_CONN:
		return elvs_conn_each(m->d->elvs, put_conn, m);
	case ELVS_CMD_GET_STATUS:
		return get_status(m);
	case ELVS_CMD_GET_DROPS:
		return get_drops(m);
	case ELVS_CMD_GET_IFACE:
		return get_iface(m);
	case ELVS_CMD_ATTACH:
		return attach(m, m->q->hook);
	case ELVS_CMD_DETACH:
		return attach(m, 0);
	case ELVS_CMD_DOWN:
		director_end(m->d, true);
		return 0;
	case ELVS_CMD_BATCH:
		return run_batch(m);
	case ELVS_CMD_GET_PROG:
		return get_prog(m);
	case ELVS_CMD_SET_VIP:
		return set_vip(m);
	case ELVS_CMD_GET_VIP:
		return elvs_vip_info_each(m->d->elvs, put_vip, m);
	case ELVS_CMD_SET_CHECK:
		return set_check(m);
	case ELVS_CMD_DEL_CHECK:
		return command_result(m, elvs_check_del(m->d->elvs, m->q->mark));
	case ELVS_CMD_GET_CHECK:
		return elvs_check_each(m->d->elvs, put_check, m);
	default:
		m->why = "no such command";
		return -EOPNOTSUPP;
	}
}
