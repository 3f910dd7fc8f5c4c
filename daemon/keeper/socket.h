/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket - makes the sockets that the check role may not: marked (SO_MARK), bound to an interface, for ICMP.
 *
 * The role asks by a check's key; what the socket is like comes from the configuration, not from the role.
 */
#ifndef ELVS_KEEPER_SOCKET_H
#define ELVS_KEEPER_SOCKET_H

#include "conf.h"
#include "ipvs.h"
#include "message.h"

/* From this number on, a want is for a ping socket that several checks share; its key is the address family. */
#define SOCKET_SHARED 0xfffffff0u

/* Returns a descriptor, or -errno. ipvs NULL: there are no virtual services. */
int socket_make(const struct conf *c, struct ipvs *ipvs, const struct msg_want_socket *w);

#endif
