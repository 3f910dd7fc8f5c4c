/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pkt - builds whole Ethernet frames from a description, with every checksum computed from scratch, and compares.
 *
 * It knows nothing of the data plane: what a rewritten packet should be is described as if it had been sent that
 * way, so an incremental checksum is always compared with a full one. Addresses are literals ("10.0.0.2", "fd00::2");
 * MAC addresses are numbers: 02:00:00:00:00:NN.
 */
#ifndef ELVS_TESTS_PKT_H
#define ELVS_TESTS_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PKT_MAX 9216

enum pkt_tcp_flag { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

enum pkt_csum {
	CSUM_FULL,    /* right */
	CSUM_ZERO,    /* UDP over IPv4: none */
	CSUM_PARTIAL, /* the pseudo header's sum only, as a local stack leaves it to a device */
	CSUM_WRONG,   /* right, plus one */
};

enum pkt_mac {		  /* last byte of a MAC address */
	       M_DIR = 1, /* the director's eth0 */
	       M_DIR1,	  /* its eth1 */
	       M_RS1 = 0x11,
	       M_RS2,
	       M_RS3,
	       M_RS4,
	       M_ROUTER = 0xfe,
	       M_OTHER = 0x77,
	       M_BROADCAST = 0xff, /* ff:ff:ff:ff:ff:ff */
};

struct pkt {
	/* link: zero means from the router to the director's eth0 */
	uint8_t smac, dmac;
	uint16_t vlan, vlan2; /* tags, outermost first; 0 = none */
	uint16_t ethertype;   /* 0 = by address family */
	/* IP */
	const char *src, *dst;
	uint32_t src4, dst4; /* instead of them (NULL), host order: for loops over many clients */
	uint8_t ttl;	     /* 0 = 64 */
	uint8_t tos;
	uint16_t id;
	bool df, mf;
	uint16_t off;	/* of a fragment, in units of 8 bytes */
	uint8_t ipopts; /* bytes of IPv4 options (no-operations), a multiple of 4 */
	uint8_t exthdr; /* IPv6: number of destination-option headers of 8 bytes */
	uint32_t flow;	/* IPv6 flow label */
	/* transport */
	uint8_t proto; /* 0 = TCP */
	uint16_t sport, dport;
	uint8_t flags;	 /* enum pkt_tcp_flag */
	uint8_t tcpopts; /* bytes of TCP options, a multiple of 4 */
	enum pkt_csum csum;
	uint16_t payload; /* bytes */
	uint16_t salt;	  /* changes the payload: its first two bytes, when it has them */
	uint32_t seq;
	/* the header around it all, when tun_dst is not NULL */
	const char *tun_src, *tun_dst;
	uint16_t tun_id;
};

/* Writes the frame to buf (PKT_MAX bytes) and returns its length. Aborts on descriptions that make no sense. */
size_t pkt_build(const struct pkt *p, uint8_t *buf);

/* An ICMP or ICMPv6 message (p: its IP header) that quotes len bytes; info: its second word. Returns its length. */
size_t pkt_icmp(const struct pkt *p, int type, int code, uint32_t info, const uint8_t *quote, size_t len,
		uint8_t *buf);

/* The frame's bytes from its IP header on, what counters call its length */
size_t pkt_ip_len(const struct pkt *p);

/* Offsets in the frame that pkt_build makes of p */
size_t pkt_l3_off(const struct pkt *p);
size_t pkt_l4_off(const struct pkt *p);

/* Checks IPv4 header, TCP, UDP and ICMP checksums of a frame (no VLAN); NULL when right, else what is wrong. */
const char *pkt_verify(const uint8_t *buf, size_t len);

/* Internet checksum of a buffer, folded, not complemented; sum: of what came before */
uint32_t pkt_sum(const uint8_t *p, size_t len, uint32_t sum);

/* Prints both to f, with the bytes that differ marked, as TAP comments. */
void pkt_diff(FILE *f, const uint8_t *want, size_t want_len, const uint8_t *got, size_t got_len);

void pkt_mac(uint8_t mac[6], uint8_t n);

#endif
