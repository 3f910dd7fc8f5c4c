/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr - addresses and ports as people write them: reading "host:port" the way ipvsadm does, and printing it.
 *
 * Knows nothing of services or of the control protocol. May ask the resolver (hosts, DNS, services), never logs.
 */
#ifndef ELVS_BASE_ADDR_H
#define ELVS_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address of either family, network byte order; IPv4 stands in .v4 (a[0]), the rest is zero then. */
struct addr {
	uint16_t af; /* AF_INET, AF_INET6; AF_UNSPEC: none */
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint32_t a[4];
	};
};

struct endpoint {
	struct addr addr;
	uint16_t port; /* network order */
	bool has_port; /* a port was written (0 counts) */
};

#define ADDR_TEXT 80 /* enough for "[address]:65535" */

/*
 * Reads HOST[:PORT]: IPv4 as inet_aton takes it or a name with an IPv4 address, [IPv6]:PORT, or a bare IPv6 address
 * (port 0). A word of digits only is no address. PORT is a number or a service name of proto (IPPROTO_TCP, _UDP,
 * _SCTP). What stands after "[IPv4]:" is ignored, as the original does. Returns 0 or -EINVAL; not thread-safe
 * (gethostbyname).
 */
int addr_parse_endpoint(struct endpoint *ret, const char *word, int proto);

/* An IPv4 address or mask in any form inet_aton takes, or a host name. 0 or -EINVAL. */
int addr_parse_v4(struct in_addr *ret, const char *word);

/* Decimal number, whole word (leading blanks and a sign pass, as with strtol), min..max. 0, -EINVAL or -ERANGE. */
int addr_parse_number(long *ret, const char *word, long min, long max);

/* "a.b.c.d" or "x::y", no brackets; buf of at least INET6_ADDRSTRLEN. Returns buf. */
const char *addr_format(char *buf, const struct addr *a);

/* "a.b.c.d:port" or "[x::y]:port"; buf of at least ADDR_TEXT. port in network order. Returns buf. */
const char *addr_format_endpoint(char *buf, const struct addr *a, uint16_t port);

bool addr_equal(const struct addr *x, const struct addr *y);

/* "tcp", "udp", "sctp" (for getservby...); NULL for anything else */
const char *addr_proto_name(int proto);

#endif
