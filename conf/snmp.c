/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snmp - see snmp.h; and the words of global_defs that need more than a row. */
#include "snmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "draft.h"
#include "set_global.h"

#define AGENTX_PORT 705

static int unix_at(const char *path, struct conf_snmp_at *ret)
{
	struct sockaddr_un *u = (void *)&ret->addr;

	if (*path != '/' || strlen(path) >= sizeof(u->sun_path))
		return -EINVAL;
	u->sun_family = AF_UNIX;
	strcpy(u->sun_path, path);
	ret->len = sizeof(*u);
	ret->type = SOCK_STREAM;
	return 0;
}

static int port_of(const char *text, in_port_t *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !v || v > 65535)
		return -EINVAL;
	*ret = htons((uint16_t)v);
	return 0;
}

/* ADDRESS[:PORT], [ADDRESS][:PORT] */
static int inet_at(const char *text, struct conf_snmp_at *ret)
{
	struct sockaddr_in *v4 = (void *)&ret->addr;
	struct sockaddr_in6 *v6 = (void *)&ret->addr;
	bool bracket = *text == '[';
	const char *end = bracket ? strchr(text, ']') : text + strcspn(text, ":"), *port;
	char host[INET6_ADDRSTRLEN];
	in_port_t p = htons(AGENTX_PORT);

	if (!end || (size_t)(end - text) >= sizeof(host))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(end - text) - bracket, text + bracket);
	port = end + bracket;
	if (*port && (*port != ':' || port_of(port + 1, &p) < 0))
		return -EINVAL;
	if (inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1", &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = p;
		ret->len = sizeof(*v4);
		return 0;
	}
	if (!bracket || inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return -EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = p;
	ret->len = sizeof(*v6);
	return 0;
}

int conf_snmp_at(const char *text, struct conf_snmp_at *ret)
{
	static const struct {
		const char *prefix;
		int type; /* 0: a path */
	} kinds[] = {
		{ "unix:", 0 },
		{ "tcp:", SOCK_STREAM },
		{ "tcp6:", SOCK_STREAM },
		{ "tcpv6:", SOCK_STREAM },
		{ "tcpipv6:", SOCK_STREAM },
		{ "udp:", SOCK_DGRAM },
		{ "udp6:", SOCK_DGRAM },
		{ "udpv6:", SOCK_DGRAM },
		{ "udpipv6:", SOCK_DGRAM },
		{ "/", 0 },
	};
	struct conf_snmp_at at = { .type = SOCK_DGRAM };
	int r = -ENOENT;

	if (!*text)
		text = CONF_SNMP_SOCKET;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && r == -ENOENT; i++) {
		size_t n = strlen(kinds[i].prefix);

		if (strncmp(text, kinds[i].prefix, n))
			continue;
		at.type = kinds[i].type;
		r = at.type ? inet_at(text + n, &at) : unix_at(*text == '/' ? text : text + n, &at);
	}
	if (r == -ENOENT)
		r = inet_at(text, &at);
	if (r == 0)
		*ret = at;
	return r;
}

void set_snmp_socket(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct global_draft *d = obj;
	struct conf_snmp_at at;

	if (conf_snmp_at(d->g.snmp_socket, &at) == 0)
		return;
	load_error(l, CONF_ERROR, n, 1,
		   "%s: '%s' is no place of an agent, write unix:/PATH, tcp:ADDRESS:PORT or udp:ADDRESS:PORT",
		   r->word, d->g.snmp_socket);
	d->g.snmp_socket = load_str(l, "");
}

void set_snmp_rfc(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct global_draft *d = obj;

	d->g.snmp_rfcv2 = d->g.snmp_rfcv3 = true;
}
