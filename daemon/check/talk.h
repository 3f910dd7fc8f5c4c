/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * talk - a conversation over one TCP connection: connect, then whole replies in, short lines out. For SMTP and
 * agents.
 *
 * Each step has the check's connect_timeout. Input is bounded; what does not fit is a failure.
 */
#ifndef ELVS_DAEMON_CHECK_TALK_H
#define ELVS_DAEMON_CHECK_TALK_H

#include <stdbool.h>
#include <stddef.h>

#define TALK_MAX 4096

struct check;

/* What a kind that talks has as its try (try_size) */
struct talk {
	/*
	 * What came so far; eof: no more will. May end the try, or say more (talk_say), which uses up the input;
	 * otherwise it is asked again when more has come.
	 */
	void (*input)(struct check *k, const char *in, size_t len, bool eof);
	const char *doing; /* for messages: "waiting for the greeting" */
	int stage;	   /* the user's */
	bool connected;
	size_t n_in, n_out, sent;
	char in[TALK_MAX], out[512];
};

/* Begins a try. first: sent on connecting, "" for nothing; doing, what is waited for then. */
void talk_start(struct check *k, void (*input)(struct check *, const char *, size_t, bool), const char *first,
		const char *doing);
void talk_say(struct check *k, const char *doing, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void talk_timeout(struct check *k);

#endif
