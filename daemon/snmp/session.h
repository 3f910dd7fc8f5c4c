/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session - our session with the master agent: opened, subtrees registered, kept alive, opened again when it is gone.
 *
 * It opens no socket: its owner has one made and gives it. What is asked is handed to the owner, PDU by PDU.
 */
#ifndef ELVS_SNMP_SESSION_H
#define ELVS_SNMP_SESSION_H

#include <event2/event.h>

#include "agentx.h"

struct session;
struct session_owner {
	void *arg;
	void (*want)(void *arg);				  /* a socket, please: session_connect() */
	/* A request. body: h->len bytes, borrowed. */
	void (*asked)(void *arg, const struct agentx_header *h, const uint8_t *body);
	void (*uptime)(void *arg, uint32_t hundredths);		  /* the master agent's, as of now */
};

int session_new(struct session **ret, struct event_base *base, const struct session_owner *owner); /* -errno */
void session_free(struct session *s); /* says goodbye; NULL is fine */
/*
 * Where the master agent is (for the log), and the subtrees that we have: n OIDs, borrowed. A session that exists is
 * closed and opened anew.
 */
void session_start(struct session *s, const char *where, const struct oid *trees, unsigned n);
/* The socket that was wanted (taken), or -1 and -errno. */
void session_connect(struct session *s, int take_fd, int error);
uint32_t session_id(const struct session *s);
/* Sends a PDU that agentx_end() has ended; dropped while there is no session. */
void session_send(struct session *s, const struct agentx_out *pdu);
/* The same of a notification, but without a session it waits for the next one, up to a limit. */
void session_notify(struct session *s, struct agentx_out *pdu);
/* The header of a PDU that we begin. */
struct agentx_header session_header(struct session *s);

#endif
