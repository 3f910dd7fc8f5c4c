/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_vip - whose an address is: modes of virtual addresses.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

static void mode(struct dp *t, enum elvs_vip_mode m)
{
	int r = elvs_vip_mode_set(t->e, t->svc.key.af, &t->svc.key.addr, m);

	DP_CHECK(t, !r, "mode %d: %s", m, elvs_strerror(t->e));
}

ROW(DP_ALL, "a muted service's packets go up, also those of its connections, until it is muted no more")
{
	struct pkt p = SYN4, q = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	mode(t, ELVS_VIP_MUTED);
	p.flags = ACK;
	q.sport++;
	left_alone(t, ELVS_V_VIP_MUTED, p);
	left_alone(t, ELVS_V_VIP_MUTED, q);
	elvs_vip_set_local(t->e, AF_INET, &t->svc.key.addr, false);
	elvs_vip_set_local(t->e, AF_INET, &t->svc.key.addr, true);
	left_alone(t, ELVS_V_VIP_MUTED, q);
	mode(t, ELVS_VIP_DEFAULT);
	forwarded(t, q, dr(q, 1));
	forwarded(t, p, dr(p, 1));
}

ROW(DP_ALL, "an address muted before it has a service; all its services are")
{
	struct pkt p = SYN6, q = SYN6;

	q.dport = 8080;
	service_pick(t, "tcp [fd00:1::100]:80 rr");
	mode(t, ELVS_VIP_MUTED);
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 nat");
	service(t, "tcp [fd00:1::100]:8080 rr");
	server(t, "[fd00:1::12]:8080 nat");
	left_alone(t, ELVS_V_VIP_MUTED, p);
	left_alone(t, ELVS_V_VIP_MUTED, q);
	mode(t, ELVS_VIP_LIVE);
	forwarded(t, p, nat(p, 1, 80));
	forwarded(t, q, nat(q, 2, 8080));
	mode(t, ELVS_VIP_DEFAULT);
}

ROW(DP_ALL, "a held address takes traffic while it stands on an interface, and none while it stands on lo")
{
	struct pkt p = SYN4, q = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	mode(t, ELVS_VIP_HELD);
	left_alone(t, ELVS_V_VIP_MUTED, p);
	elvs_vip_set_held(t->e, AF_INET, &t->svc.key.addr, true);
	forwarded(t, p, dr(p, 1));
	elvs_vip_set_local(t->e, AF_INET, &t->svc.key.addr, false);
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	elvs_vip_set_held(t->e, AF_INET, &t->svc.key.addr, false);
	q.sport++;
	left_alone(t, ELVS_V_VIP_MUTED, p);
	left_alone(t, ELVS_V_VIP_MUTED, q);
	mode(t, ELVS_VIP_DEFAULT);
	left_alone(t, ELVS_V_VIP_NOT_LOCAL, q);
}

ROW(DP_ALL, "a live service is handled although its address is not on this host")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 tun");
	elvs_vip_set_local(t->e, AF_INET, &t->svc.key.addr, false);
	left_alone(t, ELVS_V_VIP_NOT_LOCAL, p);
	mode(t, ELVS_VIP_LIVE);
	forwarded(t, p, tun(p, 1));
	p.flags = ACK;
	forwarded(t, p, tun(p, 1));
	mode(t, ELVS_VIP_DEFAULT);
	left_alone(t, ELVS_V_VIP_NOT_LOCAL, p);
}
