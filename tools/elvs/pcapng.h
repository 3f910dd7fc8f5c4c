/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapng - writes captures that tcpdump and Wireshark read (draft-ietf-opsawg-pcapng): one section, Ethernet frames,
 * nanoseconds. Interfaces not described before are when their first packet comes.
 */
#ifndef ELVS_TOOLS_PCAPNG_H
#define ELVS_TOOLS_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PCAPNG_INTERFACES 256

struct pcapng {
	FILE *out;
	uint32_t snap_len;
	uint32_t ifindex[PCAPNG_INTERFACES]; /* in order of their description */
	unsigned int interfaces;
};

struct pcapng_packet {
	uint64_t time_ns; /* since 1970 */
	uint32_t ifindex;
	const char *ifname;
	bool outbound;
	const uint8_t *data;
	uint32_t captured_len, packet_len;
	const char *comment;
};

/* 0 or -EIO */
int pcapng_begin(struct pcapng *w, FILE *out, uint32_t snap_len, const char *program);
/* Describes an interface ahead of its first packet (some readers want one even if no packet follows) */
int pcapng_interface(struct pcapng *w, uint32_t ifindex, const char *name);
int pcapng_packet(struct pcapng *w, const struct pcapng_packet *p);

#endif
