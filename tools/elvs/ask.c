/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask - attributes of the control protocol (abi/ctl_wire.h) into JSON by one table (ask.h).
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ask.h"
#include "ctl_wire.h"

enum form { FORM_U32, FORM_U64, FORM_TEXT, FORM_HOOK, FORM_BOOL, FORM_COOKIE };

static const struct {
	uint16_t attr;
	enum form form;
	const char *name;
} fields[] = {
	{ ELVS_ATTR_NAME, FORM_TEXT, "name" },
	{ ELVS_ATTR_KIND, FORM_TEXT, "kind" },
	{ ELVS_ATTR_TEXT, FORM_TEXT, "text" },
	{ ELVS_ATTR_COUNT, FORM_U64, "count" },
	{ ELVS_ATTR_IFNAME, FORM_TEXT, "interface" },
	{ ELVS_ATTR_IFINDEX, FORM_U32, "ifindex" },
	{ ELVS_ATTR_HOOK, FORM_HOOK, "hook" },
	{ ELVS_ATTR_PID, FORM_U32, "pid" },
	{ ELVS_ATTR_COOKIE, FORM_COOKIE, "cookie" },
	{ ELVS_ATTR_NETNS, FORM_TEXT, "netns" },
	{ ELVS_ATTR_PROG_ID, FORM_U32, "program" },
	{ ELVS_ATTR_CONNS, FORM_U64, "connections" },
	{ ELVS_ATTR_WIDE_CONNS, FORM_U64, "wide_connections" },
	{ ELVS_ATTR_CAPACITY, FORM_U64, "capacity" },
	{ ELVS_ATTR_MAX_CONNS, FORM_U64, "max_connections" },
	{ ELVS_ATTR_BYTES, FORM_U64, "memory_bytes" },
	{ ELVS_ATTR_SERVICES, FORM_U32, "services" },
	{ ELVS_ATTR_DESTS, FORM_U32, "destinations" },
	{ ELVS_ATTR_PINNED, FORM_BOOL, "pinned" },
	{ ELVS_ATTR_FRAGS, FORM_BOOL, "frags" },
};

static json_t *hook_names(uint32_t hook)
{
	static const char *const names[] = { "none", "xdp", "tc", "xdp+tc" };

	return json_string(names[hook & 3]);
}

static json_t *value(const struct nlattr *a, enum form form)
{
	char cookie[24];

	switch (form) {
	case FORM_TEXT:
		return mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0 ? NULL : json_string(mnl_attr_get_str(a));
	case FORM_U64:
		return mnl_attr_validate(a, MNL_TYPE_U64) < 0 ? NULL : json_integer((json_int_t)mnl_attr_get_u64(a));
	case FORM_COOKIE:
		if (mnl_attr_validate(a, MNL_TYPE_U64) < 0)
			return NULL;
		snprintf(cookie, sizeof(cookie), "%llu", (unsigned long long)mnl_attr_get_u64(a));
		return json_string(cookie);
	default:
		break;
	}
	if (mnl_attr_validate(a, MNL_TYPE_U32) < 0)
		return NULL;
	if (form == FORM_HOOK)
		return hook_names(mnl_attr_get_u32(a));
	return form == FORM_BOOL ? json_boolean(mnl_attr_get_u32(a)) : json_integer(mnl_attr_get_u32(a));
}

static int on_answer(const struct nlmsghdr *nlh, void *arg)
{
	json_t *list = arg, *o = json_object(), *warnings = json_array(), *v;
	const struct nlattr *a;
	size_t i;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) == ELVS_ATTR_WARNING && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			json_array_append_new(warnings, json_string(mnl_attr_get_str(a)));
		for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
			v = mnl_attr_get_type(a) == fields[i].attr ? value(a, fields[i].form) : NULL;
			if (v)
				json_object_set_new(o, fields[i].name, v);
		}
	}
	if (json_array_size(warnings))
		json_object_set(o, "warnings", warnings);
	json_decref(warnings);
	json_array_append_new(list, o);
	return 0;
}

json_t *ask(struct ctl *c, uint8_t command, bool dump, bool plan, int *ret_error)
{
	struct nlmsghdr *nlh = ctl_request(c, command, dump ? NLM_F_DUMP : NLM_F_ACK);
	json_t *list = json_array();

	if (plan)
		mnl_attr_put(nlh, ELVS_ATTR_PLAN, 0, NULL);
	*ret_error = ctl_call(c, nlh, on_answer, list);
	if (*ret_error < 0) {
		json_decref(list);
		return NULL;
	}
	return list;
}
