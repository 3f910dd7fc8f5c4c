/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet - see packet.h. Offsets are those of RFC 5880 4.1; nothing is read behind len. */
#include <string.h>

#include "packet.h"

#define VERSION 1
#define AUTH_MIN 26 /* RFC 5880 4.1: length with the smallest authentication section */

enum { AT_DIAG, AT_FLAGS, AT_MULTIPLIER, AT_LENGTH, AT_MY, AT_YOUR = 8, AT_TX = 12, AT_RX = 16, AT_ECHO = 20 };
enum { MULTIPOINT = 1, DEMAND = 2, AUTH = 4, INDEPENDENT = 8, FINAL = 16, POLL = 32 };

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void bfd_packet_build(const struct bfd_packet *p, uint8_t *buf)
{
	buf[AT_DIAG] = (uint8_t)(VERSION << 5 | (p->diag & 31));
	buf[AT_FLAGS] = (uint8_t)(p->state << 6 | (p->poll ? POLL : 0) | (p->final ? FINAL : 0) |
				  (p->control_independent ? INDEPENDENT : 0) | (p->demand ? DEMAND : 0));
	buf[AT_MULTIPLIER] = p->multiplier;
	buf[AT_LENGTH] = BFD_PACKET_BYTES;
	put32(buf + AT_MY, p->my);
	put32(buf + AT_YOUR, p->your);
	put32(buf + AT_TX, p->min_tx_us);
	put32(buf + AT_RX, p->min_rx_us);
	put32(buf + AT_ECHO, p->min_echo_rx_us);
}

/* In the order of RFC 5880 6.8.6 */
static enum bfd_refusal check(const uint8_t *p, size_t len)
{
	bool auth;

	if (len < BFD_PACKET_BYTES)
		return BFD_REFUSED_SHORT;
	auth = p[AT_FLAGS] & AUTH;
	if (p[AT_DIAG] >> 5 != VERSION)
		return BFD_REFUSED_VERSION;
	if (p[AT_LENGTH] < (auth ? AUTH_MIN : BFD_PACKET_BYTES))
		return BFD_REFUSED_LENGTH;
	if (p[AT_LENGTH] > len)
		return BFD_REFUSED_SHORT;
	if (p[AT_MULTIPLIER] == 0)
		return BFD_REFUSED_MULTIPLIER;
	if (p[AT_FLAGS] & MULTIPOINT)
		return BFD_REFUSED_MULTIPOINT;
	if (get32(p + AT_MY) == 0)
		return BFD_REFUSED_MY;
	if (get32(p + AT_YOUR) == 0 && p[AT_FLAGS] >> 6 > BFD_DOWN)
		return BFD_REFUSED_YOUR;
	return auth ? BFD_REFUSED_AUTH : BFD_ACCEPTED;
}

enum bfd_refusal bfd_packet_parse(const uint8_t *data, size_t len, struct bfd_packet *ret)
{
	enum bfd_refusal why = check(data, len);
	uint8_t flags;

	if (why != BFD_ACCEPTED)
		return why;
	flags = data[AT_FLAGS];
	*ret = (struct bfd_packet){
		.diag = data[AT_DIAG] & 31,
		.state = (enum bfd_state)(flags >> 6),
		.poll = flags & POLL,
		.final = flags & FINAL,
		.control_independent = flags & INDEPENDENT,
		.demand = flags & DEMAND,
		.multiplier = data[AT_MULTIPLIER],
		.my = get32(data + AT_MY),
		.your = get32(data + AT_YOUR),
		.min_tx_us = get32(data + AT_TX),
		.min_rx_us = get32(data + AT_RX),
		.min_echo_rx_us = get32(data + AT_ECHO),
	};
	return why;
}

const char *bfd_refusal_text(enum bfd_refusal r)
{
	static const char *const texts[] = {
#define M(name, text) [name] = text,
		BFD_REFUSALS_LIST(M)
#undef M
	};

	return (unsigned)r < BFD_REFUSALS ? texts[r] : "unknown";
}

const char *bfd_state_name(enum bfd_state s)
{
	static const char *const names[] = { "AdminDown", "Down", "Init", "Up" };

	return (unsigned)s < BFD_STATES ? names[s] : "unknown";
}

const char *bfd_diag_text(unsigned diag)
{
	static const char *const texts[] = {
		"No Diagnostic",
		"Control Detection Time Expired",
		"Echo Function Failed",
		"Neighbor Signaled Session Down",
		"Forwarding Plane Reset",
		"Path Down",
		"Concatenated Path Down",
		"Administratively Down",
		"Reverse Concatenated Path Down",
	};

	return diag < BFD_DIAGS ? texts[diag] : "Reserved";
}
