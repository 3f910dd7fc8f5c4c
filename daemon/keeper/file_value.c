/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file_value - see file_value.h. */
#include "file_value.h"

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

bool file_value(const char *text, size_t n, int32_t *ret)
{
	bool minus = false;
	int64_t v = 0;
	size_t i = 0, digits = 0;

	*ret = 0;
	while (i < n && blank(text[i]))
		i++;
	if (i == n)
		return true;
	if (text[i] == '-' || text[i] == '+')
		minus = text[i++] == '-';
	for (; i < n && text[i] >= '0' && text[i] <= '9'; i++, digits++)
		if (v <= INT32_MAX)
			v = v * 10 + (text[i] - '0');
	if (!digits || (i < n && !blank(text[i])))
		return false;
	v = minus ? -v : v;
	*ret = v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
	return true;
}
