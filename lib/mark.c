/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mark - what the library has to say of firewall marks: which ones services have, and the program that takes them. */
#include "internal.h"
#include "tc.h"

#include <string.h>

int elvs_mark_attach(struct elvs *e, uint32_t ifindex)
{
	int prog = elvs_prog_fd(e, ELVS_PROG_TC_MARK), r;
	char why[256];

	if (prog < 0)
		return prog;
	r = tc_attach_out(ifindex, prog, why, sizeof(why));
	if (r)
		return fail(e, r, "the program for firewall marks cannot be attached: %s%s%s", strerror(-r),
			    why[0] ? ": " : "", why);
	return 0;
}

int elvs_mark_each(struct elvs *e, int (*f)(void *arg, uint16_t af, uint32_t mark), void *arg)
{
	int r = 0;

	if (!e->nfwmark)
		return 0;
	for (uint32_t i = e->svc_head; i && !r; i = e->srec[i].next)
		if (e->svcs[i].fwmark)
			r = f(arg, family_of(e->svcs[i].kind), e->svcs[i].fwmark);
	return r;
}

uint32_t elvs_mark_generation(const struct elvs *e)
{
	return e->mark_generation;
}
