/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net - the private network namespace in which rows run: two veths, addresses, routes, permanent neighbours.
 */
#ifndef ELVS_TESTS_NET_H
#define ELVS_TESTS_NET_H

#include <stdint.h>
#include <sys/types.h>

/* Enters a new namespace and makes eth0, eth1 there. ret_peer: the process that holds the other ends. Exits on failure. */
void net_setup(uint32_t ret_ifindex[2], pid_t *ret_peer);
void net_teardown(pid_t peer);
/* A packet socket on peer0 or peer1, in the other namespace */
int net_tap(pid_t peer, int nth);

#endif
