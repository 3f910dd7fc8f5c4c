/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smtp_line - see smtp_line.h. */
#include "smtp_line.h"

#include <errno.h>
#include <string.h>

/* Code of one line, its sign for "more follows" in ret_more */
static int line_code(const char *p, size_t len, int *ret_more)
{
	int code = 0;

	if (len && p[len - 1] == '\r')
		len--;
	if (len < 3)
		return -EINVAL;
	for (int i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -EINVAL;
		code = code * 10 + (p[i] - '0');
	}
	if (code < 200 || code > 599 || (len > 3 && p[3] != ' ' && p[3] != '-'))
		return -EINVAL;
	*ret_more = len > 3 && p[3] == '-';
	return code;
}

int smtp_reply(const char *buf, size_t len)
{
	int more = 1, code, first = 0;

	while (more) {
		const char *end = memchr(buf, '\n', len);

		if (!end)
			return len > 3 && line_code(buf, 4, &more) < 0 ? -EINVAL : 0;
		code = line_code(buf, (size_t)(end - buf), &more);
		if (code < 0 || (first && code != first))
			return -EINVAL;
		first = code;
		len -= (size_t)(end - buf) + 1;
		buf = end + 1;
	}
	return first;
}
