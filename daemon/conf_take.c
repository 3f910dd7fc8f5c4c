/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf_take - see conf_take.h. */
#include "conf_take.h"

#include <errno.h>
#include <unistd.h>

static bool in_arena(const struct arena *a, uint64_t address, size_t size)
{
	uint64_t base = (uint64_t)(uintptr_t)a->base;

	return address >= base && address % _Alignof(struct conf) == 0 && size <= a->used &&
	       address - base <= a->used - size;
}

int conf_take(struct arena *ret, const struct conf **ret_conf, const struct arena_space *space,
	      const struct msg_conf *m, int take_fd)
{
	struct arena a;
	int r = arena_map(&a, space, m->slot, take_fd, m->used);

	if (r < 0) {
		close(take_fd);
		return r;
	}
	if (!in_arena(&a, m->conf, sizeof(**ret_conf))) {
		arena_close(&a);
		return -EINVAL;
	}
	*ret = a;
	*ret_conf = (const struct conf *)(uintptr_t)m->conf;
	return 0;
}

void conf_leave(struct arena *before, const struct arena *now)
{
	if (!before->base)
		return;
	if (before->base != now->base)
		arena_close(before);
	else
		close(before->fd); /* its pages are replaced already */
	*before = (struct arena){ .fd = -1 };
}
