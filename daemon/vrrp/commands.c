/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands - see commands.h. */
#include "commands.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define PATIENCE_S 10 /* a program that takes longer is killed */
#define ARGV_MAX 32
#define COMPLAINTS_BYTES 16384 /* of its output that are looked at */

struct command {
	struct command *next;
	struct commands *owner;
	enum command_kind kind;
	char *input;
	size_t len, room;
	pid_t pid; /* 0: waits for its turn */
	int pidfd, out;
	struct event *ev;
};

static const struct {
	const char *paths[3];
	const char *argv[5];
} programs[COMMAND_KINDS] = {
	[COMMAND_IP4] = { { "/usr/sbin/ip", "/sbin/ip", "/bin/ip" }, { "ip", "-4", "-force", "-batch", "-" } },
	[COMMAND_IP6] = { { "/usr/sbin/ip", "/sbin/ip", "/bin/ip" }, { "ip", "-6", "-force", "-batch", "-" } },
	[COMMAND_NFT] = { { "/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft" }, { "nft", "-f", "-" } },
	[COMMAND_IPTABLES4] = { { "/usr/sbin/iptables", "/sbin/iptables", "/usr/bin/iptables" },
				{ "iptables", "-w" } },
	[COMMAND_IPTABLES6] = { { "/usr/sbin/ip6tables", "/sbin/ip6tables", "/usr/bin/ip6tables" },
				{ "ip6tables", "-w" } },
};

void commands_init(struct commands *c, struct event_base *base, command_failed_cb *failed, void *arg)
{
	memset(c, 0, sizeof(*c));
	c->base = base;
	c->failed = failed;
	c->arg = arg;
}

static bool takes_arguments(enum command_kind kind)
{
	return kind == COMMAND_IPTABLES4 || kind == COMMAND_IPTABLES6;
}

static struct command *append(struct commands *c, enum command_kind kind)
{
	struct command *cmd = c->tail;

	if (cmd && cmd->kind == kind && !cmd->pid && !takes_arguments(kind))
		return cmd;
	cmd = calloc(1, sizeof(*cmd));
	if (!cmd)
		return NULL;
	cmd->owner = c;
	cmd->kind = kind;
	cmd->pidfd = cmd->out = -1;
	if (c->tail)
		c->tail->next = cmd;
	else
		c->head = cmd;
	c->tail = cmd;
	return cmd;
}

int commands_line(struct commands *c, enum command_kind kind, const char *line)
{
	size_t n = strlen(line);
	struct command *cmd;

	if (strchr(line, '\n'))
		return -EINVAL;
	cmd = append(c, kind);
	if (!cmd)
		return -ENOMEM;
	if (cmd->len + n + 1 > cmd->room) {
		size_t room = 2 * (cmd->len + n + 1);
		char *p = realloc(cmd->input, room);

		if (!p)
			return -ENOMEM;
		cmd->input = p;
		cmd->room = room;
	}
	memcpy(cmd->input + cmd->len, line, n);
	cmd->input[cmd->len + n] = '\n';
	cmd->len += n + 1;
	return 0;
}

/* ---- what it said ---- */

/* What is already as it should be is no failure: added and there, deleted and gone (with its interface, perhaps). */
static bool harmless(const char *line, const char *complaint)
{
	static const char *const gone[] = { "No such process",
					    "No such file",
					    "Cannot find device",
					    "No such device",
					    "Cannot assign requested address",
					    "does not exist" };

	if (strstr(complaint, "File exists") || !strncmp(line, "-D ", 3))
		return true;
	if (!strstr(line, " del "))
		return false;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (strstr(complaint, gone[i]))
			return true;
	return false;
}

static void find_line(const struct command *cmd, unsigned number, char *ret, size_t size)
{
	const char *p = cmd->input, *end = cmd->input + cmd->len;

	ret[0] = '\0';
	for (; p < end && number > 1; number--)
		p = (char *)memchr(p, '\n', end - p) + 1;
	if (p < end)
		snprintf(ret, size, "%.*s", (int)((char *)memchr(p, '\n', end - p) - p), p);
}

/* ip writes the complaint, then "Command failed -:LINE". */
static void read_ip_complaints(const struct command *cmd, char *text)
{
	char before[300] = "", line[600], all[1000];
	char *save = NULL;

	for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		unsigned number;

		if (sscanf(s, "Command failed -:%u", &number) != 1) {
			if (!before[0])
				snprintf(before, sizeof(before), "%s", s);
			continue;
		}
		find_line(cmd, number, line, sizeof(line));
		snprintf(all, sizeof(all), "ip %s%s: %s", cmd->kind == COMMAND_IP6 ? "-6 " : "", line, before);
		if (!harmless(line, before))
			cmd->owner->failed(cmd->owner->arg, cmd->kind, all);
		before[0] = '\0';
	}
}

/* It warns of this and that also when it has done what it should. */
static void read_iptables_complaint(const struct command *cmd, char *text, int status)
{
	char line[600], all[1000];

	text[strcspn(text, "\n")] = '\0';
	find_line(cmd, 1, line, sizeof(line));
	snprintf(all, sizeof(all), "%s %s: %.300s", programs[cmd->kind].argv[0], line, text);
	if (status && !harmless(line, text))
		cmd->owner->failed(cmd->owner->arg, cmd->kind, all);
}

static void read_complaints(const struct command *cmd, int status)
{
	char text[COMPLAINTS_BYTES];
	ssize_t n = pread(cmd->out, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return;
	text[n] = '\0';
	if (takes_arguments(cmd->kind)) {
		read_iptables_complaint(cmd, text, status);
		return;
	}
	if (cmd->kind != COMMAND_NFT) {
		read_ip_complaints(cmd, text);
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	cmd->owner->failed(cmd->owner->arg, cmd->kind, text);
}

/* ---- running it ---- */
static void free_command(struct command *cmd)
{
	if (cmd->ev)
		event_free(cmd->ev);
	if (cmd->pidfd >= 0)
		close(cmd->pidfd);
	if (cmd->out >= 0)
		close(cmd->out);
	free(cmd->input);
	free(cmd);
}

static void pop(struct commands *c)
{
	struct command *cmd = c->head;

	c->head = cmd->next;
	if (!c->head)
		c->tail = NULL;
	free_command(cmd);
}

static void finish_head(struct commands *c)
{
	struct command *cmd = c->head;
	char text[80];
	int status;

	if (waitpid(cmd->pid, &status, 0) == cmd->pid) {
		read_complaints(cmd, status);
		if (WIFSIGNALED(status)) {
			snprintf(text, sizeof(text), "%s was killed by signal %d", programs[cmd->kind].argv[0],
				 WTERMSIG(status));
			c->failed(c->arg, cmd->kind, text);
		}
	}
	pop(c);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct command *cmd = arg;
	struct commands *c = cmd->owner;

	if (what & EV_TIMEOUT)
		kill(cmd->pid, SIGKILL);
	finish_head(c);
	commands_start(c);
}

/* Its own words, and those of the line for a program that takes them as arguments. line: a copy, to be cut up. */
static void make_argv(const struct command *cmd, char *line, const char *argv[ARGV_MAX])
{
	size_t n = 0;
	char *save = NULL;

	for (size_t i = 0; i < 5 && programs[cmd->kind].argv[i]; i++)
		argv[n++] = programs[cmd->kind].argv[i];
	if (takes_arguments(cmd->kind))
		for (char *w = strtok_r(line, " \n", &save); w && n < ARGV_MAX - 1; w = strtok_r(NULL, " \n", &save))
			argv[n++] = w;
	argv[n] = NULL;
}

static int spawn(struct command *cmd, int in)
{
	/* iptables-legacy's lock is root's alone: without it, it takes ours, and -w has no effect */
	static char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
				     "XTABLES_LOCKFILE=/proc/self/fd/1", NULL };
	const char *argv[ARGV_MAX];
	char *line = strndup(cmd->input, cmd->len);
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r = ENOENT;

	if (!line)
		return -ENOMEM;
	make_argv(cmd, line, argv);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, cmd->out, 1);
	posix_spawn_file_actions_adddup2(&fa, cmd->out, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	for (int i = 0; i < 3 && r == ENOENT; i++)
		r = posix_spawn(&cmd->pid, programs[cmd->kind].paths[i], &fa, &attr, (char *const *)argv, env);
	free(line);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	if (r)
		cmd->pid = 0;
	return -r;
}

/* Input and output are files in memory: nobody has to feed or drain a pipe. */
static int run(struct command *cmd)
{
	int in = memfd_create("input", MFD_CLOEXEC), r;

	cmd->out = memfd_create("output", MFD_CLOEXEC);
	if (in < 0 || cmd->out < 0 || pwrite(in, cmd->input, cmd->len, 0) != (ssize_t)cmd->len)
		r = -EMFILE;
	else
		r = spawn(cmd, in);
	if (in >= 0)
		close(in);
	if (r < 0)
		return r;
	cmd->owner->runs++;
	cmd->pidfd = (int)syscall(SYS_pidfd_open, cmd->pid, 0);
	cmd->ev = cmd->pidfd < 0 ? NULL : event_new(cmd->owner->base, cmd->pidfd, EV_READ, on_end, cmd);
	if (cmd->ev)
		event_add(cmd->ev, &(struct timeval){ .tv_sec = PATIENCE_S });
	return 0;
}

void commands_start(struct commands *c)
{
	while (c->head && !c->head->pid) {
		char text[200];
		int r = run(c->head);

		if (r == 0 && c->head->ev)
			return;
		if (r == 0) { /* nobody would tell us of its end: wait for it */
			finish_head(c);
			continue;
		}
		snprintf(text, sizeof(text), "cannot run %s: %s", programs[c->head->kind].argv[0], strerror(-r));
		c->failed(c->arg, c->head->kind, text);
		pop(c);
	}
}

void commands_finish(struct commands *c, unsigned patience_ms)
{
	int64_t end = (int64_t)(clock_us() / 1000) + patience_ms, left;

	commands_start(c);
	while (c->head && (left = end - (int64_t)(clock_us() / 1000)) > 0) {
		struct pollfd p = { .fd = c->head->pidfd, .events = POLLIN };

		if (poll(&p, 1, (int)left) <= 0)
			break;
		finish_head(c);
		commands_start(c);
	}
}

void commands_close(struct commands *c)
{
	while (c->head) {
		if (c->head->pid) {
			kill(c->head->pid, SIGKILL);
			waitpid(c->head->pid, NULL, 0);
		}
		pop(c);
	}
}
