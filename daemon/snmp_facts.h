/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snmp_facts - what the keeper tells the snmp role of virtual servers: a file of records, in the order of the
 * configuration's lists.
 *
 * One struct lvs_facts, n_servers struct vs_facts, then n_real struct rs_facts: each virtual server's sorry server if
 * it has one, then its real servers. The sizes are those of one build; both ends are the same program.
 */
#ifndef ELVS_DAEMON_SNMP_FACTS_H
#define ELVS_DAEMON_SNMP_FACTS_H

#include "model.h"

struct lvs_facts {
	uint32_t generation, n_servers, n_real, pad;
};

struct vs_facts {
	struct counters counters; /* of all services of a group */
	uint32_t alive;		  /* real servers */
	uint32_t rs;		  /* index of its first record */
	uint8_t quorum, sorry, known, pad[5];
};

struct rs_facts {
	struct counters counters;
	int32_t weight;
	uint32_t active, inactive, persistent, failed_checks;
	uint8_t up, known, pad[2];
};

#endif
