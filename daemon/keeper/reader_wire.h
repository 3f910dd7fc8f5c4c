/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader_wire - what the two sides of reader.h say: one struct reader_msg a datagram, question and answer. */
#ifndef ELVS_KEEPER_READER_WIRE_H
#define ELVS_KEEPER_READER_WIRE_H

#include <limits.h>
#include <stdint.h>

#include "arena.h"
#include "tree.h"

enum reader_kind {
	READER_READ = 1, /* path; answered with a descriptor and its length */
	READER_GLOB,	 /* path: the pattern; answered path by path (more), then with the result */
	READER_IF,	 /* path: an interface */
	READER_SCRIPT,	 /* path, user, group */
	READER_DONE,	 /* the last word: the arena's descriptor, len and conf */
};
struct reader_msg {
	uint32_t kind;
	int32_t result;
	uint64_t len;
	uint64_t conf;
	uint32_t more, pad;
	char path[PATH_MAX], user[64], group[64];
};
struct reader_answer {
	uint64_t used, conf;
};

/* In the child; returns its exit status. fd: its end of the socket. */
int reader_child(int fd, const struct arena_space *space, unsigned slot, const struct conf_options *options);

#endif
