/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frag - fragments of IP packets, on TC: the first one of a packet has the ports, and lends them to the others, which
 * are recognised by addresses, protocol and identification. They are forwarded one by one, as they come; one that
 * arrives before the first is left to the local stack.
 */
#ifndef ELVS_BPF_FRAG_H
#define ELVS_BPF_FRAG_H

#include "parse.h"

struct frag_key {
	__u32 saddr[4], daddr[4];
	__u32 id;
	__u8 proto, kind;
	__u16 pad;
};

struct frag_ports {
	__u16 sport, dport;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct frag_key);
	__type(value, struct frag_ports);
} frags SEC(".maps");

static __always_inline void frag_key(struct frag_key *k, const struct pkt *p, bool v6)
{
	memset(k, 0, sizeof(*k));
	k->saddr[0] = p->saddr[0];
	k->daddr[0] = p->daddr[0];
	if (v6) {
		memcpy(k->saddr, p->saddr, 16);
		memcpy(k->daddr, p->daddr, 16);
	}
	k->id = p->frag_id;
	k->proto = p->proto;
	k->kind = p->kind;
}

/* The first fragment's ports, for the others */
static __noinline void frag_remember(const struct pkt *p, bool v6)
{
	struct frag_ports ports = { p->sport, p->dport };
	struct frag_key k;

	frag_key(&k, p, v6);
	bpf_map_update_elem(&frags, &k, &ports, BPF_ANY);
}

/* Gives a later fragment its ports. False: its first part was not seen. */
static __noinline bool frag_recall(struct pkt *p, bool v6)
{
	struct frag_ports *ports;
	struct frag_key k;

	frag_key(&k, p, v6);
	ports = bpf_map_lookup_elem(&frags, &k);
	if (!ports)
		return false;
	p->sport = ports->sport;
	p->dport = ports->dport;
	p->tcp_flags = 0x10;	/* ACK: changes no state */
	return true;
}

#endif
