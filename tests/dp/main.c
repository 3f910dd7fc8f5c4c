/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dp_test - runs the rows. Usage: dp_test [-h xdp|tc|frags] [-l] [TEXT]
 *
 * TEXT: only rows whose sentence contains it. -l lists them. Needs root; works in a network namespace of its own and
 * pins nothing. Prints TAP. ELVS_DP_QUICK=1: large rows on XDP only, and smaller (an emulated machine).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "dp.h"
#include "net.h"

extern const struct dp_row __start_dp_rows[], __stop_dp_rows[];

static const struct hook_name {
	enum dp_hook hook;
	const char *name;
} hook_names[] = { { DP_XDP, "xdp" }, { DP_TC, "tc" }, { DP_FRAGS, "frags" } };

void dp_fail(struct dp *t, const char *fmt, ...)
{
	va_list ap;

	fprintf(t->notes, "#   ");
	va_start(ap, fmt);
	vfprintf(t->notes, fmt, ap);
	va_end(ap);
	fputc('\n', t->notes);
	longjmp(t->fail, 1);
}

struct elvs *dp_open(uint32_t max_conns, uint32_t start_conns)
{
	struct elvs_options o = { .max_conns = max_conns, .start_conns = start_conns, .manual_clock = true };
	struct elvs *e = NULL;
	int r = elvs_open(&e, &o);

	if (r) {
		printf("Bail out! elvs_open: %s: %s\n", strerror(-r), elvs_strerror(e));
		exit(1);
	}
	return e;
}

static void attach(struct dp *t)
{
	for (int i = 0; i < 2; i++) {
		struct elvs_if_info info = { .ifindex = t->ifindex[i], .mtu = 1500, .partial = true, .xmit = true };
		int r;

		pkt_mac(info.mac, i ? M_DIR1 : M_DIR);
		r = elvs_attach(t->e, &info, ELVS_HOOK_BOTH);
		if (r) {
			printf("Bail out! attaching to eth%d: %s: %s\n", i, strerror(-r), elvs_strerror(t->e));
			exit(1);
		}
	}
}

static int check_gone(void *e, const struct elvs_check_conf *c, uint32_t mark)
{
	return elvs_check_del(e, mark);
}

void dp_empty(struct dp *t)
{
	elvs_check_each(t->e, check_gone, t->e);
	t->mark = 0;
	elvs_flush(t->e);
	elvs_conns_clear(t->e);
	t->in = t->ifindex[0];
	t->uncounted = false;
	clock_add(t, 1);
	tend(t, 5);
}

/* Everything ends some time, and leaves nothing behind. */
static void all_must_expire(struct dp *t)
{
	struct elvs_table_info info;

	/* a template waits for its children, in steps of 60 s */
	for (int i = 0; i < 4; i++) {
		clock_add(t, 31 * 86400);
		sweep(t);
	}
	elvs_table_info(t->e, &info);
	DP_CHECK(t, !info.conns && !info.wide_conns, "%llu connections, %llu wide ones outlive their time-outs",
		 (unsigned long long)info.conns, (unsigned long long)info.wide_conns);
}

static int dest_idle(void *arg, const struct elvs_dest_info *d)
{
	DP_CHECK((struct dp *)arg, !d->active && !d->inactive && !d->persist,
		 "a server without connections counts %u active, %u inactive, %u persistent", d->active, d->inactive,
		 d->persist);
	return 0;
}

static int svc_idle(void *arg, const struct elvs_svc_info *s)
{
	struct dp *t = arg;

	return elvs_dest_each(t->e, &s->conf.key, dest_idle, t);
}

static bool row_run(struct dp *t, const struct dp_row *r, enum dp_hook hook)
{
	t->hook = hook;
	if (setjmp(t->fail)) {
		dp_empty(t);
		return false;
	}
	dp_empty(t);
	r->f(t);
	all_must_expire(t);
	elvs_svc_each(t->e, svc_idle, t);
	DP_CHECK(t, !verdict_count(t, ELVS_V_INTERNAL), "verdict INTERNAL was counted");
	return true;
}

/* One row on one hook, and its line. */
static bool row_report(struct dp *t, const struct dp_row *r, const struct hook_name *h, int n)
{
	struct timespec began, ended;
	char *notes = NULL;
	size_t len;
	double s;
	bool ok;

	clock_gettime(CLOCK_MONOTONIC, &began);
	t->notes = open_memstream(&notes, &len);
	ok = t->notes && row_run(t, r, h->hook);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	s = ended.tv_sec - began.tv_sec + (ended.tv_nsec - began.tv_nsec) / 1e9;
	if (t->notes && s > 1)
		fprintf(t->notes, "# took %.1f s\n", s);
	printf("%s %d - %s: %s\n", ok ? "ok" : "not ok", n, h->name, r->name);
	if (t->notes) {
		fclose(t->notes);
		fputs(notes, stdout);
	}
	free(notes);
	return ok;
}

static int rows_run(struct dp *t, unsigned hooks, const char *text)
{
	int n = 0, failed = 0;

	for (const struct dp_row *r = __start_dp_rows; r < __stop_dp_rows; r++) {
		for (size_t h = 0; h < sizeof(hook_names) / sizeof(*hook_names); h++) {
			if (t->quick && r->hooks & DP_LARGE && hook_names[h].hook != DP_XDP)
				continue;
			if (!(r->hooks & hooks & hook_names[h].hook) || (text && !strstr(r->name, text)))
				continue;
			failed += !row_report(t, r, hook_names + h, ++n);
		}
	}
	printf("1..%d\n", n);
	if (!n)
		fprintf(stderr, "dp_test: no row contains \"%s\"\n", text);
	return failed || !n;
}

int main(int argc, char **argv)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	static struct dp t;
	unsigned hooks = DP_ALL;
	int c, r;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "h:l")) != -1) {
		if (c == 'l') {
			for (const struct dp_row *row = __start_dp_rows; row < __stop_dp_rows; row++)
				puts(row->name);
			return 0;
		}
		hooks = 0;
		for (size_t h = 0; c == 'h' && h < 3; h++)
			if (!strcmp(optarg, hook_names[h].name))
				hooks = hook_names[h].hook;
		if (!hooks) {
			fprintf(stderr, "usage: dp_test [-h xdp|tc|frags] [-l] [TEXT]\n");
			return 2;
		}
	}
	t.quick = getenv("ELVS_DP_QUICK");
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	net_setup(t.ifindex, &t.peer_pid);
	t.e = dp_open(1 << 17, 1 << 16);
	t.now = elvs_clock(t.e);
	t.tend_ms = 1000;
	attach(&t);
	r = rows_run(&t, hooks, argv[optind]);
	elvs_close(t.e);
	net_teardown(t.peer_pid);
	return r;
}
