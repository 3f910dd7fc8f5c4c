/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fsm_names - words for states, events, actions, reasons; one table each, for log, control and tests. */
#include <arpa/inet.h>
#include <stdio.h>

#include "fsm.h"

static const char *const states[] = {
	[VRRP_INIT] = "INIT",	[VRRP_BACKUP] = "BACKUP", [VRRP_MASTER] = "MASTER",
	[VRRP_FAULT] = "FAULT", [VRRP_STOPPED] = "STOP",  [VRRP_DELETED] = "DELETED",
};
#define M(name, text) [name] = text,
static const char *const events[] = { VRRP_EVENTS(M) };
static const char *const actions[] = { VRRP_ACTIONS(M) };
static const char *const says[] = { VRRP_SAYS(M) };
#undef M

static const struct {
	uint32_t why;
	const char *text;
} reasons[] = {
	{ VRRP_WHY_IF_DOWN, "interface is down" },
	{ VRRP_WHY_NO_SOURCE, "no source address on the interface" },
	{ VRRP_WHY_TRACK, "a tracked object with weight 0 failed" },
	{ VRRP_WHY_VIP, "a virtual address is missing" },
	{ VRRP_WHY_DUPLICATE, "another instance has the same VRID on this network" },
	{ VRRP_WHY_CONFIG, "the configuration does not allow it to run" },
	{ VRRP_WHY_GROUP, "another member of its sync group is in FAULT state" },
	{ VRRP_WHY_SEND, "no socket to send from" },
	{ VRRP_WHY_STATIC, "a static address, route or rule of its track_group is missing" },
	{ VRRP_WHY_WAIT, "waits for tracked scripts to run" },
	{ VRRP_WHY_GROUP_WAIT, "waits for another member of its sync group" },
};

#define NAME(table, i) ((size_t)(i) < sizeof(table) / sizeof((table)[0]) ? (table)[i] : "unknown")

const char *vrrp_state_name(enum vrrp_state s)
{
	return NAME(states, s);
}

const char *vrrp_event_name(enum vrrp_event_type t)
{
	return NAME(events, t);
}

const char *vrrp_action_name(enum vrrp_action_kind k)
{
	return NAME(actions, k);
}

const char *vrrp_why_text(uint32_t why)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (why & reasons[i].why)
			return reasons[i].text;
	return "";
}

const char *vrrp_say(const struct vrrp_action *a, char *buf, size_t size)
{
	char src[INET6_ADDRSTRLEN] = "?";

	if (a->src.family)
		inet_ntop(a->src.family, a->src.bytes, src, sizeof(src));
	snprintf(buf, size, NAME(says, a->say), src, a->src_priority, a->priority);
	return buf;
}
