/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http - HTTP_GET and SSL_GET (see http.c); here what the transfers' owner must know of them. */
#ifndef ELVS_DAEMON_CHECK_HTTP_H
#define ELVS_DAEMON_CHECK_HTTP_H

struct http_pool;

struct http_pool *http_pool_new(void);	/* NULL: no memory */
void http_pool_free(struct http_pool *p);

#endif
