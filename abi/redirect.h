/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirect - failed XDP transmissions as `elvs drops --watch' counts them: key and value of the counting map.
 */
#ifndef ELVS_ABI_REDIRECT_H
#define ELVS_ABI_REDIRECT_H

#include <linux/types.h>

struct redirect_key {
	__u32 from, to; /* interfaces; to 0: not known */
	__s32 error;	/* -errno; 0: the driver took fewer frames than it was given */
};

#define REDIRECT_KEYS 1024

#endif
