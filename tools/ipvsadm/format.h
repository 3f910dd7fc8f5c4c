/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format - services and servers as lines of text: the listings' tables and the lines that restore them. Pure: what
 * is printed comes in, where it is printed is a FILE.
 */
#ifndef IPVSADM_FORMAT_H
#define IPVSADM_FORMAT_H

#include <stdio.h>

#include "ctl_wire.h"
#include "names.h"
#include "sched_flags.h"

enum list_mode { LIST_NORMAL, LIST_STATS, LIST_RATE, LIST_THRESHOLDS, LIST_PERSISTENT, LIST_TUN_INFO };

struct format {
	FILE *out;
	struct names *names;
	enum list_mode mode;
	bool exact; /* numbers in full */
};

void format_header(const struct format *f, uint32_t version, uint32_t size);
void format_titles(const struct format *f);
void format_service(const struct format *f, const struct service *s);
void format_dest(const struct format *f, const struct service *s, const struct dest *d);
void format_timeouts(const struct format *f, const struct timeouts *t);
void format_daemon(const struct format *f, const struct sync_daemon *d);

/* -S */
void format_rule_service(const struct format *f, const struct service *s);
void format_rule_dest(const struct format *f, const struct service *s, const struct dest *d);

/* -Lc; pe: with the columns of persistence engines */
void format_conn_titles(const struct format *f, bool pe);
void format_conn(const struct format *f, const struct elvs_conn_wire *c);

#endif
