/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traces - what an instance leaves on disk and in the bpffs, and that it goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "elvs.h"
#include "log.h"
#include "loopback.h"
#include "marks.h"
#include "netns.h"
#include "supervisor.h"

void traces_pin_dir(const struct supervisor *s, uint64_t cookie, char *ret, size_t size)
{
	snprintf(ret, size, "%s/%llu", s->pin_root, (unsigned long long)cookie);
}

void traces_state_dir(const struct supervisor *s, uint64_t cookie, char *ret, size_t size)
{
	snprintf(ret, size, "%s/instance/%llu", s->o->run_dir, (unsigned long long)cookie);
}

/* TC programs are detached from within their network namespace. netns_fd -1: it is gone, and they with it. */
static void destroy_pins(const char *dir, const char *state, int netns_fd)
{
	struct loopback lo;
	struct marks marks;
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	loopback_init(&lo, state);
	marks_init(&marks, state);
	if (netns_fd >= 0 && netns_enter(netns_fd) < 0) {
		log_warn("cannot enter the network namespace of %s; TC programs may stay attached", dir);
	} else if (netns_fd >= 0) {
		loopback_restore(&lo);
		marks_forget(&marks);
	}
	if (elvs_destroy(dir) < 0)
		log_err("cannot remove %s: %s", dir, elvs_strerror(NULL));
	if (netns_enter(own) < 0)
		log_err("cannot go back to the supervisor's own network namespace: %s", strerror(errno));
	close(own);
}

void traces_remove(struct supervisor *s, uint64_t cookie, int netns_fd)
{
	static const char *const files[] = { "lock", "attach", "accept_local", "marks" };
	char dir[2 * ELVS_PATH_MAX], pins[2 * ELVS_PATH_MAX], path[2 * ELVS_PATH_MAX + 16];

	traces_state_dir(s, cookie, dir, sizeof(dir));
	if (s->pin_root[0]) {
		traces_pin_dir(s, cookie, pins, sizeof(pins));
		if (access(pins, F_OK) == 0)
			destroy_pins(pins, dir, netns_fd);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}
