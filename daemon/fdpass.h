/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fdpass - one datagram on a SOCK_SEQPACKET socket, with or without a descriptor (SCM_RIGHTS). */
#ifndef ELVS_DAEMON_FDPASS_H
#define ELVS_DAEMON_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

/* fd: -1 for none; it stays the caller's. Returns 0 or -errno (-EAGAIN: the peer does not read). */
int fd_send(int sock, const void *buf, size_t len, int fd);
/*
 * Returns the datagram's length (0: the peer has closed), or -errno. *ret_fd is the caller's: -1 if none came.
 * Further descriptors are closed. -EMSGSIZE: longer than size.
 */
ssize_t fd_recv(int sock, void *buf, size_t size, int *ret_fd);
/* The same without ever blocking, whatever the socket's own mode. */
int fd_send_now(int sock, const void *buf, size_t len, int fd);
ssize_t fd_recv_now(int sock, void *buf, size_t size, int *ret_fd);

#endif
