/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr - see addr.h. The grammar is ipvsadm's, oddities included: what it accepts, users have in their scripts.
 */
#include "addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_MAX 256 /* longer words are no host names (RFC 1035: 253 characters) */

const char *addr_proto_name(int proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	}
	return NULL;
}

int addr_parse_number(long *ret, const char *word, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(word, &end, 10);
	if (end == word || *end)
		return -EINVAL;
	if (errno || n < min || n > max)
		return -ERANGE;
	*ret = n;
	return 0;
}

int addr_parse_v4(struct in_addr *ret, const char *word)
{
	const struct hostent *h;

	if (inet_aton(word, ret))
		return 0;
	h = gethostbyname(word);
	if (!h || h->h_addrtype != AF_INET || !h->h_addr_list[0])
		return -EINVAL;
	memcpy(ret, h->h_addr_list[0], sizeof(*ret));
	return 0;
}

static int parse_port(uint16_t *ret, const char *word, int proto)
{
	const char *name = addr_proto_name(proto);
	const struct servent *s;
	long n;
	int r = addr_parse_number(&n, word, 0, USHRT_MAX);

	if (!r) {
		*ret = htons((uint16_t)n);
		return 0;
	}
	if (r == -ERANGE || !name)
		return -EINVAL;
	s = getservbyname(word, name);
	if (!s)
		return -EINVAL;
	*ret = (uint16_t)s->s_port;
	return 0;
}

/* [IPv6]:PORT; with anything but an IPv6 address in the brackets the port is not looked at. */
static int parse_bracketed(struct endpoint *ep, const char *word, int proto)
{
	const char *close = strchr(word, ']');
	char host[HOST_MAX];
	size_t len;

	if (!close || close[1] != ':')
		return -EINVAL;
	len = (size_t)(close - word - 1);
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, word + 1, len);
	host[len] = '\0';
	if (inet_pton(AF_INET6, host, &ep->addr.v6) == 1) {
		ep->addr.af = AF_INET6;
		ep->has_port = true;
		return parse_port(&ep->port, close + 2, proto);
	}
	ep->addr.af = AF_INET;
	return addr_parse_v4(&ep->addr.v4, host);
}

int addr_parse_endpoint(struct endpoint *ret, const char *word, int proto)
{
	struct endpoint ep = { 0 };
	const char *colon;
	char host[HOST_MAX];
	size_t len;
	int r = 0;

	if (!word[strspn(word, "0123456789")])
		return -EINVAL;
	if (word[0] == '[') {
		r = parse_bracketed(&ep, word, proto);
		goto out;
	}
	if (inet_pton(AF_INET6, word, &ep.addr.v6) == 1) {
		ep.addr.af = AF_INET6;
		goto out;
	}
	colon = strrchr(word, ':');
	len = colon ? (size_t)(colon - word) : strlen(word);
	if (!len || len >= sizeof(host))
		return -EINVAL;
	memcpy(host, word, len);
	host[len] = '\0';
	memset(&ep.addr, 0, sizeof(ep.addr));
	ep.addr.af = AF_INET;
	r = addr_parse_v4(&ep.addr.v4, host);
	if (!r && colon) {
		ep.has_port = true;
		r = parse_port(&ep.port, colon + 1, proto);
	}
out:
	if (!r)
		*ret = ep;
	return r;
}

const char *addr_format(char *buf, const struct addr *a)
{
	if (!inet_ntop(a->af == AF_INET6 ? AF_INET6 : AF_INET, &a->v6, buf, INET6_ADDRSTRLEN))
		buf[0] = '\0';
	return buf;
}

const char *addr_format_endpoint(char *buf, const struct addr *a, uint16_t port)
{
	bool v6 = a->af == AF_INET6;
	char host[INET6_ADDRSTRLEN];

	snprintf(buf, ADDR_TEXT, "%s%s%s:%u", v6 ? "[" : "", addr_format(host, a), v6 ? "]" : "", ntohs(port));
	return buf;
}

bool addr_equal(const struct addr *x, const struct addr *y)
{
	if (x->af != y->af)
		return false;
	return x->a[0] == y->a[0] && (x->af != AF_INET6 || !memcmp(x->a, y->a, sizeof(x->a)));
}
