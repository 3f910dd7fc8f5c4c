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
void log_msg(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...) log_msg(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
