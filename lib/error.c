/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error - the sentence that belongs to a failure. Also keeps libbpf from printing: the library never logs.
 *
 * Two thread-local variables are unavoidable: an open that failed has no handle to keep its sentence in, and
 * libbpf's print callback takes no argument of ours.
 */
#include "internal.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <string.h>

static _Thread_local char open_why[512];
static _Thread_local struct bpf_silence *silence;

int fail(struct elvs *e, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->why, sizeof(e->why), fmt, ap);
	va_end(ap);
	return err;
}

void fail_without_instance(const char *why)
{
	if (why != open_why)
		snprintf(open_why, sizeof(open_why), "%s", why);
}

const char *elvs_strerror(const struct elvs *e)
{
	return e ? e->why : open_why;
}

static int keep(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	size_t used;

	if (!silence) /* another thread's, or our user's own: as libbpf does by itself */
		return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, ap);
	if (level != LIBBPF_WARN || !silence->size)
		return 0;
	used = strlen(silence->to);
	return vsnprintf(silence->to + used, silence->size - used, fmt, ap);
}

void bpf_silence_begin(struct bpf_silence *s, char *to, size_t size)
{
	s->to = to;
	s->size = size;
	if (size)
		to[0] = '\0';
	s->outer = silence;
	silence = s;
	libbpf_set_print(keep); /* for good: threads that load would take it away from each other */
}

void bpf_silence_end(struct bpf_silence *s)
{
	silence = s->outer;
}
