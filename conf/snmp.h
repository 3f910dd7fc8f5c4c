/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snmp - the address of an SNMP master agent, as snmp_socket writes it (net-snmp's transport specifications).
 *
 * unix:/PATH, /PATH, tcp:ADDRESS:PORT, tcp6:[ADDRESS]:PORT, udp:ADDRESS:PORT, udp6:..., ADDRESS:PORT (UDP, as with
 * net-snmp), ADDRESS alone: AgentX's port, 705. No names but localhost: whoever connects waits for nobody.
 */
#ifndef ELVS_CONF_SNMP_H
#define ELVS_CONF_SNMP_H

#include <sys/socket.h>

#define CONF_SNMP_SOCKET "unix:/var/agentx/master"

struct conf_snmp_at {
	int type;	/* SOCK_STREAM, SOCK_DGRAM */
	struct sockaddr_storage addr;
	socklen_t len;
};

/* text "": the default. -EINVAL: it is none of these. */
int conf_snmp_at(const char *text, struct conf_snmp_at *ret);

#endif
