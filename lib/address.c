/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address - tables of the distinct addresses of destinations and of services, and which addresses may be a
 * destination's. What hangs on an address (hop.c, service.c) is not decided here.
 */
#include "internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *addr_text(uint16_t af, const union elvs_addr *a, char buf[INET6_ADDRSTRLEN])
{
	return inet_ntop(af, a, buf, INET6_ADDRSTRLEN) ? buf : "?";
}

/* IPv4 callers may leave rubbish behind the first word; the maps want zeros there. */
union elvs_addr addr_clean(uint16_t af, const union elvs_addr *a)
{
	union elvs_addr c = { .a = { a->a[0] } };

	return af == AF_INET6 ? *a : c;
}

static uint32_t addr_hash(uint16_t af, const union elvs_addr *a)
{
	return (uint32_t)(elvs_mix((uint64_t)a->a[0] << 32 | a->a[1], af, (uint64_t)a->a[2] << 32 | a->a[3]) >> 16);
}

uint32_t addr_find(const struct addr_table *t, uint16_t af, const union elvs_addr *a)
{
	uint32_t i = t->bucket ? t->bucket[addr_hash(af, a) & t->mask] : 0;

	while (i && (t->rec[i].af != af || memcmp(&t->rec[i].addr, a, sizeof(*a))))
		i = t->rec[i].hash_next;
	return i;
}

static int addr_table_grow(struct addr_table *t)
{
	uint32_t size = t->size ? t->size * 2 : 64;
	struct addr_rec *rec = realloc(t->rec, size * sizeof(*rec));
	uint32_t *bucket;

	if (!rec)
		return -ENOMEM;
	t->rec = rec; /* what is new is written when it is taken */
	bucket = calloc(size, sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	free(t->bucket);
	t->bucket = bucket;
	t->mask = size - 1;
	t->size = size;
	for (uint32_t i = 1; i < t->count; i++) {
		uint32_t *b = &bucket[addr_hash(rec[i].af, &rec[i].addr) & t->mask];

		if (!rec[i].refs)
			continue;
		rec[i].hash_next = *b;
		*b = i;
	}
	return 0;
}

uint32_t addr_get(struct addr_table *t, uint16_t af, const union elvs_addr *a)
{
	uint32_t i = addr_find(t, af, a), *b;

	if (i) {
		t->rec[i].refs++;
		return i;
	}
	if (!t->free && (!t->size || t->count == t->size) && addr_table_grow(t))
		return 0;
	if (t->free) {
		i = t->free;
		t->free = t->rec[i].hash_next;
	} else {
		i = t->count ? t->count : 1;
		t->count = i + 1;
	}
	b = &t->bucket[addr_hash(af, a) & t->mask];
	t->rec[i] = (struct addr_rec){ .af = af, .addr = *a, .refs = 1, .hash_next = *b };
	*b = i;
	return i;
}

void addr_put(struct addr_table *t, uint32_t i)
{
	struct addr_rec *r = &t->rec[i];
	uint32_t *p = &t->bucket[addr_hash(r->af, &r->addr) & t->mask];

	if (--r->refs)
		return;
	while (*p != i)
		p = &t->rec[*p].hash_next;
	*p = r->hash_next;
	r->hash_next = t->free;
	t->free = i;
}

void addr_table_free(struct addr_table *t)
{
	free(t->rec);
	free(t->bucket);
	memset(t, 0, sizeof(*t));
}

/*
 * Is this the broadcast address of one of our networks? Connecting a datagram socket asks the kernel's own routing
 * tables, sends nothing, and is refused with EACCES for those alone.
 */
static bool is_broadcast(const struct elvs *e, struct in_addr a)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = a };

	return e->probe4_fd >= 0 && connect(e->probe4_fd, (struct sockaddr *)&to, sizeof(to)) && errno == EACCES;
}

/* IPVS: unicast, or local; IPv6 link-local ones only if they are the director's own, which needs a zone: never */
int addr_check_dest(struct elvs *e, uint16_t af, const union elvs_addr *a)
{
	char text[INET6_ADDRSTRLEN];
	uint32_t v4 = ntohl(a->v4.s_addr);
	const char *what = NULL;

	if (af == AF_INET6) {
		if (IN6_IS_ADDR_MULTICAST(&a->v6))
			what = "a multicast address";
		else if (IN6_IS_ADDR_UNSPECIFIED(&a->v6))
			what = "the unspecified address";
		else if (IN6_IS_ADDR_LINKLOCAL(&a->v6))
			what = "a link-local address";
		else if (IN6_IS_ADDR_V4MAPPED(&a->v6))
			what = "an IPv4-mapped address";
	} else if (IN_MULTICAST(v4)) {
		what = "a multicast address";
	} else if (v4 >> 24 == 0) {
		what = "an address of \"this network\" (0.0.0.0/8)";
	} else if (v4 == INADDR_BROADCAST || is_broadcast(e, a->v4)) {
		what = "a broadcast address";
	}
	if (!what)
		return 0;
	return fail(e, -EINVAL, "real server %s: %s; a real server needs a unicast address", addr_text(af, a, text),
		    what);
}
