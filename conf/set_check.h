/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set_check - the odd ones among the words of checks: how they are read and printed (internal). */
#ifndef ELVS_CONF_SET_CHECK_H
#define ELVS_CONF_SET_CHECK_H

#include "draft_vs.h"

extern const struct schema_block smtp_host_block;

void *open_check(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n);
void close_check(struct load *l, void *parent, void *draft, const struct conf_node *n);
void *open_host(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n);
void close_host(struct load *l, void *parent, void *draft, const struct conf_node *n);
void set_connect_ip(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_bindto(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_via_vip(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_misc_user(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_payload(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_reply(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_file_weight(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void print_connect_ip(struct printer *p, const void *obj, const struct row *r);
void print_port(struct printer *p, const void *obj, const struct row *r);
void print_bindto(struct printer *p, const void *obj, const struct row *r);
void print_via_vip(struct printer *p, const void *obj, const struct row *r);
void print_payload(struct printer *p, const void *obj, const struct row *r);
void print_reply(struct printer *p, const void *obj, const struct row *r);
void print_file_weight(struct printer *p, const void *obj, const struct row *r);

#endif
