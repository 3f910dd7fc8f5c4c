/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ndisc - see ndisc.h. */
#include "ndisc.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <string.h>
#include <sys/socket.h>

static uint32_t sum16(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	return sum;
}

/* RFC 4443 2.3: over source, destination, length, next header and the message. */
static void put_checksum(uint8_t *ip6, size_t len)
{
	uint32_t sum = sum16(ip6 + 8, 32, len + IPPROTO_ICMPV6);

	sum = sum16(ip6 + 40, len, sum);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	ip6[42] = (uint8_t)(~sum >> 8);
	ip6[43] = (uint8_t)~sum;
}

void ndisc_build(uint8_t buf[NDISC_BYTES], const uint8_t mac[6], const struct in6_addr *a, bool router)
{
	static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
	const uint8_t len = NDISC_BYTES - 40;

	memset(buf, 0, NDISC_BYTES);
	buf[0] = 0x60;
	buf[5] = len;
	buf[6] = IPPROTO_ICMPV6;
	buf[7] = 255;
	memcpy(buf + 8, a, 16);
	memcpy(buf + 24, all_nodes, 16);
	buf[40] = ND_NEIGHBOR_ADVERT;
	buf[44] = router ? 0xa0 : 0x20; /* R, O */
	memcpy(buf + 48, a, 16);
	buf[64] = ND_OPT_TARGET_LINKADDR;
	buf[65] = 1;
	memcpy(buf + 66, mac, 6);
	put_checksum(buf, len);
}

int ndisc_send(int fd, const struct nl_link *l, const struct in6_addr *a, bool router)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IPV6),
		.sll_ifindex = (int)l->ifindex,
		.sll_halen = 6,
		.sll_addr = { 0x33, 0x33, 0, 0, 0, 1 },
	};
	uint8_t buf[NDISC_BYTES];

	if ((l->flags & (IFF_NOARP | IFF_LOOPBACK)) || l->mac_len != 6)
		return -EOPNOTSUPP;
	ndisc_build(buf, l->mac, a, router);
	return sendto(fd, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}
