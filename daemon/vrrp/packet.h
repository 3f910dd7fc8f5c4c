/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet - VRRP advertisements as they are on the wire: version 2 (RFC 3768) and 3 (RFC 9568), IPv4 and IPv6.
 *
 * Builds and takes apart; it opens no socket, asks no clock and logs nothing. IPv4 packets begin with their IP
 * header (raw socket with IP_HDRINCL), IPv6 ones with the VRRP header: addresses and hop limit come and go as
 * ancillary data. Whatever arrives is foreign: every check of RFC 9568 7.1 has a reason of its own, in the order in
 * which it is made, and vrrp_packet_parse() counts it. Nothing of a refused packet reaches the state machine.
 */
#ifndef ELVS_DAEMON_VRRP_PACKET_H
#define ELVS_DAEMON_VRRP_PACKET_H

#include <stddef.h>

#include "conf/conf.h"
#include "ah.h"
#include "hmac.h"

#define VRRP_IPPROTO 112
#define VRRP_HEADER_BYTES 8
#define VRRP_AUTH_BYTES 8 /* after a version 2 address list, always */
#define VRRP_PRIO_OWNER 255
#define VRRP_PRIO_STOP 0
/* IP header, AH, VRRP header, 255 IPv6 addresses, HMAC trailer: larger than any advert that is built or accepted. */
#define VRRP_PACKET_MAX (20 + VRRP_AH_BYTES + VRRP_HEADER_BYTES + 255 * 16 + VRRP_AUTH_BYTES + VRRP_HMAC_BYTES)

/* clang-format off */
/*	reason				text, for log and statistics */
#define VRRP_REFUSALS_LIST(M) \
	M(VRRP_ACCEPTED,		"accepted") \
	M(VRRP_REFUSED_SHORT,		"shorter than its headers") \
	M(VRRP_REFUSED_IP,		"not an IPv4 header of this protocol") \
	M(VRRP_REFUSED_AH_MISSING,	"no authentication header, although auth_type AH is configured") \
	M(VRRP_REFUSED_AH_UNWANTED,	"authentication header, although auth_type AH is not configured") \
	M(VRRP_REFUSED_LENGTH,		"length does not match its number of addresses") \
	M(VRRP_REFUSED_TTL,		"TTL or hop limit is not 255, it came through a router") \
	M(VRRP_REFUSED_PEER_TTL,	"TTL or hop limit is outside of the peer's min_ttl and max_ttl") \
	M(VRRP_REFUSED_VERSION,		"other VRRP version") \
	M(VRRP_REFUSED_VRID,		"other virtual router id") \
	M(VRRP_REFUSED_HMAC_MISSING,	"no auth_hmac trailer") \
	M(VRRP_REFUSED_HMAC_UNWANTED,	"auth_hmac trailer, although auth_hmac is not configured") \
	M(VRRP_REFUSED_HMAC_FORMAT,	"auth_hmac trailer of unknown type") \
	M(VRRP_REFUSED_HMAC_KEY,	"auth_hmac key id that is not configured") \
	M(VRRP_REFUSED_HMAC,		"wrong auth_hmac") \
	M(VRRP_REFUSED_HMAC_TIME,	"auth_hmac time outside of time_window") \
	M(VRRP_REFUSED_HMAC_REPLAY,	"replayed, by its auth_hmac time or counter") \
	M(VRRP_REFUSED_AUTH_TYPE,	"other authentication type") \
	M(VRRP_REFUSED_AUTH_PASS,	"wrong password") \
	M(VRRP_REFUSED_AH_FORMAT,	"malformed authentication header") \
	M(VRRP_REFUSED_AH_ICV,		"wrong authentication header ICV") \
	M(VRRP_REFUSED_AH_REPLAY,	"replayed, by its authentication header sequence number") \
	M(VRRP_REFUSED_INTERVAL,	"other advertisement interval") \
	M(VRRP_REFUSED_TYPE,		"not an advertisement") \
	M(VRRP_REFUSED_CHECKSUM,	"wrong checksum") \
	M(VRRP_REFUSED_CAST,		"multicast instead of unicast, or the other way round") \
	M(VRRP_REFUSED_OWNER,		"ignored, we own the addresses") \
	M(VRRP_REFUSED_SOURCE,		"source is not a unicast_peer")
/* clang-format on */

enum vrrp_refusal {
#define M(name, text) name,
	VRRP_REFUSALS_LIST(M)
#undef M
		VRRP_REFUSALS
};

/* clang-format off */
/* What is odd about an advert that counts all the same. */
#define VRRP_REMARK_INTERVAL	1u	/* version 3: its interval is not ours */
#define VRRP_REMARK_COUNT	2u	/* it has another number of addresses */
#define VRRP_REMARK_ADDRS	4u	/* its addresses are not ours */
#define VRRP_REMARK_CHECKSUM	8u	/* v3_checksum_as_v2: the checksum is wrong */
#define VRRP_REMARK_OLD_SUM	16u	/* checksum of keepalived before 1.3.7; it is used for sending from now on */
#define VRRP_REMARK_UNSIGNED	32u	/* auth_hmac: accepted by mode permissive or receive_only, although it failed */
/* clang-format on */

/*
 * What an instance's codec remembers between packets. Zero it to begin with (vrrp_codec_init); it survives reloads in
 * which the instance's interface, id, keys stay the same.
 */
struct vrrp_codec {
	bool old_checksum; /* a peer was found to use it */
	struct vrrp_ah_state ah;
	struct vrrp_hmac_state hmac;
	struct conf_addr last_source;  /* of the last accepted advert, for skip_check_adv_addr */
	struct conf_addr auth_source;  /* of the last one whose authentication was refused, */
	enum vrrp_refusal auth_why;    /* and what about it: for SNMP */
	uint64_t count[VRRP_REFUSALS]; /* count[VRRP_ACCEPTED]: good ones */
	uint64_t remarks[6];	       /* by bit number */
};

void vrrp_codec_init(struct vrrp_codec *c);

struct vrrp_send {
	struct conf_addr src, dst; /* of conf->family, ports ignored */
	uint8_t priority;
	uint64_t utc_us; /* CLOCK_REALTIME, used with auth_hmac only */
};

/*
 * Writes an advert of conf to buf (VRRP_PACKET_MAX is always enough): IPv4 from the IP header on, with total length
 * and header checksum; IPv6 from the VRRP header on, checksum included. The first conf->n_vips addresses are
 * advertised. Returns the length; -EMSGSIZE: buf is too small; -EINVAL: more than 255 addresses or an impossible
 * combination; -EOVERFLOW: auth AH has used up its sequence numbers; -EIO: the crypto library failed.
 */
int vrrp_packet_build(struct vrrp_codec *c, const struct conf_vrrp *conf, const struct vrrp_send *s, uint8_t *buf,
		      size_t size);

struct vrrp_received {
	const uint8_t *data; /* IPv4: IP header on, IPv6: VRRP header on */
	size_t len;	     /* what was received, padding included */
	uint16_t family;
	struct conf_addr src, dst; /* IPv6: from recvmsg(); IPv4: not used */
	int hop_limit;		   /* IPv6: from ancillary data, -1: none came; IPv4: not used */
	uint64_t utc_us;	   /* CLOCK_REALTIME */
};

/* An accepted advert. */
struct vrrp_advert {
	struct conf_addr src;
	uint8_t priority;
	uint8_t n_addrs;
	uint8_t ttl;
	uint64_t interval_us; /* the sender's; version 2: ours, by definition */
	uint32_t remarks;     /* VRRP_REMARK_* */
};

/* The virtual router id that the packet names, to find its instance; -1: it has none. No other check is made. */
int vrrp_packet_vrid(const struct vrrp_received *r);

/*
 * Checks a packet against conf, counts the result in c. ret is written for VRRP_ACCEPTED only, c's anti-replay state
 * changes for authenticated packets only.
 */
enum vrrp_refusal vrrp_packet_parse(struct vrrp_codec *c, const struct conf_vrrp *conf, const struct vrrp_received *r,
				    struct vrrp_advert *ret);

const char *vrrp_refusal_text(enum vrrp_refusal r);
const char *vrrp_refusal_name(enum vrrp_refusal r); /* "REFUSED_TTL", for tables and JSON */

#endif
