/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arp - see arp.h. */
#include "arp.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>

int arp_socket(void)
{
	/* protocol 0: it receives nothing */
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

void arp_build(uint8_t buf[ARP_BYTES], const uint8_t mac[6], const struct in_addr *a)
{
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 }; /* Ethernet, IPv4, lengths, request */

	memcpy(buf, head, 8);
	memcpy(buf + 8, mac, 6);
	memcpy(buf + 14, a, 4);
	memset(buf + 18, 0xff, 6);
	memcpy(buf + 24, a, 4);
}

int arp_send(int fd, const struct nl_link *l, const struct in_addr *a)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = (int)l->ifindex,
		.sll_halen = 6,
	};
	uint8_t buf[ARP_BYTES];

	if ((l->flags & (IFF_NOARP | IFF_LOOPBACK)) || l->mac_len != 6)
		return -EOPNOTSUPP;
	memset(to.sll_addr, 0xff, 6);
	arp_build(buf, l->mac, a);
	return sendto(fd, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}
