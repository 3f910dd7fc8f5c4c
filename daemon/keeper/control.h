/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control - the socket where tools ask the keeper of this namespace (abi/keeper_wire.h): status, reload, config.
 *
 * For root alone. A question that cannot be understood is answered with a sentence.
 */
#ifndef ELVS_KEEPER_CONTROL_H
#define ELVS_KEEPER_CONTROL_H

#include "keeper.h"

struct control;

int control_new(struct control **ret, struct keeper *k); /* -errno; -EADDRINUSE: another keeper is there */
void control_free(struct control *c);			 /* NULL is fine */

#endif
