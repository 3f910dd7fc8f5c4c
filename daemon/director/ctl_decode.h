/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_decode - one control message in, one request out. Bytes from a client are read here and nowhere else.
 *
 * A pure function: it opens nothing, keeps nothing, and links with libmnl only. Errors are those of the kernel's
 * IPVS for the same message (netlink attribute policy first, then what the command needs).
 */
#ifndef ELVS_DIRECTOR_CTL_DECODE_H
#define ELVS_DIRECTOR_CTL_DECODE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elvs.h"

struct ctl_daemon {	/* IPVS's connection synchronisation, as far as its errors go */
	uint32_t state;	/* IP_VS_STATE_* */
	char ifname[IFNAMSIZ];
	uint32_t sync_id;
};

struct ctl_req {
	uint8_t cmd;	/* IPVS_CMD_* or ELVS_CMD_* */
	bool dump;	/* NLM_F_DUMP */
	bool ack;	/* NLM_F_ACK */
	uint32_t seq, portid;	/* to be repeated in answers */

	bool has_svc;	/* a service attribute was there, even an empty one */
	int svc_error;	/* 0, or what is wrong with it; svc is then not usable */
	struct elvs_svc_conf svc;	/* only .key unless the command is NEW_SERVICE or SET_SERVICE */
	uint32_t flags_mask;	/* which bits of svc.flags were given */

	bool has_dest;
	int dest_error;	/* reported after an unknown service (ESRCH), as the kernel does */
	struct elvs_dest_conf dest;

	bool has_daemon;
	int daemon_error;
	struct ctl_daemon daemon;

	uint32_t timeout_sec[3];	/* tcp, tcpfin, udp; 0 = not given or to be kept */

	char ifname[IFNAMSIZ];	/* ELVS_CMD_ATTACH, DETACH */
	uint32_t hook;
	bool plan;
	uint32_t batch_op;

	uint16_t af;	/* of the following; 0: none that we know */
	bool has_addr, has_raddr, has_method, has_vip_mode;	/* not set: missing, or shorter than the family's */
	union elvs_addr addr, raddr;	/* ELVS_CMD_SET_VIP; ELVS_CMD_SET_CHECK: virtual and real address */
	uint32_t vip_mode;	/* as it came: any value */
	uint32_t method;	/* as it came */
	uint32_t mark;	/* ELVS_CMD_DEL_CHECK; 0 = not given */
};

/*
 * buf, len: from one nlmsghdr on; what follows that message is ignored. Returns 0, or the -errno to be answered;
 * cmd, dump, ack, seq and portid are then valid if the header was (-EBADMSG: it was not, there is nobody to answer).
 */
int ctl_decode(const void *buf, size_t len, struct ctl_req *ret);

#endif
