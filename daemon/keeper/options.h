/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - keepalived's command line, read once and never changed: what keepalived(8) lists, with its meanings.
 *
 * Words that have no effect here (memory checks, ...) are accepted and named in `ignored', so that the keeper
 * says so once.
 */
#ifndef ELVS_KEEPER_OPTIONS_H
#define ELVS_KEEPER_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#define KEEPER_CONF_FILE "/etc/keepalived/keepalived.conf"
#define KEEPER_IGNORED_MAX 16

struct keeper_options {
	const char *program;			   /* "keepalived", "elvsd" */
	const char *conf_file;			   /* -f */
	bool vrrp, check, bfd;			   /* -P, -C, -B: which of them may run */
	bool all;				   /* --all: also without configuration */
	bool console, detail, no_syslog;	   /* -l, -D, -G */
	int facility;				   /* -S: LOG_DAEMON, ... */
	const char *log_file;			   /* -g; NULL: none */
	bool release_vips;			   /* -X */
	bool dont_release_vrrp, dont_release_ipvs; /* -V, -I */
	bool dont_respawn, dont_fork;		   /* -R, -n */
	bool dump_conf;				   /* -d */
	bool all_includes;			   /* -e */
	bool ignore_sigint;
	bool core_dump;					  /* -m */
	const char *core_pattern;			  /* -M; NULL: left alone */
	const char *pid, *vrrp_pid, *check_pid, *bfd_pid; /* -p -r -c -b; NULL: the usual ones */
	const char *net_namespace;			  /* -s; NULL: as the configuration says */
	bool snmp;					  /* -x: all of it, whatever the configuration says */
	const char *snmp_socket;			  /* -A; NULL: as the configuration says */
	const char *config_id;				  /* -i; "": the host's name */
	bool has_umask;
	mode_t umask; /* -u */
	bool genhash; /* -T: argv from genhash_at on is genhash's */
	int genhash_at;
	const char *signum;    /* --signum; NULL: not asked */
	bool test, print;      /* -t, --print-config */
	const char *test_file; /* -t's; NULL: stderr */
	bool version, help;
	const char *ignored[KEEPER_IGNORED_MAX];
	unsigned n_ignored;
};

/* Returns 0, or -EINVAL with a sentence in why (size bytes). Strings are argv's. */
int keeper_options_parse(struct keeper_options *o, int argc, char **argv, char *why, unsigned size);
void keeper_options_usage(const char *program);
/* The number of the signal for one of --signum's words, -1: there is none. */
int keeper_signum(const char *word);

#endif
