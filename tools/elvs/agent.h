/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent - `elvs realserver agent': tells directors how much of its weight this real server can carry. */
#ifndef ELVS_TOOLS_AGENT_H
#define ELVS_TOOLS_AGENT_H

#include "verb.h"

/*
 * What share of the weight holds: 1 to 100. load: of one minute; cpus: at least 1; connections against their maximum
 * (0: no maximum). The scarcer of the two counts; a machine that answers is never told to take nothing.
 */
int agent_percent(double load, int cpus, unsigned long connections, unsigned long max_connections);

/* argv[0] is "agent". */
int agent_run(const struct verb *v, int argc, char **argv);

#endif
