/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - what the data plane decided about a packet, and why. One list gives the enum, the names in
 * `elvs drops` and `elvs capture`, and the table of the manual page.
 *
 * X(name, kind, text): kind is how the packet ended:
 *   FORWARD  left for a real server or a client
 *   UP       was left to the local stack, untouched, as not ours to handle
 *   TC       XDP could not finish it and handed it to TC, which does
 *   DROP     was thrown away
 */
#ifndef ELVS_ABI_VERDICT_H
#define ELVS_ABI_VERDICT_H

#define ELVS_VERDICTS(X) \
	X(FORWARDED, FORWARD, "sent to a real server") \
	X(REPLIED, FORWARD, "reply sent to a client") \
	X(LOCAL, FORWARD, "handed to a real server on the director itself") \
	X(CHECK_ANSWER, UP, "answer to a health check addressed to the virtual service, given to the checker") \
	X(ICMP_SENT, FORWARD, "answered with an ICMP error") \
	X(FRAGMENTED, FORWARD, "too long for the way to the real server or client, sent in fragments") \
	X(NOT_IP, UP, "neither IPv4 nor IPv6") \
	X(NOT_FOR_US, UP, "destination MAC address is not this interface's") \
	X(NO_SERVICE, UP, "no virtual service has this address, protocol and port") \
	X(VIP_NOT_LOCAL, UP, "the virtual service's address is not on this host") \
	X(VIP_MUTED, UP, "the virtual service's address is muted: another node is master") \
	X(NO_CONNECTION, UP, "no connection, and not a packet that opens one") \
	X(TRUNCATED, UP, "transport header cut short") \
	X(OTHER_PROTOCOL, UP, "neither TCP nor UDP") \
	X(TC_CHECKSUM, TC, "partial checksum") \
	X(TC_NEXTHOP, TC, "next hop not resolved yet, or XDP cannot transmit there") \
	X(TC_MTU, TC, "longer than the outgoing interface's MTU") \
	X(TC_TTL, TC, "TTL used up, an ICMP error is due") \
	X(TC_NO_DEST, TC, "no real server available, an ICMP error is due") \
	X(TC_LOCAL, TC, "the real server is the director itself") \
	X(TC_FRAGMENT, TC, "IP fragment") \
	X(TC_EXTENSION, TC, "IPv6 extension headers") \
	X(TC_LOCK, TC, "bucket lock busy, tried again a moment later") \
	X(TC_ICMP, TC, "ICMP message") \
	X(BAD_HEADER, DROP, "truncated or malformed header") \
	X(ICMP_BAD, DROP, "ICMP error about a connection, with a wrong checksum or in fragments") \
	X(ICMP_TUNNEL, DROP, "ICMP error about a tunnel's packet, of no use to its client") \
	X(FRAGMENT, UP, "fragment whose first part was not seen") \
	X(NO_DEST, DROP, "no real server available") \
	X(DEST_GONE, DROP, "the connection's real server was removed") \
	X(TABLE_FULL, DROP, "connection table full") \
	X(LOCK_BUSY, DROP, "bucket lock held too long by another CPU") \
	X(NO_ROUTE, DROP, "no route to the real server or client") \
	X(TTL_EXPIRED, DROP, "TTL or hop limit used up") \
	X(TOO_BIG, DROP, "longer than the path's MTU") \
	X(NO_HEADROOM, DROP, "no room in the frame for another header") \
	X(REDIRECT_FAILED, DROP, "the packet could not be sent out of the chosen interface") \
	X(INTERNAL, DROP, "inconsistent tables (a bug: please report)")

#define X(name, kind, text) ELVS_V_##name,
enum elvs_verdict { ELVS_VERDICTS(X) ELVS_V_COUNT };
#undef X

enum elvs_verdict_kind { ELVS_KIND_FORWARD, ELVS_KIND_UP, ELVS_KIND_TC, ELVS_KIND_DROP };

#endif
