/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics - see metrics.h. */
#include "metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key)) ?: "";
}

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: backslash, quote and line end are escaped. */
static void label(FILE *f, const char *name, const char *value, const char *before)
{
	fprintf(f, "%s%s=\"", before, name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", f);
		else if (*value == '"' || *value == '\\')
			fprintf(f, "\\%c", *value);
		else
			fputc(*value, f);
	}
	fputc('"', f);
}

static void value(FILE *f, const json_t *v, double scale)
{
	if (json_is_boolean(v))
		fprintf(f, "} %d\n", json_is_true(v));
	else if (json_is_integer(v) && scale == 1)
		fprintf(f, "} %lld\n", (long long)json_integer_value(v));
	else
		fprintf(f, "} %.9g\n", json_number_value(v) * scale);
}

/* One metric: an element of a list with its labels. */
struct metric {
	const char *name, *type, *help;
	const char *list, *key;
	const char *labels[2]; /* keys of the element that become labels */
	double scale;
};

static const struct metric metrics[] = {
	{ "elvs_vrrp_priority",
	  "gauge",
	  "Effective priority of the VRRP instance.",
	  "vrrp",
	  "priority",
	  { "name", "interface" },
	  1 },
	{ "elvs_vrrp_transitions_total",
	  "counter",
	  "Changes of state of the VRRP instance.",
	  "vrrp",
	  "transitions",
	  { "name", "interface" },
	  1 },
	{ "elvs_service_quorum",
	  "gauge",
	  "1: the virtual server has its quorum.",
	  "services",
	  "quorum",
	  { "service", NULL },
	  1 },
	{ "elvs_service_sorry",
	  "gauge",
	  "1: the sorry server stands in.",
	  "services",
	  "sorry",
	  { "service", NULL },
	  1 },
	{ "elvs_service_servers_alive",
	  "gauge",
	  "Real servers that are up.",
	  "services",
	  "alive",
	  { "service", NULL },
	  1 },
	{ "elvs_service_weight_alive",
	  "gauge",
	  "Weight of the real servers that are up.",
	  "services",
	  "alive_weight",
	  { "service", NULL },
	  1 },
	{ "elvs_check_up", "gauge", "1: the health check succeeds.", "checks", "up", { "kind", "target" }, 1 },
	{ "elvs_check_latency_seconds",
	  "gauge",
	  "Time that the last try took.",
	  "checks",
	  "latency_us",
	  { "kind", "target" },
	  1e-6 },
	{ "elvs_role_restarts_total",
	  "counter",
	  "Times a process had to be started again.",
	  "roles",
	  "restarts",
	  { "name", NULL },
	  1 },
};

static void labels(FILE *f, const json_t *o, const char *const keys[2])
{
	fputc('{', f);
	for (int i = 0; i < 2 && keys[i]; i++)
		label(f, keys[i], str(o, keys[i]), i ? "," : "");
}

static void metric_print(FILE *f, const json_t *status, const struct metric *m)
{
	const json_t *list = json_object_get(status, m->list), *o, *v;
	size_t i;

	if (!json_array_size(list))
		return;
	head(f, m->name, m->type, m->help);
	json_array_foreach((json_t *)list, i, o)
	{
		v = json_object_get(o, m->key);
		if (!json_is_number(v) && !json_is_boolean(v))
			continue;
		fputs(m->name, f);
		labels(f, o, m->labels);
		value(f, v, m->scale);
	}
}

/* One series per state, as is usual for enumerations. */
static void vrrp_states(FILE *f, const json_t *status)
{
	static const char *const states[] = { "INIT", "BACKUP", "MASTER", "FAULT" };
	const json_t *list = json_object_get(status, "vrrp"), *o;
	size_t i;

	if (!json_array_size(list))
		return;
	head(f, "elvs_vrrp_state", "gauge", "1 for the state that the VRRP instance is in.");
	json_array_foreach((json_t *)list, i, o) for (size_t k = 0; k < sizeof(states) / sizeof(states[0]); k++)
	{
		fputs("elvs_vrrp_state{", f);
		label(f, "name", str(o, "name"), "");
		label(f, "state", states[k], ",");
		fprintf(f, "} %d\n", !strcmp(str(o, "state"), states[k]));
	}
}

static void servers(FILE *f, const json_t *status, const char *name, const char *help, const char *key)
{
	const json_t *list = json_object_get(status, "services"), *o, *rs;
	size_t i, k;

	if (!json_array_size(list))
		return;
	head(f, name, "gauge", help);
	json_array_foreach((json_t *)list, i, o) json_array_foreach(json_object_get(o, "real_servers"), k, rs)
	{
		fprintf(f, "%s{", name);
		label(f, "service", str(o, "service"), "");
		label(f, "server", str(rs, "server"), ",");
		value(f, json_object_get(rs, key), 1);
	}
}

char *metrics_text(const json_t *status)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	head(f, "elvs_up", "gauge", "1: this process has a status to tell.");
	fprintf(f, "elvs_up %d\n", json_is_object(status));
	vrrp_states(f, status);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		metric_print(f, status, &metrics[i]);
	servers(f, status, "elvs_server_up", "1: the real server is up.", "up");
	servers(f, status, "elvs_server_weight", "Weight of the real server in the table.", "weight");
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
