/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proc_events - see proc_events.h. */
#include "proc_events.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID_NS_FIRST 0xeffffffcu /* inode of the first process namespace */
#define RCVBUF (1 << 20)

struct proc_events {
	int fd;
	struct event *readable;
	struct proc_events_owner owner;
};

static bool first_pid_ns(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == PID_NS_FIRST;
}

/* A socket stays in the namespace in which it was made. */
static int socket_at(int netns_home)
{
	int own = netns_home < 0 ? -1 : open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;

	if (own >= 0 && setns(netns_home, CLONE_NEWNET) < 0) {
		close(own);
		return -errno;
	}
	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	if (own >= 0) {
		if (setns(own, CLONE_NEWNET) < 0)
			abort(); /* in the wrong namespace everything else would be wrong, too */
		close(own);
	}
	return fd < 0 ? -errno : fd;
}

static int listen_to(int fd)
{
	struct sockaddr_nl at = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
	struct {
		struct nlmsghdr nl;
		struct cn_msg cn;
		uint32_t op;
	} __attribute__((packed)) m = { .nl = { .nlmsg_len = sizeof(m), .nlmsg_type = NLMSG_DONE },
					.cn = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .len = sizeof(uint32_t) },
					.op = PROC_CN_MCAST_LISTEN };
	int size = RCVBUF;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (void *)&at, sizeof(at)) < 0 || send(fd, &m, sizeof(m), 0) != sizeof(m))
		return -errno;
	return 0;
}

static void heard(struct proc_events *p, const struct proc_event *e)
{
	switch (e->what) {
	case PROC_EVENT_FORK:
		if (e->event_data.fork.child_pid == e->event_data.fork.child_tgid)
			p->owner.changed(p->owner.arg, e->event_data.fork.child_pid, false);
		break;
	case PROC_EVENT_EXEC:
		p->owner.changed(p->owner.arg, e->event_data.exec.process_tgid, false);
		break;
	case PROC_EVENT_COMM:
		if (e->event_data.comm.process_pid == e->event_data.comm.process_tgid)
			p->owner.changed(p->owner.arg, e->event_data.comm.process_tgid, false);
		break;
	case PROC_EVENT_EXIT:
		if (e->event_data.exit.process_pid == e->event_data.exit.process_tgid)
			p->owner.changed(p->owner.arg, e->event_data.exit.process_tgid, true);
		break;
	default:
		break;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct proc_events *p = arg;
	char buf[4096] __attribute__((aligned(8)));
	struct sockaddr_nl from;
	socklen_t len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len)) > 0 || (n < 0 && errno == ENOBUFS)) {
		const struct nlmsghdr *nl = (const void *)buf;
		const struct cn_msg *cn;

		if (n < 0) {
			p->owner.lost(p->owner.arg);
			continue;
		}
		if (from.nl_pid || !NLMSG_OK(nl, (size_t)n) || nl->nlmsg_len < NLMSG_LENGTH(sizeof(*cn)))
			continue; /* only the kernel's */
		cn = NLMSG_DATA(nl);
		if (cn->id.idx == CN_IDX_PROC && cn->len >= sizeof(struct proc_event) &&
		    nl->nlmsg_len >= NLMSG_LENGTH(sizeof(*cn) + sizeof(struct proc_event)))
			heard(p, (const void *)cn->data);
		len = sizeof(from);
	}
}

int proc_events_new(struct proc_events **ret, struct event_base *base, const struct proc_events_owner *owner,
		    int netns_home)
{
	struct proc_events *p = first_pid_ns() ? calloc(1, sizeof(*p)) : NULL;
	int r;

	if (!p)
		return -EOPNOTSUPP;
	p->owner = *owner;
	p->fd = socket_at(netns_home);
	r = p->fd < 0 ? p->fd : listen_to(p->fd);
	if (r == 0) {
		p->readable = event_new(base, p->fd, EV_READ | EV_PERSIST, on_readable, p);
		r = p->readable && event_add(p->readable, NULL) == 0 ? 0 : -ENOMEM;
	}
	if (r < 0) {
		proc_events_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void proc_events_free(struct proc_events *p)
{
	if (!p)
		return;
	if (p->readable)
		event_free(p->readable);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}
