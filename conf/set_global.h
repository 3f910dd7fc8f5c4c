/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set_global - the odd ones among the words of global_defs: how they are read and printed (internal). */
#ifndef ELVS_CONF_SET_GLOBAL_H
#define ELVS_CONF_SET_GLOBAL_H

#include "parts.h"

void set_mail_to(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_smtp_server(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_smtp_timeout(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_dynamic(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_umask(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_script_user(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_reload_check(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_abs_path(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_fifo_script(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_snmp_socket(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_snmp_rfc(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_sync(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_timeouts(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_flush_stop(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_cpus(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_mcast(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_dbus_name(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_extra_if(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_nft_table(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void set_iptables(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
void print_mail_to(struct printer *p, const void *obj, const struct row *r);
void print_smtp_server(struct printer *p, const void *obj, const struct row *r);
void print_dynamic(struct printer *p, const void *obj, const struct row *r);
void print_umask(struct printer *p, const void *obj, const struct row *r);
void print_reload_check(struct printer *p, const void *obj, const struct row *r);
void print_sync(struct printer *p, const void *obj, const struct row *r);
void print_timeouts(struct printer *p, const void *obj, const struct row *r);
void print_flush_stop(struct printer *p, const void *obj, const struct row *r);
void print_cpus(struct printer *p, const void *obj, const struct row *r);
void print_addr_prefix(struct printer *p, const void *obj, const struct row *r);
void print_iptables(struct printer *p, const void *obj, const struct row *r);

#endif
