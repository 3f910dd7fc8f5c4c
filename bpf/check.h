/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - health checks addressed to a virtual service at one real server (DR, TUN), so that a server without the
 * virtual address is found out. A checker's socket carries a mark and connects to the real server as ever; on the way
 * out the packet gets the virtual address as its destination (TUN: and a tunnel's header), on the way back the
 * answer's source, the virtual address, becomes the real server's again. Routing, neighbours, source checks and
 * firewall see the real server only.
 *
 * Two checkers may have the same port towards two servers of one service: the answers could not be told apart, so the
 * later one gets another port on the wire. Nothing here is on the way of clients' packets, except that a new
 * connection is not made from a check that a server without the address has sent back (check_concerns).
 */
#ifndef ELVS_BPF_CHECK_H
#define ELVS_BPF_CHECK_H

#include "parse.h"
#include "conn.h"

#define CHECK_TRIES 8			     /* ports on the wire that a check may get */
#define CHECK_IDLE (60 * ELVS_TICKS_PER_SEC) /* after that long its port may be another's */

static __always_inline void *check_table(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&check_flows, &zero);
}

/* The answer to a check has the virtual address as its source, the check itself as its destination. */
static __always_inline void check_key(struct elvs_check_key *k, const struct pkt *p, bool answer)
{
	memcpy(k->vip, answer ? p->saddr : p->daddr, 16);
	memcpy(k->local, answer ? p->daddr : p->saddr, 16);
	k->vport = answer ? p->sport : p->dport;
	k->lport = answer ? p->dport : p->sport;
	k->proto = p->proto;
	k->kind = p->kind;
	k->pad = 0;
}

#ifdef ELVS_CORE
/* Is what would be this connection a check of this host that has come back, or the answer to one? */
__noinline int check_concerns(const struct elvs_wkey *conn)
{
	struct elvs_check_key k = {};
	void *flows = check_table();

	if (!conn || !flows)
		return 0;
	memcpy(k.vip, conn->vaddr, 16);
	memcpy(k.local, conn->caddr, 16);
	k.vport = conn->vport;
	k.lport = conn->cport;
	k.proto = conn->proto;
	k.kind = conn->kind;
	if (bpf_map_lookup_elem(flows, &k))
		return 1;
	memcpy(k.vip, conn->caddr, 16);
	memcpy(k.local, conn->vaddr, 16);
	k.vport = conn->cport;
	k.lport = conn->vport;
	return bpf_map_lookup_elem(flows, &k) != 0;
}
#else
int check_concerns(const struct elvs_wkey *conn);
#endif

#if !HOOK_XDP
static __always_inline struct elvs_check *check_get(__u32 number)
{
	__u32 chunk = number / ELVS_CHECK_CHUNK, in = number % ELVS_CHECK_CHUNK;
	void *m = bpf_map_lookup_elem(&check_dir, &chunk);

	return m ? bpf_map_lookup_elem(m, &in) : 0;
}

/* The nth port that a check may have on the wire: its own first */
static __always_inline __u16 check_try(__u16 port, __u32 server, __u32 n)
{
	return n ? bpf_htons(1024 + elvs_mix(port, server, n) % (65536 - 1024)) : port;
}

/*
 * The check's port on the wire; 0 = it has none. k: the check's key, but for the port. begin: it may get one now.
 */
static __always_inline __u16 check_port(struct elvs_check_key *k, const struct pkt *p, const struct elvs_check *c,
					bool begin)
{
	struct elvs_check_flow new = { .last = settings.clock, .lport = p->sport };
	void *flows = check_table();
	__u16 free_port = 0;

	if (!flows)
		return 0;
	for (__u32 n = 0; n < CHECK_TRIES; n++) {
		struct elvs_check_flow *f;

		k->lport = check_try(p->sport, c->raddr[0] ^ c->raddr[3], n);
		f = bpf_map_lookup_elem(flows, k);
		if (f && f->lport == p->sport && addr_same(f->raddr, c->raddr)) {
			f->last = settings.clock;
			return k->lport;
		}
		if (!free_port && (!f || settings.clock - f->last > CHECK_IDLE))
			free_port = k->lport;
	}
	if (!free_port || !begin)
		return 0;
	k->lport = free_port;
	memcpy(new.raddr, c->raddr, 16);
	return bpf_map_update_elem(flows, k, &new, BPF_ANY) ? 0 : free_port;
}

static __always_inline bool check_wrap(struct __sk_buff *ctx, const struct pkt *p, const struct elvs_check *c)
{
	__u32 len = p->kind == ELVS_WK_V4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	__u64 flags = p->kind == ELVS_WK_V4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
	struct outer o;
	void *at;

	if (!outer_take(&o, p, ctx_data(ctx), ctx_end(ctx)) || bpf_skb_adjust_room(ctx, len, BPF_ADJ_ROOM_MAC, flags))
		return false;
	at = ctx_data(ctx) + sizeof(struct ethhdr);
	return outer_write(at, ctx_end(ctx), &o, p->kind, p->saddr, c->raddr);
}

/* A marked packet of this host. False: it cannot be sent. */
__noinline int check_out(struct __sk_buff *ctx, struct pkt *p)
{
	struct elvs_check_key k;
	struct addr_port to;
	struct elvs_check *c;
	__u16 port;

	if (!p)
		return 1;
	c = check_get(ctx->mark & ELVS_CHECK_NUMBER);
	/* not for that server, or from the virtual address itself, which its servers would not believe */
	if (!c || c->kind != p->kind || !addr_same(c->raddr, p->daddr) || addr_same(c->vip, p->saddr) ||
	    p->l2len != sizeof(struct ethhdr) || p->frag != FRAG_NONE)
		return 1;
	check_key(&k, p, false);
	memcpy(k.vip, c->vip, 16);
	port = check_port(&k, p, c, p->proto != IPPROTO_TCP || (p->tcp_flags & (TCPF_SYN | TCPF_ACK)) == TCPF_SYN);
	if (!port)
		return p->proto == IPPROTO_TCP && !(p->tcp_flags & TCPF_SYN); /* what is left of one long gone */
	addr_port(&to, c->vip, p->dport, p->kind, 0);
	if (tc_nat(ctx, p, &to))
		return 0;
	if (port != p->sport) {
		addr_port(&to, p->saddr, port, p->kind, 1);
		if (tc_nat(ctx, p, &to))
			return 0;
	}
	return c->method != ELVS_TUNNEL || (ctx_pull(ctx) && check_wrap(ctx, p, c));
}

/* A packet to this host that no service has claimed. Whether it was the answer to a check, and now is one of the server. */
__noinline int check_in(struct __sk_buff *ctx, const struct pkt *p)
{
	struct elvs_check_key k;
	struct elvs_check_flow *f;
	struct addr_port to;
	void *flows = check_table();
	__u16 port;

	if (!p || !flows)
		return 0;
	check_key(&k, p, true);
	f = bpf_map_lookup_elem(flows, &k);
	if (!f)
		return 0;
	f->last = settings.clock;
	port = f->lport;
	addr_port(&to, f->raddr, p->sport, p->kind, 1);
	if (tc_nat(ctx, p, &to))
		return 0;
	if (port != p->dport) {
		addr_port(&to, p->daddr, port, p->kind, 0);
		tc_nat(ctx, p, &to);
	}
	return 1;
}
#endif

#endif
