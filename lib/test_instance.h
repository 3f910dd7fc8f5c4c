/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_instance - what the tests that open instances share: builders, listings, and a world of their own (a network
 * and a mount namespace, a BPF file system, a pair of veths). Included by test programs only.
 */
#ifndef ELVS_LIB_TEST_INSTANCE_H
#define ELVS_LIB_TEST_INSTANCE_H

#include "internal.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

/* Each test program uses some of this. */
#define UNUSED_OK __attribute__((unused))

static char bpffs[] = "/tmp/elvs-lib-test-XXXXXX";

#define OK(x) assert_int_equal((x), 0)

/* ---- builders ---- */

UNUSED_OK static union elvs_addr ip(const char *text)
{
	union elvs_addr a = { .a = { 0 } };

	if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, &a) != 1)
		abort();
	return a;
}

UNUSED_OK static struct elvs_svc_conf svc(const char *addr, uint16_t port, const char *sched)
{
	struct elvs_svc_conf c = { .key = { .proto = IPPROTO_TCP, .port = htons(port), .addr = ip(addr) } };

	c.key.af = strchr(addr, ':') ? AF_INET6 : AF_INET;
	c.netmask = c.key.af == AF_INET6 ? 128 : 0xffffffff;
	snprintf(c.sched, sizeof(c.sched), "%s", sched);
	return c;
}

UNUSED_OK static struct elvs_dest_conf dest(const char *addr, uint16_t port, uint32_t method, uint32_t weight)
{
	struct elvs_dest_conf c = { .port = htons(port), .addr = ip(addr), .method = method, .weight = weight };

	c.af = strchr(addr, ':') ? AF_INET6 : AF_INET;
	return c;
}

UNUSED_OK static struct elvs *open_at(const char *pin_dir, bool manual)
{
	struct elvs_options o = { .pin_dir = pin_dir, .manual_clock = manual };
	struct elvs *e = NULL;
	int r = elvs_open(&e, &o);

	if (r)
		fail_msg("elvs_open: %s", elvs_strerror(NULL));
	return e;
}

struct listing {
	char text[2048];
};

UNUSED_OK static int list_dest(void *arg, const struct elvs_dest_info *i)
{
	struct listing *l = arg;
	size_t n = strlen(l->text);
	char a[INET6_ADDRSTRLEN];

	snprintf(l->text + n, sizeof(l->text) - n, "%s:%u w%u a%u i%u id%u|", addr_text(i->conf.af, &i->conf.addr, a),
		 ntohs(i->conf.port), i->conf.weight, i->active, i->inactive, i->id);
	return 0;
}

UNUSED_OK static int list_svc(void *arg, const struct elvs_svc_info *i)
{
	struct listing *l = arg;
	size_t n = strlen(l->text);
	char a[INET6_ADDRSTRLEN];

	snprintf(l->text + n, sizeof(l->text) - n, "%s:%u %s %u|", addr_text(i->conf.key.af, &i->conf.key.addr, a),
		 ntohs(i->conf.key.port), i->conf.sched, i->ndests);
	return 0;
}

UNUSED_OK static void expect_svcs(struct elvs *e, const char *want)
{
	struct listing l = { "" };

	OK(elvs_svc_each(e, list_svc, &l));
	assert_string_equal(l.text, want);
}

UNUSED_OK static void expect_dests(struct elvs *e, const struct elvs_svc_conf *s, const char *want)
{
	struct listing l = { "" };

	OK(elvs_dest_each(e, &s->key, list_dest, &l));
	assert_string_equal(l.text, want);
}

/* The next n choices of an rr or wrr service, as the data plane makes them; advances the cursor. */
UNUSED_OK static void expect_picks(struct elvs *e, uint32_t svc_id, const char *want)
{
	struct elvs_svc *s = &e->svcs[svc_id];
	const uint32_t *t = sched_at(e, ELVS_TAB_CHUNK(s->table), ELVS_TAB_OFF(s->table));
	char got[64] = "";

	for (size_t i = 0; want[i]; i++)
		got[i] = '0' + t[s->cursor++ % ELVS_TAB_LEN(s->table)];
	assert_string_equal(got, want);
}

UNUSED_OK static struct elvs_ep *ep_of(struct elvs *e, const struct elvs_svc_conf *s)
{
	struct ep_table t = { e->eps, e->set, 0 };

	return ep_find(&t, kind_of(s->key.af), s->key.addr.a, s->key.port, s->key.proto);
}

UNUSED_OK static void count(struct elvs *e, uint32_t id, uint64_t packets)
{
	struct elvs_stats *s = (struct elvs_stats *)dest_stats(e, id, packets % e->ncpus);

	s->inpkts += packets;
	s->inbytes += packets * 100;
}

UNUSED_OK static uint64_t svc_packets(struct elvs *e, const struct elvs_svc_conf *s)
{
	struct elvs_svc_info i;

	OK(elvs_svc_get(e, &s->key, &i));
	assert_int_equal(i.counters.inbytes, i.counters.inpkts * 100);
	return i.counters.inpkts;
}

UNUSED_OK static int sh(const char *command)
{
	return system(command);
}

/* ---- the world of the tests ---- */

UNUSED_OK static int setup(void **state)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	if (!mkdtemp(bpffs) || mount("bpf", bpffs, "bpf", 0, NULL))
		return -1;
	return sh("ip link set lo up && ip link add v0 type veth peer name v1 && ip addr add 198.51.100.1/24 dev v0 "
		  "&& ip link set v0 up && ip link set v1 up");
}

UNUSED_OK static int teardown(void **state)
{
	umount(bpffs);
	return rmdir(bpffs);
}

#endif
