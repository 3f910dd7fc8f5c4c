/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fsm - the VRRP state machine of one instance (RFC 9568 section 6, RFC 3768 section 6), without the world around
 * it.
 *
 * vrrp_fsm_step() takes a state, one event and the time (CLOCK_MONOTONIC, microseconds); it changes the state and
 * lists what is to be done, in order. It opens nothing, sends nothing, asks no clock: each row of the RFCs' tables
 * is a test. Instances in sync groups are driven through group.h only, which calls this. Invariant: in BACKUP and
 * MASTER exactly one of the protocol's timers runs (`timer'), in INIT and FAULT none does.
 */
#ifndef ELVS_DAEMON_VRRP_FSM_H
#define ELVS_DAEMON_VRRP_FSM_H

#include "conf/conf.h"
#include "daemon/message.h" /* enum vrrp_state */

#define VRRP_NEVER UINT64_MAX

/* clang-format off */
/* Why an instance may not run; a set. A wait only keeps it from leaving INIT or FAULT, everything else is a FAULT. */
#define VRRP_WHY_IF_DOWN	0x001u	/* its interface is down or missing */
#define VRRP_WHY_NO_SOURCE	0x002u	/* no address to send from (track_src_ip: not the configured one) */
#define VRRP_WHY_TRACK		0x004u	/* a tracked thing with weight 0 failed */
#define VRRP_WHY_VIP		0x008u	/* somebody removed a virtual address and it cannot be put back */
#define VRRP_WHY_DUPLICATE	0x010u	/* another instance has the same VRID on the same network */
#define VRRP_WHY_CONFIG		0x020u	/* e.g. unicast without peers */
#define VRRP_WHY_GROUP		0x040u	/* another member of its sync group is in FAULT (group.c sets it) */
#define VRRP_WHY_SEND		0x080u	/* its socket cannot be opened */
#define VRRP_WHY_STATIC		0x100u	/* track_group: a static address, route, rule is gone */
#define VRRP_WHY_WAIT		0x1000u	/* a script with weight 0 has not run yet */
#define VRRP_WHY_GROUP_WAIT	0x2000u	/* another member of its sync group waits (group.c sets it) */
#define VRRP_WHY_WAITS		(VRRP_WHY_WAIT | VRRP_WHY_GROUP_WAIT)
/* clang-format on */

/* clang-format off */
/*	event			name */
#define VRRP_EVENTS(M) \
	M(VRRP_ON_START,	"start")	/* from INIT: the configuration is in force */ \
	M(VRRP_ON_TIMER,	"timer")	/* vrrp_fsm_due() has come; early or spurious ones do nothing */ \
	M(VRRP_ON_ADVERT,	"advert")	/* an accepted one, never our own */ \
	M(VRRP_ON_WHY,		"why")		/* .why: the whole set of reasons from now on (without the group's) */ \
	M(VRRP_ON_PRIORITY,	"priority")	/* .priority: effective, from priority.h */ \
	M(VRRP_ON_SOURCE,	"source")	/* .src: our address is this from now on */ \
	M(VRRP_ON_STOP,		"stop")		/* the daemon ends, or the instance is no longer configured */ \
	M(VRRP_ON_GROUP_MASTER, "group master")	/* group.c only: every member wants to be master */ \
	M(VRRP_ON_GROUP_BACKUP,	"group backup")	/* group.c only */ \
	M(VRRP_ON_GROUP_WHY,	"group why")	/* group.c only: .why with VRRP_WHY_GROUP, VRRP_WHY_GROUP_WAIT */ \
	M(VRRP_ON_GROUP_GARP,	"group garp")	/* group.c only: another member heard a lower priority */
/* clang-format on */

enum vrrp_event_type {
#define M(name, text) name,
	VRRP_EVENTS(M)
#undef M
		VRRP_EVENT_TYPES
};

struct vrrp_event {
	enum vrrp_event_type type;
	uint8_t priority; /* ADVERT: the sender's; PRIORITY */
	bool deleted;	  /* STOP: by a reload */
	uint32_t why;
	uint64_t interval_us; /* ADVERT: the sender's */
	struct conf_addr src; /* ADVERT: the sender's; SOURCE */
};

/* clang-format off */
/*	action			name			in the order in which they come when there are several */
#define VRRP_ACTIONS(M) \
	M(VRRP_DO_ADVERT,	"advert")	/* send one with .priority (0: we stop) */ \
	M(VRRP_DO_ADD,		"add")		/* addresses, routes, rules onto the interfaces */ \
	M(VRRP_DO_REMOVE,	"remove")	/* and off */ \
	M(VRRP_DO_GARP,		"garp")		/* .repeat gratuitous ARPs / NAs for every address */ \
	M(VRRP_DO_GARP_EXTRA,	"garp extra")	/* one for addresses on other interfaces (garp_extra_if) */ \
	M(VRRP_DO_NOTIFY,	"notify")	/* .old -> .state: log, scripts, mail, MSG_VRRP_STATE */ \
	M(VRRP_DO_RX_LOWER,	"rx lower")	/* notify_master_rx_lower_pri */ \
	M(VRRP_DO_PRIORITY,	"priority")	/* .priority changed (vrrp_notify_priority_changes) */ \
	M(VRRP_DO_LOG,		"log")		/* .text; .src, .priority of the advert where it speaks of one */
/* clang-format on */

enum vrrp_action_kind {
#define M(name, text) name,
	VRRP_ACTIONS(M)
#undef M
		VRRP_ACTION_KINDS
};

/* clang-format off */
/*	what happened			line for the log; %s: sender, %u: its priority, %u: ours */
#define VRRP_SAYS(M) \
	M(VRRP_SAY_HIGHER,	"Master received advert from %s with higher priority %u, ours %u") \
	M(VRRP_SAY_SAME_HIGHER_IP, "Master received advert from %s with same priority %u but higher IP address than ours") \
	M(VRRP_SAY_LOWER,	"Received advert from %s with lower priority %u, ours %u, forcing new election") \
	M(VRRP_SAY_LOWER_QUIET,	"Received advert from %s with lower priority %u, ours %u") \
	M(VRRP_SAY_DISCARD,	"received lower priority advert from %s (%u, ours %u), discarding") \
	M(VRRP_SAY_PRIO0,	"Backup received priority 0 advertisement from %s") \
	M(VRRP_SAY_PREEMPT_DELAY, "start preempt delay: %s sends lower priority %u, ours %u") \
	M(VRRP_SAY_OWNERS,	"WARNING - %s also claims to be the address owner (priority %u), ours %u") \
	M(VRRP_SAY_OWNER_YIELDS, "%s is the address owner (priority %u), too: our priority is %u from now on") \
	M(VRRP_SAY_LATE,	"A timer expired so late that a backup will have taken over, returning to BACKUP")
/* clang-format on */

enum vrrp_say {
#define M(name, text) name,
	VRRP_SAYS(M)
#undef M
		VRRP_SAY_TYPES
};

struct vrrp_fsm;
struct vrrp_group;

struct vrrp_action {
	enum vrrp_action_kind kind;
	struct vrrp_fsm *fsm;	    /* whose; NULL: the group's (NOTIFY only) */
	enum vrrp_state old, state; /* NOTIFY */
	uint8_t priority;
	uint32_t repeat;
	enum vrrp_say say;    /* LOG */
	struct conf_addr src; /* LOG */
	uint8_t src_priority; /* LOG; PRIORITY: the one before */
};

/* Filled from n on; grows by itself. The caller empties (n = 0) and in the end frees it. */
struct vrrp_actions {
	struct vrrp_action *list;
	uint32_t n, size;
	bool lost; /* no memory: an action is missing */
};
/* A new, zeroed action at the end (NULL: no memory, `lost' is set). */
struct vrrp_action *vrrp_actions_add(struct vrrp_actions *a, enum vrrp_action_kind kind);
void vrrp_actions_free(struct vrrp_actions *a);

struct vrrp_fsm {
	const struct conf_vrrp *conf; /* borrowed, see vrrp_fsm_reconf() */
	void *user;		      /* whoever drives it */
	enum vrrp_state state;
	bool started;
	bool grouped;	      /* group.c decides about MASTER */
	bool wants_master;    /* grouped: the down timer has run out and nobody was heard since */
	uint8_t priority;     /* effective; owner: 255, or 254 after it yielded to another owner */
	uint32_t why;	      /* VRRP_WHY_* */
	struct conf_addr src; /* ours, for equal priorities; family 0: not known */

	struct conf_addr master; /* whom we heard last (BACKUP); family 0: nobody, or ourselves */
	uint8_t master_priority;
	uint64_t master_interval_us; /* theirs (version 3 learns it), else ours */
	uint64_t since;		     /* when this state began */

	/* absolute times, VRRP_NEVER: not running */
	uint64_t start_at;	/* end of the start-up delay */
	uint64_t timer;		/* BACKUP: master down; MASTER: next advert */
	uint64_t preempt_at;	/* until then a lower master is left alone */
	uint64_t garp_at;	/* second burst */
	uint64_t garp_lower_at; /* second burst after a lower priority was heard */
	uint64_t garp_refresh_at, garp_extra_at;
	uint64_t owners_until; /* two owners: the other's adverts count against us from then on */
	uint8_t owners_sent;

	uint8_t why_master, why_next; /* enum vrrp_why_master: of the last time, and if it became one now */
	uint64_t became_master, released_master, sent, sent_prio0, received, received_prio0;
};

/* delay_us: vrrp_startup_delay (or what is left of vrrp_delay_after_boot), counted from VRRP_ON_START. */
void vrrp_fsm_init(struct vrrp_fsm *f, const struct conf_vrrp *conf, uint64_t delay_us, uint64_t now);
/*
 * The same instance after a reload: it keeps its state and, where intervals allow, its timers. A change of priority
 * comes as VRRP_ON_PRIORITY afterwards.
 */
void vrrp_fsm_reconf(struct vrrp_fsm *f, const struct conf_vrrp *conf, uint64_t now);
/*
 * A role that was restarted finds its addresses on the interfaces: it goes on as master (instead of VRRP_ON_START),
 * with an advert at once. A higher one makes it BACKUP as always. No notification: the state has not changed.
 * Members of a sync group: all of them or none, then vrrp_group_adopt().
 */
void vrrp_fsm_resume_master(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out);

/* One event of an instance without a group. Actions are appended to out. */
void vrrp_fsm_step(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out);
/* When VRRP_ON_TIMER is wanted next; VRRP_NEVER: not at all. Ask again after each step. */
uint64_t vrrp_fsm_due(const struct vrrp_fsm *f);

/* ((256 - priority) / 256): of a second in version 2, of interval_us in version 3 (RFC 9568 6.1, RFC 3768 6.1). */
uint64_t vrrp_fsm_skew(unsigned version, uint8_t priority, uint64_t interval_us);
/* How long an instance hears nothing from a master with that interval before it takes over. */
uint64_t vrrp_fsm_master_down(const struct vrrp_fsm *f);

const char *vrrp_state_name(enum vrrp_state s); /* "MASTER", as scripts and FIFOs get it */
const char *vrrp_event_name(enum vrrp_event_type t);
const char *vrrp_action_name(enum vrrp_action_kind k);
const char *vrrp_why_text(uint32_t why); /* of the lowest reason in the set; "" */
/* Writes the line for a VRRP_DO_LOG action, without "(NAME) ". Returns buf. */
const char *vrrp_say(const struct vrrp_action *a, char *buf, size_t size);

#endif
