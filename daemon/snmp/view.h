/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view - all that the objects of our MIBs are made from: a configuration and what is known of its things at run time.
 *
 * Filled by the role; the objects only read it. Whatever is not known is zero.
 */
#ifndef ELVS_SNMP_VIEW_H
#define ELVS_SNMP_VIEW_H

#include <stdbool.h>

#include "conf.h"
#include "message.h"
#include "snmp_facts.h"

/* What is served; the words enable_snmp_* */
enum part { PART_VRRP = 1, PART_CHECKER = 2, PART_RFC2787 = 4, PART_RFC6527 = 8 };
/* What an object needs to know that must be asked for first */
enum need { NEED_NOTHING, NEED_VRRP = 1, NEED_LVS = 2 };

struct vrrp_known {
	uint8_t state, priority;
	uint64_t up_us; /* monotonic: when it left INIT or FAULT; 0: it has not */
	bool counted; /* counts came before */
	struct msg_vrrp_counts counts;
};

struct tracked {
	uint32_t count; /* processes: how many run */
	bool known;
	int32_t value;
};

struct mapped_facts {
	const struct lvs_facts *head;
	const struct vs_facts *servers;
	const struct rs_facts *real;
};

struct view {
	const struct conf *conf;
	const char *version;	   /* of this program */
	unsigned parts;		   /* enum part */
	unsigned fresh;		   /* enum need: what is known now, and not too old */
	struct vrrp_known *vrrps;  /* of conf->vrrps */
	uint8_t *groups;	   /* enum vrrp_state, of conf->groups */
	struct tracked *tracked[CONF_TRACK_BFD + 1];
	struct msg_vrrp_counts totals;
	struct mapped_facts lvs;   /* head NULL: nothing */
	uint64_t now_us;		   /* monotonic */
	uint32_t master_uptime;	   /* the master agent's sysUpTime at its last word, hundredths of a second */
	uint64_t master_told_us;   /* when that was */
	int netdev;		   /* a socket to ask for interfaces */
};

/* 0: there is no such interface */
uint32_t view_ifindex(const struct view *v, const char *name);
bool view_mac(const struct view *v, const char *name, uint8_t ret[6]);
/* The interface that an instance's addresses stand on: its VMAC's, or its own */
const char *view_vip_dev(const struct view *v, const struct conf_vrrp *i, const struct conf_vip *vip);

/* A route or rule in words, taken apart as far as the MIB asks. Words that are not understood are left out. */
struct line_hop {
	struct conf_addr via;
	const char *dev; /* "": none */
	uint32_t weight;
	bool onlink;
};
#define LINE_HOPS 16
struct line {
	uint16_t family;
	const char *type; /* "unicast", "blackhole", ... */
	struct conf_addr dst, src, from, via;
	uint8_t dst_len, from_len;
	bool has_dst, has_from, has_metric, invert, l3mdev, has_fwmark, has_fwmask, has_goto, has_table, has_pref;
	const char *dev, *iif, *oif, *proto, *congctl, *pref, *group; /* NULL: not given */
	uint8_t scope;
	uint32_t table, tos, metric, target, fwmark, fwmask, ipproto, uid[2], sport[2], dport[2], suppress, realms[2];
	bool has_uid, has_sport, has_dport, has_suppress, has_ipproto;
	uint32_t expires;
	uint64_t tun_id;
	bool quickack, ecn, no_cookie, has_no_cookie;
	struct line_option {
		uint32_t value;
		bool given, lock;
	} mtu, hoplimit, advmss, rtt, rttvar, reordering, window, cwnd, ssthresh, rto_min, initcwnd, initrwnd;
	struct line_hop hops[LINE_HOPS];
	uint32_t n_hops;
};
void line_route(const struct conf_ipline *l, struct line *ret);
void line_rule(const struct conf_ipline *l, struct line *ret);

#endif
