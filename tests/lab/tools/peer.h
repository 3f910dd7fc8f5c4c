/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer - an end point of a test connection: IPv4 or IPv6 address and port, read and written as text.
 *
 * Shared by the lab's tools only. Literals, never names: a lab has no resolver.
 */
#ifndef ELVS_LAB_PEER_H
#define ELVS_LAB_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

union peer {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

#define PEER_TEXT 80 /* "[" address "]:" port and a NUL */

/* Reads an address literal of either family. False when it is none. */
static inline bool peer_parse(union peer *ret, const char *host, uint16_t port)
{
	union peer p;

	memset(&p, 0, sizeof(p));
	if (strchr(host, ':')) {
		p.in6.sin6_family = AF_INET6;
		p.in6.sin6_port = htons(port);
		if (inet_pton(AF_INET6, host, &p.in6.sin6_addr) != 1)
			return false;
	} else {
		p.in.sin_family = AF_INET;
		p.in.sin_port = htons(port);
		if (inet_pton(AF_INET, host, &p.in.sin_addr) != 1)
			return false;
	}
	*ret = p;
	return true;
}

/* The unspecified address of the same family as `like`. */
static inline union peer peer_any(const union peer *like, uint16_t port)
{
	union peer p;

	memset(&p, 0, sizeof(p));
	p.sa.sa_family = like->sa.sa_family;
	if (like->sa.sa_family == AF_INET)
		p.in.sin_port = htons(port);
	else
		p.in6.sin6_port = htons(port);
	return p;
}

/* The address n further on (IPv6: in its last 16 bits). */
static inline void peer_advance(union peer *p, unsigned int n)
{
	if (p->sa.sa_family == AF_INET) {
		p->in.sin_addr.s_addr = htonl(ntohl(p->in.sin_addr.s_addr) + n);
	} else {
		uint8_t *a = p->in6.sin6_addr.s6_addr;
		unsigned int last = (a[14] << 8 | a[15]) + n;

		a[14] = last >> 8;
		a[15] = last;
	}
}

static inline socklen_t peer_len(const union peer *p)
{
	return p->sa.sa_family == AF_INET ? sizeof(p->in) : sizeof(p->in6);
}

/* "10.0.0.2:80" or "[fd00::2]:80"; buf holds PEER_TEXT bytes and is returned. */
static inline char *peer_text(const union peer *p, char *buf)
{
	char host[INET6_ADDRSTRLEN];

	if (p->sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &p->in.sin_addr, host, sizeof(host));
		snprintf(buf, PEER_TEXT, "%s:%u", host, ntohs(p->in.sin_port));
	} else {
		inet_ntop(AF_INET6, &p->in6.sin6_addr, host, sizeof(host));
		snprintf(buf, PEER_TEXT, "[%s]:%u", host, ntohs(p->in6.sin6_port));
	}
	return buf;
}

#endif
