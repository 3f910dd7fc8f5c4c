/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lvsconf - reads an LVS.conf: the one file of settings from which a whole director is set up.
 *
 *	interface=ens33
 *	lvs_ip=192.168.159.130
 *	real_server=(192.168.159.131 192.168.159.132)
 *
 * It looks like shell and is written by people who think of shell, so quotes, arrays over several lines,
 * real_server[0]=..., +=, export, `;' and comments are understood, and `key: value' as well. Nothing is executed.
 * Pure: text in, settings out.
 */
#ifndef ELVS_TOOLS_LVSCONF_H
#define ELVS_TOOLS_LVSCONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vip.h"

#define LVSCONF_SERVERS_MAX 1024
#define LVSCONF_WORD_MAX 64

struct lvsconf {
	char interface[16];
	char router_id[LVSCONF_WORD_MAX];
	struct vip vip;
	uint16_t port, real_port;
	char scheduler[16];		/* balance_algorithm */
	uint32_t persistence_s;		/* 0: none */
	bool udp;
	bool master;			/* type */
	uint8_t priority;
	struct vip servers[LVSCONF_SERVERS_MAX];
	unsigned n_servers;
	/* not in every LVS.conf */
	char method[8];			/* lb_kind: DR unless given */
	uint8_t vrid;			/* virtual_router_id: 51 */
	char auth_pass[9];		/* "": no authentication */
	unsigned advert_s;		/* advert_int: 1 */
};

struct lvsconf_error {
	unsigned line, col;		/* 0: the file as a whole */
	char text[200];			/* what, what would be right */
};

/*
 * text: len bytes. Returns 0, or how many errors there are; the first max of them in errors. ret is complete only
 * with 0.
 */
int lvsconf_parse(struct lvsconf *ret, const char *text, size_t len, struct lvsconf_error *errors, int max);

/* The keepalived.conf that it means, malloc()ed; NULL without memory. source: named in its head. */
char *lvsconf_keepalived(const struct lvsconf *c, const char *source);

#endif
