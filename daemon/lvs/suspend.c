/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suspend - see suspend.h. */
#include "suspend.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_wire.h"

struct suspend {
	bool *on; /* as conf->checks: told to be suspended */
	uint32_t n;
};

struct suspend *suspend_new(void)
{
	return calloc(1, sizeof(struct suspend));
}

void suspend_forget(struct suspend *s)
{
	free(s->on);
	s->on = NULL;
	s->n = 0;
}

void suspend_free(struct suspend *s)
{
	if (s)
		suspend_forget(s);
	free(s);
}

/* ---- which addresses are here ---- */

struct here {
	const struct conf *conf;
	bool *is; /* as conf->servers */
};

static void take_address(struct here *h, uint16_t family, const uint8_t *bytes)
{
	for (uint32_t i = 0; i < h->conf->n_servers; i++)
		if (h->conf->servers[i].addr.family == family &&
		    !memcmp(h->conf->servers[i].addr.bytes, bytes, family == AF_INET ? 4 : 16))
			h->is[i] = true;
}

static int take_vip(const struct nlmsghdr *nlh, void *arg)
{
	const uint8_t *bytes = NULL;
	uint32_t family = 0, state = 0;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
	{
		uint16_t len = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) == ELVS_ATTR_AF && len >= sizeof(uint32_t))
			family = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == ELVS_ATTR_VIP_STATE && len >= sizeof(uint32_t))
			state = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == ELVS_ATTR_ADDR && len >= 16)
			bytes = mnl_attr_get_payload(a);
	}
	if (bytes && state & ELVS_VIP_IS_LOCAL)
		take_address(arg, (uint16_t)family, bytes);
	return 0;
}

/* ---- which checks are needed ---- */

static void needed(const struct conf *conf, const bool *here, bool *ret)
{
	for (uint32_t i = 0; i < conf->n_servers; i++) {
		const struct conf_vs *vs = &conf->servers[i];

		if (vs->ha_suspend && vs->addr.family && !here[i])
			continue;
		for (uint32_t r = 0; r < vs->n_rs; r++)
			for (uint32_t k = 0; k < vs->rs[r].n_checks; k++)
				ret[vs->rs[r].checks[k]] = true;
	}
}

static void tell_changes(struct suspend *s, const struct conf *conf, const bool *need,
			 void (*tell)(void *arg, uint64_t key, bool on), void *arg)
{
	for (uint32_t i = 0; i < conf->n_checks; i++) {
		if (s->on[i] == !need[i])
			continue;
		s->on[i] = !need[i];
		tell(arg, conf->checks[i].key, s->on[i]);
	}
}

static bool asked_for(const struct conf *conf)
{
	for (uint32_t i = 0; i < conf->n_servers; i++)
		if (conf->servers[i].ha_suspend)
			return true;
	return false;
}

int suspend_look(struct suspend *s, struct ctl *c, const struct conf *conf,
		 void (*tell)(void *arg, uint64_t key, bool on), void *arg)
{
	struct here h = { .conf = conf };
	bool *need = NULL;
	int r = 0;

	if (!asked_for(conf))
		return 0;
	if (!s->on) {
		s->on = calloc(conf->n_checks + 1, sizeof(*s->on));
		s->n = conf->n_checks;
	}
	h.is = calloc(conf->n_servers + 1, sizeof(*h.is));
	need = calloc(conf->n_checks + 1, sizeof(*need));
	if (s->on && h.is && need) {
		r = ctl_call(c, ctl_request(c, ELVS_CMD_GET_VIP, NLM_F_DUMP), take_vip, &h);
		if (r >= 0) {
			needed(conf, h.is, need);
			tell_changes(s, conf, need, tell, arg);
		}
	}
	free(h.is);
	free(need);
	return r < 0 ? r : 0;
}
