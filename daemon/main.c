/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvsd - the daemon: the supervisor, which starts itself again with --role for every director. With a configuration it
 * is keepalived, a binary of its own: a director does without what that one links.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "director/director.h"
#include "elvs_version.h"
#include "log.h"
#include "options.h"
#include "supervisor/supervisor.h"

static void usage(void)
{
	puts("Usage: elvsd [--debug]\n"
	     "       elvsd --on-demand [--ready-fd N]\n"
	     "       elvsd -f FILE [OPTION...]      keep this configuration in force, as keepalived does\n"
	     "       elvsd -t [-f FILE]             check it; --print-config prints it\n"
	     "       elvsd --help | --version\n"
	     "\n"
	     "The elvs daemon: keeps one director for every network namespace that has virtual services.\n"
	     "Without options it stays in the foreground, as its service unit wants it. ipvsadm and elvs start it\n"
	     "themselves (--on-demand); it then ends with the last instance.\n"
	     "\n"
	     "      --debug      log more\n"
	     "      --on-demand  detach; end when nothing is left to do\n"
	     "      --ready-fd N write `ok' or what is wrong to this descriptor, then close it\n"
	     "  -h, --help       show this text\n"
	     "  -V, --version    show the version\n"
	     "\n"
	     "Environment: ELVS_RUN_DIR (/run/elvs), ELVS_HOOK (xdp or tc: the most that is attached).");
}

/* Keeps nothing of the client that started us: descriptors, session, directory. */
static void detach(const struct options *o)
{
	int null, keep = o->ready_fd;
	pid_t pid = fork();

	if (pid > 0)
		_exit(0);
	setsid();
	if (chdir("/") < 0)
		_exit(1);
	umask(022);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		if (null >= 0 && fd != keep)
			dup2(null, fd);
	if (keep < 0) {
		close_range(3, ~0u, 0);
		return;
	}
	if (keep > 3)
		close_range(3, keep - 1, 0);
	if (keep >= 3)
		close_range(keep + 1, ~0u, 0);
	fcntl(keep, F_SETFD, FD_CLOEXEC);
}

/* With a configuration: the keeper's program */
static bool is_keeper(int argc, char **argv)
{
	static const char *const words[] = { "-f", "--use-file", "-t", "--config-test", "--print-config" };

	for (int i = 1; i < argc; i++)
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
			if (!strncmp(argv[i], words[w], strlen(words[w])))
				return true;
	return false;
}

/* Becomes keepalived, which stands beside this program or is installed. Returns only if it cannot. */
static int become_keeper(char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("keepalived"));
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		strcpy(slash + 1, "keepalived");
	if (!slash || access(path, X_OK) < 0)
		snprintf(path, sizeof(path), "%s/keepalived", ELVS_SBINDIR);
	execv(path, argv);
	fprintf(stderr, "elvsd: a configuration is kept in force by keepalived, and %s cannot be run: %s\n", path,
		strerror(errno));
	return 127;
}

int main(int argc, char **argv)
{
	char why[200], file[ELVS_PATH_MAX + 16];
	struct options o;

	if (is_keeper(argc, argv))
		return become_keeper(argv);
	if (options_parse(&o, argc, argv, why, sizeof(why)) < 0) {
		fprintf(stderr, "elvsd: %s\n", why);
		if (o.ready_fd >= 0)
			dprintf(o.ready_fd, "elvsd: %s\n", why);
		return 2;
	}
	if (o.help) {
		usage();
		return 0;
	}
	if (o.version) {
		puts("elvsd " ELVS_VERSION);
		return 0;
	}
	if (o.director) {
		snprintf(file, sizeof(file), "%s/elvsd.log", o.run_dir);
		log_open("elvsd-director", o.unit ? NULL : file, o.debug);
		return director_run(&o);
	}
	if (o.on_demand) {
		detach(&o);
		mkdir(o.run_dir, 0755);
		snprintf(file, sizeof(file), "%s/elvsd.log", o.run_dir);
	}
	log_open("elvsd", o.on_demand ? file : NULL, o.debug);
	return supervisor_run(&o);
}
