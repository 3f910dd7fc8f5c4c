/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format - see format.h. Widths and trailing blanks are the original's: programs cut its output by columns.
 */
#include "format.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/ip_vs.h>
#include <string.h>

#define SERVICE_CELL 33 /* columns; IPv4 is cut to it */
#define DEST_CELL 28
#define CELL_TEXT (NAMES_TEXT + 32)

static const char *proto_name(unsigned proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	}
	return "?";
}

static const char *method_name(uint32_t method)
{
	switch (method & IP_VS_CONN_F_FWD_MASK) {
	case IP_VS_CONN_F_MASQ:
		return "Masq";
	case IP_VS_CONN_F_LOCALNODE:
		return "Local";
	case IP_VS_CONN_F_TUNNEL:
		return "Tunnel";
	case IP_VS_CONN_F_DROUTE:
		return "Route";
	}
	return "Unknown";
}

static void print_number(const struct format *f, uint64_t n)
{
	if (f->exact) {
		char text[24];
		int len = snprintf(text, sizeof(text), "%" PRIu64, n);

		fprintf(f->out, "%*s", len < 9 ? 9 : len + 1, text);
	} else if (n < 100000000) {
		fprintf(f->out, "%9" PRIu64, n);
	} else if (n < 1000000000) {
		fprintf(f->out, "%8" PRIu64 "K", n / 1000);
	} else if (n < 100000000000) {
		fprintf(f->out, "%8" PRIu64 "M", n / 1000000);
	} else if (n < 100000000000000) {
		fprintf(f->out, "%8" PRIu64 "G", n / 1000000000);
	} else {
		fprintf(f->out, "%8" PRIu64 "T", n / 1000000000000);
	}
}

void format_header(const struct format *f, uint32_t version, uint32_t size)
{
	fprintf(f->out, "IP Virtual Server version %u.%u.%u (size=%u)\n", version >> 16 & 255, version >> 8 & 255,
		version & 255, size);
}

void format_titles(const struct format *f)
{
	static const char service[] = "Prot LocalAddress:Port", dest[] = "  -> RemoteAddress:Port";

	switch (f->mode) {
	case LIST_STATS:
		fprintf(f->out, "%-33s %8s %8s %8s %8s %8s\n%s\n", service, "Conns", "InPkts", "OutPkts", "InBytes",
			"OutBytes", dest);
		break;
	case LIST_RATE:
		fprintf(f->out, "%-33s %8s %8s %8s %8s %8s\n%s\n", service, "CPS", "InPPS", "OutPPS", "InBPS",
			"OutBPS", dest);
		break;
	case LIST_THRESHOLDS:
		fprintf(f->out, "%-33s %-10s %-10s %-10s %-10s\n%s\n", service, "Uthreshold", "Lthreshold",
			"ActiveConn", "InActConn", dest);
		break;
	case LIST_PERSISTENT:
		fprintf(f->out, "%-33s %-9s %-11s %-10s %-10s\n%s\n", service, "Weight", "PersistConn", "ActiveConn",
			"InActConn", dest);
		break;
	case LIST_TUN_INFO:
		fprintf(f->out,
			"%s Scheduler Flags\n"
			"  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn\n",
			service);
		break;
	case LIST_NORMAL:
		fprintf(f->out,
			"%s Scheduler Flags\n"
			"  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n",
			service);
		break;
	}
}

static void service_cell(const struct format *f, char cell[CELL_TEXT], const struct service *s)
{
	char name[NAMES_TEXT];

	if (s->fwmark) {
		snprintf(cell, CELL_TEXT, "FWM  %d%s", (int)s->fwmark, s->af == AF_INET6 ? " IPv6" : "");
		return;
	}
	names_endpoint(f->names, name, &s->addr, s->port, s->proto);
	snprintf(cell, CELL_TEXT, "%-4s %s", proto_name(s->proto), name);
	if (s->af != AF_INET6)
		cell[SERVICE_CELL] = '\0';
}

static void print_mask(const struct format *f, const struct service *s, const char *option)
{
	struct in_addr mask = { .s_addr = s->netmask };

	if (s->af == AF_INET6) {
		if (s->netmask != 128)
			fprintf(f->out, " %s %u", option, s->netmask);
	} else if (s->netmask != UINT32_MAX) {
		fprintf(f->out, " %s %s", option, inet_ntoa(mask));
	}
}

#define ANY_SCHED_FLAG (IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2 | IP_VS_SVC_F_SCHED3)

void format_service(const struct format *f, const struct service *s)
{
	const struct counters *c = &s->counters;
	char cell[CELL_TEXT], flags[SCHED_FLAGS_TEXT];

	service_cell(f, cell, s);
	if (f->mode == LIST_STATS || f->mode == LIST_RATE) {
		bool stats = f->mode == LIST_STATS;

		fprintf(f->out, "%-33s", cell);
		print_number(f, stats ? c->conns : c->cps);
		print_number(f, stats ? c->inpkts : c->inpps);
		print_number(f, stats ? c->outpkts : c->outpps);
		print_number(f, stats ? c->inbytes : c->inbps);
		print_number(f, stats ? c->outbytes : c->outbps);
		fputc('\n', f->out);
		return;
	}
	fprintf(f->out, "%s %s", cell, s->sched);
	if (s->flags & ANY_SCHED_FLAG)
		fprintf(f->out, " (%s)", sched_flags_format(flags, sizeof(flags), s->flags, s->sched));
	if (s->flags & IP_VS_SVC_F_PERSISTENT) {
		fprintf(f->out, " persistent %u", s->timeout);
		print_mask(f, s, "mask");
		if (*s->pe)
			fprintf(f->out, " pe %s", s->pe);
	}
	if (s->flags & IP_VS_SVC_F_ONEPACKET)
		fputs(" ops", f->out);
	fputc('\n', f->out);
}

static const char *tunnel_flag(uint16_t flags)
{
	if (flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		return "r+c";
	return flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM ? "+c" : "-c";
}

static void tunnel_cell(char *buf, size_t size, const struct dest *d)
{
	if (d->method != IP_VS_CONN_F_TUNNEL)
		snprintf(buf, size, "n/a");
	else if (d->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE)
		snprintf(buf, size, "gue:%u:%s", ntohs(d->tun_port), tunnel_flag(d->tun_flags));
	else if (d->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE)
		snprintf(buf, size, "gre:%s", tunnel_flag(d->tun_flags));
	else
		snprintf(buf, size, "ipip");
}

void format_dest(const struct format *f, const struct service *s, const struct dest *d)
{
	const struct counters *c = &d->counters;
	char name[NAMES_TEXT], tunnel[24];

	names_endpoint(f->names, name, &d->addr, d->port, s->fwmark ? 0 : s->proto);
	if (d->addr.af != AF_INET6)
		name[DEST_CELL] = '\0';
	fprintf(f->out, "  -> %-28s", name);
	switch (f->mode) {
	case LIST_STATS:
		print_number(f, c->conns);
		print_number(f, c->inpkts);
		print_number(f, c->outpkts);
		print_number(f, c->inbytes);
		print_number(f, c->outbytes);
		break;
	case LIST_RATE:
		fprintf(f->out, " %8" PRIu64 " %8" PRIu64 " %8" PRIu64, c->cps, c->inpps, c->outpps);
		print_number(f, c->inbps);
		print_number(f, c->outbps);
		break;
	case LIST_THRESHOLDS:
		fprintf(f->out, " %-10u %-10u %-10u %-10u", d->u_threshold, d->l_threshold, d->active, d->inactive);
		break;
	case LIST_PERSISTENT:
		fprintf(f->out, " %-9d %-11u %-10u %-10u", d->weight, d->persistent, d->active, d->inactive);
		break;
	case LIST_TUN_INFO:
		tunnel_cell(tunnel, sizeof(tunnel), d);
		fprintf(f->out, " %-7s %-13s %-6d %-10u %-10u", method_name(d->method), tunnel, d->weight, d->active,
			d->inactive);
		break;
	case LIST_NORMAL:
		fprintf(f->out, " %-7s %-6d %-10u %-10u", method_name(d->method), d->weight, d->active, d->inactive);
		break;
	}
	fputc('\n', f->out);
}

void format_timeouts(const struct format *f, const struct timeouts *t)
{
	fprintf(f->out, "Timeout (tcp tcpfin udp): %u %u %u\n", t->tcp, t->tcp_fin, t->udp);
}

void format_daemon(const struct format *f, const struct sync_daemon *d)
{
	char group[INET6_ADDRSTRLEN];

	fprintf(f->out, "%s sync daemon (mcast=%s, syncid=%u", d->state == IP_VS_STATE_MASTER ? "master" : "backup",
		d->ifname, d->syncid);
	if (d->maxlen)
		fprintf(f->out, ", maxlen=%u", d->maxlen);
	if (d->group.af != AF_UNSPEC)
		fprintf(f->out, ", group=%s", addr_format(group, &d->group));
	if (d->port)
		fprintf(f->out, ", port=%u", d->port);
	if (d->ttl)
		fprintf(f->out, ", ttl=%u", d->ttl);
	fputs(")\n", f->out);
}

/* ---- rules ---- */

void format_rule_service(const struct format *f, const struct service *s)
{
	char option[NAMES_SERVICE_TEXT], flags[SCHED_FLAGS_TEXT];

	fprintf(f->out, "-A %s -s %s", names_service_option(f->names, option, s), s->sched);
	if (s->flags & IP_VS_SVC_F_PERSISTENT) {
		fprintf(f->out, " -p %u", s->timeout);
		print_mask(f, s, "-M");
	}
	if (*s->pe)
		fprintf(f->out, " --pe %s", s->pe);
	if (s->flags & IP_VS_SVC_F_ONEPACKET)
		fputs(" -o", f->out);
	if (s->flags & ANY_SCHED_FLAG)
		fprintf(f->out, " -b %s", sched_flags_format(flags, sizeof(flags), s->flags, s->sched));
	fputc('\n', f->out);
}

static const char *method_option(uint32_t method)
{
	switch (method & IP_VS_CONN_F_FWD_MASK) {
	case IP_VS_CONN_F_MASQ:
		return "-m";
	case IP_VS_CONN_F_TUNNEL:
		return "-i";
	}
	return "-g"; /* local servers, too */
}

static void print_tunnel_options(const struct format *f, const struct dest *d)
{
	const char *sum = d->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM ? "--tun-remcsum"
			  : d->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM	 ? "--tun-csum"
									 : "--tun-nocsum";

	switch (d->tun_type) {
	case IP_VS_CONN_F_TUNNEL_TYPE_GUE:
		fprintf(f->out, " --tun-type gue --tun-port %u %s", ntohs(d->tun_port), sum);
		break;
	case IP_VS_CONN_F_TUNNEL_TYPE_GRE:
		fprintf(f->out, " --tun-type gre %s", sum);
		break;
	default:
		fputs(" --tun-type ipip", f->out);
	}
}

void format_rule_dest(const struct format *f, const struct service *s, const struct dest *d)
{
	char option[NAMES_SERVICE_TEXT], name[NAMES_TEXT];

	names_endpoint(f->names, name, &d->addr, d->port, s->fwmark ? 0 : s->proto);
	fprintf(f->out, "-a %s -r %s %s -w %d", names_service_option(f->names, option, s), name,
		method_option(d->method), d->weight);
	if (d->method == IP_VS_CONN_F_TUNNEL)
		print_tunnel_options(f, d);
	fputc('\n', f->out);
}

/* ---- connections ---- */

void format_conn_titles(const struct format *f, bool pe)
{
	fprintf(f->out, "IPVS connection entries\npro expire %-11s %-18s %-18s ", "state", "source", "virtual");
	if (pe)
		fprintf(f->out, "%-18s %-16s %s\n", "destination", "pe name", "pe_data");
	else
		fputs("destination\n", f->out);
}

static const char *conn_endpoint(const struct format *f, char buf[NAMES_TEXT], uint16_t af, const uint32_t a[4],
				 uint16_t port, int proto)
{
	struct addr addr = { .af = af };

	memcpy(addr.a, a, sizeof(addr.a));
	return names_endpoint(f->names, buf, &addr, port, proto);
}

void format_conn(const struct format *f, const struct elvs_conn_wire *c)
{
	char source[NAMES_TEXT], virt[NAMES_TEXT], dest[NAMES_TEXT], expires[16];

	snprintf(expires, sizeof(expires), "%02u:%02u", c->expires / 60, c->expires % 60);
	fprintf(f->out, "%-3s %-6s %-11s %-18s %-18s %s\n", c->proto ? proto_name(c->proto) : "IP", expires, c->state,
		conn_endpoint(f, source, c->af, c->caddr, c->cport, c->proto),
		conn_endpoint(f, virt, c->af, c->vaddr, c->vport, c->proto),
		conn_endpoint(f, dest, c->daf, c->daddr, c->dport, c->proto));
}
