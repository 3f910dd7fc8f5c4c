/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * believe - preloaded into Debian's keepalived, lets it believe in an IPVS that takes everything and does nothing: so
 * that its health checks run where the kernel has no ip_vs, beside ours. No part of elvs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int is_ipvs(int level, int option)
{
	return level == IPPROTO_IP && option >= IP_VS_BASE_CTL && option <= IP_VS_SO_SET_MAX;
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	int (*real)(int, int, int, void *, socklen_t *) = dlsym(RTLD_NEXT, "getsockopt");
	struct ip_vs_getinfo info = { .version = 0x010201, .size = 4096 };

	if (!is_ipvs(level, option))
		return real(fd, level, option, value, len);
	if (option != IP_VS_SO_GET_INFO || *len < sizeof(info)) {
		errno = ESRCH;
		return -1;
	}
	memcpy(value, &info, sizeof(info));
	return 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	int (*real)(int, int, int, const void *, socklen_t) = dlsym(RTLD_NEXT, "setsockopt");

	return is_ipvs(level, option) ? 0 : real(fd, level, option, value, len);
}
