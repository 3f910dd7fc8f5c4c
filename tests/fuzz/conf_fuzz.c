/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_fuzz - any bytes as a configuration, with files that include each other: a line "%%% NAME" begins the next file,
 * the first is the main one. Nothing is opened; interfaces whose name begins with e exist; scripts in /bin are fine.
 *
 * What must hold: reading ends, every node has words, every place is within the file it names. Then the whole is loaded:
 * no string is missing, every index refers to something, and the printed form loads to the same virtual servers, checks
 * and instances.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "load.h"
#include "tree.h"

#define FILES 8
#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

struct file {
	char name[64];
	const char *text;
	size_t len;
	uint32_t lines;
};
struct disk {
	struct file files[FILES];
	unsigned n;
};

static const struct file *find(const struct disk *d, const char *path)
{
	for (unsigned i = 0; i < d->n; i++)
		if (!strcmp(d->files[i].name, path))
			return &d->files[i];
	return NULL;
}

static int disk_read(void *arg, const char *path, char **ret_text, size_t *ret_len)
{
	const struct file *f = find(arg, path);

	if (!f)
		return -ENOENT;
	*ret_text = malloc(f->len + 1);
	MUST(*ret_text);
	memcpy(*ret_text, f->text, f->len);
	(*ret_text)[f->len] = 0;
	*ret_len = f->len;
	return 0;
}

static int disk_glob(void *arg, const char *pattern, int (*f)(void *arg, const char *path), void *f_arg)
{
	const struct disk *d = arg;
	int n = 0;

	for (unsigned i = 0; i < d->n; i++) {
		if (strlen(pattern) > 100 || fnmatch(pattern, d->files[i].name, FNM_PATHNAME))
			continue;
		n++;
		if (f(f_arg, d->files[i].name))
			break;
	}
	return n;
}

static bool disk_if_exists(void *arg, const char *ifname)
{
	return *ifname == 'e';
}

static int disk_script_check(void *arg, const char *path, const char *user, const char *group)
{
	return !strncmp(path, "/bin/", 5) ? 0 : *path == '/' ? -EPERM : -ENOENT;
}

static void make_disk(struct disk *d, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *next;
	struct file *f;

	while (d->n < FILES) {
		f = &d->files[d->n++];
		strcpy(f->name, "main");
		if (end - p > 4 && !memcmp(p, "%%% ", 4)) {
			next = memchr(p, '\n', (size_t)(end - p));
			next = next ? next : end;
			p += 4;
			memset(f->name, 0, sizeof(f->name));
			memcpy(f->name, p,
			       (size_t)(next - p) < sizeof(f->name) ? (size_t)(next - p) : sizeof(f->name) - 1);
			p = next < end ? next + 1 : end;
		}
		next = memmem(p, (size_t)(end - p), "\n%%% ", 5);
		f->text = p;
		f->len = (size_t)((next ? next : end) - p);
		f->lines = 1;
		for (size_t i = 0; i < f->len; i++)
			f->lines += p[i] == '\n';
		if (!next)
			break;
		p = next + 1;
	}
}

static void check_place(const struct disk *d, const struct conf_where *w)
{
	const struct file *f;

	if (!w->file)
		return;
	f = find(d, w->file);
	MUST(f || !w->line);
	MUST(!f || w->line <= f->lines + 1);
	MUST(!f || w->col <= f->len + 2);
}

static void check_nodes(const struct disk *d, const struct conf_node *n)
{
	for (; n; n = n->next) {
		MUST(n->n_words && n->words && n->raw && *n->raw);
		MUST(n->where.line && n->where.col);
		check_place(d, &n->where);
		for (uint32_t i = 0; i < n->n_words; i++)
			MUST(n->words[i].text && n->words[i].col);
		MUST(n->has_block || !n->children);
		check_nodes(d, n->children);
	}
}

/* ---- what was loaded ---- */
static void check_script(const struct conf_script *s)
{
	MUST(!s || !s->argv || (s->argv[0] && s->text));
	MUST(!s || !s->has_user || (s->user && s->group));
}

static void check_check(const struct conf *c, const struct conf_check *k)
{
	MUST(k->kind < CONF_CHECK_KINDS && k->bind_if && k->rise && k->fall && k->delay_loop_us &&
	     k->connect_timeout_us);
	if (k->kind == CONF_CHECK_HTTP || k->kind == CONF_CHECK_SSL) {
		MUST(k->http.n_urls && k->http.sni_name && k->http.verify_ca);
		for (uint32_t i = 0; i < k->http.n_urls; i++)
			MUST(*k->http.urls[i].path && k->http.urls[i].virtualhost && k->http.urls[i].regex);
	}
	if (k->kind == CONF_CHECK_MISC)
		check_script(&k->misc.script);
	if (k->kind == CONF_CHECK_BFD)
		MUST(k->bfd.bfd < c->n_bfds);
	if (k->kind == CONF_CHECK_FILE)
		MUST(k->file.file < c->n_files);
}

static void check_vs(const struct conf *c, const struct conf_vs *v)
{
	MUST(v->family == AF_INET || v->family == AF_INET6);
	MUST(*v->sched && v->pe && v->virtualhost && v->snmp_name && (v->n_rs || v->adopted));
	MUST(v->vsg == CONF_NONE || (v->vsg < c->n_vsgs && c->vsgs[v->vsg].n_entries));
	MUST(v->vsg != CONF_NONE || v->fwmark || v->addr.family);
	check_script(&v->quorum_up);
	for (uint32_t i = 0; i < v->n_rs; i++) {
		MUST(v->rs[i].addr.family);
		check_script(v->rs[i].notify_up);
		for (uint32_t k = 0; k < v->rs[i].n_checks; k++)
			MUST(v->rs[i].checks[k] < c->n_checks);
	}
}

static void check_vrrp(const struct conf *c, const struct conf_vrrp *v)
{
	MUST(v->name && *v->name && v->vrid && v->iface && (v->version == 2 || v->version == 3));
	MUST(v->advert_us && v->priority && (v->group == CONF_NONE || v->group < c->n_groups));
	check_script(&v->notify.master);
	check_script(&v->notify.any);
}

static void check_conf(const struct conf *c)
{
	for (uint32_t i = 0; i < c->n_checks; i++)
		check_check(c, c->checks[i].how);
	for (uint32_t i = 0; i < c->n_servers; i++)
		check_vs(c, &c->servers[i]);
	for (uint32_t i = 0; i < c->n_vrrps; i++)
		check_vrrp(c, &c->vrrps[i]);
	for (uint32_t i = 0; i < c->n_service_checks; i++)
		for (uint32_t k = 0; k < c->service_checks[i].n_templates; k++)
			check_check(c, &c->service_checks[i].templates[k]);
}

static void check_same(const struct conf *c, const struct conf *d)
{
	MUST(c->n_servers == d->n_servers && c->n_checks == d->n_checks && c->n_vrrps == d->n_vrrps);
	for (uint32_t i = 0; i < c->n_checks; i++)
		MUST(conf_target_equal(c, &c->checks[i], d, &d->checks[i]));
	for (uint32_t i = 0; i < c->n_servers; i++)
		MUST(conf_vs_equal(c, &c->servers[i], d, &d->servers[i]));
	for (uint32_t i = 0; i < c->n_vrrps; i++)
		MUST(conf_vrrp_equal(c, &c->vrrps[i], d, &d->vrrps[i]));
}

/* The printed form as a disk of its own */
static void check_printed(const struct conf *c, const struct conf_io *io, const struct conf_options *o)
{
	struct disk d = { .n = 1 };
	struct conf_io again = *io;
	struct arena a;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	MUST(f && !conf_print(c, f) && !fclose(f) && !arena_open_private(&a));
	d.files[0] = (struct file){ .text = text, .len = len };
	strcpy(d.files[0].name, o->path);
	again.arg = &d;
	check_same(c, conf_load(&a, &again, o));
	arena_close(&a);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	struct disk d = {};
	struct conf_io io = { .arg = &d,
			      .read = disk_read,
			      .glob = disk_glob,
			      .if_exists = disk_if_exists,
			      .script_check = disk_script_check };
	struct conf_options o = { .config_id = "main", .instance = "one" };
	struct conf_errors errors = {};
	const struct conf_node *root;
	const struct conf *conf;
	struct arena a;
	char text[1200];

	if (len > 65536)
		return -1;
	MUST(!arena_open_private(&a));
	make_disk(&d, (const char *)in, len);
	o.path = d.files[0].name;
	errors.arena = &a;
	root = conf_tree_read(&a, &io, &o, &errors);
	check_nodes(&d, root->children);
	conf_errors_sort(&errors);
	for (uint32_t i = 0; i < errors.n; i++) {
		MUST(*errors.list[i].text);
		check_place(&d, &errors.list[i].where);
		MUST(conf_message_text(&errors.list[i], text, sizeof(text)) > 0);
	}
	arena_close(&a);

	MUST(!arena_open_private(&a));
	conf = conf_load(&a, &io, &o);
	check_conf(conf);
	check_printed(conf, &io, &o);
	arena_close(&a);
	return 0;
}
