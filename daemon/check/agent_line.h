/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent_line - what an agent on the real server says of it, in HAProxy's words ("agent-check" of its manual).
 *
 * One line of words, divided by spaces, tabs and commas: "NN%", "up", "ready", "drain", "maint", "down", "stopped",
 * "fail[ed]", the last four perhaps with "#reason"; "maxconn:N" is understood and has no effect. Words that nobody
 * knows are passed over, as HAProxy does; a line without a known word is no answer. Foreign bytes; fuzzed.
 */
#ifndef ELVS_DAEMON_CHECK_AGENT_LINE_H
#define ELVS_DAEMON_CHECK_AGENT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGENT_LINE_MAX 512 /* bytes; more is no answer */
#define AGENT_PERCENT_MAX 10000

struct agent_answer {
	bool down;  /* down, stopped, failed, maint */
	bool drain; /* drain, or 0% */
	bool has_percent;
	uint32_t percent; /* of the configured weight, at most AGENT_PERCENT_MAX */
	char word[16];	  /* that took it down: "maint" */
	char reason[80];  /* what stood after its #, printable; "" */
};

/* line ends at the first CR, LF or NUL, or at len. 0, or -EINVAL: nothing that an agent says. */
int agent_line(struct agent_answer *ret, const char *line, size_t len);

#endif
