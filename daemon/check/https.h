/* SPDX-License-Identifier: GPL-2.0-or-later */
/* https - SSL_GET (see https.c); here what the transfers' owner must know of them. */
#ifndef ELVS_DAEMON_CHECK_HTTPS_H
#define ELVS_DAEMON_CHECK_HTTPS_H

struct https_pool;

struct https_pool *https_pool_new(void); /* NULL: no memory */
void https_pool_free(struct https_pool *p);

#endif
