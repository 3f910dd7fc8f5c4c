/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree_test - text in, tree and messages out; files are in memory. Each expectation is the whole tree, printed. */
#include "tree.h"

#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"

struct file {
	const char *path, *text;
};

static int mem_read(void *arg, const char *path, char **ret_text, size_t *ret_len)
{
	for (const struct file *f = arg; f->path; f++) {
		if (strcmp(f->path, path))
			continue;
		if (!f->text)
			return -EACCES;
		*ret_text = strdup(f->text);
		*ret_len = strlen(f->text);
		return 0;
	}
	return -ENOENT;
}

static int mem_glob(void *arg, const char *pattern, int (*f)(void *arg, const char *path), void *f_arg)
{
	int n = 0;

	for (const struct file *file = arg; file->path; file++) {
		if (fnmatch(pattern, file->path, FNM_PATHNAME))
			continue;
		n++;
		if (f(f_arg, file->path))
			break;
	}
	return n;
}

static struct arena arena;
static char out[1 << 16];
static struct conf_errors errors;

static void print(FILE *f, const struct conf_node *n, int depth)
{
	for (; n; n = n->next) {
		fprintf(f, "%*s", depth * 2, "");
		for (uint32_t i = 0; i < n->n_words; i++)
			fprintf(f, n->words[i].quoted ? "%s\"%s\"" : "%s%s", i ? " " : "", n->words[i].text);
		fprintf(f, n->has_block ? " {\n" : "\n");
		print(f, n->children, depth + 1);
		if (n->has_block)
			fprintf(f, "%*s}\n", depth * 2, "");
	}
}

static const struct conf_node *root_of(const struct file *files, const char *id)
{
	struct conf_io io = { .arg = (void *)files, .read = mem_read, .glob = mem_glob };
	struct conf_options o = { .path = files[0].path, .config_id = id, .instance = "" };

	errors = (struct conf_errors){ .arena = &arena };
	return conf_tree_read(&arena, &io, &o, &errors);
}

/* The tree, then the messages */
static const char *read_files(const struct file *files, const char *id)
{
	const struct conf_node *root = root_of(files, id);
	FILE *f = fmemopen(memset(out, 0, sizeof(out)), sizeof(out), "w");
	char text[2000];

	print(f, root->children, 0);
	conf_errors_sort(&errors);
	for (uint32_t i = 0; i < errors.n; i++) {
		conf_message_text(&errors.list[i], text, sizeof(text));
		fprintf(f, "%s\n", text);
	}
	fclose(f);
	return out;
}

static const char *read_text(const char *text)
{
	struct file files[] = { { "/c/k.conf", text }, {} };

	return read_files(files, "main");
}

#define READS(text, expected) assert_string_equal(read_text(text), expected)

static int setup(void **state)
{
	return arena_open_private(&arena);
}

static int teardown(void **state)
{
	arena_close(&arena);
	return 0;
}

static void words_and_blocks(void **state)
{
	READS("a b  c\n\n# x\nd {\n\te f\n}\ng\n", "a b c\nd {\n  e f\n}\ng\n");
	READS("a { b { c } } d", "a {\n  b {\n    c\n  }\n}\nd\n");
	READS("a\n{\nb }", "a {\n  b\n}\n");
	READS("a {} b{}", "a {\n}\nb {\n}\n");
	READS("a{b c}d", "a {\n  b c\n}\nd\n");
	READS("a\r\nb\r\n", "a\nb\n");
	READS("a\fb\vc\td", "a b c d\n");
	READS("\xef\xbb\xbf"
	      "a",
	      "a\n");
	READS("", "");
}

static void comments(void **state)
{
	READS("a # b\nc ! d\n#e\n!f\ng\\#h \\!i\n", "a\nc\ng#h !i\n");
	READS("a \"# b ! c\" # d", "a \"# b ! c\"\n");
	READS("a \"b\\\" # c\" d", "a \"b\\\" # c \" d\"\n"); /* words know no escapes, comments do */
}

static void quotes_make_one_word(void **state)
{
	READS("a \"b c\" d", "a \"b c\" d\n");
	READS("a b\"c d\"e", "a b \"c d\" e\n");
	READS("a \"\" b", "a \"\" b\n");
	READS("a \"{ }\" {\n}", "a \"{ }\" {\n}\n");
	READS("a 'b c'", "a 'b c'\n");
	READS("x\na \"b c",
	      "x\na \"b c\"\n/c/k.conf:2:3: error: the quotation mark that opens here is not closed on this "
	      "line: add \" where the word ends\n");
}

static void stray_braces_are_named(void **state)
{
	READS("a\n}\nb", "a\nb\n/c/k.conf:2:1: error: Extra '}' found: no block is open here\n");
	READS("{ a }\nb",
	      "b\n/c/k.conf:1:1: error: Unexpected '{': no keyword stands before it; what is inside is left "
	      "out\n");
	READS("a {\n b {\n c\n", "a {\n  b {\n    c\n  }\n}\n"
				 "/c/k.conf:1:3: error: There are 2 missing '}'s: the block a that opens here is not "
				 "closed\n");
}

static void conditions(void **state)
{
	READS("@main a\n@other b\n@^main c\n@^other d\n@main @^other e\n@main @other f", "a\nd\ne\n");
	READS("@main a {\n@other b\n@main c }\n", "a {\n  c\n}\n");
	READS("@ a", "/c/k.conf:1:1: warning: @ stands alone, wanted @NAME or @^NAME: the line is left out\n");
	READS("$IF=@main\n$IF a\n$IF=@x\n$IF b", "a\n");
}

static void parameters(void **state)
{
	READS("$A=1 2\na $A\nb ${A}3\nc $A3 $A.x $A,", "a 1 2\nb 1 23\nc $A3 $A.x 1 2,\n");
	READS("$A=10.${B}\n$B=0\n${A}.1\n$B=7\n${A}.1", "10.0.1\n10.7.1\n");
	READS("$A=\na $A b", "a b\n");
	READS("$A=x y\na \"p $A q\" $A", "a \"p x y q\" x y\n");
	READS("a \"${U} $U\" $U", "a \"${U} $U\" $U\n");
	READS("$A=1 # c\n$A", "1\n");
	READS("a ${_HASH}b ${_BANG} ${_PWD}/x", "a #b ! /c/x\n");
	READS("a ${_RANDOM 7 7} ${_INSTANCE}", "a 7 main\n");
	READS("a ${U} {\nb\n}",
	      "a ${U} {\n  b\n}\n/c/k.conf:1:3: warning: parameter U is not defined: a line $U=VALUE must "
	      "stand before its use\n");
	READS("$A=x {\n$A\n b\n}", "x {\n  b\n}\n");
}

static void environment_is_a_parameter(void **state)
{
	setenv("ELVS_TREE_TEST", "v w", 1);
	READS("a ${_ENV ELVS_TREE_TEST}x", "a v wx\n");
	unsetenv("ELVS_TREE_TEST");
	READS("a ${_ENV ELVS_TREE_TEST}x",
	      "a x\n/c/k.conf:1:3: warning: ${_ENV ELVS_TREE_TEST}: the environment has no "
	      "ELVS_TREE_TEST: taken as empty\n");
}

static void random_follows_its_seed(void **state)
{
	char first[200];

	snprintf(first, sizeof(first), "%s",
		 read_text("global_defs {\nrandom_seed 5\n}\na ${_RANDOM} ${_RANDOM 5 9}"));
	READS("global_defs {\nrandom_seed 5\n}\na ${_RANDOM} ${_RANDOM 5 9}", first);
	READS("a ${_RANDOM 9 5}",
	      "a 0\n/c/k.conf:1:3: error: ${_RANDOM 9 5}: wanted [MIN [MAX]], whole numbers up to "
	      "999999999, MIN not above MAX (default 0 32767)\n");
}

static void parameters_of_several_lines(void **state)
{
	READS("$V= \\\na ${N} { \\\n  b # x\n  c", "c\n");
	READS("$V= \\\na ${N} { \\\n\n# remark\n  @main b \\\n  @x c \\\n}\n$N=1\n$V\n$N=2\nz $V\n",
	      "a 1 {\n  b\n}\nz a 2 {\n  b\n}\n");
	READS("$I= \\\nr ${N} \\\n}\n$O= \\\no { \\\n$N=1 \\\n i { \\\n$I \\\n$N=2 \\\nj { \\\n$I \\\n}\n$O\nend",
	      "o {\n  i {\n    r 1\n  }\n  j {\n    r 2\n  }\n}\nend\n");
	READS("$V= \\\na \\\nb\nx $V y",
	      "x a\nb\n/c/k.conf:4:6: error: nothing may follow V on its line, which stands for "
	      "several lines: \"y\" is left out\n");
	READS("@x $V= \\\na \\\nb\n@main $V= \\\nc \\\nd\n$V", "c\nd\n");
	READS("$V=a \\\nb\n$V", "a\nb\n");
	READS("a b \\\n  c\nd",
	      "a b c\nd\n/c/k.conf:1:4: hint: a \\ at the end of a line that is no $NAME= goes on on the "
	      "next line here: keepalived would not\n");
}

static void parameters_that_never_end(void **state)
{
	READS("$A=x${A}\na $A b\nc",
	      "c\n/c/k.conf:2:3: error: parameter A stands for itself, or parameters stand for "
	      "each other more than 32 deep: the line is left out\n");
	assert_non_null(strstr(read_text("$V= \\\n$V \\\n$V\n$V"), "error: "));
	assert_non_null(
		strstr(read_text("$A=$B $B $B $B\n$B=$C $C $C $C\n$C=$D $D $D $D\n$D=$E $E $E $E\n"
				 "$E=$F $F $F $F\n$F=$G $G $G $G\n$G=$H $H $H $H\n$H=$I $I $I $I\n$I=$J $J $J $J\n"
				 "$J=$K $K $K $K\n$K=$L $L $L $L\n$L=$M $M $M $M\n$M=$N $N $N $N\n$N=xxxxxxxxxx\n$A"),
		       "more than 4000000 parameters replaced"));
}

static void sequences(void **state)
{
	READS("~SEQ(I, 0, 2) a ${I}.1", "a 0.1\na 1.1\na 2.1\n");
	READS("~SEQ(I,2) a $I", "a 1\na 2\n");
	READS("~SEQ(I,-2) a $I", "a -1\na -2\n");
	READS("~SEQ(I,5,-2,1) a $I", "a 5\na 3\na 1\n");
	READS("~SEQx(I,0x90,0x10,0xb5) a ${I}", "a 90\na a0\na b0\n");
	READS("~SEQ(I,1,2) ~SEQ(J,1,2) a $I $J", "a 1 1\na 1 2\na 2 1\na 2 2\n");
	READS("$N=2\n~SEQ(I,1,$N) a $I { b $I }", "a 1 {\n  b 1\n}\na 2 {\n  b 2\n}\n");
	READS("$I=old\n~SEQ(I,1,1) a $I\nb $I", "a 1\nb old\n");
	READS("$V= \\\nv $I { \\\n ~SEQ(J,1,2) w $J \\\n}\n~SEQ(I,1,2) $V",
	      "v 1 {\n  w 1\n  w 2\n}\nv 2 {\n  w 1\n  w 2\n}\n");
	READS("~SEQ(I,1,2) @main a $I", "a 1\na 2\n");
	READS("$S=~SEQ(I,1,2) a $I\n$S", "a 1\na 2\n");
}

static void sequences_that_are_wrong(void **state)
{
	READS("~SEQ(I,5,1,3) a",
	      "/c/k.conf:1:1: error: ~SEQ: steps of 1 never lead from 5 to 3: the line is left out\n");
	READS("~SEQ(I,1,0,3) a",
	      "/c/k.conf:1:1: error: ~SEQ: steps of 0 never lead from 1 to 3: the line is left out\n");
	READS("~SEQ(I,1,4294967296) a",
	      "/c/k.conf:1:1: error: ~SEQ: more than 1000000 values: the line is left out\n");
	READS("~SEQ(I,1,x) a",
	      "/c/k.conf:1:1: error: ~SEQ: \"x\" is no whole number (decimal, or hexadecimal as 0x1f): "
	      "the line is left out\n");
	READS(" ~SEQ(I) a",
	      "/c/k.conf:1:2: error: wanted ~SEQ(NAME, [START, [STEP,]] END) TEXT, the name of letters, digits "
	      "and _: the line is left out\n");
	READS("~SEQ(I,1,2 a", "/c/k.conf:1:1: error: ~SEQ has no ): the line is left out\n");
	assert_non_null(strstr(read_text("~SEQ(I,1,10000) ~SEQ(J,1,10000) @none a"), "more than 4000000 lines"));
}

static void lists(void **state)
{
	READS("~LST(I, a, b c,) x ${I}", "x a\nx b c\nx\n");
	READS("~LST({I, J}, {10,1},{20,4}) x ${I}.${J}", "x 10.1\nx 20.4\n");
	READS("~LST({I}, {10},{20}) x ${I}", "x 10\nx 20\n");
	READS("~LST(I,1,2) ~SEQ(J,7,8) x $I $J", "x 1 7\nx 1 8\nx 2 7\nx 2 8\n");
	READS("~LST({I, J}, {1},{2,3}) x ${I}.${J}",
	      "x 2.3\n/c/k.conf:1:1: error: ~LST: 2 names want 2 values, as {a, b}, "
	      "not \"{1}\": this one is left out\n");
	READS("~LST(I) x", "/c/k.conf:1:1: error: ~LST: no values follow the name: the line is left out\n");
}

static void what_people_paste(void **state)
{
	READS("a\xc2\xa0"
	      "b\n\xe3\x80\x80 c\n",
	      "a b\nc\n/c/k.conf:1:2: hint: character U+00A0 is taken as a blank: write "
	      "ordinary blanks; said once for this file\n");
	READS("a \xe2\x80\x9c"
	      "b c\xe2\x80\x9d d",
	      "a \"b c\" d\n/c/k.conf:1:3: hint: character U+201C is taken as a "
	      "quotation mark: write \"; said once for this file\n");
	READS("state MASTER //\xe4\xb8\xbb x",
	      "state MASTER\n/c/k.conf:1:14: hint: a remark after // is left out: remarks "
	      "begin with # or !\n");
	READS("r 1.2.3.4 80 { //RS\n}",
	      "r 1.2.3.4 80 {\n}\n/c/k.conf:1:16: hint: a remark after // is left out: remarks "
	      "begin with # or !\n");
	READS("10.0.0.1 //vip",
	      "10.0.0.1\n/c/k.conf:1:10: hint: a remark after // is left out: remarks begin with # or !\n");
	READS("path //images/x.gif\nmisc_path \"/bin/curl\" http://a//b\nurl http://x\n",
	      "path //images/x.gif\nmisc_path \"/bin/curl\" http://a//b\nurl http://x\n");
	READS("a\xe2\x80\x8b b",
	      "a b\n/c/k.conf:1:2: hint: character U+200B cannot be seen and is left out: delete it; said "
	      "once for this file\n");
	READS("a \"b\xc2\xa0\xe2\x80\x9c\"", "a \"b\xc2\xa0\xe2\x80\x9c\"\n");
	READS("a \xef\xbc\x83 b\n",
	      "a\n/c/k.conf:1:3: hint: character U+FF03 is taken as the beginning of a comment: write "
	      "#; said once for this file\n");
	READS("a \xff\xfe b\xc2", "a \xff\xfe b\xc2\n");
	READS("\xff\xfe"
	      "a",
	      "/c/k.conf: error: the file is UTF-16 and is left out: save it as UTF-8\n");
}

static void columns_stay_true(void **state)
{
	const struct conf_node *n;
	struct file files[] = { { "/c/k.conf", "$A=abc def\n"
					       "\xc2\xa0\xc3\xa9 x\t$A y\n"
					       "$V= \\\n  p ${A} q \\\n  r s\n"
					       "u v $V\n"
					       "\\#a b { c d }\n" },
				{} };

	n = root_of(files, "main")->children;
	assert_int_equal(n->where.line, 2);
	assert_int_equal(n->where.col, 2);
	assert_int_equal(n->n_words, 5);
	assert_int_equal(n->words[1].col, 4);
	assert_int_equal(n->words[2].col, 6);
	assert_int_equal(n->words[3].col, 6);
	assert_int_equal(n->words[4].col, 9);
	assert_string_equal(n->raw, "\xc3\xa9 x abc def y");
	n = n->next; /* u v p abc def q */
	assert_int_equal(n->where.line, 6);
	assert_int_equal(n->words[1].col, 3);
	assert_int_equal(n->words[2].col, 3);
	assert_int_equal(n->words[3].col, 5);
	assert_int_equal(n->words[5].col, 10);
	n = n->next; /* r s */
	assert_int_equal(n->where.line, 5);
	assert_int_equal(n->where.col, 3);
	assert_int_equal(n->words[1].col, 5);
	n = n->next; /* #a b { c d } */
	assert_int_equal(n->where.line, 7);
	assert_int_equal(n->words[1].col, 5);
	assert_int_equal(n->end.col, 13);
	assert_int_equal(n->children->where.col, 9);
	assert_int_equal(n->children->words[1].col, 11);
}

static void files_include_files(void **state)
{
	struct file files[] = {
		{ "/c/k.conf",
		  "a\ninclude d/*.conf\nb {\ninclude x.conf\n}\n@main include y.conf\n$F=z\ninclude ${F}.conf" },
		{ "/c/d/1.conf", "one ${_PWD}\ninclude 3.inc" },
		{ "/c/d/2.conf", "two" },
		{ "/c/d/3.inc", "three\n}" },
		{ "/c/x.conf", "x" },
		{ "/c/y.conf", "y" },
		{ "/c/z.conf", "z" },
		{},
	};

	assert_string_equal(read_files(files, "main"),
			    "a\none /c/d\nthree\ntwo\nb {\n  x\n}\ny\nz\n"
			    "/c/d/3.inc:2:1: error: Extra '}' found: no block is open here\n");
}

static void includes_that_fail(void **state)
{
	struct file files[] = {
		{ "/c/k.conf",
		  "include no.conf\nincluder no.conf\ninclude no*.conf\nincludem no*.conf\nincludew no*.conf\n"
		  "includeb {x,no}.conf\nincludem secret\ninclude\n" },
		{ "/c/x.conf", "x" },
		{ "/c/secret", NULL },
		{},
	};

	assert_string_equal(read_files(files, ""),
			    "x\n"
			    "/c/k.conf:1:9: note: no readable file is /c/no.conf: nothing is included (includer "
			    "would make this an error)\n"
			    "/c/k.conf:2:10: error: no readable file matches /c/no.conf (directories and executable "
			    "files do not count)\n"
			    "/c/k.conf:5:10: error: no readable file matches /c/no*.conf (directories and executable "
			    "files do not count)\n"
			    "/c/k.conf:6:10: error: no readable file matches /c/no.conf (directories and executable "
			    "files do not count)\n"
			    "/c/k.conf:7:10: error: /c/secret is left out: it cannot be read: Permission denied\n"
			    "/c/k.conf:8:1: error: include wants the name of a file\n");
	assert_int_equal(conf_exit_status(errors.list, errors.n), 2);
}

static void include_check_sets_the_rule(void **state)
{
	struct file files[] = {
		{ "/c/k.conf", "global_defs {\ninclude_check\n}\ninclude no*.conf\nglobal_defs {\ninclude_check "
			       "-wildcard_match\n}\n"
			       "include no*.conf\ninclude no.conf" },
		{},
	};

	read_files(files, "");
	assert_int_equal(errors.n, 2);
	assert_int_equal(errors.list[0].where.line, 4);
	assert_int_equal(errors.list[1].where.line, 9);
	assert_int_equal(conf_exit_status(errors.list, errors.n), 4);
}

static void includes_that_never_end(void **state)
{
	struct file self[] = { { "/c/k.conf", "a\ninclude k.conf\nb" }, {} };
	struct file none[] = { { "/c/k.conf", NULL }, {} };

	assert_string_equal(read_files(self, ""),
			    "a\nb\n/c/k.conf:2:9: error: /c/k.conf is left out: it includes itself\n");
	assert_string_equal(read_files(none, ""),
			    "/c/k.conf: error: the configuration cannot be read: Permission denied\n");
	assert_int_equal(conf_exit_status(errors.list, errors.n), 4);
}

static void depth_is_bounded(void **state)
{
	char text[400] = "";

	for (int i = 0; i < 40; i++)
		strcat(text, "a {\n");
	assert_non_null(strstr(read_text(text), "more than 32 blocks in each other: reading ends here"));
}

static void long_lines_are_fine(void **state)
{
	char *text = malloc(100001);
	const struct conf_node *n;
	struct file files[] = { { "/c/k.conf", text }, {} };

	memset(text, 'a', 100000);
	for (int i = 1; i < 100000; i += 10)
		text[i] = ' ';
	text[100000] = 0;
	n = root_of(files, "")->children;
	assert_int_equal(n->n_words, 10001);
	assert_int_equal(n->words[10000].col, 99993);
	free(text);
}

static void nul_bytes_cost_their_line(void **state)
{
	struct conf_io io = conf_io_direct;
	char path[] = "/tmp/elvs-tree-XXXXXX";
	struct conf_options o = { .path = path, .config_id = "", .instance = "" };
	int fd = mkstemp(path);
	const struct conf_node *root;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a\nb\0c\nd\n", 8), 8);
	close(fd);
	errors = (struct conf_errors){ .arena = &arena };
	root = conf_tree_read(&arena, &io, &o, &errors);
	unlink(path);
	assert_string_equal(root->children->words[0].text, "a");
	assert_string_equal(root->children->next->words[0].text, "d");
	assert_null(root->children->next->next);
	assert_int_equal(errors.n, 1);
	assert_int_equal(errors.list[0].where.line, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(words_and_blocks),
		T(comments),
		T(quotes_make_one_word),
		T(stray_braces_are_named),
		T(conditions),
		T(parameters),
		T(environment_is_a_parameter),
		T(random_follows_its_seed),
		T(parameters_of_several_lines),
		T(parameters_that_never_end),
		T(sequences),
		T(sequences_that_are_wrong),
		T(lists),
		T(what_people_paste),
		T(columns_stay_true),
		T(files_include_files),
		T(includes_that_fail),
		T(include_check_sets_the_rule),
		T(includes_that_never_end),
		T(depth_is_bounded),
		T(long_lines_are_fine),
		T(nul_bytes_cost_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
