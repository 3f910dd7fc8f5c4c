/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * set_global_lvs - those words of global_defs that are about IPVS: synchronisation, timeouts, what goes at the end.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "set_global.h"
#include "vip.h"

#define TIMEOUT_MAX_S (31 * 86400)

static struct conf_global *global_of(void *obj)
{
	return &((struct global_draft *)obj)->g;
}

static bool sync_option(struct load *l, struct conf_global *g, const struct conf_node *n, uint32_t *i)
{
	static const struct {
		const char *word;
		int64_t min, max;
		uint32_t offset, size;
	} numbers[] = {
		{ "id", 0, 255, offsetof(struct conf_global, sync.id), 1 },
		{ "ttl", 1, 255, offsetof(struct conf_global, sync.ttl), 1 },
		{ "maxlen", 1, 65507, offsetof(struct conf_global, sync.maxlen), 2 },
		{ "port", 1, 65535, offsetof(struct conf_global, sync.port), 2 },
	};
	const char *word = n->words[*i].text;
	int64_t v;

	for (unsigned k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++) {
		char *field = (char *)g + numbers[k].offset;

		if (strcmp(word, numbers[k].word))
			continue;
		if (!value_num(l, n, ++*i, numbers[k].min, numbers[k].max, &v))
			return true;
		if (numbers[k].size == 1)
			*(uint8_t *)field = v;
		else
			*(uint16_t *)field = v;
		return true;
	}
	if (strcmp(word, "group"))
		return false;
	if (!value_addr(l, n, ++*i, &g->sync.group))
		return true;
	if (!addr_is_multicast(&g->sync.group)) {
		load_error(l, CONF_ERROR, n, *i, "%s: '%s' is not a multicast address", n->words[0].text,
			   n->words[*i].text);
		g->sync.group = (struct conf_addr){ 0 };
	}
	return true;
}

void set_sync(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);

	if (g->sync.on) {
		load_error(l, CONF_ERROR, n, 0, "lvs_sync_daemon is given already, this one is ignored");
		return;
	}
	if (!value_ifname(l, n, 1, &g->sync.iface))
		return;
	g->sync.on = true;
	g->sync.where = load_where(l, n, 0);
	g->sync.vrrp = load_str(l, "");
	for (uint32_t i = 2; i < n->n_words; i++) {
		const char *word = n->words[i].text;

		if (!strcmp(word, "inst") && value_word(l, n, ++i, &word))
			g->sync.vrrp = load_str(l, word);
		else if (i >= n->n_words || sync_option(l, g, n, &i))
			continue;
		else if (i == 2)
			g->sync.vrrp = load_str(l, word);
		else
			load_error(l, CONF_ERROR, n, i,
				   "%s: unknown word '%s', it must be id, maxlen, port, ttl or group", r->word, word);
	}
}

void print_sync(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;
	char text[160], *end = text;

	if (!g->sync.on)
		return;
	*text = 0;
	if (g->sync.id)
		end += sprintf(end, " id %u", g->sync.id);
	if (g->sync.maxlen)
		end += sprintf(end, " maxlen %u", g->sync.maxlen);
	if (g->sync.port)
		end += sprintf(end, " port %u", g->sync.port);
	if (g->sync.ttl)
		end += sprintf(end, " ttl %u", g->sync.ttl);
	if (g->sync.group.family)
		sprintf(end, " group %s", print_addr(p, &g->sync.group));
	print_line(p, "lvs_sync_daemon %s%s%s%s", print_word(p, g->sync.iface), *g->sync.vrrp ? " inst " : "",
		   *g->sync.vrrp ? print_word(p, g->sync.vrrp) : "", text);
}

void set_timeouts(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);

	for (uint32_t i = 1; i < n->n_words; i += 2) {
		const char *word = n->words[i].text;
		uint32_t *field = !strcmp(word, "tcp")	    ? &g->timeout_tcp_s
				  : !strcmp(word, "tcpfin") ? &g->timeout_tcpfin_s
				  : !strcmp(word, "udp")    ? &g->timeout_udp_s
							    : NULL;
		int64_t v;

		if (!field) {
			load_error(l, CONF_ERROR, n, i, "%s: unknown word '%s', it must be tcp, tcpfin or udp",
				   r->word, word);
			return;
		}
		if (value_num(l, n, i + 1, 0, TIMEOUT_MAX_S, &v))
			*field = v;
	}
}

void print_timeouts(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;
	char text[100], *end = text;

	*text = 0;
	if (g->timeout_tcp_s)
		end += sprintf(end, " tcp %u", g->timeout_tcp_s);
	if (g->timeout_tcpfin_s)
		end += sprintf(end, " tcpfin %u", g->timeout_tcpfin_s);
	if (g->timeout_udp_s)
		sprintf(end, " udp %u", g->timeout_udp_s);
	if (*text)
		print_line(p, "lvs_timeouts%s", text);
}

void set_flush_stop(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);

	g->lvs_flush_on_stop = n->n_words < 2;
	g->lvs_flush_on_stop_vs = n->n_words > 1 && !strcmp(n->words[1].text, "VS");
	if (n->n_words > 1 && !g->lvs_flush_on_stop_vs)
		load_error(l, CONF_ERROR, n, 1, "%s: unknown value '%s', it must be VS", r->word, n->words[1].text);
}

void print_flush_stop(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (g->lvs_flush_on_stop || g->lvs_flush_on_stop_vs)
		print_line(p, "lvs_flush_on_stop%s", g->lvs_flush_on_stop_vs ? " VS" : "");
}
