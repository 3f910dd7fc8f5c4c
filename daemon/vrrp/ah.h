/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ah - IP authentication header of version 2 adverts (RFC 2402, HMAC-MD5-96 of RFC 2403), IPv4 only.
 *
 * Kept for networks that still have it: MD5 with an 8 byte password is no protection worth the name. Invariant: a
 * sequence number is sent once, and what is not newer than the last accepted one of its sender is a replay.
 */
#ifndef ELVS_DAEMON_VRRP_AH_H
#define ELVS_DAEMON_VRRP_AH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_IPPROTO_AH 51
#define VRRP_AH_BYTES 24
#define VRRP_AH_SENDERS 8

struct vrrp_ah_state {
	uint32_t sent; /* last sequence number that was used */
	struct {
		uint32_t spi, seq;
		uint64_t heard_us; /* 0: not in use; the oldest is replaced */
	} senders[VRRP_AH_SENDERS];
};

/*
 * packet: an IPv4 header of 20 bytes, room for the AH, the rest; len bytes in all. Fills in the AH and the IP
 * header's identification (the kernel would replace a zero, which the ICV covers). Sequence numbers follow the
 * clock (seconds), so that a restarted sender is not taken for a replay. 0; -EOVERFLOW: no sequence numbers are
 * left; -EIO.
 */
int vrrp_ah_sign(struct vrrp_ah_state *s, uint8_t *packet, size_t len, const uint8_t key[8], uint8_t next,
		 uint64_t utc_us);
/*
 * packet: IPv4 header with options (ip_bytes), AH, rest; len bytes. A sender that was silent for forget_us may begin
 * again with any sequence number. 0; -EBADMSG: malformed; -EKEYREJECTED: wrong ICV; -EALREADY: replay; -EIO.
 */
int vrrp_ah_verify(struct vrrp_ah_state *s, const uint8_t *packet, size_t ip_bytes, size_t len, const uint8_t key[8],
		   uint64_t utc_us, uint64_t forget_us);

#endif
