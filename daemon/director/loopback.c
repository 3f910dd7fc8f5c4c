/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loopback - see loopback.h. */
#include "loopback.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "setting.h"

#define SETTING "/proc/sys/net/ipv4/conf/lo/accept_local"

void loopback_init(struct loopback *l, const char *state_dir)
{
	memset(l, 0, sizeof(*l));
	snprintf(l->file, sizeof(l->file), "%s/accept_local", state_dir);
}

void loopback_open(struct loopback *l)
{
	int r = setting_read(SETTING);

	if (r > 0)
		return;
	if (!r)
		r = setting_change(l->file, SETTING, 1);
	if (r < 0 && !l->refused)
		log_warn("%s cannot be set (%s): programs of this host cannot use its IPv4 NAT services", SETTING,
			 strerror(-r));
	l->refused = r < 0;
}

void loopback_restore(struct loopback *l)
{
	settings_restore(l->file);
}
