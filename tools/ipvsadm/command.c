/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command - see command.h.
 *
 * The order of the checks is part of what users see: a line with two mistakes gets the original's message. So: words
 * one by one (a bad value or a repeated option ends it there), then left-over words, scheduler flags, the table of
 * commands and options, and at last what the command itself demands.
 */
#include "command.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <linux/ip_vs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sched_flags.h"

#define TIMEOUT_MAX (86400 * 31)
#define PERSISTENT_DEFAULT (6 * 60)
#define SYNC_MAXLEN_MAX (65535 - 20 - 8)
#define SCHED_FLAGS_MAX 128

struct parser {
	struct command *cmd;
	struct words words;
	char sched_flags[SCHED_FLAGS_MAX];
	char *err;
	int status;
};

static int __attribute__((format(printf, 2, 3))) fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&p->err, fmt, ap) < 0)
		p->err = NULL;
	va_end(ap);
	p->status = STATUS_USAGE;
	return -EINVAL;
}

static int give(struct parser *p, enum opt opt)
{
	if (p->cmd->given & BIT(opt))
		return fail(p, "multiple '%s' options specified", opt_name(opt));
	p->cmd->given |= BIT(opt);
	return 0;
}

/* The option's value as a number; on failure the message "illegal WHAT specified". */
static int number(struct parser *p, long *ret, long min, long max, const char *what)
{
	if (addr_parse_number(ret, p->words.value, min, max))
		return fail(p, "illegal %s specified", what);
	return 0;
}

static int seconds(struct parser *p, uint32_t *ret, const char *word, long min)
{
	long n;

	if (addr_parse_number(&n, word, min, TIMEOUT_MAX))
		return fail(p, "invalid timeout value `%s' specified", word);
	*ret = (uint32_t)n;
	return 0;
}

static void copy_name(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

/* ---- options of services ---- */

static int service_address(struct parser *p, uint16_t proto)
{
	struct service *s = &p->cmd->svc;
	struct endpoint ep;

	if (give(p, OPT_SERVICE))
		return -EINVAL;
	if (addr_parse_endpoint(&ep, p->words.value, proto))
		return fail(p, "illegal virtual server address[:port] specified");
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

	if (give(p, OPT_SERVICE))
		return -EINVAL;
	if (addr_parse_number(&mark, p->words.value, 1, UINT_MAX))
		return fail(p, "invalid fwmark value `%s' specified", p->words.value);
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
		return fail(p, "-6 used before -f\n");
	s->af = AF_INET6;
	s->addr.af = AF_INET6;
	s->netmask = 128;
	return 0;
}

/* IPVS knows its schedulers by lower-case names; older manuals and books write them in capitals. */
static int scheduler(struct parser *p)
{
	char *c = p->cmd->svc.sched;

	if (give(p, OPT_SCHEDULER))
		return -EINVAL;
	copy_name(c, SCHED_NAME_SIZE, p->words.value);
	for (; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

static int persistent(struct parser *p)
{
	struct service *s = &p->cmd->svc;

	if (give(p, OPT_PERSISTENT))
		return -EINVAL;
	s->flags |= IP_VS_SVC_F_PERSISTENT;
	s->timeout = PERSISTENT_DEFAULT;
	return p->words.value ? seconds(p, &s->timeout, p->words.value, 1) : 0;
}

static int netmask(struct parser *p)
{
	struct service *s = &p->cmd->svc;
	struct in_addr mask;
	int len;

	if (give(p, OPT_NETMASK))
		return -EINVAL;
	if (s->af == AF_INET6) {
		len = atoi(p->words.value);
		if (len < 1 || len > 128)
			return fail(p, "illegal ipv6 netmask specified");
		s->netmask = (uint32_t)len;
		return 0;
	}
	if (addr_parse_v4(&mask, p->words.value))
		return fail(p, "illegal virtual server persistent mask specified");
	s->netmask = mask.s_addr;
	return 0;
}

static int one_packet(struct parser *p)
{
	p->cmd->svc.flags |= IP_VS_SVC_F_ONEPACKET;
	return give(p, OPT_ONEPACKET);
}

static int engine(struct parser *p)
{
	copy_name(p->cmd->svc.pe, PE_NAME_SIZE, p->words.value);
	return give(p, OPT_PERSISTENCE_ENGINE);
}

static int sched_flags(struct parser *p)
{
	copy_name(p->sched_flags, sizeof(p->sched_flags), p->words.value);
	return give(p, OPT_SCHED_FLAGS);
}

static int parse_service_word(struct parser *p, int id)
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

/* ---- options of servers ---- */

/* Without a port of its own the server gets the service's, as far as that has been read. */
static int server(struct parser *p)
{
	struct command *c = p->cmd;
	struct endpoint ep;

	if (give(p, OPT_SERVER))
		return -EINVAL;
	if (addr_parse_endpoint(&ep, p->words.value, c->svc.proto))
		return fail(p, "illegal real server address[:port] specified");
	c->dest.addr = ep.addr;
	c->dest.port = ep.has_port ? ep.port : c->svc.port;
	return 0;
}

static int forward(struct parser *p, uint32_t method)
{
	p->cmd->dest.method = method;
	return give(p, OPT_FORWARD);
}

static int weight(struct parser *p)
{
	long n;

	if (give(p, OPT_WEIGHT) || number(p, &n, 0, INT_MAX, "weight"))
		return -EINVAL;
	p->cmd->dest.weight = (int32_t)n;
	return 0;
}

static int threshold(struct parser *p, uint32_t *ret, enum opt opt, const char *what)
{
	long n;

	if (give(p, opt) || number(p, &n, 0, INT_MAX, what))
		return -EINVAL;
	*ret = (uint32_t)n;
	return 0;
}

static int tunnel_type(struct parser *p)
{
	static const char *const names[] = { "ipip", "gue", "gre" };
	uint8_t i;

	if (give(p, OPT_TUN_TYPE))
		return -EINVAL;
	for (i = 0; i < IP_VS_CONN_F_TUNNEL_TYPE_MAX; i++) {
		if (strcmp(p->words.value, names[i]))
			continue;
		p->cmd->dest.tun_type = i;
		return 0;
	}
	return fail(p, "illegal tunnel type specified");
}

static int tunnel_port(struct parser *p)
{
	long n;

	if (give(p, OPT_TUN_PORT) || number(p, &n, 1, USHRT_MAX, "tunnel port"))
		return -EINVAL;
	p->cmd->dest.tun_port = htons((uint16_t)n);
	return 0;
}

static int tunnel_flag(struct parser *p, enum opt opt, uint16_t flag)
{
	p->cmd->dest.tun_flags |= flag;
	return give(p, opt);
}

static int parse_server_word(struct parser *p, int id)
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

/* ---- options of synchronisation ---- */

static int daemon_number(struct parser *p, long *ret, enum opt opt, long min, long max, const char *what)
{
	return give(p, opt) ? -EINVAL : number(p, ret, min, max, what);
}

static int mcast_group(struct parser *p)
{
	struct addr *group = &p->cmd->daemon.group;
	const char *word = p->words.value;

	if (give(p, OPT_MCAST_GROUP))
		return -EINVAL;
	if (strchr(word, ':')) {
		if (inet_pton(AF_INET6, word, &group->v6) != 1 || !IN6_IS_ADDR_MULTICAST(&group->v6))
			return fail(p, "invalid IPv6 mcast-group `%s'", word);
		group->af = AF_INET6;
		return 0;
	}
	if (inet_pton(AF_INET, word, &group->v4) != 1 || !IN_MULTICAST(ntohl(group->v4.s_addr)))
		return fail(p, "invalid IPv4 mcast-group `%s'", word);
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
		copy_name(d->ifname, sizeof(d->ifname), p->words.value);
		return give(p, OPT_MCAST);
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
		return give(p, OPT_NUMERIC);
	case 'c':
		return give(p, OPT_CONNECTION);
	case WORD_TIMEOUT:
		return give(p, OPT_TIMEOUT);
	case WORD_DAEMON:
		return give(p, OPT_DAEMON);
	case WORD_STATS:
		return give(p, OPT_STATS);
	case WORD_RATE:
		return give(p, OPT_RATE);
	case WORD_THRESHOLDS:
		return give(p, OPT_THRESHOLDS);
	case WORD_PERSISTENT_CONN:
		return give(p, OPT_PERSISTENTCONN);
	case WORD_TUN_INFO:
		return give(p, OPT_TUN_INFO);
	case WORD_NOSORT:
		return give(p, OPT_NOSORT);
	case WORD_SORT:
		return 0; /* the default, accepted as often as written */
	case 'X':
		return give(p, OPT_EXACT);
	}
	return -ENOENT;
}

static int parse_option(struct parser *p, int id)
{
	int r = parse_service_word(p, id);

	if (r == -ENOENT)
		r = parse_server_word(p, id);
	if (r == -ENOENT)
		r = parse_daemon_word(p, id);
	if (r == -ENOENT)
		r = parse_list_word(p, id);
	if (r == -ENOENT) /* a command, but there is one already */
		r = fail(p, "invalid option `%s'", words_current(&p->words));
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
		return fail(p, "%s", message);
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
	fail(p, "Try `%s -h' or '%s --help' for more information.", prog, prog);
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
		return fail(p, "--set option requires 3 timeout values");
	if (seconds(p, &t->tcp, v[0], 0) || seconds(p, &t->tcp_fin, v[1], 0) || seconds(p, &t->udp, v[2], 0))
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
		return fail(p, "incompatible scheduler flag `%s'", bad);
	if (r)
		return fail(p, "invalid scheduler flag `%s'", bad);
	return 0;
}

static int check_service(struct parser *p)
{
	struct service *s = &p->cmd->svc;

	if (!s->fwmark && !s->port && !(s->flags & IP_VS_SVC_F_PERSISTENT))
		return fail(p, "Zero port specified for non-persistent service");
	if ((s->flags & IP_VS_SVC_F_ONEPACKET) && !s->fwmark && s->proto != IPPROTO_UDP)
		return fail(p, "One-Packet Scheduling is only for UDP virtual services");
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
			return fail(p, "%s", err);
		return 0;
	}
	if (c->dest.addr.af != c->svc.af)
		return fail(p, "Different address family is allowed only for tunneling servers");
	if (c->given & OPT_TUNNEL_BITS)
		return fail(p, "Tunnel options conflict with forward method");
	return 0;
}

static int check_list(struct parser *p)
{
	uint64_t given = p->cmd->given;
	uint64_t single = BIT(OPT_TIMEOUT) | BIT(OPT_DAEMON);

	if ((given & (single | BIT(OPT_CONNECTION)) &&
	     given & (BIT(OPT_STATS) | BIT(OPT_RATE) | BIT(OPT_THRESHOLDS))) ||
	    (given & single && given & BIT(OPT_PERSISTENTCONN)))
		return fail(p, "options conflicts in the list command");
	return 0;
}

static int check_command(struct parser *p)
{
	struct command *c = p->cmd;
	char err[160];

	if (opt_check_command(err, sizeof(err), c->given, c->op))
		return fail(p, "%s", err);
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
		fail(p, "%s: %s", words_current(&p->words), words_error(id));
		p->status = STATUS_REFUSED;
		return PARSE_BAD_WORD;
	}
	used = set_values(p);
	if (used < 0)
		return PARSE_FAILED;
	if (p->words.nrest > used) {
		fail(p, "unexpected argument %s", p->words.rest[used]);
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
