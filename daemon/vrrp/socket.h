/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket - the raw sockets through which adverts come and go.
 *
 * Adverts are received on one socket for each (family, protocol, interface, multicast group or own unicast address),
 * shared by the instances that need the same; they are sent, IP header included, through one socket for each family,
 * which receives nothing. Sockets never block. Whoever opens them need not be who reads them (see ear.h). Who the
 * advert is for, and whether it is good, is not decided here.
 */
#ifndef ELVS_VRRP_SOCKET_H
#define ELVS_VRRP_SOCKET_H

#include "conf.h"
#include "packet.h"

struct sockets;
struct rx;

/* What is received, and where. Bytes that do not count are zero: keys are compared whole. */
struct rx_key {
	uint32_t ifindex; /* 0: any (unicast without an interface) */
	uint16_t family;
	uint8_t protocol; /* VRRP_IPPROTO, VRRP_IPPROTO_AH */
	bool unicast;
	struct conf_addr addr; /* multicast group, or own address (family 0: any) */
};

/* One packet; data lives until the return. */
typedef void rx_cb(void *arg, const struct rx *rx, const struct vrrp_received *p);

/* packets per socket and wake-up, so that a flood on one leaves the others and the timers their turn */
#define RX_BUDGET 16

struct sockets {
	int tx4, tx6; /* -1: not needed until now */
	struct rx *list;
	uint32_t n;
	void (*changed)(void *arg); /* the list: one was opened or closed */
	void *arg;
	uint8_t buf[65536];
};

void sockets_init(struct sockets *s, void (*changed)(void *arg), void *arg);
void sockets_close(struct sockets *s);
/* The descriptors that receive, s->n of them, into ret. */
void sockets_fds(const struct sockets *s, int *ret);
/* Tells of everything that is received, until `until' can be read or is closed. 0 or -errno. */
int sockets_serve(struct sockets *s, int until, rx_cb *cb, void *arg);

/*
 * The socket for that key, opened if nobody else has it; rcvbuf: 0 = the system's. Every rx_get() has its rx_put().
 * -errno: -EADDRNOTAVAIL, -ENODEV, -EPERM, ...
 */
int rx_get(struct sockets *s, const struct rx_key *key, uint32_t rcvbuf, struct rx **ret);
void rx_put(struct sockets *s, struct rx *rx); /* NULL is accepted */
const struct rx_key *rx_key(const struct rx *rx);

/*
 * Sends a packet of vrrp_packet_build() (IPv6: it is given its IP header here). ifindex 0: as routed. multicast: it goes
 * to the link, whatever the routes say. hop_limit: IPv6's. 0 or -errno.
 */
struct tx {
	uint16_t family;
	uint32_t ifindex;
	bool multicast;
	uint8_t hop_limit;
	struct conf_addr src, dst;
};
int sockets_send(struct sockets *s, const struct tx *to, const uint8_t *packet, size_t len);

#endif
