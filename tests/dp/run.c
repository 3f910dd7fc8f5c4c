/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run - one packet through the programs, and what is expected of it.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <string.h>

#include "dp.h"

#define SKB_MAX 3520 /* what BPF_PROG_RUN takes for an skb on kernels with 4 KiB pages */

static enum dp_act xdp_act(struct dp *t, uint32_t ret)
{
	switch (ret) {
	case XDP_TX:
	case XDP_REDIRECT:
		return DP_SENT;
	case XDP_PASS:
		return DP_UP;
	case XDP_DROP:
		return DP_DROPPED;
	default:
		dp_fail(t, "XDP program returned %u", ret);
	}
}

static enum dp_act tc_act(struct dp *t, uint32_t ret)
{
	switch ((int)ret) {
	case TC_ACT_REDIRECT:
		return DP_SENT;
	case TC_ACT_OK:
	case TC_ACT_UNSPEC:
		return DP_UP;
	case TC_ACT_SHOT:
		return DP_DROPPED;
	default:
		dp_fail(t, "TC program returned %d", (int)ret);
	}
}

static enum dp_act run_xdp(struct dp *t, enum elvs_prog p, const uint8_t *in, size_t len, struct dp_frame *out)
{
	struct xdp_md ctx = { .data_end = len, .ingress_ifindex = t->in };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = in, .data_size_in = len, .data_out = out ? out->b : NULL,
		    .data_size_out = out ? sizeof(out->b) : 0, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	int r = bpf_prog_test_run_opts(elvs_prog_fd(t->e, p), &o);

	DP_CHECK(t, !r, "BPF_PROG_RUN of XDP with %zu bytes: %s", len, strerror(-r));
	if (out)
		out->len = o.data_size_out;
	return xdp_act(t, o.retval);
}

/* out_of: the egress program, for a packet of this host (it came in nowhere); else the ingress program */
static enum dp_act run_tc_prog(struct dp *t, bool out_of, const uint8_t *in, size_t len, struct dp_frame *out)
{
	struct __sk_buff ctx = { .ifindex = t->in, .ingress_ifindex = out_of ? 0 : t->in,
				 .mark = out_of ? t->mark : 0 };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = in, .data_size_in = len, .data_out = out ? out->b : NULL,
		    .data_size_out = out ? sizeof(out->b) : 0, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	int r = bpf_prog_test_run_opts(elvs_prog_fd(t->e, out_of ? ELVS_PROG_TC_OUT : ELVS_PROG_TC_IN), &o);

	DP_CHECK(t, !r, "BPF_PROG_RUN of TC with %zu bytes: %s", len, strerror(-r));
	if (out)
		out->len = o.data_size_out;
	return tc_act(t, o.retval);
}

static enum dp_act run_tc(struct dp *t, const uint8_t *in, size_t len, struct dp_frame *out)
{
	return run_tc_prog(t, false, in, len, out);
}

static enum dp_act run_hook(struct dp *t, enum dp_hook hook, const uint8_t *in, size_t len, struct dp_frame *out)
{
	if (hook == DP_TC)
		return run_tc(t, in, len, out);
	return run_xdp(t, hook == DP_XDP ? ELVS_PROG_XDP : ELVS_PROG_XDP_FRAGS, in, len, out);
}

enum dp_act dp_run(struct dp *t, const uint8_t *in, size_t len, struct dp_frame *out)
{
	return run_hook(t, t->hook, in, len, out);
}

enum dp_act dp_pass(struct dp *t, const uint8_t *in, size_t len)
{
	enum dp_act act = run_hook(t, t->hook, in, len, NULL);

	return t->hook == DP_TC || act != DP_UP ? act : run_tc(t, in, len, NULL);
}

static void verdicts_read(struct dp *t, uint64_t v[64])
{
	struct elvs_verdict_count c[64];
	size_t n = elvs_verdicts(t->e, c, 64);

	memset(v, 0, 64 * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = c[i].count;
}

uint64_t verdict_count(struct dp *t, enum elvs_verdict v)
{
	uint64_t all[64];

	verdicts_read(t, all);
	return all[v];
}

static const char *verdict_name(enum elvs_verdict v)
{
#define X(name, kind, text) #name,
	static const char *const names[] = { ELVS_VERDICTS(X) };
#undef X
	return v < ELVS_V_COUNT ? names[v] : "?";
}

/* ---- what was counted ---- */

struct traffic {
	uint64_t in, out;
};

static int traffic_dest(void *arg, const struct elvs_dest_info *d)
{
	struct traffic *sum = arg;

	sum->in += d->counters.inpkts;
	sum->out += d->counters.outpkts;
	return 0;
}

struct traffic_walk {
	struct dp *t;
	struct traffic sum;
	unsigned services;
};

#define TRAFFIC_SERVICES 32 /* in rows with more services than this, servers' counters are not summed up */

static int traffic_svc(void *arg, const struct elvs_svc_info *s)
{
	struct traffic_walk *w = arg;

	if (++w->services > TRAFFIC_SERVICES || s->ndests > 64)
		return 1;
	return elvs_dest_each(w->t->e, &s->conf.key, traffic_dest, &w->sum);
}

/* False when there are too many servers to ask for each packet */
static bool traffic_read(struct dp *t, struct traffic *ret)
{
	struct traffic_walk w = { .t = t };

	if (elvs_svc_each(t->e, traffic_svc, &w))
		return false;
	*ret = w.sum;
	return true;
}

/*
 * Exactly this verdict was counted, and the cause with it when there is one (ICMP errors). A packet that is sent on
 * counts in its server's statistics only, which libelvs adds up to FORWARDED and REPLIED.
 */
static void verdict_is(struct dp *t, enum elvs_verdict v, enum elvs_verdict cause)
{
	bool sent = v == ELVS_V_FORWARDED || v == ELVS_V_REPLIED;
	char seen[200] = "";
	uint64_t now[64];
	unsigned n = 0;

	verdicts_read(t, now);
	for (int i = 0; i < ELVS_V_COUNT; i++) {
		if (now[i] == t->before[i] || (sent && i == (int)v))
			continue;
		if (cause && i == (int)cause && now[i] == t->before[i] + 1)
			continue;
		n += now[i] - t->before[i];
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), " %s+%d", verdict_name(i),
			 (int)(now[i] - t->before[i]));
	}
	DP_CHECK(t, !sent || t->uncounted || now[v] == t->before[v] + 1, "%s grew by %d", verdict_name(v),
		 (int)(now[v] - t->before[v]));
	DP_CHECK(t, !cause || now[cause] == t->before[cause] + 1, "%s was not counted", verdict_name(cause));
	DP_CHECK(t, n == !sent && (sent || now[v] == t->before[v] + 1), "verdict: expected %s, counted%s",
		 verdict_name(v), *seen ? seen : " none");
}

static void traffic_is(struct dp *t, const struct traffic *before, enum elvs_verdict v)
{
	struct traffic now;

	if (!traffic_read(t, &now))
		return;
	DP_CHECK(t,
		 now.in - before->in == (v == ELVS_V_FORWARDED || v == ELVS_V_LOCAL) &&
			 now.out - before->out == (v == ELVS_V_REPLIED),
		 "verdict %s: servers' statistics grew by %d packets in, %d out", verdict_name(v),
		 (int)(now.in - before->in), (int)(now.out - before->out));
}

static const char *const act_names[] = { "sent", "passed up", "dropped" };

static void same_bytes(struct dp *t, const uint8_t *want, size_t len)
{
	if (t->out.len == len && !memcmp(t->out.b, want, len))
		return;
	pkt_diff(t->notes, want, len, t->out.b, t->out.len);
	dp_fail(t, "not the packet that was expected");
}

static void step(struct dp *t, enum dp_hook hook, const uint8_t *in, size_t len, enum dp_act act, enum elvs_verdict v,
		 enum elvs_verdict cause)
{
	struct traffic before;
	bool counted = traffic_read(t, &before);
	enum dp_act got;

	verdicts_read(t, t->before);
	got = run_hook(t, hook, in, len, &t->out);
	DP_CHECK(t, got == act, "%s: expected %s (%s), was %s (see verdict: %s)", hook == DP_TC ? "TC" : "XDP",
		 act_names[act], verdict_name(v), act_names[got], ({
			 uint64_t now[64];
			 const char *n = "none";
			 verdicts_read(t, now);
			 for (int i = 0; i < ELVS_V_COUNT; i++)
				 if (now[i] != t->before[i])
					 n = verdict_name(i);
			 n;
		 }));
	verdict_is(t, v, cause);
	if (counted && !t->uncounted)
		traffic_is(t, &before, v);
}

static void handle(struct dp *t, const uint8_t *in, size_t len, enum dp_act act, enum elvs_verdict verdict,
		   enum elvs_verdict tc, enum elvs_verdict cause)
{
	if (t->hook != DP_TC && tc) {
		step(t, t->hook, in, len, DP_UP, tc, 0);
		same_bytes(t, in, len);
		DP_CHECK(t, len <= SKB_MAX, "row is wrong: TC cannot be run on %zu bytes", len);
		step(t, DP_TC, in, len, act, verdict, cause);
	} else {
		step(t, t->hook, in, len, act, verdict, cause);
	}
}

void packet_raw(struct dp *t, const uint8_t *in, size_t in_len, const struct dp_want *w)
{
	static uint8_t want[PKT_MAX];
	struct pkt p;

	handle(t, in, in_len, w->act, w->verdict, w->tc, 0);
	if (w->act == DP_DROPPED)
		return;
	if (!w->out) {
		same_bytes(t, in, in_len);
		return;
	}
	p = *w->out;
	if (p.tun_dst && !strchr(p.tun_dst, ':') &&
	    !(p.df && !strchr(p.dst, ':'))) /* a fragmentable packet's id is free */
		p.tun_id = t->out.b[pkt_l3_off(&p) + 4] << 8 | t->out.b[pkt_l3_off(&p) + 5];
	same_bytes(t, want, pkt_build(&p, want));
}

void packet_bytes(struct dp *t, const uint8_t *in, size_t in_len, const struct dp_want *w, const uint8_t *out,
		  size_t out_len)
{
	handle(t, in, in_len, w->act, w->verdict, w->tc, 0);
	if (w->act != DP_DROPPED)
		same_bytes(t, out, out_len);
}

void leaves_bytes(struct dp *t, const uint8_t *in, size_t in_len, const uint8_t *out, size_t out_len)
{
	DP_CHECK(t, run_tc_prog(t, true, in, in_len, &t->out) == DP_UP, "it was not let out");
	same_bytes(t, out, out_len);
}

void packet(struct dp *t, const struct pkt *in, const struct dp_want *w)
{
	uint8_t buf[PKT_MAX];
	size_t len = pkt_build(in, buf);

	packet_raw(t, buf, len, w);
}

void leaves(struct dp *t, struct pkt in, struct pkt out)
{
	static uint8_t buf[PKT_MAX], want[PKT_MAX];

	leaves_bytes(t, buf, pkt_build(&in, buf), want, pkt_build(&out, want));
}

void forwarded(struct dp *t, struct pkt in, struct pkt out)
{
	packet(t, &in, &(struct dp_want){ DP_SENT, ELVS_V_FORWARDED, .out = &out });
}

void forwarded_by_tc(struct dp *t, enum elvs_verdict reason, struct pkt in, struct pkt out)
{
	packet(t, &in, &(struct dp_want){ DP_SENT, ELVS_V_FORWARDED, .tc = reason, .out = &out });
}

void replied(struct dp *t, struct pkt in, struct pkt out)
{
	packet(t, &in, &(struct dp_want){ DP_SENT, ELVS_V_REPLIED, .out = &out });
}

void left_alone(struct dp *t, enum elvs_verdict why, struct pkt in)
{
	packet(t, &in, &(struct dp_want){ DP_UP, why });
}

void dropped(struct dp *t, enum elvs_verdict why, struct pkt in)
{
	packet(t, &in, &(struct dp_want){ DP_DROPPED, why });
}

uint16_t leaves_somehow(struct dp *t, struct pkt in)
{
	static uint8_t buf[PKT_MAX];
	const uint8_t *l4 = t->out.b + pkt_l3_off(&in) + (strchr(in.dst, ':') ? 40 : 20);

	DP_CHECK(t, run_tc_prog(t, true, buf, pkt_build(&in, buf), &t->out) == DP_UP, "it was not let out");
	return l4[0] << 8 | l4[1];
}

/* What XDP leaves alone (counted as xdp) TC may still change. */
void handed_up(struct dp *t, enum elvs_verdict v, enum elvs_verdict xdp, struct pkt in, struct pkt out)
{
	packet(t, &in, &(struct dp_want){ DP_UP, v, .tc = xdp, .out = &out });
}

int forwarded_somewhere(struct dp *t, struct pkt in)
{
	uint8_t buf[PKT_MAX];
	size_t len = pkt_build(&in, buf);
	enum dp_act act;

	verdicts_read(t, t->before);
	act = dp_run(t, buf, len, &t->out);
	if (act != DP_SENT || verdict_count(t, ELVS_V_ICMP_SENT) != t->before[ELVS_V_ICMP_SENT])
		return 0;
	verdict_is(t, ELVS_V_FORWARDED, 0);
	return t->out.b[5];
}

/* ---- what becomes of a packet ---- */

static struct pkt towards(struct pkt p, int rs)
{
	p.ttl = (p.ttl ? p.ttl : 64) - 1;
	p.smac = M_DIR;
	p.dmac = 0x10 + rs;
	return p;
}

static const char *const rs4[] = { "", RS(1), RS(2), RS(3), RS(4) };
static const char *const rs6[] = { "", RS6(1), RS6(2), RS6(3), RS6(4) };

static const char *rs_addr(const struct pkt *p, int rs)
{
	return strchr(p->dst, ':') ? rs6[rs] : rs4[rs];
}

struct pkt dr(struct pkt p, int rs)
{
	return towards(p, rs);
}

struct pkt nat(struct pkt p, int rs, uint16_t dport)
{
	p = towards(p, rs);
	p.dst = rs_addr(&p, rs);
	p.dport = dport;
	return p;
}

struct pkt tun(struct pkt p, int rs)
{
	p = towards(p, rs);
	p.tun_dst = rs_addr(&p, rs);
	p.tun_src = strchr(p.dst, ':') ? DIP6 : DIP;
	return p;
}

struct pkt answer(struct pkt p, int rs, uint16_t port)
{
	struct pkt a = p;

	a.smac = 0x10 + rs;
	a.dmac = M_DIR;
	a.src = rs_addr(&p, rs);
	a.dst = p.src;
	a.dst4 = p.src4;
	a.sport = port;
	a.dport = p.sport;
	a.seq = 0x7000;
	a.ttl = 64;
	return a;
}

struct pkt answer_seen(struct pkt a, const char *vip, uint16_t vport)
{
	a.smac = M_DIR;
	a.dmac = M_ROUTER;
	a.src = vip;
	a.sport = vport;
	a.ttl--;
	return a;
}

/* ---- ICMP errors ---- */

void icmp_error(struct dp *t, enum elvs_verdict reason, struct pkt in, const char *from, int type, int code, int mtu)
{
	static uint8_t want[PKT_MAX];
	uint8_t buf[PKT_MAX];
	size_t len = pkt_build(&in, buf), hdr = strchr(in.dst, ':') ? 48 : 28, least, most, want_len;
	enum elvs_verdict cause = reason == ELVS_V_TC_TTL   ? ELVS_V_TTL_EXPIRED
				  : reason == ELVS_V_TC_MTU ? ELVS_V_TOO_BIG
							    : ELVS_V_NO_DEST;
	struct pkt quoter;
	const char *bad;

	handle(t, buf, len, DP_SENT, ELVS_V_ICMP_SENT, reason, cause);
	bad = pkt_verify(t->out.b, t->out.len);
	DP_CHECK(t, !bad, "ICMP error that came out: wrong %s", bad);
	/* How much of the packet is quoted is free within RFC 792 (header + 8), RFC 1812 (576), RFC 4443 (1280). */
	least = ETH_HLEN + hdr + (hdr == 48 ? 40 : 20 + in.ipopts) + 8;
	most = ETH_HLEN + (hdr == 48 ? 1280 : 576);
	DP_CHECK(t, t->out.len >= least && t->out.len <= most && t->out.len - hdr <= len,
		 "ICMP error of %zu bytes for a packet of %zu", t->out.len, len);
	quoter = (struct pkt){ .smac = M_DIR, .dmac = M_ROUTER, .src = from, .dst = in.src };
	if (hdr == 48) {
		quoter.tos = (t->out.b[14] & 15) << 4 | t->out.b[15] >> 4;
		quoter.flow = (t->out.b[15] & 15) << 16 | t->out.b[16] << 8 | t->out.b[17];
	} else {
		quoter.tos = t->out.b[15];
		quoter.id = t->out.b[18] << 8 | t->out.b[19];
	}
	want_len = pkt_icmp(&quoter, type, code, mtu, buf + pkt_l3_off(&in), t->out.len - ETH_HLEN - hdr, want);
	same_bytes(t, want, want_len);
}
