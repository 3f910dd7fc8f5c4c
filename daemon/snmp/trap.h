/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trap - notifications, as PDUs for the master agent. Pure, over a view in which everything counts as fresh. */
#ifndef ELVS_SNMP_TRAP_H
#define ELVS_SNMP_TRAP_H

#include "mib.h"

enum trap {
	TRAP_GROUP_STATE,    /* i[0]: sync group */
	TRAP_INSTANCE_STATE, /* i[0]: instance */
	TRAP_REAL_SERVER,    /* i[0]: virtual server, i[1]: record among its real ones, the sorry server counted */
	TRAP_QUORUM,	     /* i[0]: virtual server */
	TRAP_NEW_MASTER2,    /* i[0]: instance; RFC 2787 */
	TRAP_AUTH_FAILURE2,  /* i[0]: instance; RFC 2787 */
	TRAP_NEW_MASTER3,    /* i[0]: instance; RFC 6527 */
	TRAP_PROTO_ERROR3,   /* i[0]: instance; RFC 6527 */
	TRAPS
};

/* False: no memory, or none of its objects is there. */
bool trap_make(const struct view *view, enum trap t, const uint32_t *i, const struct agentx_header *as,
	       struct agentx_out *out);

#endif
