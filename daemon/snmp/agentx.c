/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agentx - see agentx.h. Numbers of sections are RFC 2741's. */
#include "agentx.h"

#include <errno.h>
#include <stdlib.h>

#define VERSION 1
#define FLAG_CONTEXT 0x08
#define FLAG_NETWORK_ORDER 0x10

/* ---- taking apart ---- */
static uint32_t get32(const uint8_t *p, bool network_order)
{
	return network_order ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
			     : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint16_t get16(const uint8_t *p, bool network_order)
{
	return (uint16_t)(network_order ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

int agentx_header(const uint8_t *buf, size_t len, struct agentx_header *ret)
{
	struct agentx_header h;

	if (len && buf[0] != VERSION)
		return -EBADMSG;
	if (len < AGENTX_HEADER)
		return -EAGAIN;
	h = (struct agentx_header){ .type = buf[1], .flags = buf[2], .network_order = buf[2] & FLAG_NETWORK_ORDER };
	h.session = get32(buf + 4, h.network_order);
	h.transaction = get32(buf + 8, h.network_order);
	h.packet = get32(buf + 12, h.network_order);
	h.len = get32(buf + 16, h.network_order);
	if (h.len % 4 || h.len > AGENTX_PDU_MAX)
		return -EBADMSG;
	*ret = h;
	return 0;
}

/* 5.1: number of elements, prefix (1.3.6.1.PREFIX), include, reserved; then the elements */
static int get_oid(struct agentx_reader *r, struct oid *ret, bool *ret_include)
{
	static const uint32_t internet[] = { 1, 3, 6, 1 };
	const uint8_t *p = r->at;
	uint32_t prefix;

	if (r->end - p < 4 || p[0] > (r->end - p - 4) / 4)
		return -EBADMSG;
	prefix = p[1];
	ret->n = 0;
	if (prefix) {
		oid_add(ret, internet, 4);
		oid_add(ret, &prefix, 1);
	}
	if (ret->n + p[0] > OID_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < p[0]; i++)
		ret->id[ret->n++] = get32(p + 4 + 4 * i, r->network_order);
	if (ret_include)
		*ret_include = p[2];
	r->at = p + 4 + 4 * p[0];
	return 0;
}

int agentx_ask(struct agentx_reader *ret, const struct agentx_header *h, const uint8_t *body)
{
	struct agentx_reader r = { body, body + h->len, h->network_order, 0, 0 };

	if (h->flags & FLAG_CONTEXT)
		return -ENOTSUP;
	if (h->type == AGENTX_GET_BULK) {
		if (h->len < 4)
			return -EBADMSG;
		r.non_repeaters = get16(body, r.network_order);
		r.max_repetitions = get16(body + 2, r.network_order);
		r.at += 4;
	}
	*ret = r;
	return 0;
}

int agentx_next_search(struct agentx_reader *r, struct agentx_search *ret)
{
	if (r->at == r->end)
		return 0;
	if (get_oid(r, &ret->start, &ret->include) < 0 || get_oid(r, &ret->end, NULL) < 0)
		return -EBADMSG;
	return 1;
}

int agentx_response(const struct agentx_header *h, const uint8_t *body, struct agentx_response *ret)
{
	if (h->len < 8)
		return -EBADMSG;
	ret->uptime = get32(body, h->network_order);
	ret->error = get16(body + 4, h->network_order);
	ret->index = get16(body + 6, h->network_order);
	return 0;
}

/* ---- putting together ---- */
static uint8_t *room(struct agentx_out *o, size_t n)
{
	uint8_t *more;

	if (o->failed)
		return NULL;
	if (o->len + n > o->room) {
		more = realloc(o->bytes, (o->room + n) * 2);
		if (!more) {
			o->failed = true;
			return NULL;
		}
		o->bytes = more;
		o->room = (o->room + n) * 2;
	}
	o->len += n;
	return o->bytes + o->len - n;
}

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

void agentx_u8s(struct agentx_out *o, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	uint8_t *p = room(o, 4);

	if (p)
		memcpy(p, (uint8_t[]){ a, b, c, d }, 4);
}

void agentx_u16s(struct agentx_out *o, uint16_t a, uint16_t b)
{
	agentx_u8s(o, (uint8_t)(a >> 8), (uint8_t)a, (uint8_t)(b >> 8), (uint8_t)b);
}

void agentx_u32(struct agentx_out *o, uint32_t v)
{
	uint8_t *p = room(o, 4);

	if (p)
		put32(p, v);
}

void agentx_begin(struct agentx_out *o, uint8_t type, const struct agentx_header *as)
{
	o->len = 0;
	agentx_u8s(o, VERSION, type, FLAG_NETWORK_ORDER, 0);
	agentx_u32(o, as->session);
	agentx_u32(o, as->transaction);
	agentx_u32(o, as->packet);
	agentx_u32(o, 0);
}

void agentx_oid(struct agentx_out *o, const uint32_t *id, uint32_t n, bool include)
{
	agentx_u8s(o, (uint8_t)n, 0, include, 0);
	for (uint32_t i = 0; i < n; i++)
		agentx_u32(o, id[i]);
}

void agentx_string(struct agentx_out *o, const void *bytes, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;
	uint8_t *p;

	agentx_u32(o, (uint32_t)len);
	p = room(o, padded);
	if (!p)
		return;
	memset(p, 0, padded);
	if (len)
		memcpy(p, bytes, len);
}

/* 5.4 */
void agentx_bind(struct agentx_out *o, const struct oid *name, const struct value *v)
{
	agentx_u16s(o, v->type, 0);
	agentx_oid(o, name->id, name->n, false);
	switch (v->type) {
	case VALUE_INTEGER:
	case VALUE_COUNTER:
	case VALUE_GAUGE:
	case VALUE_TICKS:
		agentx_u32(o, (uint32_t)v->number);
		break;
	case VALUE_COUNTER64:
		agentx_u32(o, (uint32_t)(v->number >> 32));
		agentx_u32(o, (uint32_t)v->number);
		break;
	case VALUE_STRING:
	case VALUE_IP:
		agentx_string(o, v->bytes, v->len);
		break;
	case VALUE_OID:
		agentx_oid(o, v->oid.id, v->oid.n, false);
		break;
	default: /* the exceptions have no value */
		break;
	}
}

void agentx_respond(struct agentx_out *o, const struct agentx_header *to, uint16_t error, uint16_t index)
{
	agentx_begin(o, AGENTX_RESPONSE, to);
	agentx_u32(o, 0);
	agentx_u16s(o, error, index);
}

void agentx_set_error(struct agentx_out *o, uint16_t error, uint16_t index)
{
	o->len = AGENTX_HEADER + 4;
	agentx_u16s(o, error, index);
}

int agentx_end(struct agentx_out *o)
{
	if (o->failed)
		return -ENOMEM;
	put32(o->bytes + 16, (uint32_t)(o->len - AGENTX_HEADER));
	return 0;
}

void agentx_append(struct agentx_out *to, const struct agentx_out *pdu)
{
	uint8_t *p = room(to, pdu->len);

	if (p)
		memcpy(p, pdu->bytes, pdu->len);
	to->failed = false; /* one is missing, that is all */
}

void agentx_set_session(struct agentx_out *o, uint32_t session)
{
	for (size_t at = 0; at + AGENTX_HEADER <= o->len; at += AGENTX_HEADER + get32(o->bytes + at + 16, true))
		put32(o->bytes + at + 4, session);
}

void agentx_out_free(struct agentx_out *o)
{
	free(o->bytes);
	*o = (struct agentx_out){ 0 };
}
