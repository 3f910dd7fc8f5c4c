/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_flags - see sched_flags.h.
 */
#include "sched_flags.h"

#include <errno.h>
#include <linux/types.h>
#include <linux/ip_vs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct flag_name {
	const char *name, *sched; /* sched NULL: the bit's general name */
	uint32_t bit;
} flag_names[] = {
	{ "flag-1", NULL, IP_VS_SVC_F_SCHED1 },	 { "flag-2", NULL, IP_VS_SVC_F_SCHED2 },
	{ "flag-3", NULL, IP_VS_SVC_F_SCHED3 },	 { "sh-fallback", "sh", IP_VS_SVC_F_SCHED1 },
	{ "sh-port", "sh", IP_VS_SVC_F_SCHED2 }, { "mh-fallback", "mh", IP_VS_SVC_F_SCHED1 },
	{ "mh-port", "mh", IP_VS_SVC_F_SCHED2 },
};
#define NFLAGS (sizeof(flag_names) / sizeof(flag_names[0]))

static int one_flag(uint32_t *flags, const char *sched, const char *name, size_t len)
{
	const struct flag_name *f;

	for (f = flag_names; f < flag_names + NFLAGS; f++) {
		if (strlen(f->name) != len || memcmp(f->name, name, len))
			continue;
		if (f->sched && strcmp(f->sched, sched))
			return -EOPNOTSUPP;
		*flags |= f->bit;
		return 0;
	}
	return -EINVAL;
}

int sched_flags_parse(uint32_t *flags, const char *sched, const char *list, char *bad, size_t bad_size)
{
	size_t len;
	int r;

	for (; *list; list += len) {
		list += strspn(list, ",");
		len = strcspn(list, ",");
		if (!len)
			break;
		r = one_flag(flags, sched, list, len);
		if (r) {
			snprintf(bad, bad_size, "%.*s", (int)len, list);
			return r;
		}
	}
	return 0;
}

const char *sched_flags_format(char *buf, size_t size, uint32_t flags, const char *sched)
{
	bool own = !strcmp(sched, "sh") || !strcmp(sched, "mh");
	const struct flag_name *f;
	size_t len = 0;

	buf[0] = '\0';
	for (f = flag_names; f < flag_names + NFLAGS; f++) {
		if (!(flags & f->bit) || own != !!f->sched || (own && strcmp(f->sched, sched)))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "," : "", f->name);
	}
	return buf;
}
