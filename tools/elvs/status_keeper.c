/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status_keeper - see status_keeper.h. */
#include "status_keeper.h"

#include <stdio.h>
#include <string.h>

#include "ask.h"

static bool is(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static void print_age(double s)
{
	if (s < 120)
		printf("%.0f s", s);
	else if (s < 7200)
		printf("%.0f min", s / 60);
	else if (s < 172800)
		printf("%.1f h", s / 3600);
	else
		printf("%.1f days", s / 86400);
}

static int print_vrrp(const json_t *list)
{
	const json_t *o, *a;
	size_t i, k;
	int bad = 0;

	json_array_foreach((json_t *)list, i, o)
	{
		bad += !strcmp(ask_str(o, "state"), "FAULT");
		printf("  vrrp %s: %s on %s, priority %" JSON_INTEGER_FORMAT, ask_str(o, "name"), ask_str(o, "state"),
		       ask_str(o, "interface"), ask_int(o, "priority"));
		if (json_is_number(json_object_get(o, "since_s"))) {
			printf(", for ");
			print_age(json_number_value(json_object_get(o, "since_s")));
		}
		json_array_foreach(json_object_get(o, "addresses"), k, a)
			printf("%s %s", k ? "," : ", addresses", json_string_value(a) ?: "?");
		if (*ask_str(o, "why"))
			printf(" (%s)", ask_str(o, "why"));
		putchar('\n');
	}
	return bad;
}

/* What a server's checks say that is worth a word: the failing ones. */
static void print_reasons(const json_t *rs, const json_t *checks)
{
	const json_t *n, *check;
	size_t i;

	json_array_foreach(json_object_get(rs, "checks"), i, n)
	{
		check = json_array_get(checks, (size_t)json_integer_value(n));
		if (!check || !is(check, "known") || is(check, "up"))
			continue;
		printf("        %s %s: %s\n", ask_str(check, "kind"), ask_str(check, "target"),
		       ask_str(check, "text"));
	}
}

static int print_server(const json_t *rs, const json_t *checks)
{
	const json_t *n, *check;
	double latency = 0;
	size_t i;

	json_array_foreach(json_object_get(rs, "checks"), i, n)
	{
		check = json_array_get(checks, (size_t)json_integer_value(n));
		if (check && is(check, "known") && ask_int(check, "latency_us") > latency)
			latency = (double)ask_int(check, "latency_us");
	}
	printf("    %s %s, weight %" JSON_INTEGER_FORMAT, ask_str(rs, "server"),
	       is(rs, "draining") ? "draining"
	       : is(rs, "up")	  ? "up"
				  : "DOWN",
	       ask_int(rs, "weight"));
	if (latency)
		printf(", %.1f ms", latency / 1e3);
	putchar('\n');
	print_reasons(rs, checks);
	return !is(rs, "up");
}

static int print_services(const json_t *list, const json_t *checks)
{
	const json_t *o, *rs;
	size_t i, k;
	int bad = 0;

	json_array_foreach((json_t *)list, i, o)
	{
		printf("  service %s: %" JSON_INTEGER_FORMAT " of %zu real servers up%s%s%s\n", ask_str(o, "service"),
		       ask_int(o, "alive"), json_array_size(json_object_get(o, "real_servers")),
		       is(o, "quorum") ? "" : ", NO QUORUM", is(o, "sorry") ? ", the sorry server stands in" : "",
		       is(o, "refused") ? ", the director cannot do it yet" : "");
		bad += !is(o, "quorum");
		json_array_foreach(json_object_get(o, "real_servers"), k, rs) bad += print_server(rs, checks);
	}
	return bad;
}

int status_keeper_print(const json_t *keeper)
{
	const json_t *checks = json_object_get(keeper, "checks"), *o;
	size_t i;
	int bad;

	printf("keepalived%s%s: running with %s, %zu health checks\n", *ask_str(keeper, "instance") ? " " : "",
	       ask_str(keeper, "instance"), ask_str(keeper, "config"), json_array_size(checks));
	bad = print_vrrp(json_object_get(keeper, "vrrp"));
	json_array_foreach(json_object_get(keeper, "groups"), i, o)
		printf("  sync group %s: %s\n", ask_str(o, "name"), ask_str(o, "state"));
	json_array_foreach(json_object_get(keeper, "bfd"), i, o)
		printf("  bfd %s: %s\n", ask_str(o, "name"), ask_str(o, "state"));
	return bad + print_services(json_object_get(keeper, "services"), checks);
}
