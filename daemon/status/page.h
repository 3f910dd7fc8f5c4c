/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page - the keeper's status as a page to look at: no script, no picture, nothing from elsewhere. Pure. */
#ifndef ELVS_STATUS_PAGE_H
#define ELVS_STATUS_PAGE_H

#include <jansson.h>

char *page_text(const json_t *status);	/* malloc()ed HTML; NULL without memory */

#endif
