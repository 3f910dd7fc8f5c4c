/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_text - frames in words (packet_text.h).
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "packet_text.h"

#define ADDR_LEN (INET6_ADDRSTRLEN + 10)

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void parse_l4(struct packet_info *i, const uint8_t *p, size_t len)
{
	bool ports = i->proto == IPPROTO_TCP || i->proto == IPPROTO_UDP || i->proto == IPPROTO_SCTP;

	if (ports && len >= 4) {
		i->sport = be16(p);
		i->dport = be16(p + 2);
		i->has_l4 = 1;
	}
	if (i->proto == IPPROTO_TCP && len >= 14)
		i->tcp_flags = p[13];
	if ((i->proto == IPPROTO_ICMP || i->proto == IPPROTO_ICMPV6) && len >= 2) {
		i->icmp_type = p[0];
		i->icmp_code = p[1];
		i->has_l4 = 1;
	}
}

static void parse_ip(struct packet_info *i, const uint8_t *frame, size_t at, size_t len, int af)
{
	const uint8_t *p = frame + at;
	size_t header;

	if (af == AF_INET) {
		if (len < at + 20 || p[0] >> 4 != 4)
			return;
		header = (p[0] & 15) * 4u;
		i->proto = p[9];
		i->fragment = (be16(p + 6) & 0x1fff) != 0;
		memcpy(i->saddr, p + 12, 4);
		memcpy(i->daddr, p + 16, 4);
	} else {
		if (len < at + 40 || p[0] >> 4 != 6)
			return;
		header = 40;
		i->proto = p[6];
		memcpy(i->saddr, p + 8, 16);
		memcpy(i->daddr, p + 24, 16);
	}
	i->af = af;
	if (i->fragment || len < at + header)
		return;
	if (i->proto == IPPROTO_IPIP || i->proto == IPPROTO_IPV6) {
		i->inner = (uint32_t)(at + header);
		i->inner_af = i->proto == IPPROTO_IPIP ? AF_INET : AF_INET6;
	}
	parse_l4(i, p + header, len - at - header);
}

void packet_parse(struct packet_info *ret, const uint8_t *frame, size_t len)
{
	size_t at = 14;

	*ret = (struct packet_info){};
	if (len < at)
		return;
	memcpy(ret->dmac, frame, 6);
	memcpy(ret->smac, frame + 6, 6);
	ret->ethertype = be16(frame + 12);
	while ((ret->ethertype == ETHERTYPE_VLAN || ret->ethertype == 0x88a8) && len >= at + 4) {
		ret->vlan = be16(frame + at) & 0xfff;
		ret->ethertype = be16(frame + at + 2);
		at += 4;
	}
	if (ret->ethertype == ETHERTYPE_IP)
		parse_ip(ret, frame, at, len, AF_INET);
	else if (ret->ethertype == ETHERTYPE_IPV6)
		parse_ip(ret, frame, at, len, AF_INET6);
}

/* ---- words ---- */

__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size, const char *fmt, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + n, size - n, fmt, ap);
	va_end(ap);
}

static const char *address(char buf[ADDR_LEN], int af, const uint8_t *addr, uint16_t port, bool with_port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(af, addr, text, sizeof(text));
	if (!with_port)
		snprintf(buf, ADDR_LEN, "%s", text);
	else
		snprintf(buf, ADDR_LEN, af == AF_INET6 ? "[%s]:%u" : "%s:%u", text, port);
	return buf;
}

static const char *proto_name(const struct packet_info *i, char buf[16])
{
	switch (i->proto) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_ICMP:
		return "ICMP";
	case IPPROTO_ICMPV6:
		return "ICMPv6";
	case IPPROTO_IPIP:
		return i->af == AF_INET ? "IPIP" : "4in6";
	case IPPROTO_IPV6:
		return i->af == AF_INET ? "6in4" : "6in6";
	default:
		snprintf(buf, 16, "proto %u", i->proto);
		return buf;
	}
}

static void add_flags(char *buf, size_t size, uint8_t flags)
{
	static const char letters[] = "FSRP.UEC"; /* tcpdump's, from the lowest bit up */
	char text[9];
	int n = 0, k;

	for (k = 0; k < 8; k++) {
		if (flags & 1 << k && k != 4)
			text[n++] = letters[k];
	}
	if (flags & 0x10) /* ACK comes last, as there */
		text[n++] = '.';
	text[n] = '\0';
	add(buf, size, " [%s]", text);
}

static void add_ip(char *buf, size_t size, const struct packet_info *i)
{
	bool ports = i->has_l4 && i->proto != IPPROTO_ICMP && i->proto != IPPROTO_ICMPV6;
	char s[ADDR_LEN], d[ADDR_LEN], name[16];

	add(buf, size, "%s %s > %s", proto_name(i, name), address(s, i->af, i->saddr, i->sport, ports),
	    address(d, i->af, i->daddr, i->dport, ports));
	if (i->proto == IPPROTO_TCP && i->has_l4)
		add_flags(buf, size, i->tcp_flags);
	if (i->has_l4 && !ports)
		add(buf, size, " type %u code %u", i->icmp_type, i->icmp_code);
	if (i->fragment)
		add(buf, size, " fragment");
}

static void add_mac(char *buf, size_t size, const uint8_t m[6])
{
	add(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

const char *packet_format(char *buf, size_t size, const uint8_t *frame, size_t len)
{
	struct packet_info i, inner = {};

	buf[0] = '\0';
	packet_parse(&i, frame, len);
	if (i.vlan)
		add(buf, size, "vlan %u ", i.vlan);
	if (!i.af) {
		add(buf, size, "ethertype 0x%04x ", i.ethertype);
		add_mac(buf, size, i.smac);
		add(buf, size, " > ");
		add_mac(buf, size, i.dmac);
		return buf;
	}
	add_ip(buf, size, &i);
	if (!i.inner)
		return buf;
	parse_ip(&inner, frame, i.inner, len, i.inner_af);
	if (inner.af) {
		add(buf, size, " (");
		add_ip(buf, size, &inner);
		add(buf, size, ")");
	}
	return buf;
}

const char *packet_difference(char *buf, size_t size, const uint8_t *before, size_t before_len, const uint8_t *after,
			      size_t after_len)
{
	char text[ADDR_LEN], name[16];
	struct packet_info b, a;

	buf[0] = '\0';
	packet_parse(&b, before, before_len);
	packet_parse(&a, after, after_len);
	if (a.inner && !b.inner) {
		add(buf, size, "in %s %s", proto_name(&a, name), address(text, a.af, a.saddr, 0, false));
		add(buf, size, " > %s", address(text, a.af, a.daddr, 0, false));
		return buf;
	}
	if (a.af && b.af == a.af) {
		if (memcmp(a.saddr, b.saddr, 16) != 0 || a.sport != b.sport)
			add(buf, size, "from %s", address(text, a.af, a.saddr, a.sport, a.sport));
		if (memcmp(a.daddr, b.daddr, 16) != 0 || a.dport != b.dport)
			add(buf, size, "%sto %s", buf[0] ? " " : "", address(text, a.af, a.daddr, a.dport, a.dport));
	}
	if (!buf[0] && (memcmp(a.dmac, b.dmac, 6) != 0 || memcmp(a.smac, b.smac, 6) != 0)) {
		add(buf, size, "MAC ");
		add_mac(buf, size, a.smac);
		add(buf, size, " > ");
		add_mac(buf, size, a.dmac);
	}
	return buf;
}
