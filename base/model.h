/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model - the nouns of IPVS as our programs pass them between parser, transport and printers.
 */
#ifndef ELVS_BASE_MODEL_H
#define ELVS_BASE_MODEL_H

#include <stdint.h>

#include "addr.h"

#define SCHED_NAME_SIZE 16 /* as in linux/ip_vs.h, NUL included */
#define PE_NAME_SIZE 17
#define IFNAME_SIZE 16

struct counters {
	uint64_t conns, inpkts, outpkts, inbytes, outbytes;
	uint64_t cps, inpps, outpps, inbps, outbps;
};

struct service {
	uint16_t af; /* AF_INET, AF_INET6; AF_UNSPEC: none was given */
	uint16_t proto;
	struct addr addr;
	uint16_t port;	 /* network order */
	uint32_t fwmark; /* not 0: address, port and protocol mean nothing */
	char sched[SCHED_NAME_SIZE];
	char pe[PE_NAME_SIZE];
	uint32_t flags;	  /* IP_VS_SVC_F_* */
	uint32_t timeout; /* seconds */
	uint32_t netmask; /* IPv4: network order; IPv6: prefix length */
	struct counters counters;
};

/* How a server has answered TCP connections (struct elvs_passive_wire); zero where nobody counts. */
struct dest_answers {
	uint64_t conns, established, unanswered, repeated;
};

struct dest {
	struct addr addr;
	uint16_t port;	 /* network order */
	uint32_t method; /* IP_VS_CONN_F_FWD_MASK */
	int32_t weight;
	uint32_t u_threshold, l_threshold;
	uint32_t active, inactive, persistent;
	uint8_t tun_type;
	uint16_t tun_port; /* network order */
	uint16_t tun_flags;
	struct counters counters;
	struct dest_answers answers;
};

/* A connection synchronisation daemon */
struct sync_daemon {
	uint32_t state; /* IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP */
	uint32_t syncid;
	uint16_t maxlen;   /* 0: not given */
	struct addr group; /* AF_UNSPEC: not given */
	uint16_t port;	   /* host order; 0: not given */
	uint8_t ttl;	   /* 0: not given */
	char ifname[IFNAME_SIZE];
};

struct timeouts {
	uint32_t tcp, tcp_fin, udp; /* seconds */
};

#endif
