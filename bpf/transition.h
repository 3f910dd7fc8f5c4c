/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transition - state changes of connections, one compare-and-swap each: only the CPU whose swap succeeds keeps the
 * books. A connection that has meanwhile ended, or been changed by another CPU, is left as it is.
 */
#ifndef ELVS_BPF_TRANSITION_H
#define ELVS_BPF_TRANSITION_H

/* part of flow.h, which includes it */

/* A handshake came to an end: completed, or refused by a server whose answers we see. */
static __always_inline void handshake_ended(__u32 id, __u32 state)
{
	struct elvs_dest *d = dest_get(id);

	if (!d)
		return;
	if (state == ELVS_TCP_ESTABLISHED)
		stats_of(d)->established++;
	else if (state == ELVS_TCP_CLOSE)
		stats_of(d)->unanswered++;
}

/* Takes *at from `word` to `state`. Whether the connection's template is to be assured. */
static __always_inline bool transition(__u32 *at, __u32 word, __u32 state, bool tcp)
{
	__u32 next = 0, seen;

	for (int i = 0; i < 4; i++) {
		next = (word & ~(ELVS_W_STATE_MASK | ELVS_W_INACTIVE)) | (state & 15) << ELVS_W_STATE_SHIFT;
		if (!tcp || !tcp_active(state & 15))
			next |= ELVS_W_INACTIVE;
		seen = __sync_val_compare_and_swap(at, word, next);
		if (seen == word)
			break;
		if ((seen ^ word) & ~ELVS_W_LOCK || i == 3)
			return false;
		word = seen;
	}
	if ((word ^ next) & ELVS_W_INACTIVE)
		load_move(word_dest(word), next & ELVS_W_INACTIVE);
	if (tcp && word_state(word) == ELVS_TCP_SYN_RECV)
		handshake_ended(word_dest(word), state);
	return word & ELVS_W_CONTROLLED && (tcp ? state == ELVS_TCP_ESTABLISHED : state != ELVS_UDP_STATE);
}

__noinline int narrow_set_state(__u32 loc, __u32 word, __u32 state)
{
	struct elvs_slot *s = narrow_slot(loc);
	struct elvs_svc *svc;
	struct elvs_wkey w;

	if (!s)
		return 0;
	svc = svc_get(READ_ONCE(s->key) >> 48);
	if (!svc || !transition(&s->word, word, state, svc->proto == IPPROTO_TCP))
		return 0;
	narrow_wkey(READ_ONCE(s->key), &w);
	return template_assure(&w);
}

__noinline int wide_set_state(__u32 loc, __u32 word, __u32 state)
{
	struct elvs_wslot *s = wide_slot(loc);
	struct elvs_wkey w;

	if (!s)
		return 0;
	w = s->key;
	if (!transition(&s->word, word, state, w.proto == IPPROTO_TCP))
		return 0;
	return template_assure(&w);
}

#endif
