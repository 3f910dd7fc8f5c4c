/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process_match - see process_match.h. */
#include "process_match.h"

#include <string.h>

#define COMM_MAX 15 /* TASK_COMM_LEN without its NUL: longer names are cut off there */
#define ARGS_MAX 256

struct args {
	const char *at[ARGS_MAX]; /* each ends with a NUL or at the end */
	size_t len[ARGS_MAX], n;
};

static void split(struct args *a, const char *cmdline, size_t n)
{
	a->n = 0;
	for (size_t i = 0; i < n && a->n < ARGS_MAX;) {
		size_t len = strnlen(cmdline + i, n - i);

		a->at[a->n] = cmdline + i;
		a->len[a->n++] = len;
		i += len + 1;
	}
}

static bool equal(const struct args *a, size_t i, const char *want)
{
	return strlen(want) == a->len[i] && !memcmp(a->at[i], want, a->len[i]);
}

static const char *base(const char *at, size_t *len)
{
	for (size_t i = *len; i > 0; i--) {
		if (at[i - 1] == '/') {
			*len -= i;
			return at + i;
		}
	}
	return at;
}

/* The program: as a path if the whole command is asked for or a path is given, else by its last part */
static bool program(const struct conf_track_process *c, const char *comm, const struct args *a)
{
	const char *want = c->argv[0], *name;
	size_t len;

	if (a->n && (c->full_command || strchr(want, '/')))
		return equal(a, 0, want);
	if (!strncmp(comm, want, COMM_MAX) &&
	    (strlen(want) <= COMM_MAX ? strlen(comm) == strlen(want) : strlen(comm) == COMM_MAX)) {
		if (strlen(want) <= COMM_MAX || !a->n)
			return true;
	}
	if (!a->n)
		return false;
	len = a->len[0];
	name = base(a->at[0], &len);
	return len == strlen(want) && !memcmp(name, want, len);
}

/* Parameters: all of them, the first ones, or the last of them only begun */
static bool parameters(const struct conf_track_process *c, const struct args *a)
{
	size_t n = 0;

	while (c->argv[1 + n])
		n++;
	if (!n && !c->full_command)
		return true;
	if (a->n < 1 + n || (a->n > 1 + n && !c->params_initial && !c->params_partial))
		return false;
	for (size_t i = 1; i <= n; i++) {
		const char *want = c->argv[i];

		if (equal(a, i, want))
			continue;
		if (i < n || !c->params_partial || a->len[i] < strlen(want) ||
		    memcmp(a->at[i], want, strlen(want)) != 0)
			return false;
	}
	return true;
}

bool process_needs_cmdline(const struct conf_track_process *c)
{
	return c->full_command || c->argv[1] || strchr(c->argv[0], '/') || strlen(c->argv[0]) > COMM_MAX;
}

bool process_matches(const struct conf_track_process *c, const char *comm, const char *cmdline, size_t n)
{
	struct args a;

	split(&a, cmdline, n);
	return program(c, comm, &a) && parameters(c, &a);
}

bool process_quorum(const struct conf_track_process *c, uint32_t count)
{
	return count >= c->quorum && count <= c->quorum_max;
}
