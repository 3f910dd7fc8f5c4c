/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rise_fall - see rise_fall.h. */
#include "rise_fall.h"

void rise_fall_begin(struct rise_fall *r, bool init_fail)
{
	*r = (struct rise_fall){ .known = init_fail };
}

bool rise_fall_step(struct rise_fall *r, uint32_t rise, uint32_t fall, bool success)
{
	bool first = !r->decided, news = !r->known;

	r->decided = true;
	if (first && (news || success != r->up)) {
		r->known = true;
		r->against = 0;
		news |= r->up != success;
		r->up = success;
		return news;
	}
	if (success == r->up) {
		r->against = 0;
		return false;
	}
	if (++r->against < (success ? rise : fall))
		return false;
	r->against = 0;
	r->up = success;
	return true;
}
