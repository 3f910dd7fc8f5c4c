/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent - AGENT_CHECK: the real server is asked for its own opinion, in HAProxy's agent protocol; weights follow it.
 *
 * An agent that says down is believed at once. One that cannot be reached or speaks otherwise is passed over, as
 * HAProxy does: weight and state stay, the server's other checks know whether it lives. When there are no others, it
 * counts as a failed check like any other.
 */
#include "kinds.h"

#include <string.h>

#include "agent_line.h"
#include "talk.h"

static void weigh(struct check *k, const struct agent_answer *a)
{
	if (k->drain != a->drain)
		k->weight_changed = true;
	k->drain = a->drain;
	if (!a->has_percent || !a->percent)
		return; /* nothing said: as it was; 0% drains */
	if (!k->has_weight || k->weight_percent != a->percent)
		k->weight_changed = true;
	k->has_weight = true;
	k->weight = (int32_t)a->percent;
	k->weight_percent = a->percent;
}

static void input(struct check *k, const char *in, size_t len, bool eof)
{
	struct agent_answer a;

	if (len > AGENT_LINE_MAX) {
		check_done(k, ENGINE_FAILED, "the agent's answer is longer than %d bytes", AGENT_LINE_MAX);
		return;
	}
	if (!eof && !memchr(in, '\n', len))
		return;
	if (agent_line(&a, in, len) < 0) {
		check_done(k, ENGINE_FAILED, "%s, want a line like `75%%', `up', `drain' or `down'",
			   len ? "the agent's answer makes no sense" : "the agent said nothing");
		return;
	}
	if (a.down) {
		check_done(k, ENGINE_REFUSED, "the agent says %s%s%s", a.word, a.reason[0] ? ": " : "", a.reason);
		return;
	}
	weigh(k, &a);
	check_done(k, ENGINE_OK, NULL);
}

static void start(struct check *k)
{
	talk_start(k, input, k->conf->agent.send, "waiting for the agent's answer");
}

const struct check_kind check_agent = { .name = "AGENT_CHECK",
					.proto = "TCP",
					.socket_type = SOCK_STREAM,
					.try_size = sizeof(struct talk),
					.optional = true,
					.start = start,
					.timeout = talk_timeout,
					.success = "Agent of %s succeed on service." };
