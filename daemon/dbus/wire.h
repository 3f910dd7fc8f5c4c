/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire - D-Bus messages as bytes (D-Bus Specification 0.38, "Message Protocol"), as far as keepalived's need them.
 *
 * Both byte orders are read, this machine's is written. Pure: no socket, no clock. What is read is foreign: nothing
 * is believed about lengths, and strings are NUL-terminated where they say they end or the message is refused.
 */
#ifndef ELVS_DBUS_WIRE_H
#define ELVS_DBUS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_HEAD 16		      /* the fixed part: enough for wire_size() */
#define WIRE_TOTAL_MAX (128ull << 20) /* the specification's */
#define WIRE_FIELDS_MAX (64u << 10)   /* of a message that we look at; ours have some 300 bytes */

enum wire_type { WIRE_CALL = 1, WIRE_RETURN, WIRE_ERROR, WIRE_SIGNAL };
#define WIRE_NO_REPLY 1 /* flag: nobody waits for an answer */

/* What was read: points into the caller's bytes. Strings are "" where the message has no such field. */
struct wire_in {
	uint8_t type, flags;
	bool swap; /* the other byte order */
	uint32_t serial, reply_serial;
	const char *path, *interface, *member, *error, *sender, *signature;
	const uint8_t *body;
	size_t body_len, at; /* at: what has been read of the body */
};

/*
 * From a message's first WIRE_HEAD bytes: how many bytes it has before its body, padded, and altogether. -EBADMSG:
 * this is no message, and where the next one begins nobody knows.
 */
int wire_size(const uint8_t *head, size_t *ret_header, size_t *ret_total);
/*
 * bytes: aligned to 8, len of them, the header at least; of a body that is not there all of, nothing is taken. 0 or
 * -EBADMSG.
 */
int wire_read(struct wire_in *ret, const uint8_t *bytes, size_t len);
/* The body's next value, which must be of that type. NULL, -EBADMSG: it is not whole. */
const char *wire_string(struct wire_in *m);
int wire_u32(struct wire_in *m, uint32_t *ret);

/* What is written: one message after another into the same memory. Zeroed at first; wire_free() at the end. */
struct wire_out {
	uint8_t *bytes;
	size_t len, room;
	size_t fields_end, body; /* places in the message */
	bool failed;		 /* no memory */
};

void wire_begin(struct wire_out *o, enum wire_type type, uint8_t flags, uint32_t serial);
/* Header fields, in any order */
void wire_path(struct wire_out *o, const char *path);
void wire_interface(struct wire_out *o, const char *name);
void wire_member(struct wire_out *o, const char *name);
void wire_error(struct wire_out *o, const char *name);
void wire_destination(struct wire_out *o, const char *name);
void wire_reply_to(struct wire_out *o, uint32_t serial);
/* The body begins; "": there is none */
void wire_body(struct wire_out *o, const char *signature);
void wire_put_u32(struct wire_out *o, uint32_t v);
/* What is not UTF-8 has question marks instead: the bus closes the connection of whoever says anything else. */
void wire_put_string(struct wire_out *o, const char *s);
void wire_put_signature(struct wire_out *o, const char *s); /* before a variant's value */
void wire_put_struct(struct wire_out *o);		    /* and before a dictionary's entry: aligns */
/* An array whose elements are aligned to 8: begins it, returns what ends it. */
size_t wire_array(struct wire_out *o);
void wire_array_end(struct wire_out *o, size_t array);
/* Fills the lengths in. 0 or -ENOMEM. */
int wire_end(struct wire_out *o);
void wire_free(struct wire_out *o);

#endif
