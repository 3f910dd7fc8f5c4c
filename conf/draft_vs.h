/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * draft_vs - virtual servers, real servers and checks as they are read, before defaults are handed down (internal).
 *
 * A block holds the timing of checks as a template, struct conf_check: virtual server, real server and check have the
 * same rows for it, and `given` tells which were written. Each draft begins with the struct that it becomes.
 */
#ifndef ELVS_CONF_DRAFT_VS_H
#define ELVS_CONF_DRAFT_VS_H

#include "parts.h"

/* Bits of `given`; the first ones mean the same in every draft */
enum vs_given {
	VG_NOTHING,
	VG_DELAY_LOOP,
	VG_WARMUP,
	VG_RETRY,
	VG_RETRY_DELAY,
	VG_CONNECT_TIMEOUT,
	VG_TOTAL_TIMEOUT,
	VG_JITTER,
	VG_RISE,
	VG_FALL,
	VG_ALPHA,
	VG_LOG_ALL,
	VG_SMTP_ALERT,
	VG_INHIBIT,
	VG_DRAIN,
	VG_SLOW_START,
	VG_WEIGHT,
	VG_METHOD,
	/* virtual server */
	VG_PROTOCOL,
	VG_SCHED,
	VG_FAMILY,
	VG_PERSISTENCE,
	VG_GRANULARITY,
	VG_SORRY_METHOD,
	/* check */
	VG_CONNECT_IP,
	VG_CONNECT_PORT,
	VG_MISC_TIMEOUT,
};

/* Scheduler flags by name: each belongs to one scheduler */
enum sched_words { SW_SH_PORT = 1, SW_SH_FALLBACK = 2, SW_MH_PORT = 4, SW_MH_FALLBACK = 8 };

struct url_draft {
	struct conf_url u;
	struct conf_where where;
};

struct check_draft {
	struct conf_check c;
	uint64_t given;
	struct vec urls;  /* struct conf_url */
	struct vec hosts; /* struct check_draft *: SMTP_CHECK's old host blocks, one check each */
	const char *name; /* of the bfd_instance or track_file, "" */
	const char *virtualhost;
	const char *user, *group; /* MISC_CHECK: who runs it, "" */
	bool via_vip;		  /* the virtual server's address */
};

/* Those who have checks, and what these start from */
struct checked {
	struct vec checks; /* struct check_draft * */
	struct conf_check times;
};

struct rs_draft {
	struct conf_rs r;
	uint16_t port; /* as written, 0: none: its checks go there, whatever becomes of the server's own (set_port) */
	uint64_t given;
	struct checked checked;
	const char *virtualhost;
};

struct vs_draft {
	struct conf_vs v;
	uint64_t given;
	struct conf_rs rs; /* what real servers start from */
	struct conf_check times;
	struct vec servers; /* struct rs_draft * */
	const char *group;  /* name, NULL: none */
	unsigned sched_words;
	struct in_addr mask4; /* persistence_granularity as written: a netmask, or a length */
	uint32_t mask_len;    /* 0: mask4 */
	uint16_t mark_family; /* ip_family */
};

struct vsg_draft {
	struct conf_vsg g;
	struct vec entries; /* struct conf_vsg_entry; first.family 0: of a mark that names none */
	uint32_t index;	    /* in conf */
};

struct service_draft {
	struct conf_service_check s;
	uint64_t given;
	struct checked checked;
	const char *virtualhost;
};

/* rows_check.c */
extern const struct row_table check_times_table; /* struct conf_check: timing, for whoever hands it down */
extern const struct row_table check_kinds_table; /* struct checked: TCP_CHECK, HTTP_GET, ... */
const struct schema_block *check_block(enum conf_check_kind kind); /* its word: check_block(k)->word */
/* rows_http.c */
extern const struct row_table http_table; /* struct check_draft */
/* set_vs.c, set_vsg.c */
void set_vsg(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_sched(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_sched_word(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_vs_method(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_rs_method(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_sorry(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_sorry_inhibit(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_sorry_method(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_persistence(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_engine(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_granularity(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_svc_flag(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void print_vs_method(struct printer *p, const void *obj, const struct row *r);
void print_rs_method(struct printer *p, const void *obj, const struct row *r);
void print_sorry(struct printer *p, const void *obj, const struct row *r);
void print_sorry_method(struct printer *p, const void *obj, const struct row *r);
void print_persistence(struct printer *p, const void *obj, const struct row *r);
void print_granularity(struct printer *p, const void *obj, const struct row *r);
void print_quorum(struct printer *p, const void *obj, const struct row *r);
void print_svc_flag(struct printer *p, const void *obj, const struct row *r);
/* validate_service.c: steps of validate_vs.c; false: the virtual server is left out, and that was said */
const char *vs_name(struct load *l, const struct vs_draft *d); /* for messages */
void service_keep_groups(struct load *l);		       /* conf->vsgs */
bool service_find_group(struct load *l, struct vs_draft *d);
void service_protocol(struct load *l, struct vs_draft *d);
void service_scheduler(struct load *l, struct vs_draft *d);
void service_method(struct load *l, struct vs_draft *d); /* real servers', too */
bool service_family(struct load *l, struct vs_draft *d); /* after the method: tunnels may be of another one */
void service_flags(struct load *l, struct vs_draft *d);	 /* persistence, one packet, ha_suspend */
/* adopt.c: the checks for an adopted virtual server; false: no service_check asks for it (any more) */
bool adopt_checks(struct load *l, struct vs_draft *d);
/* share.c: the index in conf of a check with the same target and content; a new one if there is none */
uint32_t share_check(struct load *l, const struct conf_check *c);
struct conf_check share_keep(struct load *l, const struct conf_check *c); /* a copy that stays */
void share_finish(struct load *l);					  /* conf->checks */
/*
 * validate_check.c: what draft becomes at a real server (pushes indices, uint32_t, to ret) or as a template of a
 * service_check (pushes struct conf_check).
 */
struct check_site {
	const struct vs_draft *vs; /* NULL: service_check */
	const struct rs_draft *rs; /* likewise */
	const struct service_draft *service;
};
void validate_check(struct load *l, const struct check_site *at, struct check_draft *draft, struct vec *ret);

#endif
