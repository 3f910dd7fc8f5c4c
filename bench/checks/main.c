/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-checks - what health checks cost: the check role, in its jail, against servers in another network namespace.
 *
 *   this namespace: role (10.79.0.1) --veth-- server's namespace: every address of 10.80.0.0/15 answers on port 80,
 *                                             those of 10.82.0.0/15 swallow what they get
 *
 * usage: bench-checks --kind tcp|http [--checks N] [--rate PER_SECOND] [--dead PERCENT] [--seconds S]
 *
 * With --dead more checks are made than --checks says, since one that times out comes round later: as many as it takes
 * for the same number of tries a second.
 *
 * Rows, a line of JSON each: cores, CPU time of the role alone a second (the network's work that the kernel does in
 * its name included, on a veth that is the server's half of it, too); floor, the same for bare socket calls, before
 * and after; x-floor, the one by the other; late, how late a check began at worst, in ms; rate. Cores and floor are
 * as if the rate had been kept, so that a machine which is busy otherwise shows in the rate and not there; bytes, the
 * role's own memory (not what it shares with those it was forked from) for each check.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "drive.h"
#include "floor.h"
#include "log.h"
#include "server.h"

struct plan {
	enum conf_check_kind kind;
	unsigned checks, rate, dead, seconds;
	uint64_t delay_us;
};

#define TIMEOUT_US 3000000

#define WINDOWS 5 /* of --seconds / WINDOWS each */

struct figures {
	double cores[WINDOWS], rates[WINDOWS], floor_us, bytes;
	unsigned long long tries, good, failed, again, running_max, late_us, late;
	unsigned up, down;
};

static void die(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	printf("{\"failed\": \"");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\"}\n");
	exit(2);
}

/* ---- the two namespaces ---- */

static void sh(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (system(line) != 0)
		die("this did not work: %s", line);
}

static pid_t start_server(void)
{
	int ready[2], go[2];
	char c;
	pid_t pid;

	if (pipe(ready) < 0 || pipe(go) < 0)
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(go[1]);
		close(ready[0]);
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		if (write(ready[1], "n", 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		sh("ip link set lo up && ip addr add 10.79.0.2/24 dev v1 && ip link set v1 up &&"
		   "ip route add local 10.80.0.0/15 dev lo && ip route add blackhole 10.82.0.0/15 &&"
		   "sysctl -qw net.core.somaxconn=65535 net.ipv4.tcp_max_syn_backlog=65535 "
		   "net.ipv4.tcp_syncookies=0");
		server_run(ready[1]);
	}
	close(ready[1]);
	close(go[0]);
	if (read(ready[0], &c, 1) != 1)
		die("the server's namespace cannot be made");
	sh("ip link set lo up && ip link add v0 type veth peer name v1 netns %d && ip addr add 10.79.0.1/24 dev v0 &&"
	   "ip link set v0 up && ip route add 10.80.0.0/14 via 10.79.0.2 &&"
	   "sysctl -qw net.ipv4.ip_local_port_range='10000 65000'",
	   pid);
	if (write(go[1], "g", 1) != 1)
		die("the server has gone");
	if (read(ready[0], &c, 1) != 0)
		die("the server does not serve");
	close(ready[0]);
	close(go[1]);
	return pid;
}

/* ---- the configuration ---- */

static const struct conf_check *how(struct arena *a, const struct plan *p)
{
	struct conf_check *c = arena_alloc(a, sizeof(*c));
	struct conf_url *u;

	c->kind = p->kind;
	c->bind_if = "";
	c->delay_loop_us = p->delay_us;
	c->warmup_us = p->delay_us + (p->dead ? TIMEOUT_US : 0); /* no bunches */
	c->connect_timeout_us = TIMEOUT_US;
	c->delay_before_retry_us = 1000000;
	c->retry = 1;
	if (p->kind != CONF_CHECK_HTTP)
		return c;
	u = arena_alloc(a, sizeof(*u));
	u->path = "/.health.html";
	u->virtualhost = u->regex = "";
	for (unsigned s = 200; s < 300; s++)
		u->status[s / 64] |= 1ull << (s % 64);
	c->http.urls = u;
	c->http.n_urls = 1;
	c->http.protocol = 10;
	c->http.sni_name = c->http.verify_ca = "";
	return c;
}

static struct conf_target target(const struct plan *p, const struct conf_check *check, unsigned i)
{
	bool dead = (i * p->dead) / 100 != ((i + 1) * p->dead) / 100;
	const uint32_t host = (dead ? 82u << 16 : 80u << 16) | 10u << 24 | (i + 256);

	return (struct conf_target){
		.key = i + 1,
		.addr = { .family = AF_INET, .port = 80, .v4.s_addr = htonl(host) },
		.how = check,
	};
}

static void give(struct drive *d, const struct plan *p)
{
	struct conf *conf = arena_alloc(&d->arena, sizeof(*conf));
	struct conf_target *checks = arena_alloc(&d->arena, p->checks * sizeof(*checks));
	const struct conf_check *check = how(&d->arena, p);

	for (unsigned i = 0; i < p->checks; i++)
		checks[i] = target(p, check, i);
	conf->global.smtp_server = conf->global.smtp_helo = conf->global.mail_from = "";
	conf->checks = checks;
	conf->n_checks = p->checks;
	drive_conf(d, conf);
}

/* ---- measuring ---- */

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		die("the role has ended");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void take(struct figures *f, const struct message *m)
{
	if (m->type != MSG_CHECK_RESULT)
		return;
	if (m->check_result.up)
		f->up++;
	else
		f->down++;
}

static void drive_for(struct drive *d, double seconds, struct figures *f)
{
	double end = seconds_of(CLOCK_MONOTONIC) + seconds, left;
	struct message m;
	int n;

	while ((left = end - seconds_of(CLOCK_MONOTONIC)) > 0) {
		n = drive_next(d, (int)(left * 1000) + 1, &m);
		if (n < 0)
			die("the role has ended");
		if (n)
			take(f, &m);
	}
}

/* The role's own figures; they begin anew afterwards. */
static void read_stats(struct drive *d, struct figures *f)
{
	struct message m = { .type = MSG_DUMP, .dump = { .kind = DUMP_STATS_CLEAR } };
	struct figures none = { 0 };
	char text[1024] = "";
	int fd = memfd_create("stats", MFD_CLOEXEC);

	if (fd < 0 || message_send(d->fd, &m, fd) < 0)
		die("the role does not listen");
	for (int i = 0; i < 200 && !strstr(text, "Late by"); i++) {
		drive_for(d, 0.01, &none);
		if (pread(fd, text, sizeof(text) - 1, 0) < 0)
			die("pread: %s", strerror(errno));
	}
	close(fd);
	if (sscanf(text,
		   "Checks: %*u Tries: %llu Good: %llu Failed: %llu Rescheduled: %llu Running: %*u "
		   "Running at most: %llu Late at most: %llu us Late by more than 100 ms: %llu",
		   &f->tries, &f->good, &f->failed, &f->again, &f->running_max, &f->late_us, &f->late) != 7)
		die("the role's figures are not understood");
}

/* One window of a role that runs at its pace; CPU time and tries are of this window alone. */
static void measure_window(struct drive *d, const struct plan *p, clockid_t clock, struct figures *f, int w)
{
	unsigned long long late_us = f->late_us, late = f->late, again = f->again, running_max = f->running_max;
	double cpu = seconds_of(clock), wall = seconds_of(CLOCK_MONOTONIC);

	drive_for(d, (double)p->seconds / WINDOWS, f);
	wall = seconds_of(CLOCK_MONOTONIC) - wall;
	f->cores[w] = (seconds_of(clock) - cpu) / wall;
	read_stats(d, f);
	f->rates[w] = (double)f->tries / wall;
	f->cores[w] *= p->rate / f->rates[w];
	f->late += late;
	f->again += again;
	f->late_us = f->late_us > late_us ? f->late_us : late_us;
	f->running_max = f->running_max > running_max ? f->running_max : running_max;
}

static double floor_now(const struct plan *p)
{
	double us = floor_us(10u << 24 | 80u << 16 | 256, p->checks, p->rate, 2, p->kind == CONF_CHECK_HTTP);

	if (us < 0)
		die("not a single bare connection succeeded");
	return us;
}

/* In bytes: anonymous pages that are this process's alone */
static double own_memory(pid_t pid)
{
	char name[64], line[256];
	unsigned long long kb = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(name, "r");
	while (f && fgets(line, sizeof(line), f) && sscanf(line, "Private_Dirty: %llu kB", &kb) != 1)
		;
	if (!f || !kb)
		die("%s is not understood", name);
	fclose(f);
	return 1024.0 * (double)kb;
}

static void measure(const struct plan *p, struct figures *f)
{
	const double period = (double)p->delay_us / 1e6;
	struct figures warm = { 0 };
	clockid_t clock;
	struct drive d;

	f->floor_us = floor_now(p) / 2;
	drive_open(&d);
	drive_start(&d, false);
	give(&d, p);
	/* Until each has a result, and the dead ones are out; longer on a machine that is busy otherwise. */
	drive_for(&d, 1 + 2 * period + (p->dead ? 8 : 0), &warm);
	for (int i = 0; i < 30 && warm.up + warm.down < p->checks; i++)
		drive_for(&d, 1, &warm);
	if (clock_getcpuclockid(d.pid, &clock) != 0)
		die("the role has ended");
	read_stats(&d, f);
	f->late = f->late_us = f->again = 0;
	for (int w = 0; w < WINDOWS; w++)
		measure_window(&d, p, clock, f, w);
	f->up += warm.up;
	f->down += warm.down;
	f->bytes = own_memory(d.pid) / p->checks;
	drive_kill(&d, SIGKILL);
	f->floor_us += floor_now(p) / 2;
}

/* ---- the report ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void row(const char *name, double median, double min, const char *unit)
{
	printf("{\"failed\": \"\", \"row\": \"%s\", \"median\": %.4g, \"min\": %.4g, \"unit\": \"%s\"}\n", name,
	       median, min, unit);
}

static void report(const struct plan *p, struct figures *f)
{
	const unsigned dead = p->checks * p->dead / 100;
	const double floor = f->floor_us * p->rate / 1e6;

	if (f->down > dead)
		die("%u checks of servers that answer failed", f->down - dead);
	if (f->up + f->down < p->checks)
		die("%u checks have no result", p->checks - f->up - f->down);
	if (f->again)
		die("%llu tries could not be made", f->again);
	qsort(f->cores, WINDOWS, sizeof(f->cores[0]), by_value);
	qsort(f->rates, WINDOWS, sizeof(f->rates[0]), by_value);
	row("cores", f->cores[WINDOWS / 2], f->cores[0], "cores");
	row("late", (double)f->late_us / 1e3, (double)f->late_us / 1e3, "ms");
	row("rate", f->rates[WINDOWS / 2], f->rates[0], "1/s");
	row("running", (double)f->running_max, (double)f->running_max, "tries");
	row("bytes", f->bytes, f->bytes, "B");
	if (p->dead)
		return;
	row("floor", floor, floor, "cores");
	row("x-floor", f->cores[WINDOWS / 2] / floor, f->cores[0] / floor, "x");
}

/* A dead server's check has its timeout on top of the delay: more of them make up for it. */
static void keep_rate(struct plan *p)
{
	const double delay = (double)p->checks / p->rate, dead = p->dead / 100.0;

	p->delay_us = (uint64_t)(delay * 1e6);
	p->checks = (unsigned)(p->rate / ((1 - dead) / delay + dead / (delay + TIMEOUT_US / 1e6)));
}

static void options(struct plan *p, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "kind", required_argument, NULL, 'k' },    { "checks", required_argument, NULL, 'n' },
		{ "rate", required_argument, NULL, 'r' },    { "dead", required_argument, NULL, 'd' },
		{ "seconds", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		unsigned n = optarg ? (unsigned)strtoul(optarg, NULL, 10) : 0;

		if (c == 'k' && !strcmp(optarg, "tcp"))
			p->kind = CONF_CHECK_TCP;
		else if (c == 'k' && !strcmp(optarg, "http"))
			p->kind = CONF_CHECK_HTTP;
		else if (c == 'n')
			p->checks = n;
		else if (c == 'r')
			p->rate = n;
		else if (c == 'd')
			p->dead = n;
		else if (c == 's')
			p->seconds = n;
		else
			die("usage: bench-checks --kind tcp|http [--checks N] [--rate N] [--dead PERCENT] [--seconds "
			    "S]");
	}
	if (!p->checks || p->checks > 40000 || !p->rate || !p->seconds || p->dead > 90)
		die("--checks 1..40000, --rate and --seconds from 1, --dead 0..90");
}

int main(int argc, char **argv)
{
	struct plan p = { .kind = CONF_CHECK_HTTP, .checks = 10000, .rate = 10000, .seconds = 15 };
	const struct log_places nowhere = { .ident = "bench" };
	struct figures f = { 0 };
	pid_t server;

	options(&p, argc, argv);
	keep_rate(&p);
	log_open_places(&nowhere);
	if (unshare(CLONE_NEWNET) < 0)
		die("a network namespace cannot be made: %s", strerror(errno));
	server = start_server();
	measure(&p, &f);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	report(&p, &f);
	return 0;
}
