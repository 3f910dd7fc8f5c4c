/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message - who may tell what to whom among the processes that serve one configuration.
 *
 * The keeper is in the middle: every role has one SOCK_SEQPACKET socket, to the keeper, and no other. A message is
 * one datagram: struct message with the payload that MESSAGES names for its type, of exactly its size, perhaps with one
 * descriptor. message_recv() refuses whatever the sender's role may not say; strings are NUL-terminated there.
 * Objects of the configuration are named by their index in the generation that the role acknowledged last (checks by
 * key): a message about an older generation is dropped by the keeper.
 */
#ifndef ELVS_DAEMON_MESSAGE_H
#define ELVS_DAEMON_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum role { ROLE_KEEPER, ROLE_VRRP, ROLE_CHECK, ROLE_BFD, ROLE_SCRIPT, ROLE_STATUS, ROLE_SNMP, ROLE_DBUS, ROLES };

/* ---- keeper to roles ---- */
struct msg_conf {		/* with the arena's descriptor: this is the configuration from now on */
	uint32_t generation, slot;
	uint64_t used;		/* bytes of the arena */
	uint64_t conf;		/* address of struct conf in it */
};
struct msg_stop {		/* undo what must be undone (adverts of priority 0, addresses), then exit */
	uint8_t release;	/* VRRP: take the addresses off (not with --dont-release-vrrp) */
	uint8_t at_once;	/* VRRP: do not keep them until the next master is heard (--release-vips) */
	uint8_t pad[6];
};
struct msg_dump {		/* with a descriptor to write to: its part of a dump */
	uint32_t kind;		/* enum dump_kind */
	uint32_t pad;
};
enum dump_kind { DUMP_DATA = 1, DUMP_STATS, DUMP_STATS_CLEAR, DUMP_JSON };
struct msg_track {		/* to vrrp: a tracked thing's value */
	uint32_t generation;
	uint16_t kind;		/* enum conf_track_kind, never CONF_TRACK_IF */
	uint16_t known;		/* 0: not yet known (a script that has not run) */
	uint32_t index;
	int32_t value;		/* scripts, processes, bfd: 1 up, 0 down; files: the number in it */
	uint32_t count;		/* processes: how many run; to snmp only */
	uint32_t pad;
};
struct msg_run_done {		/* to check, vrrp: a script that it had asked for has ended */
	uint64_t key;
	uint32_t run;		/* as in msg_run */
	int32_t status;		/* exit status, -SIGNAL, or INT32_MIN: it could not be run */
	uint64_t took_us;
	uint8_t timed_out, pad[7];
};
struct msg_socket {		/* to check: the socket it wanted (descriptor), or why not */
	uint64_t key;
	uint32_t want;
	int32_t error;		/* 0 or -errno */
};
struct msg_mail {		/* to check: deliver this */
	uint32_t id, pad;
	char subject[256], body[768];
};
struct msg_exec {		/* to script */
	uint64_t id;
	uint64_t timeout_us;	/* 0: none */
	char user[32], group[32];	/* "": root */
	uint16_t argc, pad[3];
	char argv[6144];	/* argc strings, each with its NUL */
};
struct msg_exec_end {		/* to script: end that run now (TERM, later KILL); it is reported as usual */
	uint64_t id;
};
struct msg_bfd_state {		/* from bfd */
	uint32_t generation, index;
	uint8_t up, pad[7];
};
struct msg_counter {		/* to check: a passive check's figures, about once a second */
	uint64_t key;
	uint64_t unanswered, established;	/* connections since the director started counting */
};
struct msg_suspend {		/* to check: ha_suspend: every virtual server that has this check has no address here */
	uint64_t key;
	uint8_t on, pad[7];	/* 1: stop checking, what was last known holds; 0: go on, at once */
};
/*
 * What the snmp role is told: each answers one msg_ask (but events, which come by themselves).
 * MSG_AGENT: a socket to the master agent (descriptor), or why there is none.
 * MSG_LVS_FACTS: a sealed memfd with what virtual servers are doing (snmp_facts.h).
 */
struct msg_agent {
	int32_t error;		/* 0 or -errno */
	uint32_t pad;
};
struct msg_lvs_facts {
	uint32_t generation, pad;
	uint64_t size;
};
struct msg_lvs_event {		/* a real server or a quorum has changed */
	uint32_t generation, server;	/* index of the virtual server */
	uint32_t rs;		/* index in it, CONF_NONE: its quorum */
	uint32_t alive;
	uint8_t up, stopping, pad[6];
};
struct msg_status {		/* to status: what it serves (descriptor of a sealed memfd with JSON) */
	uint64_t size;
};

struct msg_bus {		/* to dbus: the system bus, connected with the keeper's rights (descriptor), or why not */
	int32_t error;		/* 0 or -errno */
	char at[124];		/* where it was looked for */
};
struct msg_garp {		/* to vrrp: tell the neighbours once more where an instance's addresses are */
	uint32_t generation, index;
};

/* ---- roles to keeper ---- */
struct msg_ready {		/* this generation is in force */
	uint32_t generation, pad;
};
/*
 * MSG_VRRP_STATE: a change (on to snmp and dbus, too). MSG_VRRP_RESUME: to a vrrp role that was started again, before its first MSG_CONF: what it
 * had said last of each instance (index in that configuration's generation). Those that were MASTER go on as such.
 */
struct msg_vrrp_state {
	uint32_t generation, index;
	uint8_t group;		/* index is a sync group's */
	uint8_t state, old;	/* enum vrrp_state */
	uint8_t priority;	/* effective */
	uint8_t event;		/* enum vrrp_event_kind */
	uint8_t pad[3];
	char why[80];		/* for the log and elvs status; "" */
};
enum vrrp_state { VRRP_INIT, VRRP_BACKUP, VRRP_MASTER, VRRP_FAULT, VRRP_STOPPED, VRRP_DELETED };
/* VRRP_EV_ABOUT: MASTER in a moment, its addresses come next: virtual servers there must take traffic already */
enum vrrp_event_kind { VRRP_EV_STATE, VRRP_EV_RX_LOWER_PRI, VRRP_EV_PRIORITY, VRRP_EV_ABOUT };
struct msg_check_result {
	uint64_t key;
	uint64_t latency_us;	/* of the last try */
	uint8_t up;		/* as it counts now */
	uint8_t changed;	/* against the last result told */
	uint8_t has_weight;
	uint8_t drain;		/* an agent asks for weight 0 */
	uint8_t rounds_failed, pad[3];
	int32_t weight;		/* misc_dynamic: absolute; agent: percent of the configured weight */
	uint32_t weight_percent;	/* not 0: weight is to be ignored, this share of the configured one holds */
	char text[160];		/* of the last failure, or what came, e.g. "HTTP status 503, want 200-299" */
};
struct msg_run {		/* from check, vrrp: run the script that the configuration names there */
	uint64_t key;		/* check's key */
	uint32_t run;		/* the asker's number, comes back */
	uint32_t pad;
};
struct msg_want_socket {
	uint64_t key;
	uint32_t want;		/* the asker's number, comes back */
	uint16_t type;		/* SOCK_STREAM, SOCK_DGRAM */
	uint16_t icmp;		/* a ping socket */
};
struct msg_mail_done {
	uint32_t id;
	int32_t error;
	char text[128];
};
struct msg_ask {		/* from snmp, and on to vrrp */
	uint32_t what;		/* enum ask */
	uint32_t pad;
};
enum ask { ASK_AGENT = 1, ASK_VRRP, ASK_LVS };
/* From vrrp for ASK_VRRP, and on to snmp: one of each instance, then one with index CONF_NONE: that was all. */
struct msg_vrrp_counts {
	uint32_t generation, index;
	uint64_t since_us;	/* monotonic: when its state began */
	uint64_t sent, received, sent_prio0, received_prio0, became_master, released_master;
	uint64_t checksum, version, vrid, ttl, type, length, addresses, interval, auth_type, auth_mismatch, auth_failure;
	uint8_t master[16], source[16];	/* network order; zero: not known */
	uint8_t state, priority, owns, wants_master;
	uint8_t why_master;	/* enum vrrp_why_master */
	uint8_t error;		/* the last protocol error, as VRRPV3-MIB numbers them */
	uint8_t auth_error;	/* the last one in authentication, as VRRP-MIB numbers them; 0: none */
	uint8_t pad;
	uint8_t auth_source[16];	/* whose */
	char vmac[16];		/* name of its VMAC interface; "" */
	uint8_t vips_set[64];	/* by bit: advertised addresses, then excluded ones, are in place */
};
/* As vrrpv3StatisticsNewMasterReason numbers them (RFC 6527) */
enum vrrp_why_master { WHY_NOT_MASTER, WHY_PRIORITY, WHY_PREEMPTED, WHY_NO_RESPONSE };
struct msg_want_bus {		/* from dbus */
	uint64_t pad;
};
struct msg_bus_call {		/* from dbus: somebody asks for that */
	uint32_t generation, index;	/* BUS_GARP: of the instance */
	uint32_t task;		/* enum bus_task */
	uint32_t pad;
};
enum bus_task { BUS_NOTHING, BUS_PRINT_DATA, BUS_PRINT_STATS, BUS_PRINT_STATS_CLEAR, BUS_RELOAD, BUS_GARP };
struct msg_exec_done {		/* from script */
	uint64_t id;
	int32_t status;		/* as in msg_run_done */
	uint8_t timed_out, pad[3];
	uint64_t took_us;
};

/*	type		from		to				payload			descriptor */
#define MESSAGES(M) \
	M(MSG_CONF,	KEEPER,		V | C | B | T | N | D,		msg_conf,		1) \
	M(MSG_STOP,	KEEPER,		V | C | B | S | T | N | D,	msg_stop,		0) \
	M(MSG_DUMP,	KEEPER,		V | C | B,			msg_dump,		1) \
	M(MSG_TRACK,	KEEPER,		V | N,				msg_track,		0) \
	M(MSG_VRRP_RESUME, KEEPER,	V | N,				msg_vrrp_state,		0) \
	M(MSG_RUN_DONE,	KEEPER,		C | V,				msg_run_done,		0) \
	M(MSG_SOCKET,	KEEPER,		C,				msg_socket,		-1) \
	M(MSG_MAIL,	KEEPER,		C,				msg_mail,		0) \
	M(MSG_COUNTER,	KEEPER,		C,				msg_counter,		0) \
	M(MSG_SUSPEND,	KEEPER,		C,				msg_suspend,		0) \
	M(MSG_EXEC,	KEEPER,		S,				msg_exec,		0) \
	M(MSG_EXEC_END,	KEEPER,		S,				msg_exec_end,		0) \
	M(MSG_STATUS,	KEEPER,		T,				msg_status,		1) \
	M(MSG_AGENT,	KEEPER,		N,				msg_agent,		-1) \
	M(MSG_LVS_FACTS, KEEPER,	N,				msg_lvs_facts,		-1) \
	M(MSG_LVS_EVENT, KEEPER,	N,				msg_lvs_event,		0) \
	M(MSG_ASK,	KEEPER | N,	K | V,				msg_ask,		0) \
	M(MSG_VRRP_COUNTS, KEEPER | V,	K | N,				msg_vrrp_counts,	0) \
	M(MSG_BUS,	KEEPER,		D,				msg_bus,		-1) \
	M(MSG_GARP,	KEEPER,		V,				msg_garp,		0) \
	M(MSG_READY,	V | C | B | S | T | N | D, K,				msg_ready,		0) \
	M(MSG_VRRP_STATE, KEEPER | V,	K | N | D,			msg_vrrp_state,		0) \
	M(MSG_CHECK_RESULT, C,		K,				msg_check_result,	0) \
	M(MSG_RUN,	C,		K,				msg_run,		0) \
	M(MSG_WANT_SOCKET, C,		K,				msg_want_socket,	0) \
	M(MSG_MAIL_DONE, C,		K,				msg_mail_done,		0) \
	M(MSG_BFD_STATE, B,		K,				msg_bfd_state,		0) \
	M(MSG_WANT_BUS,	D,		K,				msg_want_bus,		0) \
	M(MSG_BUS_CALL,	D,		K,				msg_bus_call,		0) \
	M(MSG_EXEC_DONE, S,		K,				msg_exec_done,		0)

enum message_type {
	MSG_NONE,
#define M(type, from, to, payload, fd) type,
	MESSAGES(M)
#undef M
	MSG_TYPES
};

struct message {
	uint32_t type;		/* enum message_type */
	uint32_t size;		/* of the payload */
	union {
		struct msg_conf conf;
		struct msg_stop stop;
		struct msg_dump dump;
		struct msg_track track;
		struct msg_run_done run_done;
		struct msg_socket socket;
		struct msg_mail mail;
		struct msg_counter counter;
		struct msg_suspend suspend;
		struct msg_exec exec;
		struct msg_exec_end exec_end;
		struct msg_agent agent;
		struct msg_lvs_facts lvs_facts;
		struct msg_lvs_event lvs_event;
		struct msg_ask ask;
		struct msg_vrrp_counts vrrp_counts;
		struct msg_status status;
		struct msg_bus bus;
		struct msg_garp garp;
		struct msg_ready ready;
		struct msg_vrrp_state vrrp_state;
		struct msg_check_result check_result;
		struct msg_run run;
		struct msg_want_socket want_socket;
		struct msg_mail_done mail_done;
		struct msg_bfd_state bfd_state;
		struct msg_want_bus want_bus;
		struct msg_bus_call bus_call;
		struct msg_exec_done exec_done;
	};
};

/*
 * Sends m (type and payload filled in; size is set here) without ever blocking. pass_fd: -1 for none, borrowed.
 * -EAGAIN: the other side does not read; -EPIPE: it is gone.
 */
int message_send(int fd, struct message *m, int pass_fd);
/*
 * Reads one message that `from` sent to `to`; ret_fd -1 if none came, else the caller's. Returns 1, 0 at the end (the
 * other side has gone), -EAGAIN, or -EBADMSG: unknown, of the wrong size, or not for this role to say (it was dropped).
 */
int message_recv(int fd, enum role from, enum role to, struct message *ret, int *ret_fd);
/* The bytes that a message of this type takes on the wire, 0: there is none. */
size_t message_size(uint32_t type);
const char *message_name(uint32_t type);
const char *role_name(enum role r);

/* What every role's main function gets; it returns the process's exit status. */
struct arena_space;
struct role_start {
	int fd;				/* its socket to the keeper */
	const struct arena_space *space;
	bool debug;			/* log more */
	int netns;			/* already entered; for its own sockets */
	bool snmp_all;			/* --snmp: everything there is, whatever the configuration says */
	const char *snmp_socket;	/* --snmp-agent-socket; "": as the configuration says */
	bool again;			/* one before it ended: the keeper knows more than this one */
	const char *netns_name;		/* net_namespace, as it is named; "": none */
};
int vrrp_role(const struct role_start *s);
int check_role(const struct role_start *s);
int bfd_role(const struct role_start *s);
int script_role(const struct role_start *s);
int status_role(const struct role_start *s);
int dbus_role(const struct role_start *s);
int snmp_role(const struct role_start *s);

#endif
