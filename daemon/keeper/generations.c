/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generations - the configurations that are in use: the one in force, and those before it that a role still has. See
 * keeper.h. A slot is free when no running role has been told of, or has acknowledged, what it holds.
 */
#include <stdint.h>

#include "keeper.h"
#include "roles.h"

static struct generation *slot_of(struct keeper *k, uint32_t number)
{
	for (unsigned i = 0; number && i < ARENA_SLOTS; i++)
		if (k->slots[i].number == number)
			return &k->slots[i];
	return NULL;
}

const struct conf *keeper_conf(const struct keeper *k)
{
	return k->current < ARENA_SLOTS ? k->slots[k->current].conf : NULL;
}

const struct conf *keeper_conf_of(const struct keeper *k, uint32_t number)
{
	const struct generation *g = slot_of((struct keeper *)k, number);

	return g ? g->conf : NULL;
}

static bool slot_in_use(const struct keeper *k, unsigned i)
{
	uint32_t number = k->slots[i].number;

	if (!number)
		return false;
	if (i == k->current)
		return true;
	for (enum role r = 0; r < ROLES; r++)
		if (roles_running(k->roles, r) && (k->told[r] == number || k->acked[r] == number))
			return true;
	return false;
}

void keeper_sweep(struct keeper *k)
{
	for (unsigned i = 0; i < ARENA_SLOTS; i++) {
		if (k->slots[i].number && !slot_in_use(k, i)) {
			arena_close(&k->slots[i].arena);
			k->slots[i] = (struct generation){ 0 };
		}
	}
}

/* ARENA_SLOTS: roles hold on to all of them */
unsigned keeper_free_slot(struct keeper *k)
{
	keeper_sweep(k);
	for (unsigned i = 0; i < ARENA_SLOTS; i++)
		if (!k->slots[i].number)
			return i;
	return ARENA_SLOTS;
}

void keeper_role_acked(struct keeper *k, enum role r, uint32_t number)
{
	k->acked[r] = number;
	keeper_sweep(k);
}

void keeper_role_gone(struct keeper *k, enum role r)
{
	k->told[r] = k->acked[r] = 0;
	keeper_sweep(k);
}

void keeper_tell_conf(struct keeper *k, enum role r)
{
	const struct generation *g = &k->slots[k->current];
	struct message m = { .type = MSG_CONF };

	m.conf = (struct msg_conf){ .generation = g->number,
				    .slot = k->current,
				    .used = g->arena.used,
				    .conf = (uint64_t)(uintptr_t)g->conf };
	k->told[r] = g->number;
	roles_send(k->roles, r, &m, g->arena.fd);
}

void keeper_conf_free(struct keeper *k)
{
	for (unsigned i = 0; i < ARENA_SLOTS; i++)
		if (k->slots[i].number)
			arena_close(&k->slots[i].arena);
	k->current = ARENA_SLOTS;
}
