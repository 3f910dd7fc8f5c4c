/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirects - two tracepoints' counts (redirects.h, bpf/redirect.bpf.c).
 */
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi/redirect.h"
#include "journal.h"
#include "redirect.skel.h"
#include "redirects.h"

struct redirects {
	struct redirect_bpf *skel;
};

static int silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return 0;
}

int redirects_open(struct redirects **ret)
{
	struct redirects *r = calloc(1, sizeof(*r));
	uint64_t cookie;
	int e;

	if (!r)
		return -ENOMEM;
	libbpf_set_print(silent);
	e = netns_cookie(&cookie);
	r->skel = e < 0 ? NULL : redirect_bpf__open();
	if (e == 0 && !r->skel)
		e = -errno;
	if (e == 0) {
		r->skel->rodata->netns_cookie = cookie;
		e = redirect_bpf__load(r->skel);
	}
	if (e == 0)
		e = redirect_bpf__attach(r->skel);
	if (e < 0) {
		redirects_close(r);
		return e;
	}
	*ret = r;
	return 0;
}

static json_t *name_of(uint32_t ifindex)
{
	char name[IF_NAMESIZE];

	if (!ifindex)
		return json_string("?");
	if (!if_indextoname(ifindex, name))
		snprintf(name, sizeof(name), "if%u", ifindex);
	return json_string(name);
}

json_t *redirects_read(const struct redirects *r)
{
	int map = bpf_map__fd(r->skel->maps.failed);
	struct redirect_key key, *at = NULL;
	json_t *list = json_array(), *o;
	uint64_t count;
	int n;

	for (n = 0; n < REDIRECT_KEYS && bpf_map_get_next_key(map, at, &key) == 0; n++, at = &key) {
		if (bpf_map_lookup_elem(map, &key, &count) < 0)
			continue;
		o = json_object();
		json_object_set_new(o, "from", name_of(key.from));
		json_object_set_new(o, "to", name_of(key.to));
		json_object_set_new(o, "error", json_string(key.error ? strerror(-key.error) : "queue full"));
		json_object_set_new(o, "count", json_integer((json_int_t)count));
		json_array_append_new(list, o);
	}
	return list;
}

void redirects_close(struct redirects *r)
{
	if (!r)
		return;
	redirect_bpf__destroy(r->skel);
	free(r);
}
