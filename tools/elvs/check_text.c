/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_text - see check_text.h. Blocks stand between two remarks that name the service, so nothing is parsed. */
#include "check_text.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"

#define HEAD                                                                                      \
	"# Health checks of services that ipvsadm made. `elvs check' writes this file; what it\n" \
	"# does not know between its marks is lost with the next one.\n"

/* ---- a service ---- */

static bool take_prefix(const char **word, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*word, prefix, n) != 0)
		return false;
	*word += n;
	return true;
}

static int mark(const char *word, char *ret_name, size_t size, const char **ret_why)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);
	bool v6 = strcmp(end, ":inet6") == 0;

	if (!isdigit((unsigned char)*word) || (*end && !v6) || !n || n > UINT32_MAX) {
		*ret_why = "a mark is fwmark:NUMBER or fwmark:NUMBER:inet6";
		return -EINVAL;
	}
	snprintf(ret_name, size, "fwmark %lu%s", n, v6 ? " inet6" : "");
	return 0;
}

int check_service(const char *word, char *ret_name, size_t size, const char **ret_proto, const char **ret_why)
{
	char text[INET6_ADDRSTRLEN];
	struct endpoint e;
	int proto = IPPROTO_TCP;

	*ret_proto = "";
	if (take_prefix(&word, "fwmark:"))
		return mark(word, ret_name, size, ret_why);
	*ret_proto = "TCP";
	if (take_prefix(&word, "udp:")) {
		*ret_proto = "UDP";
		proto = IPPROTO_UDP;
	} else if (take_prefix(&word, "sctp:")) {
		*ret_proto = "SCTP";
		proto = IPPROTO_SCTP;
	} else {
		take_prefix(&word, "tcp:");
	}
	if (addr_parse_endpoint(&e, word, proto) < 0) {
		*ret_why = "a service is ADDRESS:PORT, udp:ADDRESS:PORT, sctp:ADDRESS:PORT or fwmark:NUMBER";
		return -EINVAL;
	}
	snprintf(ret_name, size, "%s %u", addr_format(text, &e.addr), ntohs(e.port));
	return 0;
}

/* ---- a block ---- */

enum { ARG_NONE, ARG_MAY, ARG_MUST };
static const struct kind {
	const char *word, *keyword;
	int arg;
	bool web;
	const char *arg_name;
} kinds[] = {
	{ "tcp", "TCP_CHECK", ARG_NONE, false, "" },
	{ "http", "HTTP_GET", ARG_MAY, true, "path" },
	{ "https", "SSL_GET", ARG_MAY, true, "path" },
	{ "smtp", "SMTP_CHECK", ARG_NONE, false, "" },
	{ "dns", "DNS_CHECK", ARG_MAY, false, "name" },
	{ "ping", "PING_CHECK", ARG_NONE, false, "" },
	{ "udp", "UDP_CHECK", ARG_NONE, false, "" },
	{ "misc", "MISC_CHECK", ARG_MUST, false, "misc_path" },
	{ "agent", "AGENT_CHECK", ARG_MUST, false, "connect_port" },
};

static const struct kind *kind_find(const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].word, word))
			return &kinds[i];
	return NULL;
}

static bool is_number(const char *s, bool fraction)
{
	bool dot = false;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; *s; s++) {
		if (*s == '.' && fraction && !dot)
			dot = true;
		else if (!isdigit((unsigned char)*s))
			return false;
	}
	return true;
}

static const char *wrong(const struct check_words *w, const struct kind *k)
{
	if (!k)
		return "a check is one of tcp, http, https, smtp, dns, ping, udp, misc, agent";
	if (k->arg == ARG_MUST && !w->arg)
		return !strcmp(k->word, "misc") ? "misc needs the command to run" : "agent needs the agent's port";
	if (k->arg == ARG_NONE && w->arg)
		return "this check takes no further word";
	if ((w->expect || w->status || w->host) && !k->web)
		return "--expect, --status and --host go with http and https";
	if ((w->interval && !is_number(w->interval, true)) || (w->timeout && !is_number(w->timeout, true)))
		return "--interval and --timeout take seconds";
	if ((w->retry && !is_number(w->retry, false)) || (w->fall && !is_number(w->fall, false)) ||
	    (w->rise && !is_number(w->rise, false)) || (w->port && !is_number(w->port, false)))
		return "--port, --retry, --fall and --rise take a number";
	if (w->port && !strcmp(k->word, "agent"))
		return "the agent's port is its word, not --port";
	if (!strcmp(k->word, "agent") && !is_number(w->arg, false))
		return "agent needs the agent's port";
	if ((w->arg && strpbrk(w->arg, "\"\n\r")) || (w->host && strpbrk(w->host, "\" \t\n\r{}")) ||
	    (w->status && strspn(w->status, "0123456789- ,") != strlen(w->status)))
		return "a quote or a line end cannot be part of a check's words, and --status takes codes like "
		       "200-299";
	return NULL;
}

/* Text that must appear, as a regular expression in which nothing is special, neither to it nor to our language. */
static void put_literal(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || *text == ' ' || *text == '_')
			fputc(*text, f);
		else
			fprintf(f, "\\x%02x", (unsigned char)*text);
	}
	fputc('"', f);
}

static void put_url(FILE *f, const struct check_words *w)
{
	fprintf(f, "\t\turl {\n\t\t\tpath \"%s\"\n", w->arg ?: "/");
	if (w->host)
		fprintf(f, "\t\t\tvirtualhost %s\n", w->host);
	if (w->status) {
		fputs("\t\t\tstatus_code ", f);
		for (const char *s = w->status; *s; s++)
			fputc(*s == ',' ? ' ' : *s, f);
		fputc('\n', f);
	}
	if (w->expect) {
		fputs("\t\t\tregex ", f);
		put_literal(f, w->expect);
		fputc('\n', f);
	}
	fputs("\t\t}\n", f);
}

static void put_setting(FILE *f, const char *keyword, const char *value)
{
	if (value)
		fprintf(f, "\t\t%s %s\n", keyword, value);
}

char *check_block(const char *name, const char *proto, const struct check_words *w, const char **ret_why)
{
	const struct kind *k = kind_find(w->kind);
	char *text = NULL;
	size_t size;
	FILE *f;

	*ret_why = wrong(w, k);
	if (*ret_why)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f) {
		*ret_why = "out of memory";
		return NULL;
	}
	fprintf(f, "service_check %s {\n", name);
	if (*proto)
		fprintf(f, "\tprotocol %s\n", proto);
	if (w->inhibit)
		fputs("\tinhibit_on_failure\n", f);
	fprintf(f, "\t%s {\n", k->keyword);
	if (k->web)
		put_url(f, w);
	else if (w->arg && !strcmp(k->word, "misc"))
		fprintf(f, "\t\tmisc_path \"%s\"\n", w->arg);
	else if (w->arg)
		fprintf(f, "\t\t%s %s\n", k->arg_name, w->arg);
	put_setting(f, "connect_port", w->port);
	put_setting(f, "delay_loop", w->interval);
	put_setting(f, !strcmp(k->word, "misc") ? "misc_timeout" : "connect_timeout", w->timeout);
	put_setting(f, "retry", w->retry);
	put_setting(f, "fall", w->fall);
	put_setting(f, "rise", w->rise);
	fputs("\t}\n}\n", f);
	if (fclose(f) != 0) {
		free(text);
		*ret_why = "out of memory";
		return NULL;
	}
	return text;
}

/* ---- a file ---- */

static void marks(const char *name, const char *proto, char begin[200], char end[200])
{
	snprintf(begin, 200, "# check of %s%s%s\n", name, *proto ? " " : "", proto);
	snprintf(end, 200, "# end of %s%s%s\n", name, *proto ? " " : "", proto);
}

/* Where the block of that name begins and ends in text; false: nowhere. */
static bool locate(const char *text, const char *name, const char *proto, const char **ret_begin,
		   const char **ret_end)
{
	char begin[200], end[200];

	marks(name, proto, begin, end);
	*ret_begin = strstr(text, begin);
	if (!*ret_begin)
		return false;
	*ret_end = strstr(*ret_begin, end);
	if (*ret_end)
		*ret_end += strlen(end);
	else
		*ret_end = *ret_begin + strlen(*ret_begin);
	return true;
}

bool check_has(const char *text, const char *name, const char *proto)
{
	const char *from, *to;

	return locate(text, name, proto, &from, &to);
}

bool check_empty(const char *text)
{
	return !strstr(text, "\nservice_check ");
}

char *check_merge(const char *old, const char *name, const char *proto, const char *block)
{
	const char *from, *to;
	char begin[200], end[200];
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	marks(name, proto, begin, end);
	if (!locate(old, name, proto, &from, &to))
		from = to = old + strlen(old);
	if (!*old)
		fputs(HEAD, f);
	fwrite(old, 1, (size_t)(from - old), f);
	if (block)
		fprintf(f, "%s%s%s", begin, block, end);
	fputs(to, f);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
