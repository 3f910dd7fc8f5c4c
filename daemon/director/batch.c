/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch - see batch.h. */
#include "batch.h"

#include <errno.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define SVC_BUCKETS (1u << 12)
#define DEST_BUCKETS (1u << 16)

struct bsvc {
	struct bsvc *next, *all;
	struct elvs_svc_conf conf;
	bool doomed;
};

struct bdest {
	struct bdest *next, *all;
	struct bsvc *svc;
	struct elvs_dest_conf conf;
	bool doomed;
};

enum undo_type { UNDO_SVC_ADD, UNDO_SVC_EDIT, UNDO_DEST_ADD, UNDO_DEST_EDIT, UNDO_TIMEOUTS };

struct undo {
	enum undo_type type;
	struct elvs_svc_conf svc;	/* its key for destinations; as it was for UNDO_SVC_EDIT */
	struct elvs_dest_conf dest;
	uint32_t timeout_sec[3];
};

struct batch {
	struct bsvc *svc[SVC_BUCKETS], *all_svcs;
	struct bdest *dest[DEST_BUCKETS], *all_dests;
	struct undo *undo;
	size_t undos, undo_room;
	unsigned idle_ticks;
	struct bsvc *reading;	/* whose destinations are being read into the model */
};

/* ---- the model ---- */
static uint32_t hash_bytes(uint32_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * 16777619u;	/* FNV-1a */
	return h;
}

static bool same_key(const struct elvs_svc_key *a, const struct elvs_svc_key *b)
{
	if (a->af != b->af || a->fwmark != b->fwmark)
		return false;
	return a->fwmark || (a->proto == b->proto && a->port == b->port && !memcmp(&a->addr, &b->addr, 16));
}

static struct bsvc **svc_bucket(struct batch *b, const struct elvs_svc_key *k)
{
	uint32_t h = hash_bytes(2166136261u, &k->fwmark, sizeof(k->fwmark));

	if (!k->fwmark) {
		h = hash_bytes(h, &k->addr, sizeof(k->addr));
		h = hash_bytes(h, &k->port, sizeof(k->port));
	}
	return &b->svc[h % SVC_BUCKETS];
}

static struct bsvc *svc_find(struct batch *b, const struct elvs_svc_key *k)
{
	struct bsvc *s = *svc_bucket(b, k);

	while (s && !same_key(&s->conf.key, k))
		s = s->next;
	return s;
}

static struct bsvc *svc_new(struct batch *b, const struct elvs_svc_conf *c)
{
	struct bsvc **p = svc_bucket(b, &c->key), *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conf = *c;
	s->next = *p;
	*p = s;
	s->all = b->all_svcs;
	b->all_svcs = s;
	return s;
}

static struct bdest **dest_bucket(struct batch *b, const struct bsvc *s, const struct elvs_dest_conf *c)
{
	uint32_t h = hash_bytes(2166136261u, &s, sizeof(s));

	h = hash_bytes(h, &c->addr, sizeof(c->addr));
	h = hash_bytes(h, &c->port, sizeof(c->port));
	return &b->dest[h % DEST_BUCKETS];
}

static struct bdest *dest_find(struct batch *b, const struct bsvc *s, const struct elvs_dest_conf *c)
{
	struct bdest *d = *dest_bucket(b, s, c);

	while (d && (d->svc != s || d->conf.af != c->af || d->conf.port != c->port ||
		     memcmp(&d->conf.addr, &c->addr, sizeof(c->addr))))
		d = d->next;
	return d;
}

static struct bdest *dest_new(struct batch *b, struct bsvc *s, const struct elvs_dest_conf *c)
{
	struct bdest **p = dest_bucket(b, s, c), *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->svc = s;
	d->conf = *c;
	d->next = *p;
	*p = d;
	d->all = b->all_dests;
	b->all_dests = d;
	return d;
}

static void batch_free(struct director *d)
{
	struct batch *b = d->batch;

	if (!b)
		return;
	for (struct bsvc *s = b->all_svcs, *next; s; s = next) {
		next = s->all;
		free(s);
	}
	for (struct bdest *x = b->all_dests, *next; x; x = next) {
		next = x->all;
		free(x);
	}
	free(b->undo);
	free(b);
	d->batch = NULL;
	d->batch_owner = NULL;
	event_active(d->resched_ev, EV_TIMEOUT, 0);	/* others may go on */
}

static int read_svc(void *arg, const struct elvs_svc_info *s)
{
	return svc_new(arg, &s->conf) ? 0 : -ENOMEM;
}

static int read_dest(void *arg, const struct elvs_dest_info *x)
{
	struct batch *b = arg;

	return dest_new(b, b->reading, &x->conf) ? 0 : -ENOMEM;
}

int batch_begin(struct director *d, struct client *owner)
{
	struct batch *b;
	int r;

	if (d->batch)
		return -EBUSY;
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	d->batch = b;
	d->batch_owner = owner;
	r = elvs_svc_each(d->elvs, read_svc, b);
	for (struct bsvc *s = b->all_svcs; s && !r; s = s->all) {
		b->reading = s;
		r = elvs_dest_each(d->elvs, &s->conf.key, read_dest, b);
	}
	if (r < 0) {
		batch_free(d);
		return r;
	}
	director_turn_end(d);
	elvs_batch_begin(d->elvs);
	return 0;
}

/* ---- undoing ---- */
/* Room first, so that what has been done can always be written down. */
static struct undo *undo_room(struct batch *b)
{
	if (b->undos == b->undo_room) {
		size_t room = b->undo_room ? 2 * b->undo_room : 256;
		struct undo *u = realloc(b->undo, room * sizeof(*u));

		if (!u)
			return NULL;
		b->undo = u;
		b->undo_room = room;
	}
	memset(&b->undo[b->undos], 0, sizeof(*b->undo));
	return &b->undo[b->undos];
}

static int undo_one(struct elvs *e, const struct undo *u)
{
	switch (u->type) {
	case UNDO_SVC_ADD:
		return elvs_svc_del(e, &u->svc.key);
	case UNDO_SVC_EDIT:
		return elvs_svc_edit(e, &u->svc);
	case UNDO_DEST_ADD:
		return elvs_dest_del(e, &u->svc.key, &u->dest);
	case UNDO_DEST_EDIT:
		return elvs_dest_edit(e, &u->svc.key, &u->dest);
	case UNDO_TIMEOUTS:
		return elvs_timeouts_set(e, u->timeout_sec);
	}
	return -EINVAL;
}

static void undo_all(struct director *d)
{
	struct batch *b = d->batch;

	while (b->undos) {
		int r = undo_one(d->elvs, &b->undo[--b->undos]);

		if (r < 0)
			log_err("could not undo a step of a failed restore: %s", elvs_strerror(d->elvs));
	}
}

/* ---- requests ---- */
static bool same_svc(const struct elvs_svc_conf *a, const struct elvs_svc_conf *b)
{
	return !strcmp(a->sched, b->sched) && !strcmp(a->pe, b->pe) && a->netmask == b->netmask &&
	       (a->flags | IP_VS_SVC_F_HASHED) == (b->flags | IP_VS_SVC_F_HASHED) && a->timeout == b->timeout;
}

static bool same_dest(const struct elvs_dest_conf *a, const struct elvs_dest_conf *b)
{
	return a->method == b->method && a->weight == b->weight && a->u_threshold == b->u_threshold &&
	       a->l_threshold == b->l_threshold && a->tun_type == b->tun_type && a->tun_port == b->tun_port &&
	       a->tun_flags == b->tun_flags;
}

static int svc_edit(struct director *d, struct bsvc *s, const struct elvs_svc_conf *c)
{
	struct undo *u = undo_room(d->batch);
	int r;

	if (!u)
		return -ENOMEM;
	r = elvs_svc_edit(d->elvs, c);
	if (r < 0)
		return r;
	u->type = UNDO_SVC_EDIT;
	u->svc = s->conf;
	d->batch->undos++;
	s->conf = *c;
	return 0;
}

static int svc_add(struct director *d, const struct elvs_svc_conf *c)
{
	struct bsvc *s = svc_find(d->batch, &c->key);
	struct undo *u;
	int r;

	if (s && !s->doomed)
		return -EEXIST;
	if (s) {
		r = same_svc(&s->conf, c) ? 0 : svc_edit(d, s, c);
		s->doomed = r < 0;
		return r;
	}
	u = undo_room(d->batch);
	s = u ? svc_new(d->batch, c) : NULL;
	if (!s)
		return -ENOMEM;
	r = elvs_svc_add(d->elvs, c);
	if (r < 0) {	/* stays in the model as something that is not there */
		*svc_bucket(d->batch, &c->key) = s->next;
		s->doomed = true;
		s->conf.key.af = 0;
		return r;
	}
	u->type = UNDO_SVC_ADD;
	u->svc = *c;
	d->batch->undos++;
	return 0;
}

static void svc_doom(struct batch *b, struct bsvc *s)
{
	for (struct bdest *x = b->all_dests; x; x = x->all)
		if (!s || x->svc == s)
			x->doomed = true;
	for (struct bsvc *i = b->all_svcs; i; i = i->all)
		if (!s || i == s)
			i->doomed = true;
}

static int dest_edit(struct director *d, struct bdest *x, const struct elvs_dest_conf *c)
{
	struct undo *u = undo_room(d->batch);
	int r;

	if (!u)
		return -ENOMEM;
	r = elvs_dest_edit(d->elvs, &x->svc->conf.key, c);
	if (r < 0)
		return r;
	u->type = UNDO_DEST_EDIT;
	u->svc = x->svc->conf;
	u->dest = x->conf;
	d->batch->undos++;
	x->conf = *c;
	return 0;
}

static int dest_add(struct director *d, struct bsvc *s, const struct elvs_dest_conf *c)
{
	struct bdest *x = dest_find(d->batch, s, c);
	struct undo *u;
	int r;

	if (x && !x->doomed)
		return -EEXIST;
	if (x) {
		r = same_dest(&x->conf, c) ? 0 : dest_edit(d, x, c);
		x->doomed = r < 0;
		return r;
	}
	u = undo_room(d->batch);
	if (!u)
		return -ENOMEM;
	r = elvs_dest_add(d->elvs, &s->conf.key, c);
	if (r < 0)
		return r;
	u->type = UNDO_DEST_ADD;
	u->svc = s->conf;
	u->dest = *c;
	d->batch->undos++;
	return dest_new(d->batch, s, c) ? 0 : -ENOMEM;
}

static int timeouts(struct director *d, const uint32_t sec[3])
{
	struct undo *u = undo_room(d->batch);
	int r;

	if (!u)
		return -ENOMEM;
	r = elvs_timeouts_get(d->elvs, u->timeout_sec);
	if (r < 0)
		return r;
	r = elvs_timeouts_set(d->elvs, sec);
	if (r < 0)
		return r;
	u->type = UNDO_TIMEOUTS;
	d->batch->undos++;
	return 0;
}

static int apply_dest(struct director *d, const struct ctl_req *q, struct bsvc *s)
{
	struct bdest *x;

	if (q->dest_error)
		return q->dest_error;
	if (q->cmd == IPVS_CMD_NEW_DEST)
		return dest_add(d, s, &q->dest);
	x = dest_find(d->batch, s, &q->dest);
	if (!x || x->doomed)
		return -ENOENT;
	if (q->cmd == IPVS_CMD_SET_DEST)
		return dest_edit(d, x, &q->dest);
	x->doomed = true;
	return 0;
}

int batch_apply(struct director *d, const struct ctl_req *q)
{
	struct batch *b = d->batch;
	struct bsvc *s;

	b->idle_ticks = 0;
	if (q->cmd == IPVS_CMD_FLUSH) {
		svc_doom(b, NULL);
		return 0;
	}
	if (q->cmd == IPVS_CMD_SET_CONFIG)
		return timeouts(d, q->timeout_sec);
	if (q->cmd < IPVS_CMD_NEW_SERVICE || q->cmd > IPVS_CMD_DEL_DEST || q->cmd == IPVS_CMD_GET_SERVICE)
		return -EOPNOTSUPP;
	if (q->svc_error)
		return q->svc_error;
	if (q->cmd == IPVS_CMD_NEW_SERVICE)
		return svc_add(d, &q->svc);
	s = svc_find(b, &q->svc.key);
	if (!s || s->doomed)
		return -ESRCH;
	switch (q->cmd) {
	case IPVS_CMD_SET_SERVICE:
		return svc_edit(d, s, &q->svc);
	case IPVS_CMD_DEL_SERVICE:
		svc_doom(b, s);
		return 0;
	default:
		return apply_dest(d, q, s);
	}
}

static void delete_doomed(struct director *d)
{
	struct batch *b = d->batch;

	for (struct bdest *x = b->all_dests; x; x = x->all)
		if (x->doomed && !x->svc->doomed)
			elvs_dest_del(d->elvs, &x->svc->conf.key, &x->conf);
	for (struct bsvc *s = b->all_svcs; s; s = s->all)
		if (s->doomed && s->conf.key.af)
			elvs_svc_del(d->elvs, &s->conf.key);
}

/* The old servers go last: in between, both the old and the new ones are there, and never neither. */
int batch_commit(struct director *d)
{
	int r = elvs_batch_end(d->elvs);

	if (r < 0) {
		elvs_batch_begin(d->elvs);
		undo_all(d);
	} else {
		elvs_batch_begin(d->elvs);
		delete_doomed(d);
	}
	if (elvs_batch_end(d->elvs) < 0)
		log_err("restore: %s", elvs_strerror(d->elvs));
	batch_free(d);
	return r;
}

void batch_abort(struct director *d)
{
	undo_all(d);
	if (elvs_batch_end(d->elvs) < 0)
		log_err("restore: %s", elvs_strerror(d->elvs));
	batch_free(d);
}

void batch_tick(struct director *d)
{
	if (!d->batch || ++d->batch->idle_ticks < BATCH_IDLE_TICKS)
		return;
	log_warn("a restore has been silent for %d s; putting everything back", BATCH_IDLE_TICKS / 2);
	batch_abort(d);
}
