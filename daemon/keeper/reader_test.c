/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader_test - the child that reads a configuration: what it can do, and what becomes of one that crashes, hangs,
 * lies or tries more than it may. conf_load() is the test's own here.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "load.h"
#include "reader.h"

static struct arena_space space;
static char dir[] = "/tmp/elvs-reader-XXXXXX";
static const struct conf *(*behave)(struct arena *a, const struct conf_io *io);

/* Instead of the library's */
const struct conf *conf_load(struct arena *a, const struct conf_io *io, const struct conf_options *o)
{
	return behave(a, io);
}

static struct conf *empty(struct arena *a)
{
	return arena_alloc(a, sizeof(struct conf));
}

struct got {
	struct event_base *base;
	struct reader_result res;
	bool done;
};

static void done(void *arg, struct reader_result *res)
{
	struct got *g = arg;

	g->res = *res;
	g->done = true;
	event_base_loopbreak(g->base);
}

static struct got run(const struct conf *(*f)(struct arena *a, const struct conf_io *io), const char *extra)
{
	const struct conf_options o = { .path = "main", .config_id = "", .instance = "" };
	struct got g = { .base = event_base_new() };
	struct reader *r;

	behave = f;
	assert_int_equal(reader_start(&r, g.base, &space, 0, &o, extra, done, &g), 0);
	while (!g.done)
		event_base_dispatch(g.base);
	event_base_free(g.base);
	return g;
}

/* ---- one that does its work ---- */
static int add_path(void *arg, const char *path)
{
	strcat(arg, strrchr(path, '/') + 1);
	strcat(arg, " ");
	return 0;
}

static const struct conf *works(struct arena *a, const struct conf_io *io)
{
	struct conf *c = empty(a);
	char pattern[100], names[200] = "", *text;
	size_t len;

	snprintf(pattern, sizeof(pattern), "%s/*.conf", dir);
	if (io->glob(io->arg, pattern, add_path, names) < 0)
		return NULL;
	c->global.router_id = arena_strdup(a, names);
	snprintf(pattern, sizeof(pattern), "%s/a.conf", dir);
	if (io->read(io->arg, pattern, &text, &len) < 0 || strlen(text) != len)
		return NULL;
	c->global.mail_from = arena_strdup(a, text);
	free(text);
	c->global.umask = io->read(io->arg, "/nonexistent", &text, &len) == -ENOENT;
	c->usable = io->if_exists(io->arg, "lo") && !io->if_exists(io->arg, "no-such-if");
	return c;
}

static void it_works(void **state)
{
	struct got g = run(works, NULL);

	assert_non_null(g.res.conf);
	assert_string_equal(g.res.conf->global.router_id, "a.conf b.conf ");
	assert_string_equal(g.res.conf->global.mail_from, "text of a\n");
	assert_int_equal(g.res.conf->global.umask, 1);
	assert_true(g.res.conf->usable);
	/* sealed: nobody who gets it can write it */
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, g.res.arena.fd, 0), MAP_FAILED);
	assert_true(ftruncate(g.res.arena.fd, 0) < 0);
	arena_close(&g.res.arena);
}

static const struct conf *reads_main(struct arena *a, const struct conf_io *io)
{
	struct conf *c = empty(a);
	char *text, path[100];
	size_t len;

	snprintf(path, sizeof(path), "%s", "main");
	if (io->read(io->arg, path, &text, &len) < 0)
		return NULL;
	c->global.router_id = arena_strdup(a, text);
	return c;
}

/* The keeper's own text stands at the end of the main file. */
static void extra_text(void **state)
{
	struct got g;

	assert_int_equal(chdir(dir), 0);
	g = run(reads_main, "virtual_server\n");
	assert_non_null(g.res.conf);
	assert_string_equal(g.res.conf->global.router_id, "main text\n\nvirtual_server\n");
	arena_close(&g.res.arena);
	g = run(reads_main, NULL);
	assert_string_equal(g.res.conf->global.router_id, "main text\n");
	arena_close(&g.res.arena);
}

/* ---- those that do not ---- */
static const struct conf *crashes(struct arena *a, const struct conf_io *io)
{
	raise(SIGSEGV);
	abort();
}

static const struct conf *hangs(struct arena *a, const struct conf_io *io)
{
	for (volatile bool for_ever = true; for_ever;)
		;
	return empty(a);
}

static const struct conf *lies(struct arena *a, const struct conf_io *io)
{
	empty(a);
	return (const struct conf *)(uintptr_t)0x1000;
}

static const struct conf *past_the_end(struct arena *a, const struct conf_io *io)
{
	empty(a);
	return (const struct conf *)(a->base + a->used - 16);
}

/* What is beyond the file would be the end (SIGBUS) of whoever reads it. */
static const struct conf *more_than_there_is(struct arena *a, const struct conf_io *io)
{
	const struct conf *c = empty(a);

	a->used = a->size + 4096;
	return c;
}

static const struct conf *exits(struct arena *a, const struct conf_io *io)
{
	_exit(3);
}

static const struct conf *too_much(struct arena *a, const struct conf_io *io)
{
	for (int i = 0; i < 10; i++)
		arena_alloc(a, 200 << 20);
	return empty(a);
}

static void fails(const struct conf *(*f)(struct arena *a, const struct conf_io *io), const char *says)
{
	struct got g = run(f, NULL);

	assert_null(g.res.conf);
	if (!strstr(g.res.error, says))
		fail_msg("`%s' was wanted in `%s'", says, g.res.error);
}

static void bad_children(void **state)
{
	fails(crashes, "signal 11");
	fails(lies, "impossible");
	fails(past_the_end, "impossible");
	fails(more_than_there_is, "impossible");
	fails(exits, "status 3");
	fails(too_much, "memory");
}

static void a_hang_ends(void **state)
{
	fails(hangs, "10 seconds");
}

/* ---- what it may not ---- */
static const struct conf *tries(struct arena *a, const struct conf_io *io)
{
	struct conf *c = empty(a);
	int fd = open("/etc/passwd", O_RDONLY), s = socket(AF_INET, SOCK_STREAM, 0);
	char *argv[] = { "/bin/true", NULL };
	pid_t pid;

	c->global.umask = (fd >= 0) | (s >= 0) << 1 | (kill(getppid(), 0) == 0) << 2;
	pid = fork();
	if (pid >= 0)
		c->global.umask |= 8;
	if (pid == 0)
		_exit(0);
	execv(argv[0], argv);
	c->global.max_auto_priority = fcntl(9, F_GETFD) >= 0;
	return c;
}

static void it_may_nothing(void **state)
{
	struct got g;

	assert_int_equal(dup2(0, 9), 9);
	g = run(tries, NULL);
	close(9);
	assert_non_null(g.res.conf);
	assert_int_equal(g.res.conf->global.umask, 0);
	assert_int_equal(g.res.conf->global.max_auto_priority, 0);
	arena_close(&g.res.arena);
}

static int make_files(void **state)
{
	FILE *f;

	if (arena_reserve(&space) < 0 || !mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	f = fopen("a.conf", "w");
	fputs("text of a\n", f);
	fclose(f);
	fclose(fopen("b.conf", "w"));
	f = fopen("main", "w");
	fputs("main text\n", f);
	return fclose(f);
}

static int remove_files(void **state)
{
	if (chdir(dir) < 0)
		return -1;
	unlink("a.conf");
	unlink("b.conf");
	unlink("main");
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_works),    cmocka_unit_test(extra_text),	 cmocka_unit_test(bad_children),
		cmocka_unit_test(a_hang_ends), cmocka_unit_test(it_may_nothing),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
