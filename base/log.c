/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log - see log.h. */
#include "log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOG_FILE_MAX (1 << 20)

static struct {
	const char *ident;
	int fd;		/* -1: stderr */
	bool debug;
} out = { "elvs", -1, false };

void log_open(const char *ident, const char *file, bool debug)
{
	struct stat st;
	char old[4096];

	out.ident = ident;
	out.debug = debug;
	if (!file)
		return;
	if (stat(file, &st) == 0 && st.st_size > LOG_FILE_MAX &&
	    snprintf(old, sizeof(old), "%s.old", file) < (int)sizeof(old))
		rename(file, old);
	out.fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	openlog(ident, LOG_PID, LOG_DAEMON);
}

static const char *level_name(int level)
{
	switch (level) {
	case LOG_ERR:
		return "error: ";
	case LOG_WARNING:
		return "warning: ";
	case LOG_DEBUG:
		return "debug: ";
	default:
		return "";
	}
}

void log_msg(int level, const char *fmt, ...)
{
	char text[1024], line[1200], when[32];
	struct timespec now;
	struct tm tm;
	va_list ap;
	int n;

	if (level == LOG_DEBUG && !out.debug)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (out.fd < 0) {
		fprintf(stderr, "%s: %s%s\n", out.ident, level_name(level), text);
		return;
	}
	syslog(level, "%s%s", level_name(level), text);
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof(when), "%F %T", &tm);
	n = snprintf(line, sizeof(line), "%s.%03ld %s[%d]: %s%s\n", when, now.tv_nsec / 1000000, out.ident,
		     (int)getpid(), level_name(level), text);
	if (n > (int)sizeof(line) - 1)
		n = sizeof(line) - 1;
	if (write(out.fd, line, n) < 0)
		return;	/* a full disk must not stop the director; syslog has the line */
}
