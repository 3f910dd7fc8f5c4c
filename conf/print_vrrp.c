/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_vrrp - the odd ones among the words of vrrp_instance, vrrp_sync_group and garp_group, as they are printed.
 */
#include <netinet/in.h>
#include <string.h>

#include "print.h"
#include "set_vrrp.h"
#include "vip.h"

void print_notify_deleted(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_notify *n = obj;

	if (n->deleted.argv)
		print_script(p, r->word, &n->deleted);
	else if (!n->deleted_sends_fault)
		print_line(p, "%s", r->word);
}

void print_garp_extra_if(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_garp *g = obj;

	if (!g->extra_if_us)
		return;
	print_line(p, "%s %s%s", r->word, g->extra_if_all ? "all " : "", print_us(p, g->extra_if_us, 1000000));
}

/* The default is that of the first burst, or none in strict mode */
void print_lower_prio(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_garp *g = obj;
	const struct conf_vrrp *v = (const void *)((const char *)obj - offsetof(struct conf_vrrp, garp));

	if (r->kind == V_SECS && g->lower_prio_delay_us != (v->strict ? 0 : g->master_delay_us))
		print_line(p, "%s %s", r->word, print_us(p, g->lower_prio_delay_us, 1000000));
	if (r->kind == V_NUM && g->lower_prio_repeat != (v->strict ? 0 : g->master_repeat))
		print_line(p, "%s %u", r->word, g->lower_prio_repeat);
}

void print_notify_flag(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_global *g = &p->conf->global;
	bool value = *(const bool *)((const char *)obj + r->offset), preset = g->vrrp_notify_priority_changes;

	if (r->offset == offsetof(struct conf_notify, smtp_alert))
		preset = (g->smtp_alert_vrrp ? g->smtp_alert_vrrp : g->smtp_alert) == CONF_ON;
	if (value != preset)
		print_line(p, "%s %s", r->word, value ? "on" : "off");
}

void print_version(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;
	int preset = v->family == AF_INET6 ? 3 : p->conf->global.vrrp_version;

	if (v->version != preset)
		print_line(p, "version %u", v->version);
}

void print_state(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	print_line(p, "state %s", v->start_master ? "MASTER" : "BACKUP");
}

void print_iface(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	if (*v->iface)
		print_line(p, "interface %s", print_word(p, v->iface));
}

void print_vmac(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;
	const uint8_t *m = v->vmac_mac;

	if (!v->use_vmac)
		return;
	print_line(p, "use_vmac%s%s%s", *v->vmac_name ? " " : "", *v->vmac_name ? print_word(p, v->vmac_name) : "",
		   v->has_vmac_mac ? arena_printf(&p->presets->scratch, " %02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1],
						  m[2], m[3], m[4], m[5])
				   : "");
}

void print_ipvlan(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	if (v->use_ipvlan)
		print_line(p, "use_ipvlan%s%s%s%s%s%s", *v->vmac_name ? " " : "",
			   *v->vmac_name ? print_word(p, v->vmac_name) : "", v->ipvlan_addr.family ? " " : "",
			   v->ipvlan_addr.family ? print_addr(p, &v->ipvlan_addr) : "", *v->ipvlan_type ? " " : "",
			   v->ipvlan_type);
}

void print_source(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	if (v->source.family)
		print_line(p, "%s_src_ip %s", v->unicast ? "unicast" : "mcast", print_addr(p, &v->source));
}

static bool same_addr(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

void print_mcast_dst(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;
	const struct conf_global *g = &p->conf->global;
	/* without addresses it is all that says which family it is */
	bool needed = v->family == AF_INET6 && !v->n_vips && !v->n_peers && !v->source.family;

	if (needed || (v->mcast_dst.family && !same_addr(&v->mcast_dst, &g->mcast_group4) &&
		       !same_addr(&v->mcast_dst, &g->mcast_group6)))
		print_line(p, "mcast_dst_ip %s", print_addr(p, &v->mcast_dst));
}

void print_peers(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;
	struct arena *a = &p->presets->scratch;

	if (!v->n_peers)
		return;
	print_open(p, "unicast_peer");
	for (uint32_t i = 0; i < v->n_peers; i++) {
		const struct conf_peer *peer = &v->peers[i];

		print_line(p, "%s%s%s", print_addr(p, &peer->addr),
			   peer->min_ttl < 0 ? "" : arena_printf(a, " min_ttl %d", peer->min_ttl),
			   peer->max_ttl < 0 ? "" : arena_printf(a, " max_ttl %d", peer->max_ttl));
	}
	print_close(p);
}

void print_old_checksum(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	if (v->old_unicast_checksum || v->old_unicast_checksum_never)
		print_line(p, "%s%s", r->word, v->old_unicast_checksum ? "" : " never");
}

static void print_vip_list(struct printer *p, const char *word, const struct conf_vip *vips, uint32_t n)
{
	if (!n)
		return;
	print_open(p, "%s", word);
	for (uint32_t i = 0; i < n; i++)
		vip_print(p, &vips[i], true);
	print_close(p);
}

void print_vips(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	print_vip_list(p, r->word, v->vips, v->n_vips);
}

void print_excluded(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	print_vip_list(p, r->word, v->excluded, v->n_excluded);
}

void print_no_vips(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	if (!v->n_vips)
		print_line(p, "%s", r->word);
}

static void print_lines(struct printer *p, const char *word, const struct conf_ipline *lines, uint32_t n, bool routes)
{
	if (!n)
		return;
	print_open(p, "%s", word);
	for (uint32_t i = 0; i < n; i++)
		ipline_print(p, &lines[i], routes);
	print_close(p);
}

void print_routes(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	print_lines(p, r->word, v->routes, v->n_routes, true);
}

void print_rules(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	print_lines(p, r->word, v->rules, v->n_rules, false);
}

void print_auth(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vrrp *v = obj;

	if (!v->auth)
		return;
	print_open(p, "authentication");
	print_line(p, "auth_type %s", v->auth == CONF_AUTH_PASS ? "PASS" : "AH");
	print_line(p, "auth_pass %s",
		   print_word(p, arena_strndup(&p->presets->scratch, (const char *)v->auth_pass,
					       strnlen((const char *)v->auth_pass, 8))));
	print_close(p);
}

void print_hmac(struct printer *p, const void *obj, const struct row *r)
{
	static const char *const modes[] = { "enforce", "permissive", "receive-only" };
	const struct conf_vrrp *v = obj;

	if (!v->n_hmac_keys)
		return;
	print_open(p, "auth_hmac");
	for (uint32_t i = 0; i < v->n_hmac_keys; i++) {
		const struct conf_hmac_key *k = &v->hmac_keys[i];
		char hex[2 * sizeof(k->bytes) + 1], *end = hex;

		for (unsigned b = 0; b < k->len; b++)
			end += sprintf(end, "%02x", k->bytes[b]);
		print_line(p, "key %u hex:%s", k->id, hex);
	}
	print_line(p, "active_key %u", v->hmac_active);
	if (v->hmac_window_us != (3 * v->advert_us > 5000000 ? 3 * v->advert_us : 5000000))
		print_line(p, "time_window %s", print_us(p, v->hmac_window_us, 1000000));
	if (v->hmac_monotonic)
		print_line(p, "anti_replay monotonic");
	if (v->hmac_mode)
		print_line(p, "mode %s", modes[v->hmac_mode]);
	print_close(p);
}

void print_garp_group(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_garp_group *g = obj;

	print_open(p, "interfaces");
	for (uint32_t i = 0; i < g->n_ifnames; i++)
		print_line(p, "%s", print_word(p, g->ifnames[i]));
	print_close(p);
}
