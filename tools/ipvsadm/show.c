/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show - see show.h.
 */
#include "show.h"

#include <errno.h>
#include <stdlib.h>

#include "format.h"
#include "sort.h"
#include "table.h"

static bool given(const struct command *cmd, enum opt opt)
{
	return cmd->given & BIT(opt);
}

/* Of several, the first one in this order wins. */
static enum list_mode mode_of(const struct command *cmd)
{
	if (given(cmd, OPT_STATS))
		return LIST_STATS;
	if (given(cmd, OPT_RATE))
		return LIST_RATE;
	if (given(cmd, OPT_THRESHOLDS))
		return LIST_THRESHOLDS;
	if (given(cmd, OPT_PERSISTENTCONN))
		return LIST_PERSISTENT;
	if (given(cmd, OPT_TUN_INFO))
		return LIST_TUN_INFO;
	return LIST_NORMAL;
}

static int show_service(struct ctl *c, const struct command *cmd, const struct format *f, const struct service *s,
			struct dest_list *dests)
{
	bool rules = cmd->op == OP_SAVE;
	size_t i;
	int r = table_dests(c, s, dests);

	if (!r && !given(cmd, OPT_NOSORT))
		r = sort_dests(dests);
	if (r)
		return r;
	(rules ? format_rule_service : format_service)(f, s);
	for (i = 0; i < dests->n; i++)
		(rules ? format_rule_dest : format_dest)(f, s, &dests->d[i]);
	return 0;
}

/* Everything is read before the first line is printed, so that a failure leaves no half table behind. */
static int show_services(struct ctl *c, const struct command *cmd, const struct format *f)
{
	bool one = given(cmd, OPT_SERVICE), rules = cmd->op == OP_SAVE;
	struct service_list services = { 0 };
	struct dest_list dests = { 0 };
	struct ipvs_info info = { 0 };
	size_t i;
	int r = one ? table_service(c, &cmd->svc, &services) : table_services(c, &services);

	if (!r && !one && !rules)
		r = table_info(c, &info);
	if (!r && !given(cmd, OPT_NOSORT))
		r = sort_services(&services);
	if (!r && !rules) {
		if (!one)
			format_header(f, info.version, info.size);
		format_titles(f);
	}
	for (i = 0; !r && i < services.n; i++)
		r = show_service(c, cmd, f, &services.s[i], &dests);
	free(services.s);
	free(dests.d);
	return r;
}

static int show_conn(void *arg, const struct elvs_conn_wire *conn)
{
	format_conn(arg, conn);
	return 0;
}

static int show_timeouts(struct ctl *c, const struct format *f)
{
	struct timeouts t = { 0 };
	int r = table_timeouts(c, &t);

	if (!r)
		format_timeouts(f, &t);
	return r;
}

static int show_daemons(struct ctl *c, const struct format *f)
{
	struct sync_daemon d[2];
	size_t n = 0, i;
	int r = table_daemons(c, d, &n);

	for (i = 0; !r && i < n; i++)
		format_daemon(f, &d[i]);
	return r;
}

int show(struct ctl *c, const struct command *cmd, FILE *out)
{
	struct names *names = calloc(1, sizeof(*names));
	struct format f = { .out = out, .names = names, .mode = mode_of(cmd), .exact = given(cmd, OPT_EXACT) };
	int r;

	if (!names)
		return -ENOMEM;
	names->numeric = given(cmd, OPT_NUMERIC);
	if (given(cmd, OPT_CONNECTION)) {
		format_conn_titles(&f, given(cmd, OPT_PERSISTENTCONN));
		r = table_connections(c, show_conn, &f);
	} else if (given(cmd, OPT_TIMEOUT)) {
		r = show_timeouts(c, &f);
	} else if (given(cmd, OPT_DAEMON)) {
		r = show_daemons(c, &f);
	} else {
		r = show_services(c, cmd, &f);
	}
	names_free(names);
	free(names);
	return r;
}
