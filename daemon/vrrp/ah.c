/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ah - the authentication header of version 2 adverts, signed and verified (RFC 2402, RFC 2403).
 *
 * The ICV covers the whole packet with the fields that routers may change taken as zero: TOS, flags and fragment
 * offset, TTL, header checksum (RFC 2402 3.3.3.1.1.1), and the ICV itself. keepalived leaves the TTL as it is (seen
 * on the wire with 2.2.7), which is 255 always: we send that form and accept both. Options are taken as they are:
 * none of ours has any, and a sender that uses mutable ones fails here.
 */
#include <errno.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "ah.h"
#include "bytes.h"

#define SEQ_FOLLOW_MAX 0xf0000000u /* nobody can make us use up our numbers */
#define ICV_BYTES 12
#define AH_WORDS_MINUS_2 4 /* RFC 2402 2.2: (12 + 12) / 4 - 2 */
#define AH_MAX 4200	   /* more than the longest advert */

/* Offsets in the AH */
enum { AH_NEXT, AH_LEN, AH_RESERVED, AH_SPI = 4, AH_SEQ = 8, AH_ICV = 12 };

static int icv(const uint8_t *packet, size_t ip_bytes, size_t len, const uint8_t key[8], bool with_ttl,
	       uint8_t ret[ICV_BYTES])
{
	struct hmac_md5_ctx hmac;
	uint8_t copy[AH_MAX];

	if (len > sizeof(copy))
		return -EBADMSG;
	memcpy(copy, packet, len);
	copy[1] = 0;
	memset(copy + 6, 0, 2);
	if (!with_ttl)
		copy[8] = 0;
	memset(copy + 10, 0, 2);
	memset(copy + ip_bytes + AH_ICV, 0, ICV_BYTES);
	hmac_md5_set_key(&hmac, 8, key);
	hmac_md5_update(&hmac, len, copy);
	hmac_md5_digest(&hmac, ICV_BYTES, ret);
	return 0;
}

int vrrp_ah_sign(struct vrrp_ah_state *s, uint8_t *packet, size_t len, const uint8_t key[8], uint8_t next,
		 uint64_t utc_us)
{
	uint8_t *ah = packet + 20;
	uint32_t clock = (uint32_t)(utc_us / 1000000);
	uint16_t id;

	if (s->sent == UINT32_MAX)
		return -EOVERFLOW;
	s->sent = clock > s->sent ? clock : s->sent + 1;
	id = (uint16_t)s->sent;
	put16(packet + 4, id ? id : 1);
	memset(ah, 0, VRRP_AH_BYTES);
	ah[AH_NEXT] = next;
	ah[AH_LEN] = AH_WORDS_MINUS_2;
	memcpy(ah + AH_SPI, packet + 12, 4); /* by custom of VRRP, the sender's address */
	put32(ah + AH_SEQ, s->sent);
	return icv(packet, 20, len, key, true, ah + AH_ICV);
}

/* The sender's place in the table: its own, a free one, or that of whoever has been silent longest. */
static unsigned slot(const struct vrrp_ah_state *s, uint32_t spi)
{
	unsigned oldest = 0, i;

	for (i = 0; i < VRRP_AH_SENDERS; i++) {
		if (s->senders[i].heard_us && s->senders[i].spi == spi)
			return i;
		if (s->senders[i].heard_us < s->senders[oldest].heard_us)
			oldest = i;
	}
	return oldest;
}

static int accept_seq(struct vrrp_ah_state *s, uint32_t spi, uint32_t seq, uint64_t utc_us, uint64_t forget_us)
{
	unsigned i = slot(s, spi);
	uint64_t heard = s->senders[i].heard_us;
	bool known = heard && s->senders[i].spi == spi;
	bool silent = utc_us < heard || utc_us - heard > forget_us;

	if (known && !silent && seq <= s->senders[i].seq)
		return -EALREADY;
	s->senders[i].spi = spi;
	s->senders[i].seq = seq;
	s->senders[i].heard_us = utc_us ? utc_us : 1;
	/*
	 * keepalived has one counter for the whole group, what it sent and what it heard: a router that was started
	 * again and counts from 1 is a replay to it. So we go on from what we hear, too.
	 */
	if (seq > s->sent && seq < SEQ_FOLLOW_MAX)
		s->sent = seq;
	return 0;
}

int vrrp_ah_verify(struct vrrp_ah_state *s, const uint8_t *packet, size_t ip_bytes, size_t len, const uint8_t key[8],
		   uint64_t utc_us, uint64_t forget_us)
{
	const uint8_t *ah = packet + ip_bytes;
	uint8_t as_keepalived[ICV_BYTES], as_rfc[ICV_BYTES];

	if (ip_bytes < 20 || len < ip_bytes + VRRP_AH_BYTES || ah[AH_LEN] != AH_WORDS_MINUS_2)
		return -EBADMSG;
	if (memcmp(ah + AH_SPI, packet + 12, 4) != 0)
		return -EBADMSG;
	if (icv(packet, ip_bytes, len, key, true, as_keepalived) < 0 ||
	    icv(packet, ip_bytes, len, key, false, as_rfc) < 0)
		return -EIO;
	if (!memeql_sec(ah + AH_ICV, as_keepalived, ICV_BYTES) && !memeql_sec(ah + AH_ICV, as_rfc, ICV_BYTES))
		return -EKEYREJECTED;
	return accept_seq(s, get32(ah + AH_SPI), get32(ah + AH_SEQ), utc_us, forget_us);
}
