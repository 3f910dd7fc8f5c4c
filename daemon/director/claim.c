/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim - see claim.h. ARP: RFC 826; neighbour advertisements: RFC 4861 4.4. */
#include "claim.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ARP_BYTES 28
#define IP6_BYTES 40
#define NA_BYTES 24
#define NA_TYPE 136

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

int claim_parse_arp(struct claim *ret, const uint8_t *p, size_t len)
{
	if (len < ARP_BYTES || get16(p) != 1 || get16(p + 2) != 0x0800 || p[4] != 6 || p[5] != 4)
		return -EBADMSG;
	if (get16(p + 6) != 1 && get16(p + 6) != 2)
		return -EBADMSG;
	*ret = (struct claim){ .af = AF_INET };
	memcpy(ret->mac, p + 8, 6);
	memcpy(&ret->addr.v4, p + 14, 4);
	return ret->addr.v4.s_addr ? 0 : -EBADMSG; /* none: a probe, RFC 5227 */
}

int claim_parse_na(struct claim *ret, const uint8_t *p, size_t len, const uint8_t mac[6])
{
	const uint8_t *na = p + IP6_BYTES;

	if (len < IP6_BYTES + NA_BYTES || p[0] >> 4 != 6 || get16(p + 4) < NA_BYTES)
		return -EBADMSG;
	if (p[6] != IPPROTO_ICMPV6 || p[7] != 255 || na[0] != NA_TYPE || na[1] != 0)
		return -EBADMSG;
	*ret = (struct claim){ .af = AF_INET6 };
	memcpy(ret->mac, mac, 6);
	memcpy(&ret->addr.v6, na + 8, 16);
	return 0;
}

/* 00-00-5E-00-01-VRID, and -02- for IPv6: RFC 9568 7.3 */
static bool is_vrrp(const uint8_t mac[6])
{
	static const uint8_t prefix[4] = { 0, 0, 0x5e, 0 };

	return !memcmp(mac, prefix, sizeof(prefix)) && (mac[4] == 1 || mac[4] == 2);
}

bool claim_is_foreign(const struct claim *c, const uint8_t here[6], const uint8_t (*ours)[6], size_t n_ours)
{
	if (!memcmp(c->mac, here, 6))
		return false;
	for (size_t i = 0; i < n_ours && !is_vrrp(c->mac); i++)
		if (!memcmp(c->mac, ours[i], 6))
			return false;
	return true;
}

/* ---- what is held ---- */

static struct holding *find(const struct holdings *l, uint16_t af, const union elvs_addr *addr)
{
	struct holding *h = l->first;

	while (h && (h->af != af || memcmp(&h->addr, addr, af == AF_INET ? 4 : 16)))
		h = h->next;
	return h;
}

void holdings_free(struct holdings *l)
{
	for (struct holding *h = l->first, *next; h; h = next) {
		next = h->next;
		free(h);
	}
	l->first = NULL;
}

int holdings_set(struct holdings *l, uint16_t af, const union elvs_addr *addr, const void *client)
{
	struct holding *h = find(l, af, addr);

	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return -ENOMEM;
		h->af = af;
		h->addr = *addr;
		h->next = l->first;
		l->first = h;
	}
	h->client = client;
	h->lost = false;
	return 0;
}

void holdings_drop(struct holdings *l, uint16_t af, const union elvs_addr *addr)
{
	struct holding *h = find(l, af, addr), **at = &l->first;

	if (!h)
		return;
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	free(h);
}

void holdings_client_gone(struct holdings *l, const void *client)
{
	for (struct holding *h = l->first; h; h = h->next)
		if (h->client == client)
			h->client = NULL;
}

bool holdings_stands(struct holdings *l, uint16_t af, const union elvs_addr *addr, bool stands)
{
	struct holding *h = find(l, af, addr);

	if (!h)
		return stands;
	h->stands = stands;
	h->lost &= stands; /* put there again, it was meant so */
	return stands && !h->lost;
}

bool holding_listens(const struct holding *h)
{
	return !h->client && h->stands && !h->lost;
}

bool holdings_claimed(struct holdings *l, const struct claim *c)
{
	struct holding *h = find(l, c->af, &c->addr);

	if (!h || !holding_listens(h))
		return false;
	h->lost = true;
	return true;
}
