/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_fuzz - the decoder of control messages on any bytes: what a client may send to a director.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../../daemon/director/ctl_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

#define ENDS(s) (memchr((s), 0, sizeof(s)) != NULL)

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	uint8_t *msg = malloc(len ? len : 1); /* exact, and aligned as a datagram's buffer is */
	struct ctl_req q;
	int r;

	MUST(msg);
	memcpy(msg, in, len);
	memset(&q, 0xaa, sizeof(q));
	r = ctl_decode(msg, len, &q);
	MUST(r <= 0 && r > -4096);
	if (!r) {
		MUST(ENDS(q.svc.sched) && ENDS(q.svc.pe) && ENDS(q.ifname) && ENDS(q.daemon.ifname));
		MUST(q.svc_error <= 0 && q.dest_error <= 0 && q.daemon_error <= 0);
		if (q.has_svc && !q.svc_error)
			MUST(q.svc.key.af == AF_INET || q.svc.key.af == AF_INET6);
	}
	free(msg);
	return 0;
}
