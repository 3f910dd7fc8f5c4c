/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts - the keeper's file about virtual servers, mapped; events change the copy that we have of it. */
#ifndef ELVS_SNMP_FACTS_H
#define ELVS_SNMP_FACTS_H

#include "view.h"

struct facts {
	void *map;
	size_t size;
	struct vs_facts *servers;
	struct rs_facts *real;
};

/* What belongs to c in fd (borrowed); what was there before is gone. 0; -EINVAL: it is not about c; other -errno. */
int facts_map(struct facts *f, const struct conf *c, int fd, size_t size);
/* If there is none: one in which nothing is known. 0, -ENOMEM. */
int facts_ensure(struct facts *f, const struct conf *c);
void facts_free(struct facts *f); /* zeroes it */
void facts_show(const struct facts *f, struct mapped_facts *ret);

#endif
