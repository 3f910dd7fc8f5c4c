/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run - runs another program (nft, modprobe, systemctl) and keeps what it complains about (change.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "change.h"

/* The child: never returns. exec's errno goes through report, which exec closes when it works. */
static void child(const char *const argv[], int in, int err, int report)
{
	int e;

	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	dup2(in, STDIN_FILENO);
	dup2(err, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execvp(argv[0], (char *const *)argv);
	e = errno;
	if (write(report, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

/* The input as a file without a name: it cannot block on a child that does not read */
static int input_file(const char *input)
{
	FILE *f = tmpfile();
	int fd;

	if (!input || !f) {
		if (f)
			fclose(f);
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	fputs(input, f);
	rewind(f);
	fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 3);
	fclose(f);
	return fd;
}

static void first_line(int fd, char *ret, size_t size)
{
	char buf[4096], rest[4096];
	size_t n = 0;
	ssize_t k;

	while (n < sizeof(buf) - 1 && (k = read(fd, buf + n, sizeof(buf) - 1 - n)) > 0)
		n += (size_t)k;
	buf[n] = '\0';
	while (read(fd, rest, sizeof(rest)) > 0) /* a full pipe would stop the command */
		;
	buf[strcspn(buf, "\n")] = '\0';
	snprintf(ret, size, "%s", buf);
}

int run_program(const char *const argv[], const char *input, char *err, size_t err_size)
{
	int pipe_err[2], pipe_exec[2], in, status, e, r = 0;
	pid_t pid;

	in = input_file(input);
	if (in < 0)
		return -errno;
	if (pipe2(pipe_err, O_CLOEXEC) < 0) {
		r = -errno;
		goto out_in;
	}
	if (pipe2(pipe_exec, O_CLOEXEC) < 0) {
		r = -errno;
		goto out_err;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(argv, in, pipe_err[1], pipe_exec[1]);
	close(pipe_err[1]);
	close(pipe_exec[1]);
	pipe_err[1] = pipe_exec[1] = -1;
	if (pid < 0) {
		r = -errno;
		goto out_exec;
	}
	if (read(pipe_exec[0], &e, sizeof(e)) == (ssize_t)sizeof(e))
		r = -e;
	first_line(pipe_err[0], err, err_size);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0)
		r = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
out_exec:
	close(pipe_exec[0]);
out_err:
	close(pipe_err[0]);
	if (pipe_err[1] >= 0)
		close(pipe_err[1]);
out_in:
	close(in);
	return r;
}
