// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cell - the command line of one cell, see cell.h.
 */
#include "cell.h"

#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "number.h"

static const char usage_text[] =
	"usage: bench-prog [options]    measures one cell, prints one line of JSON; needs root\n"
	"  --target elvs|swap|table  what is measured (default elvs; the others are floors)\n"
	"  --hook xdp|tc                (xdp)\n"
	"  --mode dr|tun|nat            forwarding (dr)\n"
	"  --kind est|new|sweep|expire|memory   established packets, first packets, a sweep of live or of\n"
	"                               expired connections, memory per connection (est)\n"
	"  --reply                      the real servers' packets (NAT)\n"
	"  --v6  --udp                  IPv6; UDP instead of TCP\n"
	"  --partial                    an interface that may carry partial checksums, as veth does\n"
	"  --flows N                    (1000)\n"
	"  --per-client N               flows of one client (16)\n"
	"  --max N  --start N           connections: limit, memory from the start (max: flows; start: max)\n"
	"  --fill PERCENT               of the table, with further flows\n"
	"  --sched NAME  --servers N    (rr, 8)\n"
	"  --persist SECONDS            (not persistent)\n"
	"  --prelude                    every client has had a connection before (implied by --persist)\n"
	"  --rounds N  --packets N      (9; 1000000 a round; new: one packet of each flow a round)\n"
	"  N may end in k or M.\n";

static void __attribute__((noreturn, format(printf, 1, 2))) refuse(const char *format, ...)
{
	va_list ap;

	fputs("bench-prog: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\n%s", usage_text);
	exit(2);
}

/* Position of value in a list that ends with NULL */
static int choice(const char *option, const char *value, const char *const list[])
{
	for (int i = 0; list[i]; i++)
		if (!strcmp(value, list[i]))
			return i;
	refuse("--%s %s: not known", option, value);
}

static uint32_t number(const char *option, const char *value)
{
	uint32_t n;

	if (number_parse(value, &n))
		refuse("--%s %s: a number is expected, at most 4 billion", option, value);
	return n;
}

enum option_type { OPTION_CHOICE, OPTION_FLAG, OPTION_NUMBER, OPTION_TEXT };

/* An option, and the member of struct cell that it sets */
struct cell_option {
	const char *name;
	enum option_type type;
	size_t member;
	const char *const *choices; /* position = value of the enum */
};

static const char *const targets[] = { "elvs", "swap", "table", NULL };
static const char *const hooks[] = { "xdp", "tc", NULL };
static const char *const modes[] = { "dr", "tun", "nat", NULL };
static const char *const kinds[] = { "est", "new", "sweep", "expire", "memory", NULL };

#define MEMBER(m) offsetof(struct cell, m)
static const struct cell_option cell_options[] = {
	{ "target", OPTION_CHOICE, MEMBER(target), targets },
	{ "hook", OPTION_CHOICE, MEMBER(hook), hooks },
	{ "mode", OPTION_CHOICE, MEMBER(mode), modes },
	{ "kind", OPTION_CHOICE, MEMBER(kind), kinds },
	{ "reply", OPTION_FLAG, MEMBER(reply) },
	{ "v6", OPTION_FLAG, MEMBER(v6) },
	{ "udp", OPTION_FLAG, MEMBER(udp) },
	{ "partial", OPTION_FLAG, MEMBER(partial) },
	{ "flows", OPTION_NUMBER, MEMBER(flows) },
	{ "per-client", OPTION_NUMBER, MEMBER(per_client) },
	{ "max", OPTION_NUMBER, MEMBER(max) },
	{ "start", OPTION_NUMBER, MEMBER(start) },
	{ "fill", OPTION_NUMBER, MEMBER(fill) },
	{ "sched", OPTION_TEXT, MEMBER(sched) },
	{ "servers", OPTION_NUMBER, MEMBER(servers) },
	{ "persist", OPTION_NUMBER, MEMBER(persist) },
	{ "prelude", OPTION_FLAG, MEMBER(prelude) },
	{ "rounds", OPTION_NUMBER, MEMBER(rounds) },
	{ "packets", OPTION_NUMBER, MEMBER(packets) },
};
#define CELL_OPTIONS (sizeof(cell_options) / sizeof(cell_options[0]))

static void set_member(struct cell *c, const struct cell_option *o, const char *arg)
{
	void *at = (char *)c + o->member;

	switch (o->type) {
	case OPTION_CHOICE:
		*(int *)at = choice(o->name, arg, o->choices);
		break;
	case OPTION_FLAG:
		*(bool *)at = true;
		break;
	case OPTION_NUMBER:
		*(uint32_t *)at = number(o->name, arg);
		break;
	case OPTION_TEXT:
		*(const char **)at = arg;
		break;
	}
}

static void validate(struct cell *c)
{
	if (!c->flows || c->flows > 16000000)
		refuse("--flows: 1 to 16M");
	if (!c->per_client || c->per_client > 60000)
		refuse("--per-client: 1 to 60000");
	if (!c->servers || c->servers > DIRECTOR_SERVERS)
		refuse("--servers: 1 to %d", DIRECTOR_SERVERS);
	if (!c->rounds || c->rounds > CELL_ROUNDS)
		refuse("--rounds: 1 to 64");
	if (!c->packets)
		refuse("--packets: at least 1");
	if (c->fill > 95)
		refuse("--fill: 0 to 95 per cent");
	if (c->reply && (c->mode != DIRECTOR_NAT || c->kind != CELL_ESTABLISHED))
		refuse("--reply: only with --mode nat --kind est (no other replies pass the director)");
	if (c->target != CELL_ELVS && (c->v6 || c->udp || c->mode != DIRECTOR_DR || c->kind != CELL_ESTABLISHED))
		refuse("--target: the floors know IPv4 TCP and --kind est only");
	if (c->hook == BENCH_TC && c->mode == DIRECTOR_TUN)
		refuse("--hook tc --mode tun: the kernel gives a packet one outer header only, and BPF_PROG_RUN "
		       "repeats "
		       "with the same packet; see veth/*/elvs-tc-tun");
	c->prelude |= c->persist != 0;
	if (c->prelude && c->fill)
		refuse("--fill: not together with --prelude or --persist");
	if (!c->max)
		c->max = c->flows;
	if (!c->start)
		c->start = c->max;
}

void cell_parse(struct cell *c, int argc, char **argv)
{
	struct option longs[CELL_OPTIONS + 1] = { 0 };
	int opt, index;

	*c = (struct cell){
		.flows = 1000, .per_client = 16, .sched = "rr", .servers = 8, .rounds = 9, .packets = 1000000
	};
	for (size_t i = 0; i < CELL_OPTIONS; i++)
		longs[i] = (struct option){ cell_options[i].name, cell_options[i].type != OPTION_FLAG, NULL, 0 };
	while ((opt = getopt_long(argc, argv, "", longs, &index)) != -1) {
		if (opt == '?')
			refuse("wrong option");
		set_member(c, &cell_options[index], optarg);
	}
	if (optind != argc)
		refuse("%s: an argument that belongs to no option", argv[optind]);
	validate(c);
}
