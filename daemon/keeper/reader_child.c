/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader_child - the process that reads a configuration, see reader.h.
 *
 * It gives up everything before it sees a byte of text: user, groups, capabilities, descriptors, system calls.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fdpass.h"
#include "load.h"
#include "reader_wire.h"
#include "sandbox.h"

#define READER_CPU_S 15 /* the parent has given up long before */

struct asker {
	int fd;
};

/* Asks and gets the (next) answer; a parent that has gone ends us. */
static void hear(struct asker *a, struct reader_msg *m, int *ret_fd)
{
	if (fd_recv(a->fd, m, sizeof(*m), ret_fd) != sizeof(*m))
		_exit(1);
}

static int ask(struct asker *a, struct reader_msg *m, int *ret_fd)
{
	int fd = -1;

	if (fd_send(a->fd, m, sizeof(*m), -1) < 0)
		_exit(1);
	hear(a, m, &fd);
	if (ret_fd)
		*ret_fd = fd;
	else if (fd >= 0)
		close(fd);
	return m->result;
}

/* What reading a configuration takes, and no more */
static int give_up(int fd, int arena_fd)
{
	static const char *const calls[] = {
		"read",		  "write",	  "pread64",	 "recvmsg",	  "sendmsg",
		"close",	  "fstat",	  "newfstatat",	 "lseek",	  "fcntl",
		"ftruncate",	  "mmap",	  "munmap",	 "mremap",	  "mprotect",
		"madvise",	  "brk",	  "futex",	 "getrandom",	  "uname",
		"getpid",	  "gettid",	  "tgkill",	 "clock_gettime", "gettimeofday",
		"rt_sigprocmask", "rt_sigaction", "sigaltstack", "rt_sigreturn",  "exit",
		"exit_group",	  NULL,
	};
	const int keep[] = { fd, arena_fd };
	const struct rlimit none = { 0, 0 }, cpu = { READER_CPU_S, READER_CPU_S };
	sigset_t set;
	int r;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sandbox_fds(keep, 2);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &cpu);
	r = sandbox_user();
	if (r == 0)
		setrlimit(RLIMIT_NPROC, &none);
	return r < 0 ? r : sandbox_syscalls(calls);
}

static int set_text(char *to, size_t size, const char *from)
{
	return snprintf(to, size, "%s", from ? from : "") < (int)size ? 0 : -ENAMETOOLONG;
}

static int ask_read(void *arg, const char *path, char **ret_text, size_t *ret_len)
{
	struct reader_msg m = { .kind = READER_READ };
	int fd = -1, r = set_text(m.path, sizeof(m.path), path);
	char *text;
	size_t at = 0;
	ssize_t n = 1;

	if (r == 0)
		r = ask(arg, &m, &fd);
	if (r < 0 || fd < 0)
		return r < 0 ? r : -EIO;
	text = malloc(m.len + 1);
	while (text && at < m.len && (n = pread(fd, text + at, m.len - at, (off_t)at)) > 0)
		at += (size_t)n;
	close(fd);
	if (!text || n <= 0) {
		free(text);
		return text ? -EIO : -ENOMEM;
	}
	text[m.len] = '\0';
	*ret_text = text;
	*ret_len = m.len;
	return r;
}

static int ask_glob(void *arg, const char *pattern, int (*f)(void *arg, const char *path), void *f_arg)
{
	struct reader_msg m = { .kind = READER_GLOB };
	int fd, r = set_text(m.path, sizeof(m.path), pattern);
	char **paths = NULL, **more;
	size_t n = 0, i;

	if (r < 0)
		return r;
	/* All answers first: f may ask again. */
	for (r = ask(arg, &m, NULL); m.more; hear(arg, &m, &fd)) {
		more = realloc(paths, (n + 1) * sizeof(*paths));
		if (!more || !(more[n] = strdup(m.path)))
			_exit(204);
		paths = more;
		n++;
	}
	for (r = 0, i = 0; i < n && r >= 0; i++)
		r = f(f_arg, paths[i]);
	for (i = 0; i < n; i++)
		free(paths[i]);
	free(paths);
	return r < 0 ? r : m.result;
}

static bool ask_if(void *arg, const char *ifname)
{
	struct reader_msg m = { .kind = READER_IF };

	return set_text(m.path, sizeof(m.path), ifname) == 0 && ask(arg, &m, NULL) > 0;
}

static int ask_script(void *arg, const char *path, const char *user, const char *group)
{
	struct reader_msg m = { .kind = READER_SCRIPT };
	int r = set_text(m.path, sizeof(m.path), path);

	if (r < 0 || set_text(m.user, sizeof(m.user), user) < 0 || set_text(m.group, sizeof(m.group), group) < 0)
		return -ENAMETOOLONG;
	return ask(arg, &m, NULL);
}

int reader_child(int fd, const struct arena_space *space, unsigned slot, const struct conf_options *options)
{
	struct asker asker = { .fd = fd };
	const struct conf_io io = { &asker, ask_read, ask_glob, ask_if, ask_script };
	struct reader_msg last = { .kind = READER_DONE };
	const struct conf *conf;
	struct arena arena;

	if (arena_open(&arena, space, slot) < 0)
		return 204;
	if (give_up(fd, arena.fd) < 0)
		return 1;
	conf = conf_load(&arena, &io, options);
	last.len = arena.used;
	last.conf = (uint64_t)(uintptr_t)conf;
	return fd_send(fd, &last, sizeof(last), arena.fd) < 0;
}
