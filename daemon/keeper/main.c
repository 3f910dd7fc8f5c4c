/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main - keepalived's program: options, the verbs that end at once, going to the background.
 *
 * Whoever starts it in the background gets its exit status only when the configuration is in force, or why it is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elvs_version.h"
#include "keeper.h"
#include "log.h"
#include "main.h"

static int usage_error(const char *program, const char *why)
{
	fprintf(stderr, "%s: %s; `%s --help' lists the options\n", program, why, program);
	return 1;
}

/* Reads what keeper_run() says; the exit status of the process that was started. */
static int wait_for_child(const char *program, int fd)
{
	char text[16384];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(text) - 1 &&
	       ((got = read(fd, text + n, sizeof(text) - 1 - n)) > 0 || (got < 0 && errno == EINTR)))
		n += got > 0 ? (size_t)got : 0;
	text[n] = '\0';
	if (!strcmp(text, "ok\n"))
		return 0;
	fprintf(stderr, "%s: %s", program, n ? text : "it ended before it was ready; the log may say why\n");
	return 1;
}

/* The rest of the program runs in the child, which gets the descriptor; the parent ends. */
static int go_to_background(const struct keeper_options *o)
{
	int p[2], null;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		fprintf(stderr, "%s: %s\n", o->program, strerror(errno));
		exit(1);
	}
	if (pid > 0) {
		close(p[1]);
		exit(wait_for_child(o->program, p[0]));
	}
	close(p[0]);
	setsid();
	if (chdir("/") < 0)
		_exit(1);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		if (fd < 2 || !o->console)
			dup2(null, fd);
	if (null > 2)
		close(null);
	return p[1];
}

/* Process 1 of a container must reap everybody; so it does nothing else, and the keeper is its child. */
static void be_init(void)
{
	sigset_t all;
	pid_t pid;
	int sig, status;

	if (getpid() != 1)
		return;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	pid = fork();
	if (pid <= 0) {
		sigemptyset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		return;
	}
	while (sigwait(&all, &sig) == 0) {
		pid_t dead;

		if (sig != SIGCHLD) {
			kill(pid, sig);
			continue;
		}
		while ((dead = waitpid(-1, &status, WNOHANG)) > 0)
			if (dead == pid)
				_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	_exit(1);
}

/* Kept for as long as the process lives. */
static int make_absolute(const char **path)
{
	char *here, *whole;
	int n;

	if (!*path || **path == '/')
		return 0;
	here = getcwd(NULL, 0);
	n = here ? asprintf(&whole, "%s/%s", here, *path) : -1;
	free(here);
	if (n < 0)
		return -1;
	*path = whole;
	return 0;
}

/* The background process stands in /, whoever sends SIGHUP elsewhere. */
static int make_paths_absolute(struct keeper_options *o)
{
	const char **const paths[] = { &o->conf_file, &o->log_file, &o->pid, &o->vrrp_pid, &o->check_pid, &o->bfd_pid };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (make_absolute(paths[i]) < 0) {
			fprintf(stderr, "%s: %s: %s\n", o->program, *paths[i], strerror(errno));
			return -1;
		}
	return 0;
}

static int run(struct keeper_options *o)
{
	int ready_fd = -1;

	if (make_paths_absolute(o) < 0)
		return 1;
	if (!o->dont_fork)
		ready_fd = go_to_background(o);
	else
		be_init();
	keeper_log_open(o, "Keepalived", "");
	log_info("Starting Keepalived (elvs " ELVS_VERSION "), configuration %s", o->conf_file);
	for (unsigned i = 0; i < o->n_ignored; i++)
		log_info("--%s has no effect here", o->ignored[i]);
	return keeper_run(o, ready_fd);
}

static int end_at_once(const struct keeper_options *o)
{
	if (o->help) {
		keeper_options_usage(o->program);
	} else if (o->version) {
		puts("Keepalived of elvs " ELVS_VERSION);
	} else {
		printf("%d\n", keeper_signum(o->signum));
	}
	return fflush(stdout) ? 1 : 0;
}

/* Interfaces are looked for where it would run. */
static int test(const struct keeper_options *o)
{
	char why[300];

	if (o->net_namespace && keeper_enter_netns(o->net_namespace, why, sizeof(why)) < 0) {
		fprintf(stderr, "%s: %s\n", o->program, why);
		return 1;
	}
	return keeper_test(o);
}

int keeper_main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct keeper_options o;
	char why[300];
	int r = keeper_options_parse(&o, argc, argv, why, sizeof(why));

	o.program = slash ? slash + 1 : argv[0];
	if (r < 0)
		return usage_error(o.program, why);
	if (o.genhash) {
		if (o.genhash_at > 1)
			fprintf(stderr, "%s: the options before --genhash are ignored\n", o.program);
		argv[o.genhash_at] = "genhash";
		return genhash_main(argc - o.genhash_at, argv + o.genhash_at);
	}
	if (o.help || o.version || o.signum)
		return end_at_once(&o);
	return o.test || o.print ? test(&o) : run(&o);
}
