/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * set_global - the odd ones among the words of global_defs: values of several words, and checks beyond a range.
 */
#include "set_global.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "draft.h"
#include "vip.h"

#define SECOND 1000000ull

static struct conf_global *global_of(void *obj)
{
	return &((struct global_draft *)obj)->g;
}

/* ---- mail ---- */
void set_mail_to(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct global_draft *d = obj;

	for (uint32_t i = 0; i < n->n_words; i++)
		*(const char **)vec_add(l, &d->mail_to, sizeof(char *)) = load_str(l, n->words[i].text);
}

void print_mail_to(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (!g->n_mail_to)
		return;
	print_open(p, "notification_email");
	for (uint32_t i = 0; i < g->n_mail_to; i++)
		print_line(p, "%s", print_word(p, g->mail_to[i]));
	print_close(p);
}

void set_smtp_server(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);
	uint16_t port = 25;

	if (n->n_words > 2 && !value_port(l, n, 2, &port))
		return;
	if (*g->smtp_server)
		load_error(l, CONF_WARNING, n, 0, "Duplicate %s - overwriting", r->word);
	g->smtp_server = load_str(l, n->words[1].text);
	g->smtp_port = port;
}

void print_smtp_server(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (!*g->smtp_server)
		return;
	if (g->smtp_port == 25)
		print_line(p, "smtp_server %s", print_word(p, g->smtp_server));
	else
		print_line(p, "smtp_server %s %u", print_word(p, g->smtp_server), g->smtp_port);
}

void set_smtp_timeout(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);

	if (g->smtp_timeout_us)
		return;
	load_error(l, CONF_ERROR, n, 1, "%s: 0 is no time at all, using 1 s", r->word);
	g->smtp_timeout_us = SECOND;
}

/* ---- processes ---- */
void set_dynamic(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);

	g->dynamic_interfaces = true;
	if (n->n_words < 2)
		return;
	if (!strcmp(n->words[1].text, "allow_if_changes"))
		g->allow_if_changes = true;
	else
		load_error(l, CONF_ERROR, n, 1, "%s: unknown value '%s', it must be allow_if_changes", r->word,
			   n->words[1].text);
}

void print_dynamic(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (g->dynamic_interfaces)
		print_line(p, "dynamic_interfaces%s", g->allow_if_changes ? " allow_if_changes" : "");
}

static const struct row_word umask_names[] = {
	{ "IRUSR", 0400 }, { "IWUSR", 0200 }, { "IXUSR", 0100 }, { "IRWXU", 0700 }, { "IRGRP", 040 },
	{ "IWGRP", 020 },  { "IXGRP", 010 },  { "IRWXG", 070 },	 { "IROTH", 04 },   { "IWOTH", 02 },
	{ "IXOTH", 01 },   { "IRWXO", 07 },   { NULL, 0 },
};

/* A number (octal with 0, hexadecimal with 0x), or names with | between them. */
static bool parse_umask(const char *s, uint32_t *ret)
{
	uint32_t bits = 0;
	const struct row_word *w;
	char *end;

	if (*s >= '0' && *s <= '9') {
		unsigned long v = strtoul(s, &end, 0);

		*ret = v;
		return !*end && v <= 0777;
	}
	while (*s) {
		size_t n = strcspn(s, "| ");

		for (w = umask_names; w->word; w++)
			if (strlen(w->word) == n && !strncmp(w->word, s, n))
				break;
		if (n && !w->word)
			return false;
		bits |= n ? w->value : 0;
		s += n + strspn(s + n, "| ");
	}
	*ret = bits;
	return true;
}

void set_umask(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	uint32_t all = 0, bits;

	for (uint32_t i = 1; i < n->n_words; i++) {
		if (!parse_umask(n->words[i].text, &bits)) {
			load_error(l, CONF_ERROR, n, i,
				   "%s: '%s' is neither a number up to 0777 nor names like IRGRP|IWGRP", r->word,
				   n->words[i].text);
			return;
		}
		all |= bits;
	}
	global_of(obj)->umask = all;
}

void print_umask(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (g->umask != 0177)
		print_line(p, "umask 0%o", g->umask);
}

void set_cpus(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	uint64_t *cpus = (uint64_t *)((char *)obj + r->offset);
	int64_t v;

	for (uint32_t i = 1; i < n->n_words; i++)
		if (value_num(l, n, i, 0, 63, &v))
			*cpus |= 1ull << v;
}

void print_cpus(struct printer *p, const void *obj, const struct row *r)
{
	uint64_t cpus = *(const uint64_t *)((const char *)obj + r->offset);
	char text[64 * 3 + 1], *end = text;

	if (!cpus)
		return;
	for (unsigned i = 0; i < 64; i++)
		if (cpus >> i & 1)
			end += sprintf(end, " %u", i);
	print_line(p, "%s%s", r->word, text);
}

/* ---- files ---- */
void set_abs_path(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	const char **path = (const char **)((char *)obj + r->offset);

	if (**path == '/')
		return;
	load_error(l, CONF_ERROR, n, 1, "%s: '%s' must be an absolute path", r->word, *path);
	*path = load_str(l, "");
}

void set_reload_check(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);

	g->reload_check_config = true;
	if (n->n_words > 1)
		g->reload_check_log = load_str(l, n->words[1].text);
}

void print_reload_check(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (g->reload_check_config)
		print_line(p, "%s%s%s", r->word, *g->reload_check_log ? " " : "",
			   *g->reload_check_log ? print_word(p, g->reload_check_log) : "");
}

/* ---- scripts ---- */
void set_script_user(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct global_draft *d = obj;

	value_user(l, n, 1, &d->script_user, &d->script_group);
}

void set_fifo_script(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_fifo *fifo = (struct conf_fifo *)((char *)obj + r->offset);

	if (fifo->script.argv)
		load_error(l, CONF_ERROR, n, 0, "%s is given already, this one is ignored", r->word);
	else
		value_script(l, n, &fifo->script);
}

/* ---- VRRP ---- */
void set_mcast(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_addr *a = (struct conf_addr *)((char *)obj + r->offset);

	if (addr_is_multicast(a))
		return;
	load_error(l, CONF_ERROR, n, 1, "%s: '%s' is not a multicast address, using %s", r->word, n->words[1].text,
		   r->preset);
	text_addr(r->preset, a);
}

void set_extra_if(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_garp *g = (struct conf_garp *)((char *)obj + r->offset);
	bool all = !strcmp(n->words[1].text, "all");

	if (value_us(l, n, all ? 2 : 1, SECOND, 0, 86400 * SECOND, &g->extra_if_us))
		g->extra_if_all = all;
}

/* It becomes part of what nft(8) reads */
void set_nft_table(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);
	const char *name = g->nft_table;

	if (*name && strlen(name) < 32 &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(name))
		return;
	load_error(l, CONF_ERROR, n, 1, "%s: '%s' is not the name of a table (letters, digits, _), using keepalived",
		   r->word, name);
	g->nft_table = load_str(l, "keepalived");
}

/* As iptables takes it: up to 28 characters, and not what would be an option of it. */
static const char *chain_of(struct load *l, const struct row *r, const struct conf_node *n, unsigned word)
{
	const char *name = n->n_words > word ? n->words[word].text : "";

	if (strlen(name) <= 28 && !strpbrk(name, " \t\"'") && *name != '-' && *name != '!')
		return load_str(l, name);
	load_error(l, CONF_ERROR, n, word, "%s: '%s' is not the name of a chain (up to 28 characters), it is ignored",
		   r->word, name);
	return "";
}

void set_iptables(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_global *g = global_of(obj);

	g->iptables = true;
	g->iptables_in = chain_of(l, r, n, 1);
	g->iptables_out = chain_of(l, r, n, 2);
}

void print_iptables(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (!g->iptables)
		return;
	print_line(p, "vrrp_iptables%s%s%s%s", *g->iptables_in ? " " : "",
		   *g->iptables_in ? print_word(p, g->iptables_in) : "", *g->iptables_out ? " " : "",
		   *g->iptables_out ? print_word(p, g->iptables_out) : "");
}

void print_addr_prefix(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = obj;

	if (strcmp(g->vmac_addr_prefix, g->vmac_prefix))
		print_line(p, "%s %s", r->word, print_word(p, g->vmac_addr_prefix));
}

/* ---- what the whole of it means ---- */
static void default_str(struct load *l, const char **field, const char *value)
{
	if (!**field)
		*field = load_str(l, value);
}

static void name_processes(struct load *l, struct conf_global *g)
{
	default_str(l, &g->parent.name, "keepalived");
	default_str(l, &g->vrrp.name, "keepalived_vrrp");
	default_str(l, &g->checker.name, "keepalived_ipvs");
	default_str(l, &g->bfd.name, "keepalived_bfd");
}

void begin_global(struct load *l)
{
	struct global_draft *d = l->global;
	const char *none = load_str(l, "");
	const char **strings[] = { &d->g.smtp_server,  &d->g.sync.iface, &d->g.sync.vrrp,  &d->g.iptables_in,
				   &d->g.iptables_out, &d->script_user,	 &d->script_group, &d->g.reload_check_log };

	for (unsigned i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		*strings[i] = none;
	d->g.smtp_port = 25;
}

void validate_global(struct load *l)
{
	struct global_draft *d = l->global;
	struct conf_global *g = &d->g;
	char host[256] = "localhost";

	gethostname(host, sizeof(host) - 1);
	default_str(l, &g->router_id, host);
	default_str(l, &g->smtp_helo, host);
	default_str(l, &g->mail_from, arena_printf(&l->scratch, "root@%s", host));
	default_str(l, &g->vmac_addr_prefix, g->vmac_prefix);
	g->mail_to = vec_keep(l, &d->mail_to, sizeof(char *));
	g->n_mail_to = d->mail_to.n;
	if (*g->net_namespace)
		g->use_pid_dir = true;
	if (d->process_names)
		name_processes(l, g);
	load_script(l, &g->startup, "startup_script", CONF_WARNING);
	load_script(l, &g->shutdown, "shutdown_script", CONF_WARNING);
	load_script(l, &g->fifo.script, "notify_fifo_script", CONF_WARNING);
	load_script(l, &g->lvs_fifo.script, "lvs_notify_fifo_script", CONF_WARNING);
	load_script(l, &g->vrrp_fifo.script, "vrrp_notify_fifo_script", CONF_WARNING);
	l->conf->global = *g;
}
