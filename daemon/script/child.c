/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child - see child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAIL_FD 3 /* the child says there why exec did not succeed */

static int number(const char *s, unsigned long *ret)
{
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	*ret = strtoul(s, &end, 10);
	return *end || *ret >= 0xffffffffu ? -EINVAL : 0;
}

int child_user_find(struct child_user *ret, const char *user, const char *group)
{
	struct child_user u = { 0 };
	struct passwd *pw;
	struct group *gr;
	unsigned long n;

	if (*user && number(user, &n) == 0) {
		pw = getpwuid((uid_t)n);
		u.uid = (uid_t)n;
		u.gid = pw ? pw->pw_gid : (gid_t)n;
	} else if (*user) {
		pw = getpwnam(user);
		if (!pw)
			return -ENOENT;
		u.uid = pw->pw_uid;
		u.gid = pw->pw_gid;
		snprintf(u.name, sizeof(u.name), "%s", user);
	}
	if (*group && number(group, &n) == 0) {
		u.gid = (gid_t)n;
	} else if (*group) {
		gr = getgrnam(group);
		if (!gr)
			return -ENOENT;
		u.gid = gr->gr_gid;
	}
	*ret = u;
	return 0;
}

int child_args(char *const text, size_t size, unsigned argc, char **argv)
{
	size_t at = 0;

	if (!argc || argc > CHILD_ARGS_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < argc; i++) {
		size_t len = at < size ? strnlen(text + at, size - at) : size;

		if (at + len >= size)
			return -EINVAL;
		argv[i] = text + at;
		at += len + 1;
	}
	argv[argc] = NULL;
	return argv[0][0] ? 0 : -EINVAL;
}

/* initgroups() only where it matters: root keeps none, a number has none */
static int change_user(const struct child_user *u)
{
	if (!u->uid && !u->gid)
		return 0;
	if ((*u->name ? initgroups(u->name, u->gid) : setgroups(0, NULL)) < 0)
		return -errno;
	return setresgid(u->gid, u->gid, u->gid) < 0 || setresuid(u->uid, u->uid, u->uid) < 0 ? -errno : 0;
}

static int descriptors(int fail)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return -errno;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	if (fail != FAIL_FD && dup2(fail, FAIL_FD) < 0)
		return -errno;
	fcntl(FAIL_FD, F_SETFD, FD_CLOEXEC);
	close_range(FAIL_FD + 1, ~0u, 0);
	return 0;
}

static void plain_environment(void)
{
	static const char *const names[] = { "IFS", "LD_PRELOAD",    "LD_LIBRARY_PATH", "LD_AUDIT",    "BASH_ENV",
					     "ENV", "NOTIFY_SOCKET", "WATCHDOG_USEC",	"WATCHDOG_PID" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
}

static void plain_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(char *const *argv, const struct child_user *user, const struct rlimit *files, int fail,
			     pid_t parent)
{
	int e;

	setpgid(0, 0);
	e = descriptors(fail);
	setrlimit(RLIMIT_NOFILE, files);
	if (e == 0)
		e = change_user(user);
	/* After the change of user, which would undo it */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	plain_environment();
	plain_signals();
	if (e == 0) {
		execvp(argv[0], argv);
		e = -errno;
	}
	if (write(FAIL_FD, &e, sizeof(e)) < 0)
		_exit(1);
	_exit(127);
}

pid_t child_start(char *const *argv, const struct child_user *user, const struct rlimit *files)
{
	int p[2], e = 0;
	pid_t pid, self = getpid();

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		become(argv, user, files, p[1], self);
	if (pid < 0)
		e = -errno;
	close(p[1]);
	/* End of file: exec has closed it */
	if (pid > 0 && read(p[0], &e, sizeof(e)) == sizeof(e))
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	close(p[0]);
	return e < 0 ? e : pid;
}
