/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_encode - answers, in the kernel's IPVS attributes and elvs's own. Pure: into a buffer, nothing else.
 */
#ifndef ELVS_DIRECTOR_CTL_ENCODE_H
#define ELVS_DIRECTOR_CTL_ENCODE_H

#include <libmnl/libmnl.h>

#include "ctl_decode.h"
#include "ctl_wire.h"
#include "elvs.h"

#define CTL_ENCODE_MAX 2048	/* bytes that one answer may take at most */

/* A message of command cmd in buf (CTL_ENCODE_MAX bytes), with the request's seq and port id; multi: of a dump. */
struct nlmsghdr *ctl_encode_begin(void *buf, const struct ctl_req *q, uint8_t cmd, bool multi);
/* NLMSG_ERROR (error 0: acknowledgement); why may be NULL and goes along as an extended-ack text. */
struct nlmsghdr *ctl_encode_error(void *buf, const struct ctl_req *q, int error, const char *why);
struct nlmsghdr *ctl_encode_done(void *buf, const struct ctl_req *q);

void ctl_put_service(struct nlmsghdr *nlh, const struct elvs_svc_info *s);
void ctl_put_dest(struct nlmsghdr *nlh, const struct elvs_dest_info *d);
void ctl_put_conn(struct nlmsghdr *nlh, const struct elvs_conn *c, const char *state);

#endif
