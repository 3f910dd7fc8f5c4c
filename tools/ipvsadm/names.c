/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - see names.h.
 */
#include "names.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void names_free(struct names *n)
{
	int i;

	for (i = 0; i < NAMES_CACHE; i++)
		free(n->cache[i].host);
}

static char *look_up(const struct addr *a)
{
	socklen_t len = a->af == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
	const struct hostent *h = gethostbyaddr(a->a, len, a->af);
	char text[INET6_ADDRSTRLEN];

	return strdup(h && h->h_name ? h->h_name : addr_format(text, a));
}

static const char *host_name(struct names *n, const struct addr *a)
{
	uint32_t hash = (a->a[0] ^ a->a[1] ^ a->a[2] ^ a->a[3]) * 0x9e3779b1u;
	struct names_entry *e = &n->cache[hash >> 24];

	if (e->host && addr_equal(&e->addr, a))
		return e->host;
	free(e->host);
	e->addr = *a;
	e->host = look_up(a);
	return e->host ? e->host : "?";
}

const char *names_endpoint(struct names *n, char buf[NAMES_TEXT], const struct addr *a, uint16_t port, int proto)
{
	const char *open = a->af == AF_INET ? "" : "[", *close = a->af == AF_INET ? "" : "]";
	const char *proto_name = addr_proto_name(proto);
	const struct servent *s = NULL;
	char text[INET6_ADDRSTRLEN];

	if (n->numeric) {
		snprintf(buf, NAMES_TEXT, "%s%s%s:%u", open, addr_format(text, a), close, ntohs(port));
		return buf;
	}
	if (proto_name)
		s = getservbyport(port, proto_name);
	if (s)
		snprintf(buf, NAMES_TEXT, "%s%s%s:%s", open, host_name(n, a), close, s->s_name);
	else
		snprintf(buf, NAMES_TEXT, "%s%s%s:%u", open, host_name(n, a), close, ntohs(port));
	return buf;
}

const char *names_service_option(struct names *n, char buf[NAMES_SERVICE_TEXT], const struct service *s)
{
	char name[NAMES_TEXT];

	if (s->fwmark) { /* signed, as ever: marks above 2^31 come out negative */
		snprintf(buf, NAMES_SERVICE_TEXT, "-f %d%s", (int)s->fwmark, s->af == AF_INET6 ? " -6" : "");
		return buf;
	}
	names_endpoint(n, name, &s->addr, s->port, s->proto);
	snprintf(buf, NAMES_SERVICE_TEXT, "%s %s",
		 s->proto == IPPROTO_TCP   ? "-t"
		 : s->proto == IPPROTO_UDP ? "-u"
					   : "--sctp-service",
		 name);
	return buf;
}
