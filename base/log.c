/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log - see log.h. */
#include "log.h"

#include <errno.h>
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
	bool places;	/* as log_open_places() said: */
	bool console, syslog;
} out = { "elvs", -1, false, false, false, false };

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

int log_open_places(const struct log_places *p)
{
	int fd = -1;

	if (p->file) {
		fd = open(p->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0)
			return -errno;
	}
	if (out.fd >= 0)
		close(out.fd);
	closelog();
	out.ident = p->ident;
	out.fd = fd;
	out.debug = p->debug;
	out.places = true;
	out.console = p->console;
	out.syslog = p->syslog;
	if (p->syslog)
		openlog(p->ident, LOG_PID | LOG_NDELAY, p->facility);	/* a sandbox may follow */
	return 0;
}

int log_fd(void)
{
	return out.fd;
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

/* The text as it is: people search for these very words */
static void to_places(int level, const char *text)
{
	time_t now = time(NULL);
	char line[1200], when[64];
	struct tm tm;
	int n;

	if (out.syslog)
		syslog(level, "%s", text);
	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%a %b %e %H:%M:%S %Y", &tm);
	n = snprintf(line, sizeof(line), "%s: %s\n", when, text);
	if (out.console && write(STDERR_FILENO, line, n) < 0)
		out.console = false;	/* nobody reads there any more */
	if (out.fd >= 0 && write(out.fd, line, n) < 0)
		return;
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
	if (out.places) {
		to_places(level, text);
		return;
	}
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
