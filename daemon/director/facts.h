/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts - what the plan of attachments is made from: what each interface is used for, by addresses, services, real
 * servers and routes; what was asked for by hand; what was refused. The plan itself is plan.c's.
 */
#ifndef ELVS_DIRECTOR_FACTS_H
#define ELVS_DIRECTOR_FACTS_H

#include "attachments.h"
#include "elvs.h"
#include "hops.h"
#include "links.h"
#include "plan.h"

struct facts_from {
	struct elvs *e;
	const struct links *links;
	const struct hops *hops;
	const struct attachments *att;
	enum elvs_hook most;	/* as for plan_make() */
};

/* -errno; ret as from plan_make() */
int facts_plan(struct plan *ret, const struct facts_from *from);

#endif
