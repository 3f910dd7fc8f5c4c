/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mail - alerts on their way: given to the check role, which talks to the server, and kept until it has said how that
 * ended. What a role that died had not delivered is given to the next.
 */
#ifndef ELVS_KEEPER_MAIL_H
#define ELVS_KEEPER_MAIL_H

#include "conf.h"
#include "message.h"
#include "roles.h"

struct mail;

int mail_new(struct mail **ret, struct roles *roles); /* -errno */
void mail_free(struct mail *m);			      /* NULL is fine */
/* Subject and body of m; c says whether there is anybody to write to. */
void mail_send(struct mail *m, const struct conf *c, const struct msg_mail *text);
void mail_done(struct mail *m, const struct msg_mail_done *d);
void mail_role_started(struct mail *m);
unsigned mail_pending(const struct mail *m);

#endif
