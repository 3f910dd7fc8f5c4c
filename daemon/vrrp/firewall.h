/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall - packets for and from the addresses of a master that may not accept them (no_accept, RFC 9568 6.1
 * Accept_Mode) are dropped, and what a VMAC tells of its multicast groups leaves by the interface below it.
 *
 * By nftables in two tables of our own (ip and ip6, keepalived's names and forms), or, for vrrp_iptables, by rules in
 * the chains that it names. A table is made by nft(8), once; addresses come into its sets and go by netlink, before
 * they come onto their interface and after they have gone. An address is guarded only while it stands here: a backup
 * may have it on lo, as a real server does. Neighbour discovery is let through.
 */
#ifndef ELVS_VRRP_FIREWALL_H
#define ELVS_VRRP_FIREWALL_H

#include <stdbool.h>

#include "commands.h"
#include "conf.h"

struct guard {
	struct conf_addr addr;
	uint32_t ifindex; /* of a link-local one; others are guarded everywhere: 0 */
	bool kept;
};

struct mnl_socket;

struct firewall {
	struct commands *commands;
	char table[64]; /* "": we have none */
	int priority;
	bool vmacs;    /* the table has rules for them */
	bool iptables; /* no_accept's rules are in these chains: */
	char in[32], out[32];
	bool fell_back; /* one of them does not exist: that was said */
	struct mnl_socket *nl;
	uint32_t seq;
	struct guard *list;
	uint32_t n;
};

bool firewall_wants(const struct conf_vrrp *v); /* are its addresses to be guarded while it has them? */
void firewall_init(struct firewall *f, struct commands *c);
/*
 * Takes note of what conf asks for; makes the tables if anything in it needs them, removes them if nothing does.
 * What is guarded has to be told again then: firewall_guard() for each, firewall_sweep() for the rest. 0 or -ENOMEM.
 */
int firewall_conf(struct firewall *f, const struct conf *conf);
/* These addresses are dropped from now on, each on that interface (which counts for link-local ones). */
void firewall_guard(struct firewall *f, const struct guard *g, uint32_t n);
void firewall_release(struct firewall *f, const struct guard *g, uint32_t n);
void firewall_residual(struct firewall *f, const struct guard *g); /* what a killed daemon may have left in a chain */
void firewall_sweep(struct firewall *f); /* releases what was not told since firewall_conf() */
/* A VMAC of an instance of that family, above that interface. */
void firewall_vmac(struct firewall *f, uint16_t family, uint32_t ifindex, uint32_t base, bool on);
/* iptables was refused (commands.h). True: a chain does not exist, nft's table has to do, and that was said. */
bool firewall_failed(struct firewall *f, const char *text);
void firewall_close(struct firewall *f); /* removes everything */

/* One entry in a set of ours: an address, or an interface and the one below it (base not 0). */
struct nft_element {
	const struct conf_addr *addr;
	uint32_t ifindex, base;
};
/*
 * Writes one batch (NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM for each of n elements) to buf, netlink messages with
 * sequence numbers from seq on. Returns its length, 0: it does not fit. Pure, so that a test can read it.
 */
size_t firewall_batch(void *buf, size_t size, uint32_t seq, const char *table, const struct nft_element *e,
		      uint32_t n, bool add);

#endif
