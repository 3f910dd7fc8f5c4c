/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print - how the canonical form is written (internal). */
#ifndef ELVS_CONF_PRINT_H
#define ELVS_CONF_PRINT_H

#include "parts.h"

const char *print_us(struct printer *p, uint64_t us, uint32_t unit_us);
const char *print_command(struct printer *p, const char *text);

#endif
