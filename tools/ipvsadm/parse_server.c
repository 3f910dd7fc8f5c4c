/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_server - what the options of a real server say (parser.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/ip_vs.h>
#include <string.h>

#include "parser.h"

/* Without a port of its own the server gets the service's, as far as that has been read. */
static int server(struct parser *p)
{
	struct command *c = p->cmd;
	struct endpoint ep;

	if (parser_give(p, OPT_SERVER))
		return -EINVAL;
	if (addr_parse_endpoint(&ep, p->words.value, c->svc.proto))
		return parser_fail(p, "illegal real server address[:port] specified");
	c->dest.addr = ep.addr;
	c->dest.port = ep.has_port ? ep.port : c->svc.port;
	return 0;
}

static int forward(struct parser *p, uint32_t method)
{
	p->cmd->dest.method = method;
	return parser_give(p, OPT_FORWARD);
}

static int weight(struct parser *p)
{
	long n;

	if (parser_give(p, OPT_WEIGHT) || parser_number(p, &n, 0, INT_MAX, "weight"))
		return -EINVAL;
	p->cmd->dest.weight = (int32_t)n;
	return 0;
}

static int threshold(struct parser *p, uint32_t *ret, enum opt opt, const char *what)
{
	long n;

	if (parser_give(p, opt) || parser_number(p, &n, 0, INT_MAX, what))
		return -EINVAL;
	*ret = (uint32_t)n;
	return 0;
}

static int tunnel_type(struct parser *p)
{
	static const char *const names[] = { "ipip", "gue", "gre" };
	uint8_t i;

	if (parser_give(p, OPT_TUN_TYPE))
		return -EINVAL;
	for (i = 0; i < IP_VS_CONN_F_TUNNEL_TYPE_MAX; i++) {
		if (strcmp(p->words.value, names[i]))
			continue;
		p->cmd->dest.tun_type = i;
		return 0;
	}
	return parser_fail(p, "illegal tunnel type specified");
}

static int tunnel_port(struct parser *p)
{
	long n;

	if (parser_give(p, OPT_TUN_PORT) || parser_number(p, &n, 1, USHRT_MAX, "tunnel port"))
		return -EINVAL;
	p->cmd->dest.tun_port = htons((uint16_t)n);
	return 0;
}

static int tunnel_flag(struct parser *p, enum opt opt, uint16_t flag)
{
	p->cmd->dest.tun_flags |= flag;
	return parser_give(p, opt);
}

int parser_server(struct parser *p, int id)
{
	struct dest *d = &p->cmd->dest;

	switch (id) {
	case 'r':
		return server(p);
	case 'g':
		return forward(p, IP_VS_CONN_F_DROUTE);
	case 'i':
		return forward(p, IP_VS_CONN_F_TUNNEL);
	case 'm':
		return forward(p, IP_VS_CONN_F_MASQ);
	case 'w':
		return weight(p);
	case 'x':
		return threshold(p, &d->u_threshold, OPT_UTHRESHOLD, "u_threshold");
	case 'y':
		return threshold(p, &d->l_threshold, OPT_LTHRESHOLD, "l_threshold");
	case WORD_TUN_TYPE:
		return tunnel_type(p);
	case WORD_TUN_PORT:
		return tunnel_port(p);
	case WORD_TUN_NOCSUM:
		return tunnel_flag(p, OPT_TUN_NOCSUM, IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM);
	case WORD_TUN_CSUM:
		return tunnel_flag(p, OPT_TUN_CSUM, IP_VS_TUNNEL_ENCAP_FLAG_CSUM);
	case WORD_TUN_REMCSUM:
		return tunnel_flag(p, OPT_TUN_REMCSUM, IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM);
	}
	return -ENOENT;
}
