/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_say - loads a configuration in a world that is the same on every machine, and says what it thinks of it.
 *
 * usage: conf_say FILE            the messages, then "exit STATUS"; keepalived's exit status of -t is its own
 *        conf_say --print FILE    the canonical form
 *        conf_say --same A B      do both mean the same? The first thing that differs, and 1, if not
 *        conf_say --count FILE    how much of what there is
 *
 * The world: every interface exists but those named no*; every script may run but those with "missing", "plain" (not
 * executable) or "insecure" in their path; the configuration id is "main". Files are real.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "load.h"

static bool if_exists(void *arg, const char *ifname)
{
	return strncmp(ifname, "no", 2) != 0;
}

static int script_check(void *arg, const char *path, const char *user, const char *group)
{
	return strstr(path, "missing")	  ? -ENOENT
	       : strstr(path, "plain")	  ? -EACCES
	       : strstr(path, "insecure") ? -EPERM
					  : 0;
}

static const struct conf *load(struct arena *a, const char *path)
{
	struct conf_io io = conf_io_direct;
	struct conf_options o = { .path = path, .config_id = "main", .instance = "", .test = true };

	io.if_exists = if_exists;
	io.script_check = script_check;
	if (arena_open_private(a) < 0)
		return NULL;
	return conf_load(a, &io, &o);
}

static int say(const struct conf *c)
{
	int status = conf_exit_status(c->messages, c->n_messages);
	char text[2000];

	for (uint32_t i = 0; i < c->n_messages; i++) {
		conf_message_text(&c->messages[i], text, sizeof(text));
		puts(text);
	}
	printf("exit %d\n", status);
	return status;
}

static int count(const struct conf *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n_servers; i++)
		n += c->servers[i].n_rs;
	printf("servers %u real %u checks %u vrrps %u groups %u scripts %u bfds %u messages %u\n", c->n_servers, n,
	       c->n_checks, c->n_vrrps, c->n_groups, c->n_scripts, c->n_bfds, c->n_messages);
	return 0;
}

#define DIFFER(...) (printf(__VA_ARGS__), printf(" differs\n"), 1)

static int same(const struct conf *a, const struct conf *b)
{
	if (a->n_servers != b->n_servers || a->n_checks != b->n_checks || a->n_vrrps != b->n_vrrps ||
	    a->n_scripts != b->n_scripts || a->n_bfds != b->n_bfds || a->n_groups != b->n_groups ||
	    a->n_static_addresses != b->n_static_addresses || a->n_static_routes != b->n_static_routes ||
	    a->n_static_rules != b->n_static_rules || a->n_files != b->n_files || a->n_processes != b->n_processes ||
	    a->n_service_checks != b->n_service_checks)
		return DIFFER("a number of things");
	for (uint32_t i = 0; i < a->n_checks; i++)
		if (a->checks[i].key != b->checks[i].key || !conf_target_equal(a, &a->checks[i], b, &b->checks[i]))
			return DIFFER("check %u (line %u)", i, a->checks[i].where.line);
	for (uint32_t i = 0; i < a->n_servers; i++)
		if (!conf_vs_equal(a, &a->servers[i], b, &b->servers[i]))
			return DIFFER("virtual server %u (line %u)", i, a->servers[i].where.line);
	for (uint32_t i = 0; i < a->n_vrrps; i++)
		if (!conf_vrrp_equal(a, &a->vrrps[i], b, &b->vrrps[i]))
			return DIFFER("vrrp_instance %s", a->vrrps[i].name);
	for (uint32_t i = 0; i < a->n_scripts; i++)
		if (!conf_track_script_equal(&a->scripts[i], &b->scripts[i]))
			return DIFFER("vrrp_script %s", a->scripts[i].name);
	for (uint32_t i = 0; i < a->n_bfds; i++)
		if (!conf_bfd_equal(&a->bfds[i], &b->bfds[i]))
			return DIFFER("bfd_instance %s", a->bfds[i].name);
	return 0;
}

int main(int argc, char **argv)
{
	const struct conf *c, *other;
	struct arena a, b;

	if (argc < 2 || !(c = load(&a, argv[argc == 4 ? 2 : argc - 1]))) {
		fprintf(stderr, "usage: conf_say [--print | --count] FILE | --same A B\n");
		return 99;
	}
	if (argc == 2)
		return say(c);
	if (argc == 3 && !strcmp(argv[1], "--print"))
		return conf_print(c, stdout) ? 99 : 0;
	if (argc == 3 && !strcmp(argv[1], "--count"))
		return count(c);
	if (argc == 4 && !strcmp(argv[1], "--same") && (other = load(&b, argv[3])))
		return same(c, other);
	return 99;
}
