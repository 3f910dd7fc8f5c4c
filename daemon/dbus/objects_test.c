/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objects_test - calls to objects and their answers, without a bus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "objects.h"

#define V "org.keepalived.Vrrp1.Vrrp"
#define I "org.keepalived.Vrrp1.Instance"
#define P "org.freedesktop.DBus.Properties"
#define X "org.freedesktop.DBus.Introspectable"
#define ROOT "/org/keepalived/Vrrp1"

static struct conf_vrrp vrrps[] = {
	{ .name = "VI_b", .family = AF_INET, .vrid = 51, .iface = "eth0.5" },
	{ .name = "VI_a", .family = AF_INET6, .vrid = 9, .iface = "eth0" },
	{ .name = "VI_none", .family = AF_INET, .vrid = 1, .iface = "" },
	{ .name = "VI_c", .family = AF_INET, .vrid = 10, .iface = "eth0" },
};

static struct conf conf_with(const char *instance)
{
	struct conf c = { .vrrps = vrrps, .n_vrrps = 4 };

	c.global.instance = instance;
	c.global.dbus_no_interface = "none";
	return c;
}

static struct objects objects_with(const char *instance, const char *netns)
{
	const struct conf c = conf_with(instance);
	struct objects t;

	assert_int_equal(objects_new(&t, &c, netns), 0);
	return t;
}

struct call {
	const char *path, *interface, *member, *signature, *args[3];
	uint8_t flags;
};

/* What the answer says: "ERROR: text", "(signature)" and the first string; the task behind it */
static const char *answer(const struct objects *t, const struct call *c, enum bus_task *ret_task, uint32_t *ret_index)
{
	static char text[4096];
	struct wire_out call = { 0 }, reply = { 0 };
	struct wire_in m;
	const char *s;

	wire_begin(&call, WIRE_CALL, c->flags, 5);
	wire_path(&call, c->path);
	if (c->interface)
		wire_interface(&call, c->interface);
	wire_member(&call, c->member);
	wire_body(&call, c->signature ? c->signature : "");
	for (int i = 0; i < 3 && c->args[i]; i++)
		wire_put_string(&call, c->args[i]);
	assert_int_equal(wire_end(&call), 0);
	assert_int_equal(wire_read(&m, call.bytes, call.len), 0);
	m.sender = ":1.7";
	*ret_index = 99;
	*ret_task = objects_answer(t, &m, &reply, 6, ret_index);
	text[0] = '\0';
	if (reply.len) {
		assert_int_equal(wire_end(&reply), 0);
		assert_int_equal(wire_read(&m, reply.bytes, reply.len), 0);
		assert_int_equal(m.reply_serial, 5);
		assert_int_equal(m.serial, 6);
		s = *m.signature == 's' ? wire_string(&m) : "";
		snprintf(text, sizeof(text), "%s%s(%s) %s", m.error, *m.error ? " " : "", m.signature, s);
	}
	wire_free(&call);
	wire_free(&reply);
	return text;
}

static void paths_are_keepalived_s(void **state)
{
	struct objects t = objects_with("", "");

	assert_string_equal(t.vrrp, ROOT "/Vrrp");
	assert_string_equal(objects_find(&t, ROOT "/Instance/eth0_5/51/IPv4")->name, "VI_b");
	assert_string_equal(objects_find(&t, ROOT "/Instance/eth0/9/IPv6")->name, "VI_a");
	assert_string_equal(objects_find(&t, ROOT "/Instance/none/1/IPv4")->name, "VI_none");
	assert_null(objects_find(&t, ROOT "/Instance/eth0/9/IPv4"));
	objects_free(&t);
	t = objects_with("in.st", "/run/n-s");
	assert_string_equal(t.vrrp, ROOT "/_run_n_s/in_st/Vrrp");
	assert_non_null(objects_find(&t, ROOT "/_run_n_s/in_st/Instance/eth0/10/IPv4"));
	objects_free(&t);
}

static void answers(void **state)
{
	static const struct {
		struct call call;
		const char *want;
		enum bus_task task;
		uint32_t index;
	} rows[] = {
		{ { ROOT "/Vrrp", V, "PrintData" }, "() ", BUS_PRINT_DATA, 0 },
		{ { ROOT "/Vrrp", V, "PrintStats" }, "() ", BUS_PRINT_STATS, 0 },
		{ { ROOT "/Vrrp", V, "PrintStatsClear" }, "() ", BUS_PRINT_STATS_CLEAR, 0 },
		{ { ROOT "/Vrrp", V, "ReloadConfig" }, "() ", BUS_RELOAD, 0 },
		{ { ROOT "/Vrrp", NULL, "ReloadConfig" }, "() ", BUS_RELOAD, 0 },
		{ { ROOT "/Vrrp", V, "ReloadConfig", .flags = WIRE_NO_REPLY }, "", BUS_RELOAD, 0 },
		{ { ROOT "/Instance/eth0/10/IPv4", I, "SendGarp" }, "() ", BUS_GARP, 3 },
		{ { ROOT "/Instance/eth0_5/51/IPv4", I, "SendGarp" }, "() ", BUS_GARP, 0 },
		{ { ROOT "/Instance/eth0/10/IPv4", I, "SendGarp", "s", { "x" } },
		  "org.freedesktop.DBus.Error.InvalidArgs (s) SendGarp takes \"()\" and was given \"(s)\"" },
		{ { ROOT "/Instance/eth0/10/IPv4", I, "Nope" },
		  "org.freedesktop.DBus.Error.UnknownMethod (s) No such method \"Nope\"" },
		{ { ROOT "/Instance/eth0/10/IPv4", V, "PrintData" },
		  "org.freedesktop.DBus.Error.UnknownMethod (s) No such interface \"" V "\" at path \"" ROOT
		  "/Instance/eth0/10/IPv4\"" },
		{ { ROOT "/Instance/eth0/11/IPv4", I, "SendGarp" },
		  "org.freedesktop.DBus.Error.UnknownMethod (s) Object does not exist at path \"" ROOT
		  "/Instance/eth0/11/IPv4\"" },
		{ { "/or", "org.freedesktop.DBus.Peer", "Ping" },
		  "org.freedesktop.DBus.Error.UnknownMethod (s) Object does not exist at path \"/or\"" },
		{ { "/", "org.freedesktop.DBus.Peer", "Ping" }, "() " },
		{ { ROOT "/Instance/eth0", "org.freedesktop.DBus.Peer", "Ping" }, "() " },
		{ { "/org", "org.freedesktop.DBus.Peer", "GetMachineId" }, "(s) 0123" },
		{ { ROOT "/Instance/eth0/10/IPv4", P, "Get", "ss", { I, "Name" } }, "(v) " },
		{ { ROOT "/Instance/eth0/10/IPv4", P, "GetAll", "s", { I } }, "(a{sv}) " },
		{ { ROOT "/Vrrp", P, "GetAll", "s", { V } }, "(a{sv}) " },
		{ { ROOT "/Instance/eth0/10/IPv4", P, "Get", "ss", { I, "Nam" } },
		  "org.freedesktop.DBus.Error.InvalidArgs (s) No such property \"Nam\"" },
		{ { ROOT "/Instance/eth0/10/IPv4", P, "Get", "ss", { V, "Name" } },
		  "org.freedesktop.DBus.Error.InvalidArgs (s) No such interface \"" V "\"" },
		{ { ROOT "/Instance/eth0/10/IPv4", P, "Get", "ss", { I } },
		  "org.freedesktop.DBus.Error.InvalidArgs (s) The arguments cannot be read" },
		{ { ROOT "/Instance/eth0/10/IPv4", P, "Set", "ssv", { I, "Name" } },
		  "org.freedesktop.DBus.Error.InvalidArgs (s) Property \"Name\" is not writable" },
	};
	struct objects t = objects_with("", "");
	enum bus_task task;
	uint32_t index;

	strcpy(t.machine, "0123");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(answer(&t, &rows[i].call, &task, &index), rows[i].want);
		assert_int_equal(task, rows[i].task);
		if (task == BUS_GARP)
			assert_int_equal(index, rows[i].index);
	}
	objects_free(&t);
}

/* The nodes below one */
static const char *children(const struct objects *t, const char *path)
{
	static char list[256];
	enum bus_task task;
	uint32_t index;
	const struct call c = { path, X, "Introspect" };

	list[0] = '\0';
	for (const char *s = answer(t, &c, &task, &index); (s = strstr(s, "<node name=\"")); s += 12)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%.*s ", (int)strcspn(s + 12, "\""),
			 s + 12);
	return list;
}

static void every_node_names_its_children_once(void **state)
{
	struct objects t = objects_with("", "");

	assert_string_equal(children(&t, "/"), "org ");
	assert_string_equal(children(&t, "/org/keepalived"), "Vrrp1 ");
	assert_string_equal(children(&t, ROOT), "Vrrp Instance ");
	assert_string_equal(children(&t, ROOT "/Instance"), "eth0 eth0_5 none ");
	assert_string_equal(children(&t, ROOT "/Instance/eth0"), "10 9 ");
	assert_string_equal(children(&t, ROOT "/Instance/eth0/9"), "IPv6 ");
	assert_string_equal(children(&t, ROOT "/Instance/eth0/9/IPv6"), "");
	objects_free(&t);
}

static void a_state_is_news_once(void **state)
{
	struct objects t = objects_with("", ""), next = objects_with("", "");
	const struct bus_object *o = NULL;

	assert_true(objects_state(&t, 3, VRRP_MASTER, &o));
	assert_string_equal(o->name, "VI_c");
	assert_false(objects_state(&t, 3, VRRP_MASTER, &o));
	assert_false(objects_state(&t, 4, VRRP_MASTER, &o));
	objects_inherit(&next, &t);
	assert_false(objects_state(&next, 3, VRRP_MASTER, &o));
	assert_true(objects_state(&next, 3, VRRP_BACKUP, &o));
	objects_free(&t);
	objects_free(&next);
}

static void signals_have_keepalived_s_numbers(void **state)
{
	static const struct {
		uint8_t state;
		uint32_t number;
	} rows[] = { { VRRP_INIT, 0 },	{ VRRP_BACKUP, 1 },   { VRRP_MASTER, 2 },
		     { VRRP_FAULT, 3 }, { VRRP_STOPPED, 98 }, { VRRP_DELETED, 97 } };
	struct objects t = objects_with("", "");
	struct wire_out o = { 0 };
	struct wire_in m;
	uint32_t v;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		objects_status_signal(&t.list[t.by_index[0]], rows[i].state, &o, 3);
		assert_int_equal(wire_end(&o), 0);
		assert_int_equal(wire_read(&m, o.bytes, o.len), 0);
		assert_int_equal(m.type, WIRE_SIGNAL);
		assert_string_equal(m.path, ROOT "/Instance/eth0_5/51/IPv4");
		assert_string_equal(m.interface, I);
		assert_string_equal(m.member, "VrrpStatusChange");
		assert_int_equal(wire_u32(&m, &v), 0);
		assert_int_equal(v, rows[i].number);
	}
	objects_signal(&t, "VrrpStopped", &o, 4);
	assert_int_equal(wire_end(&o), 0);
	assert_int_equal(wire_read(&m, o.bytes, o.len), 0);
	assert_string_equal(m.path, ROOT "/Vrrp");
	assert_string_equal(m.member, "VrrpStopped");
	wire_free(&o);
	objects_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_keepalived_s),
		cmocka_unit_test(answers),
		cmocka_unit_test(every_node_names_its_children_once),
		cmocka_unit_test(a_state_is_news_once),
		cmocka_unit_test(signals_have_keepalived_s_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
