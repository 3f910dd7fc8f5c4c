/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet_internal - what building and taking apart share; nobody else includes it. */
#ifndef ELVS_DAEMON_VRRP_PACKET_INTERNAL_H
#define ELVS_DAEMON_VRRP_PACKET_INTERNAL_H

#include "bytes.h"
#include "packet.h"

#define VRRP_TYPE_ADVERT 1

/* The checksum of len bytes; 0 when it covers a correct one. pseudo: with a pseudo header of src, dst. */
uint16_t vrrp_message_sum(const uint8_t *pdu, size_t len, bool pseudo, const struct conf_addr *src,
			  const struct conf_addr *dst);

#endif
