/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs - libelvs: the only user-space code that opens the data plane's maps.
 *
 * A `struct elvs` is one instance: the maps, programs and attachments of one network namespace. All of its
 * state lies in pinned maps; closing a handle changes nothing, and opening the same pin directory again finds
 * everything as it was (also after kill -9). One process at a time may change an instance; it is not thread-safe.
 *
 * Functions that can fail return 0 (or a count) or -errno, with IPVS's errno for IPVS's refusals (EEXIST, ESRCH,
 * ENOENT, ...); results go through ret_ parameters, untouched on failure. Nothing here logs or exits:
 * elvs_strerror() gives the sentence of the last failure.
 */
#ifndef ELVS_LIB_ELVS_H
#define ELVS_LIB_ELVS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

struct elvs;

union elvs_addr {	/* network byte order; IPv4 in .v4, the rest zero */
	struct in_addr v4;
	struct in6_addr v6;
	uint32_t a[4];
};

/* ---- an instance ---- */
struct elvs_options {
	const char *pin_dir;	/* in a bpffs, made if missing; NULL: nothing is pinned, closing ends it all */
	uint32_t max_conns;	/* 0: from memory (1/64 of RAM or of the cgroup's limit, 64k..16M) */
	uint32_t start_conns;	/* connections that have memory from the start; 0: 64k, growing up to max_conns */
	bool xdp_later;		/* XDP programs are loaded in the background: see elvs_attach() and elvs_loaded() */
	bool manual_clock;	/* tests: no sweeper timer; elvs_clock_set() and elvs_sweep() instead */
};

/* Opens or makes an instance. -EPROTO: pinned by an incompatible layout. The caller owns *ret. */
int elvs_open(struct elvs **ret, const struct elvs_options *o);	/* CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON */
void elvs_close(struct elvs *e);		/* accepts NULL; forwarding goes on when pinned */
/* Detaches every program and removes every pin of an instance; 0 if there is none. In its network namespace. */
int elvs_destroy(const char *pin_dir);
const char *elvs_strerror(const struct elvs *e);	/* of the last failure; e may be NULL after a failed open */
bool elvs_adopted(const struct elvs *e);	/* the instance was there before this process */

/* ---- attaching ---- */
enum elvs_hook { ELVS_HOOK_XDP = 1, ELVS_HOOK_TC = 2, ELVS_HOOK_BOTH = 3 };
struct elvs_if_info {
	uint32_t ifindex;
	uint8_t mac[6];
	uint16_t mtu;
	bool partial;	/* veth, tap, virtio: local stacks send partial checksums */
	bool noarp;
	bool xmit;	/* XDP may transmit out of it (replies of NAT connections) */
};
/*
 * Attaches (TC: clsact ingress and egress; XDP: native, xdp.frags where the MTU demands it), in the caller's
 * network namespace. Repeating it only updates mac and mtu. -EBUSY: another XDP program is there (not ours).
 * ELVS_HOOK_XDP brings TC along (it finishes what XDP cannot) and is listed as BOTH; ELVS_HOOK_TC takes XDP off.
 * -EINPROGRESS (xdp_later): TC is attached and forwards, XDP is being loaded; ask again after elvs_loaded().
 */
int elvs_attach(struct elvs *e, const struct elvs_if_info *info, enum elvs_hook hook);
int elvs_loaded_fd(const struct elvs *e);	/* borrowed: readable when elvs_loaded() is due; -1 = never */
void elvs_loaded(struct elvs *e);	/* takes what was loaded, also in place of a former process's program */
int elvs_detach(struct elvs *e, uint32_t ifindex);	/* -ENOENT: nothing of ours is there */
/* Fills at most max and returns how many there are. */
/*
 * The interface out of which routing sends what carries the mark of a service: its packets are taken there. The caller
 * makes the interface and removes it; nothing is written down, so a new process attaches again.
 */
int elvs_mark_attach(struct elvs *e, uint32_t ifindex);
/* f gets the mark of every service that has one. Its other value than 0 ends the walk and is returned. */
int elvs_mark_each(struct elvs *e, int (*f)(void *arg, uint16_t af, uint32_t mark), void *arg);
uint32_t elvs_mark_generation(const struct elvs *e);	/* another one whenever such a service comes or goes */
size_t elvs_attachments(const struct elvs *e, uint32_t *ifindex, enum elvs_hook *hook, size_t max);

/* ---- services and destinations (IPVS semantics) ---- */
struct elvs_svc_key {
	uint16_t af;		/* AF_INET, AF_INET6 */
	uint16_t proto;		/* IPPROTO_*; with fwmark ignored */
	union elvs_addr addr;
	uint16_t port;		/* network order */
	uint32_t fwmark;	/* not 0: only af and fwmark count */
};
struct elvs_svc_conf {
	struct elvs_svc_key key;
	char sched[16];
	char pe[17];
	uint32_t flags;		/* IP_VS_SVC_F_* */
	uint32_t timeout;	/* persistence, seconds */
	uint32_t netmask;	/* IPv4: network order; IPv6: prefix length */
};
struct elvs_dest_conf {
	uint16_t af;
	union elvs_addr addr;
	uint16_t port;		/* network order */
	uint32_t method;	/* IP_VS_CONN_F_* forwarding bits 0..3 */
	uint32_t weight, u_threshold, l_threshold;
	uint8_t tun_type;
	uint16_t tun_port, tun_flags;
};
struct elvs_counters {
	uint64_t conns, inpkts, outpkts, inbytes, outbytes;	/* since the last zeroing */
	uint64_t cps, inpps, outpps, inbps, outbps;		/* the kernel's estimator (spec 2.14) */
};
/* What became of a destination's TCP connections, as abi/ctl_wire.h says; never zeroed. */
struct elvs_passive {
	uint64_t conns, established, unanswered, repeated;
};
struct elvs_svc_info {
	struct elvs_svc_conf conf;
	struct elvs_counters counters;
	uint32_t ndests;
	uint32_t id;
};
struct elvs_dest_info {
	struct elvs_dest_conf conf;
	uint32_t active, inactive, persist;
	struct elvs_counters counters;
	struct elvs_passive passive;
	uint32_t id;
};

/*
 * Beside IPVS's errnos: -EOPNOTSUPP for what IPVS has and elvs does not yet (schedulers, pe sip, one-packet, SCTP,
 * GUE and GRE tunnels).
 */
/* -EEXIST -ENOENT(scheduler, pe) -EINVAL -ENOMEM */
int elvs_svc_add(struct elvs *e, const struct elvs_svc_conf *c);
int elvs_svc_edit(struct elvs *e, const struct elvs_svc_conf *c);	/* -ESRCH -ENOENT -EINVAL */
int elvs_svc_del(struct elvs *e, const struct elvs_svc_key *k);		/* -ESRCH */
int elvs_svc_get(struct elvs *e, const struct elvs_svc_key *k, struct elvs_svc_info *ret);
int elvs_flush(struct elvs *e);
int elvs_zero(struct elvs *e, const struct elvs_svc_key *k);		/* k NULL: all */
/*
 * f returns 0 to go on; its other value ends the walk and is returned. Newest first, as the kernel lists. f may
 * change or delete what it was called for, and nothing else.
 */
int elvs_svc_each(struct elvs *e, int (*f)(void *arg, const struct elvs_svc_info *), void *arg);

/* -ESRCH -EEXIST ... */
int elvs_dest_add(struct elvs *e, const struct elvs_svc_key *k, const struct elvs_dest_conf *d);
int elvs_dest_edit(struct elvs *e, const struct elvs_svc_key *k, const struct elvs_dest_conf *d);
int elvs_dest_del(struct elvs *e, const struct elvs_svc_key *k, const struct elvs_dest_conf *d); /* addr, port, af */
int elvs_dest_each(struct elvs *e, const struct elvs_svc_key *k,
		   int (*f)(void *arg, const struct elvs_dest_info *), void *arg);	/* unknown service: 0 calls */

int elvs_timeouts_get(struct elvs *e, uint32_t ret_sec[3]);	/* tcp, tcpfin, udp */
int elvs_timeouts_set(struct elvs *e, const uint32_t sec[3]);	/* 0 keeps */

/* One transaction: table writes of many changes are put off until end (100,000 lines in a second). */
void elvs_batch_begin(struct elvs *e);
int elvs_batch_end(struct elvs *e);

/* ---- connections ---- */
struct elvs_conn {
	uint16_t af;
	uint16_t daf;		/* family of daddr */
	uint8_t proto;		/* IPPROTO_*; IPPROTO_IP for fwmark templates */
	union elvs_addr caddr, vaddr, daddr;
	uint16_t cport, vport, dport;
	uint8_t state;		/* enum elvs_tcp_state, UDP: 1; templates: 0 NONE, 1 ASSURED */
	bool is_template;
	uint32_t expires_sec;
	uint32_t flags;		/* slot word, see abi/maps.h */
};
int elvs_conn_each(struct elvs *e, int (*f)(void *arg, const struct elvs_conn *), void *arg);
const char *elvs_conn_state(const struct elvs_conn *c);	/* ESTABLISHED, UDP, ASSURED, ... as -Lc prints */

/* ---- what the director must keep telling the data plane ---- */
struct elvs_hop {
	uint32_t ifindex;
	uint8_t dmac[6], smac[6];
	uint16_t mtu, vlan;
	bool resolved;		/* both MACs known */
	bool xdp;		/* XDP may transmit out of ifindex */
	bool local;		/* the address is the director's own */
	union elvs_addr src;	/* preferred source of the route: outer address of tunnels */
};
/* Distinct destination addresses in use (live and trash). f as above. */
int elvs_dest_addr_each(struct elvs *e, int (*f)(void *arg, uint16_t af, const union elvs_addr *), void *arg);
/* Remembered while any destination has the address; ignored for one that none has. */
void elvs_hop_set(struct elvs *e, uint16_t af, const union elvs_addr *dest, const struct elvs_hop *h);
/*
 * Whether packets to an address of services are handled. DEFAULT: while it is local (elvs_vip_set_local); HELD: while
 * it stands on an interface other than a loopback (elvs_vip_set_held). A mode is remembered until it is set to DEFAULT
 * again, also without any service, and by whoever opens the instance next.
 */
enum elvs_vip_mode { ELVS_VIP_DEFAULT, ELVS_VIP_LIVE, ELVS_VIP_MUTED, ELVS_VIP_HELD };
/* -EINVAL -ENOSPC -ENOMEM */
int elvs_vip_mode_set(struct elvs *e, uint16_t af, const union elvs_addr *vip, enum elvs_vip_mode mode);
struct elvs_vip_info {
	uint16_t af;
	union elvs_addr addr;
	enum elvs_vip_mode mode;
	bool local;	/* as last told; only for addresses of services */
	bool live;	/* packets to it are handled */
};
/* Addresses of services, and those with a mode. f as above. */
int elvs_vip_info_each(struct elvs *e, int (*f)(void *arg, const struct elvs_vip_info *), void *arg);
/*
 * Health checks addressed to a virtual service at one real server (DR, TUN): a socket with the mark that connects to
 * the server's address, any port, reaches it under the virtual address. The same conf always gets the same mark, also
 * in another process, until it is deleted. -EINVAL -ENOSPC -ENOMEM
 */
struct elvs_check_conf {
	uint16_t af;	/* of both */
	union elvs_addr vip, server;
	uint32_t method;	/* IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_TUNNEL; the others need no such check: -EINVAL */
};
int elvs_check_set(struct elvs *e, const struct elvs_check_conf *c, uint32_t *ret_mark);
int elvs_check_del(struct elvs *e, uint32_t mark);	/* -ENOENT */
int elvs_check_each(struct elvs *e, int (*f)(void *arg, const struct elvs_check_conf *, uint32_t mark), void *arg);
/* Bytes that the check's tunnel takes from the MTU: 0, 20 or 40 */
uint32_t elvs_check_overhead(const struct elvs_check_conf *c);
/* Distinct service addresses (firewall marks have none). */
int elvs_vip_each(struct elvs *e, int (*f)(void *arg, uint16_t af, const union elvs_addr *), void *arg);
/* Remembered while any service has the address: one added later to a known address is live at once. */
void elvs_vip_set_local(struct elvs *e, uint16_t af, const union elvs_addr *vip, bool local);
/* Remembered while any service has the address, or it has a mode. */
void elvs_vip_set_held(struct elvs *e, uint16_t af, const union elvs_addr *vip, bool held);
void elvs_routes_changed(struct elvs *e);	/* or a neighbour, or an address: cached next hops are stale */
void elvs_heartbeat(struct elvs *e);		/* at least once a second */
/* Twice a second or so: rates (every 2 s inside), trash, growth. now_ms: any monotonic clock. */
void elvs_tend(struct elvs *e, uint64_t now_ms);

/* ---- looking in ---- */
struct elvs_verdict_count {
	const char *name, *kind, *text;	/* kind: forward, up, tc, drop */
	uint64_t count;
};
/* Since the instance was made. FORWARDED and REPLIED are what the destinations have counted: asking adds them up. */
size_t elvs_verdicts(struct elvs *e, struct elvs_verdict_count *ret, size_t max);
struct elvs_table_info {
	uint64_t conns, wide_conns;	/* alive, templates among the wide */
	uint64_t capacity, wide_capacity, max;
	uint64_t bytes;		/* memory of all maps */
	uint64_t refused, evicted;
};
void elvs_table_info(struct elvs *e, struct elvs_table_info *ret);
enum elvs_prog { ELVS_PROG_XDP, ELVS_PROG_XDP_FRAGS, ELVS_PROG_TC_IN, ELVS_PROG_TC_OUT, ELVS_PROG_TC_MARK };
/* Borrowed; for BPF_PROG_RUN, tracing. XDP's and TC_MARK are loaded when first asked for (it waits) or attached. */
int elvs_prog_fd(struct elvs *e, enum elvs_prog p);
bool elvs_prog_loaded(const struct elvs *e, enum elvs_prog p);

/* tests and benches */
void elvs_clock_set(struct elvs *e, uint32_t tick);	/* manual clock only; ticks of 1/8 s */
uint32_t elvs_clock(const struct elvs *e);
int elvs_sweep(struct elvs *e);		/* one whole pass of the sweeper, now */
int elvs_conns_clear(struct elvs *e);	/* forgets every connection; only without traffic */

#endif
