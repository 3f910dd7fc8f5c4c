/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps - key and value of every BPF map, shared by the data plane (clang -target bpf) and libelvs (gcc, clang).
 *
 * Conventions: addresses and ports are in network byte order; IPv4 addresses stand in a[0] with a[1..3] = 0;
 * times are ticks of 1/8 s of settings.clock and compared as signed differences; padding has a name.
 * lib/ is the only user-space code that includes this header.
 */
#ifndef ELVS_ABI_MAPS_H
#define ELVS_ABI_MAPS_H

#include <linux/types.h>
#include "capture.h"
#include "limits.h"
#include "verdict.h"

#define ELVS_ASSERT_SIZE(type, n) _Static_assert(sizeof(type) == (n), #type " must have " #n " bytes")

/* ---- connection slots ------------------------------------------------------------------------------- */
/*
 * A slot's word says everything about a connection that changes while it lives, so that one compare-and-swap
 * changes it. The generation rises with every reuse of the slot: a late packet of the slot's former tenant then
 * loses its compare-and-swap.
 */
#define ELVS_W_LOCK 0x00000001u		/* in slot 0: the pair is locked for insertion. Belongs to the pair, not to the slot */
#define ELVS_W_OVERFLOW 0x00000001u	/* in slot 4: the pair was full once, the search goes on at the next probe */
#define ELVS_OVERFLOW_SLOT 4
#define ELVS_W_USED 0x00000002u
#define ELVS_W_INACTIVE 0x00000004u	/* counted in inact, not in act */
#define ELVS_W_NOOUTPUT 0x00000008u	/* no packet from the real server seen: INPUT_ONLY state table */
#define ELVS_W_ANSWERED 0x00000008u	/* the same bit, NAT: the real server has answered the SYN */
#define ELVS_W_CONTROLLED 0x00000010u	/* made from a persistence template, which lives as long as this does */
#define ELVS_W_METHOD_SHIFT 5		/* enum elvs_method, 2 bits: as it was when the connection was made */
#define ELVS_W_METHOD_MASK (3u << 5)
#define ELVS_W_STATE_SHIFT 7		/* enum elvs_tcp_state, or 1 for UDP, 4 bits */
#define ELVS_W_STATE_MASK (15u << 7)
#define ELVS_W_GEN_SHIFT 11
#define ELVS_W_GEN_MASK (15u << 11)
#define ELVS_W_DEST_SHIFT 15		/* destination id, 17 bits */

/* as in linux/ip_vs.h (IP_VS_CONN_F_FWD_MASK) */
enum elvs_method { ELVS_MASQ = 0, ELVS_LOCAL = 1, ELVS_TUNNEL = 2, ELVS_DROUTE = 3 };

/* IPVS's order of TCP states (spec: ip_vs_proto_tcp) */
enum elvs_tcp_state {
	ELVS_TCP_NONE, ELVS_TCP_ESTABLISHED, ELVS_TCP_SYN_SENT, ELVS_TCP_SYN_RECV, ELVS_TCP_FIN_WAIT,
	ELVS_TCP_TIME_WAIT, ELVS_TCP_CLOSE, ELVS_TCP_CLOSE_WAIT, ELVS_TCP_LAST_ACK, ELVS_TCP_LISTEN,
	ELVS_TCP_SYNACK, ELVS_TCP_STATES,
};
#define ELVS_UDP_STATE 1

/* A narrow connection: IPv4, TCP or UDP, service with a port of its own. key == 0: free. */
struct elvs_slot {
	__u64 key;	/* client address (low 32 bits) | client port << 32 | endpoint id << 48 */
	__u32 word;
	__u32 expiry;
};

struct elvs_pair {	/* two cache lines; which one is searched first is a bit of the hash */
	struct elvs_slot slot[ELVS_PAIR_SLOTS];
} __attribute__((aligned(64)));
ELVS_ASSERT_SIZE(struct elvs_pair, 128);

/* A wide connection: IPv6, fwmark and port-0 services, persistence templates. */
struct elvs_wkey {
	union {
		struct {
			__u32 caddr[4];	/* templates: masked with the service's netmask */
			__u32 vaddr[4];	/* fwmark templates: the mark in host order */
			__u16 cport;
			__u16 vport;
			__u16 svc;	/* index of the service */
			__u8 proto;	/* IPPROTO_*; 0 (IP) for fwmark templates */
			__u8 kind;	/* ELVS_WK_*; 0 = free slot */
		};
		__u64 word[5];	/* how the data plane writes and compares it, see wkey_set() */
	};
};
#define ELVS_WK_V4 1
#define ELVS_WK_V6 2
#define ELVS_WK_TEMPLATE 4	/* or-ed */
ELVS_ASSERT_SIZE(struct elvs_wkey, 40);

struct elvs_wslot {
	struct elvs_wkey key;
	__u32 word;
	__u32 expiry;
	__u16 dport;	/* the destination's port for this connection */
	__u16 nh;	/* replies: next hop towards the client, 1-based; 0 = not known */
	__u32 nh_gen;	/* generation in which nh was found; templates: the service's scheme */
	__u32 children;	/* templates: connections made from it and still alive */
	__u32 flags;	/* templates: ELVS_WF_* */
};
#define ELVS_WF_ASSURED 1
#define ELVS_CHILDREN_DYING 0x80000000u	/* in children: the sweeper is about to free the template */
ELVS_ASSERT_SIZE(struct elvs_wslot, 64);

struct elvs_wpair {
	struct elvs_wslot slot[ELVS_PAIR_SLOTS];
} __attribute__((aligned(64)));

/* ---- endpoints: what a packet's destination is looked up in -------------------------------------------- */
/* Also answers "is this address one of ours": single writer (lib), read without a lock. */
struct elvs_ep {
	__u32 addr0;	/* first: with the following four fields one 64-bit compare. Of a firewall mark: the mark */
	__u16 port;
	__u8 proto;	/* 0: of a firewall mark */
	__u8 kind;	/* ELVS_WK_V4 or ELVS_WK_V6; 0 = free */
	__u32 addr[3];	/* the rest of an IPv6 address */
	__u16 id;	/* of the endpoint: index in svcs */
	__u8 flags;	/* ELVS_EP_* */
	__u8 more;	/* first entry of a line: an entry was pushed on to the following line */
	__u8 pad[8];
};
#define ELVS_EP_LIVE 1		/* VIP is local (or need not be): packets are handled */
#define ELVS_EP_WIDE 2		/* connections stand in the wide table */
#define ELVS_EP_GONE 4		/* service deleted, its connections are still known: nothing new is made */
#define ELVS_EP_MUTED 8		/* not LIVE: muted, or held elsewhere: another node is master */
ELVS_ASSERT_SIZE(struct elvs_ep, 32);

struct elvs_ep_line {
	struct elvs_ep ep[2];
} __attribute__((aligned(64)));

/* ---- virtual addresses with a mode of their own -------------------------------------------------------- */
/* The library's own: endpoints say what follows from it. Here so that a new daemon finds it, services or not. */
struct elvs_vip {
	__u32 addr[4];
	__u8 kind;	/* ELVS_WK_V4, ELVS_WK_V6; 0 = free. Written last, cleared first */
	__u8 mode;	/* enum elvs_vip_mode (lib/elvs.h); never DEFAULT */
	__u8 pad[14];
};
ELVS_ASSERT_SIZE(struct elvs_vip, 32);

/* ---- health checks addressed to a virtual service ------------------------------------------------------ */
struct elvs_check {	/* by its number, which its sockets' mark carries (abi/ctl_wire.h) */
	__u32 vip[4], raddr[4];
	__u8 kind;	/* ELVS_WK_V4, ELVS_WK_V6: of both; 0 = free. Written last, cleared first */
	__u8 method;	/* ELVS_DROUTE, ELVS_TUNNEL */
	__u8 pad[30];
};
ELVS_ASSERT_SIZE(struct elvs_check, 64);

/* A check's connection, as its answers come in */
struct elvs_check_key {
	__u32 vip[4], local[4];
	__u16 vport, lport;	/* lport: on the wire */
	__u8 proto, kind;
	__u16 pad;
};
ELVS_ASSERT_SIZE(struct elvs_check_key, 40);

struct elvs_check_flow {
	__u32 raddr[4];
	__u32 last;	/* clock of its last packet */
	__u16 lport;	/* of the checker's socket */
	__u16 pad;
};
ELVS_ASSERT_SIZE(struct elvs_check_flow, 24);

/* ---- services ---------------------------------------------------------------------------------------- */
enum elvs_sched {
	ELVS_SCHED_NONE, ELVS_SCHED_RR, ELVS_SCHED_WRR, ELVS_SCHED_LC, ELVS_SCHED_WLC, ELVS_SCHED_SH,
	ELVS_SCHED_DH,
	ELVS_SCHED_WRR_LONG,	/* wrr whose cycle is too long to be written out */
};
/*
 * A service's table, u32 entries; destination id 0 means none:
 *   rr, wrr       the cycle of destination ids; entry cursor % len is next
 *   lc, wlc       destinations of positive weight, head of IPVS's list first
 *   sh, dh        256 buckets
 *   wrr, long     [0] number of segments n; then n times {start low, start high, set offset, set length}, sorted by
 *                 start: position k of the cycle (svc.cycle long) is set[(k - start) % length] of its segment; the
 *                 sets (lists of ids) follow, their offsets counted from the table's begin
 */
#define ELVS_SH_BITS 8

/* Where a service's scheduler table lies: one 64-bit word, replaced as a whole. */
#define ELVS_TAB(chunk, off, len) ((__u64)(chunk) << 48 | (__u64)(off) << 24 | (__u64)(len))
#define ELVS_TAB_CHUNK(t) ((__u32)((t) >> 48))
#define ELVS_TAB_OFF(t) ((__u32)((t) >> 24) & 0xffffff)
#define ELVS_TAB_LEN(t) ((__u32)(t) & 0xffffff)

#define ELVS_SVC_PERSISTENT 0x1	/* as IP_VS_SVC_F_* */
#define ELVS_SVC_HASHED 0x2
#define ELVS_SVC_ONEPACKET 0x4
#define ELVS_SVC_SCHED1 0x8	/* sh-fallback */
#define ELVS_SVC_SCHED2 0x10	/* sh-port */
#define ELVS_SVC_SCHED3 0x20

struct elvs_svc {
	/* line 0: read by the data plane for every new connection and every NAT reply */
	__u32 vaddr[4];		/* as its endpoint has it */
	__u16 vport;
	__u8 proto;
	__u8 kind;	/* ELVS_WK_V4, ELVS_WK_V6 */
	__u32 fwmark;	/* 0 = not an fwmark service */
	__u32 flags;	/* ELVS_SVC_* */
	__u32 sched;	/* enum elvs_sched */
	__u64 table;	/* ELVS_TAB */
	__u32 timeout;	/* of persistence templates, ticks */
	__u32 netmask;	/* IPv4: mask, network order; IPv6: prefix length, host order */
	__u32 scheme;	/* raised when flags or netmask change: older templates are no longer held by children */
	__u32 used;	/* lib: 0 free, 1 live, 2 deleted but still referenced by connections */
	__u32 wide;	/* connections of this service stand in the wide table */
	/* line 1: written by every CPU that schedules */
	__u64 cursor __attribute__((aligned(64)));
	__u64 cycle;	/* wrr, long: length of the cycle */
	/* lib's own: where rr and wrr stood at the last change of the table (lib/schedule.c) */
	__u64 base;	/* cursor as lib wrote it: greater now = so many choices since */
	__u32 last;	/* destination chosen last, 0 = the list's head */
	__u32 level;	/* wrr: IPVS's current weight */
	__u64 pad1[4];
	/* lines 2, 3: lib's own; here so that a new daemon finds them */
	char sched_name[16];
	char pe_name[16];
	__u32 timeout_sec;
	__u32 ndests;
	__u64 seq;	/* order of creation */
	__u64 gone[5];	/* counters of removed destinations, minus the zero point (struct elvs_stats' order) */
	__u64 zero[5];	/* counters at the last -Z */
};
ELVS_ASSERT_SIZE(struct elvs_svc, 256);

/* ---- destinations ------------------------------------------------------------------------------------ */
struct elvs_stats {	/* per CPU and destination, one cache line */
	__u64 conns, inpkts, outpkts, inbytes, outbytes;
	__u64 established, unanswered, repeated; /* TCP, as struct elvs_passive_wire says */
};
ELVS_ASSERT_SIZE(struct elvs_stats, 64);

struct elvs_nexthop {
	__u8 dmac[6];
	__u8 smac[6];
	__u32 ifindex;
	__u16 mtu;	/* of the outgoing interface (65535 = or more) */
	__u16 vlan;	/* tag to push, host order, 0 = none */
	__u8 flags;	/* ELVS_NH_* */
	__u8 pad[3];
	__u32 gen;	/* settings.generation in which it was found */
	__u32 pad2;
};
#define ELVS_NH_VALID 1		/* both MACs are known */
#define ELVS_NH_XDP 2		/* XDP may transmit there */
#define ELVS_NH_LOCAL 4		/* the destination is an address of this host */
ELVS_ASSERT_SIZE(struct elvs_nexthop, 32);

struct elvs_dest {
	/* line 0: all that the established path needs */
	struct elvs_nexthop nh;
	__u32 addr[4];
	__u16 port;
	__u8 kind;	/* ELVS_WK_V4, ELVS_WK_V6: family of addr */
	__u8 flags;	/* ELVS_DEST_* */
	__u16 svc;
	__u8 tun_type;	/* IP_VS_CONN_F_TUNNEL_TYPE_*: 0 ipip */
	__u8 method;	/* for new connections: enum elvs_method */
	__u8 pad0[8];
	/* line 1 */
	__u32 tun_src[4] __attribute__((aligned(64))); /* outer source, the route's preferred one; 0 = not known */
	__u32 u_threshold, l_threshold;
	__u32 persist;	/* templates */
	__u16 tun_port, tun_flags;
	__u32 pad1[8];
	/* lines 2, 3: lib's own */
	__u32 used;	/* 0 free, 1 live, 2 trash */
	__s32 weight;
	__u64 seq;	/* order of addition: higher = nearer to the head of IPVS's list */
	__u64 zero[5];	/* counters at the last -Z */
	__u64 trash_tick;
	__u32 pad2[14];
	/* then struct elvs_stats[possible CPUs, rounded up to a power of two] */
};
#define ELVS_DEST_AVAILABLE 1	/* configured (not in the trash) */
ELVS_ASSERT_SIZE(struct elvs_dest, 256);

/* What schedulers scan: compact, indexed by destination id. */
struct elvs_load {
	__u32 act, inact;
	__u32 weight;
	__u32 flags;	/* ELVS_LOAD_* */
} __attribute__((aligned(16)));
#define ELVS_LOAD_OVERLOAD 1
ELVS_ASSERT_SIZE(struct elvs_load, 16);

/* ---- settings ---------------------------------------------------------------------------------------- */
/* In a .data section: the data plane reaches it without a lookup. The first line is read for every packet. */
struct elvs_settings {
	__u32 clock;		/* ticks; written by the sweeper's timer only (tests: by hand) */
	__u32 heartbeat;	/* clock when the daemon last said that it lives */
	__u32 ep_mask;		/* lines of the endpoint table's present level, minus one */
	__u32 ep_base;		/* its first line */
	__u32 npairs, pair_mask;   /* narrow table, linear hashing: pairs in use; next power of two, minus one */
	__u32 nwpairs, wpair_mask; /* wide table */
	__u32 splitting, wsplitting; /* 1 + pair that is being split just now, 0 = none */
	__u32 flags;		/* ELVS_SET_* */
	__u32 generation;	/* raised by any change of route or neighbour: cached next hops are stale */
	__u32 nh_mask;		/* entries of nh_cache, minus one */
	__u32 zero;		/* always 0; the verifier does not know that */
	struct capture_lease capture;
	__u64 key[2];		/* of the hashes */
	__u32 alloc_pairs;	/* pairs that have memory: npairs may grow up to here */
	__u32 alloc_wpairs;
	__u32 timeout[16];	/* TCP, by state, ticks */
	__u32 udp_timeout;
	__u32 expire_nodest, expire_quiescent, conn_reuse, sloppy_tcp; /* as net.ipv4.vs.* */
	__u32 version;		/* ELVS_LAYOUT_VERSION; 0 = not set up yet */
	__u32 max_pairs, max_wpairs; /* configured limit */
	__u32 timeout_sec[3];	/* --set tcp tcpfin udp */
	__u32 pad1[5];
};
#define ELVS_SET_PORT0 1	/* a port-0 service exists */
#define ELVS_SET_NAT 2		/* a NAT destination exists: replies are looked for */
#define ELVS_SET_FWMARK 4
#define ELVS_SET_LOCAL 16	/* a destination is an address of this host: its replies are seen on egress */
#define ELVS_SET_CHECK 32	/* check_dir has a check, and check_flows a table */
#define ELVS_SET_MANUAL_CLOCK 8	/* tests: the sweeper leaves the clock alone */

/* An attached interface */
struct elvs_if {
	__u32 ifindex;	/* 0 = free */
	__u8 mac[6];
	__u16 mtu;
	__u32 flags;	/* ELVS_IF_* */
	__u32 pad[4];
};
#define ELVS_IF_PARTIAL 1	/* frames of a local stack may carry partial checksums (veth, tap, virtio) */
#define ELVS_IF_NOARP 2		/* no link-layer addresses */
#define ELVS_IF_XMIT 4		/* XDP may transmit out of it */
ELVS_ASSERT_SIZE(struct elvs_if, 32);

/* What the sweeper and the insertion path keep for each CPU */
struct elvs_cpu {
	__s64 conns, wconns;	/* connections made minus freed on this CPU; the sum over all is the number alive */
	__u64 full;		/* insertions refused */
	__u64 evicted;		/* embryonic connections that gave way */
	__u32 last;		/* verdict of the packet just handled (not kept on the fast path while nobody captures) */
	__u32 pad;
	__u64 verdict[ELVS_V_COUNT];
} __attribute__((aligned(64)));

/* nh_cache: next hop towards an IPv4 client. One 64-bit word: address | nexthop id << 32 | generation << 48 */

/* Command to the control program (run through BPF_PROG_RUN on a frame that carries it) */
struct elvs_ctl {
	__u32 magic;
	__u32 op;	/* enum elvs_ctl_op */
	__u32 arg;
	__u32 result;
};
#define ELVS_CTL_MAGIC 0x656c7673u
enum elvs_ctl_op { ELVS_CTL_START_TIMER = 1, ELVS_CTL_SWEEP = 2, ELVS_CTL_CLEAR = 3 };

#endif
