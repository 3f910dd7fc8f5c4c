/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer - what a subagent says to a request of its master agent (RFC 2741 section 7.2). Pure, over a view. */
#ifndef ELVS_SNMP_ANSWER_H
#define ELVS_SNMP_ANSWER_H

#include "mib.h"

/*
 * body: h->len bytes. 1: out holds the response; 0: none is due; -EAGAIN: *ret_need must be known first, ask again
 * then. session: ours. Never anything else, whatever was received.
 */
int answer(const struct view *view, uint32_t session, const struct agentx_header *h, const uint8_t *body,
	   struct agentx_out *out, unsigned *ret_need);

#endif
