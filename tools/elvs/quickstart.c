/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs quickstart - one file and one command make a director; one command with a VIP makes a real server.
 *
 * It writes what somebody would have written by hand, shows it, has it checked, and only then puts it in place; what
 * was there before is kept aside. Everything after that is keepalived's business.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "elvs_version.h"
#include "keeper.h"
#include "lvsconf.h"
#include "verb.h"

#define ERRORS_MAX 50
#define FILE_MAX (1 << 20)
#define KEPT_MAX 1000
#define DEFAULT_OUTPUT "/etc/keepalived/keepalived.conf"

static const char usage[] =
	"Usage: elvs quickstart FILE [--output CONF] [--no-start]\n"
	"       elvs quickstart --realserver VIP... [OPTIONS of `elvs realserver start']\n\n"
	"Makes this machine a director with what FILE says (LVS.conf: lines of NAME=VALUE): writes a\n"
	"keepalived.conf, shows it, checks it and starts keepalived with it. With --realserver it makes this\n"
	"machine a real server of VIP, now and after a reboot.\n\n"
	"FILE has these settings; the last five may be left out:\n"
	"  interface             where the virtual address is put\n"
	"  router_id             a name of this director, another one on each\n"
	"  lvs_ip                the virtual address\n"
	"  lvs_port              the port of the service\n"
	"  balance_algorithm     rr, wrr, lc, wlc, sh, dh, ...\n"
	"  protocol              TCP or UDP\n"
	"  type                  MASTER or BACKUP\n"
	"  priority              1 to 254, higher on the master\n"
	"  real_server           the real servers' addresses: (10.0.0.1 10.0.0.2)\n"
	"  real_server_port      their port (lvs_port)\n"
	"  persistence_timeout   seconds that a client stays with its server (0: none)\n"
	"  lb_kind               DR, NAT or TUN (DR)\n"
	"  virtual_router_id     1 to 255, the same on master and backup (51)\n"
	"  auth_pass, advert_int as in keepalived.conf (none, 1)\n\n"
	"      --output CONF   where to write (" DEFAULT_OUTPUT ");\n"
	"                      a file that is there is kept as CONF.before-quickstart (.2, ...)\n"
	"      --no-start      write only\n"
	"  -h, --help          show this text\n";

static char *read_file(const struct verb *v, const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(FILE_MAX + 1) : NULL;
	size_t n = text ? fread(text, 1, FILE_MAX + 1, f) : 0;

	if (!text || ferror(f) || n > FILE_MAX) {
		verb_error(v, "%s: %s", path,
			   f && text && !ferror(f) ? "is longer than 1 MiB; that is no LVS.conf" : strerror(errno));
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	*ret_len = n;
	return text;
}

static int parse(const struct verb *v, const char *path, struct lvsconf *c)
{
	static struct lvsconf_error errors[ERRORS_MAX];
	size_t len;
	char *text = read_file(v, path, &len);
	int n;

	if (!text)
		return EXIT_FAILED;
	n = lvsconf_parse(c, text, len, errors, ERRORS_MAX);
	free(text);
	for (int i = 0; i < n && i < ERRORS_MAX; i++) {
		if (errors[i].line)
			fprintf(stderr, "%s:%u:%u: %s\n", path, errors[i].line, errors[i].col, errors[i].text);
		else
			fprintf(stderr, "%s: %s\n", path, errors[i].text);
	}
	if (n)
		fprintf(stderr, "elvs quickstart: %d error%s; nothing was changed\n", n, n == 1 ? "" : "s");
	return n ? EXIT_FAILED : EXIT_OK;
}

/* keepalived beside this program, as in build/bin and in an installation */
static void keepalived_path(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);
	char *slash;

	buf[n > 0 ? n : 0] = '\0';
	slash = strrchr(buf, '/');
	if (slash)
		snprintf(slash + 1, size - (size_t)(slash + 1 - buf), "keepalived");
	if (!slash || access(buf, X_OK) < 0)
		snprintf(buf, size, "%s/keepalived", ELVS_SBINDIR);
}

/* Runs argv, its output where ours goes. Its exit status, or 127. */
static int run_shown(const char *const *argv)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		execvp(argv[0], (char *const *)argv);
		fprintf(stderr, "elvs quickstart: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

static int write_file(const struct verb *v, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;

	if (!ok)
		verb_error(v, "%s cannot be written: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok ? EXIT_OK : EXIT_FAILED;
}

static void make_directory(const char *path)
{
	char dir[512];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return;
	*slash = '\0';
	mkdir(dir, 0755);
}

/* Under the first name that is free: what somebody wrote by hand outlives any number of quickstarts. */
static void keep_aside(const char *output)
{
	char kept[560];

	for (unsigned i = 1; i < KEPT_MAX; i++) {
		snprintf(kept, sizeof(kept), i > 1 ? "%s.before-quickstart.%u" : "%s.before-quickstart", output, i);
		if (link(output, kept) == 0) {
			printf("%s was there already: kept as %s\n", output, kept);
			return;
		}
		if (errno != EEXIST)
			return;
	}
}

/* Writes beside it, has keepalived check that, then swaps. */
static int put_in_place(const struct verb *v, const char *keepalived, const char *output, const char *text)
{
	char fresh[540];
	const char *check[] = { keepalived, "-t", "-f", fresh, NULL };
	int r;

	snprintf(fresh, sizeof(fresh), "%s.quickstart", output);
	make_directory(output);
	if (write_file(v, fresh, text))
		return EXIT_FAILED;
	r = run_shown(check);
	if (r != 0 && r != 5) { /* 5: remarks, and it would run */
		unlink(fresh);
		return verb_error(v, "%s refuses it (exit status %d, see above); nothing was changed", keepalived, r);
	}
	keep_aside(output);
	if (rename(fresh, output) < 0)
		return verb_error(v, "%s: %s", output, strerror(errno));
	return EXIT_OK;
}

static bool have_systemd(void)
{
	static const char *const ask[] = { "systemctl", "--quiet", "cat", "keepalived.service", NULL };

	return access("/run/systemd/system", F_OK) == 0 && run_shown(ask) == 0;
}

/* Whether a keepalived runs here that reads this file */
static bool runs_with(const char *output)
{
	char real[PATH_MAX];
	int r;
	json_t *keeper = keeper_ask_verb("config", &r);
	bool yes = keeper && realpath(output, real) &&
		   (!strcmp(ask_str(keeper, "path"), real) || !strcmp(ask_str(keeper, "path"), output));

	json_decref(keeper);
	return yes;
}

static int reload(void)
{
	char *words[] = { (char *)verb_reload.name, NULL };

	optind = 0;
	return verb_reload.run(&verb_reload, 1, words);
}

static int start(const struct verb *v, const char *keepalived, const char *output)
{
	static const char *const enable[] = { "systemctl", "--quiet", "enable", "keepalived.service", NULL };
	static const char *const restart[] = { "systemctl", "restart", "keepalived.service", NULL };
	const char *const direct[] = { keepalived, "-f", output, NULL };
	bool unit = strcmp(output, DEFAULT_OUTPUT) == 0 && have_systemd();
	int r;

	if (unit)
		run_shown(enable);
	if (!unit && runs_with(output))
		return reload();
	r = run_shown(unit ? restart : direct);
	if (r)
		return verb_error(v, "%s did not start (exit status %d)", unit ? "keepalived.service" : keepalived,
				  r);
	printf("keepalived runs with %s. `ip addr' shows the virtual address where it is master, `ipvsadm -Ln' the "
	       "real\n"
	       "servers, `elvs status' both.\n",
	       output);
	return EXIT_OK;
}

static int director(const struct verb *v, const char *file, const char *output, bool no_start)
{
	static struct lvsconf c;
	char keepalived[512];
	char *text;
	int r = parse(v, file, &c);

	if (r)
		return r;
	text = lvsconf_keepalived(&c, file);
	if (!text)
		return verb_error(v, "out of memory");
	keepalived_path(keepalived, sizeof(keepalived));
	printf("%s", text);
	r = put_in_place(v, keepalived, output, text);
	free(text);
	if (r || no_start)
		return r;
	return start(v, keepalived, output);
}

/* Words of `elvs realserver', so that both do the same. */
static int realserver(int argc, char **argv)
{
	static const char *const actions[] = { "start", "enable" };
	char **words = calloc((size_t)argc + 3, sizeof(*words));
	int r = EXIT_OK;

	if (!words)
		return EXIT_FAILED;
	/* enabling is for machines that boot through systemd; elsewhere the start is all there is */
	for (int i = 0; i < 2 && !r; i++) {
		if (i && access("/run/systemd/system", F_OK) < 0)
			break;
		words[0] = (char *)verb_realserver.name;
		words[1] = (char *)actions[i];
		for (int k = 0; k < argc; k++)
			words[2 + k] = argv[k];
		words[2 + argc] = NULL;
		optind = 0;
		r = verb_realserver.run(&verb_realserver, argc + 2, words);
	}
	free(words);
	return r;
}

static int run(const struct verb *v, int argc, char **argv)
{
	static const struct option longs[] = { { "output", required_argument, NULL, 'o' },
					       { "no-start", no_argument, NULL, 'n' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	const char *output = DEFAULT_OUTPUT;
	bool no_start = false;
	int opt;

	/* what follows is `elvs realserver's to understand */
	if (argc > 1 && !strcmp(argv[1], "--realserver"))
		return argc > 2 ? realserver(argc - 2, argv + 2)
				: verb_usage(v, "--realserver needs the virtual address");
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (opt == 'o')
			output = optarg;
		else if (opt == 'n')
			no_start = true;
		else
			return verb_bad_option(v, opt, argv);
	}
	if (optind + 1 != argc)
		return verb_usage(v, optind < argc ? "one file is enough, %s is one more" : "which file (LVS.conf)?",
				  optind < argc ? argv[optind + 1] : "");
	return director(v, argv[optind], output, no_start);
}

const struct verb verb_quickstart = { "quickstart", "a director from one file, a real server from one address", usage,
				      run };
