/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hmac - auth_hmac of keepalived 2.4: 28 bytes behind the advert with key id, UTC time, counter and
 * HMAC-SHA256-128.
 *
 * Signs and verifies; which failure is tolerated (mode) is packet.c's business. Invariant: what has been accepted
 * once is never accepted again while its time is inside of the window.
 */
#ifndef ELVS_DAEMON_VRRP_HMAC_H
#define ELVS_DAEMON_VRRP_HMAC_H

#include <stddef.h>

#include "conf/conf.h"

#define VRRP_HMAC_BYTES 28
#define VRRP_HMAC_SENDERS 8

struct vrrp_hmac_state {
	uint64_t sent; /* the last stamp that was sent: seconds << 32 | subsec << 16 | counter */
	struct {
		struct conf_addr src;
		uint64_t stamp; /* the newest accepted */
		uint64_t age;
	} senders[VRRP_HMAC_SENDERS];
	uint64_t age;
};

enum vrrp_hmac_result {
	VRRP_HMAC_GOOD,
	VRRP_HMAC_FORMAT,
	VRRP_HMAC_KEY,
	VRRP_HMAC_WRONG,
	VRRP_HMAC_TIME,
	VRRP_HMAC_REPLAY
};

/* pdu: len bytes, VRRP header on; the trailer is written behind. utc_us: now. 0; -ENOKEY: no active key; -EIO. */
int vrrp_hmac_sign(struct vrrp_hmac_state *s, const struct conf_vrrp *conf, const struct conf_addr *src, uint8_t *pdu,
		   size_t len, uint64_t utc_us);
/* pdu: len bytes and the trailer behind them. The state changes with VRRP_HMAC_GOOD only. */
enum vrrp_hmac_result vrrp_hmac_verify(struct vrrp_hmac_state *s, const struct conf_vrrp *conf,
				       const struct conf_addr *src, const uint8_t *pdu, size_t len, uint64_t utc_us);

#endif
