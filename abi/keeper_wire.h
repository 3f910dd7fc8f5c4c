/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper_wire - how a tool talks to the keeper of its network namespace (the keepalived or elvsd -f that runs there).
 *
 * A SOCK_SEQPACKET socket that only root may connect to. One datagram with a JSON object asks:
 *	{"verb":"status"}                    -> the status object, see elvs(8)
 *	{"verb":"reload","repair":BOOL}      -> {"ok":BOOL,"messages":["FILE:LINE:COLUMN: what, what would be right",..]}
 *	{"verb":"config"}                    -> {"path":FILE,"pid":N}
 * Anything else, and what cannot be done: {"error":"a sentence"}. The answer comes as datagrams of at most
 * KEEPER_CHUNK bytes, the last of them shorter (maybe empty).
 */
#ifndef ELVS_ABI_KEEPER_WIRE_H
#define ELVS_ABI_KEEPER_WIRE_H

/*
 * Below the run directory ($ELVS_RUN_DIR, /run/elvs); with the namespace's cookie (SO_NETNS_COOKIE). One with an instance
 * name, and one that finds another in its namespace, stands in between: COOKIE.INSTANCE.sock, COOKIE.PID.sock.
 */
#define KEEPER_SOCKET "keeper/%llx.sock"
#define KEEPER_SOCKETS "keeper/%llx.*.sock"	/* all of those, a pattern */
#define KEEPER_REQUEST_MAX 4096
#define KEEPER_CHUNK 32768

#endif
