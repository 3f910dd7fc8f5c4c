/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http_msg - an HTTP/1 answer (RFC 9112) taken apart as it comes in, in pieces of any size.
 *
 * For a client that asked one GET on a connection that is closed afterwards: status, then the body with
 * Content-Length, in chunks, or until the end. No header is kept but those. Lenient about all but the status, as
 * keepalived is: what is wrong about the body shows in its digest. Foreign bytes; bounded and fuzzed. The reason that
 * this is here and not left to libcurl is in http.c.
 */
#ifndef ELVS_DAEMON_CHECK_HTTP_MSG_H
#define ELVS_DAEMON_CHECK_HTTP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEADERS_MAX (256 << 10) /* bytes, trailers and chunk sizes included */

enum http_state {
	HTTP_STATUS,
	HTTP_HEADER,
	HTTP_BODY_LENGTH,
	HTTP_BODY_END, /* until the connection is closed */
	HTTP_CHUNK_SIZE,
	HTTP_CHUNK,
	HTTP_CHUNK_GAP,
	HTTP_TRAILER,
	HTTP_DONE,
};

struct http_msg {
	enum http_state state;
	int status; /* 0 until it is known */
	bool chunked, has_length, bad_length;
	uint64_t left;	  /* of the body or the chunk */
	uint32_t headers; /* bytes so far that are no body */
	uint32_t n_line;  /* of the line that is being read; only its beginning is kept */
	char line[160];
};

/*
 * Takes from *p (of *len, both moved on) until a piece of the body is there: returns 1 with it in ret_body, which
 * points into the input; 0 when all is used up or, with state HTTP_DONE, nothing more is wanted; -EBADMSG: this is
 * not HTTP; -E2BIG: headers without end.
 */
int http_msg_next(struct http_msg *m, const char **p, size_t *len, const char **ret_body, size_t *ret_n);

#endif
