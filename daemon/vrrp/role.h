/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the vrrp role's one object: what is configured, what the world looks like, what every instance does.
 *
 * role.c is the loop and talks to the keeper, rights.c gives up what is not needed, config.c makes instances of a
 * configuration, change.c takes them to the next one by difference, look.c judges interfaces, addresses and tracked
 * things, ear.c and hear.c take in adverts, act.c does what the state machines say, dump.c writes it all down.
 * Nothing here waits for anything: adverts are never late because of something else.
 */
#ifndef ELVS_VRRP_ROLE_H
#define ELVS_VRRP_ROLE_H

#include <event2/event.h>
#include <netinet/in.h>

#include "addr.h"
#include "arena.h"
#include "commands.h"
#include "ear.h"
#include "firewall.h"
#include "garp.h"
#include "group.h"
#include "message.h"
#include "netlink.h"
#include "packet.h"
#include "priority.h"
#include "socket.h"
#include "sysctl.h"
#include "vmac.h"

/* Events of libevent, most urgent first: timers of the protocol, adverts, the world, gratuitous ARPs. */
enum { URGENT_TIMER, URGENT_ADVERT, URGENT_WORLD, URGENT_GARP, URGENCIES };

/* One address, virtual or static, and where it is. */
struct vip {
	const struct conf_vip *conf;
	uint32_t ifindex; /* where we put it; 0: nowhere */
	bool excluded;
	bool set;  /* it is there by our will */
	int error; /* of a static one, the last: said once */
};

/* A link whose ups and downs count only when they have lasted (interface_up_down_delays). */
struct settling {
	bool known, up; /* what counts */
	uint64_t at;	/* when the other begins to count; 0: nothing waits */
};

struct sync {
	struct vrrp_group group;
	struct vrrp_fsm **members; /* group.members */
	uint32_t index;		   /* of conf->groups; CONF_NONE: one instance on its own */
};

struct instance {
	struct vrrp_role *role;
	const struct conf_vrrp *conf;
	uint32_t index; /* of conf->vrrps */
	struct vrrp_fsm fsm;
	struct sync *sync;
	struct vrrp_codec *codec; /* the ear's, too */
	uint64_t serial;	  /* no other instance ever has it */
	struct rx *rx;
	uint32_t ifindex;    /* of the interface that it is configured on, 0: there is none now */
	uint32_t tx_ifindex; /* where adverts leave */
	struct vmac vmac;
	bool vmac_refused; /* said once: this kernel has none */
	struct addr_vmac { /* of use_vmac_addr */
		struct vmac vmac;
		char dev[IFNAMSIZ];
		uint16_t family;
		bool wanted;
	} * vmacs;
	uint32_t n_vmacs;
	struct vip *vips; /* advertised ones, then excluded ones */
	uint32_t n_vips;
	struct vip *old_vips; /* during a reload */
	uint32_t n_old_vips;
	bool owns;	  /* addresses, routes and rules are in place */
	uint32_t adding;  /* vips from here on are still to be put on, in portions */
	bool vip_lost;	  /* somebody took an address away: to be looked at */
	bool vip_refused; /* and it could not be put back */
	bool promote;	  /* promote_secondaries is held */
	uint32_t becomes; /* during a reload: its index in the next configuration; CONF_NONE: it goes */
	bool lingers;	  /* stopped, and its addresses wait for the next master */
	uint32_t said;	  /* refusals that were logged since the master changed, by bit */
	uint32_t remarked;
	int send_error; /* of the last advert, logged when it changes */
	int open_error; /* of its socket */
	uint64_t send_failures;
};

/* What others measure (scripts, processes, files, BFD sessions), by index in the configuration. */
struct values {
	struct vrrp_tracked *of[CONF_TRACK_BFD + 1];
	uint32_t n[CONF_TRACK_BFD + 1];
};

struct outgoing;

struct vrrp_role {
	int fd; /* to the keeper */
	const struct arena_space *space;
	struct event_base *base;
	struct event *ev_keeper, *ev_flush, *ev_world, *ev_timer, *ev_garp, *ev_look, *ev_linger, *ev_more,
		*ev_settle;
	struct event *ev_lines, *ev_restore; /* lines.c's; NULL: nothing to watch */
	struct outgoing *out, *out_tail;     /* what the keeper has not taken yet */
	int timer_fd;
	uint64_t timer_at; /* what timer_fd is set to */

	struct arena arena;
	const struct conf *conf; /* NULL: none came yet */
	const struct conf *next; /* while it is taken into force */
	uint32_t generation;

	struct netlink nl;
	bool nl_open;
	struct sockets *sockets;
	struct ear *ear, *old_ear; /* old_ear: what it has said is still to be heard; NULL: none */
	struct event *ev_ear;
	struct ear_shared *ear_shared;
	bool ear_refused;
	uint64_t serials;
	struct garp garp;
	int garp_fd;
	struct commands commands;
	struct firewall firewall;
	struct sysctls sysctls;

	struct instance **instances; /* in the order of conf->vrrps */
	uint32_t n_instances;
	struct sync **syncs;
	uint32_t n_syncs;
	struct vip *statics;
	uint32_t n_statics;
	bool statics_lost;
	struct values values;
	struct settling *settling;    /* interface_up_down_delays, by index of conf->if_delays */
	struct msg_vrrp_state *hints; /* what instances were before this process: MSG_VRRP_RESUME */
	uint32_t n_hints;

	struct vrrp_actions actions;
	uint64_t started;
	int rt_priority;
	uint64_t late_us;	  /* the most that a timer of the protocol was late */
	uint32_t unknown_said[8]; /* VRIDs, by bit */
	bool keep_addresses;	  /* stopping, and they are to stay */
	bool stopping;		  /* MSG_STOP came */
	bool lingering;		  /* stopping, addresses go when their next master is heard */
	int status;		  /* exit status */
};

/* ---- role.c ---- */
void role_step(struct vrrp_role *r, struct instance *i, const struct vrrp_event *e);
void role_rearm(struct vrrp_role *r, const struct instance *i); /* its next timer may be earlier than before */
void role_look_soon(struct vrrp_role *r); /* look.c is to judge everything again, after this event */
void role_lingered(struct vrrp_role *r);  /* an instance has given up its addresses: was it the last? */
void role_failed(void *arg, enum command_kind kind, const char *text);

/* ---- tell.c ---- */
void role_tell(struct vrrp_role *r, struct message *m);	    /* to the keeper; never blocks, never lost */
void tell_flush(evutil_socket_t fd, short what, void *arg); /* libevent's: it reads again */
void tell_drain(struct vrrp_role *r); /* before the end: gives it a moment to take what is left */

/* ---- config.c ---- */
/* Puts a configuration in force: the first one, or by difference to the one before, which may be unmapped then. 0/-errno */
int config_apply(struct vrrp_role *r, const struct conf *conf, uint32_t generation);
void config_release(struct vrrp_role *r); /* static addresses, routes, rules, VMACs, firewall: away */
void config_free(struct vrrp_role *r);
struct values values_new(const struct conf *c);
void values_free(struct values *v);

/* ---- change.c ---- */
/* During a reload: another instance, master already, takes this address over, so that it may stay where it is. */
bool change_moves(const struct vrrp_role *r, const struct instance *i, const struct vip *v);
/* After a reload i has old_vips: what goes is taken off (after all instances have their new ones), what is new put on. */
void change_vips_drop(struct vrrp_role *r, struct instance *i);
void change_vips_add(struct vrrp_role *r, struct instance *i);
void change_lines(struct vrrp_role *r, const struct conf_vrrp *old, const struct conf_vrrp *new);
void change_statics(struct vrrp_role *r, const struct conf *old, const struct conf *new); /* old NULL: none */

/* ---- look.c ---- */
void look_all(struct vrrp_role *r);			  /* tells every instance what has changed around it */
void look_vmacs(struct vrrp_role *r, struct instance *i); /* makes and removes those of use_vmac_addr */
void look_vmacs_remove(struct vrrp_role *r, struct instance *i);
void look_instance(struct vrrp_role *r, struct instance *i);
uint32_t vip_ifindex(const struct vrrp_role *r, const struct instance *i, const struct conf_vip *v);
extern const struct nl_events look_events;
/* Restores static addresses that are missing. */
void statics_apply(struct vrrp_role *r);
bool look_up(struct vrrp_role *r,
	     const struct nl_link *l); /* nl_link_up() after interface_up_down_delays; NULL: false */

/* ---- lines.c ---- */
void lines_conf(struct vrrp_role *r, const struct conf *c); /* watches if there is anything to watch */
void lines_restore_soon(struct vrrp_role *r);
void lines_close(struct vrrp_role *r);

/* ---- act.c ---- */
void act_all(struct vrrp_role *r, struct sync *s);     /* carries out r->actions, which are s's, and empties it */
void act_own(struct vrrp_role *r, struct instance *i); /* addresses, routes, rules in place */
void act_disown(struct vrrp_role *r, struct instance *i);
void act_end_linger(struct vrrp_role *r, struct instance *i); /* addresses off, then the news that it stopped */
bool act_own_more(struct vrrp_role *r, struct instance *i);   /* the next portion; false: nothing was left */
void act_garp(struct vrrp_role *r, struct instance *i, const struct vip *v); /* queues one */
/* Queues a burst for these, as for a new master's. */
void act_garps(struct vrrp_role *r, struct instance *i, struct vip *const *list, uint32_t n);
void act_vips(struct vrrp_role *r, struct instance *i, struct vip **list, uint32_t n, bool add);
void act_guard_all(struct vrrp_role *r, struct instance *i); /* tells the firewall what it has, after a reload */
void act_lines(struct vrrp_role *r, const struct instance *i, bool add);
const char *act_addr(const struct conf_addr *a, char buf[INET6_ADDRSTRLEN]);
void act_tell_state(struct vrrp_role *r, struct instance *i); /* to the keeper, although it has not changed */
void act_log(const struct instance *i, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- counts.c ---- */
void counts_tell(struct vrrp_role *r); /* MSG_VRRP_COUNTS of everything, for SNMP */

/* ---- dump.c ---- */
int dump_write(struct vrrp_role *r, int fd, enum dump_kind kind);

#endif
