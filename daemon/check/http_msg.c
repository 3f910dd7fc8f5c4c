/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_msg - see http_msg.h. */
#include "http_msg.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* ---- lines ---- */

/* "HTTP/1.1 200 OK" */
static int take_status(struct http_msg *m)
{
	const char *l = m->line;

	if (m->n_line < 12 || strncmp(l, "HTTP/1.", 7) || !isdigit((unsigned char)l[7]) || l[8] != ' ' ||
	    !isdigit((unsigned char)l[9]) || !isdigit((unsigned char)l[10]) || !isdigit((unsigned char)l[11]) ||
	    (m->n_line > 12 && l[12] != ' '))
		return -EBADMSG;
	m->status = (l[9] - '0') * 100 + (l[10] - '0') * 10 + (l[11] - '0');
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

static int take_length(struct http_msg *m, const char *v)
{
	uint64_t n = 0;

	if (!isdigit((unsigned char)*v))
		return -EBADMSG;
	for (; isdigit((unsigned char)*v); v++) {
		if (n > UINT64_MAX / 10 - 10)
			return -EBADMSG;
		n = n * 10 + (uint64_t)(*v - '0');
	}
	while (*v == ' ' || *v == '\t')
		v++;
	if (*v || (m->has_length && m->left != n))
		return -EBADMSG;
	m->has_length = true;
	m->left = n;
	return 0;
}

/* The empty line: what follows? */
static int headers_end(struct http_msg *m)
{
	if (m->status < 200 && m->status != 101) {
		/* "100 Continue" and its like come before the answer. */
		m->state = HTTP_STATUS;
		m->status = 0;
		m->chunked = m->has_length = false;
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
		return take_length(m, v);
	v = value_of(m, "Transfer-Encoding");
	if (v)
		m->chunked = !strcasecmp(v, "chunked");
	return 0;
}

static int take_chunk_size(struct http_msg *m)
{
	uint64_t n = 0;
	int digits = 0;

	for (const char *p = m->line; isxdigit((unsigned char)*p); p++, digits++) {
		const int c = tolower((unsigned char)*p);

		if (digits == 15)
			return -EBADMSG;
		n = n * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	if (!digits)
		return -EBADMSG;
	m->left = n;
	m->state = n ? HTTP_CHUNK : HTTP_TRAILER;
	return 0;
}

static int take_line(struct http_msg *m)
{
	switch (m->state) {
	case HTTP_STATUS:
		return take_status(m);
	case HTTP_HEADER:
		return take_header(m);
	case HTTP_CHUNK_SIZE:
		return take_chunk_size(m);
	case HTTP_CHUNK_GAP:
		m->state = HTTP_CHUNK_SIZE;
		return m->n_line ? -EBADMSG : 0;
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
		return m->state == HTTP_STATUS && m->n_line >= 7 && strncmp(m->line, "HTTP/1.", 7) ? -EBADMSG : 0;
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
