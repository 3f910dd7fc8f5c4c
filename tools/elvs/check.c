/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs check - health checks for services that were made with ipvsadm: writes them down and has a keepalived that
 * does nothing else (-C) carry them out.
 *
 * Where a keepalived with a configuration of its own runs already, that is where the block belongs; it is shown.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "check_text.h"
#include "elvs_version.h"
#include "keeper.h"
#include "verb.h"

#define FILE_MAX (4 << 20)

static const char usage[] =
	"Usage: elvs check SERVICE KIND [ARGUMENT] [OPTIONS]\n"
	"       elvs check SERVICE none\n"
	"       elvs check\n\n"
	"Checks every real server of a service that was made with ipvsadm; one that fails is taken out and comes "
	"back\n"
	"with its weight when it is well again. The second form ends the checks, the third shows how they stand.\n\n"
	"  SERVICE   ADDRESS:PORT, udp:ADDRESS:PORT, sctp:ADDRESS:PORT, fwmark:NUMBER[:inet6]\n"
	"  KIND      tcp, http [PATH], https [PATH], smtp, dns [NAME], ping, udp, misc COMMAND, agent PORT\n\n"
	"      --expect TEXT    http, https: TEXT must be in the answer\n"
	"      --status CODES   http, https: 200-299,301\n"
	"      --host NAME      http, https: the Host header\n"
	"      --port N         connect there, not to the real server's own port\n"
	"      --interval S     seconds between two checks (60)\n"
	"      --timeout S      of one try (5)\n"
	"      --retry N        tries more before a check counts as failed (1)\n"
	"      --fall N         failed checks until the server is taken out (1)\n"
	"      --rise N         good ones until it comes back (1)\n"
	"      --inhibit        weight 0 instead of taking it out\n"
	"      --file FILE      where the checks are written down (/etc/elvs/checks.conf; in a namespace of its own\n"
	"                       the run directory)\n"
	"  -h, --help           show this text\n";

struct check_options {
	struct check_words words;
	const char *file;
};

/* ---- places ---- */

static const char *run_dir(void)
{
	return getenv("ELVS_RUN_DIR") ?: "/run/elvs";
}

static unsigned long long cookie(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long long n = 0;
	socklen_t len = sizeof(n);

	if (fd >= 0) {
		getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &n, &len);
		close(fd);
	}
	return n;
}

static bool is_machines_own(void)
{
	struct stat own, first;

	return stat("/proc/self/ns/net", &own) == 0 && stat("/proc/1/ns/net", &first) == 0 &&
	       own.st_ino == first.st_ino;
}

static void default_file(char *buf, size_t size)
{
	if (is_machines_own())
		snprintf(buf, size, "/etc/elvs/checks.conf");
	else
		snprintf(buf, size, "%s/keeper/%llx.checks.conf", run_dir(), cookie());
}

static char *read_text(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, FILE_MAX + 1);

	if (f && text && fread(text, 1, FILE_MAX, f) == 0)
		*text = '\0';
	if (f)
		fclose(f);
	return text;
}

static int write_text(const struct verb *v, const char *path, const char *text)
{
	char fresh[620], dir[600];
	char *slash;
	FILE *f;

	snprintf(dir, sizeof(dir), "%s", path);
	for (slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(dir, 0755);
		*slash = '/';
	}
	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh))
		return verb_error(v, "%s: a name that long is of no use", path);
	f = fopen(fresh, "we");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0 || rename(fresh, path) < 0)
		return verb_error(v, "%s cannot be written: %s", path, strerror(errno));
	return EXIT_OK;
}

/* ---- the keepalived that carries it out ---- */

static int start(const struct verb *v, const char *file)
{
	char path[600], pid[300], checkers[300];
	const char *argv[] = { path, "--check", "-f", file, "-p", pid, "-c", checkers, NULL };
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	char *slash;
	pid_t child;
	int status;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		strcpy(slash + 1, "keepalived");
	if (!slash || access(path, X_OK) < 0)
		snprintf(path, sizeof(path), "%s/keepalived", ELVS_SBINDIR);
	snprintf(pid, sizeof(pid), "%s/keeper/%llx.pid", run_dir(), cookie());
	snprintf(checkers, sizeof(checkers), "%s/keeper/%llx.checkers.pid", run_dir(), cookie());
	child = fork();
	if (!child) {
		execv(path, (char *const *)argv);
		fprintf(stderr, "elvs check: %s: %s\n", path, strerror(errno));
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return verb_error(v, "%s: %s", path, strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return verb_error(v, "%s did not start", path);
	return EXIT_OK;
}

static int reload(const struct verb *v)
{
	int r = 0;
	json_t *answer = keeper_ask_verb("reload", &r);
	const json_t *m;
	size_t i;

	if (!answer)
		return verb_error(v, "keepalived does not answer: %s", strerror(-r));
	json_array_foreach(json_object_get(answer, "messages"), i, m)
		fprintf(stderr, "%s\n", json_string_value(m) ?: "");
	r = json_is_true(json_object_get(answer, "ok")) ? EXIT_OK
							: verb_error(v, "the checks were refused, see above");
	json_decref(answer);
	return r;
}

/* Whose checks they would be: NULL answer: nobody runs here. False: somebody with another configuration does. */
static bool ours(const struct verb *v, const char *file, const char *block, json_t **ret_keeper, int *ret_status)
{
	char real[PATH_MAX];
	int r = 0;

	*ret_keeper = keeper_ask_verb("config", &r);
	if (!*ret_keeper) {
		if (r == -ENOENT || r == -ECONNREFUSED)
			return true;
		*ret_status = verb_error(v, "keepalived does not answer: %s", strerror(-r));
		return false;
	}
	if (!strcmp(ask_str(*ret_keeper, "path"), file) ||
	    (realpath(file, real) && !strcmp(ask_str(*ret_keeper, "path"), real)))
		return true;
	if (block)
		fprintf(stderr, "%s", block);
	*ret_status = verb_error(v, "a keepalived with %s runs here: %s there, then `elvs reload'",
				 ask_str(*ret_keeper, "path"),
				 block ? "put the lines above" : "take the service_check out");
	json_decref(*ret_keeper);
	return false;
}

static int change(const struct verb *v, const char *service, const struct check_options *o)
{
	bool remove = !strcmp(o->words.kind, "none");
	const char *proto, *why = "";
	char *block = NULL, *old, *text;
	char name[120], file[600];
	json_t *keeper;
	int r = EXIT_OK;

	if (check_service(service, name, sizeof(name), &proto, &why) < 0)
		return verb_usage(v, "%s: %s", service, why);
	if (!remove) {
		block = check_block(name, proto, &o->words, &why);
		if (!block)
			return verb_usage(v, "%s", why);
	}
	if (o->file)
		snprintf(file, sizeof(file), "%s", o->file);
	else
		default_file(file, sizeof(file));
	if (!ours(v, file, block, &keeper, &r)) {
		free(block);
		return r;
	}
	old = read_text(file);
	text = old ? check_merge(old, name, proto, block) : NULL;
	if (!text)
		r = verb_error(v, "out of memory");
	else if (remove && !check_has(old, name, proto))
		r = verb_error(v, "%s has no check in %s", service, file);
	else
		r = write_text(v, file, text);
	if (!r && keeper && check_empty(text))
		kill((pid_t)ask_int(keeper, "pid"), SIGTERM);
	else if (!r && keeper)
		r = reload(v);
	else if (!r && !check_empty(text))
		r = start(v, file);
	json_decref(keeper);
	free(text);
	free(old);
	free(block);
	return r;
}

/* ---- how they stand ---- */

static int show(const struct verb *v)
{
	const json_t *o;
	json_t *keeper;
	size_t i;
	int r = 0;

	keeper = keeper_ask_verb("status", &r);
	if (!keeper && (r == -ENOENT || r == -ECONNREFUSED)) {
		puts("no health checks run in this network namespace");
		return EXIT_STOPPED;
	}
	if (!keeper)
		return verb_error(v, "keepalived does not answer: %s", strerror(-r));
	json_array_foreach(json_object_get(keeper, "checks"), i, o)
		printf("%s %s %s%s%s\n", ask_str(o, "kind"), ask_str(o, "target"),
		       !json_is_true(json_object_get(o, "known")) ? "not yet known"
		       : json_is_true(json_object_get(o, "up"))	  ? "up"
								  : "DOWN",
		       *ask_str(o, "text") ? ": " : "", ask_str(o, "text"));
	json_decref(keeper);
	return EXIT_OK;
}

static int run(const struct verb *v, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "expect", required_argument, NULL, 'e' },
		{ "status", required_argument, NULL, 's' },
		{ "host", required_argument, NULL, 'H' },
		{ "port", required_argument, NULL, 'p' },
		{ "interval", required_argument, NULL, 'i' },
		{ "timeout", required_argument, NULL, 't' },
		{ "retry", required_argument, NULL, 'r' },
		{ "fall", required_argument, NULL, 'f' },
		{ "rise", required_argument, NULL, 'R' },
		{ "inhibit", no_argument, NULL, 'I' },
		{ "file", required_argument, NULL, 'F' },
		{ "help", no_argument, NULL, OPT_HELP },
		{},
	};
	struct check_options o = {};
	struct check_words *w = &o.words;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		const char **to = opt == 'e'   ? &w->expect
				  : opt == 's' ? &w->status
				  : opt == 'H' ? &w->host
				  : opt == 'p' ? &w->port
				  : opt == 'i' ? &w->interval
				  : opt == 't' ? &w->timeout
				  : opt == 'r' ? &w->retry
				  : opt == 'f' ? &w->fall
				  : opt == 'R' ? &w->rise
				  : opt == 'F' ? &o.file
					       : NULL;

		if (opt == 'I')
			w->inhibit = true;
		else if (to)
			*to = optarg;
		else
			return verb_bad_option(v, opt, argv);
	}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		return show(v);
	if (argc == 1)
		return verb_usage(v, "which check for %s? tcp, http, ...", argv[0]);
	if (argc > 3)
		return verb_usage(v, "%s is one word too many", argv[3]);
	w->kind = argv[1];
	w->arg = argv[2];
	return change(v, argv[0], &o);
}

const struct verb verb_check = { "check", "health checks for services made with ipvsadm", usage, run };
