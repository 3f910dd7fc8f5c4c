/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oid - object identifiers, and their order (RFC 2578 section 3.5: element by element, a prefix comes first). */
#ifndef ELVS_SNMP_OID_H
#define ELVS_SNMP_OID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define OID_MAX 128 /* elements: RFC 2578 section 3.5 */

struct oid {
	uint32_t n;
	uint32_t id[OID_MAX];
};

static inline int oid_cmp(const uint32_t *a, uint32_t n_a, const uint32_t *b, uint32_t n_b)
{
	for (uint32_t i = 0; i < n_a && i < n_b; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return n_a < n_b ? -1 : n_a > n_b;
}

static inline int oid_order(const struct oid *a, const struct oid *b)
{
	return oid_cmp(a->id, a->n, b->id, b->n);
}

static inline bool oid_begins(const struct oid *o, const uint32_t *prefix, uint32_t n)
{
	return o->n >= n && !memcmp(o->id, prefix, n * sizeof(*prefix));
}

/* Puts n elements at the end; what has no room is left out. */
static inline void oid_add(struct oid *o, const uint32_t *id, uint32_t n)
{
	for (uint32_t i = 0; i < n && o->n < OID_MAX; i++)
		o->id[o->n++] = id[i];
}

static inline void oid_copy(struct oid *to, const struct oid *from)
{
	to->n = from->n;
	memcpy(to->id, from->id, from->n * sizeof(from->id[0]));
}

#endif
