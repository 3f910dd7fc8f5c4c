/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_track - scripts, processes and files that instances (and servers) track.
 */
#include <string.h>

#include "draft.h"
#include "print.h"
#include "track.h"

#define SECOND 1000000ll
#define MSEC 1000ll

/* ---- names ---- */
const char *draft_name(struct load *l, const struct conf_node *n, size_t max)
{
	const char *name;

	if (!value_word(l, n, 1, &name))
		return NULL;
	if (n->n_words > 2)
		load_error(l, CONF_HINT, n, 2, "%s: '%s' is ignored, a name is one word", n->words[0].text,
			   n->words[2].text);
	if (max && strlen(name) > max) {
		load_error(l, CONF_ERROR, n, 1, "%s: the name %s is longer than %zu characters, it is skipped",
			   n->words[0].text, name, max);
		return NULL;
	}
	return load_str(l, name);
}

/*
 * What a block has become, at its end: it gets its place in the list, unless `missing' says that it lacks what makes
 * it one, or its name is taken.
 */
static void keep(struct load *l, struct names *names, struct vec *list, void *draft, const char *name,
		 const char *missing, const struct conf_node *n)
{
	if (missing)
		load_error(l, CONF_ERROR, n, 0, "(%s) no %s specified, the block is skipped", name, missing);
	else if (!names_add(l, names, name, list->n))
		load_error(l, CONF_ERROR, n, 1, "%s %s already defined, this one is skipped", n->words[0].text, name);
	else
		*(void **)vec_add(l, list, sizeof(draft)) = draft;
}

static void *open_file(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	const char *name = draft_name(l, n, 0);
	struct file_draft *d;

	if (!name)
		return NULL;
	d = schema_draft(l, b);
	d->f.name = name;
	d->f.where = load_where(l, n, 0);
	return d;
}

static void close_file(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct file_draft *d = draft;

	keep(l, &l->file_names, &l->files, d, d->f.name, *d->f.path ? NULL : "file", n);
}

static void *open_process(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	const char *name = draft_name(l, n, 0);
	struct process_draft *d;

	if (!name)
		return NULL;
	d = schema_draft(l, b);
	d->p.name = name;
	d->p.quorum_max = UINT32_MAX;
	d->p.where = load_where(l, n, 0);
	return d;
}

static void close_process(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct process_draft *d = draft;

	keep(l, &l->process_names, &l->processes, d, d->p.name, d->p.argv ? NULL : "process", n);
}

static void *open_script(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	const char *name = draft_name(l, n, 0);
	struct script_draft *d;

	if (!name)
		return NULL;
	d = schema_draft(l, b);
	d->s.name = name;
	d->s.where = load_where(l, n, 0);
	return d;
}

static void close_script(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct script_draft *d = draft;

	keep(l, &l->script_names, &l->scripts, d, d->s.name, d->s.script.argv ? NULL : "script", n);
}

/* ---- track_file ---- */
static void set_file_weight(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct file_draft *d = obj;

	track_weight(l, n, -INT32_MAX, INT32_MAX, &d->f.weight, &d->f.reverse);
}

static void set_init_file(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct file_draft *d = obj;
	int64_t v;

	d->f.init = true;
	for (uint32_t i = 1; i < n->n_words; i++) {
		if (!strcmp(n->words[i].text, "overwrite"))
			d->f.init_overwrite = true;
		else if (value_num(l, n, i, INT32_MIN, INT32_MAX, &v))
			d->f.init_value = (int)v;
	}
}

static void print_init_file(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_track_file *f = obj;

	if (f->init)
		print_line(p, "init_file %d%s", f->init_value, f->init_overwrite ? " overwrite" : "");
}

static void print_weight(struct printer *p, int weight, bool reverse, int preset)
{
	if (weight != preset || reverse)
		print_line(p, "weight %d%s", weight, reverse ? " reverse" : "");
}

static void print_file_weight(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_track_file *f = obj;

	print_weight(p, f->weight, f->reverse, 1);
}

/* clang-format off */
static const struct row file_rows[] = {
	{ "file", V_STRING, T2, FIELD(file_draft, f.path), .standard = "required",
	  .brief = "the file that holds a number" },
	{ "weight", V_CUSTOM, T1, FIELD(file_draft, f.weight), .set = set_file_weight, .print = print_file_weight,
	  .min_words = 1, .args = "N [reverse]", .preset = "1",
	  .brief = "the number times this goes onto the priority; 0: any other number than 0 is a fault" },
	{ "init_file", V_CUSTOM, T2, FIELD(file_draft, f.init), .set = set_init_file, .print = print_init_file,
	  .args = "[VALUE] [overwrite]", .standard = "off",
	  .brief = "write this value at the start if there is no file" },
};
static ROW_TABLE(file);
static const struct row_part file_parts[] = {{&file, 0}, {NULL, 0}};
const struct schema_block schema_file = {
	.word = "track_file", .parts = file_parts, .size = sizeof(struct file_draft),
	.conf_size = sizeof(struct conf_track_file), .open = open_file, .close = close_file, .args = "NAME",
	.brief = "A file with a number that instances and servers track",
};
/* clang-format on */

/* ---- vrrp_track_process ---- */
static void set_process(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct process_draft *d = obj;
	struct vec argv = { 0 };

	for (uint32_t i = 1; i < n->n_words; i++)
		*(const char **)vec_add(l, &argv, sizeof(char *)) = load_str(l, n->words[i].text);
	vec_add(l, &argv, sizeof(char *));
	d->p.argv = vec_keep(l, &argv, sizeof(char *));
}

static void print_process(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_track_process *t = obj;
	const char *text = "process";

	for (const char *const *w = t->argv; *w; w++)
		text = arena_printf(&p->presets->scratch, "%s %s", text, print_word(p, *w));
	print_line(p, "%s", text);
}

static void set_param_match(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	static const struct row_word words[] = { { "initial", 1 }, { "partial", 2 }, { NULL, 0 } };
	struct process_draft *d = obj;
	int64_t v;

	if (!value_enum(l, n, 1, words, false, &v))
		return;
	d->p.params_initial = v == 1;
	d->p.params_partial = v == 2;
}

static void print_param_match(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_track_process *t = obj;

	if (t->params_initial || t->params_partial)
		print_line(p, "param_match %s", t->params_initial ? "initial" : "partial");
}

static void set_process_weight(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct process_draft *d = obj;

	track_weight(l, n, -254, 254, &d->p.weight, &d->p.reverse);
}

static void print_process_weight(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_track_process *t = obj;

	print_weight(p, t->weight, t->reverse, 1);
}

static void set_delay(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct process_draft *d = obj;

	d->p.terminate_delay_us = d->p.fork_delay_us = d->delay_us;
}

static void print_quorum_max(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_track_process *t = obj;

	if (t->quorum_max != UINT32_MAX)
		print_line(p, "quorum_max %u", t->quorum_max);
}

/* clang-format off */
#define P(f) FIELD(process_draft, f)
static const struct row process_rows[] = {
	{ "process", V_CUSTOM, T2, P(p.argv), .set = set_process, .print = print_process, .min_words = 1,
	  .args = "COMMAND [ARGUMENT ...]", .standard = "required", .brief = "the process, by its exact name" },
	{ "param_match", V_CUSTOM, T2, P(p.params_initial), .set = set_param_match, .print = print_param_match,
	  .min_words = 1, .args = "initial | partial", .standard = "exact",
	  .brief = "the last argument may go on, or further ones may follow" },
	{ "weight", V_CUSTOM, T1, P(p.weight), .set = set_process_weight, .print = print_process_weight,
	  .min_words = 1,
	  .args = "N [reverse]", .preset = "1",
	  .brief = "goes onto the priority while it runs; 0: its absence is a fault" },
	{ "quorum", V_NUM, T1, P(p.quorum), .min = 1, .max = UINT32_MAX - 1, .preset = "1",
	  .brief = "how many of it must run" },
	{ "quorum_max", V_NUM, T2, P(p.quorum_max), .max = UINT32_MAX - 1, .print = print_quorum_max,
	  .standard = "none",
	  .brief = "how many of it may run" },
	{ "delay", V_SECS, T2, R_QUIET, P(delay_us), .max = 3600 * SECOND, .set = set_delay, .standard = "0",
	  .brief = "sets both delays" },
	{ "terminate_delay", V_SECS, T2, P(p.terminate_delay_us), .max = 3600 * SECOND, .preset = "0",
	  .brief = "how long it may be away before that counts" },
	{ "fork_delay", V_SECS, T2, P(p.fork_delay_us), .max = 3600 * SECOND, .preset = "0",
	  .brief = "how long it must be there before that counts" },
	{ "full_command", V_FLAG, T3, P(p.full_command), .brief = "compare the whole command line" },
};
static ROW_TABLE(process);
static const struct row_part process_parts[] = {{&process, 0}, {NULL, 0}};
const struct schema_block schema_process = {
	.word = "vrrp_track_process", .parts = process_parts, .size = sizeof(struct process_draft),
	.conf_size = sizeof(struct conf_track_process), .open = open_process, .close = close_process, .args = "NAME",
	.brief = "A process that instances track",
};
/* clang-format on */

/* ---- vrrp_script ---- */
static void set_script_weight(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct script_draft *d = obj;

	track_weight(l, n, -253, 253, &d->s.weight, &d->s.reverse);
}

static void print_script_weight(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp_script *s = obj;

	print_weight(p, s->weight, s->reverse, 0);
}

static void set_user(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct script_draft *d = obj;

	if (value_user(l, n, 1, &d->user, &d->group))
		d->has_user = true;
}

static void print_script_command(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp_script *s = obj;

	print_line(p, "script %s", print_command(p, s->script.text));
	if (s->script.has_user)
		print_line(p, "user %s%s%s", s->script.user, *s->script.group ? " " : "", s->script.group);
}

static void print_timeout(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp_script *s = obj;

	if (s->timeout_us != s->interval_us)
		print_line(p, "timeout %s", print_us(p, s->timeout_us, 1000000));
}

static void set_interval(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct script_draft *d = obj;
	uint64_t *us = (uint64_t *)((char *)d + r->offset);

	if (*us)
		return;
	load_error(l, CONF_ERROR, n, 1, "%s: 0 is no time at all, using 1 s", r->word);
	*us = SECOND;
}

/* clang-format off */
#define S(f) FIELD(script_draft, f)
static const struct row script_rows[] = {
	{ "script", V_SCRIPT, T1, R_NO_USER, S(s.script), .print = print_script_command, .standard = "required",
	  .args = "COMMAND", .brief = "the command; exit status 0 is success" },
	{ "interval", V_SECS, T1, S(s.interval_us), .max = 86400 * SECOND, .preset = "1", .set = set_interval,
	  .brief = "from one start to the next, in steps of a millisecond" },
	{ "timeout", V_SECS, T2, S(s.timeout_us), .max = 86400 * SECOND, .mark = GIVEN_TIMEOUT,
	  .standard = "interval",
	  .set = set_interval, .print = print_timeout, .brief = "how long it may run" },
	{ "rise", V_NUM, T1, S(s.rise), .min = 1, .max = INT32_MAX, .preset = "1",
	  .brief = "successes until it is up" },
	{ "fall", V_NUM, T1, S(s.fall), .min = 1, .max = INT32_MAX, .preset = "1",
	  .brief = "failures until it is down" },
	{ "weight", V_CUSTOM, T1, S(s.weight), .set = set_script_weight, .print = print_script_weight, .min_words = 1,
	  .args = "-253..253 [reverse]", .preset = "0",
	  .brief = "goes onto the priority: positive while up, negative while down; 0: down is a fault" },
	{ "user", V_CUSTOM, T2, S(user), .set = set_user, .min_words = 1, .args = "USER [[:]GROUP]",
	  .standard = "script_user", .brief = "who runs it" },
	{ "init_fail", V_FLAG, T2, S(s.init_fail), .brief = "down until it has succeeded" },
};
static ROW_TABLE(script);
static const struct row_part script_parts[] = {{&script, 0}, {NULL, 0}};
const struct schema_block schema_script = {
	.word = "vrrp_script", .parts = script_parts, .size = sizeof(struct script_draft),
	.conf_size = sizeof(struct conf_vrrp_script), .given = offsetof(struct script_draft, given),
	.open = open_script, .close = close_script,
	.args = "NAME", .brief = "A command that is run again and again, and that instances track",
};

static const struct row rows_track_root_rows[] = {
	{ "track_file", V_BLOCK, T2, .block = &schema_file, .brief = "a file with a number to track" },
	{ "vrrp_track_file", V_BLOCK, T2, R_QUIET, .block = &schema_file, .legacy = "please use track_file",
	  .brief = "old spelling" },
	{ "vrrp_track_process", V_BLOCK, T2, .block = &schema_process, .brief = "a process to track" },
	{ "vrrp_script", V_BLOCK, T1, .block = &schema_script, .brief = "a command to track" },
};
/* clang-format on */
ROW_TABLE(rows_track_root);
