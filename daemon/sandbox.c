/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox - see sandbox.h. */
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOBODY 65534 /* where passwd does not know better */
#define CAPS_MAX 8

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int sandbox_fds(const int *keep, size_t n)
{
	int *sorted = calloc(n + 1, sizeof(*sorted)), from = 3;

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, keep, n * sizeof(*keep));
	qsort(sorted, n, sizeof(*sorted), by_number);
	for (size_t i = 0; i < n; i++) {
		if (sorted[i] < from)
			continue;
		if (sorted[i] > from)
			close_range((unsigned)from, (unsigned)sorted[i] - 1, 0);
		from = sorted[i] + 1;
	}
	close_range((unsigned)from, ~0u, 0);
	free(sorted);
	return 0;
}

static int change_user(void)
{
	const struct passwd *pw = getpwnam("elvs");
	uid_t uid;
	gid_t gid;

	pw = pw ? pw : getpwnam("nobody");
	uid = pw ? pw->pw_uid : NOBODY;
	gid = pw ? pw->pw_gid : NOBODY;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	return 0;
}

/* What the process has of them now it has afterwards, and nothing else; programs that it runs inherit them. */
static int set_capabilities(const int *keep, size_t n)
{
	bool have[CAPS_MAX];

	if (n > CAPS_MAX)
		return -E2BIG;
	if (capng_get_caps_process() < 0)
		return -EPERM;
	for (size_t i = 0; i < n; i++)
		have[i] = capng_have_capability(CAPNG_PERMITTED, (unsigned)keep[i]);
	capng_clear(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
	for (size_t i = 0; i < n; i++)
		if (have[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE | CAPNG_AMBIENT,
				     (unsigned)keep[i]);
	return capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT) < 0 ? -EPERM : 0;
}

int sandbox_caps(const int *caps, size_t n)
{
	int r = set_capabilities(caps, n);

	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int sandbox_user_with(const int *caps, size_t n)
{
	int r = 0;

	if (prctl(PR_SET_KEEPCAPS, n > 0, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() == 0)
		r = change_user();
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return r < 0 ? r : sandbox_caps(caps, n);
}

int sandbox_user(void)
{
	return sandbox_user_with(NULL, 0);
}

/* ---- system calls ---- */
static int add(scmp_filter_ctx ctx, uint32_t action, const char *name, unsigned n, struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);
	int r = nr == __NR_SCMP_ERROR ? -EDOM : seccomp_rule_add_array(ctx, action, nr, n, args);

	return r == -EDOM ? 0 : r; /* one that this machine does not have */
}

/* Files are for reading, memory is not for code, sockets are IP's and syslog's, signals are for nobody but itself. */
static int allow(scmp_filter_ctx ctx, const char *name)
{
	static const int families[] = { AF_INET, AF_INET6, AF_UNIX };
	int r = 0;

	if (!strcmp(name, "openat"))
		return add(ctx, SCMP_ACT_ALLOW, name, 1,
			   &SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
	if (!strcmp(name, "mmap") || !strcmp(name, "mprotect"))
		return add(ctx, SCMP_ACT_ALLOW, name, 1, &SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!strcmp(name, "tgkill"))
		return add(ctx, SCMP_ACT_ALLOW, name, 1, &SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	if (!strcmp(name, "prlimit64")) /* only to ask */
		return add(ctx, SCMP_ACT_ALLOW, name, 1, &SCMP_A2(SCMP_CMP_EQ, 0));
	if (strcmp(name, "socket"))
		return add(ctx, SCMP_ACT_ALLOW, name, 0, NULL);
	for (size_t i = 0; r == 0 && i < sizeof(families) / sizeof(families[0]); i++)
		r = add(ctx, SCMP_ACT_ALLOW, name, 1, &SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
	return r;
}

static int load(scmp_filter_ctx ctx, int r)
{
	if (ctx && r == 0)
		r = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	return r;
}

int sandbox_syscalls(const char *const *names)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = ctx ? 0 : -ENOMEM;

	for (; r == 0 && *names; names++)
		r = allow(ctx, *names);
	return load(ctx, r);
}

int sandbox_no_syscalls(const char *const *names)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r = ctx ? 0 : -ENOMEM;

	for (; r == 0 && *names; names++)
		r = add(ctx, SCMP_ACT_ERRNO(EPERM), *names, 0, NULL);
	return load(ctx, r);
}
