/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command - see command.h. Options of services and servers are in parse_service.c and parse_server.c.
 *
 * The order of the checks is part of what users see: a line with two mistakes gets the original's message. So: words
 * one by one (a bad value or a repeated option ends it there), then left-over words, scheduler flags, the table of
 * commands and options, and at last what the command itself demands.
 */
#include "command.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/ip_vs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"
#include "sched_flags.h"

#define SYNC_MAXLEN_MAX (65535 - 20 - 8)

int parser_fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&p->err, fmt, ap) < 0)
		p->err = NULL;
	va_end(ap);
	p->status = STATUS_USAGE;
	return -EINVAL;
}

int parser_give(struct parser *p, enum opt opt)
{
	if (p->cmd->given & BIT(opt))
		return parser_fail(p, "multiple '%s' options specified", opt_name(opt));
	p->cmd->given |= BIT(opt);
	return 0;
}

int parser_number(struct parser *p, long *ret, long min, long max, const char *what)
{
	if (addr_parse_number(ret, p->words.value, min, max))
		return parser_fail(p, "illegal %s specified", what);
	return 0;
}

int parser_seconds(struct parser *p, uint32_t *ret, const char *word, long min)
{
	long n;

	if (addr_parse_number(&n, word, min, TIMEOUT_MAX))
		return parser_fail(p, "invalid timeout value `%s' specified", word);
	*ret = (uint32_t)n;
	return 0;
}

void parser_copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

/* ---- options of synchronisation ---- */

static int daemon_number(struct parser *p, long *ret, enum opt opt, long min, long max, const char *what)
{
	return parser_give(p, opt) ? -EINVAL : parser_number(p, ret, min, max, what);
}

static int mcast_group(struct parser *p)
{
	struct addr *group = &p->cmd->daemon.group;
	const char *word = p->words.value;

	if (parser_give(p, OPT_MCAST_GROUP))
		return -EINVAL;
	if (strchr(word, ':')) {
		if (inet_pton(AF_INET6, word, &group->v6) != 1 || !IN6_IS_ADDR_MULTICAST(&group->v6))
			return parser_fail(p, "invalid IPv6 mcast-group `%s'", word);
		group->af = AF_INET6;
		return 0;
	}
	if (inet_pton(AF_INET, word, &group->v4) != 1 || !IN_MULTICAST(ntohl(group->v4.s_addr)))
		return parser_fail(p, "invalid IPv4 mcast-group `%s'", word);
	group->af = AF_INET;
	return 0;
}

static int parse_daemon_word(struct parser *p, int id)
{
	struct sync_daemon *d = &p->cmd->daemon;
	long n = 0;
	int r;

	switch (id) {
	case WORD_MCAST_INTERFACE:
		parser_copy(d->ifname, sizeof(d->ifname), p->words.value);
		return parser_give(p, OPT_MCAST);
	case WORD_SYNCID:
		r = daemon_number(p, &n, OPT_SYNCID, 0, 255, "syncid");
		d->syncid = (uint32_t)n;
		return r;
	case WORD_SYNC_MAXLEN:
		r = daemon_number(p, &n, OPT_SYNC_MAXLEN, 1, SYNC_MAXLEN_MAX, "sync-maxlen");
		d->maxlen = (uint16_t)n;
		return r;
	case WORD_MCAST_GROUP:
		return mcast_group(p);
	case WORD_MCAST_PORT:
		r = daemon_number(p, &n, OPT_MCAST_PORT, 1, USHRT_MAX, "mcast-port");
		d->port = (uint16_t)n;
		return r;
	case WORD_MCAST_TTL:
		r = daemon_number(p, &n, OPT_MCAST_TTL, 1, 255, "mcast-ttl");
		d->ttl = (uint8_t)n;
		return r;
	}
	return -ENOENT;
}

/* ---- options of listings: they only need to be given ---- */

static int parse_list_word(struct parser *p, int id)
{
	switch (id) {
	case 'n':
		return parser_give(p, OPT_NUMERIC);
	case 'c':
		return parser_give(p, OPT_CONNECTION);
	case WORD_TIMEOUT:
		return parser_give(p, OPT_TIMEOUT);
	case WORD_DAEMON:
		return parser_give(p, OPT_DAEMON);
	case WORD_STATS:
		return parser_give(p, OPT_STATS);
	case WORD_RATE:
		return parser_give(p, OPT_RATE);
	case WORD_THRESHOLDS:
		return parser_give(p, OPT_THRESHOLDS);
	case WORD_PERSISTENT_CONN:
		return parser_give(p, OPT_PERSISTENTCONN);
	case WORD_TUN_INFO:
		return parser_give(p, OPT_TUN_INFO);
	case WORD_NOSORT:
		return parser_give(p, OPT_NOSORT);
	case WORD_SORT:
		return 0; /* the default, accepted as often as written */
	case 'X':
		return parser_give(p, OPT_EXACT);
	}
	return -ENOENT;
}

static int parse_option(struct parser *p, int id)
{
	int r = parser_service(p, id);

	if (r == -ENOENT)
		r = parser_server(p, id);
	if (r == -ENOENT)
		r = parse_daemon_word(p, id);
	if (r == -ENOENT)
		r = parse_list_word(p, id);
	if (r == -ENOENT) /* a command, but there is one already */
		r = parser_fail(p, "invalid option `%s'", words_current(&p->words));
	return r;
}

/* ---- commands ---- */

static int daemon_state(struct parser *p, const char *message)
{
	if (!strcmp(p->words.value, "master"))
		p->cmd->daemon.state = IP_VS_STATE_MASTER;
	else if (!strcmp(p->words.value, "backup"))
		p->cmd->daemon.state = IP_VS_STATE_BACKUP;
	else
		return parser_fail(p, "%s", message);
	return 0;
}

/* The first option is the command. */
static enum parse_result parse_command(struct parser *p)
{
	const char *prog = p->words.argv[0] ? p->words.argv[0] : "ipvsadm";
	int id = words_next(&p->words);

	if (id == 'h')
		return PARSE_HELP;
	if (id == 'v')
		return PARSE_VERSION;
	p->cmd->op = id > 0 ? op_of_word(id) : OP_NONE;
	if (p->cmd->op == OP_START_DAEMON)
		return daemon_state(p, "illegal start-daemon parameter specified") ? PARSE_FAILED : PARSE_OK;
	if (p->cmd->op == OP_STOP_DAEMON)
		return daemon_state(p, "illegal start_daemon specified") ? PARSE_FAILED : PARSE_OK;
	if (p->cmd->op != OP_NONE)
		return PARSE_OK;
	parser_fail(p, "Try `%s -h' or '%s --help' for more information.", prog, prog);
	p->status = STATUS_REFUSED;
	return PARSE_FAILED;
}

/* --set's three values stand among the words that are no options. Returns how many were used, or -EINVAL. */
static int set_values(struct parser *p)
{
	struct timeouts *t = &p->cmd->timeouts;
	char **v = p->words.rest;

	if (p->cmd->op != OP_TIMEOUT)
		return 0;
	if (p->words.nrest < 3)
		return parser_fail(p, "--set option requires 3 timeout values");
	if (parser_seconds(p, &t->tcp, v[0], 0) || parser_seconds(p, &t->tcp_fin, v[1], 0) ||
	    parser_seconds(p, &t->udp, v[2], 0))
		return -EINVAL;
	return 3;
}

static int check_sched_flags(struct parser *p)
{
	struct service *s = &p->cmd->svc;
	char bad[SCHED_FLAGS_MAX];
	int r;

	if (!(p->cmd->given & BIT(OPT_SCHED_FLAGS)))
		return 0;
	r = sched_flags_parse(&s->flags, *s->sched ? s->sched : "wlc", p->sched_flags, bad, sizeof(bad));
	if (r == -EOPNOTSUPP)
		return parser_fail(p, "incompatible scheduler flag `%s'", bad);
	if (r)
		return parser_fail(p, "invalid scheduler flag `%s'", bad);
	return 0;
}

static int check_service(struct parser *p)
{
	struct service *s = &p->cmd->svc;

	if (!s->fwmark && !s->port && !(s->flags & IP_VS_SVC_F_PERSISTENT))
		return parser_fail(p, "Zero port specified for non-persistent service");
	if ((s->flags & IP_VS_SVC_F_ONEPACKET) && !s->fwmark && s->proto != IPPROTO_UDP)
		return parser_fail(p, "One-Packet Scheduling is only for UDP virtual services");
	if (!*s->sched)
		strcpy(s->sched, "wlc");
	return 0;
}

static int check_server(struct parser *p)
{
	struct command *c = p->cmd;
	char err[160];

	/* neither direct routing nor tunnels can change the port */
	if (!c->svc.fwmark && c->dest.method != IP_VS_CONN_F_MASQ)
		c->dest.port = c->svc.port;
	if (c->dest.method == IP_VS_CONN_F_TUNNEL) {
		if (opt_check_tunnel(err, sizeof(err), c->given, c->dest.tun_type))
			return parser_fail(p, "%s", err);
		return 0;
	}
	if (c->dest.addr.af != c->svc.af)
		return parser_fail(p, "Different address family is allowed only for tunneling servers");
	if (c->given & OPT_TUNNEL_BITS)
		return parser_fail(p, "Tunnel options conflict with forward method");
	return 0;
}

static int check_list(struct parser *p)
{
	uint64_t given = p->cmd->given;
	uint64_t single = BIT(OPT_TIMEOUT) | BIT(OPT_DAEMON);

	if ((given & (single | BIT(OPT_CONNECTION)) &&
	     given & (BIT(OPT_STATS) | BIT(OPT_RATE) | BIT(OPT_THRESHOLDS))) ||
	    (given & single && given & BIT(OPT_PERSISTENTCONN)))
		return parser_fail(p, "options conflicts in the list command");
	return 0;
}

static int check_command(struct parser *p)
{
	struct command *c = p->cmd;
	char err[160];

	if (opt_check_command(err, sizeof(err), c->given, c->op))
		return parser_fail(p, "%s", err);
	switch (c->op) {
	case OP_ADD:
	case OP_EDIT:
		return check_service(p);
	case OP_ADD_DEST:
	case OP_EDIT_DEST:
		return check_server(p);
	case OP_LIST:
		return check_list(p);
	case OP_START_DAEMON:
		if (!*c->daemon.ifname)
			strcpy(c->daemon.ifname, "eth0");
		return 0;
	default:
		return 0;
	}
}

static enum parse_result parse(struct parser *p)
{
	enum parse_result result = parse_command(p);
	int id, used;

	if (result != PARSE_OK)
		return result;
	while ((id = words_next(&p->words)) > 0)
		if (parse_option(p, id))
			return PARSE_FAILED;
	if (id != WORDS_END) {
		parser_fail(p, "%s: %s", words_current(&p->words), words_error(id));
		p->status = STATUS_REFUSED;
		return PARSE_BAD_WORD;
	}
	used = set_values(p);
	if (used < 0)
		return PARSE_FAILED;
	if (p->words.nrest > used) {
		parser_fail(p, "unexpected argument %s", p->words.rest[used]);
		return PARSE_FAILED;
	}
	return check_sched_flags(p) || check_command(p) ? PARSE_FAILED : PARSE_OK;
}

enum parse_result command_parse(struct command *ret, char **argv, char **ret_err, int *ret_status)
{
	struct parser p = { .cmd = ret };
	enum parse_result result;
	size_t n = 0;
	char **rest;

	while (argv[n])
		n++;
	rest = calloc(n + 1, sizeof(*rest));
	if (!rest)
		abort();
	memset(ret, 0, sizeof(*ret));
	ret->svc.netmask = UINT32_MAX;
	ret->dest.weight = 1;
	ret->dest.method = IP_VS_CONN_F_DROUTE;
	words_begin(&p.words, ipvsadm_words, argv, rest);
	result = parse(&p);
	free(rest);
	*ret_err = p.err;
	*ret_status = p.status;
	return result;
}
