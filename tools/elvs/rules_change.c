/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_change - loading a file's services as a change that can be undone: the journal keeps the names of the
 * services which the file adds, and undoing deletes those that are still there. A second start replaces the first
 * one's in one transaction: connections of services that did not change go on.
 */
#include <errno.h>
#include <string.h>

#include "change.h"
#include "rules.h"

static const char *path_of(const json_t *c)
{
	return json_string_value(json_object_get(c, "path")) ?: "";
}

static int open_director(struct journal *j, struct ctl **ret)
{
	const char *why = "";
	int r = ctl_open(ret, 0, &why);

	return r < 0 ? journal_fail(j, r, "the director cannot be reached: %s", why) : 0;
}

/* Everything that is wrong goes to standard error at once; j->why says that it does. */
static int tell_all(struct journal *j, const struct rules *r, const char *path, int error)
{
	rules_print_errors(r, path, stderr);
	return journal_fail(j, error, "%s was not loaded, nothing of it", path);
}

static int rules_probe(struct journal *j, json_t *c)
{
	return 0;
}

struct commit {
	struct journal *j;
	json_t *change, *services;
};

/* All is accepted: the names are written down before it counts, beside those of the file's former state. */
static int note_services(void *arg)
{
	struct commit *cm = arg;
	json_t *known = json_object_get(cm->change, "services");

	if (!known) {
		known = json_array();
		json_object_set_new(cm->change, "services", known);
	}
	json_array_extend(known, cm->services);
	return journal_write(cm->j);
}

static int apply(struct journal *j, json_t *c, struct rules *r)
{
	struct rules first = {};
	struct commit cm = { j, c, rules_services(r) };
	struct ctl *ctl = NULL;
	int n = rules_from_services(&first, json_object_get(c, "services"), NULL);

	if (n < 0)
		n = journal_fail(j, n, "the journal names a service that cannot be read");
	if (n >= 0)
		n = open_director(j, &ctl);
	if (n >= 0) {
		n = rules_apply(ctl, r, &first, note_services, &cm);
		if (n < 0)
			n = tell_all(j, r, path_of(c), n);
	}
	if (n >= 0) {
		json_object_set(c, "services", cm.services);
		n = journal_write(j);
	}
	ctl_close(ctl);
	json_decref(cm.services);
	rules_free(&first);
	return n;
}

static int rules_make(struct journal *j, json_t *c)
{
	FILE *f = fopen(path_of(c), "re");
	struct rules r;
	int n;

	if (!f)
		return journal_fail(j, -errno, "cannot read %s: %s", path_of(c), strerror(errno));
	n = rules_read(&r, f);
	fclose(f);
	if (n == -EINVAL)
		n = tell_all(j, &r, path_of(c), n);
	else if (n < 0)
		n = journal_fail(j, n, "cannot read %s: %s", path_of(c), strerror(-n));
	else
		n = apply(j, c, &r);
	rules_free(&r);
	return n;
}

static int rules_undo(struct journal *j, json_t *c)
{
	struct rules first = {}, none = {};
	struct ctl *ctl = NULL;
	size_t services = 0;
	int n = rules_from_services(&first, json_object_get(c, "services"), &services);

	if (n < 0)
		n = journal_fail(j, n, "the journal names a service that cannot be read");
	if (n >= 0 && services > 0)
		n = open_director(j, &ctl);
	if (n >= 0 && services > 0) {
		n = rules_apply(ctl, &none, &first, NULL, NULL);
		if (n < 0)
			n = tell_all(j, &none, path_of(c), n);
	}
	ctl_close(ctl);
	rules_free(&first);
	rules_free(&none);
	return n;
}

const struct change_kind change_rules_kind = { "rules", rules_probe, rules_make, rules_undo };

json_t *change_rules(const char *path)
{
	json_t *c = json_object();

	json_object_set_new(c, "kind", json_string("rules"));
	json_object_set_new(c, "id", json_string("rules"));
	json_object_set_new(c, "path", json_string(path));
	return c;
}
