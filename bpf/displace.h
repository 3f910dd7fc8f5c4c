/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * displace - NAT connections whose client has come back with the same port to the same real server.
 */
#ifndef ELVS_BPF_DISPLACE_H
#define ELVS_BPF_DISPLACE_H

/* part of flow.h, which includes it */

/*
 * A client that uses a port again towards the same real server has given up what it had there before, through
 * whichever service: the server cannot tell the two apart, and neither could we tell whose its answers are. (IPVS
 * finds the newest first.) So the older NAT connection's time is up; the sweeper does its books. Looks at the pairs
 * where such connections can stand.
 */
struct displace_ctx {
	const struct elvs_wkey *conn;
	__u64 hash;
	__u32 raddr[4];
	__u16 rport;
};

static long narrow_displace_step(__u32 n, struct displace_ctx *c)
{
	__u32 i = narrow_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS, word;
	struct elvs_pair *p = narrow_pair(i);
	struct elvs_dest *d;
	struct elvs_svc *svc;
	__u64 key;

	if (!p)
		return 1;
	key = READ_ONCE(p->slot[k].key);
	word = READ_ONCE(p->slot[k].word);
	if (key << 16 == narrow_key(c->conn) << 16 && key && word_method(word) == ELVS_MASQ && word_dest(word)) {
		d = dest_get(word_dest(word));
		svc = svc_get(key >> 48);
		if (d && svc && svc->proto == c->conn->proto && d->addr[0] == c->raddr[0] &&
		    (d->port ? d->port : svc->vport) == c->rport)
			WRITE_ONCE(p->slot[k].expiry, settings.clock);
	}
	return k == ELVS_PAIR_SLOTS - 1 && !(READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW);
}

static long wide_displace_step(__u32 n, struct displace_ctx *c)
{
	__u32 i = wide_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS, word;
	struct elvs_wpair *p = wide_pair(i);
	const struct elvs_wkey *key;
	struct elvs_dest *d;

	if (!p)
		return 1;
	key = &p->slot[k].key;
	word = READ_ONCE(p->slot[k].word);
	if (key->cport == c->conn->cport && key->proto == c->conn->proto && key->kind == c->conn->kind &&
	    p->slot[k].dport == c->rport && word_method(word) == ELVS_MASQ && word_dest(word) &&
	    addr_same(key->caddr, c->conn->caddr)) {
		d = dest_get(word_dest(word));
		if (d && addr_same(d->addr, c->raddr))
			WRITE_ONCE(p->slot[k].expiry, settings.clock);
	}
	return k == ELVS_PAIR_SLOTS - 1 && !(READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW);
}

__noinline int narrow_displace(const struct elvs_wkey *conn, __u32 dest)
{
	struct elvs_dest *d = dest_get(dest);
	struct displace_ctx c = {};

	if (!conn || !d || d->method != ELVS_MASQ)
		return 0;
	c.conn = conn;
	c.hash = elvs_conn_hash(conn->caddr[0], conn->cport, settings.key);
	c.raddr[0] = d->addr[0];
	c.rport = d->port ? d->port : conn->vport;
	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, narrow_displace_step, &c, 0);
	return 0;
}

__noinline int wide_displace(const struct elvs_wkey *conn, __u32 dest)
{
	struct elvs_dest *d = dest_get(dest);
	struct displace_ctx c = {};

	if (!conn || !d || d->method != ELVS_MASQ)
		return 0;
	c.conn = conn;
	c.hash = wide_hash(conn);
	memcpy(c.raddr, d->addr, sizeof(c.raddr));
	c.rport = d->port ? d->port : conn->vport;
	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, wide_displace_step, &c, 0);
	return 0;
}

/* Does the pair hold another connection of this client address and port, or may one stand elsewhere? */
static __always_inline bool narrow_shares(const struct elvs_pair *p, __u64 key)
{
	return find4(p, sizeof(struct elvs_slot), key << 16, 16) < 4 ||
	       find4((const void *)p + 64, sizeof(struct elvs_slot), key << 16, 16) < 4 ||
	       READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW;
}

#endif
