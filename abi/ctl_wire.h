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
	ELVS_CMD_SET_VIP,	/* ATTR_AF, ATTR_ADDR, ATTR_VIP_MODE; remembered until set to DEFAULT, service or not */
	ELVS_CMD_GET_VIP,	/* dump: NEW_VIP: addresses of services, and those with a mode */
	ELVS_CMD_NEW_VIP,
	/*
	 * Health checks addressed to the virtual service at one real server (DR, TUN). SET_CHECK: ATTR_AF, ATTR_ADDR
	 * (virtual), ATTR_RADDR (real server), ATTR_METHOD -> one NEW_CHECK with ATTR_MARK. A socket with that SO_MARK
	 * that connects to the real server's address, any port, TCP or UDP, then speaks to the virtual address at that
	 * server. The same question gets the same mark, also from a later director, until DEL_CHECK.
	 */
	ELVS_CMD_SET_CHECK,
	ELVS_CMD_DEL_CHECK,	/* ATTR_MARK */
	ELVS_CMD_GET_CHECK,	/* dump: NEW_CHECK */
	ELVS_CMD_NEW_CHECK,
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
	ELVS_ATTR_AF,		/* u32: AF_INET, AF_INET6 */
	ELVS_ATTR_ADDR,		/* 4 or 16 bytes, network order; answers: 16, IPv4 in the first 4 */
	ELVS_ATTR_RADDR,	/* likewise */
	ELVS_ATTR_METHOD,	/* u32: IP_VS_CONN_F_DROUTE or IP_VS_CONN_F_TUNNEL */
	ELVS_ATTR_MARK,		/* u32: ELVS_CHECK_MARK | number */
	ELVS_ATTR_OVERHEAD,	/* u32: bytes that the tunnel takes from the MTU: TCP_MAXSEG of a check must leave room */
	ELVS_ATTR_VIP_MODE,	/* u32: enum elvs_vip_mode_wire */
	ELVS_ATTR_VIP_STATE,	/* u32: ELVS_VIP_IS_* */
	ELVS_ATTR_PASSIVE,	/* struct elvs_passive_wire, in NEW_DEST messages beside IPVS_CMD_ATTR_DEST */
	ELVS_ATTR_END
};
#define ELVS_ATTR_LAST (ELVS_ATTR_END - 1)

enum elvs_vip_mode_wire {
	ELVS_VIP_MODE_DEFAULT,	/* handled while it is an address of this host */
	ELVS_VIP_MODE_LIVE,	/* handled in any case */
	ELVS_VIP_MODE_MUTED,	/* left to the local stack in any case: another node is master */
	ELVS_VIP_MODE_HELD,	/* handled while the address stands on an interface other than a loopback */
};
#define ELVS_VIP_IS_LOCAL 1	/* an address of this host */
#define ELVS_VIP_IS_LIVE 2	/* packets to it are handled */

#define ELVS_CHECK_MARK 0xe1000000u	/* of sockets of health checks; the number is in ELVS_CHECK_NUMBER's bits */
#define ELVS_CHECK_NUMBER 0x00ffffffu

/*
 * What the data plane has seen of a destination's TCP connections, since the destination was made (-Z changes
 * nothing here): look at differences, and take a smaller value than before as a new beginning.
 */
struct elvs_passive_wire {
	__u64 conns;		/* connections made: first SYNs sent to the server */
	__u64 established;	/* of them: handshake seen to be complete */
	__u64 unanswered;	/* of them: ended without (refused, or nothing came; after the SYN timeout of 60 s) */
	__u64 repeated;		/* SYNs that a client sent once more, since it got no answer: the early sign */
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
