/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vips - see vips.h. */
#include "vips.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_wire.h"

struct vip {
	uint16_t family;
	uint8_t bytes[16];
	uint32_t mode; /* enum elvs_vip_mode_wire */
	bool told;
};

struct vips {
	struct vip *list;
	uint32_t n, room;
};

struct vips *vips_new(void)
{
	return calloc(1, sizeof(struct vips));
}

void vips_free(struct vips *v)
{
	if (v)
		free(v->list);
	free(v);
}

static void set(struct vips *v, const struct conf_addr *a, uint32_t mode)
{
	struct vip *more;

	for (uint32_t i = 0; i < v->n; i++)
		if (v->list[i].family == a->family && !memcmp(v->list[i].bytes, a->bytes, sizeof(a->bytes))) {
			v->list[i].told &= v->list[i].mode == mode;
			v->list[i].mode = mode;
			return;
		}
	if (v->n == v->room) {
		more = realloc(v->list, (v->room * 2 + 16) * sizeof(*more));
		if (!more)
			return;
		v->list = more;
		v->room = v->room * 2 + 16;
	}
	v->list[v->n] = (struct vip){ .family = a->family, .mode = mode };
	memcpy(v->list[v->n++].bytes, a->bytes, sizeof(a->bytes));
}

static bool on_lo(const struct conf_vrrp *instance, const struct conf_vip *vip)
{
	return !strcmp(*vip->dev ? vip->dev : instance->iface, "lo");
}

static uint32_t mode_of(const struct conf_vrrp *instance, const struct conf_vip *vip, enum vrrp_state state)
{
	if (state == VRRP_STOPPED || state == VRRP_DELETED)
		return ELVS_VIP_MODE_DEFAULT;
	if (!on_lo(instance, vip))
		return ELVS_VIP_MODE_HELD;
	/* on lo it may stand for another reason, too: there the state decides */
	return state == VRRP_MASTER ? ELVS_VIP_MODE_LIVE : ELVS_VIP_MODE_MUTED;
}

void vips_state(struct vips *v, const struct conf_vrrp *instance, enum vrrp_state state)
{
	for (uint32_t i = 0; i < instance->n_vips; i++)
		set(v, &instance->vips[i].addr, mode_of(instance, &instance->vips[i], state));
	for (uint32_t i = 0; i < instance->n_excluded; i++)
		set(v, &instance->excluded[i].addr, mode_of(instance, &instance->excluded[i], state));
}

static void conf_list(struct vips *v, const struct conf_vrrp *instance, const struct conf_vip *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!on_lo(instance, &list[i]))
			set(v, &list[i].addr, ELVS_VIP_MODE_HELD);
}

void vips_conf(struct vips *v, const struct conf *c)
{
	for (uint32_t i = 0; i < c->n_vrrps; i++) {
		conf_list(v, &c->vrrps[i], c->vrrps[i].vips, c->vrrps[i].n_vips);
		conf_list(v, &c->vrrps[i], c->vrrps[i].excluded, c->vrrps[i].n_excluded);
	}
}

void vips_about(struct vips *v, const struct conf_vrrp *instance)
{
	for (uint32_t i = 0; i < instance->n_vips; i++)
		set(v, &instance->vips[i].addr, ELVS_VIP_MODE_LIVE);
	for (uint32_t i = 0; i < instance->n_excluded; i++)
		set(v, &instance->excluded[i].addr, ELVS_VIP_MODE_LIVE);
}

void vips_forget(struct vips *v)
{
	for (uint32_t i = 0; i < v->n; i++)
		v->list[i].told = false;
}

bool vips_pending(const struct vips *v)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (!v->list[i].told)
			return true;
	return false;
}

static int tell(struct ctl *c, const struct vip *vip)
{
	struct nlmsghdr *nlh = ctl_request(c, ELVS_CMD_SET_VIP, NLM_F_ACK);

	mnl_attr_put_u32(nlh, ELVS_ATTR_AF, vip->family);
	mnl_attr_put(nlh, ELVS_ATTR_ADDR, vip->family == AF_INET ? 4 : 16, vip->bytes);
	mnl_attr_put_u32(nlh, ELVS_ATTR_VIP_MODE, vip->mode);
	return ctl_call(c, nlh, NULL, NULL);
}

int vips_tell(struct vips *v, struct ctl *c, bool all)
{
	uint32_t kept = 0;
	int r = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		if (r >= 0 && (all || !v->list[i].told)) {
			r = tell(c, &v->list[i]);
			v->list[i].told = r >= 0;
		}
		/* what is back to normal and told need not be remembered */
		if (!v->list[i].told || v->list[i].mode != ELVS_VIP_MODE_DEFAULT)
			v->list[kept++] = v->list[i];
	}
	v->n = kept;
	return r;
}
