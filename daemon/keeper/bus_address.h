/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus_address - from where a message bus is said to be (D-Bus Specification, "Server Addresses") to a socket. */
#ifndef ELVS_KEEPER_BUS_ADDRESS_H
#define ELVS_KEEPER_BUS_ADDRESS_H

#include <stddef.h>

/*
 * A connected socket, or -errno. address: as $DBUS_SYSTEM_BUS_ADDRESS has it, several separated by semicolons; NULL:
 * the usual place. Of the kinds of addresses unix:path= and unix:abstract= are known, anything else is
 * -EPROTONOSUPPORT. ret_at: the one that counts, for messages.
 */
int bus_connect(const char *address, char *ret_at, size_t size);

#endif
