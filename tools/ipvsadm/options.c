/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - see options.h.
 */
#include "options.h"

#include <errno.h>
#include <linux/types.h>
#include <linux/ip_vs.h>
#include <stdio.h>

const struct word_option ipvsadm_words[] = {
	/* commands */
	{ "add-service", 'A', VALUE_NONE, 'A' },
	{ "edit-service", 'E', VALUE_NONE, 'E' },
	{ "delete-service", 'D', VALUE_NONE, 'D' },
	{ "clear", 'C', VALUE_NONE, 'C' },
	{ "list", 'L', VALUE_NONE, 'L' },
	{ "list", 'l', VALUE_NONE, 'l' },
	{ "zero", 'Z', VALUE_NONE, 'Z' },
	{ "add-server", 'a', VALUE_NONE, 'a' },
	{ "edit-server", 'e', VALUE_NONE, 'e' },
	{ "delete-server", 'd', VALUE_NONE, 'd' },
	{ "set", 0, VALUE_NONE, WORD_SET },
	{ "help", 'h', VALUE_NONE, 'h' },
	{ "version", 'v', VALUE_NONE, 'v' },
	{ "restore", 'R', VALUE_NONE, 'R' },
	{ "save", 'S', VALUE_NONE, 'S' },
	{ "start-daemon", 0, VALUE_REQUIRED, WORD_START_DAEMON },
	{ "stop-daemon", 0, VALUE_REQUIRED, WORD_STOP_DAEMON },
	/* options */
	{ "tcp-service", 't', VALUE_REQUIRED, 't' },
	{ "udp-service", 'u', VALUE_REQUIRED, 'u' },
	{ "sctp-service", 0, VALUE_REQUIRED, WORD_SCTP },
	{ "fwmark-service", 'f', VALUE_REQUIRED, 'f' },
	{ "scheduler", 's', VALUE_REQUIRED, 's' },
	{ "persistent", 'p', VALUE_OPTIONAL, 'p' },
	{ "netmask", 'M', VALUE_REQUIRED, 'M' },
	{ "real-server", 'r', VALUE_REQUIRED, 'r' },
	{ "masquerading", 'm', VALUE_NONE, 'm' },
	{ "ipip", 'i', VALUE_NONE, 'i' },
	{ "gatewaying", 'g', VALUE_NONE, 'g' },
	{ "weight", 'w', VALUE_REQUIRED, 'w' },
	{ "u-threshold", 'x', VALUE_REQUIRED, 'x' },
	{ "l-threshold", 'y', VALUE_REQUIRED, 'y' },
	{ "numeric", 'n', VALUE_NONE, 'n' },
	{ "connection", 'c', VALUE_NONE, 'c' },
	{ "mcast-interface", 0, VALUE_REQUIRED, WORD_MCAST_INTERFACE },
	{ "timeout", 0, VALUE_NONE, WORD_TIMEOUT },
	{ "daemon", 0, VALUE_NONE, WORD_DAEMON },
	{ "stats", 0, VALUE_NONE, WORD_STATS },
	{ "rate", 0, VALUE_NONE, WORD_RATE },
	{ "thresholds", 0, VALUE_NONE, WORD_THRESHOLDS },
	{ "persistent-conn", 0, VALUE_NONE, WORD_PERSISTENT_CONN },
	{ "nosort", 0, VALUE_NONE, WORD_NOSORT },
	{ "sort", 0, VALUE_NONE, WORD_SORT },
	{ "exact", 'X', VALUE_NONE, 'X' },
	{ "ipv6", '6', VALUE_NONE, '6' },
	{ "ops", 'o', VALUE_NONE, 'o' },
	{ "pe", 0, VALUE_REQUIRED, WORD_PE },
	{ "sched-flags", 'b', VALUE_REQUIRED, 'b' },
	{ "syncid", 0, VALUE_REQUIRED, WORD_SYNCID },
	{ "sync-maxlen", 0, VALUE_REQUIRED, WORD_SYNC_MAXLEN },
	{ "mcast-group", 0, VALUE_REQUIRED, WORD_MCAST_GROUP },
	{ "mcast-port", 0, VALUE_REQUIRED, WORD_MCAST_PORT },
	{ "mcast-ttl", 0, VALUE_REQUIRED, WORD_MCAST_TTL },
	{ "tun-info", 0, VALUE_NONE, WORD_TUN_INFO },
	{ "tun-type", 0, VALUE_REQUIRED, WORD_TUN_TYPE },
	{ "tun-port", 0, VALUE_REQUIRED, WORD_TUN_PORT },
	{ "tun-nocsum", 0, VALUE_NONE, WORD_TUN_NOCSUM },
	{ "tun-csum", 0, VALUE_NONE, WORD_TUN_CSUM },
	{ "tun-remcsum", 0, VALUE_NONE, WORD_TUN_REMCSUM },
	{ NULL, 0, VALUE_NONE, 0 },
};

const char *op_name(enum op op)
{
	static const char *const names[OP_COUNT] = {
		[OP_ADD] = "add-service",
		[OP_EDIT] = "edit-service",
		[OP_DEL] = "delete-service",
		[OP_FLUSH] = "flush",
		[OP_LIST] = "list",
		[OP_ADD_DEST] = "add-server",
		[OP_DEL_DEST] = "delete-server",
		[OP_EDIT_DEST] = "edit-server",
		[OP_TIMEOUT] = "set",
		[OP_START_DAEMON] = "start-daemon",
		[OP_STOP_DAEMON] = "stop-daemon",
		[OP_RESTORE] = "restore",
		[OP_SAVE] = "save",
		[OP_ZERO] = "zero",
	};

	return names[op] ? names[op] : "?";
}

const char *opt_name(enum opt opt)
{
	static const char *const names[OPT_COUNT] = {
		"numeric",
		"connection",
		"service-address",
		"scheduler",
		"persistent",
		"netmask",
		"real-server",
		"forwarding-method",
		"weight",
		"u-threshold",
		"l-threshold",
		"mcast-interface",
		"timeout",
		"daemon",
		"stats",
		"rate",
		"thresholds",
		"persistent-conn",
		"nosort",
		"syncid",
		"exact",
		"ops",
		"pe",
		"sched-flags",
		"mcast-group",
		"mcast-port",
		"mcast-ttl",
		"sync-maxlen",
		"tun-info",
		"tun-type",
		"tun-port",
		"tun-nocsum",
		"tun-csum",
		"tun-remcsum",
	};

	return names[opt];
}

enum op op_of_word(int id)
{
	switch (id) {
	case 'A':
		return OP_ADD;
	case 'E':
		return OP_EDIT;
	case 'D':
		return OP_DEL;
	case 'C':
		return OP_FLUSH;
	case 'L':
	case 'l':
		return OP_LIST;
	case 'Z':
		return OP_ZERO;
	case 'a':
		return OP_ADD_DEST;
	case 'e':
		return OP_EDIT_DEST;
	case 'd':
		return OP_DEL_DEST;
	case 'R':
		return OP_RESTORE;
	case 'S':
		return OP_SAVE;
	case WORD_SET:
		return OP_TIMEOUT;
	case WORD_START_DAEMON:
		return OP_START_DAEMON;
	case WORD_STOP_DAEMON:
		return OP_STOP_DAEMON;
	}
	return OP_NONE;
}

#define SERVICE_OPTS                                                                        \
	(BIT(OPT_SCHEDULER) | BIT(OPT_PERSISTENT) | BIT(OPT_NETMASK) | BIT(OPT_ONEPACKET) | \
	 BIT(OPT_PERSISTENCE_ENGINE) | BIT(OPT_SCHED_FLAGS))
#define DEST_OPTS (BIT(OPT_FORWARD) | BIT(OPT_WEIGHT) | BIT(OPT_UTHRESHOLD) | BIT(OPT_LTHRESHOLD) | OPT_TUNNEL_BITS)
#define LIST_OPTS                                                                                            \
	(BIT(OPT_NUMERIC) | BIT(OPT_STATS) | BIT(OPT_RATE) | BIT(OPT_THRESHOLDS) | BIT(OPT_PERSISTENTCONN) | \
	 BIT(OPT_NOSORT) | BIT(OPT_SYNCID) | BIT(OPT_EXACT) | BIT(OPT_TUN_INFO))
#define MCAST_OPTS                                                                                            \
	(BIT(OPT_MCAST) | BIT(OPT_SYNCID) | BIT(OPT_MCAST_GROUP) | BIT(OPT_MCAST_PORT) | BIT(OPT_MCAST_TTL) | \
	 BIT(OPT_SYNC_MAXLEN))

static const struct opt_rule command_rules[OP_COUNT] = {
	[OP_ADD] = { .need = BIT(OPT_SERVICE), .take = SERVICE_OPTS },
	[OP_EDIT] = { .need = BIT(OPT_SERVICE), .take = SERVICE_OPTS },
	[OP_DEL] = { .need = BIT(OPT_SERVICE) },
	[OP_LIST] = { .take = LIST_OPTS,
		      .one_of = BIT(OPT_CONNECTION) | BIT(OPT_SERVICE) | BIT(OPT_TIMEOUT) | BIT(OPT_DAEMON) },
	[OP_ADD_DEST] = { .need = BIT(OPT_SERVICE) | BIT(OPT_SERVER), .take = DEST_OPTS },
	[OP_EDIT_DEST] = { .need = BIT(OPT_SERVICE) | BIT(OPT_SERVER), .take = DEST_OPTS },
	[OP_DEL_DEST] = { .need = BIT(OPT_SERVICE) | BIT(OPT_SERVER) },
	[OP_START_DAEMON] = { .take = MCAST_OPTS },
	[OP_STOP_DAEMON] = { .take = BIT(OPT_SYNCID) },
	[OP_SAVE] = { .take = BIT(OPT_NUMERIC) },
	[OP_ZERO] = { .take = BIT(OPT_SERVICE) },
};

static const struct opt_rule tunnel_rules[IP_VS_CONN_F_TUNNEL_TYPE_MAX] = {
	[IP_VS_CONN_F_TUNNEL_TYPE_IPIP] = { .take = BIT(OPT_TUN_TYPE) },
	[IP_VS_CONN_F_TUNNEL_TYPE_GUE] = { .need = BIT(OPT_TUN_PORT),
					   .take = BIT(OPT_TUN_TYPE),
					   .one_of = BIT(OPT_TUN_NOCSUM) | BIT(OPT_TUN_CSUM) | BIT(OPT_TUN_REMCSUM) },
	[IP_VS_CONN_F_TUNNEL_TYPE_GRE] = { .take = BIT(OPT_TUN_TYPE),
					   .one_of = BIT(OPT_TUN_NOCSUM) | BIT(OPT_TUN_CSUM) },
};

int opt_check(char *err, size_t err_size, uint64_t given, const struct opt_rule *rule, uint64_t scope,
	      const char *kind, const char *name)
{
	enum opt opt, first = OPT_COUNT;

	for (opt = 0; opt < OPT_COUNT; opt++) {
		if (!(scope & BIT(opt)))
			continue;
		if (!(given & BIT(opt))) {
			if (!(rule->need & BIT(opt)))
				continue;
			snprintf(err, err_size, "You need to supply the '%s' option for the '%s' %s", opt_name(opt),
				 name, kind);
			return -EINVAL;
		}
		if (!((rule->need | rule->take | rule->one_of) & BIT(opt))) {
			snprintf(err, err_size, "Illegal '%s' option with the '%s' %s", opt_name(opt), name, kind);
			return -EINVAL;
		}
		if (!(rule->one_of & BIT(opt)))
			continue;
		if (first != OPT_COUNT) {
			snprintf(err, err_size, "The option '%s' conflicts with the '%s' option in the '%s' %s",
				 opt_name(opt), opt_name(first), name, kind);
			return -EINVAL;
		}
		first = opt;
	}
	return 0;
}

int opt_check_command(char *err, size_t err_size, uint64_t given, enum op op)
{
	return opt_check(err, err_size, given, &command_rules[op], ~0ull, "command", op_name(op));
}

int opt_check_tunnel(char *err, size_t err_size, uint64_t given, unsigned tun_type)
{
	static const char *const names[] = { "ipip", "gue", "gre" };

	return opt_check(err, err_size, given, &tunnel_rules[tun_type], OPT_TUNNEL_BITS, "tunnel type",
			 names[tun_type]);
}
