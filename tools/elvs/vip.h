/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vip - an address as the set-up commands take it: ADDRESS or ADDRESS/PREFIX-LENGTH, IPv4 or IPv6.
 * Names are not resolved: a virtual address that depends on DNS at boot is a trap.
 */
#ifndef ELVS_TOOLS_VIP_H
#define ELVS_TOOLS_VIP_H

#include <stdbool.h>
#include <stdint.h>

#define VIP_STRLEN 64 /* longest text of vip_format(), NUL included */

struct vip {
	int af;		  /* AF_INET, AF_INET6 */
	uint8_t addr[16]; /* network order; IPv4 in the first four */
	uint8_t plen;	  /* bits; 32 or 128 unless given */
};

/* 0, or -EINVAL with *ret_why set to what is wrong with it (a constant). A dotted mask is taken for IPv4. */
int vip_parse(struct vip *ret, const char *s, const char **ret_why);
/* "10.0.0.1", or "10.0.0.1/24" with_plen. Returns buf. */
const char *vip_format(const struct vip *v, bool with_plen, char buf[VIP_STRLEN]);
/* Bytes of the address: 4 or 16. */
static inline unsigned int vip_bytes(const struct vip *v)
{
	return v->af == 2 /* AF_INET */ ? 4 : 16;
}
bool vip_same_addr(const struct vip *a, const struct vip *b);
/* Do the first plen bits of net cover addr? */
bool vip_covers(const struct vip *net, const struct vip *addr);

#endif
