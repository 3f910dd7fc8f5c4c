/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_msg - see http_msg.h. */
#include "http_msg.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* ---- lines ---- */

/*
 * The length of "HTTP/1.1", also in small letters and of later versions, or of what streaming servers say ("ICY").
 * 0: there is neither, or no end of it in sight yet.
 */
static size_t version_len(const struct http_msg *m)
{
	const char *l = m->line;
	size_t n = 0;

	if (m->n_line > 3 && !strncasecmp(l, "ICY ", 4))
		return 3;
	if (m->n_line < 6 || strncasecmp(l, "HTTP/", 5))
		return 0;
	for (n = 5; n < m->n_line && (isdigit((unsigned char)l[n]) || l[n] == '.'); n++)
		;
	return n > 5 && n < m->n_line && l[n] == ' ' ? n : 0;
}

/* Whether what came so far may become a status line */
static bool may_be_status(const struct http_msg *m)
{
	size_t n = m->n_line < 5 ? m->n_line : 5;

	return !strncasecmp(m->line, "HTTP/", n) || !strncasecmp(m->line, "ICY ", n < 4 ? n : 4);
}

/* "HTTP/1.1 200 OK" */
static int take_status(struct http_msg *m)
{
	size_t n = version_len(m);
	const char *l = m->line + n;

	if (!n || m->n_line < n + 4 || !isdigit((unsigned char)l[1]) || !isdigit((unsigned char)l[2]) ||
	    !isdigit((unsigned char)l[3]) || (m->n_line > n + 4 && l[4] != ' '))
		return -EBADMSG;
	m->status = (l[1] - '0') * 100 + (l[2] - '0') * 10 + (l[3] - '0');
	m->state = HTTP_HEADER;
	return m->status < 100 ? -EBADMSG : 0;
}

/* The value behind "name:", or NULL */
static const char *value_of(const struct http_msg *m, const char *name)
{
	size_t n = strlen(name);
	const char *v = m->line + n;

	if (m->n_line <= n || strncasecmp(m->line, name, n) || *v != ':')
		return NULL;
	for (v++; *v == ' ' || *v == '\t'; v++)
		;
	return v;
}

/* A length that is none, or two of them: the body ends with the connection, as if none had been there. */
static void take_length(struct http_msg *m, const char *v)
{
	uint64_t n = 0;
	bool good = isdigit((unsigned char)*v);

	for (; isdigit((unsigned char)*v) && good; v++) {
		good = n <= UINT64_MAX / 10 - 10;
		n = n * 10 + (uint64_t)(*v - '0');
	}
	while (*v == ' ' || *v == '\t')
		v++;
	if (!good || *v || (m->has_length && m->left != n))
		m->bad_length = true;
	m->has_length = !m->bad_length;
	m->left = n;
}

/* The empty line: what follows? */
static int headers_end(struct http_msg *m)
{
	if (m->status < 200 && m->status != 101) {
		/* "100 Continue" and its like come before the answer. */
		m->state = HTTP_STATUS;
		m->status = 0;
		m->chunked = m->has_length = m->bad_length = false;
	} else if (m->status == 204 || m->status == 304 || m->status == 101) {
		m->state = HTTP_DONE;
	} else if (m->chunked) {
		m->state = HTTP_CHUNK_SIZE;
	} else if (m->has_length) {
		m->state = m->left ? HTTP_BODY_LENGTH : HTTP_DONE;
	} else {
		m->state = HTTP_BODY_END;
	}
	return 0;
}

static int take_header(struct http_msg *m)
{
	const char *v;

	if (!m->n_line)
		return headers_end(m);
	v = value_of(m, "Content-Length");
	if (v)
		take_length(m, v);
	v = value_of(m, "Transfer-Encoding");
	if (v)
		m->chunked = !strcasecmp(v, "chunked");
	return 0;
}

/* What is no chunk ends the body: status and digest decide about what came before it. */
static void take_chunk_size(struct http_msg *m)
{
	uint64_t n = 0;
	int digits = 0;

	for (const char *p = m->line; isxdigit((unsigned char)*p) && digits < 16; p++, digits++) {
		const int c = tolower((unsigned char)*p);

		n = n * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	m->left = n;
	m->state = !digits || digits == 16 ? HTTP_DONE : n ? HTTP_CHUNK : HTTP_TRAILER;
}

static int take_line(struct http_msg *m)
{
	switch (m->state) {
	case HTTP_STATUS:
		return take_status(m);
	case HTTP_HEADER:
		return take_header(m);
	case HTTP_CHUNK_SIZE:
		take_chunk_size(m);
		return 0;
	case HTTP_CHUNK_GAP:
		m->state = m->n_line ? HTTP_DONE : HTTP_CHUNK_SIZE;
		return 0;
	default:
		if (!m->n_line)
			m->state = HTTP_DONE;
		return 0;
	}
}

/* One line, or as much of it as there is */
static int read_line(struct http_msg *m, const char **p, size_t *len)
{
	const char *end = memchr(*p, '\n', *len);
	size_t n = end ? (size_t)(end - *p) : *len, keep = n;
	int r;

	if (n > HTTP_HEADERS_MAX - m->headers)
		return -E2BIG;
	m->headers += (uint32_t)n + !!end;
	if (m->headers > HTTP_HEADERS_MAX)
		return -E2BIG;
	if (keep > sizeof(m->line) - 1 - m->n_line)
		keep = sizeof(m->line) - 1 - m->n_line;
	memcpy(m->line + m->n_line, *p, keep);
	m->n_line += (uint32_t)keep;
	*p += n + !!end;
	*len -= n + !!end;
	if (!end) /* what can be no status line is none before its end, too */
		return m->state == HTTP_STATUS && !may_be_status(m) ? -EBADMSG : 0;
	while (m->n_line && m->line[m->n_line - 1] == '\r')
		m->n_line--;
	m->line[m->n_line] = '\0';
	r = take_line(m);
	m->n_line = 0;
	return r;
}

/* ---- body ---- */

static void take_body(struct http_msg *m, const char **p, size_t *len, const char **ret_body, size_t *ret_n)
{
	size_t n = *len;

	if (m->state != HTTP_BODY_END) {
		if (n > m->left)
			n = (size_t)m->left;
		m->left -= n;
		if (!m->left)
			m->state = m->state == HTTP_CHUNK ? HTTP_CHUNK_GAP : HTTP_DONE;
	}
	*ret_body = *p;
	*ret_n = n;
	*p += n;
	*len -= n;
}

int http_msg_next(struct http_msg *m, const char **p, size_t *len, const char **ret_body, size_t *ret_n)
{
	int r;

	while (*len && m->state != HTTP_DONE) {
		if (m->state == HTTP_BODY_LENGTH || m->state == HTTP_BODY_END || m->state == HTTP_CHUNK) {
			take_body(m, p, len, ret_body, ret_n);
			return 1;
		}
		r = read_line(m, p, len);
		if (r < 0)
			return r;
	}
	return 0;
}
