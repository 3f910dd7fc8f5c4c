/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_service - what the options of a virtual service say (parser.h). */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <linux/ip_vs.h>
#include <stdlib.h>

#include "parser.h"

#define PERSISTENT_DEFAULT (6 * 60)

static int service_address(struct parser *p, uint16_t proto)
{
	struct service *s = &p->cmd->svc;
	struct endpoint ep;

	if (parser_give(p, OPT_SERVICE))
		return -EINVAL;
	if (addr_parse_endpoint(&ep, p->words.value, proto))
		return parser_fail(p, "illegal virtual server address[:port] specified");
	s->proto = proto;
	s->af = ep.addr.af;
	s->addr = ep.addr;
	s->port = ep.port;
	if (s->af == AF_INET6)
		s->netmask = 128;
	return 0;
}

static int service_fwmark(struct parser *p)
{
	struct service *s = &p->cmd->svc;
	long mark;

	if (parser_give(p, OPT_SERVICE))
		return -EINVAL;
	if (addr_parse_number(&mark, p->words.value, 1, UINT_MAX))
		return parser_fail(p, "invalid fwmark value `%s' specified", p->words.value);
	s->fwmark = (uint32_t)mark;
	s->af = AF_INET;
	s->addr.af = AF_INET;
	s->proto = IPPROTO_TCP;
	return 0;
}

static int service_ipv6(struct parser *p)
{
	struct service *s = &p->cmd->svc;

	if (!s->fwmark)
		return parser_fail(p, "-6 used before -f\n");
	s->af = AF_INET6;
	s->addr.af = AF_INET6;
	s->netmask = 128;
	return 0;
}

/* IPVS knows its schedulers by lower-case names; older manuals and books write them in capitals. */
static int scheduler(struct parser *p)
{
	char *c = p->cmd->svc.sched;

	if (parser_give(p, OPT_SCHEDULER))
		return -EINVAL;
	parser_copy(c, SCHED_NAME_SIZE, p->words.value);
	for (; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

static int persistent(struct parser *p)
{
	struct service *s = &p->cmd->svc;

	if (parser_give(p, OPT_PERSISTENT))
		return -EINVAL;
	s->flags |= IP_VS_SVC_F_PERSISTENT;
	s->timeout = PERSISTENT_DEFAULT;
	return p->words.value ? parser_seconds(p, &s->timeout, p->words.value, 1) : 0;
}

static int netmask(struct parser *p)
{
	struct service *s = &p->cmd->svc;
	struct in_addr mask;
	int len;

	if (parser_give(p, OPT_NETMASK))
		return -EINVAL;
	if (s->af == AF_INET6) {
		len = atoi(p->words.value);
		if (len < 1 || len > 128)
			return parser_fail(p, "illegal ipv6 netmask specified");
		s->netmask = (uint32_t)len;
		return 0;
	}
	if (addr_parse_v4(&mask, p->words.value))
		return parser_fail(p, "illegal virtual server persistent mask specified");
	s->netmask = mask.s_addr;
	return 0;
}

static int one_packet(struct parser *p)
{
	p->cmd->svc.flags |= IP_VS_SVC_F_ONEPACKET;
	return parser_give(p, OPT_ONEPACKET);
}

static int engine(struct parser *p)
{
	parser_copy(p->cmd->svc.pe, PE_NAME_SIZE, p->words.value);
	return parser_give(p, OPT_PERSISTENCE_ENGINE);
}

static int sched_flags(struct parser *p)
{
	parser_copy(p->sched_flags, sizeof(p->sched_flags), p->words.value);
	return parser_give(p, OPT_SCHED_FLAGS);
}

int parser_service(struct parser *p, int id)
{
	switch (id) {
	case 't':
		return service_address(p, IPPROTO_TCP);
	case 'u':
		return service_address(p, IPPROTO_UDP);
	case WORD_SCTP:
		return service_address(p, IPPROTO_SCTP);
	case 'f':
		return service_fwmark(p);
	case '6':
		return service_ipv6(p);
	case 's':
		return scheduler(p);
	case 'p':
		return persistent(p);
	case 'M':
		return netmask(p);
	case 'o':
		return one_packet(p);
	case WORD_PE:
		return engine(p);
	case 'b':
		return sched_flags(p);
	}
	return -ENOENT;
}
