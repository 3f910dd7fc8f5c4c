/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vip - parses and prints the addresses of the set-up commands (vip.h).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vip.h"

static int parse_mask(uint8_t *ret_plen, int af, const char *s, const char **ret_why)
{
	unsigned int max = af == AF_INET ? 32 : 128;
	struct in_addr mask;
	uint32_t m;
	unsigned long n;
	char *end;

	if (af == AF_INET && strchr(s, '.')) {
		if (inet_pton(AF_INET, s, &mask) != 1) {
			*ret_why = "the netmask is not four numbers from 0 to 255";
			return -EINVAL;
		}
		m = ntohl(mask.s_addr);
		if (m == 0 || (~m & (~m + 1)) != 0) {
			*ret_why = "the netmask is not a run of ones followed by zeroes";
			return -EINVAL;
		}
		*ret_plen = (uint8_t)__builtin_popcount(m);
		return 0;
	}
	n = strtoul(s, &end, 10);
	if (s[0] < '0' || s[0] > '9' || *end || n < 1 || n > max) {
		*ret_why = af == AF_INET ? "the prefix length is not a number from 1 to 32"
					 : "the prefix length is not a number from 1 to 128";
		return -EINVAL;
	}
	*ret_plen = (uint8_t)n;
	return 0;
}

static bool is_unicast(const struct vip *v)
{
	static const uint8_t zero[16];

	if (v->af == AF_INET)
		return v->addr[0] != 0 && v->addr[0] < 224;
	return v->addr[0] != 0xff && memcmp(v->addr, zero, 16) != 0;
}

int vip_parse(struct vip *ret, const char *s, const char **ret_why)
{
	const char *slash = strchr(s, '/');
	struct vip v = {};
	char host[VIP_STRLEN];
	size_t n = slash ? (size_t)(slash - s) : strlen(s);
	int r;

	if (n >= sizeof(host)) {
		*ret_why = "too long for an address";
		return -EINVAL;
	}
	memcpy(host, s, n);
	host[n] = '\0';
	v.af = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(v.af, host, v.addr) != 1) {
		*ret_why = v.af == AF_INET ? "not an IPv4 address (four numbers; names are not looked up)"
					   : "not an IPv6 address";
		return -EINVAL;
	}
	if (!is_unicast(&v)) {
		*ret_why = "not a unicast address";
		return -EINVAL;
	}
	v.plen = v.af == AF_INET ? 32 : 128;
	if (slash) {
		r = parse_mask(&v.plen, v.af, slash + 1, ret_why);
		if (r < 0)
			return r;
	}
	*ret = v;
	return 0;
}

const char *vip_format(const struct vip *v, bool with_plen, char buf[VIP_STRLEN])
{
	size_t n;

	if (!inet_ntop(v->af, v->addr, buf, VIP_STRLEN))
		return strcpy(buf, "?");
	n = strlen(buf);
	if (with_plen)
		snprintf(buf + n, VIP_STRLEN - n, "/%u", v->plen);
	return buf;
}

bool vip_same_addr(const struct vip *a, const struct vip *b)
{
	return a->af == b->af && memcmp(a->addr, b->addr, vip_bytes(a)) == 0;
}

bool vip_covers(const struct vip *net, const struct vip *addr)
{
	unsigned int bytes = net->plen / 8, bits = net->plen % 8;

	if (net->af != addr->af || memcmp(net->addr, addr->addr, bytes) != 0)
		return false;
	return bits == 0 || (net->addr[bytes] ^ addr->addr[bytes]) >> (8 - bits) == 0;
}
