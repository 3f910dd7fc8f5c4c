/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer - what the objects of objects.h say: one table of interfaces makes introspection and the
 * checks of arguments.
 *
 * Names, signatures and numbers of states are keepalived 2.2's, seen on the bus. That the property Name, declared as
 * `s', comes as `(s)' is keepalived's way, too, and its clients unpack it like that.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"

#define DBUS "org.freedesktop.DBus."
#define ERROR(name) DBUS "Error." name

/* ---- what there is ---- */
enum place { VRRP = 1, INSTANCE = 2, BETWEEN = 4, ANY = 7 }; /* BETWEEN: on the way to an object */
enum verb { GET, GET_ALL, SET, INTROSPECT, PING, MACHINE_ID, TASK };

struct method {
	const char *name, *in, *out;
	const char *const *args; /* names: in, then out */
	enum verb verb;
	enum bus_task task;
};
struct member {
	const char *name, *type;
	const char *const *args;
};
struct interface {
	const char *name;
	int where; /* enum place */
	struct method methods[5];
	struct member signals[4], properties[3];
};

#define ARGS(...)             \
	(const char *const[]) \
	{                     \
		__VA_ARGS__   \
	}
/* clang-format off */
static const struct interface interfaces[] = {
	{ .name = DBUS "Properties", .where = VRRP | INSTANCE,
	  .methods = { { "Get", "ss", "v", ARGS("interface_name", "property_name", "value"), GET },
		       { "GetAll", "s", "a{sv}", ARGS("interface_name", "properties"), GET_ALL },
		       { "Set", "ssv", "", ARGS("interface_name", "property_name", "value"), SET } },
	  .signals = { { "PropertiesChanged", "sa{sv}as",
			 ARGS("interface_name", "changed_properties", "invalidated_properties") } } },
	{ .name = DBUS "Introspectable", .where = ANY,
	  .methods = { { "Introspect", "", "s", ARGS("xml_data"), INTROSPECT } } },
	{ .name = DBUS "Peer", .where = ANY,
	  .methods = { { "Ping", "", "", NULL, PING },
		       { "GetMachineId", "", "s", ARGS("machine_uuid"), MACHINE_ID } } },
	{ .name = "org.keepalived.Vrrp1.Vrrp", .where = VRRP,
	  .methods = { { "PrintData", "", "", NULL, TASK, BUS_PRINT_DATA },
		       { "PrintStats", "", "", NULL, TASK, BUS_PRINT_STATS },
		       { "PrintStatsClear", "", "", NULL, TASK, BUS_PRINT_STATS_CLEAR },
		       { "ReloadConfig", "", "", NULL, TASK, BUS_RELOAD } },
	  .signals = { { "VrrpStarted", "", NULL }, { "VrrpReloaded", "", NULL }, { "VrrpStopped", "", NULL } } },
	{ .name = "org.keepalived.Vrrp1.Instance", .where = INSTANCE,
	  .methods = { { "SendGarp", "", "", NULL, TASK, BUS_GARP } },
	  .signals = { { "VrrpStatusChange", "u", ARGS("status") } },
	  .properties = { { "Name", "s", NULL }, { "State", "(us)", NULL } } },
};
/* clang-format on */
#define N(a) (sizeof(a) / sizeof((a)[0]))
static const struct interface *const of_vrrp = &interfaces[3], *const of_instance = &interfaces[4];

/* A call, and where it went */
struct asked {
	const struct objects *objects;
	struct wire_in *call;
	struct wire_out *reply;
	uint32_t serial;
	enum place place;
	const struct bus_object *instance; /* for INSTANCE */
};

/* ---- states ---- */
static uint32_t state_number(uint8_t state)
{
	return state == VRRP_STOPPED ? 98 : state == VRRP_DELETED ? 97 : state;
}

static const char *state_word(uint8_t state)
{
	static const char *const words[] = {
		[VRRP_INIT] = "Init", [VRRP_BACKUP] = "Backup", [VRRP_MASTER] = "Master", [VRRP_FAULT] = "Fault"
	};

	return state < N(words) ? words[state] : "Unknown";
}

/* ---- introspection ---- */
/* The end of the first complete type in a signature of ours */
static const char *type_end(const char *s)
{
	const char *end;

	if (*s == 'a')
		return type_end(s + 1);
	if (*s != '(' && *s != '{')
		return s + 1;
	end = strchr(s, *s == '(' ? ')' : '}');
	return end ? end + 1 : s + strlen(s);
}

static const char *const *put_args(FILE *f, const char *types, const char *const *names, const char *direction)
{
	for (const char *end; *types; types = end) {
		end = type_end(types);
		fprintf(f, "      <arg type=\"%.*s\" name=\"%s\"%s/>\n", (int)(end - types), types, *names++,
			direction);
	}
	return names;
}

static void put_interface(FILE *f, const struct interface *i)
{
	fprintf(f, "  <interface name=\"%s\">\n", i->name);
	for (const struct method *m = i->methods; m->name; m++) {
		fprintf(f, "    <method name=\"%s\">\n", m->name);
		put_args(f, m->out, put_args(f, m->in, m->args, " direction=\"in\""), " direction=\"out\"");
		fputs("    </method>\n", f);
	}
	for (const struct member *s = i->signals; s->name; s++) {
		fprintf(f, "    <signal name=\"%s\">\n", s->name);
		put_args(f, s->type, s->args, "");
		fputs("    </signal>\n", f);
	}
	for (const struct member *p = i->properties; p->name; p++)
		fprintf(f, "    <property type=\"%s\" name=\"%s\" access=\"read\"/>\n", p->type, p->name);
	fputs("  </interface>\n", f);
}

/* path is of an object below at: the next element, with its length; 0: it is not below */
static size_t below(const char *at, const char *path, const char **ret)
{
	size_t n = strlen(at);

	if (n == 1) /* "/" */
		n = 0;
	if (strncmp(at, path, n) != 0 || path[n] != '/')
		return 0;
	*ret = path + n + 1;
	return strcspn(*ret, "/");
}

/* Paths are in order, so that those that begin alike stand together. */
static void put_children(FILE *f, const struct objects *t, const char *at)
{
	const char *name, *last = "";
	size_t n = below(at, t->vrrp, &name), last_n = n;

	if (n) {
		fprintf(f, "  <node name=\"%.*s\"/>\n", (int)n, name);
		last = name;
	}
	for (uint32_t i = 0; i < t->n; i++) {
		n = below(at, t->list[i].path, &name);
		if (!n || (n == last_n && !strncmp(name, last, n)))
			continue;
		fprintf(f, "  <node name=\"%.*s\"/>\n", (int)n, name);
		last = name;
		last_n = n;
	}
}

static char *introspection(const struct asked *a)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
	      " \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n",
	      f);
	for (size_t i = 0; a->place != BETWEEN && i < N(interfaces); i++)
		if (interfaces[i].where & (int)a->place)
			put_interface(f, &interfaces[i]);
	put_children(f, a->objects, a->call->path);
	fputs("</node>\n", f);
	return fclose(f) == 0 ? text : NULL;
}

/* ---- replies ---- */
static void begin(const struct asked *a, enum wire_type type)
{
	wire_begin(a->reply, type, WIRE_NO_REPLY, a->serial);
	wire_reply_to(a->reply, a->call->serial);
	if (*a->call->sender)
		wire_destination(a->reply, a->call->sender);
}

static void __attribute__((format(printf, 3, 4)))
refuse(const struct asked *a, const char *error, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	begin(a, WIRE_ERROR);
	wire_error(a->reply, error);
	wire_body(a->reply, "s");
	wire_put_string(a->reply, text);
}

static void reply_string(const struct asked *a, const char *text)
{
	begin(a, WIRE_RETURN);
	wire_body(a->reply, "s");
	wire_put_string(a->reply, text);
}

static void reply_nothing(const struct asked *a)
{
	begin(a, WIRE_RETURN);
	wire_body(a->reply, "");
}

/* ---- properties ---- */
static void put_property(const struct asked *a, const struct member *p)
{
	bool name = p == &of_instance->properties[0];

	wire_put_signature(a->reply, name ? "(s)" : p->type);
	wire_put_struct(a->reply);
	if (!name)
		wire_put_u32(a->reply, state_number(a->instance->state));
	wire_put_string(a->reply, name ? a->instance->name : state_word(a->instance->state));
}

static const struct interface *with_properties(const struct asked *a, const char *name)
{
	const struct interface *own = a->place == VRRP ? of_vrrp : of_instance;

	return strcmp(own->name, name) ? NULL : own;
}

static void get_all(const struct asked *a, const struct interface *i)
{
	size_t array;

	begin(a, WIRE_RETURN);
	wire_body(a->reply, "a{sv}");
	array = wire_array(a->reply);
	for (const struct member *p = i->properties; p->name; p++) {
		wire_put_struct(a->reply);
		wire_put_string(a->reply, p->name);
		put_property(a, p);
	}
	wire_array_end(a->reply, array);
}

static void on_property(const struct asked *a, enum verb verb)
{
	const char *iface = wire_string(a->call), *name = verb == GET_ALL ? "" : wire_string(a->call);
	const struct interface *i = iface && name ? with_properties(a, iface) : NULL;
	const struct member *p;

	if (!iface || !name) {
		refuse(a, ERROR("InvalidArgs"), "The arguments cannot be read");
		return;
	}
	if (!i) {
		refuse(a, ERROR("InvalidArgs"), "No such interface \"%s\"", iface);
		return;
	}
	if (verb == GET_ALL) {
		get_all(a, i);
		return;
	}
	for (p = i->properties; p->name && strcmp(p->name, name) != 0;)
		p++;
	if (!p->name) {
		refuse(a, ERROR("InvalidArgs"), "No such property \"%s\"", name);
	} else if (verb == SET) {
		refuse(a, ERROR("InvalidArgs"), "Property \"%s\" is not writable", name);
	} else {
		begin(a, WIRE_RETURN);
		wire_body(a->reply, "v");
		put_property(a, p);
	}
}

/* ---- calls ---- */
static bool locate(struct asked *a)
{
	const char *rest, *path = a->call->path;
	bool found = below(path, a->objects->vrrp, &rest);

	a->instance = objects_find(a->objects, path);
	if (a->instance)
		a->place = INSTANCE;
	else if (!strcmp(path, a->objects->vrrp))
		a->place = VRRP;
	else
		a->place = BETWEEN;
	found = found || a->place != BETWEEN;
	for (uint32_t i = 0; !found && i < a->objects->n; i++)
		found = below(path, a->objects->list[i].path, &rest);
	return found;
}

/* The interface may be left out of a call */
static const struct method *find_method(const struct asked *a, bool *ret_interface)
{
	*ret_interface = !*a->call->interface;
	for (size_t i = 0; i < N(interfaces); i++) {
		if (!(interfaces[i].where & (int)a->place) ||
		    (*a->call->interface && strcmp(interfaces[i].name, a->call->interface) != 0))
			continue;
		*ret_interface = true;
		for (const struct method *m = interfaces[i].methods; m->name; m++)
			if (!strcmp(m->name, a->call->member))
				return m;
	}
	return NULL;
}

static void carry_out(const struct asked *a, const struct method *m)
{
	char *text;

	switch (m->verb) {
	case GET:
	case GET_ALL:
	case SET:
		on_property(a, m->verb);
		break;
	case INTROSPECT:
		text = introspection(a);
		reply_string(a, text ? text : "");
		free(text);
		break;
	case MACHINE_ID:
		if (*a->objects->machine)
			reply_string(a, a->objects->machine);
		else
			refuse(a, ERROR("Failed"), "This machine has no id: there is no /etc/machine-id");
		break;
	case PING:
	case TASK:
		reply_nothing(a);
	}
}

enum bus_task objects_answer(const struct objects *t, struct wire_in *call, struct wire_out *reply, uint32_t serial,
			     uint32_t *ret_index)
{
	struct asked a = { .objects = t, .call = call, .reply = reply, .serial = serial };
	const struct method *m = NULL;
	bool interface;

	if (!locate(&a))
		refuse(&a, ERROR("UnknownMethod"), "Object does not exist at path \"%.256s\"", call->path);
	else if (!(m = find_method(&a, &interface)) && !interface)
		refuse(&a, ERROR("UnknownMethod"), "No such interface \"%s\" at path \"%.256s\"", call->interface,
		       call->path);
	else if (!m)
		refuse(&a, ERROR("UnknownMethod"), "No such method \"%s\"", call->member);
	else if (strcmp(m->in, call->signature) != 0)
		refuse(&a, ERROR("InvalidArgs"), "%s takes \"(%s)\" and was given \"(%s)\"", m->name, m->in,
		       call->signature);
	else
		carry_out(&a, m);
	if (call->flags & WIRE_NO_REPLY)
		reply->len = 0;
	if (!m || m->verb != TASK || strcmp(m->in, call->signature) != 0)
		return BUS_NOTHING;
	*ret_index = a.instance ? a.instance->index : 0;
	return m->task;
}

/* ---- signals ---- */
static void begin_signal(struct wire_out *o, uint32_t serial, const char *path, const struct interface *i,
			 const char *member)
{
	wire_begin(o, WIRE_SIGNAL, WIRE_NO_REPLY, serial);
	wire_path(o, path);
	wire_interface(o, i->name);
	wire_member(o, member);
}

void objects_signal(const struct objects *t, const char *member, struct wire_out *o, uint32_t serial)
{
	begin_signal(o, serial, t->vrrp, of_vrrp, member);
	wire_body(o, "");
}

void objects_status_signal(const struct bus_object *i, uint8_t state, struct wire_out *o, uint32_t serial)
{
	begin_signal(o, serial, i->path, of_instance, "VrrpStatusChange");
	wire_body(o, "u");
	wire_put_u32(o, state_number(state));
}
