// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-veth - a director's whole cost, end to end: CPU time per packet of generator, director and sink together.
 *
 * The paths that it compares are path.h's. veth hands packets over in the sender's softirq, so one thread does it all and
 * its CPU time is the whole path's, however busy the machine. All paths are run in turns, and ratios are medians
 * over the turns. What ksoftirqd of that CPU does meanwhile is
 * reckoned in; a turn in which it did much is repeated, one in which a packet was lost ends the bench.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "elvs.h"
#include "lab.h"
#include "number.h"
#include "path.h"
#include "sample.h"
#include "ends.skel.h" /* after shared.h, whose types it uses */

#define TURNS_MAX 32
#define TRIES 10
#define BATCH 64 /* frames that the generator hands over at once, as a driver's NAPI poll does */

struct bench {
	uint32_t turns, packets;
	struct paths paths;
	double ns_packet[PATHS][TURNS_MAX];
	int softirqd; /* pid of this CPU's ksoftirqd; 0: not found */
	char why[256];
};

static int __attribute__((format(printf, 3, 4))) fail(struct bench *b, int r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(b->why, sizeof(b->why), format, ap);
	va_end(ap);
	return r;
}

/* ---- traffic ---- */

static void make_flows(struct bench *b, enum flow_packet packet)
{
	struct flow_kind k = { .packet = packet };
	uint32_t clients = b->paths.flows / 16 ? b->paths.flows / 16 : 1;

	for (uint32_t i = 0; i < b->paths.flows; i++)
		b->paths.flow[i] = flow_request(&k, i, clients);
	flows_shuffle(b->paths.flow, b->paths.flows, packet);
}

/* Each frame gets a path's MACs; the rest is written by the generator program. */
static int transmit(struct bench *b, struct path *p, enum flow_packet packet, uint64_t count)
{
	struct flow_kind k = { .packet = packet };
	uint8_t frame[BENCH_FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .repeat = count, .batch_size = BATCH,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	int r;

	memcpy(k.smac, p->gen_mac, 6);
	memcpy(k.dmac, p->cli.mac, 6);
	memset(&b->paths.ends->bss->run, 0, sizeof(b->paths.ends->bss->run));
	flow_template(&b->paths.ends->bss->run, &k);
	b->paths.ends->bss->run.flows = b->paths.flows;
	b->paths.ends->bss->out_ifindex = p->gen_ifindex;
	o.data_size_in = flow_frame(frame, &k, &b->paths.flow[0]);
	if (path_is_elvs(p))
		elvs_heartbeat(p->director.elvs);
	r = bpf_prog_test_run_opts(bpf_program__fd(b->paths.ends->progs.generate), &o);
	return r ? fail(b, r, "the generator: %s", strerror(-r)) : 0;
}

static uint64_t arrived(const struct bench *b, const struct path *p)
{
	return b->paths.ends->bss
		->seen[p->sink_ifindex % (sizeof(b->paths.ends->bss->seen) / sizeof(b->paths.ends->bss->seen[0]))];
}

/* All flows once, in order of replay, not timed: connections exist, and what can be warm is. */
static int transmit_all(struct bench *b, struct path *p, enum flow_packet packet)
{
	uint64_t before = arrived(b, p);
	int r = transmit(b, p, packet, b->paths.flows);

	if (!r && arrived(b, p) - before != b->paths.flows)
		return fail(b, -EIO, "%s: %u packets were sent, %llu arrived", path_names[p->id], b->paths.flows,
			    (unsigned long long)(arrived(b, p) - before));
	return r;
}

/* Connections are opened with SYNs; nftables takes an established packet for a new one just as well. */
static int establish(struct bench *b)
{
	int r = 0;

	make_flows(b, FLOW_SYN);
	for (int id = 0; !r && id < PATHS; id++)
		if (b->paths.chosen[id] && path_is_elvs(&b->paths.path[id]))
			r = transmit_all(b, &b->paths.path[id], FLOW_SYN);
	make_flows(b, FLOW_ACK);
	for (int id = 0; !r && id < PATHS; id++)
		if (b->paths.chosen[id])
			r = transmit_all(b, &b->paths.path[id], FLOW_ACK);
	return r;
}

static double thread_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double softirqd_seconds(const struct bench *b)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", b->softirqd);
	f = b->softirqd ? fopen(path, "r") : NULL;
	if (!f)
		return 0;
	if (fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns / 1e9;
}

static int find_softirqd(int cpu)
{
	char want[32], path[280], name[32];
	DIR *d = opendir("/proc");
	struct dirent *e;
	int pid = 0;

	snprintf(want, sizeof(want), "ksoftirqd/%d\n", cpu);
	while (d && !pid && (e = readdir(d))) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(name, sizeof(name), f) && !strcmp(name, want))
			pid = atoi(e->d_name);
		fclose(f);
	}
	if (d)
		closedir(d);
	return pid;
}

/*
 * One timed call. On a busy machine the kernel hands some of the work to ksoftirqd, which others' packets keep busy
 * too: its time is added, and -EAGAIN says that it was more than a twentieth.
 */
static int measure_once(struct bench *b, struct path *p, double *ret_ns)
{
	uint64_t before = arrived(b, p);
	double cpu, moved = softirqd_seconds(b);
	int r;

	cpu = thread_seconds();
	r = transmit(b, p, FLOW_ACK, b->packets);
	cpu = thread_seconds() - cpu;
	if (r)
		return r;
	moved = softirqd_seconds(b) - moved;
	if (arrived(b, p) - before != b->packets)
		return fail(b, -EIO, "%s: %u packets were sent, %llu arrived", path_names[p->id], b->packets,
			    (unsigned long long)(arrived(b, p) - before));
	if (moved > cpu / 20)
		return fail(b, -EAGAIN, "%s: ksoftirqd had %.0f %% of the work, %d times in a row", path_names[p->id],
			    100 * moved / (cpu + moved), TRIES);
	*ret_ns = (cpu + moved) * 1e9 / b->packets;
	return 0;
}

static int measure(struct bench *b, struct path *p, double *ret_ns)
{
	int r = transmit_all(b, p, FLOW_ACK);

	if (r)
		return r;
	for (int i = 0; i < TRIES; i++) {
		r = measure_once(b, p, ret_ns);
		if (r != -EAGAIN)
			break;
	}
	return r;
}

/* The packets did pass through elvs, and as packets of its connections. */
static int expect_conns(struct bench *b, struct path *p)
{
	uint64_t n = director_conns(&p->director);

	if (n == b->paths.flows)
		return 0;
	return fail(b, -EBADMSG, "%s has %llu connections, should have %u", path_names[p->id], (unsigned long long)n,
		    b->paths.flows);
}

static int measure_all(struct bench *b)
{
	int r = lab_enter(b->paths.client_ns);

	if (!r)
		r = establish(b);
	for (uint32_t turn = 0; !r && turn < b->turns; turn++)
		for (int id = 0; !r && id < PATHS; id++)
			if (b->paths.chosen[id])
				r = measure(b, &b->paths.path[id], &b->ns_packet[id][turn]);
	for (int id = 0; !r && id < PATHS; id++)
		if (b->paths.chosen[id] && path_is_elvs(&b->paths.path[id]))
			r = expect_conns(b, &b->paths.path[id]);
	return r;
}

/* ---- results ---- */

static void print_row(const char *row, const char *unit, const double *value, uint32_t n)
{
	json_t *rounds = json_array(), *o;
	double sorted[TURNS_MAX];

	for (uint32_t i = 0; i < n; i++) {
		sorted[i] = value[i];
		json_array_append_new(rounds, json_real(value[i]));
	}
	o = json_pack("{s:s, s:s, s:s, s:f, s:f, s:o}", "row", row, "failed", "", "unit", unit, "median",
		      sample_median(sorted, n), "min", sample_min(value, n), "rounds", rounds);
	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

static void print_ratio(const struct bench *b, enum path_id of, enum path_id to)
{
	double ratio[TURNS_MAX];
	char row[64];

	if (!b->paths.chosen[of] || !b->paths.chosen[to])
		return;
	for (uint32_t i = 0; i < b->turns; i++)
		ratio[i] = b->ns_packet[of][i] / b->ns_packet[to][i];
	snprintf(row, sizeof(row), "%s:%s", path_names[of], path_names[to]);
	print_row(row, "ratio", ratio, b->turns);
}

static void print_results(const struct bench *b)
{
	for (int id = 0; id < PATHS; id++)
		if (b->paths.chosen[id])
			print_row(path_names[id], "ns", b->ns_packet[id], b->turns);
	print_ratio(b, PATH_ELVS_XDP, PATH_REDIRECT);
	print_ratio(b, PATH_ELVS_XDP, PATH_NFT);
	print_ratio(b, PATH_ELVS_TC, PATH_NFT);
	print_ratio(b, PATH_ELVS_TC, PATH_TC_REDIRECT);
	print_ratio(b, PATH_TC_REDIRECT, PATH_NFT);
}

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
		"usage: bench-veth [--flows N] [--turns N] [--packets N] [--path NAME]...\n"
		"flows: 1 to 200k (1000); turns: 1 to %d (5); packets a turn (1M)\n"
		"paths: drop redirect tc-redirect elvs-xdp elvs-tc elvs-tc-tun nft (all)\n",
		TURNS_MAX);
	exit(2);
}

static uint32_t count(const char *option, const char *value)
{
	uint32_t n;

	if (value && !number_parse(value, &n) && n)
		return n;
	fprintf(stderr, "bench-veth: %s %s: a number above 0 is expected\n", option, value ? value : "");
	usage();
}

static void choose(struct bench *b, const char *name)
{
	for (int id = 0; id < PATHS; id++)
		if (!strcmp(name, path_names[id])) {
			b->paths.chosen[id] = true;
			return;
		}
	fprintf(stderr, "bench-veth: --path %s: not known\n", name);
	usage();
}

static void parse(struct bench *b, int argc, char **argv)
{
	bool any = false;

	b->paths.flows = 1000;
	for (int i = 1; i < argc; i += 2) {
		const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(option, "--flows"))
			b->paths.flows = count(option, value);
		else if (!strcmp(option, "--turns"))
			b->turns = count(option, value);
		else if (!strcmp(option, "--packets"))
			b->packets = count(option, value);
		else if (!strcmp(option, "--path") && value)
			choose(b, value), any = true;
		else
			usage();
	}
	if (b->turns > TURNS_MAX || b->paths.flows > 200000)
		usage();
	for (int id = 0; !any && id < PATHS; id++)
		b->paths.chosen[id] = true;
}

static void print_failure(const struct bench *b, int r)
{
	json_t *o = json_pack("{s:s}", "failed", b->why[0] ? b->why : strerror(-r));

	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

int main(int argc, char **argv)
{
	static struct bench b = { .turns = 5, .packets = 1000000 };
	int r;

	parse(&b, argc, argv);
	b.softirqd = find_softirqd(lab_pin());
	r = paths_open(&b.paths);
	if (r)
		fail(&b, r, "%s", b.paths.why);
	else
		r = measure_all(&b);
	if (r)
		print_failure(&b, r);
	else
		print_results(&b);
	paths_close(&b.paths);
	return r ? 1 : 0;
}
