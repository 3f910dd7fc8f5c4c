/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hear - what an ear says: checked, logged once, and given to the instance's state machine. See ear.h. */
#include <arpa/inet.h>

#include "ear.h"
#include "log.h"
#include "role.h"

#define INTERVAL_MAX_US 255000000ull /* of version 2; of version 3 it is 40.95 s */

static struct instance *find(const struct vrrp_role *r, uint64_t serial)
{
	for (uint32_t n = 0; n < r->n_instances; n++)
		if (r->instances[n]->serial == serial)
			return r->instances[n];
	return NULL; /* it went while this was on its way */
}

static void unknown_vrid(struct vrrp_role *r, const struct heard *h)
{
	char src[INET6_ADDRSTRLEN];

	if (r->unknown_said[h->vrid / 32] & 1u << h->vrid % 32)
		return;
	r->unknown_said[h->vrid / 32] |= 1u << h->vrid % 32;
	log_info("Unknown VRID(%d) received on interface %u, from %s", h->vrid, h->ifindex, act_addr(&h->src, src));
}

static void refused(struct instance *i, const struct heard *h)
{
	char src[INET6_ADDRSTRLEN];

	if (i->said & 1u << h->why)
		return;
	i->said |= 1u << h->why;
	act_log(i, LOG_INFO, "advert from %s refused: %s (further ones are counted)", act_addr(&h->src, src),
		vrrp_refusal_text(h->why));
}

static void remark(struct instance *i, const struct heard *h)
{
	static const char *const texts[] = {
		"its advertisement interval is not ours",
		"it has another number of addresses",
		"its addresses are not ours",
		"its checksum is wrong (v3_checksum_as_v2)",
		"it uses the checksum of keepalived before 1.3.7",
		"it failed auth_hmac, which the mode tolerates",
	};
	char src[INET6_ADDRSTRLEN];

	for (uint32_t bit = 0; bit < sizeof(texts) / sizeof(texts[0]); bit++) {
		if (!(h->remarks & ~i->remarked & 1u << bit))
			continue;
		i->remarked |= 1u << bit;
		act_log(i, LOG_INFO, "advert from %s: %s", act_addr(&h->src, src), texts[bit]);
	}
}

void hear(struct vrrp_role *r, const struct heard *h)
{
	struct vrrp_event e = { .type = VRRP_ON_ADVERT };
	struct instance *i;

	if (!h->serial) {
		unknown_vrid(r, h);
		return;
	}
	i = find(r, h->serial);
	if (!i || h->why >= VRRP_REFUSALS)
		return;
	if (h->why != VRRP_ACCEPTED) {
		refused(i, h);
		return;
	}
	if (h->src.family != i->conf->family || h->interval_us > INTERVAL_MAX_US)
		return;
	if (h->remarks)
		remark(i, h);
	if (i->lingers && h->priority != VRRP_PRIO_STOP) {
		act_end_linger(r, i);
		role_lingered(r);
		return;
	}
	e.src = h->src;
	e.priority = h->priority;
	e.interval_us = h->interval_us;
	role_step(r, i, &e);
}
