/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sort - the order in which ipvsadm has always shown services and servers.
 */
#ifndef IPVSADM_SORT_H
#define IPVSADM_SORT_H

#include "table.h"

/* 0 or -ENOMEM */
int sort_services(struct service_list *l);
int sort_dests(struct dest_list *l);

#endif
