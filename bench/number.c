// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * number - see number.h.
 */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int number_parse(const char *text, uint32_t *ret)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	n = strtoull(text, &end, 10);
	if (n > UINT32_MAX)
		return -EINVAL;
	if (*end == 'k')
		n *= 1000, end++;
	else if (*end == 'M')
		n *= 1000000, end++;
	if (*end || n > UINT32_MAX)
		return -EINVAL;
	*ret = n;
	return 0;
}
