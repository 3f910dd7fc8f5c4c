/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell - one figure of the bench: what is measured, on what. One process measures one cell, so that nothing is
 * warm that should be cold.
 */
#ifndef ELVS_BENCH_CELL_H
#define ELVS_BENCH_CELL_H

#include <stdbool.h>
#include <stdint.h>
#include "director.h"

enum cell_target { CELL_ELVS, CELL_SWAP, CELL_TABLE };
enum cell_kind { CELL_ESTABLISHED, CELL_NEW, CELL_SWEEP, CELL_EXPIRE, CELL_MEMORY };

struct cell {
	enum cell_target target;
	enum bench_hook hook;
	enum director_mode mode;
	enum cell_kind kind;
	bool reply; /* packets of the real servers instead of the clients' */
	bool v6, udp;
	bool partial;	     /* the interface may carry partial checksums, as veth does */
	uint32_t flows;	     /* that are timed */
	uint32_t per_client; /* flows of one client */
	uint32_t max, start; /* connections: configured limit, and memory for this many from the start */
	uint32_t fill;	     /* per cent of the table that is in use; 0: the timed flows only */
	const char *sched;
	uint32_t servers;
	uint32_t persist; /* seconds; 0: none */
	bool prelude;	  /* every client has had a connection before; always so with persist */
	uint32_t rounds;
	uint32_t packets; /* a round, established */
};

/* Parses the command line; explains itself and ends the process when it is wrong. */
void cell_parse(struct cell *c, int argc, char **argv);

#define CELL_ROUNDS 64 /* at most */

/* What a cell came to */
struct cell_result {
	const char *unit;	   /* of median, min and round[] */
	double median, min;	   /* of the rounds; ns/packet: target minus empty program */
	double round[CELL_ROUNDS]; /* in order of time */
	double raw, base;	   /* ns/packet: medians with the wrapper, of target and of empty program */
	double memory_ns;	   /* of the machine, beside this cell: probe.h */
	uint32_t rounds;
	uint32_t checked; /* packets whose bytes were verified */
	uint64_t evicted; /* --fill: connections that gave way before they were established */
	uint64_t capacity, conns, bytes, bytes_empty;
	char why[256]; /* failed: the reason; empty: the figures stand */
};

#endif
