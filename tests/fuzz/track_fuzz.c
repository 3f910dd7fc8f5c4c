/* SPDX-License-Identifier: GPL-2.0-or-later */
/* track_fuzz - any bytes in a tracked file or a process's command line. First byte: which, and how it is matched. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file_value.h"
#include "process_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

static void match(uint8_t how, const char *text, size_t len)
{
	const char *argv[] = { how & 1 ? "/usr/bin/app" : "a-name-of-more-than-15", how & 2 ? "-c" : NULL, "value",
			       NULL };
	const struct conf_track_process c = {
		.argv = argv, .full_command = how & 4, .params_initial = how & 8, .params_partial = how & 16
	};
	char comm[16] = "";

	memcpy(comm, text, len < 15 ? len : 15);
	process_matches(&c, comm, text, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	int32_t value;
	char *copy;

	if (!len)
		return 0;
	copy = malloc(len > 1 ? len - 1 : 1); /* exactly so long: a byte too many is noticed */
	memcpy(copy, in + 1, len - 1);
	if (!file_value(copy, len - 1, &value) && value)
		abort();
	match(in[0], copy, len - 1);
	free(copy);
	return 0;
}
