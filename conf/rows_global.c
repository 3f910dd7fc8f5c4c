/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_global - global_defs and the words for whole processes that stand outside any block.
 *
 * Words that set a default for VRRP instances fill the draft only; validate_vrrp.c hands them down.
 */
#include "draft.h"
#include "set_global.h"
#include "vip.h"

/* clang-format off */
#define G(f) FIELD(global_draft, g.f)
#define D(f) FIELD(global_draft, f)
#define NO(why) .kind = V_NONE, .tier = T3, .no_effect = why
#define SECOND 1000000ll

static const char no_table_names[] = "ip(8) reads the names of tables itself";

/* How one of the processes runs; "checker" and "lvs" is one process, with words of both names. */
#define PROCESS(prefix, field, t, rt) \
	{ prefix "_process_name", V_STRING, T3, G(field.name), .brief = "name of that process" }, \
	{ prefix "_priority", V_NUM, T3, G(field.nice), .is_signed = true, .min = -20, .max = 19, .preset = "0", \
	  .brief = "its nice value" }, \
	{ prefix "_no_swap", V_FLAG, t, G(field.no_swap), .brief = "lock its memory" }, \
	{ prefix "_rt_priority", V_NUM, T3, G(field.rt_priority), .min = 1, .max = 99, .standard = rt, \
	  .brief = "run it with real-time scheduling (SCHED_RR)" }, \
	{ prefix "_cpu_affinity", V_CUSTOM, T3, R_REPEAT, G(field.cpus), .set = set_cpus, .print = print_cpus, \
	  .min_words = 1, .args = "CPU ...", .standard = "all", .brief = "CPUs it may run on" }, \
	{ prefix "_rlimit_rttime", V_USECS, T3, G(field.rlimit_rttime_us), .min = 1, .max = 1000000000, \
	  .standard = "10000", .brief = "limit of CPU time without a pause, under real-time scheduling" }, \
	{ prefix "_rlimit_rtime", V_USECS, T3, R_QUIET, G(field.rlimit_rttime_us), .min = 1, .max = 1000000000, \
	  .legacy = "please use " prefix "_rlimit_rttime", .brief = "old spelling" }

/* Buffers of a process's netlink sockets */
#define NETLINK(prefix, field, t) \
	{ prefix "_netlink_cmd_rcv_bufs", V_NUM, t, G(field.cmd_rcv_bufs), .max = INT32_MAX, \
	  .standard = "the kernel's", \
	  .brief = "receive buffer of the netlink socket for commands, bytes" }, \
	{ prefix "_netlink_cmd_rcv_bufs_force", V_BOOL, t, G(field.cmd_rcv_force), .preset = "off", \
	  .brief = "beyond the system's limit" }, \
	{ prefix "_netlink_monitor_rcv_bufs", V_NUM, t, G(field.monitor_rcv_bufs), .max = INT32_MAX, \
	  .standard = "the kernel's", \
	  .brief = "receive buffer of the netlink socket that watches interfaces, bytes" }, \
	{ prefix "_netlink_monitor_rcv_bufs_force", V_BOOL, t, G(field.monitor_rcv_force), .preset = "off", \
	  .brief = "beyond the system's limit" }

static const struct row mail_rows[] = {
	{ "router_id", V_STRING, T1, G(router_id), .standard = "the host's name",
	  .brief = "who we are, in the subjects of mails" },
	{ "notification_email", V_LIST, T1, G(mail_to), .set = set_mail_to, .print = print_mail_to,
	  .args = "{ ADDRESS ... }", .brief = "who gets mail about changes of state" },
	{ "notification_email_from", V_STRING, T1, G(mail_from), .standard = "root@HOST",
	  .brief = "sender of mails" },
	{ "smtp_server", V_CUSTOM, T1, G(smtp_server), .set = set_smtp_server, .print = print_smtp_server,
	  .min_words = 1,
	  .args = "HOST [PORT]", .standard = "none: no mail; port 25", .brief = "who delivers mails" },
	{ "smtp_helo_name", V_STRING, T2, G(smtp_helo), .standard = "the host's name",
	  .brief = "name to greet it with" },
	{ "smtp_connect_timeout", V_SECS, T1, G(smtp_timeout_us), .max = 3600 * SECOND, .preset = "30",
	  .set = set_smtp_timeout, .brief = "how long each step of a delivery may take" },
	{ "smtp_alert", V_TRISTATE, T1, G(smtp_alert), .standard = "real servers on, all others off",
	  .brief = "default of smtp_alert everywhere" },
	{ "smtp_alert_vrrp", V_TRISTATE, T3, G(smtp_alert_vrrp), .standard = "smtp_alert",
	  .brief = "default of smtp_alert in VRRP instances and groups" },
	{ "smtp_alert_checker", V_TRISTATE, T2, G(smtp_alert_checker), .standard = "smtp_alert",
	  .brief = "default of smtp_alert in virtual and real servers" },
	{ "checker_log_all_failures", V_BOOL, T3, G(checker_log_all_failures), .preset = "off",
	  .brief = "log every failed check, not only changes" },
	{ "no_email_faults", V_FLAG, T3, G(no_email_faults), .brief = "no mail when an instance goes to FAULT" },
	{ "no_checker_emails", V_FLAG, T3, G(no_checker_emails),
	  .no_effect = "mails are about real servers' own changes only",
	  .brief = "mail only when a real server changes, not for each of its checks" },
};

static const struct row process_rows[] = {
	{ "tmp_config_directory", NO("the configuration is kept in memory"),
	  .brief = "where keepalived keeps its copy of the configuration" },
	{ "config_save_dir", NO("elvs --print-config shows the configuration"),
	  .brief = "a debugging aid of keepalived" },
	{ "process_names", V_FLAG, T3, D(process_names), .brief = "give all processes keepalived's default names" },
	{ "process_name", V_STRING, T3, G(parent.name), .brief = "name of the parent process" },
	PROCESS("vrrp", vrrp, T2, "1 without vrrp_priority"),
	PROCESS("checker", checker, T3, "off"),
	PROCESS("bfd", bfd, T3, "off"),
	{ "lvs_process_name", V_STRING, T3, R_QUIET, G(checker.name), .legacy = "please use checker_process_name",
	  .brief = "old spelling" },
	NETLINK("vrrp", vrrp, T2),
	NETLINK("lvs", checker, T3),
	{ "process_monitor_rcv_bufs", NO("processes are looked for in /proc when the kernel had too many messages"),
	  .brief = "buffer of the socket that tells of processes" },
	{ "process_monitor_rcv_bufs_force", NO("see process_monitor_rcv_bufs"),
	  .brief = "beyond the system's limit" },
	{ "max_auto_priority", V_NUM, T2, G(max_auto_priority), .is_signed = true, .min = -1, .max = 99,
	  .preset = "0",
	  .alone = "99", .brief = "highest real-time priority to go to when timers run late; 0: none" },
	{ "min_auto_priority_delay", V_USECS, T2, G(min_auto_priority_delay_us), .max = 10000000, .preset = "1000000",
	  .brief = "lateness, in microseconds, that raises the priority" },
	{ "umask", V_CUSTOM, T2, G(umask), .set = set_umask, .print = print_umask, .min_words = 1, .preset = "0177",
	  .args = "NUMBER | BITS", .brief = "permissions that files we create do not get (IRUSR, IWGRP, ...)" },
	{ "random_seed", V_NONE, T2, .args = "N", .standard = "the time",
	  .brief = "seed of ${_RANDOM} from here on" },
	{ "dynamic_interfaces", V_CUSTOM, T2, G(dynamic_interfaces), .set = set_dynamic, .print = print_dynamic,
	  .args = "[allow_if_changes]", .standard = "off", .brief = "interfaces may appear and vanish later" },
	{ "default_interface", V_STRING, T3, G(default_interface), .set = set_ifname, .preset = "eth0",
	  .brief = "interface of static addresses that name none" },
	{ "disable_local_igmp", V_FLAG, T3, G(disable_local_igmp), .brief = "no IGMP reports for link-local groups" },
	{ "include_check", V_NONE, T3, .args = "[+|-] read | match | wildcard_match | brace_match ...",
	  .brief = "what include lines must find from here on; see INCLUDES" },
	{ "reload_check_config", V_CUSTOM, T3, G(reload_check_config), .set = set_reload_check,
	  .print = print_reload_check, .args = "[LOGFILE]",
	  .brief = "keep messages of a refused reload in LOGFILE (a bad reload never changes anything)" },
	{ "reload_time_file", V_STRING, T2, G(reload_time_file), .set = set_abs_path,
	  .brief = "file with the time of the next reload" },
	{ "reload_repeat", V_FLAG, T2, G(reload_repeat), .brief = "keep that file: reload every day" },
	{ "reload_file", V_STRING, T3, G(reload_file), .alone = "/run/keepalived.reload", .set = set_abs_path,
	  .brief = "file that exists while the configuration is read" },
	{ "data_use_instance", V_BOOL, T3, G(data_use_instance), .preset = "off",
	  .brief = "instance and namespace in the names of dump files" },
	{ "state_dump_file", V_STRING, T3, G(state_dump_file), .set = set_abs_path,
	  .standard = "/tmp/keepalived.data",
	  .brief = "where SIGUSR1 writes" },
	{ "stats_dump_file", V_STRING, T3, G(stats_dump_file), .set = set_abs_path,
	  .standard = "/tmp/keepalived.stats",
	  .brief = "where SIGUSR2 writes" },
	{ "json_dump_file", V_STRING, T3, G(json_dump_file), .set = set_abs_path, .standard = "/tmp/keepalived.json",
	  .brief = "where SIGRTMIN+2 writes" },
	{ "json_version", V_NUM, T3, G(json_version), .min = 1, .max = 2, .preset = "1",
	  .brief = "layout of that file" },
	{ "iproute_usr_dir", NO(no_table_names), .brief = "where names of routing tables stand" },
	{ "iproute_etc_dir", NO(no_table_names), .brief = "where names of routing tables stand" },
	{ "status_listen", V_ADDR_PORT, TELVS, G(status_listen), .standard = "none",
	  .brief = "address and port of the status page and of the metrics (elvs)" },
};

static const struct row script_rows[] = {
	{ "script_user", V_CUSTOM, T1, D(script_user), .set = set_script_user, .min_words = 1,
	  .args = "USER [[:]GROUP]",
	  .standard = "keepalived_script if it exists, else root", .brief = "who runs scripts that name nobody" },
	{ "enable_script_security", V_FLAG, T1, G(enable_script_security),
	  .brief = "do not run as root what others could change" },
	{ "use_symlink_paths", V_BOOL, T3, G(use_symlink_paths), .preset = "off",
	  .no_effect = "scripts are always run by the path as written",
	  .brief = "run scripts by the path as written, symbolic links unresolved" },
	{ "set_supplementary_groups", NO("scripts always have the groups of their user"),
	  .brief = "supplementary groups of scripts" },
	{ "startup_script", V_SCRIPT, T3, G(startup), .brief = "run once before anything else starts" },
	{ "startup_script_timeout", V_SECS, T3, G(startup_timeout_us), .min = SECOND, .max = 1000 * SECOND,
	  .preset = "10",
	  .brief = "how long it may run" },
	{ "shutdown_script", V_SCRIPT, T3, G(shutdown), .brief = "run once after all else has stopped" },
	{ "shutdown_script_timeout", V_SECS, T3, G(shutdown_timeout_us), .min = SECOND, .max = 1000 * SECOND,
	  .preset = "10", .brief = "how long it may run" },
	{ "notify_fifo", V_FIFO, T2, G(fifo), .brief = "FIFO that gets every change of VRRP and of servers" },
	{ "notify_fifo_script", V_CUSTOM, T2, G(fifo), .set = set_fifo_script, .min_words = 1,
	  .args = "COMMAND [USER [GROUP]]", .brief = "process that reads it; the path is its last argument" },
	{ "lvs_notify_fifo", V_FIFO, T2, G(lvs_fifo), .brief = "FIFO that gets changes of virtual and real servers" },
	{ "lvs_notify_fifo_script", V_CUSTOM, T2, G(lvs_fifo), .set = set_fifo_script, .min_words = 1,
	  .args = "COMMAND [USER [GROUP]]", .brief = "process that reads it" },
	{ "vrrp_notify_fifo", V_FIFO, T2, G(vrrp_fifo),
	  .brief = "FIFO that gets changes of VRRP instances and groups" },
	{ "vrrp_notify_fifo_script", V_CUSTOM, T2, G(vrrp_fifo), .set = set_fifo_script, .min_words = 1,
	  .args = "COMMAND [USER [GROUP]]", .brief = "process that reads it" },
	{ "rs_init_notifies", V_FLAG, T2, G(rs_init_notifies),
	  .brief = "notify about real servers that are up at the start" },
	{ "vrrp_notify_priority_changes", V_BOOL, T3, G(vrrp_notify_priority_changes), .preset = "off",
	  .brief = "notify about changes of priority, too" },
	{ "fifo_write_vrrp_states_on_reload", V_FLAG, T3, G(fifo_states_on_reload),
	  .brief = "write all states to the FIFOs after a reload" },
};

static const struct row lvs_rows[] = {
	{ "lvs_sync_daemon", V_CUSTOM, T2, G(sync), .set = set_sync, .print = print_sync, .min_words = 1,
	  .args = "INTERFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]", .standard = "off",
	  .brief = "synchronise connections; with an instance, as master or backup like it" },
	{ "lvs_timeouts", V_CUSTOM, T2, G(timeout_tcp_s), .set = set_timeouts, .print = print_timeouts,
	  .min_words = 2,
	  .args = "[tcp SECONDS] [tcpfin SECONDS] [udp SECONDS]", .standard = "unchanged",
	  .brief = "how long idle connections are remembered, as ipvsadm --set" },
	{ "lvs_flush", V_FLAG, T3, G(lvs_flush), .brief = "remove all virtual servers at the start" },
	{ "lvs_flush_on_stop", V_CUSTOM, T3, G(lvs_flush_on_stop), .set = set_flush_stop, .print = print_flush_stop,
	  .args = "[VS]", .standard = "off",
	  .brief = "remove everything at the stop (VS: the virtual servers at once)" },
	{ "lvs_flush_onstop", V_CUSTOM, T3, R_QUIET, G(lvs_flush_on_stop), .set = set_flush_stop, .args = "[VS]",
	  .legacy = "please use lvs_flush_on_stop", .brief = "old spelling" },
	{ "lvs_repair", V_BOOL, TELVS, G(repair), .preset = "off",
	  .brief = "a reload puts back what others changed in the tables (elvs)" },
	{ "nftables_ipvs", NO("all addresses of a group are virtual servers of their own"),
	  .brief = "groups by firewall marks" },
	{ "nftables_ipvs_priority", NO("see nftables_ipvs"), .brief = "groups by firewall marks" },
	{ "nftables_ipvs_start_fwmark", NO("see nftables_ipvs"), .brief = "groups by firewall marks" },
};

static const struct row_word versions[] = {{"2", 2}, {"3", 3}, {NULL, 0}};

static const struct row vrrp_rows[] = {
	{ "vrrp_mcast_group4", V_ADDR, T1, G(mcast_group4), .min = AF_INET, .preset = "224.0.0.18", .set = set_mcast,
	  .brief = "IPv4 group of advertisements" },
	{ "vrrp_mcast_group6", V_ADDR, T3, G(mcast_group6), .min = AF_INET6, .preset = "ff02::12", .set = set_mcast,
	  .brief = "IPv6 group of advertisements" },
	{ "vrrp_version", V_ENUM, T1, G(vrrp_version), .words = versions, .preset = "2",
	  .brief = "version of the protocol; IPv6 is always 3" },
	{ "vrrp_garp_master_delay", V_SECS, T2, D(garp.master_delay_us), .preset = "5", .mark = GIVEN_GARP_DELAY,
	  .brief = "second burst of gratuitous ARPs after becoming master; 0: none" },
	{ "vrrp_garp_master_repeat", V_NUM, T2, D(garp.master_repeat), .max = 1000, .preset = "5",
	  .mark = GIVEN_GARP_REPEAT,
	  .brief = "ARPs of a burst" },
	{ "vrrp_garp_master_refresh", V_SECS, T2, D(garp.master_refresh_us), .preset = "0",
	  .mark = GIVEN_GARP_REFRESH,
	  .brief = "repeat them while master; 0: never" },
	{ "vrrp_garp_master_refresh_repeat", V_NUM, T2, D(garp.master_refresh_repeat), .max = 1000, .preset = "1",
	  .mark = GIVEN_GARP_REFRESH_REPEAT, .brief = "ARPs of such a repetition" },
	{ "vrrp_garp_lower_prio_delay", V_SECS, T2, D(garp.lower_prio_delay_us), .mark = GIVEN_GARP_LOWER_DELAY,
	  .standard = "vrrp_garp_master_delay", .brief = "second burst after an advertisement of lower priority" },
	{ "vrrp_garp_lower_prio_repeat", V_NUM, T2, D(garp.lower_prio_repeat), .max = 1000,
	  .mark = GIVEN_GARP_LOWER_REPEAT,
	  .standard = "vrrp_garp_master_repeat", .brief = "ARPs of such a burst" },
	{ "vrrp_garp_interval", V_SECS, T1, G(vrrp_garp_interval_us), .min = 1, .max = 3600 * SECOND, .standard = "0",
	  .brief = "pause between two gratuitous ARPs on an interface" },
	{ "vrrp_gna_interval", V_SECS, T1, G(vrrp_gna_interval_us), .min = 1, .max = 3600 * SECOND, .standard = "0",
	  .brief = "pause between two neighbour advertisements on an interface" },
	{ "vrrp_min_garp", V_BOOL, T3, D(min_garp), .preset = "off", .brief = "one ARP, no second burst" },
	{ "vrrp_garp_extra_if", V_CUSTOM, T3, D(garp), .set = set_extra_if, .min_words = 1, .args = "[all] SECONDS",
	  .mark = GIVEN_GARP_EXTRA_IF, .standard = "off",
	  .brief = "repeat ARPs on the other interfaces with addresses" },
	{ "vrrp_vmac_garp_intvl", V_CUSTOM, T3, D(garp), .set = set_extra_if, .min_words = 1, .args = "[all] SECONDS",
	  .mark = GIVEN_GARP_EXTRA_IF, .legacy = "please use vrrp_garp_extra_if", .brief = "old spelling" },
	{ "vrrp_down_timer_adverts", V_NUM, T3, D(down_timer_adverts), .min = 1, .max = 100, .preset = "3",
	  .brief = "advertisements that must be missing until a backup takes over" },
	{ "vrrp_lower_prio_no_advert", V_BOOL, T2, D(lower_prio_no_advert), .preset = "off",
	  .brief = "do not answer an advertisement of lower priority at once" },
	{ "vrrp_higher_prio_send_advert", V_BOOL, T2, D(higher_prio_send_advert), .preset = "off",
	  .brief = "advertise once more before yielding" },
	{ "vrrp_owner_ignore_adverts", V_BOOL, T3, D(owner_ignore_adverts), .preset = "off",
	  .brief = "the owner (priority 255) drops advertisements" },
	{ "v3_checksum_as_v2", V_BOOL, T3, D(v3_checksum_as_v2), .preset = "off",
	  .brief = "no pseudo header in the checksum of version 3 over IPv4" },
	{ "vrrp_check_unicast_src", V_FLAG, T2, D(check_unicast_src),
	  .brief = "unicast advertisements must come from a configured peer" },
	{ "vrrp_skip_check_adv_addr", V_BOOL, T1, D(skip_check_adv_addr), .preset = "off",
	  .brief = "do not compare the addresses in every advertisement of the same master" },
	{ "vrrp_strict", V_BOOL, T1, D(strict), .preset = "off", .brief = "keep to the RFC; see STRICT MODE" },
	{ "vrrp_iptables", V_CUSTOM, T2, G(iptables), .set = set_iptables,
	  .print = print_iptables, .args = "[IN [OUT]]",
	  .standard = "INPUT", .brief = "rules of no_accept are iptables', in these chains" },
	{ "vrrp_ipsets", NO("a rule in the chains of vrrp_iptables names one address"), .brief = "names of ipsets" },
	{ "nftables", V_STRING, T2, G(nft_table), .alone = "keepalived", .set = set_nft_table,
	  .standard = "keepalived",
	  .brief = "table of the rules for no_accept" },
	{ "nftables_priority", V_NUM, T3, G(nft_priority), .is_signed = true, .min = -400, .max = 400, .preset = "-1",
	  .brief = "priority of its chains" },
	{ "nftables_ifindex", NO("interfaces are always matched by number"), .brief = "match interfaces by number" },
	{ "nftables_counters", V_NONE, T2, .no_effect = "our rules always count", .brief = "counters on the rules" },
	{ "vrrp_rx_bufs_policy", NO("kernel_rx_buf_size sets the buffer of an instance"),
	  .brief = "receive buffers" },
	{ "vrrp_rx_bufs_multiplier", NO("see vrrp_rx_bufs_policy"), .brief = "receive buffers" },
	{ "vrrp_startup_delay", V_SECS, T2, G(vrrp_startup_delay_us), .max = 10000 * SECOND, .preset = "0",
	  .brief = "VRRP keeps still for this long after the start" },
	{ "vrrp_delay_after_boot", V_SECS, T3, G(vrrp_delay_after_boot_us), .max = 10000 * SECOND, .preset = "0",
	  .brief = "VRRP keeps still until the machine runs for this long" },
	{ "log_unknown_vrids", V_FLAG, T3, G(log_unknown_vrids),
	  .brief = "log advertisements of routers we do not know" },
	{ "vmac_prefix", V_STRING, T3, G(vmac_prefix), .preset = "vrrp",
	  .brief = "start of the names of VMAC interfaces" },
	{ "vmac_addr_prefix", V_STRING, T3, G(vmac_addr_prefix), .standard = "vmac_prefix",
	  .print = print_addr_prefix,
	  .brief = "the same for those that carry addresses of other interfaces" },
};

static const struct row monitor_rows[] = {
	{ "snmp_socket", V_STRING, T3, G(snmp_socket), .set = set_snmp_socket, .standard = "unix:/var/agentx/master",
	  .brief = "where the SNMP master agent takes subagents (AgentX): unix:PATH, tcp:ADDRESS:PORT, ..." },
	{ "enable_traps", V_FLAG, T2, G(snmp_traps), .brief = "SNMP notifications about changes of state" },
	{ "enable_snmp_vrrp", V_FLAG, T2, G(snmp_vrrp), .brief = "VRRP in KEEPALIVED-MIB" },
	{ "enable_snmp_keepalived", V_FLAG, T2, R_QUIET, G(snmp_vrrp), .legacy = "please use enable_snmp_vrrp",
	  .brief = "old spelling" },
	{ "enable_snmp_rfc", V_CUSTOM, T2, R_QUIET, G(snmp_rfcv2), .set = set_snmp_rfc, .standard = "off",
	  .brief = "both VRRP-MIB and VRRPV3-MIB" },
	{ "enable_snmp_rfcv2", V_FLAG, T3, G(snmp_rfcv2), .brief = "VRRP-MIB (RFC 2787)" },
	{ "enable_snmp_rfcv3", V_FLAG, T2, G(snmp_rfcv3), .brief = "VRRPV3-MIB (RFC 6527)" },
	{ "enable_snmp_checker", V_FLAG, T2, G(snmp_checker), .brief = "virtual and real servers in KEEPALIVED-MIB" },
	{ "snmp_vs_stats_update_interval", V_SECS, T3, G(snmp_vs_update_us), .min = 1000, .max = 30 * SECOND,
	  .preset = "5", .brief = "statistics of virtual servers may be so old" },
	{ "snmp_rs_stats_update_interval", V_SECS, T3, G(snmp_rs_update_us), .min = 1000, .max = 30 * SECOND,
	  .standard = "snmp_vs_stats_update_interval", .brief = "and those of real servers" },
	{ "enable_dbus", V_FLAG, T2, G(dbus), .brief = "states, signals and commands on the system's D-Bus" },
	{ "dbus_service_name", V_STRING, T2, G(dbus_name), .set = set_dbus_name, .preset = "org.keepalived.Vrrp1",
	  .brief = "name to have there" },
	{ "dbus_no_interface_name", V_STRING, T3, G(dbus_no_interface), .preset = "none",
	  .brief = "in paths there, the interface of an instance that has none" },
};
/* clang-format on */
static ROW_TABLE(mail);
static ROW_TABLE(process);
static ROW_TABLE(script);
static ROW_TABLE(lvs);
static ROW_TABLE(vrrp);
static ROW_TABLE(monitor);
static const struct row_part global_parts[] = {
	{ &mail, 0 }, { &process, 0 }, { &script, 0 }, { &lvs, 0 }, { &vrrp, 0 }, { &monitor, 0 }, { NULL, 0 },
};
const struct schema_block schema_global = {
	.word = "global_defs",
	.parts = global_parts,
	.conf_size = sizeof(struct conf_global),
	.given = offsetof(struct global_draft, given),
	.brief = "What holds for everything",
};

/* clang-format off */
static const struct row rows_global_root_rows[] = {
	{ "global_defs", V_BLOCK, T1, .block = &schema_global, .brief = "what holds for everything" },
	{ "net_namespace", V_STRING, T1, G(net_namespace), .standard = "the one we are started in",
	  .brief = "network namespace to run in; implies use_pid_dir" },
	{ "net_namespace_ipvs", V_STRING, T3, G(net_namespace_ipvs), .standard = "net_namespace",
	  .no_effect = "virtual servers are in net_namespace, like everything else",
	  .brief = "network namespace of the virtual servers; checks stay outside" },
	{ "namespace_with_ipsets", NO("ipsets are not used"), .brief = "for kernels before 3.13" },
	{ "instance", V_STRING, T2, G(instance), .brief = "name in those of pid and dump files; ${_INSTANCE}" },
	{ "use_pid_dir", V_FLAG, T3, G(use_pid_dir), .brief = "pid files in a directory of their own" },
	{ "child_wait_time", V_SECS, T2, G(child_wait_us), .max = 3600 * SECOND, .preset = "5",
	  .brief = "how long processes get to end" },
	{ "linkbeat_use_polling", NO("the kernel tells of every change of a link"),
	  .brief = "poll the state of links" },
};
/* clang-format on */
ROW_TABLE(rows_global_root);
