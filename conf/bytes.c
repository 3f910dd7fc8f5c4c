/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes - see bytes.h: the buffer, and what a health check is made of. */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_free(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){ 0 };
}

void bytes_put(struct bytes *b, const void *p, size_t n)
{
	size_t room = b->room ? b->room : 512;
	uint8_t *more;

	while (room < b->n + n)
		room *= 2;
	if (room != b->room) {
		more = realloc(b->p, room);
		if (!more) {
			b->failed = true;
			return;
		}
		b->p = more;
		b->room = room;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

void bytes_str(struct bytes *b, const char *s)
{
	/* a string that is not there and an empty one are different things in few places only, but there they are */
	bytes_put(b, s ? "s" : "0", 1);
	if (s)
		bytes_put(b, s, strlen(s) + 1);
}

uint64_t bytes_hash(const struct bytes *b)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < b->n; i++)
		h = (h ^ b->p[i]) * 0x100000001b3u;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u; /* FNV alone mixes its upper half badly */
	return h ^ h >> 32;
}

bool bytes_equal(const struct bytes *x, const struct bytes *y)
{
	return !x->failed && !y->failed && x->n == y->n && !memcmp(x->p, y->p, x->n);
}

#define PUT(b, field) bytes_put(b, &(field), sizeof(field))

void bytes_script(struct bytes *b, const struct conf_script *s)
{
	bool given = s && s->argv;

	/* arguments, not text: blanks between them mean nothing */
	for (const char *const *p = given ? s->argv : NULL; p && *p; p++)
		bytes_str(b, *p);
	bytes_put(b, given ? "." : "0", 1);
	if (!given)
		return; /* not given, or not fit to run: who would have run it does not matter */
	PUT(b, s->has_user);
	bytes_str(b, s->user);
	bytes_str(b, s->group);
}

static void put_url(struct bytes *b, const struct conf_url *u)
{
	bytes_str(b, u->path);
	bytes_str(b, u->virtualhost);
	bytes_put(b, u->digest, sizeof(u->digest));
	PUT(b, u->has_digest);
	bytes_put(b, u->status, sizeof(u->status));
	bytes_str(b, u->regex);
	PUT(b, u->regex_no_match);
	PUT(b, u->regex_options);
	PUT(b, u->regex_min_offset);
	PUT(b, u->regex_max_offset);
	PUT(b, u->regex_stack_start);
	PUT(b, u->regex_stack_max);
}

static void put_http(struct bytes *b, const struct conf_check *c)
{
	PUT(b, c->http.n_urls);
	for (uint32_t i = 0; i < c->http.n_urls; i++)
		put_url(b, &c->http.urls[i]);
	PUT(b, c->http.protocol);
	PUT(b, c->http.enable_sni);
	PUT(b, c->http.tls_compliant);
	PUT(b, c->http.fast_recovery);
	bytes_str(b, c->http.sni_name);
	PUT(b, c->http.verify);
	bytes_str(b, c->http.verify_ca);
}

static void put_udp(struct bytes *b, const struct conf_check *c)
{
	PUT(b, c->udp.n_payload);
	bytes_put(b, c->udp.payload ? "p" : "0", 1);
	bytes_put(b, c->udp.payload, c->udp.n_payload);
	PUT(b, c->udp.require_reply);
	PUT(b, c->udp.n_reply);
	bytes_put(b, c->udp.reply, c->udp.n_reply);
	bytes_put(b, c->udp.reply_mask, c->udp.n_reply);
	PUT(b, c->udp.min_reply);
	PUT(b, c->udp.max_reply);
}

static void put_file(struct bytes *b, const struct conf *conf, const struct conf_check *c)
{
	const struct conf_track_file *f = &conf->files[c->file.file];

	bytes_str(b, f->name);
	bytes_str(b, f->path);
	PUT(b, c->file.weight);
	PUT(b, c->file.reverse);
}

static void put_kind(struct bytes *b, const struct conf *conf, const struct conf_check *c)
{
	switch (c->kind) {
	case CONF_CHECK_HTTP:
	case CONF_CHECK_SSL:
		put_http(b, c);
		break;
	case CONF_CHECK_SMTP:
		bytes_str(b, c->smtp.helo);
		break;
	case CONF_CHECK_DNS:
		PUT(b, c->dns.type);
		bytes_str(b, c->dns.name);
		break;
	case CONF_CHECK_MISC:
		bytes_script(b, &c->misc.script);
		PUT(b, c->misc.timeout_us);
		PUT(b, c->misc.dynamic);
		break;
	case CONF_CHECK_BFD:
		bytes_str(b, conf->bfds[c->bfd.bfd].name);
		break;
	case CONF_CHECK_UDP:
		put_udp(b, c);
		break;
	case CONF_CHECK_FILE:
		put_file(b, conf, c);
		break;
	case CONF_CHECK_AGENT:
		bytes_str(b, c->agent.send);
		break;
	case CONF_CHECK_PASSIVE:
		PUT(b, c->passive.failures);
		PUT(b, c->passive.hold_us);
		PUT(b, c->passive.service);
		PUT(b, c->passive.service_mark);
		PUT(b, c->passive.service_proto);
		break;
	case CONF_CHECK_TCP:
	case CONF_CHECK_PING:
	case CONF_CHECK_KINDS:
		break;
	}
}

void bytes_check(struct bytes *b, const struct conf *conf, const struct conf_check *c)
{
	PUT(b, c->kind);
	PUT(b, c->target);
	PUT(b, c->bind);
	bytes_str(b, c->bind_if);
	PUT(b, c->fwmark);
	PUT(b, c->via_vip);
	PUT(b, c->via_method);
	PUT(b, c->delay_loop_us);
	PUT(b, c->warmup_us);
	PUT(b, c->delay_before_retry_us);
	PUT(b, c->connect_timeout_us);
	PUT(b, c->total_timeout_us);
	PUT(b, c->jitter_us);
	PUT(b, c->retry);
	PUT(b, c->fall);
	PUT(b, c->rise);
	PUT(b, c->alpha);
	PUT(b, c->log_all_failures);
	put_kind(b, conf, c);
}

void bytes_target(struct bytes *b, const struct conf *conf, const struct conf_target *t)
{
	PUT(b, t->addr);
	bytes_check(b, conf, t->how);
}
