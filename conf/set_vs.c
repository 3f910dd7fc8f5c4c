/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * set_vs - the odd ones among the words of virtual and real servers: how they are read and printed.
 *
 * Words that keepalived wants in lower or upper case (schedulers, methods) are taken in any, with a warning: the
 * meaning is clear.
 */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <string.h>
#include <strings.h>

#include "draft_vs.h"

/* ---- schedulers ---- */
static const struct row_word schedulers[] = {
	{ "rr", 0 },	{ "wrr", 0 }, { "lc", 0 }, { "wlc", 0 },  { "lblc", 0 },
	{ "lblcr", 0 }, { "sh", 0 },  { "mh", 0 }, { "dh", 0 },	  { "fo", 0 },
	{ "ovf", 0 },	{ "sed", 0 }, { "nq", 0 }, { "twos", 0 }, { NULL, 0 },
};

/* The word of words that w is, in any case; a warning if its case is another. NULL: none. */
static const struct row_word *any_case(struct load *l, const struct conf_node *n, uint32_t i,
				       const struct row_word *words)
{
	const char *w = n->words[i].text;

	for (; words->word; words++) {
		if (strcasecmp(words->word, w))
			continue;
		if (strcmp(words->word, w))
			load_error(l, CONF_WARNING, n, i, "%s: '%s' is taken as '%s', keepalived would not: write %s",
				   n->words[0].text, w, words->word, words->word);
		return words;
	}
	return NULL;
}

void set_sched(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;
	const struct row_word *w = any_case(l, n, 1, schedulers);

	if (w)
		d->v.sched = load_str(l, w->word);
	else
		load_error(l, CONF_ERROR, n, 1, "Invalid lvs_scheduler '%s' - ignoring: it is one of %s",
			   n->words[1].text, load_choices(l, schedulers));
}

void set_sched_word(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;

	d->sched_words |= (unsigned)r->min; /* which scheduler it is may be said below: validate_vs.c looks */
}

void set_svc_flag(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	((struct vs_draft *)obj)->v.flags |= (uint32_t)r->min;
}

void print_svc_flag(struct printer *p, const void *obj, const struct row *r)
{
	if (((const struct conf_vs *)obj)->flags & (uint32_t)r->min)
		print_line(p, "%s", r->word);
}

/* ---- methods ---- */
static const struct row_word methods[] = {
	{ "NAT", IP_VS_CONN_F_MASQ }, { "DR", IP_VS_CONN_F_DROUTE }, { "TUN", IP_VS_CONN_F_TUNNEL }, { NULL, 0 }
};
static const struct row_word tunnels[] = { { "ipip", IP_VS_CONN_F_TUNNEL_TYPE_IPIP },
					   { "gue", IP_VS_CONN_F_TUNNEL_TYPE_GUE },
					   { "gre", IP_VS_CONN_F_TUNNEL_TYPE_GRE },
					   { NULL, 0 } };
static const struct row_word checksums[] = { { "nocsum", 0 },
					     { "csum", IP_VS_TUNNEL_ENCAP_FLAG_CSUM },
					     { "remcsum", IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM },
					     { NULL, 0 } };

/* type KIND [port N] [CHECKSUM], from word i on */
static bool read_tunnel(struct load *l, const struct conf_node *n, uint32_t i, struct conf_rs *ret)
{
	int64_t v;

	for (; i < n->n_words; i++) {
		const char *w = n->words[i].text;

		if (!strcmp(w, "type")) {
			if (!value_enum(l, n, ++i, tunnels, true, &v))
				return false;
			ret->tun_type = (uint8_t)v;
		} else if (!strcmp(w, "port")) {
			if (!value_num(l, n, ++i, 1, 65535, &v))
				return false;
			ret->tun_port = (uint16_t)v;
		} else {
			if (!value_enum(l, n, i, checksums, true, &v))
				return false;
			ret->tun_flags = (uint16_t)v;
		}
	}
	if ((ret->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE) != !!ret->tun_port)
		load_error(l, CONF_ERROR, n, 0,
			   "%s: gue tunnels require port, otherwise cannot have port (type gue port 6080)",
			   n->words[0].text);
	else if (ret->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE && ret->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		load_error(l, CONF_ERROR, n, 0, "%s: gre tunnels do not support remote checksum option",
			   n->words[0].text);
	else if (ret->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_IPIP && ret->tun_flags)
		load_error(l, CONF_ERROR, n, 0, "%s: ipip tunnels have no checksum", n->words[0].text);
	else
		return true;
	return false;
}

static bool read_method(struct load *l, const struct conf_node *n, struct conf_rs *ret)
{
	const struct row_word *w = any_case(l, n, 1, methods);
	struct conf_rs m = *ret;

	if (!w) {
		load_error(l, CONF_ERROR, n, 1, "%s: unknown routing method '%s': it is one of %s", n->words[0].text,
			   n->words[1].text, load_choices(l, methods));
		return false;
	}
	m.method = (uint32_t)w->value;
	m.tun_type = 0;
	m.tun_port = m.tun_flags = 0;
	if (m.method == IP_VS_CONN_F_TUNNEL) {
		if (!read_tunnel(l, n, 2, &m))
			return false;
	} else if (n->n_words > 2) {
		load_error(l, CONF_HINT, n, 2, "%s: '%s' is ignored, only TUN has a type", n->words[0].text,
			   n->words[2].text);
	}
	*ret = m;
	return true;
}

void set_vs_method(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;

	if (read_method(l, n, &d->rs))
		d->v.method = d->rs.method;
	else
		d->v.method = CONF_NONE;
}

void set_rs_method(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct rs_draft *d = obj;

	if (!read_method(l, n, &d->r))
		d->r.method = CONF_NONE;
}

static const char *method_text(struct printer *p, const struct conf_rs *s)
{
	struct load *l = p->presets;
	const char *sum = "";

	if (s->method != IP_VS_CONN_F_TUNNEL)
		return s->method == IP_VS_CONN_F_DROUTE ? "DR" : "NAT";
	if (s->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_IPIP)
		return "TUN";
	if (s->tun_flags)
		sum = s->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM ? " csum" : " remcsum";
	if (s->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE)
		return arena_printf(&l->scratch, "TUN type gre%s", sum);
	return arena_printf(&l->scratch, "TUN type gue port %u%s", s->tun_port, sum);
}

void print_vs_method(struct printer *p, const void *obj, const struct row *r)
{
	struct conf_rs s = { .method = ((const struct conf_vs *)obj)->method };

	print_line(p, "%s %s", r->word, method_text(p, &s)); /* a tunnel's type stands at each server */
}

void print_rs_method(struct printer *p, const void *obj, const struct row *r)
{
	print_line(p, "%s %s", r->word, method_text(p, obj));
}

/* ---- sorry server ---- */
void set_sorry(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;
	struct conf_addr a;

	if (!value_addr_port(l, n, 1, &a))
		return;
	if (d->v.has_sorry)
		load_error(l, CONF_WARNING, n, 0, "Duplicate sorry_server - overwriting");
	d->v.sorry.addr = a;
	d->v.sorry.where = n->where;
	d->v.has_sorry = true;
}

void set_sorry_inhibit(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	/* keepalived wants it below sorry_server; validate_vs.c says so if there is none at all */
	((struct vs_draft *)obj)->v.sorry_inhibit = true;
}

void set_sorry_method(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;

	if (read_method(l, n, &d->v.sorry))
		d->given |= 1ull << VG_SORRY_METHOD;
}

void print_sorry(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vs *v = obj;

	if (!v->has_sorry)
		return;
	if (strcmp(r->word, "sorry_server")) {
		if (v->sorry_inhibit)
			print_line(p, "%s", r->word);
	} else if (v->sorry.addr.port) {
		print_line(p, "%s %s %u", r->word, print_addr(p, &v->sorry.addr), v->sorry.addr.port);
	} else {
		print_line(p, "%s %s", r->word, print_addr(p, &v->sorry.addr));
	}
}

void print_sorry_method(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vs *v = obj;

	if (v->has_sorry)
		print_line(p, "%s %s", r->word, method_text(p, &v->sorry));
}

/* ---- persistence ---- */
#define PERSISTENCE_DEFAULT 360
#define PERSISTENCE_MAX 2678400 /* 31 days */

void set_persistence(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;
	int64_t v = PERSISTENCE_DEFAULT;

	if (n->n_words > 1 && !strcmp(n->words[1].text, "0")) {
		load_error(l, CONF_WARNING, n, 1, "persistence_timeout: 0 is taken as none: leave the line out");
		d->v.persistence_s = 0;
		return;
	}
	if (n->n_words == 1 || value_num(l, n, 1, 1, PERSISTENCE_MAX, &v))
		d->v.persistence_s = (uint32_t)v;
}

void print_persistence(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vs *v = obj;

	if (v->persistence_s)
		print_line(p, "%s %u", r->word, v->persistence_s);
}

void set_granularity(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;
	struct in_addr mask;
	uint32_t m;
	int64_t v;

	if (!strchr(n->words[1].text, '.')) {
		if (value_num(l, n, 1, 1, 128, &v))
			d->mask_len = (uint32_t)v;
		return;
	}
	m = inet_pton(AF_INET, n->words[1].text, &mask) == 1 ? ntohl(mask.s_addr) : 0;
	if (!m || (m | (m - 1)) != UINT32_MAX) {
		load_error(l, CONF_ERROR, n, 1, "%s: '%s' is no netmask (as 255.255.255.0, or a length as 24 or 64)",
			   r->word, n->words[1].text);
		return;
	}
	d->mask4 = mask;
	d->mask_len = 0;
}

void print_granularity(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vs *v = obj;
	struct conf_addr a = { .family = AF_INET, .v4 = { v->netmask } };

	if (!v->persistence_s)
		return;
	if (v->family == AF_INET6 && v->netmask != 128)
		print_line(p, "%s %u", r->word, v->netmask);
	else if (v->family == AF_INET && v->netmask != UINT32_MAX)
		print_line(p, "%s %s", r->word, print_addr(p, &a));
}

void set_engine(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vs_draft *d = obj;

	if (!strcmp(d->v.pe, "sip"))
		return;
	load_error(l, CONF_ERROR, n, 1, "persistence_engine: '%s' is not known, it is left out: there is only sip",
		   d->v.pe);
	d->v.pe = load_str(l, "");
}
