/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io_test - what conf_io_direct finds on a real file system: files, patterns, and scripts that root should not run.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tree.h"

static char dir[64];

static char *in_dir(const char *name)
{
	static char path[4][200];
	static unsigned n;

	n = (n + 1) % 4;
	snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
	return path[n];
}

static void make(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(in_dir(name), mode), 0);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/elvs-io-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[200];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void a_file_is_read_whole(void **state)
{
	char *text = NULL;
	size_t len = 0;

	make("a.conf", "one\ntwo", 0644);
	assert_int_equal(conf_io_direct.read(NULL, in_dir("a.conf"), &text, &len), 0);
	assert_int_equal(len, 7);
	assert_string_equal(text, "one\ntwo");
	free(text);
	assert_int_equal(conf_io_direct.read(NULL, in_dir("none"), &text, &len), -ENOENT);
	assert_int_equal(conf_io_direct.read(NULL, dir, &text, &len), -EISDIR);
}

static void a_file_without_a_size_is_read_too(void **state)
{
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(conf_io_direct.read(NULL, "/proc/self/status", &text, &len), 0);
	assert_true(len > 100);
	assert_int_equal(strlen(text), len);
	free(text);
}

static int collect(void *arg, const char *path)
{
	strcat(arg, strrchr(path, '/') + 1);
	strcat(arg, " ");
	return 0;
}

static void patterns_skip_directories_and_executables(void **state)
{
	char found[200] = "";

	make("b.conf", "", 0644);
	make("a.conf", "", 0600);
	make("c.conf", "", 0755);
	make("d.inc", "", 0644);
	assert_int_equal(mkdir(in_dir("e.conf"), 0755), 0);
	assert_int_equal(conf_io_direct.glob(NULL, in_dir("*.conf"), collect, found), 2);
	assert_string_equal(found, "a.conf b.conf ");
	found[0] = 0;
	assert_int_equal(conf_io_direct.glob(NULL, in_dir("{d,b,x}.*"), collect, found), 2);
	assert_string_equal(found, "d.inc b.conf ");
	assert_int_equal(conf_io_direct.glob(NULL, in_dir("none*"), collect, found), 0);
}

static int script(const char *path, const char *user)
{
	return conf_io_direct.script_check(NULL, path, user, "");
}

static void the_systems_programs_are_fine(void **state)
{
	assert_int_equal(script("/usr/bin/true", ""), 0);
	assert_int_equal(script("/bin/true", "root"), 0); /* /bin is a link */
	assert_int_equal(script("true", ""), 0);
	assert_int_equal(script("/usr/../usr/./bin//true", ""), 0);
	assert_int_equal(script("/usr/bin/true", "nobody"), 0);
}

static void what_cannot_run_is_told_apart(void **state)
{
	make("plain", "", 0644);
	assert_int_equal(symlink("loop", in_dir("loop")), 0);
	assert_int_equal(script(in_dir("none"), ""), -ENOENT);
	assert_int_equal(script(in_dir("plain"), ""), -EACCES);
	assert_int_equal(script(dir, ""), -EACCES);
	assert_int_equal(script(in_dir("plain/x"), ""), -ENOENT);
	assert_int_equal(script(in_dir("loop"), ""), -ELOOP);
	assert_int_equal(script("no-such-program-anywhere", ""), -ENOENT);
	assert_int_equal(script("not/absolute", ""), -ENOENT);
	assert_int_equal(script("/usr/bin/true", "no-such-user"), -EINVAL);
}

static void what_others_could_change_is_not_for_root(void **state)
{
	assert_int_equal(chmod(dir, 0755), 0);
	make("run", "#!/bin/sh\n", 0755);
	make("mine", "#!/bin/sh\n", 0700);
	assert_int_equal(symlink("/usr/bin/true", in_dir("link")), 0);
	/* anybody may put something into /tmp, but not in the place of what is root's there */
	assert_int_equal(script(in_dir("run"), ""), geteuid() ? -EPERM : 0);
	assert_int_equal(script(in_dir("link"), "root"), geteuid() ? -EPERM : 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(script(in_dir("run"), ""), -EPERM);
	assert_int_equal(script(in_dir("link"), "root"), -EPERM);
	assert_int_equal(chmod(dir, 0755), 0);
	if (!geteuid()) { /* a link that is somebody else's in such a directory leads wherever they like */
		assert_int_equal(lchown(in_dir("link"), 65534, 65534), 0);
		assert_int_equal(script(in_dir("link"), "root"), -EPERM);
	}
	assert_int_equal(script(in_dir("run"), "nobody"), 0);
	assert_int_equal(script(in_dir("mine"), "nobody"), -EACCES);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_is_read_whole),
		T(a_file_without_a_size_is_read_too),
		T(patterns_skip_directories_and_executables),
		T(the_systems_programs_are_fine),
		T(what_cannot_run_is_told_apart),
		T(what_others_could_change_is_not_for_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
