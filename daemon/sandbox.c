/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox - see sandbox.h. */
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NOBODY 65534 /* where passwd does not know better */
#define KEEP_MAX 8

void sandbox_fds(const int *keep, size_t n)
{
	int sorted[KEEP_MAX], from = 3;
	size_t m = 0;

	for (size_t i = 0; i < n && m < KEEP_MAX; i++) {
		size_t at = m;

		if (keep[i] < 3)
			continue;
		for (; at > 0 && sorted[at - 1] > keep[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = keep[i];
		m++;
	}
	for (size_t i = 0; i < m; i++) {
		if (sorted[i] > from)
			close_range((unsigned)from, (unsigned)sorted[i] - 1, 0);
		from = sorted[i] + 1;
	}
	close_range((unsigned)from, ~0u, 0);
}

int sandbox_user(void)
{
	const struct passwd *own = getpwnam("elvs"), *pw = own ? own : getpwnam("nobody");
	uid_t uid = pw ? pw->pw_uid : NOBODY;
	gid_t gid = pw ? pw->pw_gid : NOBODY;

	if (geteuid() == 0 &&
	    (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0))
		return -errno;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int sandbox_syscalls(const char *const *names)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = ctx ? 0 : -ENOMEM;

	for (; r == 0 && *names; names++) {
		int nr = seccomp_syscall_resolve_name(*names);

		if (nr != __NR_SCMP_ERROR) /* one that this machine does not have */
			r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
	}
	if (r == 0)
		r = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	return r;
}
