/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim_fuzz - ARP and IPv6 packets from anybody: what is taken for a claim says whose, and nothing is read beyond. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 }, here[6] = { 2, 0, 0, 0, 0, 1 };
	struct holdings l = { 0 };
	struct claim c;

	if (claim_parse_arp(&c, in, len) == 0) {
		MUST(len >= 28 && c.af == AF_INET && c.addr.v4.s_addr && !c.addr.a[1] && !c.addr.a[2] && !c.addr.a[3]);
		MUST(claim_is_foreign(&c, here, &here, 1) == (memcmp(c.mac, here, 6) != 0));
		MUST(holdings_set(&l, AF_INET, &c.addr, NULL) == 0 && holdings_stands(&l, AF_INET, &c.addr, true));
		MUST(holdings_claimed(&l, &c) && !holdings_stands(&l, AF_INET, &c.addr, true));
		holdings_free(&l);
	}
	if (claim_parse_na(&c, in, len, mac) == 0) {
		MUST(len >= 64 && c.af == AF_INET6 && !memcmp(c.mac, mac, 6));
		MUST(!memcmp(&c.addr.v6, in + 48, 16));
	}
	return 0;
}
