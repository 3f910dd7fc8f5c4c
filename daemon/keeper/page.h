/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page - gives the status role what it serves: after a change, at most once a second and a tenth of the time. */
#ifndef ELVS_KEEPER_PAGE_H
#define ELVS_KEEPER_PAGE_H

#include "keeper.h"

struct page;

int page_new(struct page **ret, struct keeper *k); /* -errno */
void page_free(struct page *p);			   /* NULL is fine */
void page_changed(struct page *p);		   /* something that status_json() tells */

#endif
