/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump - see dump.h. */
#include "dump.h"

#include <stdio.h>
#include <unistd.h>

#include "check.h"

static const char *standing(const struct check *k)
{
	if (!k->engine.decided)
		return k->engine.up ? "up (assumed)" : "down (assumed)";
	return k->engine.up ? "up" : "down";
}

static void dump_check(FILE *f, const struct check *k)
{
	struct engine_rules rules;

	engine_rules_of(&rules, k->conf);
	fprintf(f, " ------< Check %s >------\n", CHECK_LABEL(k));
	fprintf(f, "   Keepalive method = %s\n", k->kind->name);
	fprintf(f, "   Virtual server = %s\n", label_service(k).text);
	fprintf(f, "   State = %s, running = %s\n", standing(k),
		k->suspended		    ? "suspended"
		: k->state == CHECK_WAITING ? "no"
					    : "yes");
	fprintf(f, "   Failed rounds = %u, good rounds = %u, retries used = %u of %u\n", k->engine.bad,
		k->engine.good, k->engine.tries, rules.retry);
	fprintf(f, "   Last latency = %.3f ms\n", (double)k->latency_us / 1e3);
	if (k->text)
		fprintf(f, "   Last failure = %s\n", k->text);
	if (k->has_weight)
		fprintf(f, "   Weight = %d%s\n", k->weight, k->weight_percent ? "%" : "");
}

static void dump_stats(FILE *f, const struct checker *r)
{
	const struct checker_stats *s = &r->stats;

	fprintf(f, "Checks: %u\n", r->n_checks);
	fprintf(f, "  Tries: %llu\n  Good: %llu\n  Failed: %llu\n  Rescheduled: %llu\n", (unsigned long long)s->tries,
		(unsigned long long)s->good, (unsigned long long)s->failed, (unsigned long long)s->again);
	fprintf(f, "  Running: %llu\n  Running at most: %llu\n", (unsigned long long)s->running,
		(unsigned long long)s->running_max);
	fprintf(f, "  Late at most: %llu us\n  Late by more than 100 ms: %llu\n", (unsigned long long)s->late_max_us,
		(unsigned long long)s->late_100ms);
}

void checker_dump(struct checker *r, int fd, uint32_t kind)
{
	int copy = dup(fd);
	FILE *f = copy >= 0 ? fdopen(copy, "w") : NULL;

	if (!f) {
		if (copy >= 0)
			close(copy);
		return;
	}
	if (kind == DUMP_DATA)
		for (uint32_t i = 0; i < r->n_table; i++)
			for (struct check *k = r->table[i]; k; k = k->next_same)
				dump_check(f, k);
	if (kind == DUMP_STATS || kind == DUMP_STATS_CLEAR)
		dump_stats(f, r);
	if (kind == DUMP_STATS_CLEAR)
		r->stats = (struct checker_stats){ .running = r->stats.running, .running_max = r->stats.running };
	fclose(f);
}
