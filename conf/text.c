/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text - addresses and servers as keepalived's log names them; see load.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "load.h"

int conf_addr_text(const struct conf_addr *a, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "none";

	if (a->family)
		inet_ntop(a->family, a->bytes, text, sizeof(text));
	return snprintf(buf, size, "%s", text);
}

static const char *proto_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	default:
		return "none";
	}
}

static int endpoint_text(const struct conf_addr *a, uint8_t protocol, char *buf, size_t size)
{
	char addr[INET6_ADDRSTRLEN];

	conf_addr_text(a, addr, sizeof(addr));
	return snprintf(buf, size, "[%s]:%s:%u", addr, proto_name(protocol), a->port);
}

int conf_vs_text(const struct conf *c, const struct conf_vs *vs, char *buf, size_t size)
{
	if (vs->vsg != CONF_NONE)
		return snprintf(buf, size, "[%s]:%s", c->vsgs[vs->vsg].name, proto_name(vs->protocol));
	if (vs->fwmark)
		return snprintf(buf, size, "FWM %u", vs->fwmark);
	return endpoint_text(&vs->addr, vs->protocol, buf, size);
}

int conf_rs_text(const struct conf_vs *vs, const struct conf_rs *rs, char *buf, size_t size)
{
	return endpoint_text(&rs->addr, vs->protocol, buf, size);
}
