/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl - see ctl.h.
 *
 * Requests that are queued collect in one datagram; at most two such datagrams are on their way at a time, so that
 * neither end ever blocks on a full socket while the other does. Answers come in the order of requests and carry
 * their sequence numbers. Invariant: answers[0..answered) are those to the requests queued since the last flush.
 */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ctl_start.h"
#include "ctl_wire.h"

#define BATCH_MAX 64	  /* requests in one datagram */
#define BATCH_BYTES 32768 /* a datagram is sent when it has grown to this */
#define REQUEST_MAX (ELVS_MSG_MAX - BATCH_BYTES)
#define ANSWER_TIMEOUT_S 60
#define HELLO_TIMEOUT_S 15

struct ctl {
	int fd;
	uint32_t seq;	   /* of the latest request */
	unsigned queued;   /* requests queued since the last ctl_flush */
	unsigned answered; /* of these */
	unsigned batched;  /* of these, in out[], not sent yet */
	size_t out_len;
	struct answer {
		int error;
		char *why; /* the director's sentence, or NULL */
	} * answers;
	unsigned nanswers; /* allocated */
	char why[240];	   /* of the last error answered, or told by ctl_flush() */
	char out[ELVS_MSG_MAX] __attribute__((aligned(8)));
	char in[ELVS_MSG_MAX] __attribute__((aligned(8)));
};

/* ---- connecting ---- */

static int connect_control(const char **ret_path)
{
	static __thread struct sockaddr_un sa;
	int fd, r;

	memset(&sa, 0, sizeof(sa));
	sa.sun_family = AF_UNIX;
	*ret_path = sa.sun_path;
	if ((size_t)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/control", ctl_run_dir()) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	do {
		r = connect(fd, (struct sockaddr *)&sa, sizeof(sa));
	} while (r < 0 && errno == EINTR);
	if (r < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static void set_timeout(int fd, int seconds)
{
	struct timeval tv = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static int send_hello(int fd, int flags)
{
	struct elvs_hello hello = { .magic = ELVS_HELLO_MAGIC, .version = ELVS_CTL_VERSION };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = &hello, .iov_len = sizeof(hello) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm;
	int netns = -1, r = 0;

	if (flags & CTL_SUPERVISOR) {
		hello.flags = ELVS_HELLO_SUPERVISOR;
	} else {
		if (flags & CTL_EXISTING)
			hello.flags = ELVS_HELLO_EXISTING;
		netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (netns < 0)
			return -errno;
		m.msg_control = control.buf;
		m.msg_controllen = sizeof(control.buf);
		cm = CMSG_FIRSTHDR(&m);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cm), &netns, sizeof(int));
	}
	if (sendmsg(fd, &m, MSG_NOSIGNAL) < 0)
		r = -errno;
	if (netns >= 0)
		close(netns);
	return r;
}

/* 0 and the director's socket (-1: none was sent), or -errno; why gets the supervisor's sentence. */
static int recv_welcome(int fd, int *ret_fd, char *why, size_t why_size)
{
	struct elvs_welcome w = { 0 };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = &w, .iov_len = sizeof(w) };
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cm;
	ssize_t n;

	do {
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	*ret_fd = -1;
	for (cm = CMSG_FIRSTHDR(&m); cm; cm = CMSG_NXTHDR(&m, cm))
		if (cm->cmsg_level == SOL_SOCKET && cm->cmsg_type == SCM_RIGHTS)
			memcpy(ret_fd, CMSG_DATA(cm), sizeof(int));
	if (!n)
		return -EPIPE;
	if ((size_t)n < sizeof(w) || w.magic != ELVS_HELLO_MAGIC)
		return -EPROTO;
	if (!w.error)
		return 0;
	w.why[sizeof(w.why) - 1] = '\0';
	snprintf(why, why_size, "%s", w.why);
	return w.error < 0 ? w.error : -EPROTO;
}

static int shake_hands(int fd, int flags, int *ret_fd, char *why, size_t why_size)
{
	int director = -1, r;

	set_timeout(fd, HELLO_TIMEOUT_S);
	r = send_hello(fd, flags);
	if (r < 0) {
		snprintf(why, why_size, "cannot greet elvsd: %s", strerror(-r));
		return r;
	}
	r = recv_welcome(fd, &director, why, why_size);
	if (r < 0) {
		if (director >= 0)
			close(director);
		if (r == -ETIMEDOUT)
			snprintf(why, why_size, "elvsd accepted the connection but did not answer within %d seconds",
				 HELLO_TIMEOUT_S);
		else if (r == -EPIPE)
			snprintf(why, why_size, "elvsd closed the connection without a word");
		else if (r == -EPROTO && !*why)
			snprintf(why, why_size,
				 "elvsd speaks another protocol: it and this program are of different versions");
		return r;
	}
	if (flags & CTL_SUPERVISOR) {
		if (director >= 0)
			close(director);
		*ret_fd = fd;
		return 0;
	}
	if (director < 0) {
		snprintf(why, why_size, "elvsd gave no connection to this network namespace's director");
		return -EPROTO;
	}
	*ret_fd = director;
	return 0;
}

/* After a start: the socket may take a moment, above all when another client's start was faster. */
static int connect_started(const char **ret_path)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	int tries = CTL_START_DEADLINE_MS / 20, fd;

	for (;;) {
		fd = connect_control(ret_path);
		if ((fd != -ENOENT && fd != -ECONNREFUSED) || !tries--)
			return fd;
		nanosleep(&pause, NULL);
	}
}

static int connect_or_start(int flags, char *why, size_t why_size)
{
	const char *path;
	int fd = connect_control(&path), r;

	if ((fd == -ENOENT || fd == -ECONNREFUSED) && !(flags & CTL_NO_START)) {
		r = ctl_start_supervisor(why, why_size);
		if (r == -EPERM)
			fd = r;
		else if (r < 0)
			return r;
		else
			fd = connect_started(&path);
	}
	if (fd == -EACCES || fd == -EPERM) {
		snprintf(why, why_size, "only root, or a process with CAP_NET_ADMIN, may speak to elvsd");
		return -EPERM;
	}
	if (fd == -ENOENT || fd == -ECONNREFUSED) {
		snprintf(why, why_size,
			 flags & CTL_NO_START ? "elvsd is not running (nothing answers on %s)"
					      : "elvsd was started, but nothing answers on %s",
			 path);
		return -ECONNREFUSED;
	}
	if (fd < 0)
		snprintf(why, why_size, "cannot connect to %s: %s", path, strerror(-fd));
	return fd;
}

/* A supervisor that ends for lack of work just as we come takes our greeting with it: the next one answers. */
static int meet(int flags, int *ret_fd, char *why, size_t why_size)
{
	int tries = 3, first, r;

	do {
		why[0] = '\0';
		first = connect_or_start(flags, why, why_size);
		if (first < 0)
			return first;
		r = shake_hands(first, flags, ret_fd, why, why_size);
		if (r < 0 || *ret_fd != first)
			close(first);
	} while ((r == -EPIPE || r == -ECONNRESET) && --tries);
	return r;
}

int ctl_open(struct ctl **ret, int flags, const char **ret_why)
{
	static __thread char why[512];
	struct ctl *c;
	int fd = -1, r;

	if (ret_why)
		*ret_why = why;
	r = meet(flags, &fd, why, sizeof(why));
	if (r < 0)
		return r;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		snprintf(why, sizeof(why), "out of memory");
		return -ENOMEM;
	}
	c->fd = fd;
	set_timeout(fd, ANSWER_TIMEOUT_S);
	*ret = c;
	return 0;
}

static void forget_answers(struct ctl *c)
{
	while (c->answered)
		free(c->answers[--c->answered].why);
	c->queued = 0;
}

void ctl_close(struct ctl *c)
{
	if (!c)
		return;
	forget_answers(c);
	close(c->fd);
	free(c->answers);
	free(c);
}

/* ---- requests ---- */

struct nlmsghdr *ctl_request(struct ctl *c, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(c->out + c->out_len);
	struct genlmsghdr *gh;

	nlh->nlmsg_type = ELVS_GENL_ID;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++c->seq;
	gh = mnl_nlmsg_put_extra_header(nlh, sizeof(*gh));
	gh->cmd = cmd;
	gh->version = 1;
	return nlh;
}

static int send_out(struct ctl *c)
{
	ssize_t n;

	if (!c->out_len)
		return 0;
	do {
		n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	c->out_len = 0;
	c->batched = 0;
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : errno == ECONNRESET ? -EPIPE : -errno;
	return 0;
}

static ssize_t recv_in(struct ctl *c)
{
	ssize_t n;

	do {
		n = recv(c->fd, c->in, sizeof(c->in), MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : errno == ECONNRESET ? -EPIPE : -errno;
	if (!n)
		return -EPIPE;
	return (size_t)n > sizeof(c->in) ? -EMSGSIZE : n;
}

/* A message that ends a request: true, and its error in *ret_error. */
static bool ends_request(const struct nlmsghdr *nlh, int *ret_error)
{
	*ret_error = 0;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(int))
			*ret_error = *(int *)mnl_nlmsg_get_payload(nlh);
		return true;
	}
	if (nlh->nlmsg_type == NLMSG_DONE) {
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(int))
			*ret_error = *(int *)mnl_nlmsg_get_payload(nlh);
		return true;
	}
	return false;
}

/* Keeps the sentence that comes with an error, as the kernel's own netlink sends it. */
static void keep_why(struct ctl *c, const struct nlmsghdr *nlh)
{
	const struct nlattr *a;

	c->why[0] = '\0';
	if (nlh->nlmsg_type != NLMSG_ERROR || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(a, nlh, sizeof(struct nlmsgerr))
	{
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			snprintf(c->why, sizeof(c->why), "%s", mnl_attr_get_str(a));
	}
}

const char *ctl_why(const struct ctl *c)
{
	return c->why;
}

struct wait_for {
	uint32_t seq; /* of the request whose end is awaited */
	bool ended;
	int error;
	int (*f)(const struct nlmsghdr *nlh, void *arg);
	void *arg;
	int stop; /* what f returned */
};

static void take_message(struct ctl *c, const struct nlmsghdr *nlh, struct wait_for *w)
{
	int error;
	bool end = ends_request(nlh, &error);

	if (nlh->nlmsg_seq == w->seq) {
		if (end) {
			keep_why(c, nlh);
			w->ended = true;
			w->error = error;
		}
	} else if (end && c->answered < c->queued) {
		keep_why(c, nlh);
		c->answers[c->answered++] = (struct answer){ error, *c->why ? strdup(c->why) : NULL };
	}
	if (!end && nlh->nlmsg_seq == w->seq && w->f && !w->stop)
		w->stop = w->f(nlh, w->arg);
}

static int recv_some(struct ctl *c, struct wait_for *w)
{
	ssize_t n = recv_in(c);
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)c->in;
	int left = (int)n;

	if (n < 0)
		return (int)n;
	while (mnl_nlmsg_ok(nlh, left)) {
		take_message(c, nlh, w);
		nlh = mnl_nlmsg_next(nlh, &left);
	}
	return left ? -EPROTO : 0;
}

/* Reads answers until at most `most` queued requests are unanswered. */
static int drain(struct ctl *c, unsigned most)
{
	struct wait_for none = { 0 }; /* no request has sequence number 0 */
	int r = 0;

	while (!r && c->queued - c->batched - c->answered > most)
		r = recv_some(c, &none);
	return r;
}

int ctl_call(struct ctl *c, struct nlmsghdr *nlh, int (*f)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	struct wait_for w = { .seq = nlh->nlmsg_seq, .f = f, .arg = arg };
	int r;

	c->out_len = (size_t)((char *)nlh - c->out) + nlh->nlmsg_len;
	r = send_out(c);
	while (!r && !w.ended)
		r = recv_some(c, &w);
	if (r)
		return r;
	return w.stop ? w.stop : w.error;
}

int ctl_queue(struct ctl *c, struct nlmsghdr *nlh)
{
	int r = 0;

	if (c->queued == c->nanswers) {
		unsigned n = c->nanswers ? c->nanswers * 2 : CTL_QUEUE_MAX;
		struct answer *more = realloc(c->answers, n * sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->answers = more;
		c->nanswers = n;
	}
	c->queued++;
	c->batched++;
	c->out_len = (size_t)((char *)nlh - c->out) + NLMSG_ALIGN(nlh->nlmsg_len);
	if (c->batched < BATCH_MAX && c->out_len < BATCH_BYTES)
		return 0;
	r = send_out(c);
	return r ? r : drain(c, CTL_QUEUE_MAX - BATCH_MAX);
}

int ctl_fd(const struct ctl *c)
{
	return c->fd;
}

int ctl_flush(struct ctl *c, void (*f)(void *arg, unsigned nth, int error), void *arg)
{
	int r = send_out(c);
	unsigned i;

	if (!r)
		r = drain(c, 0);
	for (i = 0; f && i < c->answered; i++) {
		snprintf(c->why, sizeof(c->why), "%s", c->answers[i].why ? c->answers[i].why : "");
		f(arg, i, c->answers[i].error);
	}
	forget_answers(c);
	return r;
}
