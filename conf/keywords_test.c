/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keywords_test - the manual has every word, or it is not made; arguments as they are shown. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keywords.h"

static void args_are(const char *path, const char *word, const char *want)
{
	const struct schema_block *b = schema_path(path);
	const struct row *r = b ? schema_row(b, word) : NULL;
	char got[300];

	if (!r)
		fail_msg("there is no %s in %s", word, path);
	keyword_args(r, got, sizeof(got));
	assert_string_equal(got, want);
}

static void arguments_are_shown_by_their_kind(void **state)
{
	args_are("vrrp_instance", "priority", "1..255");
	args_are("vrrp_instance", "nopreempt", "");
	args_are("vrrp_instance", "strict_mode", "[on | off]");
	args_are("vrrp_instance", "version", "2 | 3");
	args_are("vrrp_instance", "advert_int", "SECONDS");
	args_are("vrrp_instance", "timer_expired_backup", "[-1..255]");
	args_are("vrrp_instance", "notify_master", "COMMAND [USER [GROUP]]");
	args_are("vrrp_instance/authentication", "auth_type", "PASS | AH");
	args_are("bfd_instance", "min_rx", "MILLISECONDS");
	args_are("global_defs", "router_id", "TEXT");
	args_are("global_defs", "notify_fifo", "PATH [USER [GROUP]]");
	args_are("", "vrrp_instance", "NAME { ... }");
	args_are("", "global_defs", "{ ... }");
}

static int make(const char *source, char **out, char **err)
{
	size_t n_out, n_err;
	FILE *in = fmemopen((void *)source, strlen(source), "r");
	FILE *o = open_memstream(out, &n_out), *e = open_memstream(err, &n_err);
	int r = keywords_man(in, o, e);

	fclose(in);
	fclose(o);
	fclose(e);
	return r;
}

static void a_block_without_a_place_is_named(void **state)
{
	char *out, *err;

	assert_int_equal(make(".Sh X\n@TABLE track_file@\n", &out, &err), -ESRCH);
	assert_non_null(strstr(err, "the manual has no line \"@TABLE vrrp_instance@\"\n"));
	assert_null(strstr(err, "\"@TABLE track_file@\""));
	assert_non_null(strstr(out, ".Sh X\n.Bl -tag -width Ds\n.It Ic file Ar \"TEXT\"\n"));
	free(out);
	free(err);
}

static void a_place_without_a_block_is_named(void **state)
{
	char *out, *err;

	assert_int_equal(make("@TABLE vrrp_instance/nothing@\n", &out, &err), -ENOENT);
	assert_string_equal(err, "there is no block \"vrrp_instance/nothing\" for the manual's line "
				 "\"@TABLE vrrp_instance/nothing@\"\n");
	free(out);
	free(err);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_shown_by_their_kind),
		cmocka_unit_test(a_block_without_a_place_is_named),
		cmocka_unit_test(a_place_without_a_block_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
