/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipcmd - see ipcmd.h. */
#include "ipcmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MARK " protocol 18"

static bool append(char *buf, size_t size, size_t *len, const char *text)
{
	size_t n = strlen(text);

	if (*len + n + 1 > size)
		return false;
	memcpy(buf + *len, text, n + 1);
	*len += n;
	return true;
}

/* ip splits at blanks, knows both quotes, takes # for a comment: nothing of that is in any word that it understands. */
static bool plain(const char *word)
{
	return word[0] && !strpbrk(word, " \t\r\n\v\f\"'\\#");
}

int ipcmd_text(const struct conf_ipline *l, bool rule, bool add, char *buf, size_t size)
{
	const char *verb = !add ? "del" : l->append && !rule ? "append" : l->prepend && !rule ? "prepend" : "add";
	bool marked = false; /* or another protocol was named */
	size_t len = 0;

	for (const char *const *w = l->words; *w; w++)
		marked |= !strcmp(*w, "protocol") || !strcmp(*w, "proto");
	if (!append(buf, size, &len, rule ? "rule " : "route ") || !append(buf, size, &len, verb))
		return -E2BIG;
	for (const char *const *w = l->words; *w; w++) {
		if (!plain(*w))
			return -EINVAL;
		/* whatever comes after "nexthop" belongs to that next hop */
		if (!marked && !strcmp(*w, "nexthop")) {
			if (!append(buf, size, &len, MARK))
				return -E2BIG;
			marked = true;
		}
		if (!append(buf, size, &len, " ") || !append(buf, size, &len, *w))
			return -E2BIG;
	}
	return marked || append(buf, size, &len, MARK) ? 0 : -E2BIG;
}

int ipcmd_queue(struct commands *c, const struct conf_ipline *l, bool rule, bool add)
{
	char line[900];
	int r = ipcmd_text(l, rule, add, line, sizeof(line));

	return r < 0 ? r : commands_line(c, l->family == AF_INET6 ? COMMAND_IP6 : COMMAND_IP4, line);
}

bool ipline_equal(const struct conf_ipline *x, const struct conf_ipline *y)
{
	const char *const *a = x->words, *const *b = y->words;

	while (*a && *b && !strcmp(*a, *b))
		a++, b++;
	return !*a && !*b && x->family == y->family && x->append == y->append && x->prepend == y->prepend;
}
