/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set_vrrp - the odd ones among the words of vrrp_instance and vrrp_sync_group: read and printed (internal). */
#ifndef ELVS_CONF_SET_VRRP_H
#define ELVS_CONF_SET_VRRP_H

#include "parts.h"

void *open_vrrp(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n);
void *open_group(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n);
void *open_garp_group(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n);
void close_garp_group(struct load *l, void *parent, void *draft, const struct conf_node *n);
void set_notify_deleted(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_garp_extra_if(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_track(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_auth_pass(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_hmac_key(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_iface(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_sync_interface(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_vmac(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_ipvlan(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_peer(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_old_checksum(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_vip(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_excluded(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_route(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_rule(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_group_member(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void add_garp_interface(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void print_notify_deleted(struct printer *p, const void *obj, const struct row *r);
void print_garp_extra_if(struct printer *p, const void *obj, const struct row *r);
void print_iface(struct printer *p, const void *obj, const struct row *r);
void print_vmac(struct printer *p, const void *obj, const struct row *r);
void print_ipvlan(struct printer *p, const void *obj, const struct row *r);
void print_source(struct printer *p, const void *obj, const struct row *r);
void print_mcast_dst(struct printer *p, const void *obj, const struct row *r);
void print_peers(struct printer *p, const void *obj, const struct row *r);
void print_old_checksum(struct printer *p, const void *obj, const struct row *r);
void print_vips(struct printer *p, const void *obj, const struct row *r);
void print_excluded(struct printer *p, const void *obj, const struct row *r);
void print_no_vips(struct printer *p, const void *obj, const struct row *r);
void print_routes(struct printer *p, const void *obj, const struct row *r);
void print_rules(struct printer *p, const void *obj, const struct row *r);
void print_auth(struct printer *p, const void *obj, const struct row *r);
void print_hmac(struct printer *p, const void *obj, const struct row *r);
void print_garp_group(struct printer *p, const void *obj, const struct row *r);
bool stray_member(struct load *l, void *draft, const struct conf_node *n);
void print_lower_prio(struct printer *p, const void *obj, const struct row *r);
void print_notify_flag(struct printer *p, const void *obj, const struct row *r);
void print_version(struct printer *p, const void *obj, const struct row *r);
void print_state(struct printer *p, const void *obj, const struct row *r);

#endif
