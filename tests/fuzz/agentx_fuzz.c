/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agentx_fuzz - what a master agent sends: any bytes get an answer that is a whole PDU itself, or none.
 *
 * The first byte says which parts are served and what is known; the rest is the stream, PDU after PDU.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "answer.h"

static const struct conf_vip vips[] = { { .addr = { .family = AF_INET }, .dev = "", .label = "x" } };
static const char *const words[] = { "default", "nexthop", "via", "10.0.0.1", NULL };
static const struct conf_ipline routes[] = { { .words = words, .family = AF_INET } };
static const struct conf_track tracks[] = { { .kind = CONF_TRACK_IF, .ifname = "lo" }, { .kind = CONF_TRACK_SCRIPT } };
static const struct conf_vrrp_script scripts[] = { { .name = "s" } };
static const struct conf_vrrp vrrps[] = {
	{ .name = "A", .family = AF_INET, .version = 2, .vrid = 9, .iface = "lo", .vips = vips, .n_vips = 1,
	  .group = CONF_NONE, .routes = routes, .n_routes = 1, .tracks = tracks, .n_tracks = 2 },
	{ .name = "B", .family = AF_INET6, .version = 3, .vrid = 5, .iface = "lo", .group = CONF_NONE },
};
static const struct conf_rs real[] = { { .addr = { .family = AF_INET }, .snmp_name = "n" } };
static const struct conf_vs servers[] = {
	{ .addr = { .family = AF_INET }, .vsg = CONF_NONE, .sched = "rr", .virtualhost = "", .snmp_name = "", .rs = real,
	  .n_rs = 1 },
};
static const struct lvs_facts head = { .n_servers = 1, .n_real = 1 };
static const struct vs_facts vs_fact;
static const struct rs_facts rs_fact;

static void check_answer(const struct agentx_out *out)
{
	struct agentx_header h;

	if (agentx_header(out->bytes, out->len, &h) < 0 || h.len + AGENTX_HEADER != out->len || out->len > AGENTX_PDU_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	static struct vrrp_known known[2];
	static struct tracked tracked[2];
	struct conf conf = { .vrrps = vrrps, .n_vrrps = 2, .scripts = scripts, .n_scripts = 1, .servers = servers,
			     .n_servers = 1 };
	struct view view = { .conf = &conf, .vrrps = known, .tracked = { [CONF_TRACK_SCRIPT] = tracked }, .netdev = -1,
			     .lvs = { &head, &vs_fact, &rs_fact } };
	struct agentx_header h;

	if (!len)
		return 0;
	conf.global.router_id = conf.global.net_namespace = conf.global.mail_from = conf.global.smtp_server = "";
	conf.global.default_interface = conf.global.sync.iface = conf.global.sync.vrrp = "";
	view.parts = in[0] & 15;
	view.fresh = in[0] >> 4;
	for (size_t at = 1; agentx_header(in + at, len - at, &h) == 0 && h.len <= len - at - AGENTX_HEADER;
	     at += AGENTX_HEADER + h.len) {
		uint8_t *body = malloc(h.len ? h.len : 1); /* so that one byte too many is seen */
		struct agentx_response r;
		struct agentx_out out = { 0 };
		unsigned need = 0;
		int e;

		memcpy(body, in + at + AGENTX_HEADER, h.len);
		agentx_response(&h, body, &r);
		e = answer(&view, h.session & 1 ? h.session : 1, &h, body, &out, &need);
		if (e == 1)
			check_answer(&out);
		else if (e != 0 && (e != -EAGAIN || !need))
			abort();
		agentx_out_free(&out);
		free(body);
	}
	return 0;
}
