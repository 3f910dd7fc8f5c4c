/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reply_match - see reply_match.h. */
#include "reply_match.h"

#include <errno.h>
#include <stdio.h>

#include "conf.h"

int reply_match(const struct conf_check *c, const uint8_t *reply, size_t len, char *why, size_t why_size)
{
	const uint32_t least = c->udp.min_reply > c->udp.n_reply ? c->udp.min_reply : c->udp.n_reply;

	if (len < least) {
		snprintf(why, why_size, "reply of %zu bytes, want at least %u", len, least);
		return -EINVAL;
	}
	if (!c->udp.reply) /* any will do, as keepalived has it */
		return 0;
	if (len > c->udp.max_reply) {
		snprintf(why, why_size, "reply of %zu bytes, want at most %u", len, c->udp.max_reply);
		return -EINVAL;
	}
	for (uint32_t i = 0; i < c->udp.n_reply; i++) {
		uint8_t mask = c->udp.reply_mask ? c->udp.reply_mask[i] : 255;

		if ((reply[i] ^ c->udp.reply[i]) & mask) {
			snprintf(why, why_size, "reply has %02x at byte %u, want %02x", reply[i] & mask, i,
				 c->udp.reply[i] & mask);
			return -EINVAL;
		}
	}
	return 0;
}
