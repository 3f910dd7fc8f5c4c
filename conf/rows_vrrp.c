/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_vrrp - vrrp_instance with its authentication, vrrp_sync_group, garp_group.
 */
#include <arpa/inet.h>

#include "draft.h"
#include "set_vrrp.h"
#include "vip.h"

/* clang-format off */
#define V(f) FIELD(vrrp_draft, f)
#define SECOND 1000000ll

static const struct row_word states[] = {{"MASTER", 1}, {"BACKUP", 0}, {NULL, 0}};
static const struct row_word versions[] = {{"2", 2}, {"3", 3}, {NULL, 0}};
static const struct row_word auth_types[] = {{"PASS", CONF_AUTH_PASS}, {"AH", CONF_AUTH_AH}, {NULL, 0}};
static const struct row_word hmac_modes[] = {
	{"enforce", CONF_HMAC_ENFORCE}, {"permissive", CONF_HMAC_PERMISSIVE},
	{"receive-only", CONF_HMAC_RECEIVE_ONLY},
	{NULL, 0},
};
static const struct row_word replays[] = {{"time", 0}, {"monotonic", 1}, {NULL, 0}};

/* ---- what instances and groups have ---- */
#define N(f) FIELD(conf_notify, f)
static const struct row notify_table_rows[] = {
	{ "notify_master", V_SCRIPT, T1, N(master), .brief = "run when it becomes master" },
	{ "notify_backup", V_SCRIPT, T1, N(backup), .brief = "run when it becomes backup" },
	{ "notify_fault", V_SCRIPT, T1, N(fault), .brief = "run when it goes to FAULT" },
	{ "notify_stop", V_SCRIPT, T2, N(stop), .brief = "run when we stop, for at most a second" },
	{ "notify_deleted", V_CUSTOM, T3, N(deleted), .set = set_notify_deleted, .print = print_notify_deleted,
	  .args = "[COMMAND [USER [GROUP]]]", .standard = "told as FAULT",
	  .brief = "a reload that removes it is told as DELETED; run then" },
	{ "notify", V_SCRIPT, T2, N(any),
	  .brief = "run at every change, after the others: INSTANCE|GROUP NAME STATE PRIORITY" },
	{ "smtp_alert", V_BOOL, T1, N(smtp_alert), .print = print_notify_flag, .mark = GIVEN_SMTP_ALERT,
	  .standard = "smtp_alert_vrrp",
	  .brief = "mail at every change" },
	{ "notify_priority_changes", V_BOOL, T3, N(priority_changes), .print = print_notify_flag,
	  .mark = GIVEN_NOTIFY_PRIORITY,
	  .standard = "vrrp_notify_priority_changes", .brief = "tell the FIFOs of changes of priority, too" },
};
ROW_TABLE(notify_table);

#define GARP(f) FIELD(conf_garp, f)
static const struct row garp_rows[] = {
	{ "garp_master_delay", V_SECS, T1, GARP(master_delay_us), .mark = GIVEN_GARP_DELAY, .preset = "5",
	  .standard = "vrrp_garp_master_delay",
	  .brief = "second burst of gratuitous ARPs after becoming master; 0: none" },
	{ "garp_master_repeat", V_NUM, T2, GARP(master_repeat), .max = 1000, .mark = GIVEN_GARP_REPEAT, .preset = "5",
	  .standard = "vrrp_garp_master_repeat", .brief = "ARPs of a burst" },
	{ "garp_master_refresh", V_SECS, T1, GARP(master_refresh_us), .mark = GIVEN_GARP_REFRESH, .preset = "0",
	  .standard = "vrrp_garp_master_refresh", .brief = "repeat them while master; 0: never" },
	{ "garp_master_refresh_repeat", V_NUM, T2, GARP(master_refresh_repeat), .max = 1000,
	  .mark = GIVEN_GARP_REFRESH_REPEAT, .preset = "1", .standard = "vrrp_garp_master_refresh_repeat",
	  .brief = "ARPs of such a repetition" },
	{ "garp_lower_prio_delay", V_SECS, T3, GARP(lower_prio_delay_us), .mark = GIVEN_GARP_LOWER_DELAY,
	  .print = print_lower_prio, .standard = "vrrp_garp_lower_prio_delay",
	  .brief = "second burst after an advertisement of lower priority" },
	{ "garp_lower_prio_repeat", V_NUM, T2, GARP(lower_prio_repeat), .max = 1000, .mark = GIVEN_GARP_LOWER_REPEAT,
	  .print = print_lower_prio, .standard = "vrrp_garp_lower_prio_repeat", .brief = "ARPs of such a burst" },
	{ "garp_extra_if", V_CUSTOM, T3, GARP(extra_if_us), .set = set_garp_extra_if, .print = print_garp_extra_if,
	  .min_words = 1, .args = "[all] SECONDS", .mark = GIVEN_GARP_EXTRA_IF, .standard = "vrrp_garp_extra_if",
	  .brief = "repeat ARPs on the other interfaces with addresses" },
	{ "vmac_garp_intvl", V_CUSTOM, T3, R_QUIET, GARP(extra_if_us), .set = set_garp_extra_if, .min_words = 1,
	  .args = "[all] SECONDS", .mark = GIVEN_GARP_EXTRA_IF, .legacy = "please use garp_extra_if",
	  .brief = "old spelling" },
};
static ROW_TABLE(garp);

#define TRACK_ARGS(max) "{ NAME [weight -" max ".." max " [reverse | noreverse]] ... }"
/* min: the kind. Printed by the block's owner, all kinds at once. Offsets count from the list of trackers. */
static const struct row track_rows[] = {
	{ "track_interface", V_LIST, T1, .min = CONF_TRACK_IF, .set = add_track, .args = TRACK_ARGS("253"),
	  .brief = "FAULT while one of these interfaces is down; with a weight: priority" },
	{ "track_script", V_LIST, T1, .min = CONF_TRACK_SCRIPT, .set = add_track, .args = TRACK_ARGS("253"),
	  .brief = "the same for vrrp_scripts" },
	{ "track_process", V_LIST, T2, .min = CONF_TRACK_PROCESS, .set = add_track, .args = TRACK_ARGS("254"),
	  .brief = "the same for vrrp_track_processes" },
	{ "track_file", V_LIST, T2, .min = CONF_TRACK_FILE, .set = add_track, .args = TRACK_ARGS("254"),
	  .brief = "the same for track_files" },
	{ "track_bfd", V_LIST, T2, .min = CONF_TRACK_BFD, .set = add_track, .args = TRACK_ARGS("253"),
	  .brief = "the same for bfd_instances" },
};
static ROW_TABLE(track);

/* ---- authentication ---- */
static const struct row auth_rows[] = {
	{ "auth_type", V_ENUM, T1, V(v.auth), .words = auth_types, .mark = GIVEN_AUTH_TYPE, .standard = "none",
	  .brief = "a password in the clear, or IPsec's authentication header" },
	{ "auth_pass", V_CUSTOM, T1, V(v.auth_pass), .set = set_auth_pass, .min_words = 1, .mark = GIVEN_AUTH_PASS,
	  .args = "PASSWORD", .standard = "required", .brief = "at most 8 bytes, the same on all machines" },
};
static ROW_TABLE(auth);
static const struct row_part auth_parts[] = {{&auth, 0}, {NULL, 0}};
static const struct schema_block auth_block = {
	.word = "authentication", .parts = auth_parts, .given = offsetof(struct vrrp_draft, given),
	.places = offsetof(struct vrrp_draft, at),
	.brief = "Authentication (version 2 only)",
};

static const struct row hmac_rows[] = {
	{ "key", V_CUSTOM, T3, V(hmac_keys), .set = add_hmac_key, .min_words = 2, .args = "ID KEY",
	  .standard = "required",
	  .brief = "1..255, and 32 to 64 bytes: hex:DIGITS, file:PATH or the text itself; several" },
	{ "active_key", V_NUM, T3, V(v.hmac_active), .mark = GIVEN_HMAC_ACTIVE, .min = 1, .max = 255,
	  .standard = "the first",
	  .brief = "the key to send with" },
	{ "time_window", V_SECS, T3, V(v.hmac_window_us), .min = SECOND, .max = 300 * SECOND,
	  .mark = GIVEN_HMAC_WINDOW,
	  .standard = "three advertisements, at least 5", .brief = "how far the clocks may be apart" },
	{ "anti_replay", V_ENUM, T3, V(v.hmac_monotonic), .words = replays, .preset = "time",
	  .brief = "what keeps old advertisements out" },
	{ "mode", V_ENUM, T3, V(v.hmac_mode), .words = hmac_modes, .preset = "enforce",
	  .brief = "whether others must, may or need not have it" },
};
static ROW_TABLE(hmac);
static const struct row_part hmac_parts[] = {{&hmac, 0}, {NULL, 0}};
static const struct schema_block hmac_block = {
	.word = "auth_hmac", .parts = hmac_parts, .given = offsetof(struct vrrp_draft, given),
	.places = offsetof(struct vrrp_draft, at),
	.brief = "Authentication with HMAC-SHA256 (all versions)",
};

/* ---- vrrp_instance ---- */
static const struct row router_rows[] = {
	{ "state", V_ENUM, T1, V(v.start_master), .words = states, .mark = GIVEN_STATE, .print = print_state,
	  .standard = "BACKUP; MASTER with priority 255", .brief = "MASTER: do not wait for others at the start" },
	{ "interface", V_CUSTOM, T1, V(v.iface), .set = set_iface, .print = print_iface, .min_words = 1,
	  .args = "INTERFACE",
	  .mark = GIVEN_IFACE, .standard = "required, unless unicast", .brief = "where it runs" },
	{ "vrf", V_STRING, T3, V(v.vrf), .set = set_ifname, .mark = GIVEN_VRF,
	  .brief = "VRF to run in, for unicast without an interface" },
	{ "virtual_router_id", V_NUM, T1, V(v.vrid), .min = 1, .max = 255, .mark = GIVEN_VRID, .standard = "required",
	  .brief = "the same on all machines, different from other routers on the same network" },
	{ "priority", V_NUM, T1, R_INHERIT, V(v.priority), .min = 1, .max = 255, .preset = "100",
	  .mark = GIVEN_PRIORITY,
	  .brief = "the highest one is master; 255 owns the addresses" },
	{ "version", V_ENUM, T2, V(v.version), .words = versions, .print = print_version, .mark = GIVEN_VERSION,
	  .standard = "vrrp_version; IPv6 3", .brief = "version of the protocol" },
	{ "advert_int", V_SECS, T1, V(v.advert_us), .min = 10000, .max = 255 * SECOND, .preset = "1",
	  .mark = GIVEN_ADVERT,
	  .brief = "time between advertisements: whole seconds (version 2), 0.01 to 40.95 (version 3)" },
	{ "native_ipv6", V_FLAG, T2, V(native_ipv6), .legacy = "the addresses say which family it is, leave it out",
	  .brief = "IPv6, version 3" },
	{ "dont_track_primary", V_FLAG, T2, V(v.dont_track_primary), .brief = "its own interface may be down" },
	{ "preempt", V_CLEAR, T3, V(v.nopreempt), .brief = "the default" },
	{ "nopreempt", V_FLAG, T1, V(v.nopreempt), .mark = GIVEN_PREEMPT,
	  .brief = "leave a master of lower priority in peace" },
	{ "preempt_delay", V_SECS, T1, V(v.preempt_delay_us), .mark = GIVEN_PREEMPT_DELAY, .max = 1000 * SECOND,
	  .preset = "0",
	  .brief = "take over from it only after this time" },
	{ "accept", V_FLAG, T2, V(v.accept), .preset = "on", .mark = GIVEN_ACCEPT,
	  .brief = "the addresses can be reached on the master" },
	{ "no_accept", V_CLEAR, T2, V(v.accept), .mark = GIVEN_ACCEPT,
	  .brief = "drop packets for them: they only route" },
	{ "strict_mode", V_BOOL, T3, V(v.strict), .preset = "off", .mark = GIVEN_STRICT, .standard = "vrrp_strict",
	  .brief = "keep to the RFC; see STRICT MODE" },
	{ "down_timer_adverts", V_NUM, T3, V(v.down_timer_adverts), .min = 1, .max = 100,
	  .preset = "3", .mark = GIVEN_DOWN_TIMER, .standard = "vrrp_down_timer_adverts",
	  .brief = "advertisements that must be missing until a backup takes over" },
	{ "lower_prio_no_advert", V_BOOL, T3, V(v.lower_prio_no_advert), .preset = "off",
	  .mark = GIVEN_LOWER_PRIO_NO_ADVERT,
	  .standard = "vrrp_lower_prio_no_advert",
	  .brief = "do not answer an advertisement of lower priority at once" },
	{ "higher_prio_send_advert", V_BOOL, T2, V(v.higher_prio_send_advert),
	  .preset = "off", .mark = GIVEN_HIGHER_PRIO_SEND_ADVERT, .standard = "vrrp_higher_prio_send_advert",
	  .brief = "advertise once more before yielding" },
	{ "owner_ignore_adverts", V_BOOL, T3, V(v.owner_ignore_adverts), .preset = "off", .mark = GIVEN_OWNER_IGNORE,
	  .standard = "vrrp_owner_ignore_adverts", .brief = "with priority 255: drop advertisements" },
	{ "skip_check_adv_addr", V_BOOL, T3, V(v.skip_check_adv_addr), .preset = "off",
	  .mark = GIVEN_SKIP_CHECK_ADV_ADDR,
	  .standard = "vrrp_skip_check_adv_addr",
	  .brief = "do not compare the addresses in every advertisement of the same master" },
	{ "timer_expired_backup", V_NUM, T3, V(v.timer_expired_backup), .mark = GIVEN_EXPIRED, .is_signed = true,
	  .min = -1, .max = 255,
	  .preset = "-1", .alone = "0", .standard = "off",
	  .brief = "a master whose timers were late becomes backup (with nopreempt)" },
	{ "thread_timer_expired", V_NUM, T3, R_QUIET, V(v.timer_expired_backup), .mark = GIVEN_EXPIRED,
	  .is_signed = true, .min = -1, .max = 255,
	  .alone = "0", .brief = "the same" },
	{ "kernel_rx_buf_size", V_NUM, T3, V(v.kernel_rx_buf), .max = INT32_MAX, .standard = "the kernel's",
	  .brief = "receive buffer of the socket, bytes" },
	{ "debug", V_NONE, T3, .no_effect = "-D and --debug log more", .args = "0..4",
	  .brief = "nothing, in keepalived too" },
	{ "linkbeat_use_polling", V_NONE, T3, .no_effect = "the kernel tells of every change of a link",
	  .brief = "poll the state of the link" },
	{ "lvs_sync_daemon_interface", V_CUSTOM, T2, .set = set_sync_interface, .min_words = 1, .args = "INTERFACE",
	  .legacy = "please use lvs_sync_daemon in global_defs",
	  .brief = "synchronise connections like this instance" },
};
static ROW_TABLE(router);

static const struct row path_rows[] = {
	{ "use_vmac", V_CUSTOM, T2, V(v.use_vmac), .mark = GIVEN_VMAC, .set = set_vmac, .print = print_vmac,
	  .args = "[NAME] [MAC]",
	  .standard = "off", .brief = "virtual MAC address 00:00:5e:00:01:VRID, on a macvlan interface" },
	{ "use_vmac_addr", V_FLAG, T3, V(v.use_vmac_addr),
	  .brief = "the same for addresses on other interfaces, or of the other family" },
	{ "vmac_xmit_base", V_FLAG, T2, V(v.vmac_xmit_base), .brief = "advertise from the interface itself" },
	{ "use_ipvlan", V_CUSTOM, T2, V(v.use_ipvlan), .mark = GIVEN_VMAC, .set = set_ipvlan, .print = print_ipvlan,
	  .args = "[NAME] [ADDRESS] [bridge | private | vepa]", .standard = "off",
	  .brief = "an ipvlan interface of its own" },
	{ "mcast_src_ip", V_ADDR, T2, V(v.source), .mark = GIVEN_SOURCE, .print = print_source,
	  .standard = "the interface's first",
	  .brief = "source of multicast advertisements" },
	{ "unicast_src_ip", V_ADDR, T1, R_QUIET, V(v.source), .mark = GIVEN_SOURCE,
	  .standard = "the interface's first",
	  .brief = "source of unicast advertisements" },
	{ "mcast_dst_ip", V_ADDR, T3, V(v.mcast_dst), .mark = GIVEN_MCAST_DST, .print = print_mcast_dst,
	  .standard = "vrrp_mcast_group4, 6",
	  .brief = "group of advertisements" },
	{ "track_src_ip", V_FLAG, T3, V(v.track_src), .brief = "FAULT while the source address is missing" },
	{ "unicast_peer", V_LIST, T1, V(v.peers), .mark = GIVEN_PEERS, .set = add_peer, .print = print_peers,
	  .args = "{ ADDRESS [min_ttl N] [max_ttl N] ... }", .brief = "advertise to these machines, not to a group" },
	{ "unicast_fault_no_peer", V_FLAG, T3, V(v.unicast_fault_no_peer),
	  .brief = "without peers: FAULT, not multicast" },
	{ "unicast_ttl", V_NUM, T3, V(v.ttl), .max = 255, .preset = "255", .brief = "TTL of unicast advertisements" },
	{ "check_unicast_src", V_BOOL, T3, V(v.check_unicast_src), .preset = "off", .mark = GIVEN_CHECK_UNICAST_SRC,
	  .standard = "vrrp_check_unicast_src", .brief = "they must come from a peer" },
	{ "old_unicast_checksum", V_CUSTOM, T3, V(v.old_unicast_checksum), .set = set_old_checksum,
	  .print = print_old_checksum, .args = "[never]", .standard = "when a peer uses it",
	  .brief = "checksum of keepalived until 1.3.6 (version 3, unicast)" },
};
static ROW_TABLE(path);

static const struct row address_rows[] = {
	{ "virtual_ipaddress", V_LIST, T1, V(v.vips), .set = add_vip, .print = print_vips,
	  .args = "{ ADDRESS[/LENGTH] [dev IF] [scope S] [label L] [brd A] [peer A] ... }",
	  .brief = "addresses of the virtual router; see ADDRESSES, ROUTES AND RULES" },
	{ "virtual_ipaddress_excluded", V_LIST, T1, V(v.excluded), .set = add_excluded, .print = print_excluded,
	  .args = "{ as virtual_ipaddress }", .brief = "further ones, which are not advertised; of both families" },
	{ "no_virtual_ipaddress", V_FLAG, T3, V(no_vips), .print = print_no_vips,
	  .brief = "it has no addresses on purpose" },
	{ "promote_secondaries", V_FLAG, T2, V(v.promote_secondaries),
	  .brief = "removing an address leaves the others of its network alone" },
	{ "virtual_routes", V_LIST, T1, V(v.routes), .set = add_route, .print = print_routes, .args = "{ ROUTE ... }",
	  .brief = "routes that the master has" },
	{ "virtual_rules", V_LIST, T2, V(v.rules), .set = add_rule, .print = print_rules, .args = "{ RULE ... }",
	  .brief = "rules that the master has" },
};
static ROW_TABLE(address);

static const struct row more_rows[] = {
	{ "notify_master_rx_lower_pri", V_SCRIPT, T2, V(v.notify.master_rx_lower_pri),
	  .brief = "run when a master hears an advertisement of lower priority" },
	{ "authentication", V_BLOCK, T1, .block = &auth_block, .print = print_auth,
	  .brief = "password (version 2 only)" },
	{ "auth_hmac", V_BLOCK, T3, .block = &hmac_block, .print = print_hmac, .mark = GIVEN_HMAC,
	  .brief = "HMAC-SHA256 behind each advertisement; instead of authentication" },
};
static ROW_TABLE(more);

static const struct row_part vrrp_parts[] = {
	{&router, 0},
	{&path, 0},
	{&more, 0},
	{&address, 0},
	{&track, offsetof(struct vrrp_draft, tracks)},
	{&notify_table, offsetof(struct vrrp_draft, v.notify)},
	{&garp, offsetof(struct vrrp_draft, v.garp)},
	{NULL, 0},
};
const struct schema_block schema_vrrp = {
	.word = "vrrp_instance", .parts = vrrp_parts, .size = sizeof(struct vrrp_draft),
	.conf_size = sizeof(struct conf_vrrp), .given = offsetof(struct vrrp_draft, given),
	.places = offsetof(struct vrrp_draft, at), .open = open_vrrp,
	.args = "NAME", .brief = "A virtual router",
};

/* ---- vrrp_sync_group ---- */
static const struct row group_rows[] = {
	{ "group", V_LIST, T1, FIELD(sync_group_draft, g.members), .set = add_group_member,
	  .args = "{ INSTANCE ... }",
	  .standard = "required", .brief = "instances that are master, backup or in FAULT together" },
	{ "global_tracking", V_FLAG, T3, FIELD(sync_group_draft, g.global_tracking),
	  .legacy = "put what all members track into the group", .brief = "what one member tracks holds for all" },
	{ "sync_group_tracking_weight", V_FLAG, T3, FIELD(sync_group_draft, g.tracking_weight),
	  .brief = "trackers of the members may have weights" },
};
static ROW_TABLE(group);
static const struct row_part group_parts[] = {
	{&group, 0},
	{&track, offsetof(struct sync_group_draft, tracks)},
	{&notify_table, offsetof(struct sync_group_draft, g.notify)},
	{NULL, 0},
};
const struct schema_block schema_sync_group = {
	.word = "vrrp_sync_group", .parts = group_parts, .size = sizeof(struct sync_group_draft),
	.conf_size = sizeof(struct conf_sync_group), .given = offsetof(struct sync_group_draft, given),
	.open = open_group,
	.stray = stray_member, .args = "NAME", .brief = "Instances that change their state together",
};

/* ---- garp_group ---- */
static const struct row garp_group_rows[] = {
	{ "garp_interval", V_SECS, T2, FIELD(garp_group_draft, g.garp_interval_us), .max = 3600 * SECOND,
	  .standard = "vrrp_garp_interval", .brief = "pause between two gratuitous ARPs" },
	{ "gna_interval", V_SECS, T2, FIELD(garp_group_draft, g.gna_interval_us), .max = 3600 * SECOND,
	  .standard = "vrrp_gna_interval", .brief = "pause between two neighbour advertisements" },
	{ "interfaces", V_LIST, T2, FIELD(garp_group_draft, g.ifnames), .set = add_garp_interface,
	  .print = print_garp_group,
	  .args = "{ INTERFACE ... }", .brief = "the interfaces that the pauses hold for together" },
	{ "interface", V_CUSTOM, T2, R_QUIET, FIELD(garp_group_draft, g.ifnames), .set = add_garp_interface,
	  .min_words = 1,
	  .args = "INTERFACE", .brief = "the same for a single one" },
};
static ROW_TABLE(garp_group);
static const struct row_part garp_group_parts[] = {{&garp_group, 0}, {NULL, 0}};
const struct schema_block schema_garp_group = {
	.word = "garp_group", .parts = garp_group_parts, .size = sizeof(struct garp_group_draft),
	.conf_size = sizeof(struct conf_garp_group), .open = open_garp_group, .close = close_garp_group,
	.brief = "Pauses between gratuitous ARPs",
};

static const struct row rows_vrrp_root_rows[] = {
	{ "vrrp_sync_group", V_BLOCK, T1, .block = &schema_sync_group,
	  .brief = "instances that change their state together" },
	{ "vrrp_instance", V_BLOCK, T1, .block = &schema_vrrp, .brief = "a virtual router" },
	{ "garp_group", V_BLOCK, T2, .block = &schema_garp_group, .brief = "pauses between gratuitous ARPs" },
};
/* clang-format on */
ROW_TABLE(rows_vrrp_root);
