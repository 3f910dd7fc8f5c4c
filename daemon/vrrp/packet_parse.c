/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_parse - adverts taken apart: bytes from anybody, believed only after every check (RFC 9568 7.1).
 *
 * Each step looks at one thing and either goes on or names the reason. Nothing is read behind what an earlier step
 * has found to be there: `locate' sets the bounds, all others stay inside of them. Replay state is touched last of
 * all.
 */
#include <errno.h>

#include <nettle/memops.h>

#include "packet_internal.h"

/* The packet on its way through the checks */
struct parcel {
	struct vrrp_codec *codec;
	const struct conf_vrrp *conf;
	const struct vrrp_received *r;
	const uint8_t *pdu; /* VRRP header */
	size_t len;	    /* of the VRRP message, without trailer */
	size_t ip_bytes;    /* IPv4 header with options; 0: IPv6 */
	size_t total;	    /* IPv4: as the IP header says */
	bool has_ah, has_hmac, hmac_good;
	struct conf_addr src, dst;
	int ttl;		      /* -1: not known */
	const struct conf_peer *peer; /* the sender, NULL: not a configured one */
	uint32_t remarks;
};

/* IPv4: header and authentication header. Afterwards pdu and len are what lies behind them. */
static enum vrrp_refusal open_ipv4(struct parcel *p)
{
	const uint8_t *ip = p->r->data;

	if (p->r->len < 20)
		return VRRP_REFUSED_SHORT;
	p->ip_bytes = (size_t)(ip[0] & 15) * 4;
	p->total = get16(ip + 2);
	if (ip[0] >> 4 != 4 || p->ip_bytes < 20 || (ip[9] != VRRP_IPPROTO && ip[9] != VRRP_IPPROTO_AH))
		return VRRP_REFUSED_IP;
	if (p->total > p->r->len || p->total < p->ip_bytes)
		return VRRP_REFUSED_SHORT; /* padding behind the packet is none of our business */
	p->src.family = p->dst.family = AF_INET;
	memcpy(p->src.bytes, ip + 12, 4);
	memcpy(p->dst.bytes, ip + 16, 4);
	p->ttl = ip[8];
	p->has_ah = ip[9] == VRRP_IPPROTO_AH;
	p->pdu = ip + p->ip_bytes;
	p->len = p->total - p->ip_bytes;
	if (p->has_ah) {
		if (p->len < VRRP_AH_BYTES)
			return VRRP_REFUSED_SHORT;
		if (p->pdu[0] != VRRP_IPPROTO)
			return VRRP_REFUSED_AH_FORMAT;
		p->pdu += VRRP_AH_BYTES;
		p->len -= VRRP_AH_BYTES;
	}
	return p->len < VRRP_HEADER_BYTES ? VRRP_REFUSED_SHORT : VRRP_ACCEPTED;
}

static enum vrrp_refusal open_packet(struct parcel *p)
{
	if (p->r->family != p->conf->family)
		return VRRP_REFUSED_IP;
	if (p->r->family == AF_INET)
		return open_ipv4(p);
	p->pdu = p->r->data;
	p->len = p->r->len;
	p->src = p->r->src;
	p->dst = p->r->dst;
	p->src.port = p->dst.port = 0;
	p->ttl = p->r->hop_limit;
	return p->len < VRRP_HEADER_BYTES ? VRRP_REFUSED_SHORT : VRRP_ACCEPTED;
}

static enum vrrp_refusal check_ah_presence(struct parcel *p)
{
	bool want = p->conf->auth == CONF_AUTH_AH;

	if (p->has_ah == want)
		return VRRP_ACCEPTED;
	return want ? VRRP_REFUSED_AH_MISSING : VRRP_REFUSED_AH_UNWANTED;
}

/* Exactly as long as its address count says; 28 bytes more are a trailer. */
static enum vrrp_refusal check_length(struct parcel *p)
{
	size_t want = VRRP_HEADER_BYTES + p->pdu[3] * addr_bytes(p->conf->family);

	if (p->pdu[0] >> 4 == 2)
		want += VRRP_AUTH_BYTES;
	if (p->len != want && p->len != want + VRRP_HMAC_BYTES)
		return VRRP_REFUSED_LENGTH;
	p->has_hmac = p->len != want;
	p->len = want;
	return VRRP_ACCEPTED;
}

static void find_peer(struct parcel *p)
{
	for (uint32_t i = 0; i < p->conf->n_peers; i++)
		if (addr_compare(&p->conf->peers[i].addr, &p->src) == 0)
			p->peer = &p->conf->peers[i];
}

static enum vrrp_refusal check_ttl(struct parcel *p)
{
	if (!p->conf->unicast)
		return p->ttl == 255 ? VRRP_ACCEPTED : VRRP_REFUSED_TTL;
	find_peer(p);
	if (p->peer && p->peer->min_ttl >= 0 && p->ttl < p->peer->min_ttl)
		return VRRP_REFUSED_PEER_TTL;
	if (p->peer && p->peer->max_ttl >= 0 && p->ttl > p->peer->max_ttl)
		return VRRP_REFUSED_PEER_TTL;
	return VRRP_ACCEPTED;
}

static enum vrrp_refusal check_version(struct parcel *p)
{
	if (p->pdu[0] >> 4 != p->conf->version)
		return VRRP_REFUSED_VERSION;
	return p->pdu[1] == p->conf->vrid ? VRRP_ACCEPTED : VRRP_REFUSED_VRID;
}

static enum vrrp_refusal hmac_refusal(enum vrrp_hmac_result r)
{
	switch (r) {
	case VRRP_HMAC_GOOD:
		return VRRP_ACCEPTED;
	case VRRP_HMAC_FORMAT:
		return VRRP_REFUSED_HMAC_FORMAT;
	case VRRP_HMAC_KEY:
		return VRRP_REFUSED_HMAC_KEY;
	case VRRP_HMAC_TIME:
		return VRRP_REFUSED_HMAC_TIME;
	case VRRP_HMAC_REPLAY:
		return VRRP_REFUSED_HMAC_REPLAY;
	case VRRP_HMAC_WRONG:
		break;
	}
	return VRRP_REFUSED_HMAC;
}

/*
 * Modes are for the time in which some nodes sign and others do not: `permissive' and `receive_only' take unsigned
 * adverts, never wrongly signed ones. `receive_only' (which does not sign itself) tolerates what it cannot verify, so
 * that it can be switched on first, everywhere.
 */
static enum vrrp_refusal check_hmac(struct parcel *p)
{
	enum vrrp_refusal why = VRRP_REFUSED_HMAC_MISSING;
	bool tolerated;

	if (!p->conf->n_hmac_keys)
		return p->has_hmac ? VRRP_REFUSED_HMAC_UNWANTED : VRRP_ACCEPTED;
	if (p->has_hmac)
		why = hmac_refusal(vrrp_hmac_verify(&p->codec->hmac, p->conf, &p->src, p->pdu, p->len, p->r->utc_us));
	if (why == VRRP_ACCEPTED) {
		p->hmac_good = true;
		return why;
	}
	tolerated = p->conf->hmac_mode == CONF_HMAC_RECEIVE_ONLY ||
		    (p->conf->hmac_mode == CONF_HMAC_PERMISSIVE && !p->has_hmac);
	if (!tolerated)
		return why;
	p->codec->count[why]++;
	p->remarks |= VRRP_REMARK_UNSIGNED;
	return VRRP_ACCEPTED;
}

static enum vrrp_refusal check_ah(struct parcel *p)
{
	const struct conf_vrrp *conf = p->conf;

	switch (vrrp_ah_verify(&p->codec->ah, p->r->data, p->ip_bytes, p->total, conf->auth_pass, p->r->utc_us,
			       3 * conf->advert_us + 1000000)) {
	case 0:
		return VRRP_ACCEPTED;
	case -EALREADY:
		return VRRP_REFUSED_AH_REPLAY;
	case -EBADMSG:
		return VRRP_REFUSED_AH_FORMAT;
	default:
		return VRRP_REFUSED_AH_ICV;
	}
}

static enum vrrp_refusal check_auth(struct parcel *p)
{
	const struct conf_vrrp *conf = p->conf;

	if (conf->version != 2)
		return VRRP_ACCEPTED;
	if (p->pdu[4] != conf->auth)
		return VRRP_REFUSED_AUTH_TYPE;
	if (conf->auth == CONF_AUTH_AH)
		return check_ah(p);
	if (conf->auth == CONF_AUTH_PASS &&
	    !memeql_sec(p->pdu + p->len - VRRP_AUTH_BYTES, conf->auth_pass, VRRP_AUTH_BYTES))
		return VRRP_REFUSED_AUTH_PASS;
	return VRRP_ACCEPTED;
}

static uint64_t interval_us(const struct parcel *p)
{
	uint64_t us;

	if (p->conf->version == 2)
		return p->pdu[5] * 1000000ull;
	us = (get16(p->pdu + 4) & 0xfff) * 10000ull;
	return us ? us : p->conf->advert_us; /* 0 is not allowed: as if it were ours, and a remark */
}

static enum vrrp_refusal check_interval(struct parcel *p)
{
	if (p->conf->version == 2)
		return interval_us(p) == p->conf->advert_us / 1000000 * 1000000 ? VRRP_ACCEPTED
										: VRRP_REFUSED_INTERVAL;
	if ((get16(p->pdu + 4) & 0xfff) != p->conf->advert_us / 10000)
		p->remarks |= VRRP_REMARK_INTERVAL;
	return VRRP_ACCEPTED;
}

static enum vrrp_refusal check_type(struct parcel *p)
{
	return (p->pdu[0] & 15) == VRRP_TYPE_ADVERT ? VRRP_ACCEPTED : VRRP_REFUSED_TYPE;
}

static enum vrrp_refusal check_sum_ipv4_v3(struct parcel *p)
{
	const struct conf_vrrp *conf = p->conf;

	if (vrrp_message_sum(p->pdu, p->len, true, &p->src, &p->dst) == 0)
		return VRRP_ACCEPTED;
	if (conf->v3_checksum_as_v2) {
		if (vrrp_message_sum(p->pdu, p->len, false, &p->src, &p->dst) != 0)
			p->remarks |= VRRP_REMARK_CHECKSUM;
		return VRRP_ACCEPTED;
	}
	if (conf->unicast && !conf->old_unicast_checksum_never && conf->mcast_dst.family == AF_INET &&
	    vrrp_message_sum(p->pdu, p->len, true, &p->src, &conf->mcast_dst) == 0) {
		p->remarks |= VRRP_REMARK_OLD_SUM;
		return VRRP_ACCEPTED;
	}
	return VRRP_REFUSED_CHECKSUM;
}

static enum vrrp_refusal check_sum(struct parcel *p)
{
	size_t all = p->len + (p->has_hmac ? VRRP_HMAC_BYTES : 0);

	if (p->hmac_good)
		return VRRP_ACCEPTED; /* a stronger one holds; what the weak one covers is no matter then */
	if (p->conf->family == AF_INET6)
		return vrrp_message_sum(p->pdu, all, true, &p->src, &p->dst) == 0 ? VRRP_ACCEPTED
										  : VRRP_REFUSED_CHECKSUM;
	if (p->conf->version == 3)
		return check_sum_ipv4_v3(p);
	return vrrp_message_sum(p->pdu, p->len, false, &p->src, &p->dst) == 0 ? VRRP_ACCEPTED : VRRP_REFUSED_CHECKSUM;
}

static enum vrrp_refusal check_cast(struct parcel *p)
{
	return addr_is_multicast(&p->dst) == !p->conf->unicast ? VRRP_ACCEPTED : VRRP_REFUSED_CAST;
}

static enum vrrp_refusal check_owner(struct parcel *p)
{
	bool owner = p->conf->priority == VRRP_PRIO_OWNER;

	return owner && p->conf->owner_ignore_adverts ? VRRP_REFUSED_OWNER : VRRP_ACCEPTED;
}

/* One check of a peer's TTL makes no sense for senders that are not peers: it implies check_unicast_src. */
static enum vrrp_refusal check_source(struct parcel *p)
{
	bool want = p->conf->check_unicast_src;

	for (uint32_t i = 0; i < p->conf->n_peers; i++)
		want |= p->conf->peers[i].min_ttl >= 0 || p->conf->peers[i].max_ttl >= 0;
	return want && p->conf->unicast && !p->peer ? VRRP_REFUSED_SOURCE : VRRP_ACCEPTED;
}

static bool advertises(const struct parcel *p, const uint8_t *addr)
{
	size_t each = addr_bytes(p->conf->family);
	const uint8_t *list = p->pdu + VRRP_HEADER_BYTES;

	for (unsigned i = 0; i < p->pdu[3]; i++)
		if (memcmp(list + i * each, addr, each) == 0)
			return true;
	return false;
}

/* Differences are remarked, the advert counts: two nodes that are being reconfigured must not both become master. */
static void compare_addresses(struct parcel *p)
{
	const struct conf_vrrp *conf = p->conf;
	size_t each = addr_bytes(conf->family);

	if (conf->skip_check_adv_addr && addr_compare(&p->codec->last_source, &p->src) == 0)
		return;
	if (p->pdu[3] != conf->n_vips)
		p->remarks |= VRRP_REMARK_COUNT;
	for (uint32_t i = 0; i < conf->n_vips; i++) {
		const uint8_t *mine = conf->vips[i].addr.bytes;

		if (i < p->pdu[3] && memcmp(p->pdu + VRRP_HEADER_BYTES + i * each, mine, each) == 0)
			continue; /* in the same order, as they mostly are */
		if (!advertises(p, mine)) {
			p->remarks |= VRRP_REMARK_ADDRS;
			return;
		}
	}
}

static enum vrrp_refusal check(struct parcel *p)
{
	static enum vrrp_refusal (*const steps[])(struct parcel * p) = {
		open_packet,	check_ah_presence, check_length, check_ttl,  check_version, check_hmac,	  check_auth,
		check_interval, check_type,	   check_sum,	 check_cast, check_owner,   check_source,
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		enum vrrp_refusal why = steps[i](p);

		if (why != VRRP_ACCEPTED)
			return why;
	}
	return VRRP_ACCEPTED;
}

static void count_remarks(struct vrrp_codec *c, uint32_t remarks)
{
	for (unsigned i = 0; i < sizeof(c->remarks) / sizeof(c->remarks[0]); i++)
		c->remarks[i] += remarks >> i & 1;
	if (remarks & VRRP_REMARK_OLD_SUM)
		c->old_checksum = true;
}

static bool is_about_auth(enum vrrp_refusal why)
{
	return (why >= VRRP_REFUSED_HMAC_MISSING && why <= VRRP_REFUSED_AH_REPLAY) || why == VRRP_REFUSED_AH_MISSING ||
	       why == VRRP_REFUSED_AH_UNWANTED;
}

enum vrrp_refusal vrrp_packet_parse(struct vrrp_codec *c, const struct conf_vrrp *conf, const struct vrrp_received *r,
				    struct vrrp_advert *ret)
{
	struct parcel p = { .codec = c, .conf = conf, .r = r, .ttl = -1 };
	enum vrrp_refusal why = check(&p);

	c->count[why]++;
	if (is_about_auth(why)) {
		c->auth_source = p.src;
		c->auth_why = why;
	}
	if (why != VRRP_ACCEPTED)
		return why;
	compare_addresses(&p);
	count_remarks(c, p.remarks);
	c->last_source = p.src;
	*ret = (struct vrrp_advert){
		.src = p.src,
		.priority = p.pdu[2],
		.n_addrs = p.pdu[3],
		.ttl = p.ttl < 0 ? 0 : (uint8_t)p.ttl,
		.interval_us = conf->version == 2 ? conf->advert_us : interval_us(&p),
		.remarks = p.remarks,
	};
	return why;
}

int vrrp_packet_vrid(const struct vrrp_received *r)
{
	size_t at = 0;

	if (r->family == AF_INET) {
		if (r->len < 20)
			return -1;
		at = (size_t)(r->data[0] & 15) * 4;
		if (r->data[9] == VRRP_IPPROTO_AH)
			at += VRRP_AH_BYTES;
	}
	return r->len >= at + VRRP_HEADER_BYTES ? r->data[at + 1] : -1;
}
