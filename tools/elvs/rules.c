/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules - reads files of ipvsadm commands and applies them all or none (rules.h).
 *
 * The director makes it all-or-nothing: everything between ELVS_CMD_BATCH begin and commit. ipvsadm's parser says
 * what is wrong but not where; the place is found by parsing ever longer beginnings of the line until the same
 * complaint comes (only on lines that are wrong).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "ctl_wire.h"
#include "request.h"
#include "rules.h"

#define WORDS_MAX 64 /* of a line; the longest sensible one has 24 */
#define BLANKS " \t\r\n"

enum batch_op { BATCH_BEGIN = 1, BATCH_COMMIT = 2, BATCH_ABORT = 3 };

struct split_line {
	char *argv[WORDS_MAX + 2]; /* argv[0] is the program's name, NULL-terminated */
	unsigned int column[WORDS_MAX + 2];
	int n;
	unsigned int end; /* column behind the last word */
};

/* ---- gathering ---- */

static void *grow(void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 64;
	void *p;

	if (n < *room)
		return array;
	p = reallocarray(array, more, size);
	if (p)
		*room = more;
	return p;
}

__attribute__((format(printf, 4, 5))) static int add_error(struct rules *r, unsigned int line, unsigned int column,
							   const char *fmt, ...)
{
	struct rules_error e = { line, column, NULL }, *p;
	va_list ap;
	int n;

	if (r->errors >= RULES_ERRORS_MAX) {
		r->more_errors++;
		return 0;
	}
	va_start(ap, fmt);
	n = vasprintf(&e.text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	e.text[strcspn(e.text, "\n")] = '\0';
	p = grow(r->error, r->errors, &r->error_room, sizeof(*p));
	if (!p) {
		free(e.text);
		return -ENOMEM;
	}
	r->error = p;
	r->error[r->errors++] = e;
	return 0;
}

void rules_free(struct rules *r)
{
	size_t i;

	for (i = 0; i < r->errors; i++)
		free(r->error[i].text);
	free(r->error);
	free(r->rule);
	*r = (struct rules){};
}

/* ---- a line ---- */

/* Splits in place; -E2BIG */
static int split(struct split_line *w, char *text)
{
	static char prog[] = "ipvsadm";
	char *p = text + strspn(text, BLANKS);

	*w = (struct split_line){ .argv = { prog }, .n = 1 };
	while (*p && *p != '#') {
		size_t len = strcspn(p, BLANKS);

		if (w->n > WORDS_MAX)
			return -E2BIG;
		w->column[w->n] = (unsigned int)(p - text) + 1;
		w->end = w->column[w->n] + (unsigned int)len;
		/* the program's own name may stand at the beginning of each line, as -R takes it */
		if (!(w->n == 1 && len == strlen(prog) && memcmp(p, prog, len) == 0))
			w->argv[w->n++] = p;
		p += len;
		if (*p)
			*p++ = '\0';
		p += strspn(p, BLANKS);
	}
	w->argv[w->n] = NULL;
	return 0;
}

/* Does the beginning of n words draw the complaint text? */
static bool complains(const struct split_line *w, int n, const char *text)
{
	struct split_line part = *w;
	struct command cmd;
	char *err = NULL;
	int status;
	bool same;

	part.argv[n] = NULL;
	command_parse(&cmd, part.argv, &err, &status);
	same = err && strcmp(err, text) == 0;
	free(err);
	return same;
}

static unsigned int error_column(const struct split_line *w, const char *text)
{
	int k = w->n;

	if (strncmp(text, "You need to supply", 18) == 0)
		return w->end; /* something is missing, whatever came before */
	while (k > 2 && complains(w, k - 1, text))
		k--;
	return w->column[k - 1];
}

static unsigned int column_after(const struct split_line *w, const char *const options[])
{
	int i, k;

	for (i = 1; i + 1 < w->n; i++) {
		for (k = 0; options[k]; k++) {
			if (strcmp(w->argv[i], options[k]) == 0)
				return w->column[i + 1];
		}
	}
	return w->n > 1 ? w->column[1] : 1;
}

static const char *unwanted(enum op op)
{
	switch (op) {
	case OP_LIST:
		return "-L changes nothing: it does not belong in a file of rules";
	case OP_SAVE:
		return "-S changes nothing: it does not belong in a file of rules";
	case OP_RESTORE:
		return "-R cannot stand in a file of rules";
	default:
		return NULL;
	}
}

static int add_rule(struct rules *r, const struct split_line *w, unsigned int line, const struct command *cmd)
{
	static const char *const service[] = {
		"-t", "-u", "-f", "--tcp-service", "--udp-service", "--sctp-service", "--fwmark-service", NULL
	};
	static const char *const server[] = { "-r", "--real-server", NULL };
	struct rule *p = grow(r->rule, r->n, &r->room, sizeof(*p));

	if (!p)
		return -ENOMEM;
	r->rule = p;
	r->rule[r->n++] = (struct rule){ *cmd, line, column_after(w, service), column_after(w, server) };
	return 0;
}

static int read_line(struct rules *r, char *text, unsigned int line)
{
	struct command cmd;
	struct split_line w;
	char *err = NULL;
	int status, n;

	if (split(&w, text) < 0)
		return add_error(r, line, w.end, "more than %d words", WORDS_MAX);
	if (w.n == 1)
		return 0;
	switch (command_parse(&cmd, w.argv, &err, &status)) {
	case PARSE_OK:
		if (unwanted(cmd.op))
			n = add_error(r, line, w.column[1], "%s", unwanted(cmd.op));
		else
			n = add_rule(r, &w, line, &cmd);
		break;
	case PARSE_HELP:
	case PARSE_VERSION:
		n = add_error(r, line, w.column[1], "%s does not belong in a file of rules", w.argv[1]);
		break;
	case PARSE_BAD_WORD:
	case PARSE_FAILED:
	default:
		if (!err)
			return -ENOMEM;
		n = add_error(r, line, error_column(&w, err), "%s",
			      strncmp(err, "Try `", 5) == 0 ? "the line does not begin with a command (-A, -a, ...)"
							    : err);
		break;
	}
	free(err);
	return n;
}

int rules_read(struct rules *r, FILE *in)
{
	char *text = NULL;
	size_t size = 0;
	unsigned int line = 0;
	int n = 0;

	*r = (struct rules){};
	while (n == 0 && getline(&text, &size, in) > 0)
		n = read_line(r, text, ++line);
	if (n == 0 && ferror(in))
		n = -EIO;
	free(text);
	return n < 0 ? n : r->errors ? -EINVAL : 0;
}

/* ---- applying ---- */

static int batch(struct ctl *c, enum batch_op op)
{
	struct nlmsghdr *nlh = ctl_request(c, ELVS_CMD_BATCH, NLM_F_ACK);

	mnl_attr_put_u32(nlh, ELVS_ATTR_BATCH_OP, op);
	return ctl_call(c, nlh, NULL, NULL);
}

static bool about_server(enum op op)
{
	return op == OP_ADD_DEST || op == OP_DEL_DEST || op == OP_EDIT_DEST;
}

static unsigned int refused_column(const struct rule *rule, int error)
{
	return about_server(rule->cmd.op) && error != ESRCH ? rule->server_column : rule->service_column;
}

struct answers {
	const struct ctl *c;
	struct rules *r; /* NULL: refusals do not count */
	int refused;
};

static void on_answer(void *arg, unsigned int nth, int error)
{
	struct answers *a = arg;
	struct rule *rule;

	if (!error || !a->r || nth >= a->r->n)
		return;
	rule = &a->r->rule[nth];
	if (!a->refused)
		a->refused = error;
	add_error(a->r, rule->line, refused_column(rule, -error), "%s",
		  request_strerror(rule->cmd.op, -error, ctl_why(a->c)));
}

static int send_all(struct ctl *c, const struct rules *r, struct rules *errors)
{
	struct answers a = { .c = c, .r = errors };
	size_t i;
	int n;

	for (i = 0; i < r->n; i++) {
		n = ctl_queue(c, request_build(c, &r->rule[i].cmd));
		if (n < 0)
			return n;
	}
	n = ctl_flush(c, on_answer, &a);
	return n < 0 ? n : a.refused;
}

int rules_apply(struct ctl *c, struct rules *r, const struct rules *first, int (*before_commit)(void *arg), void *arg)
{
	int n = batch(c, BATCH_BEGIN);

	if (n < 0) {
		add_error(r, 0, 0, "the director cannot begin a transaction: %s", strerror(-n));
		return n;
	}
	n = first ? send_all(c, first, NULL) : 0;
	if (n == 0)
		n = send_all(c, r, r);
	if (n == 0 && before_commit)
		n = before_commit(arg);
	if (n == 0) {
		n = batch(c, BATCH_COMMIT);
		if (n == 0)
			return 0;
	}
	batch(c, BATCH_ABORT);
	if (!r->errors)
		add_error(r, 0, 0,
			  n == -EPIPE ? "the director has gone away; nothing was changed"
				      : "the director could not apply the rules: %s",
			  strerror(-n));
	return n;
}

/* ---- services as texts ---- */

static void service_text(const struct service *s, char *ret, size_t size)
{
	char where[ADDR_TEXT];

	if (s->fwmark) {
		snprintf(ret, size, "-f %u%s", s->fwmark, s->af == AF_INET6 ? " -6" : "");
		return;
	}
	addr_format_endpoint(where, &s->addr, s->port);
	snprintf(ret, size, "%s %s",
		 s->proto == IPPROTO_UDP    ? "-u"
		 : s->proto == IPPROTO_SCTP ? "--sctp-service"
					    : "-t",
		 where);
}

json_t *rules_services(const struct rules *r)
{
	json_t *texts = json_array();
	char text[ADDR_TEXT + 24];
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->rule[i].cmd.op != OP_ADD)
			continue;
		service_text(&r->rule[i].cmd.svc, text, sizeof(text));
		json_array_append_new(texts, json_string(text));
	}
	return texts;
}

int rules_from_services(struct rules *ret, const json_t *texts, size_t *ret_n)
{
	char line[ADDR_TEXT + 32];
	json_t *v;
	size_t i;
	int n;

	*ret = (struct rules){};
	json_array_foreach(texts, i, v)
	{
		snprintf(line, sizeof(line), "-D %s", json_string_value(v) ?: "");
		n = read_line(ret, line, (unsigned int)i + 1);
		if (n < 0 || ret->errors)
			return n < 0 ? n : -EINVAL;
	}
	if (ret_n)
		*ret_n = ret->n;
	return 0;
}

int rules_flush(struct rules *ret)
{
	char line[] = "-C";

	*ret = (struct rules){};
	return read_line(ret, line, 1);
}

void rules_print_errors(const struct rules *r, const char *name, FILE *f)
{
	size_t i;

	for (i = 0; i < r->errors; i++) {
		if (r->error[i].line)
			fprintf(f, "%s:%u:%u: %s\n", name, r->error[i].line, r->error[i].column, r->error[i].text);
		else
			fprintf(f, "%s: %s\n", name, r->error[i].text);
	}
	if (r->more_errors)
		fprintf(f, "%s: and %zu more\n", name, r->more_errors);
}
