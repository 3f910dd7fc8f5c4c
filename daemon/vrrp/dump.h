/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump - what text and JSON have in common. */
#ifndef ELVS_VRRP_DUMP_H
#define ELVS_VRRP_DUMP_H

#include <arpa/inet.h>
#include <stdio.h>

#include "role.h"

/* Refused and remarked adverts in keepalived's categories. */
struct dump_counts {
	uint64_t length, ttl, type, interval, addresses, auth_type, auth_mismatch, auth_failure;
};
void dump_counts(const struct instance *i, struct dump_counts *ret);
/* "10.0.0.100/24 dev eth0 scope global set" */
int dump_vip(const struct vrrp_role *r, const struct instance *i, const struct vip *v, char *buf, size_t size);
double dump_wall(uint64_t at); /* a CLOCK_MONOTONIC time in seconds of the epoch */
int dump_json(const struct vrrp_role *r, FILE *f);

#endif
