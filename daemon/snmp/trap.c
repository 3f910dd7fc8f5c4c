/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trap - see trap.h. A notification is its own OID, then objects, each with the instance that it speaks of. */
#include "trap.h"

#include <sys/socket.h>

#define K MIB_KEEPALIVED
#define OID(...)                                                        \
	{                                                               \
		sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), \
		{                                                       \
			__VA_ARGS__                                     \
		}                                                       \
	}
#define OBJECTS_MAX 9

/* How an object's instance follows from the trap's; AUTH_*: objects that are there for notifications only */
enum instance { SCALAR, FIRST, BOTH, ROUTER2, ROUTER3, AUTH_SOURCE, AUTH_ERROR };
struct object {
	struct {
		uint32_t n, id[16];
	} oid;
	enum instance instance;
};

static const struct {
	struct {
		uint32_t n, id[16];
	} oid;
	struct object objects[OBJECTS_MAX];
	unsigned n;
} traps[TRAPS] = {
	[TRAP_GROUP_STATE] = { OID(K, 2, 10, 0, 1),
			       { { OID(K, 2, 1, 1, 2), FIRST },
				 { OID(K, 2, 1, 1, 3), FIRST },
				 { OID(K, 1, 2), SCALAR } },
			       3 },
	[TRAP_INSTANCE_STATE] = { OID(K, 2, 10, 0, 2),
				  { { OID(K, 2, 3, 1, 2), FIRST },
				    { OID(K, 2, 3, 1, 4), FIRST },
				    { OID(K, 2, 3, 1, 5), FIRST },
				    { OID(K, 1, 2), SCALAR } },
				  4 },
	[TRAP_REAL_SERVER] = { OID(K, 3, 5, 0, 1),
			       { { OID(K, 3, 4, 1, 3), BOTH },
				 { OID(K, 3, 4, 1, 4), BOTH },
				 { OID(K, 3, 4, 1, 5), BOTH },
				 { OID(K, 3, 4, 1, 6), BOTH },
				 { OID(K, 3, 3, 1, 2), FIRST },
				 { OID(K, 3, 3, 1, 8), FIRST },
				 { OID(K, 3, 3, 1, 21), FIRST },
				 { OID(K, 3, 3, 1, 20), FIRST },
				 { OID(K, 1, 2), SCALAR } },
			       9 },
	[TRAP_QUORUM] = { OID(K, 3, 5, 0, 2),
			  { { OID(K, 3, 3, 1, 2), FIRST },
			    { OID(K, 3, 3, 1, 8), FIRST },
			    { OID(K, 3, 3, 1, 23), FIRST },
			    { OID(K, 3, 3, 1, 22), FIRST },
			    { OID(K, 3, 3, 1, 21), FIRST },
			    { OID(K, 3, 3, 1, 20), FIRST },
			    { OID(K, 1, 2), SCALAR } },
			  7 },
	[TRAP_NEW_MASTER2] = { OID(MIB_VRRP, 0, 1), { { OID(MIB_VRRP, 1, 3, 1, 7), ROUTER2 } }, 1 },
	[TRAP_AUTH_FAILURE2] = { OID(MIB_VRRP, 0, 2),
				 { { OID(MIB_VRRP, 1, 5), AUTH_SOURCE }, { OID(MIB_VRRP, 1, 6), AUTH_ERROR } },
				 2 },
	[TRAP_NEW_MASTER3] = { OID(MIB_VRRPV3, 0, 1),
			       { { OID(MIB_VRRPV3, 1, 1, 1, 1, 3), ROUTER3 },
				 { OID(MIB_VRRPV3, 1, 2, 5, 1, 2), ROUTER3 } },
			       2 },
	[TRAP_PROTO_ERROR3] = { OID(MIB_VRRPV3, 0, 2), { { OID(MIB_VRRPV3, 1, 2, 5, 1, 6), ROUTER3 } }, 1 },
};

static void add_instance(const struct view *view, enum instance how, const uint32_t *i, struct oid *name)
{
	uint32_t number;

	if (how == ROUTER2 || how == ROUTER3) {
		const struct conf_vrrp *r = &view->conf->vrrps[i[0]];

		oid_add(name, (uint32_t[]){ view_ifindex(view, r->iface), r->vrid, r->family == AF_INET6 ? 2 : 1 },
			how == ROUTER2 ? 2 : 3);
		return;
	}
	number = how == FIRST || how == BOTH ? i[0] + 1 : 0;
	oid_add(name, &number, 1);
	number = i[1] + 1;
	if (how == BOTH)
		oid_add(name, &number, 1);
}

static bool value_of(const struct view *view, const struct object *o, const struct oid *name, uint32_t i,
		     struct value *v)
{
	const struct msg_vrrp_counts *c = &view->vrrps[i].counts;
	unsigned need;

	switch (o->instance) {
	case AUTH_SOURCE:
		v->type = VALUE_IP;
		return give_bytes(v, c->auth_source, 4);
	case AUTH_ERROR:
		v->type = VALUE_INTEGER;
		return give_number(v, c->auth_error);
	default:
		return mib_get(view, name, v, &need) == 0 && v->type < VALUE_NO_OBJECT;
	}
}

bool trap_make(const struct view *view, enum trap t, const uint32_t *i, const struct agentx_header *as,
	       struct agentx_out *out)
{
	static const struct oid trap_oid = { 11, { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 } };
	struct view all = *view;
	struct value v = { .type = VALUE_OID };
	unsigned found = 0;

	all.fresh = ~0u;
	all.parts = ~0u;
	agentx_begin(out, AGENTX_NOTIFY, as);
	v.oid.n = 0;
	oid_add(&v.oid, traps[t].oid.id, traps[t].oid.n);
	agentx_bind(out, &trap_oid, &v);
	for (unsigned k = 0; k < traps[t].n; k++) {
		const struct object *o = &traps[t].objects[k];
		struct oid name = { .n = 0 };

		oid_add(&name, o->oid.id, o->oid.n);
		add_instance(view, o->instance, i, &name);
		if (!value_of(&all, o, &name, i[0], &v))
			continue;
		agentx_bind(out, &name, &v);
		found++;
	}
	return found && agentx_end(out) == 0;
}
