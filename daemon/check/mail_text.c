/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail_text - see mail_text.h. */
#include "mail_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf.h"

/* One line: what would end it becomes a space. */
static void put_line(FILE *f, const char *name, const char *text)
{
	fprintf(f, "%s: ", name);
	for (; *text; text++)
		fputc((unsigned char)*text < 32 || *text == 127 ? ' ' : *text, f);
	fputs("\r\n", f);
}

static void put_date(FILE *f, time_t now)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm t;
	long east;

	localtime_r(&now, &t);
	east = t.tm_gmtoff / 60;
	fprintf(f, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d %c%02ld%02ld\r\n", days + 3 * t.tm_wday, t.tm_mday,
		months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec, east < 0 ? '-' : '+',
		labs(east) / 60, labs(east) % 60);
}

static void put_recipients(FILE *f, const struct conf_global *g)
{
	fputs("To: ", f);
	for (uint32_t i = 0; i < g->n_mail_to; i++)
		fprintf(f, "%s%s", i ? ", " : "", g->mail_to[i]);
	fputs("\r\n", f);
}

static void put_body(FILE *f, const char *body)
{
	for (; *body; body++) {
		if (*body == '\n')
			fputc('\r', f);
		if (*body != '\r')
			fputc(*body, f);
	}
	fputs("\r\n", f);
}

char *mail_text(const struct conf_global *g, const char *subject, const char *body, time_t now, size_t *ret_len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_len);

	if (!f)
		return NULL;
	put_date(f, now);
	put_line(f, "From", g->mail_from);
	put_line(f, "Subject", subject);
	put_line(f, "X-Mailer", "Keepalived");
	put_recipients(f, g);
	fputs("\r\n", f);
	put_body(f, body);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
