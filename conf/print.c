/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print - lines and blocks of the canonical form, and every row that has a usual kind. Knows no keyword.
 *
 * A row is printed when its value differs from what a draft starts with, or when its default comes from elsewhere.
 */
#include "print.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

static void indent(struct printer *p)
{
	for (unsigned i = 0; i < p->depth; i++)
		fputs("    ", p->out);
}

void print_line(struct printer *p, const char *fmt, ...)
{
	va_list ap;

	indent(p);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	fputc('\n', p->out);
}

void print_open(struct printer *p, const char *fmt, ...)
{
	va_list ap;

	indent(p);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	fputs(" {\n", p->out);
	p->depth++;
}

void print_close(struct printer *p)
{
	p->depth--;
	print_line(p, "}");
}

/* What may stand in a word without quotation marks anywhere in a line. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_-.:/,+*%=", c);
}

const char *print_word(struct printer *p, const char *s)
{
	size_t n = strlen(s), i;

	for (i = 0; i < n && (is_plain(s[i]) || (i && s[i] == '@')); i++)
		;
	if (n && i == n && !strstr(s, "//"))
		return s;
	return arena_printf(&p->presets->scratch, "\"%s\"", s);
}

const char *print_addr(struct printer *p, const struct conf_addr *a)
{
	char buf[INET6_ADDRSTRLEN] = "";

	inet_ntop(a->family, a->bytes, buf, sizeof(buf));
	return arena_strdup(&p->presets->scratch, buf);
}

/* Seconds or milliseconds, with as many decimals as it takes. */
const char *print_us(struct printer *p, uint64_t us, uint32_t unit_us)
{
	char buf[48], *end;

	end = buf + snprintf(buf, sizeof(buf), "%" PRIu64, us / unit_us);
	if (us % unit_us) {
		end += snprintf(end, buf + sizeof(buf) - end, ".%0*" PRIu64, unit_us == 1000000 ? 6 : 3,
				us % unit_us);
		while (end[-1] == '0')
			*--end = 0;
	}
	return arena_strdup(&p->presets->scratch, buf);
}

/*
 * A command as script keywords read it: in quotation marks, with escapes for what the language would take for itself
 * ($ begins a parameter, a backslash an escape).
 */
const char *print_command(struct printer *p, const char *text)
{
	char *out = arena_alloc(&p->presets->scratch, 4 * strlen(text) + 3), *end = out;

	*end++ = '"';
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\' || c == '$' || c < 32 || c == 127)
			end += sprintf(end, "\\%03o", c);
		else
			*end++ = c;
	}
	strcpy(end, "\"");
	return out;
}

void print_script(struct printer *p, const char *word, const struct conf_script *s)
{
	if (!s->argv)
		return;
	print_line(p, "%s %s%s%s%s%s", word, print_command(p, s->text), s->has_user ? " " : "",
		   s->has_user ? s->user : "", s->has_user && *s->group ? " " : "", s->has_user ? s->group : "");
}

static void print_run(struct printer *p, const struct row *r, const struct conf_script *s)
{
	if (!s)
		return;
	if (!(r->flags & R_NO_USER))
		print_script(p, r->word, s);
	else if (s->argv)
		print_line(p, "%s %s", r->word, print_command(p, s->text));
}

/* The value as it is written; NULL: there is nothing to write. */
static const char *int_text(struct printer *p, const struct row *r, const void *field)
{
	int64_t v = store_fetch_int(field, r);
	const struct row_word *w;

	if (r->kind != V_ENUM)
		return arena_printf(&p->presets->scratch, "%" PRId64, v);
	for (w = r->words; w->word; w++)
		if (w->value == v)
			return w->word;
	return NULL;
}

static void print_fifo(struct printer *p, const struct row *r, const struct conf_fifo *f)
{
	if (*f->path)
		print_line(p, "%s %s%s%s%s%s", r->word, print_word(p, f->path), *f->user ? " " : "", f->user,
			   *f->group ? " " : "", f->group);
	if (f->script.argv)
		print_script(p, arena_printf(&p->presets->scratch, "%s_script", r->word), &f->script);
}

static void print_value(struct printer *p, const struct row *r, const void *field)
{
	const struct conf_addr *a = field;
	const char *text = NULL;

	switch (r->kind) {
	case V_FLAG:
	case V_CLEAR:
		if (*(const bool *)field == (r->kind == V_FLAG))
			print_line(p, "%s", r->word);
		return;
	case V_BOOL:
		text = *(const bool *)field ? "on" : "off";
		break;
	case V_TRISTATE:
		text = store_fetch_int(field, r) == CONF_ON ? "on" : "off";
		break;
	case V_NUM:
	case V_USECS:
	case V_ENUM:
		text = int_text(p, r, field);
		break;
	case V_SECS:
	case V_MSECS:
		text = print_us(p, *(const uint64_t *)field, r->kind == V_SECS ? 1000000 : 1000);
		break;
	case V_STRING:
		text = print_word(p, *(const char *const *)field);
		break;
	case V_ADDR:
	case V_ADDR_PORT:
		text = print_addr(p, a);
		if (r->kind == V_ADDR_PORT && a->port)
			text = arena_printf(&p->presets->scratch, "%s %u", text, a->port);
		break;
	case V_SCRIPT:
		print_run(p, r, r->flags & R_POINTER ? *(const struct conf_script *const *)field : field);
		return;
	case V_FIFO:
		print_fifo(p, r, field);
		return;
	default:
		return;
	}
	if (text)
		print_line(p, "%s %s", r->word, text);
}

static bool is_default(const struct row *r, const void *field, const void *preset)
{
	if (r->kind == V_STRING)
		return !strcmp(*(const char *const *)field, *(const char *const *)preset);
	if (r->kind == V_SCRIPT || r->kind == V_FIFO)
		return false;
	return !memcmp(field, preset, r->size);
}

struct walk {
	struct printer *p;
	const struct schema_block *b;
	const char *obj, *preset;
};

static void print_row(void *arg, const struct row *r, uint32_t base)
{
	struct walk *w = arg;
	const char *obj = w->obj + base, *field = obj + r->offset;

	if (r->flags & R_QUIET || r->kind == V_NONE || base >= w->b->conf_size)
		return;
	if (!r->print && r->size && base + r->offset >= w->b->conf_size)
		return;
	if (r->flags & R_INHERIT && w->p->inherited && w->p->inherited(w->p, obj, r))
		return;
	if (r->print)
		r->print(w->p, obj, r);
	else if (r->kind == V_LIST || r->kind == V_CUSTOM || r->kind == V_BLOCK || !r->size)
		return;
	else if (r->flags & R_INHERIT || !is_default(r, field, w->preset + base + r->offset))
		print_value(w->p, r, field);
}

void print_rows(struct printer *p, const struct schema_block *b, const void *obj)
{
	struct walk w = {
		.p = p, .b = b, .obj = obj, .preset = schema_presets(p->presets, b->size ? b : &schema_root)
	};

	schema_walk(b, print_row, &w);
}
