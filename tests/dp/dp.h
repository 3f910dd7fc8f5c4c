/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dp - runs the data plane's programs on single packets (BPF_PROG_RUN) and says whether what came out is right.
 *
 * A row is a sentence and a function; every row runs once for each hook it names, on an empty table, with the clock
 * in the test's hand. A packet is handled as the kernel would: what XDP passes up with a TC_* reason goes to TC. All
 * bytes of what comes out are compared, and exactly one verdict must have been counted. After each row everything is
 * made to expire, and every counter must be back at zero.
 *
 *   client 10.0.0.2, fd00::2 ... router 10.1.0.254, fd00:1::254
 *                                   |
 *      LAN 10.1.0.0/24, fd00:1::/64-+- eth0 of the director 10.1.0.1, fd00:1::1; VIP 10.1.0.100, fd00:1::100
 *                                   +- real servers 10.1.0.11 .. .14, fd00:1::11 .. ::14
 *      LAN 10.2.0.0/24, fd00:2::/64 -- eth1 of the director 10.2.0.1, fd00:2::1; servers 10.2.0.11 ..
 */
#ifndef ELVS_TESTS_DP_H
#define ELVS_TESTS_DP_H

#include <setjmp.h>
#include <stdint.h>

#include "elvs.h"
#include "maps.h"
#include "pkt.h"

#define CLIENT "10.0.0.2"
#define CLIENT6 "fd00::2"
#define VIP "10.1.0.100"
#define VIP6 "fd00:1::100"
#define RS(n) "10.1.0.1" #n
#define RS6(n) "fd00:1::1" #n
#define DIP "10.1.0.1"
#define DIP6 "fd00:1::1"

enum dp_hook {
	DP_XDP = 1,
	DP_TC = 2,
	DP_FRAGS = 4,
	DP_ALL = 7,
	DP_BOTH = 3,
	DP_LARGE = 8, /* takes long where instructions are slow: with ELVS_DP_QUICK=1 on XDP only, and smaller */
};
enum dp_act { DP_SENT, DP_UP, DP_DROPPED };

struct dp_frame {
	uint8_t b[PKT_MAX];
	size_t len;
};

struct dp {
	struct elvs *e;
	enum dp_hook hook;
	struct elvs_svc_conf svc; /* the service made last */
	uint32_t now;		  /* ticks */
	uint64_t tend_ms;
	uint32_t ifindex[2]; /* eth0, eth1 */
	uint32_t in;	     /* ifindex on which packets come in: eth0 unless a row changes it */
	uint64_t before[64]; /* verdict counters before the packet */
	struct dp_frame out; /* what came out last */
	uint32_t mark;	     /* of packets of this host (leaves) */
	bool uncounted;	     /* do not compare servers' statistics with what was sent */
	bool quick;	     /* ELVS_DP_QUICK */
	int peer_pid;	     /* holds the network namespace at the other ends */
	FILE *notes;	     /* TAP comments, printed below the row's line */
	jmp_buf fail;
};

/* ---- rows ---- */
struct dp_row {
	const char *name;
	void (*f)(struct dp *t);
	enum dp_hook hooks;
} __attribute__((aligned(32)));

#define DP_CAT_(a, b) a##b
#define DP_CAT(a, b) DP_CAT_(a, b)
#define DP_ROW_(hooks_, name_, f_)                                                             \
	static void f_(struct dp *t);                                                          \
	static const struct dp_row DP_CAT(f_, _row)                                            \
		__attribute__((section("dp_rows"), used, no_reorder)) = { name_, f_, hooks_ }; \
	static void f_(struct dp *t)
#define ROW(hooks, name) DP_ROW_(hooks, name, DP_CAT(row_, __LINE__))

_Noreturn void dp_fail(struct dp *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define DP_CHECK(t, cond, ...)                   \
	do {                                     \
		if (!(cond))                     \
			dp_fail(t, __VA_ARGS__); \
	} while (0)

/* ---- setting up: words, as ipvsadm would have them ---- */
/* "tcp 10.1.0.100:80 rr [persistent SEC] [mask M] [flags N]"; the VIP becomes local. */
void service(struct dp *t, const char *words);
/* "10.1.0.11:80 dr|nat|tun [weight N] [u N] [l N]": added to the service made last; its next hop is set. */
void server(struct dp *t, const char *words);
void server_edit(struct dp *t, const char *words);
void server_del(struct dp *t, const char *words);
int server_try(struct dp *t, const char *words); /* as server(), but returns the error */
void service_edit(struct dp *t, const char *words);
void service_del(struct dp *t, const char *words);
void service_pick(struct dp *t, const char *words); /* makes it the one that server() means */
void hop_set(struct dp *t, const char *addr, const struct elvs_hop *h);
struct elvs_hop hop_default(struct dp *t, const char *addr);

/* ---- packets ---- */
struct dp_want {
	enum dp_act act;
	enum elvs_verdict verdict;
	enum elvs_verdict tc;  /* not 0: XDP hands the packet to TC, unchanged, for this reason */
	const struct pkt *out; /* NULL: unchanged (not looked at when dropped) */
};
void packet(struct dp *t, const struct pkt *in, const struct dp_want *w);
void packet_raw(struct dp *t, const uint8_t *in, size_t in_len, const struct dp_want *w);
/* The same; w->out is not looked at, what comes out is `out`. */
void packet_bytes(struct dp *t, const uint8_t *in, size_t in_len, const struct dp_want *w, const uint8_t *out,
		  size_t out_len);

void forwarded(struct dp *t, struct pkt in, struct pkt out);
void forwarded_by_tc(struct dp *t, enum elvs_verdict reason, struct pkt in, struct pkt out);
void replied(struct dp *t, struct pkt in, struct pkt out);
void left_alone(struct dp *t, enum elvs_verdict why, struct pkt in);
void dropped(struct dp *t, enum elvs_verdict why, struct pkt in);
/* A packet of this host passes TC's egress program and leaves as `out` */
void leaves(struct dp *t, struct pkt in, struct pkt out);
void leaves_bytes(struct dp *t, const uint8_t *in, size_t in_len, const uint8_t *out, size_t out_len);
/* The same, however it looks then; its source port on the wire */
uint16_t leaves_somehow(struct dp *t, struct pkt in);
/* A packet to this host is given to it as `out`, for the reason `v` */
void handed_up(struct dp *t, enum elvs_verdict v, enum elvs_verdict tc, struct pkt in, struct pkt out);
/* TC answers with an ICMP(v6) error from `from`; quotes `in` */
void icmp_error(struct dp *t, enum elvs_verdict reason, struct pkt in, const char *from, int type, int code, int mtu);

/* The packet is sent to some server, whatever it then looks like; which: last byte of the frame's destination MAC. */
int forwarded_somewhere(struct dp *t, struct pkt in);
/* Runs without any check. For loops and threads: returns DP_*; out may be NULL. */
enum dp_act dp_run(struct dp *t, const uint8_t *in, size_t len, struct dp_frame *out);
/* The same, and what XDP passes up goes to TC (one good checksum in 65,536 looks like a partial one). */
enum dp_act dp_pass(struct dp *t, const uint8_t *in, size_t len);

/* What DR, NAT, TUN make of a packet, towards the server rs (10.1.0.1N and its MAC) */
struct pkt dr(struct pkt p, int rs);
struct pkt nat(struct pkt p, int rs, uint16_t dport);
struct pkt tun(struct pkt p, int rs);
/* The server's answer to p (before translation), and that answer as the client gets it */
struct pkt answer(struct pkt p, int rs, uint16_t port);
struct pkt answer_seen(struct pkt answer, const char *vip, uint16_t vport);

/* ---- looking ---- */
void clock_add(struct dp *t, double sec); /* heartbeat included */
void sweep(struct dp *t);
void tend(struct dp *t, double sec); /* trash, growth: as if so many seconds had gone by */
/* Connections, templates not counted */
unsigned conns(struct dp *t);
unsigned templates(struct dp *t);
/* The connection (or template: cport 0) of a client; fails the row when there is none. */
struct elvs_conn conn_of(struct dp *t, const char *client, uint16_t cport);
bool conn_find(struct dp *t, const char *client, uint16_t cport, struct elvs_conn *ret);
void conn_is(struct dp *t, const char *client, uint16_t cport, const char *state, uint32_t expires_sec);
/* active, inactive, persistent connections of a server of the last service */
void load_is(struct dp *t, const char *server, unsigned active, unsigned inactive, unsigned persist);
struct elvs_dest_info dest_of(struct dp *t, const char *server);
uint64_t verdict_count(struct dp *t, enum elvs_verdict v);

/* ---- the run ---- */
void dp_empty(struct dp *t);					/* no services, no connections */
struct elvs *dp_open(uint32_t max_conns, uint32_t start_conns); /* aborts with a sentence */

#endif
