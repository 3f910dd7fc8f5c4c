/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs capture - packets before and after the director's rewriting, with its verdict: tcpdump for what XDP takes
 * away before tcpdump's place. Text, or pcapng for tcpdump and Wireshark.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "abi/verdict.h"
#include "ctl.h"
#include "ctl_wire.h"
#include "nl.h"
#include "packet_text.h"
#include "pcapng.h"
#include "tap.h"
#include "verb.h"

#define DEFAULT_SNAP 9216

static const char usage[] =
	"Usage: elvs capture [-w FILE|-] [-c COUNT] [-i INTERFACE] [-s BYTES] [--only before|after] [--drops] "
	"[--all]\n"
	"                    [FILTER]\n\n"
	"Shows the packets that the director handles, as they came and as they went on, with the verdict. tcpdump "
	"cannot:\n"
	"XDP takes them before it looks. Costs nothing while it does not run. FILTER is written as for tcpdump\n"
	"(`host 10.0.0.2 and port 80') and compared with the packet before and after; either is enough.\n\n"
	"  -w FILE          write pcapng; `elvs capture -w - | tcpdump -nr -'\n"
	"  -c COUNT         end after so many packets\n"
	"  -i INTERFACE     only packets that came in (or, for replies of local servers, go out) there\n"
	"  -s BYTES         of each packet at most (default 9216)\n"
	"  --only SIDE      with -w: only the packets before, or after\n"
	"  --drops          only what was thrown away\n"
	"  --all            every step: also the handing over from XDP to TC, and what only passed by\n";

static const struct {
	const char *name, *text;
	enum elvs_verdict_kind kind;
} verdicts[] = {
#define X(name, kind, text) { #name, text, ELVS_KIND_##kind },
	ELVS_VERDICTS(X)
#undef X
};

struct capture {
	const struct verb *verb;
	const char *out_name; /* NULL: text */
	const char *only, *dev;
	uint32_t ifindex, snap_len;
	unsigned long count, seen;
	bool drops, all;
	bool filtered;
	struct bpf_program filter;
	pcap_t *pcap;
	struct pcapng writer;
	FILE *out;
	int64_t clock_offset_ns; /* from CLOCK_MONOTONIC to time of day */
	bool failed;
};

static volatile sig_atomic_t stop_asked;

static void on_signal(int sig)
{
	stop_asked = 1;
}

/* ---- one packet ---- */

static const char *hook_name(uint8_t hook)
{
	static const char *const names[] = { "xdp", "tc", "tc-out" };

	return hook < 3 ? names[hook] : "?";
}

/* The fast path notes no verdict: what left was forwarded, and what changed its source is a reply. */
static unsigned int verdict_of(const struct tap_packet *p)
{
	const struct capture_event *a = p->after;
	bool sent = a->hook == CAPTURE_XDP ? a->action == 3 /* XDP_TX */ || a->action == 4 /* XDP_REDIRECT */
					   : a->action == 7 /* TC_ACT_REDIRECT */;
	struct packet_info before, after;

	if (a->verdict < ELVS_V_COUNT)
		return a->verdict;
	if (!sent)
		return CAPTURE_NO_VERDICT;
	if (p->before) {
		packet_parse(&before, p->before_data, p->before->captured_len);
		packet_parse(&after, p->after_data, a->captured_len);
		if (!after.inner && memcmp(before.saddr, after.saddr, 16) != 0)
			return ELVS_V_REPLIED;
	}
	return ELVS_V_FORWARDED;
}

static const char *outcome(char *buf, size_t size, const struct tap_packet *p)
{
	unsigned int v;

	if (!p->after) {
		snprintf(buf, size, "(what became of it was lost)");
		return buf;
	}
	v = verdict_of(p);
	if (v >= ELVS_V_COUNT)
		snprintf(buf, size, "PASSED (left alone)");
	else
		snprintf(buf, size, "%s%s (%s)", verdicts[v].kind == ELVS_KIND_DROP ? "DROPPED " : "",
			 verdicts[v].name, verdicts[v].text);
	return buf;
}

static bool dropped(const struct tap_packet *p)
{
	unsigned int v = p->after ? verdict_of(p) : CAPTURE_NO_VERDICT;

	return v < ELVS_V_COUNT && verdicts[v].kind == ELVS_KIND_DROP;
}

static bool same_bytes(const struct tap_packet *p)
{
	return p->before && p->after && p->before->packet_len == p->after->packet_len &&
	       p->before->captured_len == p->after->captured_len &&
	       memcmp(p->before_data, p->after_data, p->after->captured_len) == 0;
}

/* Steps on a packet's way that say nothing about it: TC shows what XDP hands over; most of what leaves passes by. */
static bool mere_step(const struct tap_packet *p)
{
	unsigned int v = p->after ? verdict_of(p) : CAPTURE_NO_VERDICT;

	if (!p->after || !p->before)
		return false;
	return v < ELVS_V_COUNT ? verdicts[v].kind == ELVS_KIND_TC
				: p->after->hook == CAPTURE_TC_OUT && same_bytes(p);
}

static bool side_matches(struct capture *c, const struct capture_event *e, const uint8_t *data)
{
	struct pcap_pkthdr h;

	if (!e)
		return false;
	h = (struct pcap_pkthdr){ .caplen = e->captured_len, .len = e->packet_len };
	return pcap_offline_filter(&c->filter, &h, data) != 0;
}

static bool wanted(struct capture *c, const struct tap_packet *p)
{
	const struct capture_event *e = p->before ?: p->after;

	if (c->ifindex && e->ifindex != c->ifindex)
		return false;
	if ((c->drops && !dropped(p)) || (!c->all && mere_step(p)))
		return false;
	return !c->filtered || side_matches(c, p->before, p->before_data) || side_matches(c, p->after, p->after_data);
}

static uint64_t time_of_day(const struct capture *c, const struct capture_event *e)
{
	return (uint64_t)((int64_t)e->time_ns + c->clock_offset_ns);
}

static void write_side(struct capture *c, const struct capture_event *e, const uint8_t *data, const char *text)
{
	char name[IF_NAMESIZE] = "?", comment[200];
	struct pcapng_packet p = {
		.time_ns = time_of_day(c, e),
		.ifindex = e->ifindex,
		.ifname = name,
		.data = data,
		.outbound = e->after ? e->action == 3 || e->action == 4 || e->action == 7 : e->hook == CAPTURE_TC_OUT,
		.captured_len = e->captured_len,
		.packet_len = e->packet_len,
		.comment = comment,
	};

	if (!if_indextoname(e->ifindex, name))
		snprintf(name, sizeof(name), "if%u", e->ifindex);
	snprintf(comment, sizeof(comment), "%s %s: %s", hook_name(e->hook), e->after ? "after" : "before", text);
	if (pcapng_packet(&c->writer, &p) < 0)
		c->failed = true;
}

static void write_packet(struct capture *c, const struct tap_packet *p, const char *text)
{
	bool before = !c->only || strcmp(c->only, "before") == 0, after = !c->only || strcmp(c->only, "after") == 0;

	if (before && p->before)
		write_side(c, p->before, p->before_data, text);
	/* an unchanged packet is shown once, unless only this side is wanted */
	if (after && p->after && !(before && same_bytes(p)))
		write_side(c, p->after, p->after_data, text);
}

static void print_packet(struct capture *c, const struct tap_packet *p, const char *text)
{
	const struct capture_event *e = p->before ?: p->after;
	const uint8_t *data = p->before ? p->before_data : p->after_data;
	char name[IF_NAMESIZE] = "?", frame[300], change[200] = "";
	uint64_t ns = time_of_day(c, e);
	time_t s = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!if_indextoname(e->ifindex, name))
		snprintf(name, sizeof(name), "if%u", e->ifindex);
	localtime_r(&s, &tm);
	if (p->before && p->after)
		packet_difference(change, sizeof(change), p->before_data, p->before->captured_len, p->after_data,
				  p->after->captured_len);
	fprintf(c->out, "%02d:%02d:%02d.%06u %s %s %s, %u bytes => %s%s%s\n", tm.tm_hour, tm.tm_min, tm.tm_sec,
		(unsigned int)(ns % 1000000000 / 1000), name, hook_name(e->hook),
		packet_format(frame, sizeof(frame), data, e->captured_len), e->packet_len, text,
		change[0] ? ", " : "", change);
	c->failed |= ferror(c->out) != 0;
}

static int on_packet(void *arg, const struct tap_packet *p)
{
	struct capture *c = arg;
	char text[160];

	if (!wanted(c, p))
		return 0;
	outcome(text, sizeof(text), p);
	if (c->out_name)
		write_packet(c, p, text);
	else
		print_packet(c, p, text);
	return c->failed || (c->count && ++c->seen >= c->count);
}

/* ---- the director's programs ---- */

/* Any of them: they share their maps. */
static int on_program(const struct nlmsghdr *nlh, void *arg)
{
	uint32_t *program = arg;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == ELVS_ATTR_PROG_ID && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			*program = mnl_attr_get_u32(a);
	}
	return 0;
}

static int find_program(const struct verb *v, uint32_t *ret)
{
	const char *why = "";
	struct ctl *ctl;
	int r = ctl_open(&ctl, CTL_NO_START | CTL_EXISTING, &why);

	if (r < 0)
		return verb_error(v, "%s", why);
	r = ctl_call(ctl, ctl_request(ctl, ELVS_CMD_GET_PROG, NLM_F_DUMP), on_program, ret);
	ctl_close(ctl);
	if (r < 0)
		return verb_error(v, "the director does not name its programs: %s", strerror(-r));
	return *ret ? 0 : verb_error(v, "the director has no program loaded yet: it attaches with the first service");
}

/* ---- words ---- */

static int compile(struct capture *c, int argc, char **argv)
{
	char text[4096] = "";
	int i, n = 0;

	if (argc == 0)
		return 0;
	for (i = 0; i < argc && n < (int)sizeof(text); i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s", i ? " " : "", argv[i]);
	if (n >= (int)sizeof(text))
		return verb_usage(c->verb, "the filter is too long");
	c->pcap = pcap_open_dead(DLT_EN10MB, (int)c->snap_len);
	if (!c->pcap)
		return verb_error(c->verb, "out of memory");
	if (pcap_compile(c->pcap, &c->filter, text, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return verb_usage(c->verb, "filter `%s': %s", text, pcap_geterr(c->pcap));
	c->filtered = true;
	return 0;
}

static int describe(void *arg, const struct nl_link *l)
{
	struct capture *c = arg;

	return c->ifindex && c->ifindex != l->ifindex ? 0 : pcapng_interface(&c->writer, l->ifindex, l->name);
}

static int open_output(struct capture *c)
{
	c->out = !c->out_name || strcmp(c->out_name, "-") == 0 ? stdout : fopen(c->out_name, "we");
	if (!c->out)
		return verb_error(c->verb, "cannot write %s: %s", c->out_name, strerror(errno));
	if (c->out_name && isatty(fileno(c->out)))
		return verb_usage(c->verb,
				  "a terminal is no place for pcapng; leave -w out, or pipe it into `tcpdump -nr -'");
	if (!c->out_name)
		return 0;
	if (pcapng_begin(&c->writer, c->out, c->snap_len, "elvs capture") < 0 || nl_links(describe, c) < 0 ||
	    fflush(c->out) != 0)
		return verb_error(c->verb, "cannot write: %s", strerror(errno));
	return 0;
}

static int64_t clock_offset(void)
{
	struct timespec real, mono;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &real);
	return ((int64_t)real.tv_sec - mono.tv_sec) * 1000000000 + real.tv_nsec - mono.tv_nsec;
}

static void watch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN); /* the reader of -w - went: an error of writing, then the end */
}

static int listen_in(struct capture *c, uint32_t program)
{
	struct tap_options o = { .snap_len = c->snap_len, .packet = on_packet, .arg = c };
	char why[256] = "";
	struct tap *tap;
	int r;

	r = tap_open(&tap, &o, program, why, sizeof(why));
	if (r < 0)
		return verb_error(c->verb, "%s", why);
	fprintf(stderr, "elvs capture: listening; Ctrl-C ends it\n");
	while (!stop_asked && r == 0) {
		r = tap_poll(tap, 200);
		if (fflush(c->out) != 0)
			c->failed = true;
		if (c->failed)
			break;
	}
	if (r == 0 && !c->failed)
		tap_flush(tap);
	if (fflush(c->out) != 0)
		c->failed = true;
	if (tap_lost(tap))
		fprintf(stderr, "elvs capture: %llu packets came faster than they could be taken and are missing\n",
			(unsigned long long)tap_lost(tap));
	tap_close(tap);
	if (r < 0)
		return verb_error(c->verb, "reading packets: %s", strerror(-r));
	if (c->failed && errno != EPIPE)
		return verb_error(c->verb, "cannot write: %s", strerror(errno));
	return EXIT_OK;
}

static int number(const struct capture *c, const char *what, const char *text, unsigned long min, unsigned long max,
		  unsigned long *ret)
{
	char *end;

	*ret = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || *ret < min || *ret > max)
		return verb_usage(c->verb, "%s takes a number from %lu to %lu, not %s", what, min, max, text);
	return 0;
}

static int parse(struct capture *c, int argc, char **argv, bool *ret_done)
{
	static const struct option longs[] = { { "only", required_argument, NULL, 'o' },
					       { "drops", no_argument, NULL, 'd' },
					       { "all", no_argument, NULL, 'a' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	unsigned long n = c->snap_len;
	int opt, r = 0;

	opterr = 0;
	*ret_done = true;
	while (!r && (opt = getopt_long(argc, argv, "+:w:c:i:s:h", longs, NULL)) != -1) {
		switch (opt) {
		case 'w':
			c->out_name = optarg;
			break;
		case 'c':
			r = number(c, "-c", optarg, 1, 1000000000, &c->count);
			break;
		case 's':
			r = number(c, "-s", optarg, 14, CAPTURE_SNAP_MAX, &n);
			break;
		case 'i':
			c->dev = optarg;
			break;
		case 'o':
			c->only = optarg;
			break;
		case 'd':
			c->drops = true;
			break;
		case 'a':
			c->all = true;
			break;
		default:
			return verb_bad_option(c->verb, opt, argv);
		}
	}
	if (r)
		return r;
	c->snap_len = (uint32_t)n;
	if (c->only && strcmp(c->only, "before") != 0 && strcmp(c->only, "after") != 0)
		return verb_usage(c->verb, "--only takes before or after, not %s", c->only);
	if (c->dev) {
		c->ifindex = if_nametoindex(c->dev);
		if (!c->ifindex)
			return verb_error(c->verb, "there is no interface %s here", c->dev);
	}
	*ret_done = false;
	return compile(c, argc - optind, argv + optind);
}

static int run(const struct verb *v, int argc, char **argv)
{
	struct capture c = { .verb = v, .snap_len = DEFAULT_SNAP };
	uint32_t program = 0;
	bool done;
	int r = parse(&c, argc, argv, &done);

	if (!done && !r) {
		r = find_program(v, &program);
		if (!r) {
			c.clock_offset_ns = clock_offset();
			watch_signals();
			r = open_output(&c);
		}
		if (!r)
			r = listen_in(&c, program);
	}
	if (c.filtered)
		pcap_freecode(&c.filter);
	if (c.pcap)
		pcap_close(c.pcap);
	if (c.out && c.out != stdout && fclose(c.out) != 0 && !r)
		r = verb_error(v, "cannot write %s: %s", c.out_name, strerror(errno));
	return r;
}

const struct verb verb_capture = { "capture", "show packets before and after, with the verdict", usage, run };
