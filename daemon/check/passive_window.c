/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passive_window - see passive_window.h. */
#include "passive_window.h"

#include <string.h>

void passive_reset(struct passive_window *w)
{
	w->n = 0;
}

static void drop_oldest(struct passive_window *w)
{
	w->n--;
	memmove(w->slots, w->slots + 1, w->n * sizeof(w->slots[0]));
}

uint64_t passive_count(struct passive_window *w, uint64_t window_us, uint64_t unanswered, uint64_t established,
		       uint64_t now_us)
{
	const struct passive_sample now = { now_us, unanswered };
	struct passive_sample *last = w->n ? &w->slots[w->n - 1] : NULL;

	if (last && (established != w->established || unanswered < last->unanswered))
		w->n = 0;
	w->established = established;
	/* The oldest sample stays until the next one is also as old as the window. */
	while (w->n > 1 && now_us - w->slots[1].at_us >= window_us)
		drop_oldest(w);
	if (!w->n)
		w->slots[w->n++] = now;
	else if (now_us - w->slots[w->n - 1].at_us >= window_us / (PASSIVE_SLOTS - 2)) {
		if (w->n == PASSIVE_SLOTS)
			drop_oldest(w);
		w->slots[w->n++] = now;
	}
	return unanswered - w->slots[0].unanswered;
}
