/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec - the keeper's end of the script role: who asked for which run, and who is told how it ended.
 *
 * Every run ends once: as the role reports it, or as killed when the role itself has died. The role is started by the
 * first run. Nothing is parsed here but the words of a configuration.
 */
#ifndef ELVS_KEEPER_EXEC_H
#define ELVS_KEEPER_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "message.h"
#include "roles.h"

#define EXEC_COULD_NOT INT32_MIN

struct exec;
struct exec_end {
	int32_t status; /* exit status, -SIGNAL, EXEC_COULD_NOT */
	bool timed_out;
	uint64_t took_us;
};
/* Never called from within exec_run(). */
typedef void exec_done(void *arg, uint64_t tag, const struct exec_end *end);

int exec_new(struct exec **ret, struct roles *roles); /* -errno */
void exec_free(struct exec *e);			      /* nobody is told; NULL is fine */
/*
 * extra: further arguments, NULL at the end; may be NULL. timeout_us 0: none. done may be NULL. Returns the run's
 * number, or 0: the command is too long.
 */
uint64_t exec_run(struct exec *e, const struct conf_script *s, const char *const *extra, uint64_t timeout_us,
		  exec_done *done, void *arg, uint64_t tag);
void exec_stop(struct exec *e, uint64_t id);	   /* its end is reported as usual */
void exec_forget(struct exec *e, const void *arg); /* who asked with this arg is not told any more */
unsigned exec_pending(const struct exec *e);	   /* runs that have a limit and have not ended */

/* The role: it runs now, has ended, has reported. */
void exec_role_started(struct exec *e);
void exec_role_ended(struct exec *e);
void exec_reported(struct exec *e, const struct msg_exec_done *d);

#endif
