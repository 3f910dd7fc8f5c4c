/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outbox - see outbox.h. */
#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct letter {
	struct letter *next;
	char bytes[] __attribute__((aligned(8)));
};

static int enqueue(struct checker *r, const struct message *m)
{
	size_t size = message_size(m->type);
	struct letter *l = r->n_letters < OUTBOX_MAX ? malloc(sizeof(*l) + size) : NULL;

	if (!l)
		return -ENOBUFS;
	memcpy(l->bytes, m, size);
	l->next = NULL;
	*(r->letters ? &r->last_letter->next : &r->letters) = l;
	r->last_letter = l;
	r->n_letters++;
	event_add(r->keeper_out, NULL);
	return 0;
}

int outbox_send(struct checker *r, struct message *m)
{
	int err = r->letters ? -EAGAIN : message_send(r->start->fd, m, -1);

	return err == -EAGAIN ? enqueue(r, m) : err;
}

/* -EAGAIN: come again */
static int flush_letters(struct checker *r)
{
	while (r->letters) {
		struct letter *l = r->letters;

		if (message_send(r->start->fd, (struct message *)l->bytes, -1) == -EAGAIN)
			return -EAGAIN;
		r->letters = l->next;
		r->n_letters--;
		free(l);
	}
	return 0;
}

static int flush_results(struct checker *r)
{
	while (r->untold) {
		struct check *k = r->untold;
		struct message m = { .type = MSG_CHECK_RESULT };

		check_result_of(k, &m.check_result);
		if (message_send(r->start->fd, &m, -1) == -EAGAIN)
			return -EAGAIN;
		r->untold = k->next_untold;
		check_told(k);
	}
	return 0;
}

void outbox_flush(struct checker *r)
{
	if (flush_letters(r) == -EAGAIN || flush_results(r) == -EAGAIN)
		event_add(r->keeper_out, NULL);
}

void outbox_free(struct checker *r)
{
	while (r->letters) {
		struct letter *l = r->letters;

		r->letters = l->next;
		free(l);
	}
}
