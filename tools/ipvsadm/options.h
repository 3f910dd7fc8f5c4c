/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - ipvsadm's commands and options: how they are written, what messages call them, which go together.
 */
#ifndef IPVSADM_OPTIONS_H
#define IPVSADM_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "words.h"

enum op {
	OP_NONE,
	OP_ADD,
	OP_EDIT,
	OP_DEL,
	OP_FLUSH,
	OP_LIST,
	OP_ADD_DEST,
	OP_DEL_DEST,
	OP_EDIT_DEST,
	OP_TIMEOUT,
	OP_START_DAEMON,
	OP_STOP_DAEMON,
	OP_RESTORE,
	OP_SAVE,
	OP_ZERO,
	OP_COUNT,
};

/* In the order in which they are checked, which decides what message a line with two mistakes gets. */
enum opt {
	OPT_NUMERIC,
	OPT_CONNECTION,
	OPT_SERVICE,
	OPT_SCHEDULER,
	OPT_PERSISTENT,
	OPT_NETMASK,
	OPT_SERVER,
	OPT_FORWARD,
	OPT_WEIGHT,
	OPT_UTHRESHOLD,
	OPT_LTHRESHOLD,
	OPT_MCAST,
	OPT_TIMEOUT,
	OPT_DAEMON,
	OPT_STATS,
	OPT_RATE,
	OPT_THRESHOLDS,
	OPT_PERSISTENTCONN,
	OPT_NOSORT,
	OPT_SYNCID,
	OPT_EXACT,
	OPT_ONEPACKET,
	OPT_PERSISTENCE_ENGINE,
	OPT_SCHED_FLAGS,
	OPT_MCAST_GROUP,
	OPT_MCAST_PORT,
	OPT_MCAST_TTL,
	OPT_SYNC_MAXLEN,
	OPT_TUN_INFO,
	OPT_TUN_TYPE,
	OPT_TUN_PORT,
	OPT_TUN_NOCSUM,
	OPT_TUN_CSUM,
	OPT_TUN_REMCSUM,
	OPT_COUNT,
};
#define BIT(opt) (1ull << (opt))

/* What words_next() returns; letters stand for themselves where an option has one. */
enum word_id {
	WORD_SET = 256,
	WORD_START_DAEMON,
	WORD_STOP_DAEMON,
	WORD_SCTP,
	WORD_MCAST_INTERFACE,
	WORD_TIMEOUT,
	WORD_DAEMON,
	WORD_STATS,
	WORD_RATE,
	WORD_THRESHOLDS,
	WORD_PERSISTENT_CONN,
	WORD_NOSORT,
	WORD_SORT,
	WORD_SYNCID,
	WORD_PE,
	WORD_MCAST_GROUP,
	WORD_MCAST_PORT,
	WORD_MCAST_TTL,
	WORD_SYNC_MAXLEN,
	WORD_TUN_INFO,
	WORD_TUN_TYPE,
	WORD_TUN_PORT,
	WORD_TUN_NOCSUM,
	WORD_TUN_CSUM,
	WORD_TUN_REMCSUM,
};

extern const struct word_option ipvsadm_words[];

const char *op_name(enum op op); /* "add-service": as messages call it */
const char *opt_name(enum opt opt);

/* The command that a word stands for, OP_NONE for the others (help and version included). */
enum op op_of_word(int id);

/* Which options a command, or a tunnel type, needs, takes, and takes only one of. */
struct opt_rule {
	uint64_t need, take, one_of;
};

/*
 * Checks the options given against the rule of a command. 0, or -EINVAL and a message in err. kind and name fill the
 * message's end: "... with the 'NAME' KIND".
 */
int opt_check(char *err, size_t err_size, uint64_t given, const struct opt_rule *rule, uint64_t scope,
	      const char *kind, const char *name);
int opt_check_command(char *err, size_t err_size, uint64_t given, enum op op);
/* tun_type: IP_VS_CONN_F_TUNNEL_TYPE_* */
int opt_check_tunnel(char *err, size_t err_size, uint64_t given, unsigned tun_type);

#define OPT_TUNNEL_BITS \
	(BIT(OPT_TUN_TYPE) | BIT(OPT_TUN_PORT) | BIT(OPT_TUN_NOCSUM) | BIT(OPT_TUN_CSUM) | BIT(OPT_TUN_REMCSUM))

#endif
