/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims - see claims.h. */
#include "claims.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "claim.h"
#include "log.h"

#define FILTER_ADDRS 200 /* a jump of the filter's language reaches 255 instructions far; of more, all is looked at */
#define ENOUGH 64	 /* bytes of a packet: ARP has 28, a neighbour advertisement of which we want no option 64 */
#define AT_ONCE 64
#define TAKE 0xffff

/* Where a packet says whose claim it is, behind the link-layer header: an ARP's sender, the target's last word */
#define ARP_SENDER 14
#define NA_TARGET_END (40 + 8 + 12)
#define IP6_NEXT 6
#define ICMP6_TYPE 40

struct ear {
	struct claims *all;
	uint16_t af;
	int fd; /* -1: nothing to listen for */
	struct event *ev;
	uint32_t addrs[FILTER_ADDRS];
	size_t n_addrs;
};

struct claims {
	struct event_base *base;
	const struct links *links;
	claims_lost *lost;
	void *arg;
	struct holdings held;
	struct ear arp, na;
};

/* ---- the filter ---- */

static struct sock_filter *op(struct sock_filter *f, uint16_t code, uint32_t k, size_t yes, size_t no)
{
	*f = (struct sock_filter){ code, (uint8_t)yes, (uint8_t)no, k };
	return f + 1;
}

/* One of our addresses at offset `at', behind what tells an advertisement from other IPv6 */
static int attach_filter(const struct ear *e, int fd)
{
	struct sock_filter code[FILTER_ADDRS + 8], *f = code;
	bool arp = e->af == AF_INET;
	struct sock_fprog prog = { .filter = code };
	size_t n = e->n_addrs;

	if (!arp) {
		f = op(f, BPF_LD | BPF_B | BPF_ABS, IP6_NEXT, 0, 0);
		f = op(f, BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, n + 3);
		f = op(f, BPF_LD | BPF_B | BPF_ABS, ICMP6_TYPE, 0, 0);
		f = op(f, BPF_JMP | BPF_JEQ | BPF_K, 136, 0, n + 1);
	}
	if (n < FILTER_ADDRS) {
		f = op(f, BPF_LD | BPF_W | BPF_ABS, arp ? ARP_SENDER : NA_TARGET_END, 0, 0);
		for (size_t i = 0; i < n; i++)
			f = op(f, BPF_JMP | BPF_JEQ | BPF_K, ntohl(e->addrs[i]), n - i, 0);
		f = op(f, BPF_RET | BPF_K, 0, 0, 0);
	} else {
		for (size_t i = 0; i < n + 1; i++) /* so that the jumps above arrive where they should */
			f = op(f, BPF_JMP | BPF_JA, (uint32_t)(n + 1 - i), 0, 0);
		f = op(f, BPF_RET | BPF_K, 0, 0, 0);
	}
	f = op(f, BPF_RET | BPF_K, TAKE, 0, 0);
	prog.len = (unsigned short)(f - code);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

/* ---- listening ---- */

static const uint8_t *mac_of(const struct claims *c, int ifindex)
{
	const struct link *l = link_find(c->links, (uint32_t)ifindex);

	return l ? l->mac : NULL;
}

static bool is_foreign(const struct claims *c, const struct claim *heard, const uint8_t here[6])
{
	uint8_t (*ours)[6] = calloc(c->links->n + 1, sizeof(*ours));
	bool foreign;

	if (!ours)
		return false;
	for (size_t i = 0; i < c->links->n; i++)
		memcpy(ours[i], c->links->link[i].mac, sizeof(*ours));
	foreign = claim_is_foreign(heard, here, ours, c->links->n);
	free(ours);
	return foreign;
}

static void listen_anew(struct claims *c);

static void hear(struct ear *e, const uint8_t *p, size_t len, const struct sockaddr_ll *from)
{
	struct claims *c = e->all;
	const uint8_t *here = mac_of(c, from->sll_ifindex), *m = from->sll_addr;
	char text[INET6_ADDRSTRLEN];
	struct claim heard;
	int r;

	if (!here || from->sll_pkttype == PACKET_OUTGOING || from->sll_halen != sizeof(heard.mac))
		return;
	r = e->af == AF_INET ? claim_parse_arp(&heard, p, len) : claim_parse_na(&heard, p, len, m);
	if (r < 0 || !is_foreign(c, &heard, here) || !holdings_claimed(&c->held, &heard))
		return;
	m = heard.mac;
	log_warn("%s is claimed by %02x:%02x:%02x:%02x:%02x:%02x, and nobody here looks after it: it is left to that "
		 "machine until its mode is set again or it is taken off",
		 inet_ntop(heard.af, &heard.addr, text, sizeof(text)), m[0], m[1], m[2], m[3], m[4], m[5]);
	c->lost(c->arg, heard.af, &heard.addr);
	listen_anew(c);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ear *e = arg;

	for (int i = 0; i < AT_ONCE && e->fd == fd; i++) {
		struct sockaddr_ll from = { 0 };
		socklen_t len = sizeof(from);
		uint8_t buf[ENOUGH];
		ssize_t n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &len);

		if (n < 0)
			return;
		hear(e, buf, (size_t)n, &from);
	}
}

static void ear_close(struct ear *e)
{
	if (e->ev)
		event_free(e->ev);
	if (e->fd >= 0)
		close(e->fd);
	e->ev = NULL;
	e->fd = -1;
}

static int ear_open(struct ear *e)
{
	uint16_t proto = htons(e->af == AF_INET ? ETH_P_ARP : ETH_P_IPV6);
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = proto };
	int r;

	/* bound only behind its filter: nothing comes before */
	e->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->fd < 0)
		return -errno;
	r = attach_filter(e, e->fd);
	if (r < 0)
		return r;
	if (bind(e->fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	e->ev = event_new(e->all->base, e->fd, EV_READ | EV_PERSIST, on_readable, e);
	return e->ev && event_add(e->ev, NULL) == 0 ? 0 : -ENOMEM;
}

static void ear_set(struct ear *e)
{
	uint32_t addrs[FILTER_ADDRS];
	size_t n = 0;
	int r;

	for (const struct holding *h = e->all->held.first; h && n < FILTER_ADDRS; h = h->next)
		if (h->af == e->af && holding_listens(h))
			addrs[n++] = h->addr.a[h->af == AF_INET ? 0 : 3];
	if (n == e->n_addrs && !memcmp(addrs, e->addrs, n * sizeof(addrs[0])))
		return;
	memcpy(e->addrs, addrs, n * sizeof(addrs[0]));
	e->n_addrs = n;
	if (!n) {
		ear_close(e);
		return;
	}
	r = e->fd >= 0 ? attach_filter(e, e->fd) : ear_open(e);
	if (r < 0) {
		log_warn("other machines' claims of addresses cannot be heard: %s", strerror(-r));
		ear_close(e);
	}
}

static void listen_anew(struct claims *c)
{
	ear_set(&c->arp);
	ear_set(&c->na);
}

/* ---- from outside ---- */

struct claims *claims_new(struct event_base *base, const struct links *links, claims_lost *lost, void *arg)
{
	struct claims *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct claims){ .base = base, .links = links, .lost = lost, .arg = arg };
	c->arp = (struct ear){ .all = c, .af = AF_INET, .fd = -1 };
	c->na = (struct ear){ .all = c, .af = AF_INET6, .fd = -1 };
	return c;
}

void claims_free(struct claims *c)
{
	if (!c)
		return;
	ear_close(&c->arp);
	ear_close(&c->na);
	holdings_free(&c->held);
	free(c);
}

void claims_mode(struct claims *c, uint16_t af, const union elvs_addr *addr, enum elvs_vip_mode mode,
		 const void *client)
{
	if (mode != ELVS_VIP_HELD)
		holdings_drop(&c->held, af, addr);
	else if (holdings_set(&c->held, af, addr, client) < 0)
		log_warn("out of memory: an address stays held although nobody may look after it");
	listen_anew(c);
}

void claims_client_gone(struct claims *c, const void *client)
{
	holdings_client_gone(&c->held, client);
	listen_anew(c);
}

bool claims_stands(struct claims *c, uint16_t af, const union elvs_addr *addr, bool stands)
{
	bool held = holdings_stands(&c->held, af, addr, stands);

	listen_anew(c);
	return held;
}
