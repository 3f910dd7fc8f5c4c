/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loopback - see loopback.h. The former value is written down before it is changed, so a crash cannot lose it. */
#include "loopback.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define SETTING "/proc/sys/net/ipv4/conf/lo/accept_local"

/* -errno, or the value */
static int value_read(const char *path)
{
	FILE *f = fopen(path, "re");
	int v;

	if (!f)
		return -errno;
	if (fscanf(f, "%d", &v) != 1 || v < 0)
		v = -EINVAL;
	fclose(f);
	return v;
}

static int value_write(const char *path, int v)
{
	FILE *f = fopen(path, "we");
	int r = 0;

	if (!f)
		return -errno;
	if (fprintf(f, "%d\n", v) < 0)
		r = -EIO;
	if (fclose(f) && !r)
		r = -errno;
	return r;
}

void loopback_init(struct loopback *l, const char *state_dir)
{
	memset(l, 0, sizeof(*l));
	snprintf(l->file, sizeof(l->file), "%s/accept_local", state_dir);
}

void loopback_open(struct loopback *l)
{
	int v = value_read(SETTING), r;

	if (v > 0)
		return;
	r = v;
	if (!r && access(l->file, F_OK))
		r = value_write(l->file, v);
	if (!r)
		r = value_write(SETTING, 1);
	if (r < 0 && !l->refused)
		log_warn("%s cannot be set (%s): programs of this host cannot use its IPv4 NAT services", SETTING,
			 strerror(-r));
	l->refused = r < 0;
}

void loopback_restore(struct loopback *l)
{
	int v = value_read(l->file);

	if (v < 0)
		return;
	if (value_write(SETTING, v) < 0)
		log_warn("%s cannot be set back to %d", SETTING, v);
	unlink(l->file);
}
