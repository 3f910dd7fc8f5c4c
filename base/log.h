/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log - one line per event, for whoever operates a process: to stderr in the foreground, else to syslog and a file.
 *
 * Only a process's top level logs; libraries return errors. The one thing in this tree that is global on purpose:
 * a process has one log, as it has one stderr.
 */
#ifndef ELVS_BASE_LOG_H
#define ELVS_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <syslog.h>	/* LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG */

/*
 * ident: in front of every line, borrowed. file: NULL = stderr; else lines go to syslog and are appended to this
 * file, which is set aside as FILE.old when it has grown beyond 1 MiB. debug: LOG_DEBUG is logged, too.
 */
void log_open(const char *ident, const char *file, bool debug);

/* For a daemon whose user says where lines go; each place that is asked for gets every line. */
struct log_places {
	const char *ident;	/* syslog's; borrowed */
	bool console;		/* stderr: "Sat Nov 21 15:05:11 2026: text" */
	bool syslog;
	int facility;		/* LOG_DAEMON, ... */
	const char *file;	/* NULL: none; appended to, never turned over: that is its owner's business */
	bool debug;
};
/* May be called again, after a fork: descriptors of before are closed. -errno: the file cannot be opened. */
int log_open_places(const struct log_places *p);
int log_fd(void);	/* of the file, -1: none. To be kept open where descriptors are closed. */
void log_msg(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...) log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
