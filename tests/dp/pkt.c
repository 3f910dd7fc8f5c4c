/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pkt - see pkt.h. Written without the kernel's header structs: offsets and widths come from the RFCs (791, 8200,
 * 9293, 768, 2003, 2473), so that a field misread in both places cannot cancel out.
 */
#include "pkt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETH_BYTES 14
#define VLAN_BYTES 4

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

uint32_t pkt_sum(const uint8_t *p, size_t len, uint32_t sum)
{
	uint64_t s = sum;

	for (size_t i = 0; i + 1 < len; i += 2)
		s += get16(p + i);
	if (len & 1)
		s += p[len - 1] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

void pkt_mac(uint8_t mac[6], uint8_t n)
{
	memset(mac, n == M_BROADCAST ? 0xff : 0, 6);
	if (n != M_BROADCAST) {
		mac[0] = 2;
		mac[5] = n;
	}
}

static bool is_v6(const char *addr)
{
	return addr && strchr(addr, ':');
}

static void put_addr(uint8_t *p, const char *addr)
{
	if (inet_pton(is_v6(addr) ? AF_INET6 : AF_INET, addr, p) != 1) {
		fprintf(stderr, "pkt: %s is not an address\n", addr);
		abort();
	}
}

static size_t l3_bytes(const struct pkt *p)
{
	return is_v6(p->dst) ? 40 + 8 * p->exthdr : 20 + p->ipopts;
}

static size_t l4_bytes(const struct pkt *p)
{
	if (p->off)
		return 0;
	switch (p->proto) {
	case 0:
	case IPPROTO_TCP:
		return 20 + p->tcpopts;
	case IPPROTO_UDP:
		return 8;
	default:
		return 0;
	}
}

static size_t tun_bytes(const struct pkt *p)
{
	return !p->tun_dst ? 0 : is_v6(p->tun_dst) ? 40 : 20;
}

size_t pkt_l3_off(const struct pkt *p)
{
	return ETH_BYTES + (p->vlan ? VLAN_BYTES : 0) + (p->vlan2 ? VLAN_BYTES : 0);
}

size_t pkt_l4_off(const struct pkt *p)
{
	return pkt_l3_off(p) + tun_bytes(p) + l3_bytes(p);
}

size_t pkt_ip_len(const struct pkt *p)
{
	return tun_bytes(p) + l3_bytes(p) + l4_bytes(p) + p->payload;
}

static void put_eth(const struct pkt *p, uint8_t *b)
{
	uint16_t type = p->ethertype ? p->ethertype : is_v6(p->tun_dst ? p->tun_dst : p->dst) ? 0x86dd : 0x0800;

	pkt_mac(b, p->dmac ? p->dmac : M_DIR);
	pkt_mac(b + 6, p->smac ? p->smac : M_ROUTER);
	b += 12;
	if (p->vlan) {
		put16(b, p->vlan2 ? 0x88a8 : 0x8100);
		put16(b + 2, p->vlan);
		b += VLAN_BYTES;
	}
	if (p->vlan2) {
		put16(b, 0x8100);
		put16(b + 2, p->vlan2);
		b += VLAN_BYTES;
	}
	put16(b, type);
}

static void put_ip4(uint8_t *b, size_t hdr, size_t total, const struct pkt *p, uint8_t proto, const char *src,
		    const char *dst, uint16_t id)
{
	memset(b, 1, hdr); /* options: no-operation */
	b[0] = 0x40 | hdr / 4;
	b[1] = p->tos;
	put16(b + 2, total);
	put16(b + 4, id);
	put16(b + 6, (p->df ? 0x4000 : 0) | (p->mf ? 0x2000 : 0) | p->off);
	b[8] = p->ttl ? p->ttl : 64;
	b[9] = proto;
	put16(b + 10, 0);
	if (src)
		put_addr(b + 12, src);
	else
		put32(b + 12, p->src4);
	if (dst)
		put_addr(b + 16, dst);
	else
		put32(b + 16, p->dst4);
	put16(b + 10, ~pkt_sum(b, hdr, 0));
}

static void put_ip6(uint8_t *b, size_t payload, const struct pkt *p, uint8_t next, const char *src, const char *dst,
		    uint32_t flow)
{
	put32(b, 6u << 28 | p->tos << 20 | flow);
	put16(b + 4, payload);
	b[6] = next;
	b[7] = p->ttl ? p->ttl : 64;
	put_addr(b + 8, src);
	put_addr(b + 24, dst);
}

/* Sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1) */
static uint32_t pseudo_sum(const uint8_t *l3, bool v6, uint8_t proto, size_t len)
{
	uint32_t s = proto + (len >> 16) + (len & 0xffff);

	return v6 ? pkt_sum(l3 + 8, 32, s) : pkt_sum(l3 + 12, 8, s);
}

static void put_payload(const struct pkt *p, uint8_t *b)
{
	for (size_t i = 0; i < p->payload; i++)
		b[i] = "elvs data plane rows "[i % 21];
	if (p->payload >= 2)
		put16(b, get16(b) + p->salt);
}

static void put_l4(const struct pkt *p, uint8_t *l4, const uint8_t *l3, uint8_t proto)
{
	size_t hdr = l4_bytes(p), len = hdr + p->payload, at = proto == IPPROTO_TCP ? 16 : 6;
	uint32_t pseudo = pseudo_sum(l3, is_v6(p->dst), proto, len), sum;

	put_payload(p, l4 + hdr);
	if (!hdr)
		return;
	memset(l4, 0, hdr);
	put16(l4, p->sport);
	put16(l4 + 2, p->dport);
	if (proto == IPPROTO_TCP) {
		put32(l4 + 4, p->seq);
		put32(l4 + 8, p->flags & ACK ? 0x01020304 : 0);
		l4[12] = hdr / 4 << 4;
		l4[13] = p->flags;
		put16(l4 + 14, 64240);
		memset(l4 + 20, 1, p->tcpopts); /* no-operation */
	} else {
		put16(l4 + 4, len);
	}
	sum = ~pkt_sum(l4, len, pseudo) & 0xffff;
	if (p->mf)
		sum = 0x1234; /* of a whole datagram, which is not here */
	if (proto == IPPROTO_UDP && !sum)
		sum = 0xffff;
	if (p->csum == CSUM_ZERO)
		sum = 0;
	else if (p->csum == CSUM_PARTIAL)
		sum = pseudo;
	else if (p->csum == CSUM_WRONG)
		sum = (sum + 1) & 0xffff;
	put16(l4 + at, sum);
}

/* IPv6 destination options holding one PadN, as often as asked */
static void put_exthdrs(const struct pkt *p, uint8_t *b, uint8_t proto)
{
	for (int i = 0; i < p->exthdr; i++, b += 8) {
		memset(b, 0, 8);
		b[0] = i + 1 < p->exthdr ? IPPROTO_DSTOPTS : proto;
		b[2] = 1;
		b[3] = 4;
	}
}

size_t pkt_build(const struct pkt *p, uint8_t *buf)
{
	bool v6 = is_v6(p->dst);
	uint8_t proto = p->proto ? p->proto : IPPROTO_TCP;
	size_t inner = l3_bytes(p) + l4_bytes(p) + p->payload;
	uint8_t *l3 = buf + pkt_l3_off(p) + tun_bytes(p);

	put_eth(p, buf);
	if (p->tun_dst) {
		struct pkt out = { .ttl = p->ttl, .tos = p->tos, .df = p->df && !v6 };

		if ((out.tos & 3) == 3)
			out.tos &= ~1; /* RFC 3168 9.1.1, full-functionality: CE goes out as ECT(0) */
		if (is_v6(p->tun_dst))
			put_ip6(buf + pkt_l3_off(p), inner, &out, v6 ? 41 : 4, p->tun_src, p->tun_dst, 0);
		else
			put_ip4(buf + pkt_l3_off(p), 20, 20 + inner, &out, v6 ? 41 : 4, p->tun_src, p->tun_dst,
				p->tun_id);
	}
	if (v6) {
		put_ip6(l3, inner - 40, p, p->exthdr ? IPPROTO_DSTOPTS : proto, p->src, p->dst, p->flow);
		put_exthdrs(p, l3 + 40, proto);
	} else {
		put_ip4(l3, l3_bytes(p), inner, p, proto, p->src, p->dst, p->id);
	}
	put_l4(p, l3 + l3_bytes(p), l3, proto);
	return pkt_l3_off(p) + pkt_ip_len(p);
}

size_t pkt_icmp(const struct pkt *p, int type, int code, uint32_t info, const uint8_t *quote, size_t len,
		uint8_t *buf)
{
	bool v6 = is_v6(p->dst);
	uint8_t proto = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, *icmp;
	struct pkt whole = *p;
	size_t n;

	whole.proto = proto;
	whole.payload = 8 + len;
	n = pkt_build(&whole, buf);
	icmp = buf + pkt_l4_off(&whole);
	icmp[0] = type;
	icmp[1] = code;
	put16(icmp + 2, 0);
	put32(icmp + 4, info);
	memcpy(icmp + 8, quote, len);
	put16(icmp + 2, ~pkt_sum(icmp, 8 + len, v6 ? pseudo_sum(buf + pkt_l3_off(p), true, proto, 8 + len) : 0));
	return n;
}

/* ---- checking a frame that came out ---- */

static const char *verify_l4(const uint8_t *l3, bool v6, uint8_t proto, const uint8_t *l4, size_t len)
{
	switch (proto) {
	case IPPROTO_UDP:
		if (len >= 8 && !get16(l4 + 6))
			return v6 ? "UDP checksum 0 over IPv6" : NULL;
		break;
	case IPPROTO_TCP:
	case IPPROTO_ICMPV6:
		break;
	case IPPROTO_ICMP:
		return pkt_sum(l4, len, 0) == 0xffff ? NULL : "ICMP checksum";
	default:
		return NULL;
	}
	return pkt_sum(l4, len, pseudo_sum(l3, v6, proto, len)) == 0xffff ? NULL : "transport checksum";
}

static const char *verify_ip(const uint8_t *l3, size_t len)
{
	if (len >= 20 && l3[0] >> 4 == 4) {
		size_t hdr = (l3[0] & 15) * 4, total = get16(l3 + 2);

		if (hdr < 20 || total < hdr || total > len)
			return "IPv4 length";
		if (pkt_sum(l3, hdr, 0) != 0xffff)
			return "IPv4 header checksum";
		if (get16(l3 + 6) & 0x3fff)
			return NULL; /* a fragment's transport checksum is of the whole */
		if (l3[9] == 4 || l3[9] == 41)
			return verify_ip(l3 + hdr, total - hdr);
		return verify_l4(l3, false, l3[9], l3 + hdr, total - hdr);
	}
	if (len >= 40 && l3[0] >> 4 == 6) {
		size_t payload = get16(l3 + 4);

		if (payload + 40 > len)
			return "IPv6 length";
		if (l3[6] == 4 || l3[6] == 41)
			return verify_ip(l3 + 40, payload);
		return verify_l4(l3, true, l3[6], l3 + 40, payload);
	}
	return "not IP";
}

const char *pkt_verify(const uint8_t *buf, size_t len)
{
	return len < ETH_BYTES ? "no Ethernet header" : verify_ip(buf + ETH_BYTES, len - ETH_BYTES);
}

static void dump(FILE *f, const char *what, const uint8_t *a, size_t len, const uint8_t *b, size_t other)
{
	fprintf(f, "#   %s, %zu bytes (differing bytes marked *)\n", what, len);
	for (size_t i = 0; i < len && i < 192; i += 16) {
		fprintf(f, "#   %04zx ", i);
		for (size_t k = i; k < i + 16 && k < len; k++)
			fprintf(f, "%c%02x", k >= other || a[k] != b[k] ? '*' : ' ', a[k]);
		fputc('\n', f);
	}
}

void pkt_diff(FILE *f, const uint8_t *want, size_t want_len, const uint8_t *got, size_t got_len)
{
	size_t same = 0;

	while (same < want_len && same < got_len && want[same] == got[same])
		same++;
	dump(f, "expected", want, want_len, got, got_len);
	dump(f, "seen", got, got_len, want, want_len);
	fprintf(f, "#   first difference at byte %zu\n", same);
}
