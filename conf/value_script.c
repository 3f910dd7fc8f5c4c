/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value_script - commands: the words behind a script keyword, read again from the line with both kinds of quotes and
 * backslash escapes, and the command split once more into its arguments. Also who runs it, and FIFOs.
 *
 * No shell is used, as in keepalived; but a command that only a shell understands ([[ ]], &&, redirections) gets one,
 * where keepalived would disable it for want of a program named "[[".
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "parts.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* One escape; *s stands behind the backslash and is moved past it. */
static char escape(const char **s)
{
	static const char names[] = "abEefnrtv", values[] = "\a\b\033\033\f\n\r\t\v";
	const char *p = *s, *known = *p ? strchr(names, *p) : NULL;
	unsigned v = 0, k;

	if (known) {
		*s = p + 1;
		return values[known - names];
	}
	if (is_octal(*p)) {
		for (k = 0; k < 3 && is_octal(*p); k++)
			v = v * 8 + (*p++ - '0');
		*s = p;
		return (char)v;
	}
	if (*p == 'x' && isxdigit((unsigned char)p[1])) {
		for (p++, k = 0; k < 2 && isxdigit((unsigned char)*p); k++, p++)
			v = v * 16 + (isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10);
		*s = p;
		return (char)v;
	}
	if (*p == 'c' && p[1]) {
		*s = p + 2;
		return (char)(p[1] & 31);
	}
	*s = p + 1;
	return *p;
}

/*
 * The next word of *s, unquoted, into buf (which has room for all of *s). Returns its length; -ENOENT: none left;
 * -EINVAL: a quote does not end. *quoted: part of it was in quotes.
 */
static int next_word(const char **s, char *buf, bool *quoted)
{
	const char *p = *s;
	char *out = buf, quote = 0;

	*quoted = false;
	while (isspace((unsigned char)*p))
		p++;
	if (!*p)
		return -ENOENT;
	for (; *p && (quote || !isspace((unsigned char)*p));) {
		char c = *p++;

		if (c == '\\' && *p && quote != '\'')
			*out++ = escape(&p);
		else if (c == quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			*quoted = true, quote = c;
		else
			*out++ = c;
	}
	*out = 0;
	*s = p;
	return quote ? -EINVAL : out - buf;
}

/* What of a word outside quotes only a shell can mean. */
static bool wants_shell(const char *word, bool first)
{
	static const char *const whole[] = { "&&", "||", "|", ";", "&", "2>&1" };
	size_t n = strlen(word);

	for (unsigned i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (!strcmp(word, whole[i]))
			return true;
	return *word == '<' || *word == '>' || !strncmp(word, "2>", 2) || !strncmp(word, "&>", 2) ||
	       (n > 1 && word[n - 1] == ';') || strstr(word, "$(") || strchr(word, '`') ||
	       (first && (!strcmp(word, "[[") || !strcmp(word, "!")));
}

int script_argv(struct load *l, const char *text, struct conf_script *ret, bool *ret_shell)
{
	char *buf = load_scratch(l, strlen(text) + 1);
	struct vec argv = { 0 };
	const char *s = text;
	bool quoted;
	int n;

	*ret_shell = false;
	while ((n = next_word(&s, buf, &quoted)) >= 0) {
		*ret_shell |= !quoted && wants_shell(buf, !argv.n);
		*(const char **)vec_add(l, &argv, sizeof(char *)) = load_strn(l, buf, n);
	}
	if (n == -EINVAL)
		return n;
	if (*ret_shell) {
		bool bash = strstr(text, "[[") || strstr(text, "/dev/tcp/") || strstr(text, "/dev/udp/");

		argv.n = 0;
		*(const char **)vec_add(l, &argv, sizeof(char *)) = load_str(l, bash ? "/bin/bash" : "/bin/sh");
		*(const char **)vec_add(l, &argv, sizeof(char *)) = load_str(l, "-c");
		*(const char **)vec_add(l, &argv, sizeof(char *)) = load_str(l, text);
	}
	if (!argv.n)
		return -EINVAL;
	vec_add(l, &argv, sizeof(char *));
	ret->argv = vec_keep(l, &argv, sizeof(char *));
	ret->text = load_str(l, text);
	return 0;
}

/* USER [GROUP], USER:GROUP, USER :GROUP. words[0..n-1] */
static bool user_words(struct load *l, const struct conf_node *n, const char *const *words, unsigned n_words,
		       const char **ret_user, const char **ret_group)
{
	const char *colon = strchr(words[0], ':');
	const char *group = n_words > 1 ? words[1] + (*words[1] == ':') : colon ? colon + 1 : "";
	size_t len = colon ? (size_t)(colon - words[0]) : strlen(words[0]);

	if (!len || len > 31 || strlen(group) > 31) {
		load_error(l, CONF_ERROR, n, 1, "%s: '%s' is not the name of a user", n->words[0].text, words[0]);
		return false;
	}
	if (n_words > 2)
		load_error(l, CONF_HINT, n, LOAD_LINE, "%s: '%s' and what follows is ignored", n->words[0].text,
			   words[2]);
	*ret_user = load_strn(l, words[0], len);
	*ret_group = load_str(l, group);
	return true;
}

bool value_user(struct load *l, const struct conf_node *n, uint32_t i, const char **ret_user, const char **ret_group)
{
	const char *words[3];
	unsigned k;

	if (!value_word(l, n, i, &words[0]))
		return false;
	for (k = 1; k < 3 && i + k < n->n_words; k++)
		words[k] = n->words[i + k].text;
	return user_words(l, n, words, k, ret_user, ret_group);
}

/* The words of n behind the keyword, as scripts read them; false: reported */
static bool script_words(struct load *l, const struct conf_node *n, struct vec *ret, bool *first_quoted,
			 const char **ret_rest)
{
	/* behind the keyword, which may end at a quotation mark: script"COMMAND" */
	const char *s = n->raw + strlen(n->words[0].text) + 2 * n->words[0].quoted;
	char *buf = load_scratch(l, strlen(s) + 1);
	bool quoted;
	int len;

	*first_quoted = false;
	*ret_rest = s + strspn(s, " \t");
	while ((len = next_word(&s, buf, &quoted)) >= 0) {
		if (!ret->n)
			*first_quoted = quoted;
		*(const char **)vec_add(l, ret, sizeof(char *)) = arena_strndup(&l->scratch, buf, len);
	}
	if (len == -EINVAL) {
		load_error(l, CONF_ERROR, n, LOAD_LINE, "%s: a quotation mark is missing at the end of the command",
			   n->words[0].text);
		return false;
	}
	return ret->n || (value_word(l, n, n->n_words, ret_rest), false);
}

static bool set_argv(struct load *l, const struct conf_node *n, const char *text, struct conf_script *s)
{
	bool shell;

	if (script_argv(l, text, s, &shell)) {
		load_error(l, CONF_ERROR, n, 1, "%s: '%s' is not a command (a quotation mark missing?)",
			   n->words[0].text, text);
		return false;
	}
	if (shell)
		load_error(l, CONF_HINT, n, 1,
			   "%s: run by %s -c, for what only a shell understands (keepalived would not)",
			   n->words[0].text, s->argv[0]);
	return true;
}

/* What both kinds of lines begin with: the words, and nobody named to run it */
static bool begin_script(struct load *l, const struct conf_node *n, struct conf_script *ret, struct vec *words,
			 bool *ret_quoted, const char **ret_rest)
{
	*ret = (struct conf_script){ .user = load_str(l, ""), .group = load_str(l, "") };
	ret->where = load_where(l, n, 1);
	return script_words(l, n, words, ret_quoted, ret_rest);
}

bool value_command(struct load *l, const struct conf_node *n, struct conf_script *ret)
{
	struct vec words = { 0 };
	const char *rest = NULL;
	struct conf_script s;
	bool quoted;

	if (!begin_script(l, n, &s, &words, &quoted, &rest))
		return false;
	if (words.n > 1)
		load_error(l, CONF_HINT, n, 1, "%s: the command has blanks, put it in quotation marks",
			   n->words[0].text);
	if (!set_argv(l, n, words.n > 1 ? rest : VEC_AT(words, const char *, 0), &s))
		return false;
	*ret = s;
	return true;
}

bool value_script(struct load *l, const struct conf_node *n, struct conf_script *ret)
{
	struct vec words = { 0 };
	const char *rest = NULL;
	struct conf_script s;
	bool quoted;

	if (!begin_script(l, n, &s, &words, &quoted, &rest))
		return false;
	if (words.n > 1 && (quoted || words.n <= 3)) {
		const char *const *user = &VEC_AT(words, const char *, 1);

		if (!user_words(l, n, user, words.n - 1, &s.user, &s.group))
			return false;
		s.has_user = true;
	} else if (words.n > 1) {
		load_error(l, CONF_ERROR, n, 1,
			   "%s: too many words: put the command and its arguments in quotation marks, the user "
			   "behind them",
			   n->words[0].text);
		return false;
	}
	if (!set_argv(l, n, VEC_AT(words, const char *, 0), &s))
		return false;
	*ret = s;
	return true;
}

bool value_fifo(struct load *l, const struct conf_node *n, struct conf_fifo *ret)
{
	const char *path, *user = "", *group = "";

	if (!value_word(l, n, 1, &path))
		return false;
	if (*path != '/') {
		load_error(l, CONF_ERROR, n, 1, "%s: '%s' must be an absolute path", n->words[0].text, path);
		return false;
	}
	if (n->n_words > 2 && !value_user(l, n, 2, &user, &group))
		return false;
	ret->path = load_str(l, path);
	ret->user = load_str(l, user);
	ret->group = load_str(l, group);
	return true;
}
