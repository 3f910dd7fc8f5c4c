/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch - what happens around the data plane, told to it in time: links, addresses, routes, neighbours (rtnetlink),
 * what XDP may transmit on (the "netdev" family), and from these next hops, local VIPs and attachments.
 *
 * Everything is recomputed from the kernel's present state when something has changed; events only say when.
 */
#ifndef ELVS_DIRECTOR_WATCH_H
#define ELVS_DIRECTOR_WATCH_H

#include <event2/event.h>
#include <stdint.h>

#include "elvs.h"
#include "plan.h"

struct watch;

/* state_dir: where attachments asked for by hand are remembered. -errno. */
int watch_open(struct watch **ret, struct event_base *base, struct elvs *e, enum elvs_hook most,
	       const char *state_dir);
void watch_close(struct watch *w);	/* accepts NULL; programs stay attached */
/* The instance is taken down: neighbours are no longer kept fresh, what was remembered is forgotten. */
void watch_forget(struct watch *w);

/* Services or destinations have changed ... */
void watch_config_changed(struct watch *w);
void watch_svc_added(struct watch *w, uint16_t af, const union elvs_addr *vip);
/* What has happened is known afterwards: whoever asks has seen it happen, so it waits in the socket already. */
void watch_catch_up(struct watch *w);
/* client: who is expected to see to that address from now on (an identity, not looked into). */
void watch_vip_mode_set(struct watch *w, uint16_t af, const union elvs_addr *vip, enum elvs_vip_mode mode,
			const void *client);
void watch_client_gone(struct watch *w, const void *client);
void watch_dest_added(struct watch *w, uint16_t af, const union elvs_addr *addr);
/* ... and now the data plane is to know: next hops, local VIPs, attachments. Does nothing if nothing changed. */
void watch_settle(struct watch *w);
void watch_tick(struct watch *w);	/* every half second */

/* Asked for by hand; hook 0: detach and keep off. *ret_why: a sentence on failure, borrowed. */
int watch_attach(struct watch *w, const char *ifname, uint32_t hook, const char **ret_why);
/* The plan as it would be carried out, services or not. Borrowed until the next call. */
const struct plan *watch_plan(struct watch *w);
/* Warnings for `elvs status`: f gets each. */
void watch_warnings(struct watch *w, void (*f)(void *arg, const char *text), void *arg);

#endif
