/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table - all checks by their key; a new configuration is laid over the old one here. */
#ifndef ELVS_DAEMON_CHECK_TABLE_H
#define ELVS_DAEMON_CHECK_TABLE_H

struct checker;
struct conf;

/*
 * New checks begin, those of the same key go on with this configuration's text, the others end. -ENOMEM: some new
 * ones could not be made; the rest is in force. The old configuration is not referred to any more in either case.
 */
int table_apply(struct checker *r, const struct conf *conf);
void table_free(struct checker *r);

#endif
