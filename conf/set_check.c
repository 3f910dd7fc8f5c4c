/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set_check - see set_check.h: whom a check asks, what it sends and expects, who runs it. */
#include "set_check.h"

#include <ctype.h>
#include <string.h>

/* ---- blocks ---- */
void *open_check(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct check_draft *d = schema_draft(l, b);

	while (d->c.kind < CONF_CHECK_KINDS && check_block(d->c.kind) != b)
		d->c.kind++;
	d->c.where = n->where;
	d->name = "";
	d->virtualhost = "";
	d->user = "";
	d->group = "";
	return d;
}

void close_check(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct checked *where = parent;

	*(struct check_draft **)vec_add(l, &where->checks, sizeof(draft)) = draft;
}

void *open_host(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct check_draft *d = schema_draft(l, b);

	load_error(l, CONF_HINT, n, 0, "host is old: write an SMTP_CHECK with connect_ip for each");
	d->c.where = n->where;
	return d;
}

void close_host(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct check_draft *smtp = parent;

	*(struct check_draft **)vec_add(l, &smtp->hosts, sizeof(draft)) = draft;
}

/* ---- addresses: the port of each has a word of its own, above or below ---- */
static bool set_addr(struct load *l, const struct conf_node *n, struct conf_addr *field)
{
	struct conf_addr a;

	if (!value_addr(l, n, 1, &a))
		return false;
	a.port = field->port;
	*field = a;
	return true;
}

void set_connect_ip(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	set_addr(l, n, &((struct check_draft *)obj)->c.target);
}

void print_connect_ip(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_check *c = obj;

	if (c->target.family)
		print_line(p, "%s %s", r->word, print_addr(p, &c->target));
}

void print_port(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_check *c = obj;

	if (c->target.port)
		print_line(p, "%s %u", r->word, c->target.port);
}

void set_bindto(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	set_addr(l, n, &((struct check_draft *)obj)->c.bind);
}

void print_bindto(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_check *c = obj;

	if (c->bind.family)
		print_line(p, "%s %s", r->word, print_addr(p, &c->bind));
}

void set_via_vip(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct check_draft *d = obj;

	if (n->n_words > 1)
		value_addr(l, n, 1, &d->c.via_vip);
	else
		d->via_vip = true;
}

void print_via_vip(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_check *c = obj;

	if (c->via_vip.family)
		print_line(p, "%s %s", r->word, print_addr(p, &c->via_vip));
}

/* ---- MISC_CHECK ---- */
void set_misc_user(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct check_draft *d = obj;

	value_user(l, n, 1, &d->user, &d->group);
}

/* ---- UDP_CHECK: "Ab12f 3 456" is AB 12 0F 03 45 06; X in an answer is any four bits ---- */
static int digit(char c, bool any, uint8_t *mask)
{
	*mask = 15;
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	if (any && (c | 32) == 'x') {
		*mask = 0;
		return 0;
	}
	return -1;
}

/* Bytes of all words of n; masks NULL: no X. -1: reported. */
static int read_hex(struct load *l, const struct conf_node *n, uint8_t **ret, uint8_t **ret_masks)
{
	size_t room = 1, len = 0;

	for (uint32_t i = 1; i < n->n_words; i++)
		room += strlen(n->words[i].text);
	*ret = arena_alloc(l->a, room);
	if (ret_masks)
		*ret_masks = arena_alloc(l->a, room);
	for (uint32_t i = 1; i < n->n_words; i++) {
		for (const char *s = n->words[i].text; *s; s += s[1] ? 2 : 1) {
			uint8_t high_mask = 15, low_mask;
			int low = digit(s[1] ? s[1] : s[0], ret_masks, &low_mask);
			int high = s[1] ? digit(s[0], ret_masks, &high_mask) : 0;

			if (low < 0 || high < 0) {
				load_error(l, CONF_ERROR, n, i,
					   "%s: '%s' is no hexadecimal number (digits 0-9 and a-f%s)",
					   n->words[0].text, n->words[i].text, ret_masks ? ", X for any" : "");
				return -1;
			}
			(*ret)[len] = (uint8_t)(high << 4 | low);
			if (ret_masks)
				(*ret_masks)[len] = (uint8_t)(high_mask << 4 | low_mask);
			len++;
		}
	}
	return (int)len;
}

void set_payload(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct check_draft *d = obj;
	uint8_t *bytes;
	int len = read_hex(l, n, &bytes, NULL);

	if (len < 0)
		return;
	d->c.udp.payload = bytes;
	d->c.udp.n_payload = (uint32_t)len;
}

void set_reply(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct check_draft *d = obj;
	uint8_t *bytes, *masks;
	int len;

	d->c.udp.require_reply = true;
	if (n->n_words == 1)
		return;
	len = read_hex(l, n, &bytes, &masks);
	if (len < 0)
		return;
	d->c.udp.reply = bytes;
	d->c.udp.reply_mask = masks;
	d->c.udp.n_reply = (uint32_t)len;
}

static const char *hex(struct printer *p, const uint8_t *bytes, const uint8_t *masks, uint32_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	char *text = arena_alloc(&p->presets->scratch, 2 * n + 1), *s = text;

	for (uint32_t i = 0; i < n; i++) {
		*s++ = masks && !(masks[i] >> 4) ? 'X' : digits[bytes[i] >> 4];
		*s++ = masks && !(masks[i] & 15) ? 'X' : digits[bytes[i] & 15];
	}
	return text;
}

void print_payload(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_check *c = obj;

	if (c->udp.payload)
		print_line(p, "%s %s", r->word, hex(p, c->udp.payload, NULL, c->udp.n_payload));
}

void print_reply(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_check *c = obj;

	if (c->udp.reply)
		print_line(p, "%s %s", r->word, hex(p, c->udp.reply, c->udp.reply_mask, c->udp.n_reply));
	else if (c->udp.require_reply)
		print_line(p, "%s", r->word);
}

/* ---- FILE_CHECK ---- */
void set_file_weight(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct check_draft *d = obj;
	int64_t v;

	if (!value_num(l, n, 1, -INT32_MAX, INT32_MAX, &v))
		return;
	d->c.file.weight = (int)v;
	d->given |= 1ull << VG_WEIGHT;
	if (n->n_words < 3)
		return;
	if (!strcmp(n->words[2].text, "reverse"))
		d->c.file.reverse = true;
	else
		load_error(l, CONF_ERROR, n, 2, "weight: '%s' is ignored, only reverse may follow", n->words[2].text);
}

void print_file_weight(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_check *c = obj;

	print_line(p, "%s %d%s", r->word, c->file.weight, c->file.reverse ? " reverse" : "");
}
