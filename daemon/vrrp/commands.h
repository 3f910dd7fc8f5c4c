/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commands - runs `ip -batch', `nft -f' and iptables beside the adverts, one after the other, without ever waiting
 * for them.
 *
 * Neighbours in the queue that run the same program become one run, except iptables', whose lines are its arguments.
 * What a program complains about goes to the owner.
 */
#ifndef ELVS_VRRP_COMMANDS_H
#define ELVS_VRRP_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct command;

enum command_kind { COMMAND_IP4, COMMAND_IP6, COMMAND_NFT, COMMAND_IPTABLES4, COMMAND_IPTABLES6, COMMAND_KINDS };

/* text: one complaint, with the line that it is about where that is known. */
typedef void command_failed_cb(void *arg, enum command_kind kind, const char *text);

struct commands {
	struct event_base *base;
	struct command *head, *tail; /* head may be running */
	command_failed_cb *failed;
	void *arg;
	uint64_t runs;
};

void commands_init(struct commands *c, struct event_base *base, command_failed_cb *failed, void *arg);
/* Appends one line (without its newline) of input for that program. 0, -ENOMEM, -EINVAL (a newline in it). */
int commands_line(struct commands *c, enum command_kind kind, const char *line);
/* Starts what was appended, if nothing runs. */
void commands_start(struct commands *c);
/* At the end: waits until everything has been done, at most so long. */
void commands_finish(struct commands *c, unsigned patience_ms);
void commands_close(struct commands *c);

#endif
