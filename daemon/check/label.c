/* SPDX-License-Identifier: GPL-2.0-or-later */
/* label - see label.h. */
#include "label.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "check.h"

static const char *proto_name(uint8_t protocol)
{
	return protocol == IPPROTO_UDP ? "udp" : protocol == IPPROTO_SCTP ? "sctp" : "tcp";
}

static uint8_t protocol_of(const struct check *k)
{
	if (k->vs && k->vs->protocol)
		return k->vs->protocol;
	return k->kind->socket_type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
}

static void address(struct label *l, const struct conf_addr *a, uint8_t protocol)
{
	char ip[INET6_ADDRSTRLEN] = "?";

	inet_ntop(a->family == AF_INET6 ? AF_INET6 : AF_INET, a->bytes, ip, sizeof(ip));
	if (a->port)
		snprintf(l->text, sizeof(l->text), "[%s]:%s:%u", ip, proto_name(protocol), a->port);
	else
		snprintf(l->text, sizeof(l->text), "[%s]", ip);
}

struct label label_of(const struct check *k)
{
	struct label l;

	address(&l, k->rs ? &k->rs->addr : &k->at->addr, protocol_of(k));
	return l;
}

struct label label_service(const struct check *k)
{
	const struct conf *conf = k->role->conf;
	const struct conf_vs *vs = k->vs;
	struct label l = { "-" };

	if (!vs)
		return l;
	if (vs->fwmark)
		snprintf(l.text, sizeof(l.text), "FWM %u", vs->fwmark);
	else if (vs->vsg != CONF_NONE && vs->vsg < conf->n_vsgs && !vs->addr.family)
		snprintf(l.text, sizeof(l.text), "%.90s", conf->vsgs[vs->vsg].name);
	else
		address(&l, &vs->addr, protocol_of(k));
	return l;
}
