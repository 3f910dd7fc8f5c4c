/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_text - an Ethernet frame in half a line: what an operator of a load balancer wants to see of it.
 */
#ifndef ELVS_TOOLS_PACKET_TEXT_H
#define ELVS_TOOLS_PACKET_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* What a frame is, outermost header first */
struct packet_info {
	uint8_t dmac[6], smac[6];
	uint16_t ethertype; /* behind VLAN tags, host order */
	uint16_t vlan;	    /* identifier, 0: no tag */
	int af;		    /* AF_INET, AF_INET6, 0 */
	uint8_t saddr[16], daddr[16];
	uint8_t proto;
	uint16_t sport, dport; /* host order; 0 if there are none */
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code;
	uint8_t fragment; /* not the first one: no ports */
	uint8_t has_l4;
	uint32_t inner; /* offset of a tunnelled packet, 0: none */
	int inner_af;
};

/* Never reads beyond len; what is not there stays zero. */
void packet_parse(struct packet_info *ret, const uint8_t *frame, size_t len);
/* "TCP 10.0.0.2:4711 > 10.1.0.100:80 [S]", tunnels with the inner packet in parentheses. Returns buf. */
const char *packet_format(char *buf, size_t size, const uint8_t *frame, size_t len);
/*
 * What became of a frame: "to 10.1.0.11:8080", "from 10.1.0.100:80", "in IPIP 10.1.0.1 > 10.1.0.11",
 * "MAC 02:00:00:00:00:01 > 02:00:00:00:00:02". Returns buf.
 */
const char *packet_difference(char *buf, size_t size, const uint8_t *before, size_t before_len, const uint8_t *after,
			      size_t after_len);

#endif
