/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall - see firewall.h. */
#include "firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE "elvs_vrrp"

static bool guarded(const struct conf_vrrp *v)
{
	return !v->accept && v->priority != 255;
}

static bool in_list(const struct conf_vip *list, uint32_t n, const struct conf_addr *a)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i].addr.family == a->family && !memcmp(list[i].addr.bytes, a->bytes, sizeof(a->bytes)))
			return true;
	return false;
}

/* nft refuses an element that is there twice. */
static bool written_before(const struct conf *c, uint32_t vrrp, const struct conf_vip *list, uint32_t i)
{
	const struct conf_addr *a = &list[i].addr;

	for (uint32_t j = 0; j < vrrp; j++) {
		const struct conf_vrrp *v = &c->vrrps[j];

		if (guarded(v) && (in_list(v->vips, v->n_vips, a) || in_list(v->excluded, v->n_excluded, a)))
			return true;
	}
	return in_list(list, i, a) ||
	       (list == c->vrrps[vrrp].excluded && in_list(c->vrrps[vrrp].vips, c->vrrps[vrrp].n_vips, a));
}

static unsigned put_addresses(FILE *f, const struct conf *c, uint16_t family)
{
	char text[INET6_ADDRSTRLEN];
	unsigned n = 0;

	for (uint32_t i = 0; i < c->n_vrrps; i++) {
		const struct conf_vrrp *v = &c->vrrps[i];

		for (uint32_t j = 0; guarded(v) && j < v->n_vips + v->n_excluded; j++) {
			const struct conf_vip *list = j < v->n_vips ? v->vips : v->excluded;
			uint32_t k = j < v->n_vips ? j : j - v->n_vips;

			if (list[k].addr.family != family || written_before(c, i, list, k))
				continue;
			inet_ntop(family, list[k].addr.bytes, text, sizeof(text));
			fprintf(f, "%s %s", n++ ? "," : "", text);
		}
	}
	return n;
}

static void put_set(FILE *f, const struct conf *c, uint16_t family)
{
	char *list = NULL;
	size_t len = 0;
	FILE *m = open_memstream(&list, &len);
	unsigned n = m ? put_addresses(m, c, family) : 0;

	if (m)
		fclose(m);
	fprintf(f, " set %s { type %s;", family == AF_INET ? "v4" : "v6",
		family == AF_INET ? "ipv4_addr" : "ipv6_addr");
	if (n)
		fprintf(f, " elements = {%s };", list);
	fputs(" }\n", f);
	free(list);
}

static void put_table(FILE *f, const struct conf *c, const char *table)
{
	int prio = c->global.nft_table[0] ? c->global.nft_priority : -1;

	fprintf(f, "table inet %s { }\ndelete table inet %s\ntable inet %s {\n", table, table, table);
	put_set(f, c, AF_INET);
	put_set(f, c, AF_INET6);
	for (int out = 0; out < 2; out++) {
		const char *side = out ? "saddr" : "daddr";

		fprintf(f, " chain %s {\n  type filter hook %s priority %d; policy accept;\n", out ? "out" : "in",
			out ? "output" : "input", prio);
		fprintf(f, "  ip6 %s @v6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n", side);
		fprintf(f, "  ip %s @v4 counter drop\n  ip6 %s @v6 counter drop\n }\n", side, side);
	}
	fputs("}\n", f);
}

static uint64_t hash_of(const char *text)
{
	uint64_t h = 14695981039346656037ull; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 1099511628211ull;
	return h;
}

static int queue_text(struct commands *c, char *text)
{
	char *save = NULL;
	int r = 0;

	for (char *s = strtok_r(text, "\n", &save); s && r == 0; s = strtok_r(NULL, "\n", &save))
		r = commands_line(c, COMMAND_NFT, s);
	return r;
}

int firewall_conf(struct firewall *f, struct commands *c, const struct conf *conf)
{
	const char *table = conf->global.nft_table[0] ? conf->global.nft_table : TABLE;
	bool any = false;
	char *text = NULL;
	size_t len = 0;
	FILE *m;
	int r = 0;

	for (uint32_t i = 0; i < conf->n_vrrps; i++)
		any |= guarded(&conf->vrrps[i]);
	if (!any || (f->table[0] && strcmp(f->table, table)))
		firewall_remove(f, c);
	if (!any)
		return 0;
	m = open_memstream(&text, &len);
	if (!m)
		return -ENOMEM;
	put_table(m, conf, table);
	fclose(m);
	if (!f->table[0] || f->hash != hash_of(text)) {
		snprintf(f->table, sizeof(f->table), "%s", table);
		f->hash = hash_of(text);
		r = queue_text(c, text);
	}
	free(text);
	return r;
}

void firewall_remove(struct firewall *f, struct commands *c)
{
	char line[100];

	if (!f->table[0])
		return;
	snprintf(line, sizeof(line), "delete table inet %s", f->table);
	commands_line(c, COMMAND_NFT, line);
	f->table[0] = '\0';
}
