/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire - see wire.h. Places count from the message's start, which all alignment is relative to. */
#include "wire.h"

#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define STRING_MAX (64u << 20)
#define HERE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B')
#define ELSEWHERE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'B' : 'l')

enum field { PATH = 1, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE };

static size_t aligned(size_t at, size_t to)
{
	return (at + to - 1) / to * to;
}

/* ---- reading ---- */
struct cursor {
	const uint8_t *p;
	size_t len, at;
	bool swap;
};

static bool take(struct cursor *c, size_t align, size_t n, const uint8_t **ret)
{
	size_t at = aligned(c->at, align);

	if (at > c->len || n > c->len - at)
		return false;
	*ret = c->p + at;
	c->at = at + n;
	return true;
}

static bool take_u32(struct cursor *c, uint32_t *ret)
{
	const uint8_t *p;

	if (!take(c, 4, 4, &p))
		return false;
	memcpy(ret, p, 4);
	if (c->swap)
		*ret = bswap_32(*ret);
	return true;
}

/* n bytes, then the NUL that is not counted */
static const char *take_text(struct cursor *c, size_t n)
{
	const uint8_t *p;

	if (n > STRING_MAX || !take(c, 1, n + 1, &p) || p[n] || memchr(p, 0, n))
		return NULL;
	return (const char *)p;
}

static const char *take_string(struct cursor *c)
{
	uint32_t n;

	return take_u32(c, &n) ? take_text(c, n) : NULL;
}

static const char *take_signature(struct cursor *c)
{
	const uint8_t *n;

	return take(c, 1, 1, &n) ? take_text(c, *n) : NULL;
}

/* A value of a type that has no parts, of a field that means nothing to us */
static bool pass_over(struct cursor *c, char type)
{
	static const struct {
		char type;
		uint8_t size;
	} plain[] = { { 'y', 1 }, { 'n', 2 }, { 'q', 2 }, { 'b', 4 }, { 'i', 4 },
		      { 'u', 4 }, { 'h', 4 }, { 'x', 8 }, { 't', 8 }, { 'd', 8 } };
	const uint8_t *p;

	if (type == 's' || type == 'o')
		return take_string(c);
	if (type == 'g')
		return take_signature(c);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (plain[i].type == type)
			return take(c, plain[i].size, plain[i].size, &p);
	return false;
}

static bool take_field(struct cursor *c, struct wire_in *m)
{
	static const char kinds[] = { [PATH] = 'o',	    [INTERFACE] = 's',	 [MEMBER] = 's', [ERROR_NAME] = 's',
				      [REPLY_SERIAL] = 'u', [DESTINATION] = 's', [SENDER] = 's', [SIGNATURE] = 'g' };
	const char **texts[] = { [PATH] = &m->path,	   [INTERFACE] = &m->interface, [MEMBER] = &m->member,
				 [ERROR_NAME] = &m->error, [SENDER] = &m->sender,	[SIGNATURE] = &m->signature };
	const uint8_t *code;
	const char *type, *text;

	if (!take(c, 8, 1, &code) || !(type = take_signature(c)) || strlen(type) != 1)
		return false;
	if (!*code || *code >= sizeof(kinds))
		return *code && pass_over(c, *type);
	if (*type != kinds[*code])
		return false;
	if (*code == REPLY_SERIAL)
		return take_u32(c, &m->reply_serial);
	text = *type == 'g' ? take_signature(c) : take_string(c);
	if (text && *code < sizeof(texts) / sizeof(texts[0]) && texts[*code])
		*texts[*code] = text;
	return text;
}

static bool whole(const struct wire_in *m)
{
	switch (m->type) {
	case WIRE_CALL:
		return *m->path && *m->member;
	case WIRE_RETURN:
		return m->reply_serial;
	case WIRE_ERROR:
		return m->reply_serial && *m->error;
	case WIRE_SIGNAL:
		return *m->path && *m->interface && *m->member;
	default:
		return m->type; /* a type of tomorrow: to be ignored by whoever gets it */
	}
}

int wire_size(const uint8_t *head, size_t *ret_header, size_t *ret_total)
{
	struct cursor c = { .p = head, .len = WIRE_HEAD, .at = 4, .swap = head[0] == ELSEWHERE };
	uint32_t body, serial, fields;

	if ((head[0] != HERE && head[0] != ELSEWHERE) || head[3] != VERSION || !take_u32(&c, &body) ||
	    !take_u32(&c, &serial) || !take_u32(&c, &fields) || !serial || fields > WIRE_FIELDS_MAX)
		return -EBADMSG;
	*ret_header = aligned(WIRE_HEAD + (size_t)fields, 8);
	*ret_total = *ret_header + body;
	return *ret_total > WIRE_TOTAL_MAX ? -EBADMSG : 0;
}

int wire_read(struct wire_in *ret, const uint8_t *bytes, size_t len)
{
	struct wire_in m = { .path = "", .interface = "", .member = "", .error = "", .sender = "", .signature = "" };
	struct cursor c = { .p = bytes, .len = WIRE_HEAD, .at = 8 };
	size_t header, total;
	uint32_t fields;

	if (len < WIRE_HEAD || wire_size(bytes, &header, &total) < 0 || header > len)
		return -EBADMSG;
	m.type = bytes[1];
	m.flags = bytes[2];
	c.swap = m.swap = bytes[0] == ELSEWHERE;
	if (!take_u32(&c, &m.serial) || !take_u32(&c, &fields))
		return -EBADMSG;
	c.len = WIRE_HEAD + fields;
	while (c.at < c.len)
		if (!take_field(&c, &m))
			return -EBADMSG;
	if (!whole(&m))
		return -EBADMSG;
	m.body = bytes + header;
	m.body_len = len >= total ? total - header : 0;
	*ret = m;
	return 0;
}

static struct cursor in_body(const struct wire_in *m)
{
	return (struct cursor){ .p = m->body, .len = m->body_len, .at = m->at, .swap = m->swap };
}

const char *wire_string(struct wire_in *m)
{
	struct cursor c = in_body(m);
	const char *s = take_string(&c);

	if (s)
		m->at = c.at;
	return s;
}

int wire_u32(struct wire_in *m, uint32_t *ret)
{
	struct cursor c = in_body(m);

	if (!take_u32(&c, ret))
		return -EBADMSG;
	m->at = c.at;
	return 0;
}

/* ---- writing ---- */
/* n zeroed bytes more, after padding */
static uint8_t *add(struct wire_out *o, size_t align, size_t n)
{
	size_t at = aligned(o->len, align), need = at + n;

	if (need > o->room && !o->failed) {
		size_t room = need < 512 ? 512 : need * 2;
		uint8_t *p = realloc(o->bytes, room);

		if (p) {
			o->bytes = p;
			o->room = room;
		}
		o->failed = !p;
	}
	if (o->failed)
		return NULL;
	memset(o->bytes + o->len, 0, need - o->len);
	o->len = need;
	return o->bytes + at;
}

static void put_u8(struct wire_out *o, uint8_t v)
{
	uint8_t *p = add(o, 1, 1);

	if (p)
		*p = v;
}

static void put_text(struct wire_out *o, const char *s, size_t n)
{
	uint8_t *p = add(o, 1, n + 1);

	if (p)
		memcpy(p, s, n);
}

void wire_put_u32(struct wire_out *o, uint32_t v)
{
	uint8_t *p = add(o, 4, 4);

	if (p)
		memcpy(p, &v, 4);
}

/* The bytes of the character there, 0: it is none (RFC 3629) */
static size_t character(const uint8_t *s)
{
	size_t n = *s < 0x80		     ? 1
		   : *s >= 0xc2 && *s < 0xe0 ? 2
		   : *s >= 0xe0 && *s < 0xf0 ? 3
		   : *s >= 0xf0 && *s < 0xf5 ? 4
					     : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] >= 0xa0) || (*s == 0xf0 && s[1] < 0x90) ||
	    (*s == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

void wire_put_string(struct wire_out *o, const char *s)
{
	size_t n = strlen(s), step;
	uint8_t *p;

	wire_put_u32(o, (uint32_t)n);
	put_text(o, s, n);
	if (o->failed)
		return;
	p = o->bytes + o->len - n - 1;
	for (size_t i = 0; i < n; i += step ? step : 1) {
		step = character(p + i);
		if (!step)
			p[i] = '?';
	}
}

void wire_put_signature(struct wire_out *o, const char *s)
{
	put_u8(o, (uint8_t)strlen(s));
	put_text(o, s, strlen(s));
}

void wire_put_struct(struct wire_out *o)
{
	add(o, 8, 0);
}

size_t wire_array(struct wire_out *o)
{
	size_t length = aligned(o->len, 4);

	wire_put_u32(o, 0);
	wire_put_struct(o);
	return length;
}

static void set_u32(struct wire_out *o, size_t at, size_t v)
{
	const uint32_t n = (uint32_t)v;

	if (!o->failed)
		memcpy(o->bytes + at, &n, 4);
}

void wire_array_end(struct wire_out *o, size_t array)
{
	set_u32(o, array, o->len - aligned(array + 4, 8)); /* without the padding before the first element */
}

void wire_begin(struct wire_out *o, enum wire_type type, uint8_t flags, uint32_t serial)
{
	o->len = 0;
	o->failed = false;
	put_u8(o, HERE);
	put_u8(o, (uint8_t)type);
	put_u8(o, flags);
	put_u8(o, VERSION);
	wire_put_u32(o, 0); /* the body's length */
	wire_put_u32(o, serial);
	wire_put_u32(o, 0); /* the fields' length */
}

static void begin_field(struct wire_out *o, enum field code, const char *type)
{
	wire_put_struct(o);
	put_u8(o, (uint8_t)code);
	wire_put_signature(o, type);
}

static void text_field(struct wire_out *o, enum field code, const char *type, const char *text)
{
	begin_field(o, code, type);
	wire_put_string(o, text);
}

void wire_path(struct wire_out *o, const char *path)
{
	text_field(o, PATH, "o", path);
}

void wire_interface(struct wire_out *o, const char *name)
{
	text_field(o, INTERFACE, "s", name);
}

void wire_member(struct wire_out *o, const char *name)
{
	text_field(o, MEMBER, "s", name);
}

void wire_error(struct wire_out *o, const char *name)
{
	text_field(o, ERROR_NAME, "s", name);
}

void wire_destination(struct wire_out *o, const char *name)
{
	text_field(o, DESTINATION, "s", name);
}

void wire_reply_to(struct wire_out *o, uint32_t serial)
{
	begin_field(o, REPLY_SERIAL, "u");
	wire_put_u32(o, serial);
}

void wire_body(struct wire_out *o, const char *signature)
{
	if (*signature) {
		begin_field(o, SIGNATURE, "g");
		wire_put_signature(o, signature);
	}
	o->fields_end = o->len;
	wire_put_struct(o);
	o->body = o->len;
}

int wire_end(struct wire_out *o)
{
	set_u32(o, 12, o->fields_end - WIRE_HEAD);
	set_u32(o, 4, o->len - o->body);
	return o->failed ? -ENOMEM : 0;
}

void wire_free(struct wire_out *o)
{
	free(o->bytes);
	*o = (struct wire_out){ 0 };
}
