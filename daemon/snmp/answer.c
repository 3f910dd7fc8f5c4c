/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer - see answer.h. */
#include "answer.h"

#include <errno.h>
#include <stdlib.h>

#define ENOUGH (64 << 10) /* bytes; a GETBULK may get less than it asked for */
#define RANGES 1024	  /* of one request */
#define REPEATED 64	  /* of them in a GETBULK */

struct asked {
	const struct view *view;
	struct agentx_out *out;
	unsigned *need;
};

static int get(const struct asked *a, const struct agentx_search *s)
{
	struct value v;
	int r = mib_get(a->view, &s->start, &v, a->need);

	if (r == 0)
		agentx_bind(a->out, &s->start, &v);
	return r;
}

/* s moves behind what was found; *ret_more: there may be more of it */
static int get_next(const struct asked *a, struct agentx_search *s, bool *ret_more)
{
	struct oid name;
	struct value v;
	int r = mib_next(a->view, s, &name, &v, a->need);

	if (r < 0)
		return r;
	agentx_bind(a->out, &name, &v);
	*ret_more = v.type != VALUE_END_OF_MIB;
	oid_copy(&s->start, &name);
	s->include = false;
	return 0;
}

/* The rows of a GETBULK: one of each range, again and again */
static int repeat(const struct asked *a, struct agentx_reader *r, unsigned times)
{
	struct agentx_search *s = malloc(REPEATED * sizeof(*s));
	unsigned n = 0;
	int e = s ? 0 : -ENOMEM;

	while (e == 0 && n < REPEATED && (e = agentx_next_search(r, &s[n])) == 1) {
		e = 0;
		n++;
	}
	for (bool any = n; e == 0 && any && times-- && a->out->len < ENOUGH;) {
		any = false;
		for (unsigned k = 0; e == 0 && k < n; k++) {
			bool more = false;

			e = get_next(a, &s[k], &more);
			any |= more;
		}
	}
	free(s);
	return e;
}

static int ranges(const struct asked *a, const struct agentx_header *h, struct agentx_reader *r)
{
	unsigned left = h->type == AGENTX_GET_BULK ? r->non_repeaters : RANGES;
	struct agentx_search s;
	bool more;
	int e;

	while (left-- && (e = agentx_next_search(r, &s)) != 0) {
		if (e == 1)
			e = h->type == AGENTX_GET ? get(a, &s) : get_next(a, &s, &more);
		if (e < 0)
			return e;
	}
	return h->type == AGENTX_GET_BULK ? repeat(a, r, r->max_repetitions) : 0;
}

static int respond(const struct asked *a, const struct agentx_header *h, const uint8_t *body)
{
	struct agentx_reader r;
	int e = agentx_ask(&r, h, body);

	agentx_respond(a->out, h, AGENTX_OK, 0);
	if (e == 0)
		e = ranges(a, h, &r);
	if (e == -EAGAIN)
		return e;
	if (e < 0)
		agentx_set_error(a->out,
				 e == -ENOTSUP	? AGENTX_UNSUPPORTED_CONTEXT
				 : e == -ENOMEM ? AGENTX_GEN_ERR
						: AGENTX_PARSE_ERROR,
				 0);
	return 1;
}

int answer(const struct view *view, uint32_t session, const struct agentx_header *h, const uint8_t *body,
	   struct agentx_out *out, unsigned *ret_need)
{
	const struct asked a = { view, out, ret_need };
	int r = 1;

	if (h->type == AGENTX_RESPONSE || h->type == AGENTX_CLEANUP_SET || h->type == AGENTX_CLOSE)
		return 0;
	if (h->session != session) {
		agentx_respond(out, h, AGENTX_NOT_OPEN, 0);
	} else if (h->type == AGENTX_GET || h->type == AGENTX_GET_NEXT || h->type == AGENTX_GET_BULK) {
		r = respond(&a, h, body);
		if (r < 0)
			return r;
	} else if (h->type == AGENTX_TEST_SET) {
		agentx_respond(out, h, AGENTX_NOT_WRITABLE, 1); /* what is configured is in the file */
	} else {
		agentx_respond(out, h, h->type == AGENTX_PING ? AGENTX_OK : AGENTX_GEN_ERR, 0);
	}
	return agentx_end(out) == 0 ? r : 0;
}
