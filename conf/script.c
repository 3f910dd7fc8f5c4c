/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script - whether a command can and may be run: it exists, is executable, and nobody but root could change what root
 * would run. Asks conf_io.script_check, looks at no file itself.
 */
#include <errno.h>
#include <string.h>

#include "draft.h"
#include "parts.h"

/* Run by a shell where keepalived would not run it at all (value_script.c): that was said, with the line */
static bool by_our_shell(const struct conf_script *s)
{
	return s->argv[1] && s->argv[2] && !strcmp(s->argv[1], "-c") && !strcmp(s->argv[2], s->text);
}

/* Said once: keepalived has the same words for it. */
static void insecure_once(struct load *l, const struct conf_script *s)
{
	if (by_our_shell(s) || l->said_insecure || l->global->g.enable_script_security)
		return;
	l->said_insecure = true;
	load_error_at(l, CONF_SECURITY, s->where,
		      "SECURITY VIOLATION - scripts are being executed but script_security not enabled: "
		      "write enable_script_security and script_user in global_defs");
}

static void disable(struct load *l, struct conf_script *s, enum conf_severity severity, const char *word,
		    const char *why)
{
	load_error_at(l, severity, s->where, "%s: '%s' %s - disabling", word, s->argv[0], why);
	s->argv = NULL;
}

/* 0 or -errno */
static int ask(struct load *l, const struct conf_script *s)
{
	const char *key = arena_printf(&l->scratch, "%s:%s:%s", s->user, s->group, s->argv[0]);
	uint32_t known = names_find(&l->commands, key);

	if (!l->io->script_check)
		return 0;
	if (known == CONF_NONE) {
		known = (uint32_t)-l->io->script_check(l->io->arg, s->argv[0], s->user, s->group);
		names_add(l, &l->commands, key, known);
	}
	return -(int)known;
}

void load_script(struct load *l, struct conf_script *s, const char *word, enum conf_severity missing)
{
	const struct global_draft *d = l->global;

	if (!s || !s->argv)
		return;
	if (!s->has_user && *d->script_user) {
		s->has_user = true;
		s->user = d->script_user;
		s->group = d->script_group;
	}
	switch (ask(l, s)) {
	case 0:
		break;
	case -ENOENT:
		disable(l, s, missing, word, "is not found");
		break;
	case -EACCES:
		disable(l, s, missing, word, "is not executable for the user who is to run it");
		break;
	case -EPERM:
		if (d->g.enable_script_security)
			disable(l, s, CONF_SECURITY, word, "could be changed by others than root, who is to run it");
		else
			load_error_at(l, CONF_SECURITY, s->where,
				      "%s: '%s' could be changed by others than root, who is to run it", word,
				      s->argv[0]);
		break;
	case -EINVAL:
		load_error_at(l, CONF_ERROR, s->where, "%s: there is no user %s%s%s to run '%s' - disabling", word,
			      s->user, *s->group ? " or no group " : "", s->group, s->argv[0]);
		s->argv = NULL;
		break;
	default:
		disable(l, s, missing, word, "cannot be looked at");
	}
	if (s->argv)
		insecure_once(l, s);
}
