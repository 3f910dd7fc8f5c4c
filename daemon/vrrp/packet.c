/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet - adverts built, and the names of what can be wrong with one. Taking them apart: packet_parse.c.
 *
 * The checksum covers the VRRP message (RFC 3768 5.3.8), in version 3 with a pseudo header (RFC 9568 5.2.8), never an
 * auth_hmac trailer on IPv4. On IPv6 it covers all of it, as the kernel's IPV6_CHECKSUM does, which overwrites it.
 */
#include <errno.h>

#include "packet_internal.h"

static const char *const texts[] = {
#define M(name, text) [name] = text,
	VRRP_REFUSALS_LIST(M)
#undef M
};
static const char *const names[] = {
#define M(name, text) [name] = #name,
	VRRP_REFUSALS_LIST(M)
#undef M
};

const char *vrrp_refusal_text(enum vrrp_refusal r)
{
	return (unsigned)r < VRRP_REFUSALS ? texts[r] : "unknown";
}

const char *vrrp_refusal_name(enum vrrp_refusal r)
{
	return (unsigned)r < VRRP_REFUSALS ? names[r] + 5 : "unknown"; /* without "VRRP_" */
}

void vrrp_codec_init(struct vrrp_codec *c)
{
	memset(c, 0, sizeof(*c));
}

uint16_t vrrp_message_sum(const uint8_t *pdu, size_t len, bool pseudo, const struct conf_addr *src,
			  const struct conf_addr *dst)
{
	size_t n = addr_bytes(src->family);
	uint64_t sum = 0;

	if (pseudo) {
		sum = sum_add(sum, src->bytes, n);
		sum = sum_add(sum, dst->bytes, n);
		sum += (uint64_t)len + VRRP_IPPROTO;
	}
	return sum_fold(sum_add(sum, pdu, len));
}

/* The destination that peers reckon with: keepalived before 1.3.7 used the multicast group for unicast, too. */
static const struct conf_addr *sum_destination(const struct vrrp_codec *c, const struct conf_vrrp *conf,
					       const struct conf_addr *dst)
{
	bool old = conf->old_unicast_checksum || (c->old_checksum && !conf->old_unicast_checksum_never);

	return old && conf->unicast && conf->mcast_dst.family == dst->family ? &conf->mcast_dst : dst;
}

static void put_checksum(const struct vrrp_codec *c, const struct conf_vrrp *conf, const struct vrrp_send *s,
			 uint8_t *pdu, size_t len)
{
	bool pseudo = conf->version == 3 && (conf->family == AF_INET6 || !conf->v3_checksum_as_v2);

	put16(pdu + 6, 0);
	put16(pdu + 6, vrrp_message_sum(pdu, len, pseudo, &s->src, sum_destination(c, conf, &s->dst)));
}

/* The VRRP message without checksum and trailer; returns its length. */
static size_t put_message(const struct conf_vrrp *conf, uint8_t priority, uint8_t *pdu)
{
	size_t each = addr_bytes(conf->family), n = VRRP_HEADER_BYTES;

	pdu[0] = (uint8_t)(conf->version << 4 | VRRP_TYPE_ADVERT);
	pdu[1] = conf->vrid;
	pdu[2] = priority;
	pdu[3] = (uint8_t)conf->n_vips;
	if (conf->version == 2) {
		pdu[4] = conf->auth;
		pdu[5] = (uint8_t)(conf->advert_us / 1000000);
	} else {
		put16(pdu + 4, (uint16_t)(conf->advert_us / 10000));
	}
	for (uint32_t i = 0; i < conf->n_vips; i++, n += each)
		memcpy(pdu + n, conf->vips[i].addr.bytes, each);
	if (conf->version == 2) {
		memset(pdu + n, 0, VRRP_AUTH_BYTES);
		if (conf->auth == CONF_AUTH_PASS)
			memcpy(pdu + n, conf->auth_pass, VRRP_AUTH_BYTES);
		n += VRRP_AUTH_BYTES;
	}
	return n;
}

static void put_ip(const struct conf_vrrp *conf, const struct vrrp_send *s, uint8_t *ip, size_t len)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	ip[1] = 0xc0; /* internetwork control */
	put16(ip + 2, (uint16_t)len);
	ip[8] = conf->unicast && conf->ttl > 0 ? (uint8_t)conf->ttl : 255;
	ip[9] = conf->auth == CONF_AUTH_AH ? VRRP_IPPROTO_AH : VRRP_IPPROTO;
	memcpy(ip + 12, s->src.bytes, 4);
	memcpy(ip + 16, s->dst.bytes, 4);
}

/* Bytes of IP and authentication header in front of the message; -EINVAL: what is asked for does not exist. */
static int prefix_bytes(const struct conf_vrrp *conf, const struct vrrp_send *s)
{
	bool ah = conf->auth == CONF_AUTH_AH;

	if (conf->n_vips > 255 || (conf->version != 2 && conf->version != 3))
		return -EINVAL;
	if (s->src.family != conf->family || s->dst.family != conf->family)
		return -EINVAL;
	if (conf->family == AF_INET6)
		return conf->version == 3 && !ah ? 0 : -EINVAL;
	if (conf->family != AF_INET || (ah && conf->version != 2))
		return -EINVAL;
	return ah ? 20 + VRRP_AH_BYTES : 20;
}

int vrrp_packet_build(struct vrrp_codec *c, const struct conf_vrrp *conf, const struct vrrp_send *s, uint8_t *buf,
		      size_t size)
{
	bool sign = conf->n_hmac_keys && conf->hmac_mode != CONF_HMAC_RECEIVE_ONLY;
	int prefix = prefix_bytes(conf, s), r;
	uint8_t *pdu;
	size_t len, tail = sign ? VRRP_HMAC_BYTES : 0;

	if (prefix < 0)
		return prefix;
	len = VRRP_HEADER_BYTES + conf->n_vips * addr_bytes(conf->family) +
	      (conf->version == 2 ? VRRP_AUTH_BYTES : 0);
	if ((size_t)prefix + len + tail > size)
		return -EMSGSIZE;
	pdu = buf + prefix;
	put_message(conf, s->priority, pdu);
	if (sign) {
		r = vrrp_hmac_sign(&c->hmac, conf, &s->src, pdu, len, s->utc_us);
		if (r < 0)
			return r;
	}
	put_checksum(c, conf, s, pdu, conf->family == AF_INET6 ? len + tail : len);
	len += (size_t)prefix + tail;
	if (conf->family == AF_INET) {
		put_ip(conf, s, buf, len);
		if (conf->auth == CONF_AUTH_AH) {
			r = vrrp_ah_sign(&c->ah, buf, len, conf->auth_pass, VRRP_IPPROTO, s->utc_us);
			if (r < 0)
				return r;
		}
		put16(buf + 10, sum_fold(sum_add(0, buf, 20)));
	}
	return (int)len;
}
