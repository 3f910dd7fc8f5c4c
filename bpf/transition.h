/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transition - state changes of connections, one compare-and-swap each.
 */
#ifndef ELVS_BPF_TRANSITION_H
#define ELVS_BPF_TRANSITION_H

/* part of flow.h, which includes it */

/*
 * Takes a connection from `word` to `state`; only the CPU whose compare-and-swap succeeds keeps the books. A
 * connection that has meanwhile ended, or been changed by another CPU, is left as it is.
 */
__noinline int narrow_set_state(__u32 loc, __u32 word, __u32 state)
{
	struct elvs_slot *s = narrow_slot(loc);
	struct elvs_wkey w;
	struct elvs_svc *svc;
	__u32 next, seen;
	bool tcp;

	if (!s)
		return 0;
	svc = svc_get(READ_ONCE(s->key) >> 48);
	if (!svc)
		return 0;
	tcp = svc->proto == IPPROTO_TCP;
	for (int i = 0; i < 4; i++) {
		next = (word & ~(ELVS_W_STATE_MASK | ELVS_W_INACTIVE)) | (state & 15) << ELVS_W_STATE_SHIFT;
		if (!tcp || !tcp_active(state & 15))
			next |= ELVS_W_INACTIVE;
		seen = __sync_val_compare_and_swap(&s->word, word, next);
		if (seen == word)
			break;
		if ((seen ^ word) & ~ELVS_W_LOCK)
			return 0;
		word = seen;
		if (i == 3)
			return 0;
	}
	if ((word ^ next) & ELVS_W_INACTIVE)
		load_move(word_dest(word), next & ELVS_W_INACTIVE);
	if (word & ELVS_W_CONTROLLED && (tcp ? state == ELVS_TCP_ESTABLISHED : state != ELVS_UDP_STATE)) {
		narrow_wkey(READ_ONCE(s->key), &w);
		template_assure(&w);
	}
	return 0;
}

__noinline int wide_set_state(__u32 loc, __u32 word, __u32 state)
{
	struct elvs_wslot *s = wide_slot(loc);
	struct elvs_wkey w;
	__u32 next, seen;
	bool tcp;

	if (!s)
		return 0;
	w = s->key;
	tcp = w.proto == IPPROTO_TCP;
	for (int i = 0; i < 4; i++) {
		next = (word & ~(ELVS_W_STATE_MASK | ELVS_W_INACTIVE)) | (state & 15) << ELVS_W_STATE_SHIFT;
		if (!tcp || !tcp_active(state & 15))
			next |= ELVS_W_INACTIVE;
		seen = __sync_val_compare_and_swap(&s->word, word, next);
		if (seen == word)
			break;
		if ((seen ^ word) & ~ELVS_W_LOCK)
			return 0;
		word = seen;
		if (i == 3)
			return 0;
	}
	if ((word ^ next) & ELVS_W_INACTIVE)
		load_move(word_dest(word), next & ELVS_W_INACTIVE);
	if (word & ELVS_W_CONTROLLED && (tcp ? state == ELVS_TCP_ESTABLISHED : state != ELVS_UDP_STATE))
		template_assure(&w);
	return 0;
}

#endif
