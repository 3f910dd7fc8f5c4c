/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines - routes and rules of ours that somebody takes away are put back (unless no_track). See role.h.
 *
 * The kernel tells of each one that goes; which of the lines of the configuration it was need not be known: all that
 * should be there are added again, and those that are there stay as they are. Routes are told by their mark (protocol
 * 18), in the kernel, so that a router with a million others is not kept busy by them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipcmd.h"
#include "log.h"
#include "role.h"

#define SETTLE_US 200000 /* several that go at once are one restoration */

static bool any_tracked(const struct conf_ipline *l, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++)
		if (!l[k].no_track)
			return true;
	return false;
}

static bool wanted(const struct conf *c)
{
	bool any =
		any_tracked(c->static_routes, c->n_static_routes) || any_tracked(c->static_rules, c->n_static_rules);

	for (uint32_t n = 0; n < c->n_vrrps; n++)
		any = any || any_tracked(c->vrrps[n].routes, c->vrrps[n].n_routes) ||
		      any_tracked(c->vrrps[n].rules, c->vrrps[n].n_rules);
	return any;
}

/* Passes RTM_DELRULE, and RTM_DELROUTE with our protocol. */
static int only_ours(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELRULE), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NL_PROTO, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

static int open_watch(void)
{
	static const int groups[] = { RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl any = { .nl_family = AF_NETLINK }; /* the kernel tells nobody who is not bound */
	int e = fd < 0 ? -errno : only_ours(fd);

	if (e == 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		e = -errno;
	for (size_t k = 0; e == 0 && k < sizeof(groups) / sizeof(groups[0]); k++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[k], sizeof(groups[k])) < 0)
			e = -errno;
	if (e < 0 && fd >= 0)
		close(fd);
	return e < 0 ? e : fd;
}

void lines_restore_soon(struct vrrp_role *r)
{
	if (r->ev_lines && !r->stopping && !event_pending(r->ev_restore, EV_TIMEOUT, NULL))
		event_add(r->ev_restore, &(struct timeval){ .tv_usec = SETTLE_US });
}

static void on_gone(evutil_socket_t fd, short what, void *arg)
{
	char buf[256]; /* what it is does not matter */
	ssize_t n;

	do
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC);
	while (n > 0 || (n < 0 && (errno == ENOBUFS || errno == EINTR)));
	lines_restore_soon(arg);
}

static void add_again(struct vrrp_role *r, const struct conf_ipline *l, uint32_t n, bool rule)
{
	for (uint32_t k = 0; k < n; k++)
		if (!l[k].no_track)
			ipcmd_queue(&r->commands, &l[k], rule, true);
}

static void on_restore(evutil_socket_t fd, short what, void *arg)
{
	struct vrrp_role *r = arg;

	if (r->stopping)
		return;
	add_again(r, r->conf->static_routes, r->conf->n_static_routes, false);
	add_again(r, r->conf->static_rules, r->conf->n_static_rules, true);
	for (uint32_t n = 0; n < r->n_instances; n++) {
		const struct conf_vrrp *v = r->instances[n]->conf;

		if (!r->instances[n]->owns)
			continue;
		add_again(r, v->routes, v->n_routes, false);
		add_again(r, v->rules, v->n_rules, true);
	}
	commands_start(&r->commands);
}

void lines_conf(struct vrrp_role *r, const struct conf *c)
{
	int fd;

	if (!wanted(c)) {
		lines_close(r);
		return;
	}
	if (r->ev_lines)
		return;
	fd = open_watch();
	if (fd < 0) {
		log_err("routes and rules that somebody removes are not noticed: %s", strerror(-fd));
		return;
	}
	r->ev_restore = event_new(r->base, -1, 0, on_restore, r);
	r->ev_lines = event_new(r->base, fd, EV_READ | EV_PERSIST, on_gone, r);
	if (!r->ev_lines || !r->ev_restore) {
		close(fd);
		return;
	}
	event_priority_set(r->ev_restore, URGENT_WORLD);
	event_priority_set(r->ev_lines, URGENT_WORLD);
	event_add(r->ev_lines, NULL);
}

void lines_close(struct vrrp_role *r)
{
	if (r->ev_lines) {
		close(event_get_fd(r->ev_lines));
		event_free(r->ev_lines);
	}
	if (r->ev_restore)
		event_free(r->ev_restore);
	r->ev_lines = r->ev_restore = NULL;
}
