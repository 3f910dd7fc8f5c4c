/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_fake - see ctl_fake.h. */
#include "ctl_fake.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl_wire.h"

void ctl_fake_put_end(char *out, size_t *len, uint16_t type, uint32_t seq, int error)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(out + *len);
	struct nlmsgerr *e;

	nlh->nlmsg_type = type;
	nlh->nlmsg_seq = seq;
	e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));
	e->error = error;
	if (error == -EOPNOTSUPP) {
		nlh->nlmsg_flags = NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, "not today");
	}
	*len += nlh->nlmsg_len;
}

static void be_director(struct ctl_fake *f, int fd)
{
	static char in[ELVS_MSG_MAX];
	const struct nlmsghdr *nlh;
	ssize_t n;
	int left;

	f->fd = fd;
	while ((n = recv(fd, in, sizeof(in), 0)) > 0) {
		f->datagrams++;
		left = (int)n;
		for (nlh = (void *)in; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			if (!f->answer(f->arg, fd, nlh))
				goto out;
	}
out:
	f->fd = -1;
	close(fd);
}

static void greet(struct ctl_fake *f, int fd)
{
	struct elvs_hello hello = { 0 };
	struct elvs_welcome w = { .magic = ELVS_HELLO_MAGIC, .error = f->welcome_error, .why = "a reason" };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { &hello, sizeof(hello) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf, .msg_controllen = sizeof(control.buf)
	};
	int sv[2] = { -1, -1 }, sent = -1;
	struct stat ours, theirs;

	if (recvmsg(fd, &m, 0) <= 0)
		return;
	if (m.msg_controllen) {
		memcpy(&sent, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(sent));
		f->got_netns =
			!stat("/proc/self/ns/net", &ours) && !fstat(sent, &theirs) && ours.st_ino == theirs.st_ino;
		close(sent);
	}
	iov = (struct iovec){ &w, sizeof(w) };
	m.msg_controllen = 0;
	if (!f->welcome_error) {
		socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv);
		m.msg_controllen = sizeof(control.buf);
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &sv[1], sizeof(int));
	}
	sendmsg(fd, &m, MSG_NOSIGNAL);
	if (f->welcome_error)
		return;
	close(sv[1]);
	be_director(f, sv[0]);
}

static void *be_supervisor(void *arg)
{
	struct ctl_fake *f = arg;
	int fd;

	while ((fd = accept(f->listener, NULL, NULL)) >= 0) {
		f->greetings++;
		if (f->greetings > f->silent)
			greet(f, fd);
		close(fd);
	}
	return NULL;
}

struct ctl_fake *ctl_fake_open(ctl_fake_answer *answer, void *arg)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct ctl_fake *f = calloc(1, sizeof(*f));

	f->answer = answer;
	f->arg = arg;
	f->fd = -1;
	strcpy(f->dir, "/tmp/ctl_fake.XXXXXX");
	if (!mkdtemp(f->dir))
		return NULL;
	setenv("ELVS_RUN_DIR", f->dir, 1);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/control", f->dir);
	f->listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (bind(f->listener, (struct sockaddr *)&sa, sizeof(sa)) || listen(f->listener, 4))
		return NULL;
	return pthread_create(&f->thread, NULL, be_supervisor, f) ? NULL : f;
}

void ctl_fake_close(struct ctl_fake *f)
{
	char path[80];

	shutdown(f->listener, SHUT_RDWR); /* ends an accept that nobody came for */
	pthread_join(f->thread, NULL);
	close(f->listener);
	snprintf(path, sizeof(path), "%s/control", f->dir);
	unlink(path);
	rmdir(f->dir);
	free(f);
}

void ctl_fake_hang_up(struct ctl_fake *f)
{
	shutdown(f->fd, SHUT_RDWR);
}
