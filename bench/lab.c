// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lab - network namespaces of a bench, see lab.h.
 */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

int lab_new(void)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return lab_ip("link set lo up\n") ? -EIO : fd;
}

int lab_enter(int ns)
{
	return setns(ns, CLONE_NEWNET) ? -errno : 0;
}

const char *lab_path(int ns)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), ns);
	return path;
}

/* The child's side: input from a pipe, then the program. */
static void exec_child(const char *const argv[], const int pipefd[2])
{
	dup2(pipefd[0], STDIN_FILENO);
	close(pipefd[0]);
	close(pipefd[1]);
	/* stdout is the bench's result */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], (char *const *)argv);
	fprintf(stderr, "bench: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int lab_run(const char *const argv[], const char *input)
{
	size_t len = input ? strlen(input) : 0;
	int pipefd[2], status;
	ssize_t sent;
	pid_t pid;

	if (pipe(pipefd))
		return -errno;
	pid = fork();
	if (pid < 0) {
		close(pipefd[0]);
		close(pipefd[1]);
		return -errno;
	}
	if (!pid)
		exec_child(argv, pipefd);
	close(pipefd[0]);
	sent = len ? write(pipefd[1], input, len) : 0;
	close(pipefd[1]);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	if (sent != (ssize_t)len || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s %s failed\n", argv[0], argv[1] ? argv[1] : "");
		return -EIO;
	}
	return 0;
}

int lab_ip(const char *format, ...)
{
	static const char *const argv[] = { "ip", "-batch", "-", NULL };
	char *text;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r < 0)
		return -ENOMEM;
	r = lab_run(argv, text);
	free(text);
	return r;
}

int lab_sysctl(const char *path, const char *value)
{
	char full[256];
	int fd, r = 0;

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		r = -errno;
	close(fd);
	return r;
}

int lab_pin(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	return cpu;
}

uint32_t lab_ifindex(const char *name)
{
	return if_nametoindex(name);
}

int lab_mac(const char *name, uint8_t ret_mac[6])
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd < 0)
		return -errno;
	strncpy(ifr.ifr_name, name, sizeof(ifr.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		r = -errno;
	else
		memcpy(ret_mac, ifr.ifr_hwaddr.sa_data, 6);
	close(fd);
	return r;
}
