/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce - one broadcast frame (announce.h).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "announce.h"

#define FRAME_MAX 128

static size_t arp_frame(uint8_t *f, const uint8_t mac[6], const struct vip *v)
{
	struct ether_header *eth = (void *)f;
	struct ether_arp *arp = (void *)(eth + 1);

	memset(eth->ether_dhost, 0xff, 6);
	memcpy(eth->ether_shost, mac, 6);
	eth->ether_type = htons(ETHERTYPE_ARP);
	*arp = (struct ether_arp){ .ea_hdr = { htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), 6, 4,
					       htons(ARPOP_REQUEST) } };
	memcpy(arp->arp_sha, mac, 6);
	memcpy(arp->arp_spa, v->addr, 4);
	memcpy(arp->arp_tpa, v->addr, 4);
	return sizeof(*eth) + sizeof(*arp);
}

static uint32_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;

	for (; len > 1; len -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return sum;
}

static size_t na_frame(uint8_t *f, const uint8_t mac[6], const struct vip *v)
{
	struct ether_header *eth = (void *)f;
	struct ip6_hdr *ip6 = (void *)(eth + 1);
	struct nd_neighbor_advert *na = (void *)(ip6 + 1);
	uint8_t *opt = (void *)(na + 1);
	const uint16_t len = sizeof(*na) + 8;
	uint32_t sum;

	memcpy(eth->ether_dhost, "\x33\x33\x00\x00\x00\x01", 6);
	memcpy(eth->ether_shost, mac, 6);
	eth->ether_type = htons(ETHERTYPE_IPV6);
	*ip6 = (struct ip6_hdr){};
	ip6->ip6_vfc = 6 << 4;
	ip6->ip6_plen = htons(len);
	ip6->ip6_nxt = IPPROTO_ICMPV6;
	ip6->ip6_hlim = 255;
	memcpy(&ip6->ip6_src, v->addr, 16);
	inet_pton(AF_INET6, "ff02::1", &ip6->ip6_dst);
	*na = (struct nd_neighbor_advert){};
	na->nd_na_type = ND_NEIGHBOR_ADVERT;
	na->nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE;
	memcpy(&na->nd_na_target, v->addr, 16);
	opt[0] = ND_OPT_TARGET_LINKADDR;
	opt[1] = 1;
	memcpy(opt + 2, mac, 6);
	sum = sum16(&ip6->ip6_src, 32, IPPROTO_ICMPV6 + len);
	sum = sum16(na, len, sum);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	na->nd_na_cksum = htons((uint16_t)~sum);
	return sizeof(*eth) + sizeof(*ip6) + len;
}

int announce(const char *dev, const struct vip *v)
{
	uint8_t room[FRAME_MAX] __attribute__((aligned(8))) = {};
	uint8_t *frame = room + 2; /* so that what follows the Ethernet header is aligned */
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(dev) };
	struct ifreq ifr = {};
	size_t len;
	int fd, r = 0;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) < 0)
		r = -errno;
	else if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		r = -EAFNOSUPPORT;
	if (r == 0) {
		len = v->af == AF_INET ? arp_frame(frame, (uint8_t *)ifr.ifr_hwaddr.sa_data, v)
				       : na_frame(frame, (uint8_t *)ifr.ifr_hwaddr.sa_data, v);
		if (sendto(fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			r = -errno;
	}
	close(fd);
	return r;
}
