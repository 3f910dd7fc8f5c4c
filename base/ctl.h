/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl - the client's end of the control protocol, and its wire format.
 *
 * The protocol is the kernel's generic-netlink family "IPVS" (linux/ip_vs.h) on a SOCK_SEQPACKET socket: each
 * datagram holds one or more netlink messages (struct nlmsghdr, struct genlmsghdr, attributes), built and parsed
 * with libmnl. nlmsg_type is ELVS_GENL_ID. A request gets either an NLMSG_ERROR (error 0 = done) or, with
 * NLM_F_DUMP, messages ended by NLMSG_DONE. Commands and attributes >= 64 are elvs's own (abi/ctl_wire.h).
 *
 * ctl_open() connects to the instance of the caller's network namespace: it sends /proc/self/ns/net to the
 * supervisor's socket and gets back a socket on which that namespace's director answers. With no supervisor
 * running it starts one (`elvsd`, found beside the calling program or in the installation's sbin).
 */
#ifndef ELVS_BASE_CTL_H
#define ELVS_BASE_CTL_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

struct ctl;

enum ctl_open_flags {
	CTL_NO_START = 1,   /* do not start a supervisor: -ECONNREFUSED instead */
	CTL_SUPERVISOR = 2, /* talk to the supervisor itself (elvs status, elvs down --all) */
	CTL_EXISTING = 4,   /* do not make an instance: -ENOENT if the namespace has none */
};

/* -errno; *ret_why (if not NULL, static or thread-local storage) a sentence that says what is missing. */
int ctl_open(struct ctl **ret, int flags, const char **ret_why);
void ctl_close(struct ctl *c);
/*
 * After everything was taken down: waits until a supervisor that was started on demand has ended, so that the next
 * client is not served by it. 0, -ETIMEDOUT (it goes on: somebody else needs it), or another -errno.
 */
int ctl_await_end(void);
/*
 * Ends a supervisor that does not understand us (-EPROTO from ctl_open()), which takes its directors along; what is
 * pinned goes on. 0 when it is gone or there was none, or -errno and a sentence.
 */
int ctl_end_supervisor(char *why, size_t size);
/* To be waited for: with no answer outstanding it becomes readable when the director has gone. The ctl owns it. */
int ctl_fd(const struct ctl *c);

/*
 * Starts a request in the connection's own buffer and returns its header, for mnl_attr_put*(). cmd: IPVS_CMD_* or
 * ELVS_CMD_*. flags: NLM_F_ACK or NLM_F_DUMP (NLM_F_REQUEST is added).
 */
struct nlmsghdr *ctl_request(struct ctl *c, uint8_t cmd, uint16_t flags);

/*
 * Sends the request begun and reads answers until its end. f (may be NULL) gets each message that is not ERROR or
 * DONE; a non-zero return stops delivering (answers are still drained) and is returned.
 * Returns 0, the callback's value, the director's -errno, or -EPIPE when the director has gone.
 */
int ctl_call(struct ctl *c, struct nlmsghdr *nlh, int (*f)(const struct nlmsghdr *nlh, void *arg), void *arg);

/*
 * The director's sentence that came with the last request's error, "" if there was none. Until the next request;
 * within ctl_flush()'s callback that of the request told.
 */
const char *ctl_why(const struct ctl *c);

/*
 * Pipelining for long restores: ctl_queue() sends without waiting; ctl_flush() reads all outstanding answers and
 * gives the error of each request queued since the last flush to f, in order (0, or -errno). At most CTL_QUEUE_MAX
 * are on their way at a time: ctl_queue reads answers by itself. Queued requests need NLM_F_ACK and get no data back.
 * ctl_call() may come between; it does not wait for a flush. Both return 0 or -errno of the connection itself.
 */
#define CTL_QUEUE_MAX 128
int ctl_queue(struct ctl *c, struct nlmsghdr *nlh);
int ctl_flush(struct ctl *c, void (*f)(void *arg, unsigned nth, int error), void *arg);

#endif
