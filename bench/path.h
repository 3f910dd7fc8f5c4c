/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path - the ways from a packet generator to a sink that the end-to-end bench compares, each with namespaces and
 * wires of its own, all standing at once:
 *
 *   client namespace        a director namespace per path          server namespace
 *   cN (generator) -------- dN   director under test   eN -------- sN (sink: counts and drops)
 *
 * The namespaces have no names and end with the process.
 */
#ifndef ELVS_BENCH_PATH_H
#define ELVS_BENCH_PATH_H

#include "director.h"

enum path_id {
	PATH_DROP,	  /* XDP_DROP at dN: what generator and veth cost */
	PATH_REDIRECT,	  /* plain XDP_REDIRECT dN -> eN */
	PATH_TC_REDIRECT, /* plain redirect of socket buffers */
	PATH_ELVS_XDP,	  /* elvs, DR */
	PATH_ELVS_TC,
	PATH_ELVS_TC_TUN,
	PATH_NFT, /* the kernel's nftables DNAT over numgen */
	PATHS
};
extern const char *const path_names[PATHS];

struct path {
	enum path_id id;
	int ns;
	struct director_port cli, srv; /* its two arms */
	uint32_t gen_ifindex;	       /* cN, in the client namespace */
	uint32_t sink_ifindex;	       /* where packets are counted */
	uint8_t gen_mac[6];
	struct director_conf conf;
	struct director director; /* elvs only */
};

struct paths {
	bool chosen[PATHS];	 /* set by the caller before paths_open() */
	uint32_t flows;		 /* likewise: room for so many */
	struct bench_flow *flow; /* mapped: the generator's flows */
	struct ends_bpf *ends;
	int client_ns, server_ns;
	struct path path[PATHS];
	char why[256]; /* the last failure, a sentence */
};

/* 0, or -errno with why set */
int paths_open(struct paths *ps);
void paths_close(struct paths *ps);
bool path_is_elvs(const struct path *p);

#endif
