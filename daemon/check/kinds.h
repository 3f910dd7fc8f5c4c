/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds - the kinds of checks, each in a file of its own name. What they do: keepalived.conf(5). */
#ifndef ELVS_DAEMON_CHECK_KINDS_H
#define ELVS_DAEMON_CHECK_KINDS_H

#include "check.h"

extern const struct check_kind check_tcp, check_http, check_ssl, check_smtp, check_dns, check_misc, check_udp,
	check_ping, check_agent, check_passive;

/* Messages of the keeper to one kind */
void check_misc_done(struct check *k, const struct msg_run_done *m);
void check_passive_counter(struct check *k, const struct msg_counter *m);

/* The ping sockets, one per family, for all checks that need no socket of their own. NULL: no memory. */
struct pinger *pinger_new(struct checker *r);
void pinger_free(struct pinger *p);
bool pinger_wants(uint32_t want); /* whether a socket of this number is its own */
void pinger_socket(struct pinger *p, const struct msg_socket *m, int take_fd); /* the answer to its request */

#endif
