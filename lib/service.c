/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service - virtual services: add, edit, delete, list. IPVS's rules and errnos (its add_service, edit_service).
 *
 * An endpoint's id is its service's index, and connections carry it: so a deleted service with connections stays
 * as trash, and comes back under the same index when it is added again.
 */
#include "internal.h"
#include "sched_table.h"

#include <ctype.h>
#include <string.h>

#define TIMEOUT_MAX (INT32_MAX / ELVS_TICKS_PER_SEC / 2) /* seconds; more would look like the past */

void svc_key_of(const struct elvs_svc *s, struct elvs_svc_key *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->af = family_of(s->kind);
	ret->fwmark = s->fwmark;
	if (s->fwmark)
		return;
	ret->proto = s->proto;
	ret->port = s->vport;
	memcpy(&ret->addr, s->vaddr, sizeof(ret->addr));
}

static const char *key_text(const struct elvs_svc_key *k, char *buf, size_t size)
{
	char a[INET6_ADDRSTRLEN];

	if (k->fwmark)
		snprintf(buf, size, "service of mark %u", k->fwmark);
	else
		snprintf(buf, size, k->af == AF_INET6 ? "service [%s]:%u" : "service %s:%u",
			 addr_text(k->af, &k->addr, a), ntohs(k->port));
	return buf;
}

uint32_t svc_live(struct elvs *e, const struct elvs_svc_key *k)
{
	uint32_t i = svc_find(e, k);
	char text[96];

	if (i && e->svcs[i].used == LIVE)
		return i;
	fail(e, -ESRCH, "there is no %s", key_text(k, text, sizeof(text)));
	return 0;
}

/* ---- checking ---- */

static int check_sched(struct elvs *e, const char *name, char lower[16])
{
	int sched;

	for (int i = 0; i < 16; i++)
		lower[i] = i < 15 ? tolower((unsigned char)name[i]) : '\0';
	sched = sched_by_name(lower);
	if (sched == -EOPNOTSUPP)
		return fail(e, sched, "scheduler %s is not supported yet (rr, wrr, lc, wlc, sh and dh are)", lower);
	if (sched < 0)
		return fail(e, sched, "there is no scheduler \"%s\"", lower);
	return sched;
}

static int check_pe(struct elvs *e, const char *name)
{
	if (!name[0])
		return 0;
	if (!strcmp(name, "sip"))
		return fail(e, -EOPNOTSUPP, "persistence engine sip is not supported yet");
	return fail(e, -ENOENT, "there is no persistence engine \"%s\"", name);
}

static int check_key(struct elvs *e, const struct elvs_svc_key *k)
{
	if (k->af != AF_INET && k->af != AF_INET6)
		return fail(e, -EAFNOSUPPORT, "address family %u: a service is IPv4 or IPv6", k->af);
	if (k->fwmark || k->proto == IPPROTO_TCP || k->proto == IPPROTO_UDP)
		return 0;
	if (k->proto == IPPROTO_SCTP)
		return fail(e, -EOPNOTSUPP, "SCTP services are not supported yet");
	return fail(e, -EINVAL, "protocol %u: a service is TCP or UDP", k->proto);
}

/* Returns the scheduler (enum elvs_sched), or -errno. */
static int check_conf(struct elvs *e, const struct elvs_svc_conf *c, char sched_name[16])
{
	int sched = check_sched(e, c->sched, sched_name), r;

	if (sched < 0)
		return sched;
	r = check_pe(e, c->pe);
	if (r)
		return r;
	if (c->key.af == AF_INET6 && (c->netmask < 1 || c->netmask > 128))
		return fail(e, -EINVAL, "IPv6 prefix length %u: 1 to 128 is possible", c->netmask);
	if (c->flags & ELVS_SVC_ONEPACKET)
		return fail(e, -EOPNOTSUPP, "one-packet scheduling is not supported yet");
	if (c->timeout > TIMEOUT_MAX)
		return fail(e, -EINVAL, "persistence timeout of %u s: at most %u is possible", c->timeout,
			    TIMEOUT_MAX);
	return sched;
}

/* ---- the lists ---- */

void svc_list_add(struct elvs *e, uint32_t i)
{
	struct svc_rec *r = &e->srec[i];

	r->prev = 0;
	r->next = e->svc_head;
	if (e->svc_head)
		e->srec[e->svc_head].prev = i;
	e->svc_head = i;
	e->nsvcs[e->svcs[i].kind == ELVS_WK_V6]++;
	e->nfwmark += e->svcs[i].fwmark != 0;
	e->mark_generation += e->svcs[i].fwmark != 0;
}

static void svc_list_del(struct elvs *e, uint32_t i)
{
	struct svc_rec *r = &e->srec[i];

	if (r->prev)
		e->srec[r->prev].next = r->next;
	else
		e->svc_head = r->next;
	if (r->next)
		e->srec[r->next].prev = r->prev;
	e->nsvcs[e->svcs[i].kind == ELVS_WK_V6]--;
	e->nfwmark -= e->svcs[i].fwmark != 0;
	e->mark_generation += e->svcs[i].fwmark != 0;
}

void svc_vip_add(struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	struct svc_rec *r = &e->srec[i];
	union elvs_addr a;

	if (s->fwmark)
		return;
	memcpy(&a, s->vaddr, sizeof(a));
	r->vip = addr_get(&e->vips, family_of(s->kind), &a);
	if (!r->vip)
		return;
	r->vip_prev = 0;
	r->vip_next = e->vips.rec[r->vip].first;
	if (r->vip_next)
		e->srec[r->vip_next].vip_prev = i;
	e->vips.rec[r->vip].first = i;
}

static void svc_vip_del(struct elvs *e, uint32_t i)
{
	struct svc_rec *r = &e->srec[i];

	if (!r->vip)
		return;
	if (r->vip_prev)
		e->srec[r->vip_prev].vip_next = r->vip_next;
	else
		e->vips.rec[r->vip].first = r->vip_next;
	if (r->vip_next)
		e->srec[r->vip_next].vip_prev = r->vip_prev;
	addr_put(&e->vips, r->vip);
	r->vip = 0;
}

/* ---- making and unmaking ---- */

static uint32_t svc_alloc(struct elvs *e)
{
	uint32_t i;

	if (!e->svc_free && e->svc_top == ELVS_MAX_SVCS)
		trash_reap_now(e);
	i = e->svc_free;
	if (i) {
		e->svc_free = e->srec[i].next;
	} else if (e->svc_top < ELVS_MAX_SVCS) {
		if (window_reach(e, &e->window[W_SVCS], (e->svc_top + 1) * sizeof(*e->svcs)))
			return 0;
		i = e->svc_top++;
	} else {
		fail(e, -ENOMEM, "the limit of %u services is reached", ELVS_MAX_SVCS - 1);
		return 0;
	}
	memset(&e->srec[i], 0, sizeof(e->srec[i]));
	memset(&e->svcs[i], 0, sizeof(e->svcs[i]));
	return i;
}

/* A trashed service nothing refers to any more; its destinations are freed already. */
void svc_free(struct elvs *e, uint32_t i)
{
	svc_ep_remove(e, i);
	svc_vip_del(e, i);
	svc_hash_del(e, i);
	e->ntrash_svcs--;
	svc_counts_keep(e, i);
	STORE(e->svcs[i].used, UNUSED);
	memset(&e->svcs[i], 0, sizeof(e->svcs[i]));
	e->srec[i].next = e->svc_free;
	e->svc_free = i;
}

void svc_fwmark_flag(struct elvs *e)
{
	if (e->nfwmark)
		__atomic_fetch_or(&e->set->flags, ELVS_SET_FWMARK, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&e->set->flags, ~ELVS_SET_FWMARK, __ATOMIC_RELEASE);
}

static void svc_write_key(struct elvs_svc *s, const struct elvs_svc_key *k)
{
	union elvs_addr a = addr_clean(k->af, &k->addr);

	s->kind = kind_of(k->af);
	s->fwmark = k->fwmark;
	if (k->fwmark) {
		s->vaddr[0] = k->fwmark; /* what its endpoint is looked up by */
	} else {
		s->proto = k->proto;
		memcpy(s->vaddr, &a, sizeof(s->vaddr));
		s->vport = k->port;
	}
	s->wide = s->kind == ELVS_WK_V6 || !s->vport || s->fwmark;
}

static void svc_write_conf(struct elvs_svc *s, const struct elvs_svc_conf *c, const char *sched_name)
{
	uint32_t flags = c->flags | ELVS_SVC_HASHED;

	if (s->flags != flags || s->netmask != c->netmask)
		s->scheme++; /* templates made under the old rules no longer bind */
	STORE(s->netmask, c->netmask);
	STORE(s->timeout, c->timeout * ELVS_TICKS_PER_SEC);
	s->timeout_sec = c->timeout;
	memcpy(s->sched_name, sched_name, sizeof(s->sched_name));
	STORE(s->flags, flags);
}

/* A new service with the index of the deleted one: only the index and what hangs on it is old. */
static void svc_revive(struct elvs *e, uint32_t i)
{
	struct elvs_svc *s = &e->svcs[i];

	svc_counts_keep(e, i);
	memset(s->zero, 0, sizeof(s->zero));
	s->cursor = 0;
	s->base = 0;
	s->cycle = 0;
	e->ntrash_svcs--;
	e->srec[i].idle_ms = 0;
	e->srec[i].seen = false;
}

int elvs_svc_add(struct elvs *e, const struct elvs_svc_conf *c)
{
	char sched_name[16], text[96];
	struct elvs_svc *s;
	bool first;
	int r, sched;
	uint32_t i;

	r = check_key(e, &c->key);
	if (r)
		return r;
	i = svc_find(e, &c->key);
	if (i && e->svcs[i].used == LIVE)
		return fail(e, -EEXIST, "%s exists already", key_text(&c->key, text, sizeof(text)));
	sched = check_conf(e, c, sched_name);
	if (sched < 0)
		return sched;
	if (i) {
		svc_revive(e, i);
	} else {
		i = svc_alloc(e);
		if (!i)
			return -ENOMEM;
		svc_write_key(&e->svcs[i], &c->key);
		svc_hash_add(e, i);
		svc_vip_add(e, i);
	}
	s = &e->svcs[i];
	s->seq = ++e->seq;
	s->sched = sched;
	svc_write_conf(s, c, sched_name);
	first = !e->nsvcs[s->kind == ELVS_WK_V6];
	STORE(s->used, LIVE);
	svc_list_add(e, i);
	svc_fwmark_flag(e);
	sched_reset(e, i);
	r = svc_ep_update(e, i);
	if (r) {
		elvs_svc_del(e, &c->key);
		return r;
	}
	if (first)
		svc_ep_family(e, c->key.af);
	return 0;
}

int elvs_svc_edit(struct elvs *e, const struct elvs_svc_conf *c)
{
	char sched_name[16];
	uint32_t i = svc_live(e, &c->key);
	struct elvs_svc *s = &e->svcs[i];
	int sched;

	if (!i)
		return -ESRCH;
	sched = check_conf(e, c, sched_name);
	if (sched < 0)
		return sched;
	if (strcmp(s->sched_name, sched_name)) {
		sched_touch(e, i);
		sched_drop(e, i); /* no packet reads one scheduler's table with another's eyes */
		STORE(s->sched, sched);
		sched_reset(e, i);
	}
	svc_write_conf(s, c, sched_name);
	return sched_flush(e, i);
}

static void svc_unlink(struct elvs *e, uint32_t i)
{
	uint32_t next;

	STORE(e->svcs[i].used, TRASH);
	svc_list_del(e, i);
	e->ntrash_svcs++;
	e->srec[i].idle_ms = 0;
	sched_drop(e, i);
	for (uint32_t id = e->srec[i].head; id; id = next) {
		next = e->drec[id].next;
		dest_to_trash(e, id);
	}
	svc_ep_update(e, i);
	svc_fwmark_flag(e);
}

int elvs_svc_del(struct elvs *e, const struct elvs_svc_key *k)
{
	uint32_t i = svc_live(e, k);

	if (!i)
		return -ESRCH;
	svc_unlink(e, i);
	if (!e->nsvcs[e->svcs[i].kind == ELVS_WK_V6])
		svc_ep_family(e, k->af);
	return 0;
}

int elvs_flush(struct elvs *e)
{
	while (e->svc_head)
		svc_unlink(e, e->svc_head);
	svc_ep_family(e, AF_INET);
	svc_ep_family(e, AF_INET6);
	return 0;
}

/* ---- reading ---- */

static void svc_info(struct elvs *e, uint32_t i, struct elvs_svc_info *ret)
{
	const struct elvs_svc *s = &e->svcs[i];
	uint64_t raw[NCOUNTERS];

	memset(ret, 0, sizeof(*ret));
	svc_key_of(s, &ret->conf.key);
	memcpy(ret->conf.sched, s->sched_name, sizeof(ret->conf.sched));
	memcpy(ret->conf.pe, s->pe_name, sizeof(s->pe_name));
	ret->conf.flags = s->flags;
	ret->conf.timeout = s->timeout_sec;
	ret->conf.netmask = s->netmask;
	ret->ndests = s->ndests;
	ret->id = i;
	svc_raw(e, i, raw);
	counters_fill(&ret->counters, raw, s->zero, &e->srec[i].rate);
}

int elvs_svc_get(struct elvs *e, const struct elvs_svc_key *k, struct elvs_svc_info *ret)
{
	uint32_t i = svc_live(e, k);

	if (!i)
		return -ESRCH;
	svc_info(e, i, ret);
	return 0;
}

int elvs_svc_each(struct elvs *e, int (*f)(void *arg, const struct elvs_svc_info *), void *arg)
{
	uint32_t next;
	int r = 0;

	for (uint32_t i = e->svc_head; i && !r; i = next) {
		struct elvs_svc_info info;

		next = e->srec[i].next;
		svc_info(e, i, &info);
		dir_rest(&e->dest, DESTS_MAPPED);
		r = f(arg, &info);
	}
	return r;
}

static void svc_zero(struct elvs *e, uint32_t i)
{
	uint64_t raw[NCOUNTERS];

	for (uint32_t id = e->srec[i].head; id; id = e->drec[id].next) {
		dest_raw(e, id, raw);
		memcpy(dest_at(e, id)->zero, raw, sizeof(raw));
		if (e->drec[id].rate)
			memset(e->drec[id].rate->est, 0, sizeof(e->drec[id].rate->est));
	}
	svc_raw(e, i, raw);
	memcpy(e->svcs[i].zero, raw, sizeof(raw));
	memset(e->srec[i].rate.est, 0, sizeof(e->srec[i].rate.est));
}

int elvs_zero(struct elvs *e, const struct elvs_svc_key *k)
{
	uint32_t i = k ? svc_live(e, k) : 0;

	if (k && !i)
		return -ESRCH;
	if (k)
		svc_zero(e, i);
	else
		for (i = e->svc_head; i; i = e->srec[i].next)
			svc_zero(e, i);
	return 0;
}

int elvs_timeouts_get(struct elvs *e, uint32_t ret_sec[3])
{
	memcpy(ret_sec, e->set->timeout_sec, sizeof(e->set->timeout_sec));
	return 0;
}

int elvs_timeouts_set(struct elvs *e, const uint32_t sec[3])
{
	__u32 *const ticks[3] = { &e->set->timeout[ELVS_TCP_ESTABLISHED], &e->set->timeout[ELVS_TCP_FIN_WAIT],
				  &e->set->udp_timeout };

	for (int i = 0; i < 3; i++)
		if (sec[i] > TIMEOUT_MAX)
			return fail(e, -EINVAL, "timeout of %u s: at most %u is possible", sec[i], TIMEOUT_MAX);
	for (int i = 0; i < 3; i++) {
		if (!sec[i])
			continue;
		e->set->timeout_sec[i] = sec[i];
		STORE(*ticks[i], sec[i] * ELVS_TICKS_PER_SEC);
	}
	return 0;
}

void elvs_batch_begin(struct elvs *e)
{
	e->batch++;
}

int elvs_batch_end(struct elvs *e)
{
	int r;

	if (e->batch && --e->batch)
		return 0;
	r = sched_flush_all(e);
	dir_rest(&e->dest, DESTS_MAPPED);
	return r;
}
