/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet - BFD control packets as they are on the wire (RFC 5880 4.1), without authentication, which is refused.
 *
 * Builds and takes apart; which session a packet belongs to, its TTL and its source are session.h's business.
 */
#ifndef ELVS_DAEMON_BFD_PACKET_H
#define ELVS_DAEMON_BFD_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BFD_PORT 3784	       /* RFC 5881 */
#define BFD_PORT_MULTIHOP 4784 /* RFC 5883 */
#define BFD_PACKET_BYTES 24

enum bfd_state { BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT, BFD_UP, BFD_STATES }; /* numbers as on the wire */

enum bfd_diag {
	BFD_DIAG_NONE,
	BFD_DIAG_EXPIRED,
	BFD_DIAG_ECHO,
	BFD_DIAG_NEIGHBOUR,
	BFD_DIAG_RESET,
	BFD_DIAG_PATH,
	BFD_DIAG_CONCATENATED,
	BFD_DIAG_ADMIN,
	BFD_DIAG_REVERSE,
	BFD_DIAGS
};

struct bfd_packet {
	uint8_t diag; /* 0..31 */
	enum bfd_state state;
	bool poll, final, control_independent, demand;
	uint8_t multiplier;
	uint32_t my, your; /* discriminators */
	uint32_t min_tx_us, min_rx_us, min_echo_rx_us;
};

/* clang-format off */
/*	reason				text, for log and statistics */
#define BFD_REFUSALS_LIST(M) \
	M(BFD_ACCEPTED,			"accepted") \
	M(BFD_REFUSED_SHORT,		"shorter than a control packet, or than its length field says") \
	M(BFD_REFUSED_VERSION,		"version is not 1") \
	M(BFD_REFUSED_LENGTH,		"impossible length field") \
	M(BFD_REFUSED_AUTH,		"authenticated, which is not configured") \
	M(BFD_REFUSED_MULTIPLIER,	"detection multiplier 0") \
	M(BFD_REFUSED_MULTIPOINT,	"multipoint bit") \
	M(BFD_REFUSED_MY,		"sender's discriminator is 0") \
	M(BFD_REFUSED_YOUR,		"our discriminator is 0, although its state is not down") \
	M(BFD_REFUSED_SESSION,		"no session with this neighbour") \
	M(BFD_REFUSED_TTL,		"TTL or hop limit shows more hops than max_hops") \
	M(BFD_REFUSED_ADMIN_DOWN,	"the session is administratively down")
/* clang-format on */

enum bfd_refusal {
#define M(name, text) name,
	BFD_REFUSALS_LIST(M)
#undef M
		BFD_REFUSALS
};

/* buf: BFD_PACKET_BYTES of it. */
void bfd_packet_build(const struct bfd_packet *p, uint8_t *buf);
/* A UDP payload from anybody (RFC 5880 6.8.6 up to the look-up). ret is written for BFD_ACCEPTED only. */
enum bfd_refusal bfd_packet_parse(const uint8_t *data, size_t len, struct bfd_packet *ret);

const char *bfd_refusal_text(enum bfd_refusal r);
const char *bfd_state_name(enum bfd_state s); /* "Up" */
const char *bfd_diag_text(unsigned diag);

#endif
