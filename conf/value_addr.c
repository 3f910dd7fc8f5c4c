/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value_addr - words that are addresses, ports, prefixes. Asks no resolver but the list of services.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

int text_addr(const char *s, struct conf_addr *ret)
{
	struct conf_addr a = { 0 };

	if (inet_pton(AF_INET, s, &a.v4) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, s, &a.v6) == 1)
		a.family = AF_INET6;
	else
		return -EINVAL;
	*ret = a;
	return 0;
}

bool value_addr(struct load *l, const struct conf_node *n, uint32_t i, struct conf_addr *ret)
{
	const char *word;

	if (!value_word(l, n, i, &word))
		return false;
	if (!text_addr(word, ret))
		return true;
	load_error(l, CONF_ERROR, n, i, "%s: '%s' is not an IP address (as 192.0.2.1 or 2001:db8::1)",
		   n->words[0].text, word);
	return false;
}

bool value_port(struct load *l, const struct conf_node *n, uint32_t i, uint16_t *ret)
{
	const char *word;
	struct servent buf, *s;
	char space[1024];
	int64_t v;

	if (!value_word(l, n, i, &word))
		return false;
	if (word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")] == 0 && *word &&
	    !getservbyname_r(word, NULL, &buf, space, sizeof(space), &s) && s) {
		*ret = ntohs(s->s_port);
		return true;
	}
	if (!value_num(l, n, i, 0, 65535, &v))
		return false;
	*ret = v;
	return true;
}

bool value_addr_port(struct load *l, const struct conf_node *n, uint32_t i, struct conf_addr *ret)
{
	struct conf_addr a;
	uint16_t port = 0;

	if (!value_addr(l, n, i, &a))
		return false;
	if (i + 1 < n->n_words && !value_port(l, n, i + 1, &port))
		return false;
	a.port = port;
	*ret = a;
	return true;
}

bool addr_is_multicast(const struct conf_addr *a)
{
	return a->family == AF_INET ? (a->bytes[0] & 0xf0) == 0xe0 : a->bytes[0] == 0xff;
}

/* ADDRESS[/LENGTH]; LENGTH: a number, or a netmask (IPv4). */
int text_prefix(const char *s, struct conf_addr *ret, uint8_t *ret_len)
{
	char buf[INET6_ADDRSTRLEN + 1];
	const char *slash = strchr(s, '/');
	size_t n = slash ? (size_t)(slash - s) : strlen(s);
	struct conf_addr a;
	struct in_addr mask;
	long len;
	char *end;

	if (n >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, s, n);
	buf[n] = 0;
	if (text_addr(buf, &a))
		return -EINVAL;
	len = a.family == AF_INET ? 32 : 128;
	if (slash) {
		long max = len;

		if (a.family == AF_INET && strchr(slash + 1, '.') && inet_pton(AF_INET, slash + 1, &mask) == 1) {
			uint32_t m = ntohl(mask.s_addr);

			len = __builtin_popcount(m);
			if (m != (len ? ~0u << (32 - len) : 0))
				return -EINVAL;
		} else {
			len = strtol(slash + 1, &end, 10);
			if (end == slash + 1 || *end || len < 0 || len > max || slash[1] < '0')
				return -EINVAL;
		}
	}
	*ret = a;
	*ret_len = len;
	return 0;
}
