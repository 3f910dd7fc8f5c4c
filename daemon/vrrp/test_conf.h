/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_conf - configurations for the unit tests of this folder. Include after <cmocka.h>'s companions. */
#ifndef ELVS_DAEMON_VRRP_TEST_CONF_H
#define ELVS_DAEMON_VRRP_TEST_CONF_H

#include <arpa/inet.h>
#include <string.h>

#include "conf/conf.h"

#define SEC 1000000ull

static inline struct conf_addr addr(const char *text)
{
	struct conf_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(a.family, text, a.bytes) != 1)
		a.family = 0;
	return a;
}

/* Version 2, IPv4, multicast, priority 100, one second, two addresses. vips: two of them, the caller's. */
static inline struct conf_vrrp conf_v2(struct conf_vip vips[2])
{
	vips[0] = (struct conf_vip){ .addr = addr("192.0.2.100"), .prefix = 32 };
	vips[1] = (struct conf_vip){ .addr = addr("192.0.2.101"), .prefix = 32 };
	return (struct conf_vrrp){
		.name = "VI_1",
		.family = AF_INET,
		.vrid = 51,
		.priority = 100,
		.version = 2,
		.advert_us = SEC,
		.group = CONF_NONE,
		.mcast_dst = addr("224.0.0.18"),
		.vips = vips,
		.n_vips = 2,
		.ttl = 255,
		.down_timer_adverts = 3,
		.timer_expired_backup = -1,
		.garp = { .master_delay_us = 5 * SEC,
			  .master_repeat = 5,
			  .master_refresh_repeat = 1,
			  .lower_prio_delay_us = 5 * SEC,
			  .lower_prio_repeat = 5 },
	};
}

static inline struct conf_vrrp conf_v3(struct conf_vip vips[2])
{
	struct conf_vrrp c = conf_v2(vips);

	c.version = 3;
	return c;
}

static inline struct conf_vrrp conf_v6(struct conf_vip vips[2])
{
	struct conf_vrrp c = conf_v3(vips);

	vips[0] = (struct conf_vip){ .addr = addr("fe80::100"), .prefix = 128 };
	vips[1] = (struct conf_vip){ .addr = addr("2001:db8::100"), .prefix = 128 };
	c.family = AF_INET6;
	c.mcast_dst = addr("ff02::12");
	return c;
}

#endif
