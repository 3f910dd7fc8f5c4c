/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall - see firewall.h. */
#include "firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define TABLE "keepalived"
#define AT_ONCE 64
#define BATCH_BYTES ((AT_ONCE + 2) * 256)

bool firewall_wants(const struct conf_vrrp *v)
{
	return !v->accept && v->priority != 255;
}

/* ---- tables ---- */
static const char *const table4 = "set vips { type ipv4_addr; }\n"
				  "map vmac_map { type iface_index : iface_index; }\n"
				  "chain out { type filter hook output priority %d; policy accept;\n"
				  "%sip saddr @vips counter drop\n"
				  "}\n"
				  "chain in { type filter hook input priority %d; policy accept;\n"
				  "ip daddr @vips counter drop\n"
				  "}\n";
static const char *const igmp = "ip protocol igmp meta oifkind \"macvlan\" dup to ip daddr device oif map @vmac_map "
				"counter drop\n";
static const char *const table6 = "set vips { type ipv6_addr; }\n"
				  "set vips_link_local { type ipv6_addr . iface_index; }\n"
				  "map vmac_map { type iface_index : iface_index; }\n"
				  "chain out { type filter hook output priority %d; policy accept;\n"
				  "%sicmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
				  "ip6 saddr . oif @vips_link_local counter drop\n"
				  "ip6 saddr @vips counter drop\n"
				  "}\n"
				  "chain in { type filter hook input priority %d; policy accept;\n"
				  "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
				  "ip6 daddr . iif @vips_link_local counter drop\n"
				  "ip6 daddr @vips counter drop\n"
				  "}\n";
static const char *const mld =
	"icmpv6 type mld2-listener-report meta oifkind \"macvlan\" dup to ip6 daddr device oif "
	"map @vmac_map counter drop\n";

static int queue_text(struct commands *c, char *text)
{
	char *save = NULL;
	int r = 0;

	for (char *s = strtok_r(text, "\n", &save); s && r == 0; s = strtok_r(NULL, "\n", &save))
		r = commands_line(c, COMMAND_NFT, s);
	return r;
}

static int make_tables(struct firewall *f, const char *table, int priority, bool vmacs)
{
	char *text = NULL;
	size_t len = 0;
	FILE *m = open_memstream(&text, &len);
	int r = -ENOMEM;

	if (!m)
		return r;
	snprintf(f->table, sizeof(f->table), "%s", table);
	f->priority = priority;
	f->vmacs = vmacs;
	for (int six = 0; six < 2; six++) {
		const char *name = six ? "ip6" : "ip", *t = f->table;

		/* one that a killed daemon left behind goes first */
		fprintf(m, "table %s %s { }\ndelete table %s %s\ntable %s %s {\n", name, t, name, t, name, t);
		fprintf(m, six ? table6 : table4, f->priority, !vmacs ? "" : six ? mld : igmp, f->priority);
		fputs("}\n", m);
	}
	if (fclose(m) == 0)
		r = queue_text(f->commands, text);
	free(text);
	return r;
}

static void remove_tables(struct firewall *f)
{
	char line[100];

	if (!f->table[0])
		return;
	snprintf(line, sizeof(line), "delete table ip %s", f->table);
	commands_line(f->commands, COMMAND_NFT, line);
	snprintf(line, sizeof(line), "delete table ip6 %s", f->table);
	commands_line(f->commands, COMMAND_NFT, line);
	f->table[0] = '\0';
}

/* ---- elements ---- */
/* 0; -errno of the first that was refused, and then none was taken. */
static int send_batch(struct firewall *f, const struct nft_element *e, uint32_t n, bool add)
{
	_Alignas(struct nlmsghdr) char buf[BATCH_BYTES];
	size_t len = firewall_batch(buf, sizeof(buf), f->seq, f->table, e, n, add);
	const struct nlmsghdr *h = (const void *)buf;
	int r = 0;

	f->seq += n + 2;
	if (!f->nl)
		f->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!f->nl || !len || mnl_socket_sendto(f->nl, buf, len) < 0)
		return -errno;
	/* it has been carried out when this call returns; only errors are answered */
	while ((len = (size_t)mnl_socket_recvfrom(f->nl, buf, sizeof(buf))) != (size_t)-1) {
		const struct nlmsgerr *err = mnl_nlmsg_get_payload(h);

		if (len >= NLMSG_LENGTH(sizeof(*err)) && h->nlmsg_type == NLMSG_ERROR && err->error && r == 0)
			r = err->error;
	}
	return r;
}

static void queue_element(struct firewall *f, const struct nft_element *e, bool add)
{
	char text[INET6_ADDRSTRLEN], what[200], line[300], name[IFNAMSIZ], base[IFNAMSIZ];
	const char *family = e->addr->family == AF_INET ? "ip" : "ip6";

	if (e->ifindex && !if_indextoname(e->ifindex, name))
		return;
	inet_ntop(e->addr->family, e->addr->bytes, text, sizeof(text));
	if (e->base && if_indextoname(e->base, base))
		snprintf(what, sizeof(what), "vmac_map { \"%s\" : \"%s\" }", name, base);
	else if (e->ifindex)
		snprintf(what, sizeof(what), "vips_link_local { %s . \"%s\" }", text, name);
	else
		snprintf(what, sizeof(what), "vips { %s }", text);
	snprintf(line, sizeof(line), "add element %s %s %s", family, f->table, what);
	commands_line(f->commands, COMMAND_NFT, line);
	if (add)
		return;
	/* it is there now for sure, so that this cannot fail */
	snprintf(line, sizeof(line), "delete element %s %s %s", family, f->table, what);
	commands_line(f->commands, COMMAND_NFT, line);
}

/* At once; and again by nft while the table may still be in the making, and the one that was changed an old one. */
static void apply(struct firewall *f, const struct nft_element *e, uint32_t n, bool add)
{
	int r = n && f->table[0] ? send_batch(f, e, n, add) : 0;

	if (!n || !f->table[0])
		return;
	if (f->commands->head) {
		for (uint32_t i = 0; i < n; i++)
			queue_element(f, &e[i], add);
		commands_start(f->commands);
	} else if (r < 0 && add) { /* what does not exist need not go */
		log_err("nftables: table %s: %s; no_accept and use_vmac have lost their rules", f->table,
			strerror(-r));
	}
}

/* ---- chains ---- */
static void rule(struct firewall *f, const char *verb, bool out, const struct guard *g, const char *match,
		 const char *target)
{
	bool six = g->addr.family == AF_INET6;
	char line[300], text[INET6_ADDRSTRLEN], name[IFNAMSIZ], dev[IFNAMSIZ + 8] = "";

	if (out ? !f->out[0] : !f->in[0])
		return;
	inet_ntop(g->addr.family, g->addr.bytes, text, sizeof(text));
	if (g->ifindex && if_indextoname(g->ifindex, name))
		snprintf(dev, sizeof(dev), "-%c %s ", out ? 'o' : 'i', name);
	snprintf(line, sizeof(line), "%s %s %s-%c %s %s-j %s", verb, out ? f->out : f->in, dev, out ? 's' : 'd', text,
		 match, target);
	commands_line(f->commands, six ? COMMAND_IPTABLES6 : COMMAND_IPTABLES4, line);
}

/* Each goes to the head of its chain: what is let through comes last. */
static void chain_rules(struct firewall *f, const struct guard *g, bool add)
{
	static const char *const nd[] = { "-p icmpv6 --icmpv6-type 135 ", "-p icmpv6 --icmpv6-type 136 " };

	/* one that a killed daemon left behind goes first */
	for (int verb = 0; verb < 1 + add; verb++)
		for (int out = 0; out < 2; out++) {
			rule(f, verb ? "-I" : "-D", out, g, "", "DROP");
			for (int k = 0; k < 2 && g->addr.family == AF_INET6; k++)
				rule(f, verb ? "-I" : "-D", out, g, nd[k], "ACCEPT");
		}
	commands_start(f->commands);
}

/* ---- what is guarded ---- */
static struct guard *find(struct firewall *f, const struct guard *g)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (f->list[i].ifindex == g->ifindex && f->list[i].addr.family == g->addr.family &&
		    !memcmp(f->list[i].addr.bytes, g->addr.bytes, g->addr.family == AF_INET ? 4 : 16))
			return &f->list[i];
	return NULL;
}

static struct guard normal(const struct guard *g)
{
	struct guard n = { .addr = g->addr, .kept = true };

	if (g->addr.family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&g->addr.v6))
		n.ifindex = g->ifindex;
	return n;
}

/* n up to AT_ONCE */
static void carry_out(struct firewall *f, const struct guard *g, uint32_t n, bool add)
{
	struct nft_element e[AT_ONCE];

	for (uint32_t i = 0; i < n; i++) {
		e[i] = (struct nft_element){ .addr = &g[i].addr, .ifindex = g[i].ifindex };
		if (f->iptables)
			chain_rules(f, &g[i], add);
	}
	if (!f->iptables)
		apply(f, e, n, add);
}

void firewall_guard(struct firewall *f, const struct guard *g, uint32_t n)
{
	struct guard new[AT_ONCE], *list, *old;
	uint32_t n_new = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct guard one = normal(&g[i]);

		old = find(f, &one);
		if (old) {
			old->kept = true;
			continue;
		}
		list = realloc(f->list, (f->n + 1) * sizeof(*list));
		if (!list)
			break;
		f->list = list;
		list[f->n++] = new[n_new++] = one;
		if (n_new == AT_ONCE) {
			carry_out(f, new, n_new, true);
			n_new = 0;
		}
	}
	carry_out(f, new, n_new, true);
}

void firewall_release(struct firewall *f, const struct guard *g, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct guard one = normal(&g[i]), *old = find(f, &one);

		if (!old)
			continue;
		*old = f->list[--f->n];
		carry_out(f, &one, 1, false);
	}
}

void firewall_residual(struct firewall *f, const struct guard *g)
{
	struct guard one = normal(g);

	if (f->iptables && !find(f, &one))
		chain_rules(f, &one, false);
}

void firewall_sweep(struct firewall *f)
{
	for (uint32_t i = f->n; i-- > 0;) {
		struct guard one = f->list[i];

		if (!one.kept)
			firewall_release(f, &one, 1);
	}
}

static void release_all(struct firewall *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		f->list[i].kept = false;
	firewall_sweep(f);
}

void firewall_vmac(struct firewall *f, uint16_t family, uint32_t ifindex, uint32_t base, bool on)
{
	const struct conf_addr any = { .family = family };
	const struct nft_element e = { .addr = &any, .ifindex = ifindex, .base = base };

	if (ifindex && base)
		apply(f, &e, 1, on);
}

/* ---- what is asked for ---- */
static void choose(struct firewall *f, const struct conf_global *g)
{
	bool named = *g->iptables_in || *g->iptables_out;

	f->iptables = g->iptables && !*g->nft_table && !f->fell_back;
	snprintf(f->in, sizeof(f->in), "%s", f->iptables ? named ? g->iptables_in : "INPUT" : "");
	snprintf(f->out, sizeof(f->out), "%s", f->iptables ? named ? g->iptables_out : "OUTPUT" : "");
}

int firewall_conf(struct firewall *f, const struct conf *conf)
{
	const struct conf_global *g = &conf->global;
	const char *table = *g->nft_table ? g->nft_table : TABLE;
	int priority = *g->nft_table ? g->nft_priority : -1;
	struct firewall was = *f;
	bool vmacs = false, guards = false, tables;

	for (uint32_t i = 0; i < conf->n_vrrps; i++) {
		guards |= firewall_wants(&conf->vrrps[i]);
		vmacs |= conf->vrrps[i].use_vmac || conf->vrrps[i].use_vmac_addr;
	}
	was.fell_back = f->fell_back = false;
	choose(&was, g);
	if (was.iptables != f->iptables || strcmp(was.in, f->in) || strcmp(was.out, f->out) || !guards)
		release_all(f);
	choose(f, g);
	for (uint32_t i = 0; i < f->n; i++)
		f->list[i].kept = false;
	tables = vmacs || (guards && !f->iptables);
	if (!tables || strcmp(f->table, table) || f->priority != priority || (vmacs && !f->vmacs)) {
		remove_tables(f);
		f->n = f->iptables ? f->n : 0;
	}
	return tables && !f->table[0] ? make_tables(f, table, priority, vmacs) : 0;
}

bool firewall_failed(struct firewall *f, const char *text)
{
	struct guard *list = f->list;
	uint32_t n = f->n;

	if (!strstr(text, "No chain/target/match") && !strstr(text, "does not exist"))
		return false;
	if (!f->iptables) /* of several rules, this is the second */
		return f->fell_back;
	log_err("vrrp_iptables: %s; the rules are in nftables' table %s instead, until the next reload", text, TABLE);
	f->fell_back = true;
	f->iptables = false;
	f->list = NULL;
	f->n = 0;
	if (!f->table[0])
		make_tables(f, TABLE, -1, false);
	firewall_guard(f, list, n);
	free(list);
	return true;
}

void firewall_init(struct firewall *f, struct commands *c)
{
	memset(f, 0, sizeof(*f));
	f->commands = c;
}

void firewall_close(struct firewall *f)
{
	if (f->iptables)
		release_all(f);
	remove_tables(f);
	free(f->list);
	f->list = NULL;
	f->n = 0;
	if (f->nl)
		mnl_socket_close(f->nl);
	f->nl = NULL;
}
