/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_fuzz - the data plane's packet parser (bpf/parse.h), and the one for what ICMP errors quote (bpf/quote.h),
 * compiled for user space, on any bytes.
 *
 * The frame lies at the end of a buffer of its own, so AddressSanitizer sees a read of one byte too many; and what the
 * parser says must hold: headers within the packet, the packet within the frame.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>
#include "quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static void headers_are_inside(const struct pkt *p, __u32 frame)
{
	__u32 l4 = p->proto == IPPROTO_TCP ? 20 : 8;

	MUST(p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP);
	MUST(p->kind == ELVS_WK_V4 || p->kind == ELVS_WK_V6);
	MUST(p->l3len >= (p->kind == ELVS_WK_V4 ? 20 : 40));
	MUST(p->frag != FRAG_LATER);
	MUST(p->len >= p->l3len + l4);
	MUST((__u32)p->l2len + p->len <= frame);
}

static void quote(__u8 *frame, void *end, const struct pkt *p)
{
	struct quote c = { 0 };
	__u32 l4;
	int r = quote_read(frame, end, p, &c);

	MUST(r >= 0 && r < ELVS_V_COUNT);
	if (r != PARSE_OK)
		return;
	l4 = c.at + c.of.l3len;
	MUST(c.l4 == l4 && frame + l4 + 4 <= (__u8 *)end);
	MUST(c.of.proto == IPPROTO_TCP || c.of.proto == IPPROTO_UDP);
	MUST(c.of.kind == ELVS_WK_V4 || c.of.kind == ELVS_WK_V6);
	MUST(c.tunnel.kind || c.of.kind == p->kind);
	MUST(c.at >= (__u32)p->l2len + p->l3len + 8 + c.tunnel.l3len);
}

static void parse(__u8 *frame, __u32 len, bool walk)
{
	void *end = frame + len;
	struct pkt p;
	__u16 type;
	int r;

	memset(&p, 0xaa, sizeof(p));
	type = parse_l2(frame, end, &p, 0);
	if (type == ETH_P_IP)
		r = parse_v4(frame, end, len, &p, walk);
	else if (type == ETH_P_IPV6)
		r = parse_v6(frame, end, len, &p, 0, walk);
	else
		return;
	MUST(r >= 0 && r < ELVS_V_COUNT);
	if (r == ELVS_V_OTHER_PROTOCOL && (p.proto == IPPROTO_ICMP || p.proto == IPPROTO_ICMPV6))
		quote(frame, end, &p);
	if (r != PARSE_OK)
		return;
	headers_are_inside(&p, len);
	(void)parse_partial(frame, end, &p);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	uint8_t *buf, *frame;

	if (len > 10000)
		return -1;
	buf = malloc(2 + len); /* as drivers lay frames down: the IP header is aligned (NET_IP_ALIGN) */
	MUST(buf);
	frame = buf + 2;
	memcpy(frame, in, len);
	parse(frame, len, false);
	parse(frame, len, true);
	MUST(!memcmp(frame, in, len)); /* a parser changes nothing */
	free(buf);
	return 0;
}
