/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status_keeper - the keepalived part of `elvs status`: VRRP, virtual servers, health checks. */
#ifndef ELVS_TOOLS_STATUS_KEEPER_H
#define ELVS_TOOLS_STATUS_KEEPER_H

#include <jansson.h>

/* As text, from the keeper's answer; returns how many things are not as they should be. */
int status_keeper_print(const json_t *keeper);

#endif
