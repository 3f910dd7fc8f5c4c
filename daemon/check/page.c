/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page - see page.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "page.h"

#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

#define STATUS_END 600
#define MATCH_STEPS 1000000 /* some milliseconds */
#define MATCH_HEAP_KB 4096

struct page_regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

/* ---- the body ---- */

void page_begin(struct page *p, const struct conf_url *u)
{
	*p = (struct page){ .wants_digest = u->has_digest };
	if (p->wants_digest)
		md5_init(&p->digest);
	if (u->regex[0]) {
		p->room = 4096;
		p->body = malloc(p->room);
		p->no_memory = !p->body;
	}
}

static void keep(struct page *p, const void *data, size_t n)
{
	size_t room = p->room;
	char *body;

	if (n > PAGE_KEPT - p->kept)
		n = PAGE_KEPT - p->kept;
	while (room < p->kept + n)
		room *= 2;
	if (room > p->room) {
		body = realloc(p->body, room);
		if (!body) {
			p->no_memory = true;
			return;
		}
		p->body = body;
		p->room = room;
	}
	memcpy(p->body + p->kept, data, n);
	p->kept += n;
}

bool page_add(struct page *p, const void *data, size_t n)
{
	p->len += n;
	if (p->wants_digest)
		md5_update(&p->digest, n, data);
	if (p->body)
		keep(p, data, n);
	return p->len <= PAGE_MAX;
}

void page_end(struct page *p)
{
	free(p->body);
	*p = (struct page){ 0 };
}

/* ---- status ---- */

static bool status_in(const struct conf_url *u, long n)
{
	return n >= 0 && n < STATUS_END && u->status[n / 64] >> (n % 64) & 1;
}

int page_status_text(const struct conf_url *u, char *buf, size_t size)
{
	int used = 0;

	for (long from = 0, to; from < STATUS_END; from = to + 1) {
		to = from;
		if (!status_in(u, from))
			continue;
		while (to + 1 < STATUS_END && status_in(u, to + 1))
			to++;
		used += snprintf(buf + (used < (int)size ? used : (int)size),
				 used < (int)size ? size - (size_t)used : 0, to > from ? "%s%ld-%ld" : "%s%ld",
				 used ? ", " : "", from, to);
	}
	return used;
}

/* ---- digest ---- */

static void hex(char *out, const uint8_t *in)
{
	for (int i = 0; i < 16; i++)
		sprintf(out + 2 * i, "%02x", in[i]);
}

static int judge_digest(struct page *p, const struct conf_url *u, char *why, size_t size)
{
	uint8_t got[MD5_DIGEST_SIZE];
	char is[33], want[33];

	md5_digest(&p->digest, sizeof(got), got);
	if (!memcmp(got, u->digest, sizeof(u->digest)))
		return 0;
	hex(is, got);
	hex(want, u->digest);
	snprintf(why, size, "MD5 digest %s, want %s", is, want);
	return -EINVAL;
}

/* ---- regex ---- */

struct page_regex *page_regex_new(const struct conf_url *u, char *why, size_t size)
{
	struct page_regex *r = calloc(1, sizeof(*r));
	uint32_t options = u->regex_options | (u->regex_max_offset ? PCRE2_USE_OFFSET_LIMIT : 0);
	PCRE2_SIZE at;
	int code;

	if (!r)
		return NULL;
	r->code = pcre2_compile((PCRE2_SPTR)u->regex, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	if (!r->code) {
		PCRE2_UCHAR text[120];

		pcre2_get_error_message(code, text, sizeof(text));
		snprintf(why, size, "regex: %s at offset %zu", (char *)text, (size_t)at);
		free(r);
		return NULL;
	}
	r->data = pcre2_match_data_create(1, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (!r->data || !r->context) {
		page_regex_free(r);
		return NULL;
	}
	pcre2_set_match_limit(r->context, MATCH_STEPS);
	pcre2_set_heap_limit(r->context, MATCH_HEAP_KB);
	if (u->regex_max_offset)
		pcre2_set_offset_limit(r->context, u->regex_max_offset);
	return r;
}

void page_regex_free(struct page_regex *r)
{
	if (!r)
		return;
	pcre2_match_context_free(r->context);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

static int judge_regex(const struct page *p, const struct conf_url *u, struct page_regex *r, char *why, size_t size)
{
	int n = PCRE2_ERROR_NOMATCH;

	if (!r)
		return -ENOMEM;
	if (u->regex_min_offset <= p->kept)
		n = pcre2_match(r->code, (PCRE2_SPTR)p->body, p->kept, u->regex_min_offset, 0, r->data, r->context);
	if (n < 0 && n != PCRE2_ERROR_NOMATCH) {
		PCRE2_UCHAR text[100];

		pcre2_get_error_message(n, text, sizeof(text));
		snprintf(why, size, "regex gives up: %s", (char *)text);
		return -EINVAL;
	}
	if ((n >= 0) != u->regex_no_match)
		return 0;
	snprintf(why, size, "regex %s in %zu bytes, want %s", n >= 0 ? "found" : "not found", p->kept,
		 u->regex_no_match ? "none" : "a match");
	return -EINVAL;
}

int page_judge(struct page *p, const struct conf_url *u, struct page_regex *regex, long status, char *why,
	       size_t size)
{
	char want[120];
	int r = 0;

	if (!status_in(u, status)) {
		if (page_status_text(u, want, sizeof(want)) >= (int)sizeof(want))
			memcpy(want + sizeof(want) - 4, "...", 4);
		snprintf(why, size, "HTTP status %ld, want %s", status, want);
		return -EINVAL;
	}
	if (p->no_memory)
		return -ENOMEM;
	if (p->len > PAGE_MAX && (p->wants_digest || p->body)) {
		snprintf(why, size, "answer longer than %d MiB", PAGE_MAX >> 20);
		return -EINVAL;
	}
	if (p->wants_digest)
		r = judge_digest(p, u, why, size);
	if (r == 0 && p->body)
		r = judge_regex(p, u, regex, why, size);
	return r;
}
