/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page - see page.h. */
#include "page.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '<')
			fputs("&lt;", f);
		else if (*s == '&')
			fputs("&amp;", f);
		else if (*s == '"')
			fputs("&quot;", f);
		else
			fputc(*s, f);
	}
}

static const char *str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key)) ?: "";
}

static bool is(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static void cell(FILE *f, const char *s, const char *class)
{
	fprintf(f, "<td%s%s>", *class ? " class=" : "", class);
	text(f, s);
	fputs("</td>", f);
}

static void number(FILE *f, const json_t *o, const char *key)
{
	fprintf(f, "<td class=n>%lld</td>", (long long)json_integer_value(json_object_get(o, key)));
}

static void vrrp(FILE *f, const json_t *list)
{
	const json_t *o;
	size_t i;

	if (!json_array_size(list))
		return;
	fputs("<h2>VRRP</h2><table><tr><th>instance<th>interface<th>state<th>priority<th>transitions</tr>\n", f);
	json_array_foreach((json_t *)list, i, o)
	{
		fputs("<tr>", f);
		cell(f, str(o, "name"), "");
		cell(f, str(o, "interface"), "");
		cell(f, str(o, "state"), !strcmp(str(o, "state"), "FAULT") ? "bad" : "");
		number(f, o, "priority");
		number(f, o, "transitions");
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

static void server(FILE *f, const json_t *rs)
{
	bool up = is(rs, "up");

	fputs("<tr>", f);
	cell(f, "", "");
	cell(f, str(rs, "server"), "");
	cell(f, up ? "up" : is(rs, "draining") ? "draining" : "down", up ? "good" : "bad");
	number(f, rs, "weight");
	fputs("</tr>\n", f);
}

static void services(FILE *f, const json_t *list)
{
	const json_t *o, *rs;
	size_t i, k;

	if (!json_array_size(list))
		return;
	fputs("<h2>Virtual servers</h2><table><tr><th>service<th>real server<th>state<th>weight</tr>\n", f);
	json_array_foreach((json_t *)list, i, o)
	{
		fputs("<tr>", f);
		cell(f, str(o, "service"), "");
		cell(f, is(o, "sorry") ? "the sorry server stands in" : "", "bad");
		cell(f, is(o, "quorum") ? "quorum" : "no quorum", is(o, "quorum") ? "good" : "bad");
		number(f, o, "alive_weight");
		fputs("</tr>\n", f);
		json_array_foreach(json_object_get(o, "real_servers"), k, rs) server(f, rs);
	}
	fputs("</table>\n", f);
}

static void checks(FILE *f, const json_t *list)
{
	const json_t *o;
	size_t i;

	if (!json_array_size(list))
		return;
	fputs("<h2>Health checks</h2><table><tr><th>check<th>target<th>state<th>ms<th>last said</tr>\n", f);
	json_array_foreach((json_t *)list, i, o)
	{
		bool up = is(o, "up"), known = is(o, "known");

		fputs("<tr>", f);
		cell(f, str(o, "kind"), "");
		cell(f, str(o, "target"), "");
		cell(f, !known ? "not yet known" : up ? "up" : "down", !known ? "" : up ? "good" : "bad");
		fprintf(f, "<td class=n>%.1f</td>",
			(double)json_integer_value(json_object_get(o, "latency_us")) / 1e3);
		cell(f, str(o, "text"), "");
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

char *page_text(const json_t *status)
{
	char *html = NULL;
	size_t size;
	FILE *f = open_memstream(&html, &size);

	if (!f)
		return NULL;
	fputs("<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=5>"
	      "<title>elvs</title><style>body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse}"
	      "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}.n{text-align:right}"
	      ".good{color:#175}.bad{color:#b20;font-weight:bold}</style>\n<h1>elvs</h1>\n",
	      f);
	if (!json_is_object(status))
		fputs("<p>There is nothing to tell yet.</p>\n", f);
	vrrp(f, json_object_get(status, "vrrp"));
	services(f, json_object_get(status, "services"));
	checks(f, json_object_get(status, "checks"));
	fputs("<p><a href=/status.json>status.json</a> <a href=/metrics>metrics</a></p></html>\n", f);
	if (fclose(f) != 0) {
		free(html);
		return NULL;
	}
	return html;
}
