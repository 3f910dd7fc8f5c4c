/* SPDX-License-Identifier: GPL-2.0-or-later */
/* director - the set-up of a director: who it is in the journal, and how it stands. */
#ifndef ELVS_TOOLS_DIRECTOR_H
#define ELVS_TOOLS_DIRECTOR_H

#include "journal.h"

/* Users of changes in the journal: this and an address; and the host as a whole */
#define DIRECTOR_USER "director "
#define DIRECTOR_HOST DIRECTOR_USER "host"

/* What there is, the caller's; *ret_ok is made false if something is missing, *ret_any: was anything started? */
json_t *director_status(const struct journal *j, bool *ret_ok, bool *ret_any);
void director_print(const json_t *status);

#endif
