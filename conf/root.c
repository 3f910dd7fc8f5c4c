/* SPDX-License-Identifier: GPL-2.0-or-later */
/* root - the words that may stand outside any block: each subject's file brings its own. */
#include "draft.h"
#include "parts.h"

static const struct row_part root_parts[] = {
	{ &rows_global_root, 0 },
	{ &rows_static_root, 0 },
	{ &rows_track_root, 0 },
	{ &rows_vrrp_root, 0 },
	{ &rows_bfd_root, 0 },
	{ &rows_vs_root, 0 },
	{ NULL, 0 },
};

const struct schema_block schema_root = {
	.word = "",
	.parts = root_parts,
	.size = sizeof(struct global_draft),
	.conf_size = sizeof(struct conf_global),
	.given = offsetof(struct global_draft, given),
	.brief = "Outside any block",
};
