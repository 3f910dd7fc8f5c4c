/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loopback - see loopback.h. The former value is written down before it is changed, so a crash cannot lose it. */
#include "loopback.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	int v = setting_read(SETTING), r;

	if (v > 0)
		return;
	r = v;
	if (!r && access(l->file, F_OK))
		r = setting_write(l->file, v);
	if (!r)
		r = setting_write(SETTING, 1);
	if (r < 0 && !l->refused)
		log_warn("%s cannot be set (%s): programs of this host cannot use its IPv4 NAT services", SETTING,
			 strerror(-r));
	l->refused = r < 0;
}

void loopback_restore(struct loopback *l)
{
	int v = setting_read(l->file);

	if (v < 0)
		return;
	if (setting_write(SETTING, v) < 0)
		log_warn("%s cannot be set back to %d", SETTING, v);
	unlink(l->file);
}
