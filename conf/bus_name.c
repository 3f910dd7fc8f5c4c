/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus_name - dbus_service_name: what a message bus takes for the name of a service. */
#include <string.h>

#include "draft.h"
#include "set_global.h"

/* Of a bus: two elements or more, none of which begins with a digit (D-Bus Specification, "Bus names") */
static bool is_bus_name(const char *s)
{
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-0123456789";
	unsigned elements = 0;
	const char *at = s;

	do {
		size_t n = strspn(at, chars);

		if (!n || (*at >= '0' && *at <= '9'))
			return false;
		at += n;
		elements++;
	} while (*at++ == '.');
	return !at[-1] && elements > 1 && at - s <= 256;
}

void set_dbus_name(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	const char **name = (const char **)((char *)obj + r->offset);

	if (is_bus_name(*name))
		return;
	load_error(l, CONF_ERROR, n, 1, "%s: '%s' is no name of a service on a bus, write one like %s", r->word,
		   *name, r->preset);
	*name = load_str(l, r->preset);
}
