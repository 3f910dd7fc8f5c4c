/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_wire - what elvs adds to the kernel's IPVS netlink protocol (linux/ip_vs.h), and the greeting of its socket.
 *
 * Commands and attributes below 64 are the kernel's and mean what they mean there.
 */
#ifndef ELVS_ABI_CTL_WIRE_H
#define ELVS_ABI_CTL_WIRE_H

#include <linux/types.h>

#define ELVS_CONTROL_SOCKET "/run/elvs/control"	/* $ELVS_RUN_DIR/control overrides the directory */
#define ELVS_GENL_ID 0x20	/* nlmsg_type of every request and answer */
#define ELVS_CTL_VERSION 1
#define ELVS_MSG_MAX 65536	/* bytes of a datagram, either way */

/* First datagram of a client, with the descriptor of its /proc/self/ns/net (SCM_RIGHTS) unless SUPERVISOR. */
struct elvs_hello {
	__u32 magic;	/* ELVS_HELLO_MAGIC */
	__u16 version;	/* ELVS_CTL_VERSION */
	__u16 flags;	/* ELVS_HELLO_* */
};
#define ELVS_HELLO_MAGIC 0x656c6873u
#define ELVS_HELLO_SUPERVISOR 1
#define ELVS_HELLO_EXISTING 2	/* do not make an instance: -ENOENT if the namespace has none */

/* The answer; with error 0 it carries the socket on which the director answers (none with SUPERVISOR). */
struct elvs_welcome {
	__u32 magic;
	__s32 error;	/* 0 or -errno */
	__u64 cookie;	/* of the network namespace */
	char why[240];	/* a sentence, when error is not 0; NUL-terminated */
};

enum elvs_cmd {
	ELVS_CMD_GET_CONN = 64,	/* dump: NEW_CONN messages */
	ELVS_CMD_NEW_CONN,
	ELVS_CMD_GET_STATUS,	/* -> one STATUS message */
	ELVS_CMD_GET_DROPS,	/* dump: DROP messages */
	ELVS_CMD_NEW_DROP,
	ELVS_CMD_GET_IFACE,	/* dump: NEW_IFACE: attached interfaces; with ATTR_PLAN: what would be attached and why */
	ELVS_CMD_NEW_IFACE,
	ELVS_CMD_ATTACH,	/* ATTR_IFNAME, ATTR_HOOK: attach now and from now on */
	ELVS_CMD_DETACH,
	ELVS_CMD_DOWN,		/* detach, unpin, end the instance */
	ELVS_CMD_BATCH,		/* ATTR_BATCH_OP: all-or-nothing restore (begin, commit, abort) */
	ELVS_CMD_GET_INSTANCE,	/* supervisor: dump of instances */
	ELVS_CMD_NEW_INSTANCE,
	ELVS_CMD_GET_PROG,	/* dump: NEW_PROG: ids of the loaded programs, for tracing */
	ELVS_CMD_NEW_PROG,
};

enum elvs_attr {	/* top level, beside IPVS_CMD_ATTR_* */
	ELVS_ATTR_CONN = 64,	/* struct elvs_conn_wire */
	ELVS_ATTR_NAME,		/* string */
	ELVS_ATTR_KIND,		/* string */
	ELVS_ATTR_TEXT,		/* string */
	ELVS_ATTR_COUNT,	/* u64 */
	ELVS_ATTR_IFNAME,	/* string */
	ELVS_ATTR_IFINDEX,	/* u32 */
	ELVS_ATTR_HOOK,		/* u32: 1 XDP, 2 TC, 3 both */
	ELVS_ATTR_PLAN,		/* flag */
	ELVS_ATTR_BATCH_OP,	/* u32: 1 begin, 2 commit, 3 abort */
	ELVS_ATTR_PID,		/* u32 */
	ELVS_ATTR_COOKIE,	/* u64 */
	ELVS_ATTR_NETNS,	/* string: name of the namespace, if it has one */
	ELVS_ATTR_PROG_ID,	/* u32 */
	ELVS_ATTR_CONNS,	/* u64 */
	ELVS_ATTR_WIDE_CONNS,	/* u64 */
	ELVS_ATTR_CAPACITY,	/* u64 */
	ELVS_ATTR_MAX_CONNS,	/* u64 */
	ELVS_ATTR_BYTES,	/* u64 */
	ELVS_ATTR_SERVICES,	/* u32 */
	ELVS_ATTR_DESTS,	/* u32 */
	ELVS_ATTR_PINNED,	/* u32: 0 = state dies with the daemon */
	ELVS_ATTR_FRAGS,	/* u32: xdp.frags program */
	ELVS_ATTR_WARNING,	/* string; may repeat */
};

/* One connection, as /proc/net/ip_vs_conn shows it. */
struct elvs_conn_wire {
	__u16 af, daf;
	__u8 proto;	/* IPPROTO_IP for fwmark templates */
	__u8 is_template;
	__u16 cport, vport, dport;	/* network order */
	__u32 expires;	/* seconds */
	__u32 caddr[4], vaddr[4], daddr[4];	/* network order, IPv4 in [0] */
	char state[16];
};

#endif
