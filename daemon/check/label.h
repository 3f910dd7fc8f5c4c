/* SPDX-License-Identifier: GPL-2.0-or-later */
/* label - how checks, real servers and virtual servers are called in the log: "[10.0.0.1]:tcp:80". */
#ifndef ELVS_DAEMON_CHECK_LABEL_H
#define ELVS_DAEMON_CHECK_LABEL_H

struct check;

struct label {
	char text[96];
};

/* The first real server that asks for this check; whom it connects to if there is none. */
struct label label_of(const struct check *k);
/* The virtual server of that real server, "-" if there is none. */
struct label label_service(const struct check *k);

/* For use inside of one full expression: log_info("%s", CHECK_LABEL(k)) */
#define CHECK_LABEL(k) (label_of(k).text)

#endif
