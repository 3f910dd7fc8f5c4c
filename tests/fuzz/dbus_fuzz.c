/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dbus_fuzz - any bytes as messages of a bus: what can be read is answered, and the answer can be read.
 *
 * Input: messages one after the other, cut as the link cuts them.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "objects.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

static void look(const struct objects *t, struct wire_in *m)
{
	struct wire_out o = { 0 };
	struct wire_in answer;
	uint32_t index = 0, v;
	enum bus_task task;

	if (m->type != WIRE_CALL) {
		if (*m->signature == 's')
			(void)wire_string(m);
		else
			(void)wire_u32(m, &v);
		return;
	}
	task = objects_answer(t, m, &o, 1, &index);
	if ((task == BUS_GARP && index >= t->n) || (!o.len) != !!(m->flags & WIRE_NO_REPLY))
		abort();
	if (o.len && (wire_end(&o) < 0 || wire_read(&answer, o.bytes, o.len) < 0 || answer.reply_serial != m->serial))
		abort();
	wire_free(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	struct conf_vrrp vrrps[] = { { .name = "VI_1", .family = AF_INET, .vrid = 51, .iface = "eth0" },
				     { .name = "VI_2", .family = AF_INET6, .vrid = 52, .iface = "eth0.5" } };
	struct conf c = { .vrrps = vrrps, .n_vrrps = 2 };
	size_t header, total;
	struct wire_in m;
	struct objects t;

	c.global.instance = c.global.dbus_no_interface = "";
	if (objects_new(&t, &c, "") < 0)
		return 0;
	for (size_t at = 0; len - at >= WIRE_HEAD && wire_size(in + at, &header, &total) == 0; at += total) {
		size_t n = total < len - at ? total : len - at;
		uint8_t *copy = malloc(n);

		memcpy(copy, in + at, n);
		if (wire_read(&m, copy, n) == 0)
			look(&t, &m);
		free(copy);
		if (n < total)
			break;
	}
	objects_free(&t);
	return 0;
}
