/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf - a configuration: what a keepalived.conf means, complete, checked and never changed again.
 *
 * Everything that is reachable from a struct conf lies in one arena (arena.h), which is shared read-only between the
 * daemon's processes: pointers are valid in all of them. Defaults and inheritance (global to instance, virtual server
 * to real server to check) have been applied: a reader never asks two places. Strings are never NULL unless said;
 * an empty string means not given. Times are microseconds. Ports are in host order, 0 = none. Interfaces are names:
 * the configuration does not know which exist.
 *
 * Meaning and defaults of every word: keepalived.conf(5); words of our own are marked (elvs).
 */
#ifndef ELVS_CONF_CONF_H
#define ELVS_CONF_CONF_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CONF_NONE UINT32_MAX	/* an index that refers to nothing */

/* Where something was written; file is as it was opened. Line and column from 1; column 0: the whole line. */
struct conf_where {
	const char *file;
	uint32_t line, col;
};

struct conf_addr {
	uint16_t family;	/* AF_INET, AF_INET6, 0: not given */
	uint16_t port;
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];	/* network order; IPv4 in the first four, the rest zero */
	};
};

/* A command to run. argv ends with NULL. Not given: argv == NULL. */
struct conf_script {
	const char *const *argv;
	const char *text;	/* as written, for messages and the printed form */
	bool has_user;		/* it names a user of its own, or script_user does */
	const char *user, *group;	/* names; the numbers are looked up where it is run */
	struct conf_where where;
};

struct conf_fifo {
	const char *path;	/* "": none */
	const char *user, *group;
	struct conf_script script;	/* the path is appended as its last argument */
};

/* Scheduling of one of our processes. */
struct conf_process {
	const char *name;	/* process name, "" = the default */
	int nice;
	int rt_priority;	/* 0: off; SCHED_RR */
	bool no_swap;
	uint64_t rlimit_rttime_us;	/* 0: default */
	uint64_t cpus;		/* mask, 0: all */
	uint32_t cmd_rcv_bufs, monitor_rcv_bufs;	/* bytes, 0: the kernel's */
	bool cmd_rcv_force, monitor_rcv_force;
};

enum conf_tristate { CONF_UNSET, CONF_OFF, CONF_ON };

/* Gratuitous ARP and neighbour advertisement policy; resolved (instance over global). */
struct conf_garp {
	uint64_t master_delay_us;	/* second burst, 0: none */
	uint32_t master_repeat;
	uint64_t master_refresh_us;	/* 0: no refresh */
	uint32_t master_refresh_repeat;
	uint64_t lower_prio_delay_us;
	uint32_t lower_prio_repeat;
	uint64_t extra_if_us;		/* 0: off */
	bool extra_if_all;
};

struct conf_global {
	const char *router_id;		/* default: the host's name */
	const char *const *mail_to;	/* n_mail_to entries */
	uint32_t n_mail_to;
	const char *mail_from;		/* default: user@host */
	const char *smtp_server;	/* name or address; "": no mail at all */
	uint16_t smtp_port;
	const char *smtp_helo;
	uint64_t smtp_timeout_us;
	enum conf_tristate smtp_alert, smtp_alert_vrrp, smtp_alert_checker;
	bool no_email_faults, no_checker_emails, checker_log_all_failures;
	const char *net_namespace, *net_namespace_ipvs, *instance;
	bool use_pid_dir;
	uint64_t child_wait_us;
	struct conf_script startup, shutdown;
	uint64_t startup_timeout_us, shutdown_timeout_us;
	bool dynamic_interfaces, allow_if_changes;
	const char *default_interface;
	uint32_t umask;
	bool enable_script_security, use_symlink_paths;
	struct conf_fifo fifo, lvs_fifo, vrrp_fifo;
	bool rs_init_notifies, fifo_states_on_reload, vrrp_notify_priority_changes;
	const char *state_dump_file, *stats_dump_file, *json_dump_file;
	bool data_use_instance;
	int json_version;
	bool reload_check_config;
	const char *reload_check_log;
	const char *reload_time_file, *reload_file;
	bool reload_repeat;
	struct conf_process parent, vrrp, checker, bfd;
	int max_auto_priority;		/* 0: off */
	uint64_t min_auto_priority_delay_us;

	/* LVS */
	struct {
		bool on;
		const char *iface, *vrrp;	/* vrrp "": both daemons run always */
		uint8_t id, ttl;
		uint16_t maxlen, port;
		struct conf_addr group;
		struct conf_where where;
	} sync;
	uint32_t timeout_tcp_s, timeout_tcpfin_s, timeout_udp_s;	/* 0: unchanged */
	bool lvs_flush, lvs_flush_on_stop, lvs_flush_on_stop_vs;

	/* VRRP */
	struct conf_addr mcast_group4, mcast_group6;
	int vrrp_version;
	uint64_t vrrp_garp_interval_us, vrrp_gna_interval_us;
	uint64_t vrrp_startup_delay_us, vrrp_delay_after_boot_us;
	bool log_unknown_vrids, disable_local_igmp;
	const char *vmac_prefix, *vmac_addr_prefix;
	bool iptables;			/* firewall backend asked for, with the chains: */
	const char *iptables_in, *iptables_out;
	const char *nft_table;		/* "": none named */
	int nft_priority;

	/* SNMP: what a master agent is offered; nothing: we talk to none */
	const char *snmp_socket;	/* where it listens: see conf_snmp_at(); "": unix:/var/agentx/master */
	bool snmp_vrrp, snmp_checker, snmp_rfcv2, snmp_rfcv3, snmp_traps;
	uint64_t snmp_vs_update_us, snmp_rs_update_us;	/* how old statistics may be; rs 0: as vs */

	/* D-Bus */
	bool dbus;
	const char *dbus_name;		/* of the service */
	const char *dbus_no_interface;	/* an instance's that has none, in paths */

	/* (elvs) status page: status_listen ADDR [PORT]; family 0: none */
	struct conf_addr status_listen;
	bool repair;			/* (elvs) lvs_repair: a reload puts back what others changed in the tables */
};

/* ---- trackers ---- */
enum conf_track_kind { CONF_TRACK_IF, CONF_TRACK_SCRIPT, CONF_TRACK_PROCESS, CONF_TRACK_FILE, CONF_TRACK_BFD };
struct conf_track {
	enum conf_track_kind kind;
	uint32_t index;		/* into scripts, processes, files, bfds; CONF_NONE for an interface */
	const char *ifname;	/* CONF_TRACK_IF */
	int weight;		/* 0: its failure is a fault */
	bool reverse;
	struct conf_where where;
};

struct conf_vrrp_script {
	const char *name;
	struct conf_script script;
	uint64_t interval_us, timeout_us;
	uint32_t rise, fall;
	int weight;
	bool reverse, init_fail;
	struct conf_where where;
};

struct conf_track_process {
	const char *name;
	const char *const *argv;	/* process and its parameters; ends with NULL */
	bool params_initial, params_partial, full_command;
	uint32_t quorum, quorum_max;	/* quorum_max UINT32_MAX: none */
	uint64_t terminate_delay_us, fork_delay_us;
	int weight;
	bool reverse;
	struct conf_where where;
};

struct conf_track_file {
	const char *name, *path;
	int weight;
	bool reverse;
	bool init, init_overwrite;
	int init_value;
	struct conf_where where;
};

struct conf_bfd {
	const char *name;
	struct conf_addr source, neighbour;	/* source.family 0: any */
	uint64_t min_rx_us, min_tx_us, idle_tx_us;
	uint32_t multiplier, ttl, max_hops;
	bool passive, multihop, for_vrrp, for_checker;
	int weight;		/* of trackers that give none */
	bool reverse;
	struct conf_where where;
};

/* ---- addresses, routes, rules ---- */
struct conf_vip {
	struct conf_addr addr;
	uint8_t prefix;
	uint8_t scope;		/* RT_SCOPE_* */
	const char *dev;	/* "": the instance's interface (static: default_interface) */
	const char *label;	/* "": none */
	struct conf_addr brd, peer;
	bool brd_auto;		/* brd + */
	bool home, nodad, mngtmpaddr, noprefixroute, autojoin, no_track;
	const char *preferred_lft;	/* "": default; "forever" or seconds */
	const char *track_group;
	struct conf_where where;
};

/* A line in iproute2's syntax: the words for `ip [-6] route add|rule add WORDS`, ours taken out. */
struct conf_ipline {
	const char *const *words;	/* ends with NULL */
	uint16_t family;
	bool no_track, append, prepend;
	const char *track_group;
	struct conf_where where;
};

struct conf_track_group {
	const char *name;
	const uint32_t *vrrps;	/* indices */
	uint32_t n_vrrps;
};

struct conf_if_delay {
	const char *ifname;
	uint64_t down_us, up_us;
};

/* ---- VRRP ---- */
struct conf_notify {
	struct conf_script master, backup, fault, stop, deleted, any, master_rx_lower_pri;
	bool deleted_sends_fault;
	bool smtp_alert;	/* resolved */
	bool priority_changes;
};

enum conf_auth { CONF_AUTH_NONE, CONF_AUTH_PASS, CONF_AUTH_AH };
enum conf_hmac_mode { CONF_HMAC_ENFORCE, CONF_HMAC_PERMISSIVE, CONF_HMAC_RECEIVE_ONLY };
struct conf_hmac_key {
	uint8_t id, len;
	uint8_t bytes[64];
};

struct conf_peer {
	struct conf_addr addr;
	int min_ttl, max_ttl;	/* -1: none */
};

struct conf_vrrp {
	const char *name;
	uint16_t family;
	uint8_t vrid, priority, version;
	uint64_t advert_us;
	bool start_master;	/* `state MASTER' */
	const char *iface;	/* "": unicast without one */
	const char *vrf;
	uint32_t group;		/* sync group, CONF_NONE */

	bool use_vmac, vmac_xmit_base, use_vmac_addr, use_ipvlan;
	const char *vmac_name;	/* "": vmac_prefix.VRID */
	uint8_t vmac_mac[6];
	bool has_vmac_mac;
	struct conf_addr ipvlan_addr;
	const char *ipvlan_type;

	struct conf_addr source;	/* family 0: the interface's primary */
	bool track_src;
	struct conf_addr mcast_dst;	/* resolved */
	const struct conf_peer *peers;
	uint32_t n_peers;
	bool unicast;		/* peers given, or unicast_fault_no_peer */
	bool unicast_fault_no_peer;
	int ttl;
	bool check_unicast_src, old_unicast_checksum, old_unicast_checksum_never, v3_checksum_as_v2;

	const struct conf_vip *vips, *excluded;
	uint32_t n_vips, n_excluded;
	const struct conf_ipline *routes, *rules;
	uint32_t n_routes, n_rules;
	bool promote_secondaries;

	bool accept, strict, nopreempt, skip_check_adv_addr, dont_track_primary;
	uint64_t preempt_delay_us;
	uint32_t down_timer_adverts;
	bool lower_prio_no_advert, higher_prio_send_advert, owner_ignore_adverts;
	uint32_t kernel_rx_buf;
	int timer_expired_backup;	/* -1: off; 0..255: the priority */

	const struct conf_track *tracks;
	uint32_t n_tracks;
	struct conf_garp garp;
	struct conf_notify notify;

	enum conf_auth auth;
	uint8_t auth_pass[8];
	const struct conf_hmac_key *hmac_keys;
	uint32_t n_hmac_keys;	/* 0: no auth_hmac */
	uint8_t hmac_active;	/* id */
	uint64_t hmac_window_us;
	bool hmac_monotonic;
	enum conf_hmac_mode hmac_mode;

	struct conf_where where;
};

struct conf_sync_group {
	const char *name;
	const uint32_t *members;	/* indices into vrrps */
	uint32_t n_members;
	bool tracking_weight, global_tracking;
	const struct conf_track *tracks;
	uint32_t n_tracks;
	struct conf_notify notify;
	struct conf_where where;
};

struct conf_garp_group {
	uint64_t garp_interval_us, gna_interval_us;
	const char *const *ifnames;
	uint32_t n_ifnames;
};

/* ---- health checks ---- */
enum conf_check_kind {
	CONF_CHECK_TCP, CONF_CHECK_HTTP, CONF_CHECK_SSL, CONF_CHECK_SMTP, CONF_CHECK_DNS, CONF_CHECK_MISC,
	CONF_CHECK_BFD, CONF_CHECK_UDP, CONF_CHECK_PING, CONF_CHECK_FILE,
	CONF_CHECK_AGENT,	/* (elvs) AGENT_CHECK: HAProxy's agent protocol, weights follow the answer */
	CONF_CHECK_PASSIVE,	/* (elvs) PASSIVE_CHECK: connections that the real server leaves unanswered */
	CONF_CHECK_KINDS
};

struct conf_url {
	const char *path;	/* required */
	const char *virtualhost;	/* resolved: url > check > real server > virtual server; "": address:port */
	uint8_t digest[16];
	bool has_digest;
	uint64_t status[10];	/* bit n of the whole: status code n, 0..599 */
	const char *regex;	/* "": none */
	bool regex_no_match;
	uint32_t regex_options;	/* PCRE2_* */
	uint32_t regex_min_offset, regex_max_offset;	/* bytes, 0: none */
	uint32_t regex_stack_start, regex_stack_max;
};

/* How something is checked: kind and timing. */
struct conf_check {
	enum conf_check_kind kind;
	struct conf_addr target;	/* of a template: connect_ip, connect_port; of a conf_target's: nothing */
	struct conf_addr bind;	/* family 0: any */
	const char *bind_if;
	uint32_t fwmark;	/* SO_MARK, 0: none */
	struct conf_addr via_vip;	/* (elvs) family 0: no. Addressed to this VIP at the real server */
	uint32_t via_method;	/* forwarding method of the server: IP_VS_CONN_F_* */
	uint64_t delay_loop_us, warmup_us, delay_before_retry_us, connect_timeout_us;
	uint64_t total_timeout_us;	/* (elvs) of one whole try, 0: connect_timeout alone bounds its steps */
	uint64_t jitter_us;		/* (elvs) added at random to each delay, 0: none */
	uint32_t retry;		/* further tries before it counts as failed */
	uint32_t fall, rise;	/* (elvs) failed rounds until down, good ones until up; 1 */
	bool alpha, log_all_failures;
	union {
		struct {
			const struct conf_url *urls;
			uint32_t n_urls;
			int protocol;	/* 10: 1.0, 100: 1.0 with Connection: close, 11: 1.1 */
			bool enable_sni, tls_compliant, fast_recovery;
			const char *sni_name;
			bool verify;		/* (elvs) the server's certificate must be good */
			const char *verify_ca;	/* (elvs) file; "": the system's */
		} http;
		struct {
			const char *helo;
		} smtp;
		struct {
			uint16_t type;	/* of the query, DNS number */
			const char *name;
		} dns;
		struct {
			struct conf_script script;
			uint64_t timeout_us;
			bool dynamic;
		} misc;
		struct {
			uint32_t bfd;	/* index */
		} bfd;
		struct {
			const uint8_t *payload;	/* NULL: filler text */
			uint32_t n_payload;
			bool require_reply;
			const uint8_t *reply, *reply_mask;	/* NULL: any */
			uint32_t n_reply;
			uint32_t min_reply, max_reply;
		} udp;
		struct {
			uint32_t file;	/* index into files */
			int weight;
			bool reverse;
		} file;
		struct {
			const char *send;	/* sent on connecting, "": nothing */
		} agent;
		struct {
			uint32_t failures;	/* unanswered in a row within one delay_loop, no answer between */
			uint64_t hold_us;	/* how long it then stays out before traffic may try it again */
			struct conf_addr service;	/* whose server it looks at (or service_mark) */
			uint32_t service_mark;
			uint8_t service_proto;
		} passive;
	};
	struct conf_where where;	/* of the first that asks for it */
};

/*
 * One check: of that target, in that way; shared by every real server that asks for the same, and not repeated for
 * each virtual server. Checks that differ in nothing but their target have one conf_check: there may be thousands.
 */
struct conf_target {
	uint64_t key;		/* of its content: the same check has the same key after a reload */
	struct conf_addr addr;	/* connect_ip, connect_port */
	const struct conf_check *how;
	struct conf_where where;	/* of the first that asks for it */
};

/* ---- virtual servers ---- */
struct conf_rs {
	struct conf_addr addr;
	uint32_t weight;
	uint32_t method;	/* IP_VS_CONN_F_* */
	uint8_t tun_type;
	uint16_t tun_port, tun_flags;
	uint32_t uthreshold, lthreshold;
	bool inhibit, alpha, smtp_alert;
	bool drain;		/* (elvs) removed or failed by configuration: weight 0 until its connections ended */
	uint64_t slow_start_us;	/* (elvs) the time in which its weight rises after it came up; 0: at once */
	const uint32_t *checks;	/* indices into conf.checks */
	uint32_t n_checks;
	const struct conf_script *notify_up, *notify_down;	/* NULL: not given */
	const char *snmp_name;
	struct conf_where where;
};

/* One address range or mark of a virtual server group. */
struct conf_vsg_entry {
	struct conf_addr first;		/* family and port of all of them */
	uint32_t count;			/* addresses from first on; 1 */
	uint32_t fwmark;		/* not 0: a mark of family first.family */
	struct conf_where where;
};
struct conf_vsg {
	const char *name;
	const struct conf_vsg_entry *entries;
	uint32_t n_entries;
	struct conf_where where;
};

struct conf_vs {
	struct conf_addr addr;	/* family 0: a group or a mark */
	uint32_t fwmark;	/* 0: none */
	uint32_t vsg;		/* index, CONF_NONE */
	uint16_t family;	/* resolved, for marks too */
	uint8_t protocol;	/* IPPROTO_*; 0 with a mark */
	const char *sched;
	uint32_t flags;		/* IP_VS_SVC_F_*: persistence, one packet, the scheduler's */
	const char *pe;		/* "": none */
	uint32_t persistence_s;
	uint32_t netmask;	/* IPv4: network order; IPv6: prefix length; as in elvs_svc_conf */
	uint32_t method;	/* of sorry server and default of real servers */
	const char *virtualhost, *snmp_name;
	bool alpha, omega, ha_suspend, smtp_alert;
	bool adopted;		/* (elvs) made by somebody else and only checked: see conf_service_check */
	uint32_t rs_weight;	/* of real servers that give none; likewise: */
	bool rs_inhibit;
	uint32_t quorum, hysteresis;
	struct conf_script quorum_up, quorum_down;
	bool has_sorry, sorry_inhibit;
	struct conf_rs sorry;	/* weight 1, no checks */
	const struct conf_rs *rs;
	uint32_t n_rs;
	struct conf_where where;
};

/*
 * (elvs) service_check: checks for every destination of a service that somebody made with ipvsadm. A failed one is
 * taken out (or gets weight 0) and comes back as it was. The checks' targets are filled in per destination.
 */
struct conf_service_check {
	struct conf_addr addr;	/* family 0: a mark */
	uint32_t fwmark;
	uint16_t family;
	uint8_t protocol;
	bool inhibit;
	const struct conf_check *templates;	/* target.port 0: the destination's */
	uint32_t n_templates;
	struct conf_where where;
};

struct conf_ssl {
	const char *password, *ca, *certificate, *key;
};

/* ---- messages about it ---- */
enum conf_severity {	/* in the order in which keepalived reckons the exit status of -t */
	CONF_NOTE,		/* has no effect here, said once */
	CONF_MISSING_FILE,	/* 4 */
	CONF_BAD_IF,		/* 4 */
	CONF_FATAL,		/* 4 */
	CONF_ERROR,		/* 5 */
	CONF_WARNING,		/* 5 */
	CONF_DEPRECATED,	/* 5 */
	CONF_SECURITY,		/* 6 */
	CONF_MISSING_PARAM,	/* 2: a required argument is missing */
	CONF_HINT,		/* accepted although keepalived would not: 0 */
};
struct conf_message {
	enum conf_severity severity;
	struct conf_where where;
	const char *text;	/* what, what would be right */
};

struct conf {
	struct conf_global global;
	struct conf_ssl ssl;
	bool has_vrrp, has_lvs, has_bfd;	/* anything there for that process */

#define CONF_LIST(type, name) const struct type *name; uint32_t n_##name
	CONF_LIST(conf_vip, static_addresses);
	CONF_LIST(conf_ipline, static_routes);
	CONF_LIST(conf_ipline, static_rules);
	CONF_LIST(conf_if_delay, if_delays);
	CONF_LIST(conf_track_group, track_groups);
	CONF_LIST(conf_track_file, files);
	CONF_LIST(conf_track_process, processes);
	CONF_LIST(conf_vrrp_script, scripts);
	CONF_LIST(conf_bfd, bfds);
	CONF_LIST(conf_garp_group, garp_groups);
	CONF_LIST(conf_sync_group, groups);
	CONF_LIST(conf_vrrp, vrrps);
	CONF_LIST(conf_vsg, vsgs);
	CONF_LIST(conf_target, checks);
	CONF_LIST(conf_vs, servers);
	CONF_LIST(conf_service_check, service_checks);
	CONF_LIST(conf_message, messages);
#undef CONF_LIST
	bool usable;		/* nothing fatal: it would run */
};

#endif
