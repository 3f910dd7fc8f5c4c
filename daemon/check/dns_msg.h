/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dns_msg - a DNS query to send, and whether what came back answers it (RFC 1035 4.1).
 *
 * Looks at the header and at the question that came back, never at the answers: a check asks whether the server
 * serves, not what. Foreign bytes; fuzzed (tests/fuzz/check_dns_fuzz.c).
 */
#ifndef ELVS_DAEMON_CHECK_DNS_MSG_H
#define ELVS_DAEMON_CHECK_DNS_MSG_H

#include <stddef.h>
#include <stdint.h>

#define DNS_QUERY_MAX 512

/*
 * Writes a query (RD=1, class IN) into buf of DNS_QUERY_MAX bytes; returns its length, or -EINVAL: no domain name
 * (a label of 0 or more than 63 bytes, or more than 255 bytes in all). "." is the root.
 */
int dns_query(uint8_t *buf, uint16_t id, uint16_t type, const char *name);

enum dns_verdict {
	DNS_GOOD,  /* it answers, and without an error */
	DNS_ERROR, /* it answers with an error: rcode */
	DNS_OTHER, /* not the answer to this query: wait on */
};
/* query: what dns_query() made. ret_rcode is set with DNS_GOOD and DNS_ERROR. */
enum dns_verdict dns_answer(const uint8_t *answer, size_t len, const uint8_t *query, size_t query_len,
			    unsigned *ret_rcode);
const char *dns_rcode_name(unsigned rcode); /* "SERVFAIL"; "" if it has none */

#endif
