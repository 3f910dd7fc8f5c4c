/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvs_facts - what virtual and real servers are doing, as the snmp role reads it (snmp_facts.h). */
#ifndef ELVS_KEEPER_LVS_FACTS_H
#define ELVS_KEEPER_LVS_FACTS_H

#include "keeper.h"

/* Reads the director's counters and writes all of it to fd. For a copy of the keeper: it may take its time. */
bool lvs_facts_write(const struct keeper *k, int fd);

#endif
