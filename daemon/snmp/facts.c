/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts - see facts.h. */
#include "facts.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Records of real servers; *ret_size: bytes of the whole */
static uint32_t count(const struct conf *c, size_t *ret_size)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n_servers; i++)
		n += c->servers[i].n_rs + c->servers[i].has_sorry;
	*ret_size = sizeof(struct lvs_facts) + c->n_servers * sizeof(struct vs_facts) + n * sizeof(struct rs_facts);
	return n;
}

static void lay_out(struct facts *f, const struct conf *c)
{
	uint32_t at = 0;

	f->servers = (void *)((char *)f->map + sizeof(struct lvs_facts));
	f->real = (void *)(f->servers + c->n_servers);
	for (uint32_t i = 0; i < c->n_servers; i++) {
		f->servers[i].rs = at; /* not what is written there: it must lie inside */
		at += c->servers[i].n_rs + c->servers[i].has_sorry;
	}
}

int facts_map(struct facts *f, const struct conf *c, int fd, size_t size)
{
	const struct lvs_facts *head;
	size_t want;
	uint32_t n = count(c, &want);
	void *map;

	if (size != want)
		return -EINVAL;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	head = map;
	if (head->n_servers != c->n_servers || head->n_real != n) {
		munmap(map, size);
		return -EINVAL;
	}
	facts_free(f);
	f->map = map;
	f->size = size;
	lay_out(f, c);
	return 0;
}

int facts_ensure(struct facts *f, const struct conf *c)
{
	size_t size;
	uint32_t n = count(c, &size);
	struct lvs_facts *head;
	void *map;

	if (f->map)
		return 0;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -ENOMEM;
	head = map;
	head->n_servers = c->n_servers;
	head->n_real = n;
	f->map = map;
	f->size = size;
	lay_out(f, c);
	return 0;
}

void facts_free(struct facts *f)
{
	if (f->map)
		munmap(f->map, f->size);
	*f = (struct facts){ 0 };
}

void facts_show(const struct facts *f, struct mapped_facts *ret)
{
	*ret = (struct mapped_facts){ f->map, f->servers, f->real };
}
