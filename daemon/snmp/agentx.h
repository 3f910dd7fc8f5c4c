/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agentx - PDUs of the AgentX protocol (RFC 2741), as bytes: what a subagent hears from its master agent, and says.
 *
 * Pure: it opens nothing. What was received is taken apart with explicit bounds, in either byte order; what is sent is
 * in network order. Contexts other than the default one are refused (we register none).
 */
#ifndef ELVS_SNMP_AGENTX_H
#define ELVS_SNMP_AGENTX_H

#include <stddef.h>

#include "oid.h"

#define AGENTX_HEADER 20
#define AGENTX_PDU_MAX (1 << 20) /* no master agent asks for so much at once */

enum agentx_type {
	AGENTX_OPEN = 1,
	AGENTX_CLOSE,
	AGENTX_REGISTER,
	AGENTX_UNREGISTER,
	AGENTX_GET,
	AGENTX_GET_NEXT,
	AGENTX_GET_BULK,
	AGENTX_TEST_SET,
	AGENTX_COMMIT_SET,
	AGENTX_UNDO_SET,
	AGENTX_CLEANUP_SET,
	AGENTX_NOTIFY,
	AGENTX_PING,
	AGENTX_RESPONSE = 18,
};

/* Errors in a response: SNMP's (RFC 3416) and AgentX's own (RFC 2741 section 6.2.16) */
enum agentx_error {
	AGENTX_OK = 0,
	AGENTX_GEN_ERR = 5,
	AGENTX_NOT_WRITABLE = 17,
	AGENTX_OPEN_FAILED = 256,
	AGENTX_NOT_OPEN = 257,
	AGENTX_UNSUPPORTED_CONTEXT = 262,
	AGENTX_DUPLICATE = 263,
	AGENTX_PARSE_ERROR = 266,
};

/* Types of values (RFC 2741 section 5.4) */
enum agentx_value_type {
	VALUE_INTEGER = 2,
	VALUE_STRING = 4,
	VALUE_OID = 6,
	VALUE_IP = 64,
	VALUE_COUNTER = 65,
	VALUE_GAUGE = 66, /* and Unsigned32 */
	VALUE_TICKS = 67,
	VALUE_COUNTER64 = 70,
	VALUE_NO_OBJECT = 128,
	VALUE_NO_INSTANCE = 129,
	VALUE_END_OF_MIB = 130,
};

#define VALUE_BYTES 1024 /* of a string; longer ones are cut */

struct value {
	uint16_t type; /* enum agentx_value_type */
	uint16_t len;  /* STRING, IP */
	union {
		uint64_t number; /* INTEGER: its 32 bits */
		struct oid oid;
		uint8_t bytes[VALUE_BYTES];
	};
};

struct agentx_header {
	uint8_t type, flags;
	bool network_order;
	uint32_t session, transaction, packet;
	uint32_t len; /* of what follows, a multiple of 4 */
};

/* Takes the header of buf apart. 0; -EAGAIN: it is not all there; -EBADMSG: this is no AgentX, or too much of it. */
int agentx_header(const uint8_t *buf, size_t len, struct agentx_header *ret);

/* ---- what is asked ---- */
struct agentx_search {
	struct oid start, end; /* end.n 0: none */
	bool include;	       /* start itself counts for GETNEXT, too */
};

/* A cursor over the ranges of a GET, GETNEXT or GETBULK. */
struct agentx_reader {
	const uint8_t *at, *end;
	bool network_order;
	uint16_t non_repeaters, max_repetitions; /* GETBULK */
};

/* body: the header's len bytes. 0; -EBADMSG; -ENOTSUP: a context of its own. */
int agentx_ask(struct agentx_reader *ret, const struct agentx_header *h, const uint8_t *body);
/* 1; 0: that was all; -EBADMSG. */
int agentx_next_search(struct agentx_reader *r, struct agentx_search *ret);

struct agentx_response {
	uint32_t uptime; /* the master's, hundredths of a second */
	uint16_t error, index;
};
int agentx_response(const struct agentx_header *h, const uint8_t *body, struct agentx_response *ret);

/* ---- what is said ---- */
/* A PDU being made: grows by itself; failed: no memory. */
struct agentx_out {
	uint8_t *bytes;
	size_t len, room;
	bool failed;
};

void agentx_begin(struct agentx_out *o, uint8_t type, const struct agentx_header *as); /* ids as of as */
void agentx_u8s(struct agentx_out *o, uint8_t a, uint8_t b, uint8_t c, uint8_t d);
void agentx_u16s(struct agentx_out *o, uint16_t a, uint16_t b);
void agentx_u32(struct agentx_out *o, uint32_t v);
void agentx_oid(struct agentx_out *o, const uint32_t *id, uint32_t n, bool include);
void agentx_string(struct agentx_out *o, const void *bytes, size_t len);
void agentx_bind(struct agentx_out *o, const struct oid *name, const struct value *v);
/* The head of a response; uptime 0: the master knows better. */
void agentx_respond(struct agentx_out *o, const struct agentx_header *to, uint16_t error, uint16_t index);
void agentx_set_error(struct agentx_out *o, uint16_t error, uint16_t index); /* of a response begun: no bindings */
/* The length goes into the header. 0, or -ENOMEM. */
int agentx_end(struct agentx_out *o);
void agentx_append(struct agentx_out *to, const struct agentx_out *pdu); /* whole PDUs, one behind the other */
void agentx_set_session(struct agentx_out *o, uint32_t session);	  /* in all of them */
void agentx_out_free(struct agentx_out *o);

#endif
