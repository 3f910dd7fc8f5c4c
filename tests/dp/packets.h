/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packets - the first packets with which most rows begin: from the client to the virtual service.
 */
#ifndef ELVS_TESTS_PACKETS_H
#define ELVS_TESTS_PACKETS_H

#include "dp.h"

#define SYN4                                                                                                  \
	{                                                                                                     \
		.src = CLIENT, .dst = VIP, .sport = 30000, .dport = 80, .flags = SYN, .tcpopts = 20, .id = 7, \
		.df = true                                                                                    \
	}
#define SYN6                                                                                           \
	{                                                                                              \
		.src = CLIENT6, .dst = VIP6, .sport = 30000, .dport = 80, .flags = SYN, .tcpopts = 20, \
		.flow = 0x12345                                                                        \
	}
#define UDP4                                                                                                         \
	{                                                                                                            \
		.src = CLIENT, .dst = VIP, .sport = 30000, .dport = 53, .proto = IPPROTO_UDP, .payload = 31, .id = 9 \
	}
#define UDP6                                                                                                  \
	{                                                                                                     \
		.src = CLIENT6, .dst = VIP6, .sport = 30000, .dport = 53, .proto = IPPROTO_UDP, .payload = 31 \
	}

#endif
