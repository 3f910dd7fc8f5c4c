/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics - the keeper's status as Prometheus reads it (text exposition format 0.0.4). Pure: JSON in, text out.
 */
#ifndef ELVS_STATUS_METRICS_H
#define ELVS_STATUS_METRICS_H

#include <jansson.h>

/* malloc()ed; NULL without memory. What the status does not have is left out. */
char *metrics_text(const json_t *status);

#endif
