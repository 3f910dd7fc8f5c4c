/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify_text - the words of notifications, as keepalived's users know them: FIFO lines, subjects and bodies of mail.
 *
 * Pure; lengths as snprintf's.
 */
#ifndef ELVS_KEEPER_NOTIFY_TEXT_H
#define ELVS_KEEPER_NOTIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "message.h"

/* The word for an event: "MASTER", "STOP", "MASTER_RX_LOWER_PRI", "BACKUP_PRIORITY"; NULL: nobody is told. */
const char *notify_vrrp_word(uint8_t event, uint8_t state);
/* INSTANCE "VI_1" MASTER 100\n */
int notify_vrrp_line(char *buf, size_t size, bool group, const char *name, const char *word, uint8_t priority);
/* Subject without [router_id], and body; false: there is no mail about this state. */
bool notify_vrrp_mail(bool group, const char *name, uint8_t state, struct msg_mail *m);
/* VS [1.2.3.4]:tcp:80 UP\n and RS [..]:tcp:80 [..]:tcp:80 DOWN\n; rs NULL: the virtual server */
int notify_lvs_line(char *buf, size_t size, const struct conf *c, const struct conf_vs *vs, const struct conf_rs *rs,
		    bool up);
void notify_lvs_mail(const struct conf *c, const struct conf_vs *vs, const struct conf_rs *rs, bool up,
		     const char *text, struct msg_mail *m);

#endif
