/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insns - loads every BPF program there is here and prints how many instructions the verifier had to look at.
 *
 * usage: insns LIMIT [FILE.o ...]
 *
 * The director's programs are loaded as the director does, by libelvs; further object files as they are. TAP, one
 * line a program: not ok when it does not load, or takes more than LIMIT. The verifier gives up at 1,000,000; what is
 * well below on one kernel stays loadable on another.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "elvs.h"

static int n, failed;

static void say(bool ok, const char *fmt, ...)
{
	va_list ap;

	printf("%s %d - ", ok ? "ok" : "not ok", ++n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	failed += !ok;
}

static void report(int fd, const char *where, unsigned limit)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len)) {
		say(false, "%s: a program without information: %s", where, strerror(errno));
		return;
	}
	say(info.verified_insns <= limit && info.jited_prog_len,
	    "%s: %s verified in %u instructions (limit %u), %u bytes of machine code", where, info.name,
	    info.verified_insns, limit, info.jited_prog_len);
}

/* All programs of which this process holds a descriptor: others may be loading theirs at the same time. */
static void report_ours(const char *where, unsigned limit)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	int seen = 0;

	while (dir && (e = readdir(dir))) {
		char target[64];
		ssize_t len = readlinkat(dirfd(dir), e->d_name, target, sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = 0;
		if (strcmp(target, "anon_inode:bpf-prog"))
			continue;
		report(atoi(e->d_name), where, limit);
		seen++;
	}
	if (dir)
		closedir(dir);
	if (!seen)
		say(false, "%s: no program was loaded", where);
}

#define LOG_END 6000 /* bytes: the instructions that led to a refusal stand at the end */
static char *last_log;

static int keep_log(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *text, *both;

	if (level > LIBBPF_WARN || vasprintf(&text, fmt, ap) < 0)
		return 0;
	if (asprintf(&both, "%s%s", last_log ? last_log : "", text) >= 0) {
		free(last_log);
		last_log = both;
	}
	free(text);
	return 0;
}

/* The end of what libbpf said, as comments */
static void show_log(void)
{
	const char *p = last_log;
	size_t len = p ? strlen(p) : 0;

	if (len > LOG_END)
		p += len - LOG_END;
	while (p && *p) {
		size_t line = strcspn(p, "\n");

		printf("# %.*s\n", (int)line, p);
		p += line + !!p[line];
	}
}

static void director(unsigned limit)
{
	struct elvs_options o = { .max_conns = 1 << 16, .start_conns = 1 << 15, .manual_clock = true };
	struct elvs *e = NULL;
	int r = elvs_open(&e, &o);

	if (r) {
		say(false, "the director's programs load");
		printf("# %s: %s\n", strerror(-r), elvs_strerror(e));
		show_log();
		return;
	}
	/* loaded when an interface wants it, or somebody asks */
	if (elvs_prog_fd(e, ELVS_PROG_XDP) < 0 || elvs_prog_fd(e, ELVS_PROG_XDP_FRAGS) < 0 ||
	    elvs_prog_fd(e, ELVS_PROG_TC_MARK) < 0)
		say(false, "director: the XDP programs and that for marks load");
	report_ours("director", limit);
	elvs_close(e);
}

static void object(const char *path, unsigned limit)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct bpf_object *obj = bpf_object__open_file(path, NULL);
	struct bpf_program *prog;

	if (!obj || bpf_object__load(obj)) {
		say(false, "%s loads", name);
		show_log();
	} else {
		bpf_object__for_each_program(prog, obj)
		{
			report(bpf_program__fd(prog), name, limit);
		}
	}
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned limit = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	struct utsname u;

	if (!limit) {
		fprintf(stderr, "usage: insns LIMIT [FILE.o ...]\n");
		return 2;
	}
	uname(&u);
	printf("# kernel %s\n", u.release);
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(keep_log);
	director(limit);
	for (int i = 2; i < argc; i++)
		object(argv[i], limit);
	printf("1..%d\n", n);
	return failed != 0;
}
