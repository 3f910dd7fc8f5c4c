/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mail - delivers the keeper's notifications by SMTP, one after the other, to the server of global_defs.
 *
 * The queue is bounded; a delivery that fails for a passing reason is tried again. Each mail gets exactly one
 * MSG_MAIL_DONE. Plain SMTP as keepalived has it: no TLS, no login.
 */
#ifndef ELVS_DAEMON_CHECK_MAIL_H
#define ELVS_DAEMON_CHECK_MAIL_H

struct checker;
struct conf;
struct mailer;
struct msg_mail;

struct mailer *mailer_new(struct checker *r); /* NULL: no memory */
void mailer_free(struct mailer *m);
void mailer_configure(struct mailer *m, const struct conf *conf);
void mailer_take(struct mailer *m, const struct msg_mail *mail);

#endif
