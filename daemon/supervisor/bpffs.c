/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bpffs - where instances are pinned: the machine's /sys/fs/bpf if it is mounted, else one of our own in the run
 * directory, else nowhere.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "log.h"
#include "supervisor.h"

#define BPF_FS_MAGIC 0xcafe4a11
#define SYSTEM_BPFFS "/sys/fs/bpf"
#define INITIAL_PID_NS 0xeffffffcu	/* inode; fixed by the kernel */
#define DEFAULT_RUN_DIR "/run/elvs"

static bool is_bpffs(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && (unsigned long)st.f_type == BPF_FS_MAGIC;
}

/*
 * Supervisors of different run directories (tests) or process namespaces (containers) may share a bpffs, but nothing
 * in it: one that cannot see another's processes would take its namespaces for dead.
 */
static void system_root(const char *run_dir, char *ret, size_t size)
{
	uint32_t h = 2166136261u;
	struct stat st = { 0 };

	stat("/proc/self/ns/pid", &st);
	if (!strcmp(run_dir, DEFAULT_RUN_DIR) && st.st_ino == INITIAL_PID_NS) {
		snprintf(ret, size, SYSTEM_BPFFS "/elvs");
		return;
	}
	for (const char *p = run_dir; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	h = (h ^ (uint32_t)st.st_ino) * 16777619u;
	snprintf(ret, size, SYSTEM_BPFFS "/elvs-%08x", h);
}

static bool make_dir(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

void bpffs_find(struct supervisor *s)
{
	char own[ELVS_PATH_MAX + 8];

	snprintf(own, sizeof(own), "%s/bpf", s->o->run_dir);
	if (!is_bpffs(own) && is_bpffs(SYSTEM_BPFFS)) {
		system_root(s->o->run_dir, s->pin_root, sizeof(s->pin_root));
		if (make_dir(s->pin_root))
			return;
		log_warn("cannot make %s: %s", s->pin_root, strerror(errno));
	}
	s->pin_root[0] = '\0';
	if (strlen(own) >= sizeof(s->own_bpffs))
		return;
	if (!is_bpffs(own) && (!make_dir(own) || mount("bpf", own, "bpf", 0, "mode=0700") < 0)) {
		log_warn("no bpffs: %s is none, and none can be mounted on %s (%s); state dies with the daemon",
			 SYSTEM_BPFFS, own, strerror(errno));
		rmdir(own);
		return;
	}
	memcpy(s->own_bpffs, own, strlen(own) + 1);
	memcpy(s->pin_root, own, strlen(own) + 1);
}

void bpffs_leave(struct supervisor *s)
{
	if (s->own_bpffs[0]) {
		umount2(s->own_bpffs, MNT_DETACH);
		rmdir(s->own_bpffs);
	} else if (s->pin_root[0]) {
		rmdir(s->pin_root);
	}
}
