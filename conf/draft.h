/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draft - what is read before names are resolved and defaults handed down: global settings, trackers, VRRP, BFD.
 *
 * Each draft begins with the struct that it becomes. `given` says what was written (bits below), for what has a
 * default elsewhere.
 */
#ifndef ELVS_CONF_DRAFT_H
#define ELVS_CONF_DRAFT_H

#include "parts.h"

/* Bits of `given`, the same in the global draft (where instances get their defaults) and in an instance's. */
enum given {
	GIVEN_NOTHING,
	GIVEN_GARP_DELAY,
	GIVEN_GARP_REPEAT,
	GIVEN_GARP_REFRESH,
	GIVEN_GARP_REFRESH_REPEAT,
	GIVEN_GARP_LOWER_DELAY,
	GIVEN_GARP_LOWER_REPEAT,
	GIVEN_GARP_EXTRA_IF,
	GIVEN_DOWN_TIMER,
	GIVEN_LOWER_PRIO_NO_ADVERT,
	GIVEN_HIGHER_PRIO_SEND_ADVERT,
	GIVEN_OWNER_IGNORE,
	GIVEN_CHECK_UNICAST_SRC,
	GIVEN_SKIP_CHECK_ADV_ADDR,
	GIVEN_STRICT,
	GIVEN_VERSION,
	GIVEN_NOTIFY_PRIORITY,
	GIVEN_ACCEPT,
	GIVEN_STATE,
	GIVEN_PRIORITY,
	GIVEN_ADVERT,
	GIVEN_VRID,
	GIVEN_PREEMPT,
	GIVEN_HMAC_WINDOW,
	GIVEN_AUTH_TYPE,
	GIVEN_AUTH_PASS,
	GIVEN_HMAC,
	GIVEN_TIMEOUT,
	GIVEN_TTL_BFD,
	GIVEN_IFACE,
	GIVEN_SMTP_ALERT,
	GIVEN_PEERS,
	GIVEN_SOURCE,
	GIVEN_MCAST_DST,
	GIVEN_VMAC,
	GIVEN_VRF,
	GIVEN_PREEMPT_DELAY,
	GIVEN_EXPIRED,
	GIVEN_HMAC_ACTIVE,
	GIVEN_MARKS, /* at most 64 */
};

struct global_draft {
	struct conf_global g;
	uint64_t given;
	struct vec mail_to; /* const char * */
	/* defaults of instances; struct conf_vrrp has the outcome */
	struct conf_garp garp;
	bool min_garp, lower_prio_no_advert, higher_prio_send_advert, owner_ignore_adverts, v3_checksum_as_v2;
	bool check_unicast_src, skip_check_adv_addr, strict;
	uint32_t down_timer_adverts;
	const char *script_user, *script_group;
	bool process_names;
};

struct file_draft {
	struct conf_track_file f;
};
struct process_draft {
	struct conf_track_process p;
	uint64_t delay_us;
};
struct script_draft {
	struct conf_vrrp_script s;
	uint64_t given;
	const char *user, *group;
	bool has_user;
};
struct bfd_draft {
	struct conf_bfd b;
	uint64_t given;
	bool vrrp, checker; /* as written */
	int weight;
	bool reverse;
};
struct track_group_draft {
	const char *name;
	struct vec members; /* const struct conf_node *: one entry each */
	struct conf_where where;
};
struct garp_group_draft {
	struct conf_garp_group g;
	struct vec ifnames; /* const char * */
	struct conf_where where;
};

/* One entry of track_interface, track_script, ...: the name is resolved at the end. */
struct track_draft {
	enum conf_track_kind kind;
	const char *name;
	int weight;
	bool has_weight, reverse, has_reverse;
	struct conf_where where;
};

struct vrrp_draft {
	struct conf_vrrp v;
	uint64_t given;
	struct conf_where at[GIVEN_MARKS]; /* where it was */
	struct vec peers, vips, excluded, routes, rules, tracks, hmac_keys;
	bool dropped;			   /* a mistake that no instance survives */
	uint32_t index;			   /* in conf.vrrps, unless dropped */
	bool native_ipv6, no_vips, vmac_5; /* vmac_5: the MAC address lacks its sixth byte */
};

struct sync_group_draft {
	struct conf_sync_group g;
	uint64_t given;
	struct vec members, tracks; /* members: struct member */
};
struct member {
	const char *name;
	struct conf_where where;
};

/* Blocks that are printed one by one */
extern const struct schema_block schema_global, schema_file, schema_process, schema_script, schema_bfd, schema_vrrp,
	schema_sync_group, schema_garp_group;

/* Rows that several blocks have; offsets count from the named struct. */
extern const struct row_table notify_table; /* struct conf_notify */

/* A name after the keyword: "NAME {". NULL: missing, or longer than max bytes (0: any length); reported. Stays. */
const char *draft_name(struct load *l, const struct conf_node *n, size_t max);

#endif
