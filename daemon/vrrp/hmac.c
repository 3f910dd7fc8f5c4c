/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hmac - the auth_hmac trailer, signed and verified.
 *
 * Trailer: type 1, key id, two zero bytes, seconds (32 bits, UTC), 1/65536 seconds (16), counter (16), 16 bytes of
 * HMAC-SHA256. The HMAC covers a pseudo header (4 or 6, version, VRID, 0, source address in 16 bytes), the VRRP
 * message with its checksum taken as zero (IPv6: the kernel fills it in), and the trailer's first 12 bytes with 16
 * zeroes. Seconds, fraction and counter together are the stamp: one number of 64 bits that only grows.
 */
#include <errno.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "bytes.h"
#include "hmac.h"

#define TYPE_SHA256 1
#define TAG_BYTES 16
#define PREFIX_BYTES (VRRP_HMAC_BYTES - TAG_BYTES)
#define PSEUDO_BYTES 20
#define CHECKSUM_AT 6
#define PDU_MAX (8 + 255 * 16 + 8)

static const struct conf_hmac_key *find_key(const struct conf_vrrp *conf, uint8_t id)
{
	for (uint32_t i = 0; i < conf->n_hmac_keys; i++)
		if (conf->hmac_keys[i].id == id)
			return &conf->hmac_keys[i];
	return NULL;
}

/* pdu: len bytes and the trailer's first part */
static int tag(const struct conf_hmac_key *key, const struct conf_vrrp *conf, const struct conf_addr *src,
	       const uint8_t *pdu, size_t len, uint8_t ret[TAG_BYTES])
{
	uint8_t in[PSEUDO_BYTES + PDU_MAX + VRRP_HMAC_BYTES];
	size_t n = PSEUDO_BYTES + len + PREFIX_BYTES;
	struct hmac_sha256_ctx hmac;

	if (len < 8 || len > PDU_MAX)
		return -EINVAL;
	memset(in, 0, PSEUDO_BYTES);
	in[0] = conf->family == AF_INET6 ? 6 : 4;
	in[1] = conf->version;
	in[2] = conf->vrid;
	memcpy(in + 4, src->bytes, addr_bytes(conf->family));
	memcpy(in + PSEUDO_BYTES, pdu, len + PREFIX_BYTES);
	memset(in + PSEUDO_BYTES + CHECKSUM_AT, 0, 2);
	memset(in + n, 0, TAG_BYTES);
	hmac_sha256_set_key(&hmac, key->len, key->bytes);
	hmac_sha256_update(&hmac, n + TAG_BYTES, in);
	hmac_sha256_digest(&hmac, TAG_BYTES, ret);
	return 0;
}

/* Serial numbers (RFC 1982), so that the year 2106 is survived. */
static bool is_after(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) > 0;
}

static uint64_t clock_stamp(uint64_t utc_us)
{
	return (utc_us / 1000000) << 32 | ((utc_us % 1000000 << 16) / 1000000) << 16;
}

/* Seconds by which stamp lies before (positive) or behind the clock. */
static int64_t age_s(uint64_t stamp, uint64_t utc_us)
{
	return (int32_t)((uint32_t)(utc_us / 1000000) - (uint32_t)(stamp >> 32));
}

static bool in_window(const struct conf_vrrp *conf, uint64_t stamp, uint64_t utc_us)
{
	int64_t age = age_s(stamp, utc_us), window = (int64_t)(conf->hmac_window_us / 1000000);

	return age <= window && age >= -window;
}

int vrrp_hmac_sign(struct vrrp_hmac_state *s, const struct conf_vrrp *conf, const struct conf_addr *src, uint8_t *pdu,
		   size_t len, uint64_t utc_us)
{
	const struct conf_hmac_key *key = find_key(conf, conf->hmac_active);
	uint64_t stamp = clock_stamp(utc_us);
	uint8_t *t = pdu + len;

	if (!key)
		return -ENOKEY;
	/*
	 * A clock that was set back must not make us repeat stamps; but one that was wrong by more than the window
	 * would leave us with stamps that nobody accepts, so there we follow it.
	 */
	if (!is_after(stamp, s->sent) && (conf->hmac_monotonic || in_window(conf, s->sent, utc_us)))
		stamp = s->sent + 1;
	s->sent = stamp;
	t[0] = TYPE_SHA256;
	t[1] = key->id;
	put16(t + 2, 0);
	put32(t + 4, (uint32_t)(stamp >> 32));
	put32(t + 8, (uint32_t)stamp);
	return tag(key, conf, src, pdu, len, t + PREFIX_BYTES);
}

static unsigned slot(const struct vrrp_hmac_state *s, const struct conf_addr *src)
{
	unsigned oldest = 0, i;

	for (i = 0; i < VRRP_HMAC_SENDERS; i++) {
		if (s->senders[i].age && addr_compare(&s->senders[i].src, src) == 0)
			return i;
		if (s->senders[i].age < s->senders[oldest].age)
			oldest = i;
	}
	return oldest;
}

/* Only what is authentic gets here: forged senders cannot push known ones out of the table. */
static bool is_replay(struct vrrp_hmac_state *s, const struct conf_vrrp *conf, const struct conf_addr *src,
		      uint64_t stamp, uint64_t utc_us)
{
	unsigned i = slot(s, src);
	bool known = s->senders[i].age && addr_compare(&s->senders[i].src, src) == 0;

	/* What is outside of the window is refused anyhow: then a sender whose clock was corrected may begin anew. */
	if (known && !conf->hmac_monotonic && !in_window(conf, s->senders[i].stamp, utc_us))
		known = false;
	if (known && !is_after(stamp, s->senders[i].stamp))
		return true;
	s->senders[i].src = *src;
	s->senders[i].stamp = stamp;
	s->senders[i].age = ++s->age;
	return false;
}

enum vrrp_hmac_result vrrp_hmac_verify(struct vrrp_hmac_state *s, const struct conf_vrrp *conf,
				       const struct conf_addr *src, const uint8_t *pdu, size_t len, uint64_t utc_us)
{
	const uint8_t *t = pdu + len;
	uint64_t stamp = (uint64_t)get32(t + 4) << 32 | get32(t + 8);
	const struct conf_hmac_key *key;
	uint8_t want[TAG_BYTES];

	if (t[0] != TYPE_SHA256 || get16(t + 2) != 0)
		return VRRP_HMAC_FORMAT;
	key = find_key(conf, t[1]);
	if (!key)
		return VRRP_HMAC_KEY;
	/* Before the HMAC, so that a flood of old packets costs little; nothing is believed yet. */
	if (!conf->hmac_monotonic && !in_window(conf, stamp, utc_us))
		return VRRP_HMAC_TIME;
	if (tag(key, conf, src, pdu, len, want) < 0 || !memeql_sec(t + PREFIX_BYTES, want, TAG_BYTES))
		return VRRP_HMAC_WRONG;
	return is_replay(s, conf, src, stamp, utc_us) ? VRRP_HMAC_REPLAY : VRRP_HMAC_GOOD;
}
