/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump - what the role knows, as text (keepalived.data, keepalived.stats) and as JSON, in the form of keepalived's files,
 * which exporters read. Passwords are left out.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#include "dump.h"

static const char *yes(bool b)
{
	return b ? "enabled" : "disabled";
}

static double seconds(uint64_t us)
{
	return (double)us / 1e6;
}

/* CLOCK_MONOTONIC as the time of day */
double dump_wall(uint64_t at)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9 - ((double)clock_us() - (double)at) / 1e6;
}

int dump_vip(const struct vrrp_role *r, const struct instance *i, const struct vip *v, char *buf, size_t size)
{
	const struct nl_link *l = netlink_link_at(&r->nl, v->ifindex);
	const struct conf_vip *c = v->conf;
	char text[INET6_ADDRSTRLEN] = "?", prefix[8] = "";

	inet_ntop(c->addr.family, c->addr.bytes, text, sizeof(text));
	if (c->prefix != (c->addr.family == AF_INET ? 32 : 128))
		snprintf(prefix, sizeof(prefix), "/%u", c->prefix);
	return snprintf(buf, size, "%s%s dev %s%s%s%s%s", text, prefix,
			l	    ? l->name
			: c->dev[0] ? c->dev
				    : i->conf->iface,
			c->scope == 0 ? " scope global" : "", c->label[0] ? " label " : "", c->label,
			v->set ? " set" : "");
}

void dump_counts(const struct instance *i, struct dump_counts *ret)
{
	const uint64_t *c = i->codec->count, *m = i->codec->remarks;

	*ret = (struct dump_counts){
		.length = c[VRRP_REFUSED_SHORT] + c[VRRP_REFUSED_LENGTH] + c[VRRP_REFUSED_IP],
		.ttl = c[VRRP_REFUSED_TTL] + c[VRRP_REFUSED_PEER_TTL],
		.type = c[VRRP_REFUSED_TYPE],
		.interval = c[VRRP_REFUSED_INTERVAL] + m[0],
		.addresses = m[1] + m[2],
		.auth_type = c[VRRP_REFUSED_AUTH_TYPE],
		.auth_mismatch = c[VRRP_REFUSED_AH_MISSING] + c[VRRP_REFUSED_AH_UNWANTED] +
				 c[VRRP_REFUSED_HMAC_MISSING] + c[VRRP_REFUSED_HMAC_UNWANTED],
		.auth_failure = c[VRRP_REFUSED_AUTH_PASS] + c[VRRP_REFUSED_AH_FORMAT] + c[VRRP_REFUSED_AH_ICV] +
				c[VRRP_REFUSED_AH_REPLAY] + c[VRRP_REFUSED_HMAC_FORMAT] + c[VRRP_REFUSED_HMAC_KEY] +
				c[VRRP_REFUSED_HMAC] + c[VRRP_REFUSED_HMAC_TIME] + c[VRRP_REFUSED_HMAC_REPLAY],
	};
}

/* ---- text ---- */
static void put_stats(FILE *f, const struct instance *i)
{
	struct dump_counts c;

	dump_counts(i, &c);
	fprintf(f, "VRRP Instance: %s\n  Advertisements:\n    Received: %lu\n    Sent: %lu\n", i->conf->name,
		i->fsm.received, i->fsm.sent);
	fprintf(f, "  Became master: %lu\n  Released master: %lu\n", i->fsm.became_master, i->fsm.released_master);
	fprintf(f, "  Packet Errors:\n    Length: %lu\n    TTL: %lu\n    Invalid Type: %lu\n", c.length, c.ttl,
		c.type);
	fprintf(f, "    Advertisement Interval: %lu\n    Address List: %lu\n", c.interval, c.addresses);
	fprintf(f, "  Authentication Errors:\n    Invalid Type: %lu\n    Type Mismatch: %lu\n    Failure: %lu\n",
		c.auth_type, c.auth_mismatch, c.auth_failure);
	fprintf(f, "  Priority Zero:\n    Received: %lu\n    Sent: %lu\n", i->fsm.received_prio0, i->fsm.sent_prio0);
}

static void put_time(FILE *f, const char *what, double at)
{
	time_t t = (time_t)at;
	unsigned us = (unsigned)((at - (double)t) * 1e6);
	char day[40], clock[40];
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(day, sizeof(day), "%a %b %e %T", &tm);
	strftime(clock, sizeof(clock), "%Y", &tm);
	fprintf(f, "   %s = %ld.%06u (%s.%06u %s)\n", what, (long)t, us, day, us, clock);
}

static void put_state(FILE *f, const struct vrrp_role *r, const struct instance *i)
{
	const struct vrrp_fsm *m = &i->fsm;
	char text[INET6_ADDRSTRLEN] = "(none)";

	fprintf(f, "   State = %s\n", vrrp_state_name(m->state));
	if (m->why)
		fprintf(f, "   Fault = %s\n", vrrp_why_text(m->why));
	if (m->master.family && inet_ntop(m->master.family, m->master.bytes, text, sizeof(text)))
		fprintf(f, "   Master router = %s\n   Master priority = %u\n", text, m->master_priority);
	put_time(f, "Last transition", dump_wall(m->since));
	if (m->timer != VRRP_NEVER)
		put_time(f, m->state == VRRP_BACKUP ? "Read timeout" : "Next advert", dump_wall(m->timer));
	fprintf(f, "   Master down timer = %lu usecs\n", vrrp_fsm_master_down(m));
	fprintf(f, "   Interface = %s\n", i->conf->iface);
	if (i->vmac.name[0])
		fprintf(f, "   VMAC interface = %s\n", i->vmac.name);
	snprintf(text, sizeof(text), "(none)");
	if (m->src.family)
		inet_ntop(m->src.family, m->src.bytes, text, sizeof(text));
	fprintf(f, "   Using src_ip = %s\n", text);
}

static void put_way(FILE *f, const struct conf_vrrp *v)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (!v->unicast) {
		inet_ntop(v->family, v->mcast_dst.bytes, text, sizeof(text));
		fprintf(f, "   Multicast address %s\n", text);
		return;
	}
	fprintf(f, "   Unicast Peer :\n");
	for (uint32_t n = 0; n < v->n_peers; n++) {
		inet_ntop(v->family, v->peers[n].addr.bytes, text, sizeof(text));
		fprintf(f, "     %s\n", text);
	}
}

static void put_settings(FILE *f, const struct instance *i)
{
	static const char *const auth[] = { "NONE", "SIMPLE_PASSWORD", "IPSEC_AH" };
	const struct conf_vrrp *v = i->conf;
	const struct conf_garp *g = &v->garp;

	fprintf(f, "   Gratuitous ARP delay = %g\n   Gratuitous ARP repeat = %u\n", seconds(g->master_delay_us),
		g->master_repeat);
	fprintf(f, "   Gratuitous ARP refresh = %g\n   Gratuitous ARP refresh repeat = %u\n",
		seconds(g->master_refresh_us), g->master_refresh_repeat);
	fprintf(f, "   Gratuitous ARP lower priority delay = %g\n   Gratuitous ARP lower priority repeat = %u\n",
		seconds(g->lower_prio_delay_us), g->lower_prio_repeat);
	fprintf(f, "   Down timer adverts = %u\n", v->down_timer_adverts);
	fprintf(f, "   Send advert after receive lower priority advert = %s\n",
		v->lower_prio_no_advert ? "false" : "true");
	fprintf(f, "   Send advert after receive higher priority advert = %s\n",
		v->higher_prio_send_advert ? "true" : "false");
	fprintf(f, "   Virtual Router ID = %u\n   Priority = %u\n   Effective priority = %u\n", v->vrid, v->priority,
		i->fsm.priority);
	if (v->advert_us % 1000000)
		fprintf(f, "   Advert interval = %lu milli-sec\n", v->advert_us / 1000);
	else
		fprintf(f, "   Advert interval = %lu sec\n", v->advert_us / 1000000);
	fprintf(f, "   Accept = %s\n   Preempt = %s\n", yes(v->accept), yes(!v->nopreempt));
	if (v->preempt_delay_us)
		fprintf(f, "   Preempt delay = %g secs\n", seconds(v->preempt_delay_us));
	fprintf(f, "   Promote_secondaries = %s\n", yes(v->promote_secondaries));
	if (v->version == 2)
		fprintf(f, "   Authentication type = %s\n", auth[v->auth]);
	if (v->n_hmac_keys)
		fprintf(f, "   auth_hmac keys = %u, active %u\n", v->n_hmac_keys, v->hmac_active);
}

static void put_lines(FILE *f, const char *what, const struct conf_ipline *l, uint32_t n)
{
	if (n)
		fprintf(f, "   %s :\n", what);
	for (uint32_t k = 0; k < n; k++) {
		fputs("    ", f);
		for (const char *const *w = l[k].words; *w; w++)
			fprintf(f, " %s", *w);
		fputc('\n', f);
	}
}

static void put_vips(FILE *f, const struct vrrp_role *r, const struct instance *i, bool excluded)
{
	uint32_t n = excluded ? i->conf->n_excluded : i->conf->n_vips;
	char text[200];

	if (n)
		fprintf(f, "   Virtual IP%s (%u):\n", excluded ? " Excluded" : "", n);
	for (uint32_t k = 0; k < i->n_vips; k++) {
		if (i->vips[k].excluded != excluded)
			continue;
		dump_vip(r, i, &i->vips[k], text, sizeof(text));
		fprintf(f, "     %s\n", text);
	}
}

static void put_refusals(FILE *f, const struct instance *i)
{
	bool any = false;

	for (int k = VRRP_ACCEPTED + 1; k < VRRP_REFUSALS; k++) {
		if (!i->codec->count[k])
			continue;
		if (!any)
			fputs("   Refused adverts :\n", f);
		any = true;
		fprintf(f, "     %lu: %s\n", i->codec->count[k], vrrp_refusal_text(k));
	}
	if (i->send_failures)
		fprintf(f, "   Adverts that could not be sent = %lu\n", i->send_failures);
}

static void put_instance(FILE *f, const struct vrrp_role *r, const struct instance *i)
{
	fprintf(f, " VRRP Instance = %s\n   VRRP Version = %u\n", i->conf->name, i->conf->version);
	if (i->sync->group.conf)
		fprintf(f, "   Sync group = %s\n", i->sync->group.conf->name);
	if (i->conf->family == AF_INET6)
		fputs("   Using Native IPv6\n", f);
	put_state(f, r, i);
	put_way(f, i->conf);
	put_settings(f, i);
	put_vips(f, r, i, false);
	put_vips(f, r, i, true);
	put_lines(f, "Virtual Routes", i->conf->routes, i->conf->n_routes);
	put_lines(f, "Virtual Rules", i->conf->rules, i->conf->n_rules);
	put_refusals(f, i);
}

static void put_groups(FILE *f, const struct vrrp_role *r)
{
	bool any = false;

	for (uint32_t k = 0; k < r->n_syncs; k++) {
		const struct vrrp_group *g = &r->syncs[k]->group;

		if (!g->conf)
			continue;
		if (!any)
			fputs("------< VRRP Sync groups >------\n", f);
		any = true;
		fprintf(f, " VRRP Sync Group = %s, %s\n   VRRP member instances :\n", g->conf->name,
			vrrp_state_name(g->state));
		for (uint32_t m = 0; m < g->n_members; m++)
			fprintf(f, "     %s\n", g->members[m]->conf->name);
	}
}

static void put_interfaces(FILE *f, const struct vrrp_role *r)
{
	fputs("------< Interfaces >------\n", f);
	for (uint32_t k = 0; k < r->nl.n_links; k++) {
		const struct nl_link *l = &r->nl.links[k];

		fprintf(f, " Name = %s\n   index = %u\n   State = %s%s\n   MTU = %u\n", l->name, l->ifindex,
			l->flags & IFF_UP ? "UP" : "DOWN", nl_link_up(l) ? ", RUNNING" : "", l->mtu);
	}
}

static void put_data(FILE *f, const struct vrrp_role *r)
{
	fputs("------< VRRP Topology >------\n", f);
	for (uint32_t n = 0; n < r->n_instances; n++)
		put_instance(f, r, r->instances[n]);
	put_groups(f, r);
	put_interfaces(f, r);
	fprintf(f,
		"------< VRRP Process >------\n Unknown VRIDs received = %lu\n Gratuitous ARPs and NAs sent = %lu, "
		"failed %lu\n"
		" Latest timer = %lu usecs late\n Realtime priority = %d\n",
		r->ear_shared->unknown_vrids, r->garp.sent, r->garp.failed, r->late_us, r->rt_priority);
}

static void clear(struct vrrp_role *r)
{
	for (uint32_t n = 0; n < r->n_instances; n++) {
		struct vrrp_fsm *m = &r->instances[n]->fsm;

		m->became_master = m->released_master = m->sent = m->sent_prio0 = m->received = m->received_prio0 = 0;
		memset(r->instances[n]->codec->count, 0, sizeof(r->instances[n]->codec->count));
		memset(r->instances[n]->codec->remarks, 0, sizeof(r->instances[n]->codec->remarks));
	}
}

int dump_write(struct vrrp_role *r, int fd, enum dump_kind kind)
{
	int own = dup(fd);
	FILE *f = own < 0 ? NULL : fdopen(own, "w");
	int e = 0;

	if (!f)
		return -errno;
	switch (kind) {
	case DUMP_DATA:
		put_data(f, r);
		break;
	case DUMP_STATS:
	case DUMP_STATS_CLEAR:
		for (uint32_t n = 0; n < r->n_instances; n++)
			put_stats(f, r->instances[n]);
		if (kind == DUMP_STATS_CLEAR)
			clear(r);
		break;
	case DUMP_JSON:
		e = dump_json(r, f);
		break;
	}
	return fclose(f) == 0 ? e : -errno;
}
