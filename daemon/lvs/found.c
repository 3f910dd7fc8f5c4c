/* SPDX-License-Identifier: GPL-2.0-or-later */
/* found - see found.h. */
#include "found.h"

#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool_internal.h"
#include "table.h"

#define STATE_MAX (4 << 20)

/* A service that was found, and the servers that it has or would have without our checks. */
struct find {
	struct service s;
	struct dest_list dests;
};

struct found {
	char *text, *state_file;
};

struct found *found_new(const char *state_file)
{
	struct found *f = calloc(1, sizeof(*f));
	FILE *in = NULL;
	size_t n = 0;

	if (!f)
		return NULL;
	f->text = calloc(1, STATE_MAX + 1);
	f->state_file = state_file ? strdup(state_file) : NULL;
	if (!f->text || (state_file && !f->state_file)) {
		found_free(f);
		return NULL;
	}
	if (state_file)
		in = fopen(state_file, "re");
	if (in) {
		n = fread(f->text, 1, STATE_MAX, in);
		fclose(in);
	}
	f->text[n] = '\0';
	return f;
}

void found_free(struct found *f)
{
	if (!f)
		return;
	free(f->text);
	free(f->state_file);
	free(f);
}

const char *found_text(const struct found *f)
{
	return f->text;
}

/* ---- looking ---- */

static void service_of(struct service *s, const struct conf_service_check *c)
{
	memset(s, 0, sizeof(*s));
	s->af = c->family;
	s->fwmark = c->fwmark;
	s->proto = c->protocol;
	s->addr.af = c->family;
	memcpy(s->addr.a, c->addr.bytes, sizeof(s->addr.a));
	s->port = htons(c->addr.port);
}

static struct dest *dest_in(const struct dest_list *l, const struct dest *d)
{
	for (size_t i = 0; i < l->n; i++)
		if (addr_equal(&l->d[i].addr, &d->addr) && l->d[i].port == d->port)
			return &l->d[i];
	return NULL;
}

static void dest_add(struct dest_list *l, const struct dest *d)
{
	struct dest *more = realloc(l->d, (l->n + 1) * sizeof(*more));

	if (!more)
		return;
	l->d = more;
	l->d[l->n++] = *d;
}

static bool is_of(const struct conf_vs *vs, const struct service *s)
{
	if (!vs->adopted || vs->family != s->af || vs->fwmark != s->fwmark)
		return false;
	return s->fwmark || (vs->protocol == s->proto && htons(vs->addr.port) == s->port &&
			     !memcmp(vs->addr.bytes, s->addr.a, s->af == AF_INET ? 4 : 16));
}

/* What our checks took out or put to rest, as the configuration (made from what was found before) has it. */
static void merge(struct find *now, const struct conf *conf, struct pool *pool)
{
	struct pool_dest mine;
	struct dest was, *d;

	for (uint32_t i = 0; i < conf->n_servers; i++) {
		const struct conf_vs *vs = &conf->servers[i];

		if (!is_of(vs, &now->s))
			continue;
		for (uint32_t k = 0; k < vs->n_rs; k++) {
			pool_dest_of_rs(&mine, &vs->rs[k]);
			pool_dest_whole(&was, &mine);
			if (!pool_is_down(pool, &now->s, &was))
				continue;
			d = dest_in(&now->dests, &was);
			if (d)
				*d = was;
			else
				dest_add(&now->dests, &was);
		}
	}
}

/* ---- writing ---- */

static const char *method_name(uint32_t method)
{
	switch (method) {
	case IP_VS_CONN_F_DROUTE:
		return "DR";
	case IP_VS_CONN_F_TUNNEL:
		return "TUN";
	default:
		return "NAT";
	}
}

static void write_dest(FILE *out, const struct dest *d, bool inhibit)
{
	static const char *const types[] = { "ipip", "gue", "gre" };
	char a[INET6_ADDRSTRLEN];

	fprintf(out, "\treal_server %s %u {\n\t\tweight %d\n\t\tlvs_method %s", addr_format(a, &d->addr),
		ntohs(d->port), d->weight, method_name(d->method));
	if (d->method == IP_VS_CONN_F_TUNNEL && d->tun_type && d->tun_type < 3) {
		fprintf(out, " type %s", types[d->tun_type]);
		if (d->tun_port)
			fprintf(out, " port %u", ntohs(d->tun_port));
	}
	fprintf(out, "\n");
	if (d->u_threshold)
		fprintf(out, "\t\tuthreshold %u\n", d->u_threshold);
	if (d->l_threshold)
		fprintf(out, "\t\tlthreshold %u\n", d->l_threshold);
	fprintf(out, "%s\t}\n", inhibit ? "\t\tinhibit_on_failure\n" : "");
}

static void write_find(FILE *out, const struct find *f, bool inhibit)
{
	char a[INET6_ADDRSTRLEN];

	if (f->s.fwmark)
		fprintf(out, "virtual_server fwmark %u %s {\n\tadopted\n", f->s.fwmark,
			f->s.af == AF_INET6 ? "inet6" : "inet");
	else
		fprintf(out, "virtual_server %s %u {\n\tadopted\n\tprotocol %s\n", addr_format(a, &f->s.addr),
			ntohs(f->s.port),
			f->s.proto == IPPROTO_UDP    ? "UDP"
			: f->s.proto == IPPROTO_SCTP ? "SCTP"
						     : "TCP");
	for (size_t i = 0; i < f->dests.n; i++)
		write_dest(out, &f->dests.d[i], inhibit);
	fprintf(out, "}\n");
}

static void save(const struct found *f)
{
	char fresh[520];
	FILE *out;

	if (!f->state_file)
		return;
	snprintf(fresh, sizeof(fresh), "%s.new", f->state_file);
	out = fopen(fresh, "we");
	if (!out)
		return;
	fputs(f->text, out);
	if (fclose(out) == 0)
		rename(fresh, f->state_file);
}

/* Takes text. */
static bool replace(struct found *f, char *text)
{
	bool changed = strcmp(f->text, text) != 0;

	free(f->text);
	f->text = text;
	if (changed)
		save(f);
	return changed;
}

/* One service_check: 0 or -errno of the director. */
static int look_at(struct ctl *c, const struct conf *conf, const struct conf_service_check *check, struct pool *pool,
		   const struct service_list *have, FILE *out)
{
	struct find now = { 0 };
	bool exists = false;
	int r;

	service_of(&now.s, check);
	for (size_t k = 0; k < have->n; k++)
		exists |= !pool_service_order(&have->s[k], &now.s);
	if (!exists)
		return 0;
	r = table_dests(c, &now.s, &now.dests);
	if (r >= 0) {
		merge(&now, conf, pool);
		write_find(out, &now, check->inhibit);
	}
	free(now.dests.d);
	return r;
}

bool found_look(struct found *f, struct ctl *c, const struct conf *conf, struct pool *pool)
{
	struct service_list have = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r;

	if (!out)
		return false;
	r = table_services(c, &have);
	for (uint32_t i = 0; r >= 0 && i < conf->n_service_checks; i++)
		r = look_at(c, conf, &conf->service_checks[i], pool, &have, out);
	free(have.s);
	if (fclose(out) != 0 || r < 0) {
		free(text);
		return false;
	}
	return replace(f, text);
}
