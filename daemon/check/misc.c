/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * misc - MISC_CHECK: a script decides, run by the script role as its user, with its deadline. 0 is good; with
 * misc_dynamic 2..255 are, too, and the weight is the status less 2.
 */
#include "kinds.h"

#define GRACE_US 10000000 /* beyond the script's own timeout: TERM, KILL and two processes between */

static void start(struct check *k)
{
	struct message m = { .type = MSG_RUN, .run = { .key = k->at->key, .run = k->serial } };

	check_step(k, k->conf->misc.timeout_us + GRACE_US);
	if (!checker_send(k->role, &m))
		check_done(k, ENGINE_AGAIN, "the keeper does not take its request to run the script");
}

static void timeout(struct check *k)
{
	check_done(k, ENGINE_AGAIN, "nobody told how the script ended");
}

static void weigh(struct check *k, int32_t weight)
{
	if (!k->has_weight || k->weight != weight)
		k->weight_changed = true;
	k->has_weight = true;
	k->weight = weight;
}

void check_misc_done(struct check *k, const struct msg_run_done *m)
{
	if (k->conf->kind != CONF_CHECK_MISC || k->state != CHECK_RUNNING || m->run != k->serial)
		return;
	if (m->timed_out) {
		check_done(k, ENGINE_FAILED, "script timed out after %.6g s", (double)k->conf->misc.timeout_us / 1e6);
	} else if (m->status == INT32_MIN) {
		check_done(k, ENGINE_AGAIN, "script could not be run");
	} else if (m->status < 0) {
		check_done(k, ENGINE_FAILED, "script ended by signal %d", -m->status);
	} else if (m->status == 0) {
		check_done(k, ENGINE_OK, NULL);
	} else if (k->conf->misc.dynamic && m->status >= 2 && m->status <= 255) {
		weigh(k, m->status - 2);
		check_done(k, ENGINE_OK, NULL);
	} else {
		check_done(k, ENGINE_FAILED, "script exited with status %d, want 0%s", m->status,
			   k->conf->misc.dynamic ? " or 2 to 255" : "");
	}
}

const struct check_kind check_misc = { .name = "MISC_CHECK", .proto = "TCP", .start = start, .timeout = timeout };
