/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - endpoints as listings and saved rules show them: numbers, or names where the resolver knows some.
 */
#ifndef IPVSADM_NAMES_H
#define IPVSADM_NAMES_H

#include <stdbool.h>

#include "addr.h"
#include "model.h"

#define NAMES_TEXT 60 /* longer ones are cut, as ever */
#define NAMES_CACHE 256

/* An address is looked up once in a run, however many services it has. */
struct names {
	bool numeric;
	struct names_entry {
		struct addr addr;
		char *host;
	} cache[NAMES_CACHE];
};

void names_free(struct names *n); /* what it holds, not n */

/* "host:port"; IPv6 addresses and their names in brackets. proto 0: the port has no name. */
const char *names_endpoint(struct names *n, char buf[NAMES_TEXT], const struct addr *a, uint16_t port, int proto);

/* "-t host:port", "-u ...", "--sctp-service ...", "-f 1 -6": a service as options */
#define NAMES_SERVICE_TEXT (NAMES_TEXT + 20)
const char *names_service_option(struct names *n, char buf[NAMES_SERVICE_TEXT], const struct service *s);

#endif
