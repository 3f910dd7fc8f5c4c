/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket - UDP for BFD: one socket per family and port to listen on, one per session to send from (RFC 5881 4).
 *
 * Non-blocking. Needs no privileges. A session's source port is its own, from 49152 on.
 */
#ifndef ELVS_DAEMON_BFD_SOCKET_H
#define ELVS_DAEMON_BFD_SOCKET_H

#include "conf/conf.h"

struct bfd_datagram {
	uint8_t data[256]; /* what is longer is cut: no control packet is */
	size_t len;
	struct conf_addr src, dst;
	int ttl; /* or hop limit; -1: not known */
};

int bfd_listen(uint16_t family, bool multihop); /* descriptor, -errno */
/* 1: one came; 0: none is there; -errno. */
int bfd_receive(int fd, struct bfd_datagram *ret);

/*
 * first_port: where to begin looking for a free one (any number). Descriptor, -errno: e.g. source is not ours
 * (yet).
 */
int bfd_sender(const struct conf_bfd *conf, uint32_t first_port);
int bfd_send(int fd, const struct conf_bfd *conf, const uint8_t *data, size_t len); /* 0, -errno */

#endif
