/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - the kinds of change that the set-up commands make to a machine, each with its undoing.
 *
 * probe  looks whether the thing is already as wanted: 1 = it is, 0 = it has to be made (what undoing needs is now
 *        in the change object), or -errno.
 * make   does it. Must succeed when it was done already (by us, before a crash).
 * undo   puts it back. Must succeed when it was never done, or was undone by somebody else.
 * On error they say why with journal_fail().
 */
#ifndef ELVS_TOOLS_CHANGE_H
#define ELVS_TOOLS_CHANGE_H

#include "journal.h"
#include "vip.h"

struct change_kind {
	const char *name;
	int (*probe)(struct journal *j, json_t *change);
	int (*make)(struct journal *j, json_t *change);
	int (*undo)(struct journal *j, json_t *change);
};

const struct change_kind *change_kind_find(const char *name); /* NULL: unknown */

/*
 * Constructors; the caller owns the result. Paths are below /proc/sys, with slashes.
 * sysctl:  one value; accept is a list of values that are as good ("1 2 8"), NULL = only want.
 * forward: packets of the family are forwarded, with all that the kernel changes along with that switch.
 * addr:    an address on an interface.
 * nft:     a table of the arp family: name and the nft script that makes it.
 * link_up: an interface set up.
 * module:  a kernel module loaded.
 * decap:   the decapsulating program on an interface (decap.c).
 */
json_t *change_sysctl(const char *path, const char *want, const char *accept);
json_t *change_forward(int af);
json_t *change_addr(const char *dev, const struct vip *v);
json_t *change_nft(const char *table, const char *script);
json_t *change_link_up(const char *dev);
json_t *change_module(const char *name);
json_t *change_decap(const char *dev, const char *hook);

/* Reads a value without its newline; -errno. */
int sysctl_read(const char *path, char *ret, size_t size);

/* Runs a command found in the usual directories; input (may be NULL) is its standard input. Returns its exit
 * status, or -errno; err gets the first line that it wrote to its standard error. */
int run_program(const char *const argv[], const char *input, char *err, size_t err_size);

/* For those who make kinds: a new change of a kind, about an object; a member that is a string, "" if missing. */
json_t *change_new(const char *kind, const char *object);
void change_set(json_t *c, const char *key, const char *value);
const char *change_str(const json_t *c, const char *key);

extern const struct change_kind change_sysctl_kind, change_forward_kind; /* change_sysctl.c */
extern const struct change_kind change_decap_kind;			 /* decap.c */

#endif
