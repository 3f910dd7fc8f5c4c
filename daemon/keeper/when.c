/* SPDX-License-Identifier: GPL-2.0-or-later */
/* when - see when.h. */
#include "when.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 40
#define DAY 86400

static bool in_range(int v, int lo, int hi)
{
	return v >= lo && v <= hi;
}

static bool clock_ok(const struct tm *t)
{
	return in_range(t->tm_hour, 0, 23) && in_range(t->tm_min, 0, 59) && in_range(t->tm_sec, 0, 59);
}

/* What is left after blanks at both ends */
static void trim(char *to, const char *text, size_t n)
{
	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	while (n && strchr(" \t\r\n", *text))
		text++, n--;
	if (n >= TEXT_MAX)
		n = 0;
	memcpy(to, text, n);
	to[n] = '\0';
}

static time_t to_time(struct tm *t, bool utc)
{
	t->tm_isdst = -1;
	return utc ? timegm(t) : mktime(t);
}

static int today(const char *s, bool utc, time_t now, time_t *ret)
{
	struct tm t, clock = { 0 };
	int end = -1;

	if (sscanf(s, "%2d:%2d:%2d%n", &clock.tm_hour, &clock.tm_min, &clock.tm_sec, &end) != 3 || s[end] ||
	    !clock_ok(&clock))
		return -EINVAL;
	for (int day = 0; day < 2; day++) {
		time_t base = now + day * DAY;

		if (utc)
			gmtime_r(&base, &t);
		else
			localtime_r(&base, &t);
		t.tm_hour = clock.tm_hour;
		t.tm_min = clock.tm_min;
		t.tm_sec = clock.tm_sec;
		*ret = to_time(&t, utc);
		if (*ret > now)
			break;
	}
	return 0;
}

static int on_a_day(const char *s, bool utc, time_t *ret)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	struct tm t = { 0 };
	int year, month, end = -1;

	if (sscanf(s, "%4d-%2d-%2d %2d:%2d:%2d%n", &year, &month, &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec,
		   &end) != 6 ||
	    s[end] || !clock_ok(&t) || !in_range(month, 1, 12) || !in_range(t.tm_mday, 1, days[month - 1]))
		return -EINVAL;
	if (year < 100)
		year += 2000;
	if (!in_range(year, 1970, 9999))
		return -EINVAL;
	t.tm_year = year - 1900;
	t.tm_mon = month - 1;
	*ret = to_time(&t, utc);
	return 0;
}

int when_parse(const char *text, size_t n, time_t now, time_t *ret)
{
	char s[TEXT_MAX];
	size_t len;
	bool utc;

	trim(s, text, n);
	len = strlen(s);
	if (strspn(s, "0123456789-: Z") != len)
		return -EINVAL;
	utc = len && s[len - 1] == 'Z';
	if (utc)
		s[len - 1] = '\0';
	if (s[0] == '-')
		return -EINVAL;
	return strchr(s, '-') ? on_a_day(s, utc, ret) : today(s, utc, now, ret);
}
