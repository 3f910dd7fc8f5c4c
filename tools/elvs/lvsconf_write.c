/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvsconf_write - the keepalived.conf that an LVS.conf means, as somebody would write it by hand. */
#include <stdio.h>
#include <stdlib.h>

#include "lvsconf.h"

static void write_check(FILE *f, const struct lvsconf *c)
{
	if (c->udp)
		fprintf(f, "\t\tUDP_CHECK {\n");
	else
		fprintf(f, "\t\tTCP_CHECK {\n");
	fprintf(f,
		"\t\t\tconnect_timeout 3\n"
		"\t\t\tretry 3\n"
		"\t\t\tdelay_before_retry 1\n"
		"\t\t\tconnect_port %u\n"
		"\t\t}\n",
		c->real_port);
}

static void write_server(FILE *f, const struct lvsconf *c)
{
	char addr[VIP_STRLEN];

	fprintf(f, "virtual_server %s %u {\n", vip_format(&c->vip, false, addr), c->port);
	fprintf(f,
		"\tdelay_loop 6\n"
		"\tlb_algo %s\n"
		"\tlb_kind %s\n",
		c->scheduler, c->method);
	if (c->persistence_s)
		fprintf(f, "\tpersistence_timeout %u\n", c->persistence_s);
	fprintf(f, "\tprotocol %s\n", c->udp ? "UDP" : "TCP");
	for (unsigned i = 0; i < c->n_servers; i++) {
		fprintf(f, "\n\treal_server %s %u {\n", vip_format(&c->servers[i], false, addr), c->real_port);
		fprintf(f, "\t\tweight 1\n");
		write_check(f, c);
		fprintf(f, "\t}\n");
	}
	fprintf(f, "}\n");
}

static void write_vrrp(FILE *f, const struct lvsconf *c)
{
	char addr[VIP_STRLEN];

	fprintf(f,
		"vrrp_instance VI_1 {\n"
		"\tstate %s\n"
		"\tinterface %s\n"
		"\tvirtual_router_id %u\n"
		"\tpriority %u\n"
		"\tadvert_int %u\n",
		c->master ? "MASTER" : "BACKUP", c->interface, c->vrid, c->priority, c->advert_s);
	if (*c->auth_pass && c->vip.af == 2 /* AF_INET: version 2 has authentication, version 3 has none */)
		fprintf(f,
			"\tauthentication {\n"
			"\t\tauth_type PASS\n"
			"\t\tauth_pass %s\n"
			"\t}\n",
			c->auth_pass);
	fprintf(f,
		"\tvirtual_ipaddress {\n"
		"\t\t%s\n"
		"\t}\n"
		"}\n\n",
		vip_format(&c->vip, c->vip.plen != vip_bytes(&c->vip) * 8, addr));
}

char *lvsconf_keepalived(const struct lvsconf *c, const char *source)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f,
		"! Configuration File for keepalived\n"
		"! Written by `elvs quickstart %s'. Changes made here are kept aside by the next quickstart.\n\n"
		"global_defs {\n"
		"\trouter_id %s\n"
		"}\n\n",
		source, c->router_id);
	write_vrrp(f, c);
	write_server(f, c);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
