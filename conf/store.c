/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store - one row's value from the words of one line into its field, and out again as text: what is the same for
 * every row of a kind.
 */
#include <string.h>

#include "parts.h"
#include "store.h"

static void store_int(void *field, uint32_t size, int64_t v)
{
	switch (size) {
	case 1:
		*(uint8_t *)field = v;
		break;
	case 2:
		*(uint16_t *)field = v;
		break;
	case 4:
		*(uint32_t *)field = v;
		break;
	default:
		*(uint64_t *)field = v;
	}
}

int64_t store_fetch_int(const void *field, const struct row *r)
{
	switch (r->size) {
	case 1:
		return r->is_signed ? *(const int8_t *)field : *(const uint8_t *)field;
	case 2:
		return r->is_signed ? *(const int16_t *)field : *(const uint16_t *)field;
	case 4:
		return r->is_signed ? (int64_t) * (const int32_t *)field : *(const uint32_t *)field;
	default:
		return *(const int64_t *)field;
	}
}

void store_range(const struct row *r, int64_t *min, int64_t *max)
{
	unsigned bits = r->size ? 8 * r->size : 32;

	*min = r->min;
	*max = r->max;
	if (*min || *max)
		return;
	*max = bits >= 64 ? INT64_MAX : ((int64_t)1 << (bits - r->is_signed)) - 1;
	if (r->kind == V_SECS)
		*max = (int64_t)UINT32_MAX * 1000000;
	else if (r->kind == V_MSECS)
		*max = (int64_t)UINT32_MAX * 1000;
	else if (r->is_signed)
		*min = -*max - 1;
}

static bool read_bool(struct load *l, const struct conf_node *n, bool *ret)
{
	if (n->n_words > 1)
		return value_bool(l, n, 1, ret);
	return *ret = true;
}

static bool read_addr(struct load *l, const struct row *r, const struct conf_node *n, struct conf_addr *ret)
{
	struct conf_addr a;

	if (!(r->kind == V_ADDR ? value_addr(l, n, 1, &a) : value_addr_port(l, n, 1, &a)))
		return false;
	if (r->min && a.family != r->min) {
		load_error(l, CONF_ERROR, n, 1, "%s: '%s' is not an %s address", r->word, n->words[1].text,
			   r->min == AF_INET ? "IPv4" : "IPv6");
		return false;
	}
	*ret = a;
	return true;
}

bool store_value(struct load *l, const struct row *r, void *field, const struct conf_node *n)
{
	int64_t v, min, max;
	uint64_t us;
	const char *word;
	bool b;

	store_range(r, &min, &max);
	switch (r->kind) {
	case V_FLAG:
	case V_CLEAR:
		*(bool *)field = r->kind == V_FLAG;
		return true;
	case V_BOOL:
		return read_bool(l, n, field);
	case V_TRISTATE:
		if (!read_bool(l, n, &b))
			return false;
		store_int(field, r->size, b ? CONF_ON : CONF_OFF);
		return true;
	case V_NUM:
	case V_USECS:
		if (!value_num(l, n, 1, min, max, &v))
			return false;
		store_int(field, r->size, v);
		return true;
	case V_ENUM:
		if (!value_enum(l, n, 1, r->words, r->flags & R_FOLD, &v))
			return false;
		store_int(field, r->size, v);
		return true;
	case V_SECS:
	case V_MSECS:
		if (!value_us(l, n, 1, r->kind == V_SECS ? 1000000 : 1000, min, max, &us))
			return false;
		*(uint64_t *)field = us;
		return true;
	case V_STRING:
		if (!value_word(l, n, 1, &word))
			return false;
		*(const char **)field = load_str(l, word);
		return true;
	case V_ADDR:
	case V_ADDR_PORT:
		return read_addr(l, r, n, field);
	case V_SCRIPT:
		if (r->flags & R_POINTER) {
			*(struct conf_script **)field = arena_alloc(l->a, sizeof(struct conf_script));
			field = *(struct conf_script **)field;
		}
		return r->flags & R_NO_USER ? value_command(l, n, field) : value_script(l, n, field);
	case V_FIFO:
		return value_fifo(l, n, field);
	case V_NONE:
	case V_BLOCK:
	case V_LIST:
	case V_CUSTOM:
		break;
	}
	return true;
}

unsigned store_words(const struct row *r)
{
	switch (r->kind) {
	case V_FLAG:
	case V_CLEAR:
		return 1;
	case V_ADDR_PORT:
		return 3;
	case V_BOOL:
	case V_TRISTATE:
	case V_NUM:
	case V_USECS:
	case V_ENUM:
	case V_SECS:
	case V_MSECS:
	case V_STRING:
	case V_ADDR:
		return 2;
	default:
		return UINT32_MAX;
	}
}
