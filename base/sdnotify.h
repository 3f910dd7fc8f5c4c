/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdnotify - systemd's notification protocol (sd_notify(3)), without its library: one datagram to $NOTIFY_SOCKET.
 *
 * Without that variable nothing happens.
 */
#ifndef ELVS_BASE_SDNOTIFY_H
#define ELVS_BASE_SDNOTIFY_H

/* "READY=1", "STATUS=...". Never waits. 0, or -errno: the manager was not reached, which is no reason to fail. */
int sdnotify(const char *text);
int sdnotify_reloading(void);	/* with the time, as Type=notify-reload wants it */

#endif
