/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fifo - one notification FIFO: made if it is not there, written without ever waiting, removed if we made it.
 *
 * Lines that nobody reads in time are dropped, as keepalived does; the log says so once until one gets through again.
 */
#ifndef ELVS_KEEPER_FIFO_H
#define ELVS_KEEPER_FIFO_H

#include <stdbool.h>

#include "conf.h"
#include "exec.h"

struct fifo;

/* Opens it and starts its script. NULL: it cannot be (logged), or there is none to be (path ""). */
struct fifo *fifo_open(const struct conf_fifo *c, struct exec *exec);
/* Ends its script (which also sees end of file). NULL is fine. */
void fifo_close(struct fifo *f);
void fifo_write(struct fifo *f, const char *line); /* NULL is fine */
/* Would opening c give the same? f NULL: nothing is open. */
bool fifo_same(const struct fifo *f, const struct conf_fifo *c);

#endif
