/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sync - see sync.h. */
#include "sync.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#include "put.h"

enum told { TOLD_NOTHING, TOLD_RUN, TOLD_END };

struct sync {
	const struct conf_global *g;
	struct sync_daemon as; /* as the running ones were asked for, state apart */
	enum told told[2];     /* IP_VS_STATE_MASTER, _BACKUP */
	bool known, master;    /* the instance's state */
};

static const uint32_t states[2] = { IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP };

struct sync *sync_new(void)
{
	return calloc(1, sizeof(struct sync));
}

void sync_free(struct sync *s)
{
	free(s);
}

static struct sync_daemon as_configured(const struct conf_global *g)
{
	struct sync_daemon d;

	memset(&d, 0, sizeof(d));
	d.syncid = g->sync.id;
	d.maxlen = g->sync.maxlen;
	d.port = g->sync.port;
	d.ttl = g->sync.ttl;
	d.group.af = g->sync.group.family;
	memcpy(d.group.a, g->sync.group.bytes, sizeof(d.group.a));
	strncpy(d.ifname, g->sync.iface, sizeof(d.ifname) - 1);
	return d;
}

void sync_conf(struct sync *s, const struct conf_global *g)
{
	if (!g || (s->g && strcmp(s->g->sync.vrrp, g->sync.vrrp)))
		s->known = false;
	s->g = g;
}

void sync_state(struct sync *s, const char *instance, bool master)
{
	if (!s->g || strcmp(s->g->sync.vrrp, instance))
		return;
	s->known = true;
	s->master = master;
}

void sync_forget(struct sync *s)
{
	s->told[0] = s->told[1] = TOLD_NOTHING;
}

/* What the daemon of that state should have been told; TOLD_NOTHING: what runs is nobody's business of ours. */
static enum told wanted(const struct sync *s, int n)
{
	if (!s->g || !s->g->sync.on)
		return s->told[n] == TOLD_RUN ? TOLD_END : s->told[n];
	if (!*s->g->sync.vrrp)
		return TOLD_RUN;
	if (!s->known)
		return s->told[n];
	return s->master == (states[n] == IP_VS_STATE_MASTER) ? TOLD_RUN : TOLD_END;
}

static bool is_other(const struct sync *s)
{
	struct sync_daemon now = s->g && s->g->sync.on ? as_configured(s->g) : s->as;

	return memcmp(&now, &s->as, sizeof(now));
}

bool sync_pending(const struct sync *s)
{
	for (int n = 0; n < 2; n++)
		if (wanted(s, n) != s->told[n] || (s->told[n] == TOLD_RUN && is_other(s)))
			return true;
	return false;
}

static int change(struct ctl *c, uint8_t cmd, const struct sync_daemon *as, int n, const char **ret_why)
{
	struct nlmsghdr *nlh = ctl_request(c, cmd, NLM_F_ACK);
	struct sync_daemon d = *as;
	int r;

	d.state = states[n];
	put_daemon(nlh, &d);
	r = ctl_call(c, nlh, NULL, NULL);
	if (cmd == IPVS_CMD_NEW_DAEMON ? r == -EEXIST : r == -ESRCH)
		return 0;
	if (r < 0)
		*ret_why = *ctl_why(c) ? ctl_why(c) : strerror(-r);
	return r;
}

/* Ends what is not wanted, or not as it was asked for. That there was nothing to end is no news. */
static int end_others(struct sync *s, struct ctl *c)
{
	const char *ignored;

	for (int n = 0; n < 2; n++) {
		enum told want = wanted(s, n);

		if (want == TOLD_NOTHING || (want == s->told[n] && !(want == TOLD_RUN && is_other(s))))
			continue;
		if (want == TOLD_RUN && s->told[n] != TOLD_RUN)
			continue;
		if (change(c, IPVS_CMD_DEL_DAEMON, &s->as, n, &ignored) == -EPIPE)
			return -EPIPE;
		s->told[n] = TOLD_END;
	}
	return 0;
}

int sync_tell(struct sync *s, struct ctl *c, const char **ret_why)
{
	int r = end_others(s, c);

	if (s->g && s->g->sync.on)
		s->as = as_configured(s->g);
	for (int n = 0; n < 2 && r >= 0; n++) {
		if (wanted(s, n) != TOLD_RUN || s->told[n] == TOLD_RUN)
			continue;
		r = change(c, IPVS_CMD_NEW_DAEMON, &s->as, n, ret_why);
		if (r >= 0)
			s->told[n] = TOLD_RUN;
	}
	return r;
}

void sync_stop(struct sync *s, struct ctl *c)
{
	const char *ignored;

	for (int n = 0; n < 2; n++)
		if (s->told[n] == TOLD_RUN)
			change(c, IPVS_CMD_DEL_DAEMON, &s->as, n, &ignored);
	sync_forget(s);
}
