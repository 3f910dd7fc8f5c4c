/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smtp - SMTP_CHECK: greeting 220, HELO 250, QUIT and any reply (RFC 5321). */
#include "kinds.h"

#include "smtp_line.h"
#include "talk.h"

enum { GREETING, HELO, QUIT };

static void input(struct check *k, const char *in, size_t len, bool eof)
{
	static const int wanted[] = { [GREETING] = 220, [HELO] = 250 };
	static const char *const what[] = { [GREETING] = "greeting", [HELO] = "reply to HELO" };
	struct talk *t = k->run->try;
	int code = smtp_reply(in, len);

	if (code == 0)
		return;
	if (t->stage == QUIT) {
		check_done(k, ENGINE_OK, NULL);
		return;
	}
	if (code != wanted[t->stage]) {
		if (code < 0)
			check_done(k, ENGINE_FAILED, "the %s is not SMTP, want %d", what[t->stage], wanted[t->stage]);
		else
			check_done(k, ENGINE_FAILED, "SMTP %s %d, want %d", what[t->stage], code, wanted[t->stage]);
		return;
	}
	if (t->stage++ == GREETING)
		talk_say(k, "waiting for the reply to HELO", "HELO %s\r\n", k->conf->smtp.helo);
	else
		talk_say(k, "waiting for the reply to QUIT", "QUIT\r\n");
}

static void start(struct check *k)
{
	talk_start(k, input, "", "waiting for the greeting");
}

const struct check_kind check_smtp = { .name = "SMTP_CHECK",
				       .proto = "TCP",
				       .socket_type = SOCK_STREAM,
				       .try_size = sizeof(struct talk),
				       .start = start,
				       .timeout = talk_timeout,
				       .success = "Remote SMTP server %s succeed on service." };
