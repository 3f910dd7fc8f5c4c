/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * director - an elvs instance as the benches need it: one service, made-up real servers behind one interface, next
 * hops resolved. Made through libelvs in the present network namespace and this process; no daemon.
 */
#ifndef ELVS_BENCH_DIRECTOR_H
#define ELVS_BENCH_DIRECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include "wrapper.h"

#define DIRECTOR_NAT_PORT 8080	     /* where NAT servers listen; the others listen where the service does */
#define DIRECTOR_TUN_SRC 0xc0a80201u /* outer source address of tunnels, 192.168.2.1 */
#define DIRECTOR_SERVERS 4096	     /* at most */

enum director_mode { DIRECTOR_DR, DIRECTOR_TUN, DIRECTOR_NAT };

struct director_port {
	uint32_t ifindex;
	uint8_t mac[6];
};

struct director_conf {
	enum bench_hook hook;
	enum director_mode mode;
	bool v6, udp;
	bool partial;	   /* interfaces may carry partial checksums, as veth does */
	bool manual_clock; /* time stands still, nothing expires */
	const char *sched;
	uint32_t servers;
	uint32_t persist;	       /* seconds; 0: none */
	uint32_t max, start;	       /* connections: configured limit, and memory for this many from the start */
	struct director_port cli, srv; /* arms towards the clients and the real servers */
};

struct director {
	const struct director_conf *conf; /* borrowed */
	struct elvs *elvs;
	char why[256]; /* the last failure, a sentence */
};

/* Functions return 0 or -errno and then have set why. */
int director_open(struct director *d, const struct director_conf *c);
void director_close(struct director *d); /* also of one that failed to open */
int director_prog(struct director *d);	 /* descriptor of the program of conf.hook, borrowed */

/* Made-up addresses of server n, from 1 */
void director_server_mac(uint32_t n, uint8_t ret_mac[6]);
uint32_t director_server_addr(uint32_t n); /* IPv4, network order; IPv6: the last word */

uint64_t director_counted(struct director *d); /* packets that the servers' counters have seen, both ways */
uint64_t director_conns(struct director *d);   /* connections alive, templates not counted */
/* "; counted: NAME n, ..." of the data plane's verdicts, for messages. Returns text. */
const char *director_verdicts(struct director *d, char *text, size_t size);
int director_clear(struct director *d); /* forgets all connections */
void director_grow(struct director *d); /* what a daemon's upkeep does in a second */
/* Reads the table back: for each connection f(arg, client, its port, server, its port), network order. */
int director_each(struct director *d,
		  int (*f)(void *arg, uint32_t caddr, uint16_t cport, uint32_t daddr, uint16_t dport), void *arg);

#endif
