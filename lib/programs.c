/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * programs - loads the data plane's programs. The verifier takes a fifth of a second for each of the large ones, so
 * several threads do it, each with an object of its own that shares the maps, and an XDP program is loaded when an
 * interface wants it, on request while TC forwards already.
 *
 * A thread reads the maps' descriptors and writes its own struct loader; all else waits until it is joined.
 */
#include "internal.h"
#include "elvs_bpf.skel.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOG_BYTES 65536
#define BIT(p) (1u << (p))

static const char *const names[PROGS] = {
	[ELVS_PROG_XDP] = "elvs_xdp",	  [ELVS_PROG_XDP_FRAGS] = "elvs_xdp_frags",
	[ELVS_PROG_TC_IN] = "elvs_tc_in", [ELVS_PROG_TC_OUT] = "elvs_tc_out",
	[ELVS_PROG_TC_MARK] = "elvs_tc_mark", [PROG_CTL] = "elvs_ctl",
};

/* Programs that are loaded together, by one thread */
struct loader {
	const struct elvs *e;
	unsigned want; /* BIT(enum elvs_prog) */
	pthread_t thread;
	bool threaded;
	int done_fd; /* eventfd, told at the end; -1 = nobody waits there */
	int result;
	int fd[PROGS];
	char log[LOG_BYTES];
};

int load_error(struct elvs *e, int r, const char *log)
{
	size_t n = strlen(log);
	const char *tail = n > 300 ? log + n - 300 : log;

	if (r == -EPERM)
		return fail(e, r,
			    "the kernel refuses the programs: CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON are needed");
	return fail(e, r, "the programs cannot be loaded into this kernel (%s)%s%s", strerror(-r), n ? ": " : "",
		    tail);
}

/* The only place that opens it: its 700 kB stand once in the program. */
struct elvs_bpf *skeleton_open(void)
{
	return elvs_bpf__open();
}

/* ---- what a thread does ---- */

static bool wanted(const struct loader *l, const char *name)
{
	for (int p = 0; p < PROGS; p++)
		if (l->want & BIT(p) && !strcmp(names[p], name))
			return true;
	return false;
}

static int fds_keep(struct loader *l, struct elvs_bpf *skel)
{
	for (int p = 0; p < PROGS; p++) {
		const struct bpf_program *prog = bpf_object__find_program_by_name(skel->obj, names[p]);

		if (!(l->want & BIT(p)))
			continue;
		l->fd[p] = fcntl(bpf_program__fd(prog), F_DUPFD_CLOEXEC, 3);
		if (l->fd[p] < 0)
			return -errno;
	}
	return 0;
}

static int object_load(struct loader *l, struct elvs_bpf *skel)
{
	struct bpf_program *p;
	struct bpf_map *m;
	size_t i = 0;
	int r = 0;

	bpf_object__for_each_program(p, skel->obj) bpf_program__set_autoload(p, wanted(l, bpf_program__name(p)));
	bpf_object__for_each_map(m, skel->obj) /* the same object: the same order */
		if (!r) r = bpf_map__reuse_fd(m, l->e->map_fd[i++]);
	if (!r)
		r = elvs_bpf__load(skel);
	return r ? r : fds_keep(l, skel);
}

static void *loader_run(void *arg)
{
	struct loader *l = arg;
	struct bpf_silence silence;
	struct elvs_bpf *skel;

	bpf_silence_begin(&silence, l->log, sizeof(l->log));
	skel = skeleton_open();
	l->result = skel ? object_load(l, skel) : -errno;
	bpf_silence_end(&silence);
	elvs_bpf__destroy(skel);
	if (l->done_fd >= 0 && eventfd_write(l->done_fd, 1))
		l->done_fd = -1; /* not possible: the counter is 0 */
	return NULL;
}

/* ---- around it ---- */

/* NULL: out of memory. Without a thread to be had, it is done here and now. */
static struct loader *loader_start(struct elvs *e, unsigned want, int done_fd)
{
	struct loader *l = calloc(1, sizeof(*l));
	sigset_t all, old;

	if (!l)
		return NULL;
	l->e = e;
	l->want = want;
	l->done_fd = done_fd;
	for (int p = 0; p < PROGS; p++)
		l->fd[p] = -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the caller's */
	l->threaded = !pthread_create(&l->thread, NULL, loader_run, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!l->threaded)
		loader_run(l);
	return l;
}

/* The object in our own text: its pages are read again should it be needed again. */
static void object_forget(void)
{
	size_t size, page = sysconf(_SC_PAGESIZE);
	uintptr_t at = (uintptr_t)elvs_bpf__elf_bytes(&size), from = (at + page - 1) / page * page;

	if (at + size > from)
		madvise((void *)from, (at + size - from) / page * page, MADV_DONTNEED);
}

/* Waits for it, takes what it has loaded, frees it; the sentence, too. */
static int loader_end(struct elvs *e, struct loader *l)
{
	int r;

	if (!l)
		return fail(e, -ENOMEM, "out of memory");
	if (l->threaded)
		pthread_join(l->thread, NULL);
	r = l->result;
	for (int p = 0; p < PROGS; p++) {
		if (r && l->fd[p] >= 0)
			close(l->fd[p]);
		else if (l->fd[p] >= 0)
			e->prog_fd[p] = l->fd[p];
	}
	if (r)
		load_error(e, r, l->log);
	free(l);
	object_forget();
	return r;
}

void programs_begin(struct elvs *e, struct loader *ret[PROGRAM_LOADERS])
{
	ret[0] = loader_start(e, BIT(ELVS_PROG_TC_IN), -1);
	ret[1] = loader_start(e, BIT(ELVS_PROG_TC_OUT) | BIT(PROG_CTL), -1);
}

int programs_end(struct elvs *e, struct loader *l[PROGRAM_LOADERS])
{
	int r = 0;

	for (int i = 0; i < PROGRAM_LOADERS; i++) {
		int one = loader_end(e, l[i]);

		r = r ? r : one;
	}
	return r;
}

/* ---- the XDP programs ---- */

/* A program that was refused stays so: the sentence is kept for whoever asks next. */
static int xdp_end(struct elvs *e, enum elvs_prog p, struct loader *l)
{
	int r = loader_end(e, l);

	if (r) {
		e->prog_error[p] = r;
		free(e->prog_why[p]);
		e->prog_why[p] = strdup(e->why);
	}
	return r;
}

static enum elvs_prog loading(const struct elvs *e)
{
	return e->loader->want & BIT(ELVS_PROG_XDP) ? ELVS_PROG_XDP : ELVS_PROG_XDP_FRAGS;
}

static void xdp_join(struct elvs *e)
{
	enum elvs_prog p = loading(e);
	struct loader *l = e->loader;

	e->loader = NULL;
	xdp_end(e, p, l);
}

int elvs_prog_fd(struct elvs *e, enum elvs_prog p)
{
	if (e->prog_fd[p] < 0 && e->loader)
		xdp_join(e);
	if (e->prog_fd[p] >= 0)
		return e->prog_fd[p];
	if (e->prog_error[p])
		return fail(e, e->prog_error[p], "%s", e->prog_why[p] ? e->prog_why[p] : "out of memory");
	xdp_end(e, p, loader_start(e, BIT(p), -1));
	return e->prog_fd[p] >= 0 ? e->prog_fd[p] : e->prog_error[p];
}

int prog_want(struct elvs *e, enum elvs_prog p)
{
	if (e->loaded_fd < 0 || e->prog_fd[p] >= 0 || e->prog_error[p])
		return elvs_prog_fd(e, p);
	if (!e->loader)
		e->loader = loader_start(e, BIT(p), e->loaded_fd);
	if (!e->loader)
		return fail(e, -ENOMEM, "out of memory");
	return fail(e, -EINPROGRESS, "the XDP program is being loaded");
}

bool elvs_prog_loaded(const struct elvs *e, enum elvs_prog p)
{
	return e->prog_fd[p] >= 0;
}

int elvs_loaded_fd(const struct elvs *e)
{
	return e->loaded_fd;
}

void elvs_loaded(struct elvs *e)
{
	eventfd_t n;

	if (e->loaded_fd < 0 || eventfd_read(e->loaded_fd, &n))
		return;
	if (e->loader)
		xdp_join(e);
	attach_renew(e);
}

int programs_init(struct elvs *e, bool xdp_later)
{
	for (int p = 0; p < PROGS; p++)
		e->prog_fd[p] = -1;
	e->loaded_fd = xdp_later ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	return xdp_later && e->loaded_fd < 0 ? -errno : 0;
}

void programs_close(struct elvs *e)
{
	if (e->loader)
		xdp_join(e);
	for (int p = 0; p < PROGS; p++) {
		if (e->prog_fd[p] >= 0)
			close(e->prog_fd[p]);
		free(e->prog_why[p]);
	}
	if (e->loaded_fd >= 0)
		close(e->loaded_fd);
}
