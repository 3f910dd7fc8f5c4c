/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_http_fuzz - any bytes as a web server's answer, in pieces of any size: the parser ends, body pieces lie
 * within the input, and cutting the input differently changes nothing.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

struct outcome {
	int error, status;
	enum http_state state;
	uint64_t body, sum;
};

static void feed(struct http_msg *m, const char *p, size_t len, struct outcome *o)
{
	const char *const begin = p, *const end = p + len, *body;
	size_t n;

	while ((o->error = http_msg_next(m, &p, &len, &body, &n)) == 1) {
		if (body < begin || body + n > end || !n || p + len != end)
			abort();
		o->body += n;
		for (size_t i = 0; i < n; i++)
			o->sum = o->sum * 31 + (uint8_t)body[i];
	}
	if (!o->error && m->state != HTTP_DONE && len)
		abort(); /* it did not take all, and wants no more */
}

static struct outcome parse(const char *p, size_t len, size_t piece)
{
	struct http_msg m = { 0 };
	struct outcome o = { 0 };

	while (len && !o.error && m.state != HTTP_DONE) {
		size_t n = piece < len ? piece : len;
		char *copy = malloc(n); /* of exactly this size, so that ASan sees a step beyond */

		memcpy(copy, p, n);
		feed(&m, copy, n, &o);
		free(copy);
		p += n;
		len -= n;
	}
	o.status = m.status;
	o.state = m.state;
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	struct outcome whole, bytes;

	whole = parse((const char *)in, len, len ? len : 1);
	bytes = parse((const char *)in, len, 1);
	if (!whole.error != !bytes.error || whole.body != bytes.body || whole.sum != bytes.sum)
		abort();
	if (!whole.error && (whole.status != bytes.status || whole.state != bytes.state))
		abort();
	return 0;
}
