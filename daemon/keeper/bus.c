/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus - see bus.h. */
#include "bus.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus_address.h"
#include "dumps.h"
#include "log.h"
#include "roles.h"
#include "vrrps.h"

/* ---- what the role asks for ---- */
void bus_wanted(struct keeper *k)
{
	struct message m = { .type = MSG_BUS };
	int fd = bus_connect(getenv("DBUS_SYSTEM_BUS_ADDRESS"), m.bus.at, sizeof(m.bus.at));

	m.bus.error = fd < 0 ? fd : 0;
	roles_send(k->roles, ROLE_DBUS, &m, fd < 0 ? -1 : fd);
	if (fd >= 0)
		close(fd);
}

void bus_called(struct keeper *k, const struct msg_bus_call *call)
{
	struct message m = { .type = MSG_GARP, .garp = { .generation = call->generation, .index = call->index } };

	if (k->phase != KEEPER_RUNS)
		return;
	switch (call->task) {
	case BUS_PRINT_DATA:
		dumps_make(k->dumps, keeper_conf(k), DUMP_DATA);
		break;
	case BUS_PRINT_STATS:
		dumps_make(k->dumps, keeper_conf(k), DUMP_STATS);
		break;
	case BUS_PRINT_STATS_CLEAR:
		dumps_make(k->dumps, keeper_conf(k), DUMP_STATS_CLEAR);
		break;
	case BUS_RELOAD:
		keeper_reload(k);
		break;
	case BUS_GARP:
		roles_send(k->roles, ROLE_VRRP, &m, -1);
		break;
	}
}

/* ---- what it is told ---- */
static void tell(struct keeper *k, uint32_t index, uint8_t state, uint8_t priority)
{
	struct message m = { .type = MSG_VRRP_STATE };

	m.vrrp_state = (struct msg_vrrp_state){ .generation = k->slots[k->current].number,
						.index = index,
						.state = state,
						.old = state,
						.priority = priority };
	roles_send(k->roles, ROLE_DBUS, &m, -1);
}

/* The role may know a later configuration than the one who told us. */
void bus_vrrp(struct keeper *k, const struct conf *c, const struct msg_vrrp_state *m)
{
	const struct conf *now = keeper_conf(k);
	uint32_t i = m->index;

	if (m->group || m->event != VRRP_EV_STATE || !roles_running(k->roles, ROLE_DBUS))
		return;
	if (now != c)
		for (i = 0; i < now->n_vrrps && strcmp(now->vrrps[i].name, c->vrrps[m->index].name) != 0;)
			i++;
	if (i < now->n_vrrps)
		tell(k, i, m->state, m->priority);
}

void bus_tell(struct keeper *k)
{
	const struct conf *c = keeper_conf(k);

	for (uint32_t i = 0; i < c->n_vrrps; i++) {
		const struct vrrp_entry *e = vrrps_find(k->vrrps, false, c->vrrps[i].name);

		if (e && e->known)
			tell(k, i, e->state, e->priority);
	}
}
