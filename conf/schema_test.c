/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema_test - the table of words is sound, and the engine says what is wrong, where, and what would be right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft.h"
#include "keywords.h"
#include "load_text.h"
#include "store.h"

/* ---- the table ---- */
static const char *const paths[] = {
	"",
	"global_defs",
	"track_group",
	"track_file",
	"vrrp_track_process",
	"vrrp_script",
	"bfd_instance",
	"garp_group",
	"vrrp_sync_group",
	"vrrp_instance",
	"vrrp_instance/authentication",
	"vrrp_instance/auth_hmac",
	"virtual_server",
	"virtual_server/real_server",
	"virtual_server/real_server/HTTP_GET",
	"virtual_server/real_server/HTTP_GET/url",
	"virtual_server/real_server/MISC_CHECK",
	"virtual_server/real_server/UDP_CHECK",
	"virtual_server/real_server/DNS_CHECK",
	"virtual_server/real_server/SMTP_CHECK",
	"virtual_server/real_server/FILE_CHECK",
	"virtual_server/real_server/AGENT_CHECK",
	"virtual_server/real_server/PASSIVE_CHECK",
	"service_check",
	"SSL",
};
#define N_PATHS (sizeof(paths) / sizeof(paths[0]))

static void sound_row(void *arg, const struct row *r, uint32_t base)
{
	int64_t min, max;

	if (!r->brief || !*r->brief)
		fail_msg("%s has no meaning", r->word);
	if ((r->kind == V_LIST || r->kind == V_CUSTOM) && !r->set)
		fail_msg("%s is read by nobody", r->word);
	if (r->kind == V_ENUM && !r->words)
		fail_msg("%s is a choice of nothing", r->word);
	if (r->kind == V_BLOCK && !r->block)
		fail_msg("%s is a block of nothing", r->word);
	if (r->kind != V_NONE && r->kind != V_BLOCK && r->kind != V_LIST && r->kind != V_CUSTOM && !r->size)
		fail_msg("%s goes nowhere", r->word);
	if ((r->kind == V_FLAG || r->kind == V_CLEAR || r->kind == V_BOOL) && r->size != sizeof(bool))
		fail_msg("%s is no bool", r->word);
	if ((r->kind == V_SECS || r->kind == V_MSECS) && r->size != 8)
		fail_msg("%s is no time", r->word);
	if (r->kind == V_NONE && !r->no_effect && !r->legacy && strcmp(r->word, "include_check") &&
	    strcmp(r->word, "random_seed"))
		fail_msg("%s does nothing and does not say so", r->word);
	assert_true(r->mark < 64);
	if (r->kind != V_NUM)
		return;
	store_range(r, &min, &max);
	if (min > max || (r->size < 8 && max >= (int64_t)1 << (8 * r->size)) || (min < 0 && !r->is_signed))
		fail_msg("%s allows what its field cannot hold", r->word);
}

static void every_row_is_sound(void **state)
{
	for (unsigned i = 0; i < N_PATHS; i++) {
		const struct schema_block *b = schema_path(paths[i]);

		if (!b)
			fail_msg("there is no block %s", paths[i]);
		schema_walk(b, sound_row, NULL);
	}
}

static void no_block_has_a_word_twice(void **state)
{
	for (unsigned i = 0; i < N_PATHS; i++) {
		const struct schema_block *b = schema_path(paths[i]);

		for (const struct row_part *p = b->parts; p->table; p++)
			for (unsigned k = 0; k < p->table->n; k++)
				if (schema_row(b, p->table->rows[k].word) != &p->table->rows[k])
					fail_msg("%s: %s is there twice", paths[i], p->table->rows[k].word);
	}
}

static void every_preset_is_a_value(void **state)
{
	static const struct conf_options none = { .path = "", .config_id = "", .instance = "", .test = true };
	struct arena a;
	struct load l;

	assert_int_equal(arena_open_private(&a), 0);
	assert_int_equal(load_begin(&l, &a, &conf_io_direct, &none), 0);
	for (unsigned i = 0; i < N_PATHS; i++)
		if (schema_path(paths[i])->size)
			schema_draft(&l, schema_path(paths[i]));
	if (l.errors.n)
		fail_msg("%s", l.errors.list[0].text);
	load_end(&l);
	arena_close(&a);
}

/* ---- the engine ---- */
/* The messages of text, whole */
#define SAYS(text, ...) says(text, __VA_ARGS__, __LINE__)
static void says(const char *text, const char *want, int line)
{
	struct loaded *l = load_text_test(text);

	if (strcmp(l->messages, want))
		fail_msg("line %d: got\n%swanted\n%s", line, l->messages, want);
	loaded_free(l);
}

static void unknown_words_have_a_neighbour(void **state)
{
	SAYS("global_defs {\n router_if x\n}",
	     "k:2:2: error: Unknown keyword 'router_if'; did you mean 'router_id'?\n");
	SAYS("global_defs {\n Router_ID x\n}",
	     "k:2:2: error: Unknown keyword 'Router_ID'; did you mean 'router_id'?\n");
	SAYS("global_defs {\n xyzzy\n}", "k:2:2: error: Unknown keyword 'xyzzy' in 'global_defs'\n");
	SAYS("xyzzy", "k:1:1: error: Unknown keyword 'xyzzy'\n");
}

static void unknown_blocks_are_skipped_whole(void **state)
{
	struct loaded *l = load_text("global_defs {\n xyzzy {\n  router_id inner\n }\n router_id outer\n}");

	assert_string_equal(l->messages,
			    "k:2:2: error: Unknown keyword 'xyzzy' in 'global_defs', its block is skipped\n");
	assert_string_equal(l->c->global.router_id, "outer");
	loaded_free(l);
}

static void a_missing_brace_costs_nothing(void **state)
{
	struct loaded *l = load_text("vrrp_sync_group G {\n group { A }\n"
				     "vrrp_instance A {\n interface eth0\n virtual_router_id 5\n"
				     " virtual_ipaddress { 192.0.2.1 }\n }\n}");

	assert_non_null(strstr(l->messages,
			       "k:3:1: error: 'vrrp_instance' cannot stand inside 'vrrp_sync_group': a '}' is "
			       "missing before it\n"));
	assert_int_equal(l->c->n_vrrps, 1);
	assert_int_equal(l->c->n_groups, 1);
	assert_int_equal(l->c->groups[0].n_members, 1);
	loaded_free(l);
}

static void braces_must_fit(void **state)
{
	SAYS("global_defs\n", "k:1:1: error: Missing '{' at beginning of configuration block 'global_defs'\n");
	SAYS("global_defs {\n router_id x {\n }\n}",
	     "k:2:2: error: Unexpected '{' - router_id takes no block, it is skipped\n");
}

static void a_missing_argument_is_named(void **state)
{
	SAYS("global_defs {\n smtp_server\n vrrp_version\n}",
	     "k:2:2: error: Configuration line starting `smtp_server` is missing a parameter after keyword "
	     "`smtp_server` at "
	     "word position 2: write smtp_server HOST [PORT]\n"
	     "k:3:2: error: Configuration line starting `vrrp_version` is missing a parameter after keyword "
	     "`vrrp_version` "
	     "at word position 2: write vrrp_version 2 | 3\n");
	SAYS("global_defs {\n lvs_timeouts tcp\n}", "k:2:2: error: Configuration line starting `lvs_timeouts` is "
						    "missing a parameter after keyword `tcp` at word "
						    "position 3\n");
}

static void what_is_double_or_too_much_is_said(void **state)
{
	SAYS("global_defs {\n router_id a\n router_id b\n vrrp_version 2\n vrrp_version 3\n}",
	     "k:3:2: warning: Duplicate router_id - overwriting\n"
	     "k:5:2: hint: vrrp_version is given twice, the last one counts\n");
	SAYS("global_defs {\n startup_script /bin/true root\n startup_script /bin/false\n enable_script_security\n}",
	     "k:3:2: error: startup_script is given already, this one is ignored\n");
	SAYS("global_defs {\n router_id a b\n vrrp_strict on off\n}",
	     "k:2:14: hint: router_id: 'b' is ignored, there are no further arguments\n"
	     "k:3:17: hint: vrrp_strict: 'off' is ignored, there are no further arguments\n");
	SAYS("global_defs {\n lvs_flush off\n}",
	     "k:2:12: warning: lvs_flush takes no argument, 'off' does not switch it "
	     "off: leave the line out\n");
}

static void what_has_no_effect_is_said_once(void **state)
{
	SAYS("global_defs {\n nftables_ifindex\n nftables_ifindex\n}",
	     "k:2:2: note: nftables_ifindex has no effect here: interfaces are always matched by number\n");
}

static void old_spellings_work_and_are_deprecated(void **state)
{
	struct loaded *l = load_text("global_defs {\n lvs_process_name x\n}");

	assert_string_equal(l->messages,
			    "k:2:2: deprecated: lvs_process_name is deprecated - please use checker_process_name\n");
	assert_string_equal(l->c->global.checker.name, "x");
	loaded_free(l);
}

int main(void)
{
#define T(f) cmocka_unit_test(f)
	static const struct CMUnitTest tests[] = {
		T(every_row_is_sound),
		T(no_block_has_a_word_twice),
		T(every_preset_is_a_value),
		T(unknown_words_have_a_neighbour),
		T(unknown_blocks_are_skipped_whole),
		T(a_missing_brace_costs_nothing),
		T(braces_must_fit),
		T(a_missing_argument_is_named),
		T(what_is_double_or_too_much_is_said),
		T(what_has_no_effect_is_said_once),
		T(old_spellings_work_and_are_deprecated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
