/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore - see restore.h.
 */
#include "restore.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "help.h"
#include "request.h"
#include "run.h"

#define PENDING_MAX 1024 /* refusals are told at the latest after so many lines */
#define BLANKS " \t\r\n"

struct restore {
	struct ctl *c;
	enum op pending[PENDING_MAX]; /* commands whose answers are not read yet */
	unsigned npending;
	int status; /* of the last line */
};

/* The words of one line, after the program's name. */
struct line {
	char **argv; /* NULL-terminated */
	size_t n, room;
};

static void told(void *arg, unsigned nth, int error)
{
	struct restore *r = arg;

	r->status = 0;
	if (!error)
		return;
	run_complain(r->c, r->pending[nth], error);
	r->status = STATUS_REFUSED;
}

/* 0, or -errno when the director has gone: then nothing further can be done. */
static int settle(struct restore *r)
{
	int err;

	if (!r->npending)
		return 0;
	err = ctl_flush(r->c, told, r);
	r->npending = 0;
	if (err)
		run_complain(r->c, OP_RESTORE, err);
	return err;
}

static int queue(struct restore *r, const struct command *cmd)
{
	int err = ctl_queue(r->c, request_build(r->c, cmd));

	if (err) {
		run_complain(r->c, cmd->op, err);
		return err;
	}
	r->pending[r->npending++] = cmd->op;
	return r->npending == PENDING_MAX ? settle(r) : 0;
}

static int add_word(struct line *l, char *word)
{
	size_t room = l->room ? l->room * 2 : 32;
	char **more;

	if (l->n + 1 >= l->room) {
		more = realloc(l->argv, room * sizeof(*more));
		if (!more)
			return -1;
		l->argv = more;
		l->room = room;
	}
	l->argv[l->n++] = word;
	l->argv[l->n] = NULL;
	return 0;
}

/*
 * Splits len bytes of text at blanks; there is no quoting. A word "ipvsadm" is dropped wherever it stands. A NUL byte
 * cuts its word short, not the line.
 */
static int split(struct line *l, char *text, size_t len, char *prog)
{
	char *word = NULL, *end = text + len;
	int r = 0;

	l->n = 0;
	r = add_word(l, prog);
	for (; !r && text < end; text++) {
		if (*text && strchr(BLANKS, *text)) {
			*text = '\0';
			if (word && strcmp(word, "ipvsadm"))
				r = add_word(l, word);
			word = NULL;
		} else if (!word) {
			word = text;
		}
	}
	if (!r && word && strcmp(word, "ipvsadm"))
		r = add_word(l, word); /* getline ends the text with a NUL */
	return r;
}

/* A line that ends everything, after the lines before it have been answered. */
static int end_with(struct restore *r, int status, const char *message)
{
	if (settle(r))
		return STATUS_REFUSED;
	if (message) {
		fflush(stdout);
		fprintf(stderr, "%s\n", message);
	}
	return status;
}

/* true: go on; false: *ret_status is the exit status. */
static bool run_line(struct restore *r, struct line *l, int *ret_status)
{
	struct command cmd;
	char *err = NULL;
	int status = 0;
	bool go_on = false;

	switch (command_parse(&cmd, l->argv, &err, &status)) {
	case PARSE_OK:
		if (cmd.op == OP_RESTORE) {
			char again[] = "-?", *argv[] = { l->argv[0], again, NULL };

			command_parse(&cmd, argv, &err, &status); /* no nesting: "Try ..." */
			*ret_status = end_with(r, status, err);
		} else if (cmd.op == OP_LIST || cmd.op == OP_SAVE) {
			*ret_status = end_with(r, 0, NULL);
			if (!*ret_status)
				*ret_status = r->status = run_command(r->c, &cmd);
			go_on = !*ret_status;
		} else {
			*ret_status = STATUS_REFUSED;
			go_on = !queue(r, &cmd);
		}
		break;
	case PARSE_BAD_WORD:
		*ret_status = end_with(r, status, err);
		r->status = status;
		go_on = *ret_status == status;
		break;
	case PARSE_FAILED:
		*ret_status = end_with(r, status, err);
		break;
	case PARSE_HELP:
	case PARSE_VERSION:
		*ret_status = end_with(r, 0, NULL);
		help_version(stdout);
		if (l->argv[1][0] == '-' && (l->argv[1][1] == 'h' || !strncmp(l->argv[1], "--h", 3)))
			help_usage(stdout, l->argv[0]);
		break;
	}
	free(err);
	return go_on;
}

int restore(struct ctl *c, FILE *in, char *prog)
{
	struct restore r = { .c = c };
	struct line line = { 0 };
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int status = 0;

	while ((len = getline(&text, &size, in)) > 0) {
		if (split(&line, text, (size_t)len, prog)) {
			status = end_with(&r, STATUS_REFUSED, "out of memory");
			goto out;
		}
		if (line.n > 1 && !run_line(&r, &line, &status))
			goto out;
	}
	status = settle(&r) ? STATUS_REFUSED : r.status;
out:
	free(line.argv);
	free(text);
	return status;
}
