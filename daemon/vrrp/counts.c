/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counts - what SNMP wants to know of every instance, as messages for the keeper. */
#include <string.h>

#include "dump.h"

static void put_address(uint8_t to[16], const struct conf_addr *a)
{
	if (a->family)
		memcpy(to, a->bytes, sizeof(a->bytes));
}

static void put_vips(struct msg_vrrp_counts *c, const struct vip *vips, uint32_t n)
{
	for (uint32_t k = 0; k < n && k < sizeof(c->vips_set) * 8; k++)
		if (vips[k].set)
			c->vips_set[k / 8] |= (uint8_t)(1u << k % 8);
}

/* As vrrpTrapAuthErrorType has it: invalidAuthType(1), authTypeMismatch(2), authFailure(3) */
static uint8_t auth_error(enum vrrp_refusal why)
{
	switch (why) {
	case VRRP_ACCEPTED:
		return 0;
	case VRRP_REFUSED_AUTH_TYPE:
		return 1;
	case VRRP_REFUSED_AH_MISSING:
	case VRRP_REFUSED_AH_UNWANTED:
	case VRRP_REFUSED_HMAC_MISSING:
	case VRRP_REFUSED_HMAC_UNWANTED:
		return 2;
	default:
		return 3;
	}
}

static void fill(struct msg_vrrp_counts *c, const struct instance *i)
{
	const struct vrrp_fsm *f = &i->fsm;
	const uint64_t *refused = i->codec->count;
	struct dump_counts d;

	dump_counts(i, &d);
	*c = (struct msg_vrrp_counts){
		.index = i->index,
		.since_us = f->since,
		.sent = f->sent,
		.received = f->received,
		.sent_prio0 = f->sent_prio0,
		.received_prio0 = f->received_prio0,
		.became_master = f->became_master,
		.released_master = f->released_master,
		.checksum = refused[VRRP_REFUSED_CHECKSUM],
		.version = refused[VRRP_REFUSED_VERSION],
		.vrid = refused[VRRP_REFUSED_VRID],
		.ttl = d.ttl,
		.type = d.type,
		.length = d.length,
		.addresses = d.addresses,
		.interval = d.interval,
		.auth_type = d.auth_type,
		.auth_mismatch = d.auth_mismatch,
		.auth_failure = d.auth_failure,
		.state = (uint8_t)f->state,
		.priority = f->priority,
		.owns = i->owns,
		.wants_master = f->wants_master || f->state == VRRP_MASTER,
		.why_master = f->why_master,
		.auth_error = auth_error(i->codec->auth_why),
	};
	put_address(c->master, &f->master);
	put_address(c->source, &f->src);
	put_address(c->auth_source, &i->codec->auth_source);
	snprintf(c->vmac, sizeof(c->vmac), "%s", i->vmac.name);
	put_vips(c, i->vips, i->n_vips);
}

void counts_tell(struct vrrp_role *r)
{
	struct message all = { .type = MSG_VRRP_COUNTS, .vrrp_counts.index = CONF_NONE }, m = all;

	for (uint32_t k = 0; k < r->n_instances; k++) {
		fill(&m.vrrp_counts, r->instances[k]);
		m.vrrp_counts.generation = r->generation;
		all.vrrp_counts.checksum += m.vrrp_counts.checksum;
		all.vrrp_counts.version += m.vrrp_counts.version;
		role_tell(r, &m);
	}
	all.vrrp_counts.generation = r->generation;
	all.vrrp_counts.vrid = r->ear_shared->unknown_vrids;
	put_vips(&all.vrrp_counts, r->statics, r->n_statics);
	role_tell(r, &all);
}
