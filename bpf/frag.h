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

static __always_inline void frag_key(struct frag_key *k, const struct pkt *p)
{
	memcpy(k->saddr, p->saddr, 16);
	memcpy(k->daddr, p->daddr, 16);
	k->pad = 0;
	k->id = p->frag_id;
	k->proto = p->proto;
	k->kind = p->kind;
}

/* The first fragment's ports, for the others */
__noinline int frag_remember(const struct pkt *p)
{
	struct frag_ports ports;
	struct frag_key k;

	if (!p)
		return 0;
	ports.sport = p->sport;
	ports.dport = p->dport;
	frag_key(&k, p);
	bpf_map_update_elem(&frags, &k, &ports, BPF_ANY);
	return 0;
}

/* Gives a later fragment its ports. 0: its first part was not seen. */
__noinline int frag_recall(struct pkt *p)
{
	struct frag_ports *ports;
	struct frag_key k;

	if (!p)
		return 0;
	frag_key(&k, p);
	ports = bpf_map_lookup_elem(&frags, &k);
	if (!ports)
		return 0;
	p->sport = ports->sport;
	p->dport = ports->dport;
	p->tcp_flags = 0x10;	/* ACK: changes no state */
	return 1;
}

#endif
