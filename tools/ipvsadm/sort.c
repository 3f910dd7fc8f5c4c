/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sort - see sort.h.
 *
 * The original takes the difference of two addresses as a signed number, so that 192.0.2.1 comes before 10.0.0.1: an
 * order that scripts have seen for twenty years. It is no total order (differences wrap), hence the result depends on
 * the order before and on the algorithm, and we need the very same one: a merge sort that halves from the front.
 * Servers come from IPVS in a known order, newest first. Services come in that of a hash; there the result is made
 * definite by sorting plainly first.
 */
#include "sort.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef int (*compare)(const void *, const void *);

/* Sorts p[0..n), using tmp of the same size. Stable: of equals the first stays first. */
static void merge_sort(const void **p, size_t n, const void **tmp, compare cmp)
{
	size_t left = n / 2, right = n - left, i = 0, j = 0, k = 0;

	if (n < 2)
		return;
	merge_sort(p, left, tmp, cmp);
	merge_sort(p + left, right, tmp, cmp);
	while (i < left && j < right) {
		if (cmp(p[i], p[left + j]) <= 0)
			tmp[k++] = p[i++];
		else
			tmp[k++] = p[left + j++];
	}
	while (i < left)
		tmp[k++] = p[i++];
	memcpy(p, tmp, k * sizeof(*p)); /* what is left of the right half stands where it belongs */
}

/* Sorts n elements of size bytes by each of the comparisons in turn. */
static int sort_array(void *array, size_t n, size_t size, const compare *cmps, size_t ncmps)
{
	const void **p = calloc(2 * n + 1, sizeof(*p));
	char *sorted = malloc(n * size + 1);
	size_t i;

	if (!p || !sorted) {
		free(p);
		free(sorted);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++)
		p[i] = (char *)array + i * size;
	for (i = 0; i < ncmps; i++)
		merge_sort(p, n, p + n, cmps[i]);
	for (i = 0; i < n; i++)
		memcpy(sorted + i * size, p[i], size);
	if (n)
		memcpy(array, sorted, n * size);
	free(p);
	free(sorted);
	return 0;
}

static int by_address(const struct addr *x, const struct addr *y)
{
	int i, words = x->af == AF_INET6 || y->af == AF_INET6 ? 4 : 1;
	uint32_t diff;

	for (i = 0; i < words; i++) {
		diff = ntohl(x->a[i]) - ntohl(y->a[i]);
		if (diff)
			return (int32_t)diff;
	}
	return 0;
}

static int by_port(uint16_t x, uint16_t y)
{
	return (int)ntohs(x) - (int)ntohs(y);
}

static int by_mark_af_proto(const struct service *x, const struct service *y)
{
	if (x->fwmark != y->fwmark)
		return x->fwmark < y->fwmark ? -1 : 1;
	if (x->af != y->af)
		return x->af < y->af ? -1 : 1;
	return (int)x->proto - (int)y->proto;
}

static int services_plainly(const void *a, const void *b)
{
	const struct service *x = a, *y = b;
	int r = by_mark_af_proto(x, y);

	if (!r)
		r = memcmp(x->addr.a, y->addr.a, sizeof(x->addr.a));
	return r ? r : by_port(x->port, y->port);
}

static int services_as_ever(const void *a, const void *b)
{
	const struct service *x = a, *y = b;
	int r = by_mark_af_proto(x, y);

	if (!r)
		r = by_address(&x->addr, &y->addr);
	return r ? r : by_port(x->port, y->port);
}

static int dests_as_ever(const void *a, const void *b)
{
	const struct dest *x = a, *y = b;
	int r = by_address(&x->addr, &y->addr);

	return r ? r : by_port(x->port, y->port);
}

int sort_services(struct service_list *l)
{
	static const compare cmps[] = { services_plainly, services_as_ever };

	return sort_array(l->s, l->n, sizeof(*l->s), cmps, 2);
}

int sort_dests(struct dest_list *l)
{
	static const compare cmps[] = { dests_as_ever };

	return sort_array(l->d, l->n, sizeof(*l->d), cmps, 1);
}
