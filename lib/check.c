/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - health checks addressed to a virtual service at one real server: the records behind the marks of their
 * sockets. bpf/check.h does the work; who checks what, and when, is not known here.
 *
 * Invariant: ELVS_SET_CHECK is set exactly while there is a check, and the table of their connections exists then.
 */
#include "internal.h"

#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../abi/ctl_wire.h"

#define MAX_CHECKS (ELVS_CHECK_CHUNK * ELVS_CHECK_CHUNKS)
#define BUCKETS (MAX_CHECKS * 2)
#define FLOW_BYTES (sizeof(struct elvs_check_key) + sizeof(struct elvs_check_flow) + 56) /* the kernel's element */

_Static_assert(MAX_CHECKS <= ELVS_CHECK_NUMBER + 1, "a mark holds the number of any check");

struct check_index {
	uint32_t bucket[BUCKETS]; /* numbers; 0 ends */
	uint32_t next[MAX_CHECKS];
	uint32_t count, top, free; /* top: first number never used; free: list by next */
	bool flows;		   /* their table exists */
};

static struct elvs_check *check_at(const struct elvs *e, uint32_t n)
{
	return dir_at(&e->checks, n);
}

static uint32_t *bucket_of(struct elvs *e, const struct elvs_check *c)
{
	uint64_t h = elvs_mix((uint64_t)c->vip[0] << 32 | c->raddr[0], c->kind, c->method);

	h = elvs_mix(h ^ ((uint64_t)c->vip[3] << 32 | c->raddr[3]), c->vip[2], c->raddr[2]);
	return &e->check_index->bucket[h % BUCKETS];
}

static bool same(const struct elvs_check *a, const struct elvs_check *b)
{
	return a->kind == b->kind && a->method == b->method && !memcmp(a->vip, b->vip, sizeof(a->vip)) &&
	       !memcmp(a->raddr, b->raddr, sizeof(a->raddr));
}

static uint32_t find(struct elvs *e, const struct elvs_check *c)
{
	uint32_t n = *bucket_of(e, c);

	while (n && !same(check_at(e, n), c))
		n = e->check_index->next[n];
	return n;
}

static void index_add(struct elvs *e, uint32_t n)
{
	uint32_t *b = bucket_of(e, check_at(e, n));

	e->check_index->next[n] = *b;
	*b = n;
	e->check_index->count++;
}

static void index_del(struct elvs *e, uint32_t n)
{
	uint32_t *p = bucket_of(e, check_at(e, n));

	while (*p != n)
		p = &e->check_index->next[*p];
	*p = e->check_index->next[n];
	e->check_index->count--;
}

static void flag_write(struct elvs *e)
{
	if (e->check_index && e->check_index->count)
		__atomic_fetch_or(&e->set->flags, ELVS_SET_CHECK, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&e->set->flags, ~ELVS_SET_CHECK, __ATOMIC_RELEASE);
}

/* The table of connections: eight megabytes that most instances never need */
static int flows_make(struct elvs *e)
{
	uint32_t zero = 0, id;
	int fd, r = 0;

	if (e->check_index->flows || !bpf_map_lookup_elem(e->check_flows_fd, &zero, &id)) {
		e->check_index->flows = true;
		return 0;
	}
	fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "elvs_checkflows", sizeof(struct elvs_check_key),
			    sizeof(struct elvs_check_flow), ELVS_CHECK_FLOWS, NULL);
	if (fd < 0 || bpf_map_update_elem(e->check_flows_fd, &zero, &fd, BPF_ANY))
		r = -errno;
	if (fd >= 0)
		close(fd);
	if (r)
		return fail(e, r, "no table for the connections of health checks (%zu kB): %s",
			    ELVS_CHECK_FLOWS * FLOW_BYTES >> 10, strerror(-r));
	e->check_index->flows = true;
	return 0;
}

static int index_make(struct elvs *e)
{
	if (!e->check_index)
		e->check_index = calloc(1, sizeof(*e->check_index));
	if (!e->check_index)
		return fail(e, -ENOMEM, "out of memory");
	if (!e->check_index->top)
		e->check_index->top = 1;
	return 0;
}

uint64_t checks_bytes(const struct elvs *e)
{
	return e->check_index && e->check_index->flows ? ELVS_CHECK_FLOWS * FLOW_BYTES : 0;
}

void checks_free(struct elvs *e)
{
	free(e->check_index);
	e->check_index = NULL;
}

/* ---- what users say ---- */

uint32_t elvs_check_overhead(const struct elvs_check_conf *c)
{
	return c->method != ELVS_TUNNEL ? 0 : c->af == AF_INET6 ? 40 : 20;
}

static int check_conf(struct elvs *e, const struct elvs_check_conf *c)
{
	if (c->af != AF_INET && c->af != AF_INET6)
		return fail(e, -EINVAL, "address family %u: a check's addresses are both IPv4 or both IPv6", c->af);
	if (c->method != ELVS_DROUTE && c->method != ELVS_TUNNEL)
		return fail(e, -EINVAL,
			    "forwarding method %u: only servers reached by routing (3) or a tunnel (2) have the "
			    "virtual address; the others are checked at their own",
			    c->method);
	return addr_check_dest(e, c->af, &c->server);
}

static void conf_read(const struct elvs_check_conf *c, struct elvs_check *ret)
{
	union elvs_addr vip = addr_clean(c->af, &c->vip), server = addr_clean(c->af, &c->server);

	memset(ret, 0, sizeof(*ret));
	memcpy(ret->vip, &vip, sizeof(ret->vip));
	memcpy(ret->raddr, &server, sizeof(ret->raddr));
	ret->kind = kind_of(c->af);
	ret->method = c->method;
}

/* A number for one more check, or 0 with the sentence */
static uint32_t number_get(struct elvs *e)
{
	struct check_index *x = e->check_index;
	uint32_t n = x->free;

	if (n) {
		x->free = x->next[n];
		return n;
	}
	if (x->top == MAX_CHECKS) {
		fail(e, -ENOSPC, "the limit of %u health checks of virtual addresses is reached", MAX_CHECKS - 1);
		return 0;
	}
	if (x->top >= e->checks.count * ELVS_CHECK_CHUNK && dir_grow(e, &e->checks, e->checks.count + 1))
		return 0;
	return x->top++;
}

int elvs_check_set(struct elvs *e, const struct elvs_check_conf *conf, uint32_t *ret_mark)
{
	int r = check_conf(e, conf);
	struct elvs_check c, *to;
	uint32_t n;

	if (!r)
		r = index_make(e);
	if (!r)
		r = flows_make(e);
	if (r)
		return r;
	conf_read(conf, &c);
	n = find(e, &c);
	if (!n) {
		n = number_get(e);
		if (!n)
			return -ENOSPC;
		to = check_at(e, n);
		memcpy(to->vip, c.vip, sizeof(to->vip));
		memcpy(to->raddr, c.raddr, sizeof(to->raddr));
		to->method = c.method;
		STORE(to->kind, c.kind);
		index_add(e, n);
		flag_write(e);
	}
	*ret_mark = ELVS_CHECK_MARK | n;
	return 0;
}

int elvs_check_del(struct elvs *e, uint32_t mark)
{
	uint32_t n = mark & ELVS_CHECK_NUMBER;

	if ((mark & ~ELVS_CHECK_NUMBER) != ELVS_CHECK_MARK || !e->check_index || !n || n >= e->check_index->top ||
	    !check_at(e, n)->kind)
		return fail(e, -ENOENT, "no health check has the mark 0x%x", mark);
	index_del(e, n);
	STORE(check_at(e, n)->kind, 0);
	e->check_index->next[n] = e->check_index->free;
	e->check_index->free = n;
	flag_write(e);
	return 0;
}

int elvs_check_each(struct elvs *e, int (*f)(void *arg, const struct elvs_check_conf *, uint32_t mark), void *arg)
{
	int r = 0;

	for (uint32_t n = 1; !r && e->check_index && n < e->check_index->top; n++) {
		const struct elvs_check *c = check_at(e, n);
		struct elvs_check_conf conf = { .af = family_of(c->kind), .method = c->method };

		if (!c->kind)
			continue;
		memcpy(&conf.vip, c->vip, sizeof(conf.vip));
		memcpy(&conf.server, c->raddr, sizeof(conf.server));
		r = f(arg, &conf, ELVS_CHECK_MARK | n);
	}
	return r;
}

/* ---- taking over ---- */

int checks_adopt(struct elvs *e)
{
	uint32_t n = e->checks.count * ELVS_CHECK_CHUNK;
	struct check_index *x;
	int r = 0;

	flag_write(e);
	if (!n)
		return 0;
	r = index_make(e);
	if (r)
		return r;
	x = e->check_index;
	while (n > 1 && !check_at(e, n - 1)->kind)
		n--;
	x->top = n;
	while (--n) {
		if (check_at(e, n)->kind && !find(e, check_at(e, n))) {
			index_add(e, n);
			continue;
		}
		check_at(e, n)->kind = 0; /* never used, or written twice: a crash cannot do that, a bug could */
		x->next[n] = x->free;
		x->free = n;
	}
	if (x->count)
		r = flows_make(e);
	if (!r)
		flag_write(e);
	return r;
}
