/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal - what the set-up commands have changed in this network namespace, and how to put it back.
 *
 * One JSON file per namespace, /run/elvs/setup/COOKIE.json ($ELVS_RUN_DIR instead of /run/elvs), named after the
 * namespace's cookie, which is never used twice between two boots (inodes are). Every change is written down, with
 * what it takes to undo it, BEFORE it is made: whoever dies in between leaves a journal that says at least as much
 * as was done, and undoing what was not done is harmless. A change that several users want (arp_ignore for two
 * virtual addresses) is made once and undone when the last of them goes. What was already so is not ours: it is
 * not written down and never undone.
 *
 * A change is a JSON object: "kind" (change.h has the table), "id" (kind and object, unique), the kind's own members.
 * A user is a string, "realserver 10.0.0.1"; the options it was started with are kept beside it.
 */
#ifndef ELVS_TOOLS_JOURNAL_H
#define ELVS_TOOLS_JOURNAL_H

#include <jansson.h>
#include <stdint.h>

#define JOURNAL_WHY 512

struct journal {
	int dir_fd; /* .../setup, locked as long as the journal is open */
	int lock_fd;
	char name[64]; /* COOKIE.json */
	uint64_t cookie;
	json_t *root;
	json_t *changes;       /* borrowed from root: array, in the order in which they were made */
	json_t *users;	       /* borrowed from root: object, user -> options */
	char why[JOURNAL_WHY]; /* the sentence that goes with the last error */
	char notes[1024];      /* sentences that deserve to be shown although nothing failed; one a line */
};

/* Waits for another command that holds it. On failure why is set; the journal is closed already. */
int journal_open(struct journal *j);
/* An empty journal leaves no file. */
void journal_close(struct journal *j);

/*
 * For start: remembers user and its options (borrowed), makes the wanted changes (array of change objects, borrowed)
 * that are not made yet, and drops what an earlier start of this user made but this one does not want. If one
 * fails, everything this user has is undone and the error returned.
 */
int journal_start(struct journal *j, const char *user, json_t *options, json_t *wanted);
/* For stop: undoes what only this user wanted, last change first. Goes on after an error; returns the first. */
int journal_stop(struct journal *j, const char *user);
/* Options of a user that was started, borrowed; NULL if it was not. */
json_t *journal_user(const struct journal *j, const char *user);
/* Writes the journal down (temporary file and rename). Changes that learn something late call it. */
int journal_write(struct journal *j);

int journal_fail(struct journal *j, int error, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void journal_note(struct journal *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Cookie of the caller's network namespace, or -errno */
int netns_cookie(uint64_t *ret);
/* Removes the journals of namespaces that are gone. Only where every process of the machine can be seen. */
void journal_sweep(struct journal *j);
/* Directory of run-time files: $ELVS_RUN_DIR or /run/elvs */
const char *run_dir(void);

#endif
