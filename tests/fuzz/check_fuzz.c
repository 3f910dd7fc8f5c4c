/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_fuzz - any bytes as what a checked server says: a DNS answer, an agent's line, an SMTP reply, a datagram. The
 * first byte chooses.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent_line.h"
#include "conf.h"
#include "dns_msg.h"
#include "reply_match.h"
#include "smtp_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

static void dns(const uint8_t *in, size_t len)
{
	uint8_t query[DNS_QUERY_MAX];
	int n = dns_query(query, 0x1234, 1, "www.example.org");
	unsigned rcode = 0;

	if (dns_answer(in, len, query, (size_t)n, &rcode) != DNS_OTHER && rcode > 15)
		abort();
	dns_rcode_name(rcode);
}

/* The input as a name to ask for */
static void dns_name(const uint8_t *in, size_t len)
{
	uint8_t query[DNS_QUERY_MAX];
	char *name = strndup((const char *)in, len);
	int n = dns_query(query, 1, 6, name);

	if (n > (int)sizeof(query) || (n > 0 && n < 17))
		abort();
	free(name);
}

static void agent(const uint8_t *in, size_t len)
{
	struct agent_answer a;

	if (agent_line(&a, (const char *)in, len) < 0)
		return;
	if (a.percent > AGENT_PERCENT_MAX || strlen(a.word) >= sizeof(a.word) || strlen(a.reason) >= sizeof(a.reason))
		abort();
	if (a.down != (a.word[0] != '\0'))
		abort();
	for (const char *p = a.reason; *p; p++)
		if (*p < 32 || *p == 127)
			abort();
}

static void smtp(const uint8_t *in, size_t len)
{
	int code = smtp_reply((const char *)in, len);

	if (code > 0 && (code < 200 || code > 599))
		abort();
	/* What was whole stays so, whatever follows. */
	if (code > 0 && len > 1 && smtp_reply((const char *)in, len - 1) < 0)
		abort();
}

static void datagram(const uint8_t *in, size_t len)
{
	static const uint8_t want[] = { 1, 2, 3, 4 }, mask[] = { 255, 0, 0xf0, 255 };
	const struct conf_check c = { .kind = CONF_CHECK_UDP,
				      .udp = { .require_reply = true,
					       .max_reply = 100,
					       .reply = want,
					       .reply_mask = mask,
					       .n_reply = sizeof(want) } };
	char why[40];

	if (reply_match(&c, in, len, why, sizeof(why)) == 0 && (len < 4 || len > 100 || in[0] != 1))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	static void (*const parsers[])(const uint8_t *, size_t) = { dns, dns_name, agent, smtp, datagram };
	uint8_t *copy;

	if (!len)
		return 0;
	copy = malloc(len - 1 ? len - 1 : 1); /* of this size: a step beyond is seen */
	memcpy(copy, in + 1, len - 1);
	parsers[in[0] % 5](copy, len - 1);
	free(copy);
	return 0;
}
