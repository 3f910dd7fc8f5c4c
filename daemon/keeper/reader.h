/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader - has a configuration read by a child that may do nothing else: no privileges, no files, no network.
 *
 * The child runs conf_load() into an arena; files, globs, interfaces and scripts are looked at here, on its request.
 * It ends with its answer. One that crashes, hangs or runs out of memory is an error with words, and nothing else.
 */
#ifndef ELVS_KEEPER_READER_H
#define ELVS_KEEPER_READER_H

#include <event2/event.h>
#include <stdint.h>

#include "arena.h"
#include "conf.h"
#include "tree.h"

#define READER_TIMEOUT_S 10

struct reader;
struct reader_result {
	const struct conf *conf; /* NULL: there is none, error says why */
	struct arena arena;	 /* where it lies, mapped read-only; the callback's to close */
	char error[200];
};

/* Called once, from the loop; the reader is gone when it returns. */
typedef void reader_done(void *arg, struct reader_result *result);

/*
 * slot must be free. options' strings are copied into the child by fork. extra: text that is read as if it stood at
 * the end of the file; copied, NULL for none. Returns 0 or -errno.
 */
int reader_start(struct reader **ret, struct event_base *base, const struct arena_space *space, unsigned slot,
		 const struct conf_options *options, const char *extra, reader_done *done, void *arg);
void reader_cancel(struct reader *r); /* NULL is fine; done is not called */

#endif
