/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns_msg - see dns_msg.h. */
#include "dns_msg.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define HEADER 12
#define NAME_MAX_BYTES 255
#define LABEL_MAX 63

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 255;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* The labels of name at p; the number of bytes, or -EINVAL */
static int put_name(uint8_t *p, const char *name)
{
	const uint8_t *begin = p;

	if (!strcmp(name, "."))
		name++;
	while (*name) {
		size_t n = strcspn(name, ".");

		if (n == 0 || n > LABEL_MAX || (p - begin) + n + 2 > NAME_MAX_BYTES)
			return -EINVAL;
		*p++ = (uint8_t)n;
		memcpy(p, name, n);
		p += n;
		name += n;
		if (*name == '.')
			name++;
	}
	*p++ = 0;
	return (int)(p - begin);
}

int dns_query(uint8_t *buf, uint16_t id, uint16_t type, const char *name)
{
	int n;

	memset(buf, 0, HEADER);
	put16(buf, id);
	buf[2] = 0x01; /* RD */
	buf[5] = 1;    /* one question */
	n = put_name(buf + HEADER, name);
	if (n < 0)
		return n;
	put16(buf + HEADER + n, type);
	put16(buf + HEADER + n + 2, 1);
	return HEADER + n + 4;
}

/* Names are compared without regard to case (RFC 4343); the question is never compressed. */
static bool same_question(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tolower(a[i]) != tolower(b[i]))
			return false;
	return true;
}

enum dns_verdict dns_answer(const uint8_t *answer, size_t len, const uint8_t *query, size_t query_len,
			    unsigned *ret_rcode)
{
	size_t question = query_len - HEADER;

	if (len < HEADER || memcmp(answer, query, 2) || !(answer[2] & 0x80))
		return DNS_OTHER;
	/* A server that answers with an error may leave the question out; one that is there must be ours. */
	if (get16(answer + 4) &&
	    (len - HEADER < question || !same_question(answer + HEADER, query + HEADER, question)))
		return DNS_OTHER;
	*ret_rcode = answer[3] & 15;
	return *ret_rcode ? DNS_ERROR : DNS_GOOD;
}

const char *dns_rcode_name(unsigned rcode)
{
	static const char *const names[] = { "NOERROR",	 "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
					     "YXDOMAIN", "YXRRSET", "NXRRSET",	"NOTAUTH",  "NOTZONE" };

	return rcode < sizeof(names) / sizeof(names[0]) ? names[rcode] : "";
}
