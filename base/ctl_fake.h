/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_fake - a supervisor and director made of a thread, for tests of clients: greets, hands out a connection, and has
 * each request answered by a function. One connection at a time.
 */
#ifndef ELVS_BASE_CTL_FAKE_H
#define ELVS_BASE_CTL_FAKE_H

#include <linux/netlink.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Answers one message on fd; false: hang up. In the fake's thread. */
typedef bool ctl_fake_answer(void *arg, int fd, const struct nlmsghdr *req);

struct ctl_fake {
	char dir[64];
	int listener;
	ctl_fake_answer *answer;
	void *arg;
	int32_t welcome_error;
	unsigned silent;    /* so many greetings are met by hanging up */
	unsigned greetings; /* so far */
	bool got_netns;	    /* the descriptor that came was our network namespace */
	unsigned datagrams; /* of requests */
	int fd;		    /* the director's end of the connection that is served, -1 */
	pthread_t thread;
};

/* ELVS_RUN_DIR is set to a new directory. NULL: it failed. */
struct ctl_fake *ctl_fake_open(ctl_fake_answer *answer, void *arg);
void ctl_fake_close(struct ctl_fake *f); /* after the client has closed */
void ctl_fake_hang_up(struct ctl_fake *f); /* the director dies; the supervisor has the next one */
/* An answer's end, at out + *len: done, or -errno (-EOPNOTSUPP with the sentence "not today") */
void ctl_fake_put_end(char *out, size_t *len, uint16_t type, uint32_t seq, int error);

#endif
