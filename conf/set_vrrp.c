/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * set_vrrp - the odd ones among the words of vrrp_instance, vrrp_sync_group and garp_group, as they are read.
 */
#include "set_vrrp.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "track.h"
#include "vip.h"

#define SECOND 1000000ull

/* ---- blocks ---- */
void *open_vrrp(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	const char *name = draft_name(l, n, 0);
	bool kept = name && names_add(l, &l->vrrp_names, name, l->vrrps.n);
	struct vrrp_draft *d = schema_draft(l, b);

	if (name && !kept)
		load_error(l, CONF_ERROR, n, 1, "vrrp_instance %s already defined, this one is skipped", name);
	d->v.name = name ? name : "";
	d->v.where = load_where(l, n, 0);
	d->v.notify.deleted_sends_fault = true;
	d->v.iface = d->v.vmac_name = d->v.ipvlan_type = load_str(l, "");
	if (kept)
		*(struct vrrp_draft **)vec_add(l, &l->vrrps, sizeof(d)) = d;
	return d;
}

void *open_group(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	const char *name = draft_name(l, n, 0);
	struct sync_group_draft *d;

	if (!name)
		return NULL;
	if (!names_add(l, &l->group_names, name, l->groups.n)) {
		load_error(l, CONF_ERROR, n, 1, "vrrp_sync_group %s already defined, this one is skipped", name);
		return NULL;
	}
	d = schema_draft(l, b);
	d->g.name = name;
	d->g.where = load_where(l, n, 0);
	d->g.notify.deleted_sends_fault = true;
	*(struct sync_group_draft **)vec_add(l, &l->groups, sizeof(d)) = d;
	return d;
}

void *open_garp_group(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct garp_group_draft *d = schema_draft(l, b);

	d->where = load_where(l, n, 0);
	return d;
}

void close_garp_group(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct garp_group_draft *d = draft;

	if (!d->ifnames.n)
		load_error(l, CONF_ERROR, n, 0, "garp_group without interfaces, it is skipped");
	else if (!d->g.garp_interval_us && !d->g.gna_interval_us)
		load_error(l, CONF_ERROR, n, 0, "garp_group without garp_interval and gna_interval, it is skipped");
	else
		*(struct garp_group_draft **)vec_add(l, &l->garp_groups, sizeof(d)) = d;
}

/* ---- lists ---- */
void add_track(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	track_add(l, obj, (enum conf_track_kind)r->min, n);
}

void add_peer(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vrrp_draft *d = obj;
	struct conf_peer p = { .min_ttl = -1, .max_ttl = -1 };
	int64_t v;

	if (!value_addr(l, n, 0, &p.addr))
		return;
	for (uint32_t i = 1; i < n->n_words; i += 2) {
		bool min = !strcmp(n->words[i].text, "min_ttl");

		if (!min && strcmp(n->words[i].text, "max_ttl")) {
			load_error(l, CONF_ERROR, n, i,
				   "unknown word '%s' behind a peer, it must be min_ttl or max_ttl",
				   n->words[i].text);
			break;
		}
		if (value_num(l, n, i + 1, 0, 255, &v))
			*(min ? &p.min_ttl : &p.max_ttl) = (int)v;
	}
	if (p.min_ttl >= 0 && p.max_ttl >= 0 && p.min_ttl > p.max_ttl) {
		load_error(l, CONF_ERROR, n, 0, "min_ttl %d is above max_ttl %d, both are ignored", p.min_ttl,
			   p.max_ttl);
		p.min_ttl = p.max_ttl = -1;
	}
	*(struct conf_peer *)vec_add(l, &d->peers, sizeof(p)) = p;
}

void add_vip(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_vip v;

	if (vip_read(l, n, true, &v))
		*(struct conf_vip *)vec_add(l, &((struct vrrp_draft *)obj)->vips, sizeof(v)) = v;
}

void add_excluded(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_vip v;

	if (vip_read(l, n, true, &v))
		*(struct conf_vip *)vec_add(l, &((struct vrrp_draft *)obj)->excluded, sizeof(v)) = v;
}

void add_route(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_ipline line;

	if (ipline_route(l, n, &line))
		*(struct conf_ipline *)vec_add(l, &((struct vrrp_draft *)obj)->routes, sizeof(line)) = line;
}

void add_rule(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_ipline line;

	if (ipline_rule(l, n, &line))
		*(struct conf_ipline *)vec_add(l, &((struct vrrp_draft *)obj)->rules, sizeof(line)) = line;
}

void add_group_member(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct sync_group_draft *d = obj;

	for (uint32_t i = 0; i < n->n_words; i++) {
		struct member *m = vec_add(l, &d->members, sizeof(*m));

		m->name = n->words[i].text;
		m->where = load_where(l, n, i);
	}
}

/* Members without `group { }', as keepalived had them long ago */
bool stray_member(struct load *l, void *draft, const struct conf_node *n)
{
	if (n->n_words > 1 || n->has_block)
		return false;
	load_error(l, CONF_WARNING, n, 0, "'%s' is taken for a member of the group: write group { %s }",
		   n->words[0].text, n->words[0].text);
	add_group_member(l, draft, NULL, n);
	return true;
}

void add_garp_interface(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct garp_group_draft *d = obj;
	const char *name;

	for (uint32_t i = r->kind == V_CUSTOM; i < n->n_words; i++)
		if (value_ifname(l, n, i, &name))
			*(const char **)vec_add(l, &d->ifnames, sizeof(char *)) = name;
}

/* ---- single values ---- */
void set_iface(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vrrp_draft *d = obj;

	if (!value_ifname(l, n, 1, &d->v.iface))
		return;
	if (!strcmp(d->v.iface, "lo")) {
		load_error(l, CONF_ERROR, n, 1, "(%s) cannot use a loopback interface (lo) for vrrp - ignoring",
			   d->v.name);
		d->v.iface = load_str(l, "");
	}
}

void set_notify_deleted(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_notify *notify = obj;

	notify->deleted_sends_fault = false;
	if (n->n_words > 1)
		value_script(l, n, &notify->deleted);
}

void set_garp_extra_if(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_garp *g = obj;
	bool all = !strcmp(n->words[1].text, "all");

	if (value_us(l, n, all ? 2 : 1, SECOND, 0, 86400 * SECOND, &g->extra_if_us))
		g->extra_if_all = all;
}

void set_sync_interface(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vrrp_draft *d = obj;
	struct conf_global *g = &l->global->g;

	if (g->sync.on) {
		load_error(l, CONF_ERROR, n, 1,
			   "(%s) there is a sync daemon already, ignoring lvs_sync_daemon_interface", d->v.name);
		return;
	}
	if (!value_ifname(l, n, 1, &g->sync.iface))
		return;
	g->sync.on = true;
	g->sync.vrrp = d->v.name;
	g->sync.where = load_where(l, n, 1);
}

void set_old_checksum(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vrrp_draft *d = obj;

	d->v.old_unicast_checksum = n->n_words < 2;
	d->v.old_unicast_checksum_never = n->n_words > 1 && !strcmp(n->words[1].text, "never");
	if (n->n_words > 1 && !d->v.old_unicast_checksum_never)
		load_error(l, CONF_ERROR, n, 1, "%s: unknown value '%s', it must be never", r->word,
			   n->words[1].text);
}

/* xx:xx:xx:xx:xx[:xx]; five bytes: the router's id is the sixth, filled in later (*n says how many there were) */
static bool parse_mac(const char *s, uint8_t mac[6], unsigned *n)
{
	char *end;

	for (*n = 0; *n < 6; s = end + 1) {
		unsigned long v = isxdigit((unsigned char)*s) ? strtoul(s, &end, 16) : 256;

		if (v > 255)
			return false;
		mac[(*n)++] = v;
		if (!*end)
			return *n >= 5;
		if (*end != ':')
			return false;
	}
	return false;
}

void set_vmac(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vrrp_draft *d = obj;
	unsigned octets;

	d->v.use_vmac = true;
	for (uint32_t i = 1; i < n->n_words; i++) {
		const char *word = n->words[i].text;

		if (strchr(word, ':')) {
			d->v.has_vmac_mac = parse_mac(word, d->v.vmac_mac, &octets);
			d->vmac_5 = d->v.has_vmac_mac && octets == 5;
			if (!d->v.has_vmac_mac)
				load_error(l, CONF_ERROR, n, i, "%s: '%s' is not a MAC address", r->word, word);
		} else if (!strcmp(word, "netlink_notify_msg")) {
			load_error(l, CONF_NOTE, n, i, "netlink_notify_msg has no effect here: nothing needs it");
		} else if (!strcmp(word, "group")) {
			load_error(l, CONF_NOTE, n, i, "group has no effect here: ip link set %s group does it",
				   *d->v.vmac_name ? d->v.vmac_name : "NAME");
			i++;
		} else if (*d->v.vmac_name) {
			load_error(l, CONF_ERROR, n, i, "%s: unknown word '%s' behind the name", r->word, word);
		} else {
			value_ifname(l, n, i, &d->v.vmac_name);
		}
	}
}

void set_ipvlan(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	static const char *const types[] = { "bridge", "private", "vepa" };
	struct vrrp_draft *d = obj;
	uint8_t len;

	d->v.use_ipvlan = true;
	for (uint32_t i = 1; i < n->n_words; i++) {
		const char *word = n->words[i].text;
		unsigned t;

		for (t = 0; t < 3 && strcmp(word, types[t]); t++)
			;
		if (t < 3)
			d->v.ipvlan_type = load_str(l, word);
		else if (!text_prefix(word, &d->v.ipvlan_addr, &len))
			load_error(l, CONF_NOTE, n, i,
				   "the address of use_ipvlan has no effect here: the virtual addresses are on that "
				   "interface");
		else if (*d->v.vmac_name)
			load_error(l, CONF_ERROR, n, i, "%s: unknown word '%s' behind the name", r->word, word);
		else
			value_ifname(l, n, i, &d->v.vmac_name);
	}
}

void set_auth_pass(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vrrp_draft *d = obj;
	const char *word = n->words[1].text;
	size_t len = strlen(word);

	if (len > sizeof(d->v.auth_pass)) {
		load_error(l, CONF_WARNING, n, 1, "Truncating auth_pass to %zu characters", sizeof(d->v.auth_pass));
		len = sizeof(d->v.auth_pass);
	}
	memset(d->v.auth_pass, 0, sizeof(d->v.auth_pass));
	memcpy(d->v.auth_pass, word, len);
}

/* ---- keys of auth_hmac ---- */
#define KEY_MIN 32

static bool hex_key(const char *s, struct conf_hmac_key *key)
{
	size_t n = strlen(s);

	if (n % 2 || n / 2 > sizeof(key->bytes) || strspn(s, "0123456789abcdefABCDEF") != n)
		return false;
	for (key->len = 0; *s; s += 2) {
		char two[3] = { s[0], s[1], 0 };

		key->bytes[key->len++] = strtoul(two, NULL, 16);
	}
	return true;
}

static bool text_key(const char *s, size_t n, struct conf_hmac_key *key)
{
	if (n > sizeof(key->bytes))
		return false;
	memcpy(key->bytes, s, n);
	key->len = n;
	return true;
}

/* A file with the key's bytes; a newline at the end does not belong to it. */
static bool file_key(struct load *l, const struct conf_node *n, const char *path, struct conf_hmac_key *key)
{
	char *text;
	size_t len;
	bool ok;
	int r = l->io->read(l->io->arg, path, &text, &len);

	if (r < 0) {
		load_error(l, CONF_ERROR, n, 2, "key: %s cannot be read: %s", path, strerror(-r));
		return false;
	}
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	ok = text_key(text, len, key);
	explicit_bzero(text, len);
	free(text);
	if (!ok)
		load_error(l, CONF_ERROR, n, 2, "key: %s holds %zu bytes, it must be %d to %zu", path, len, KEY_MIN,
			   sizeof(key->bytes));
	return ok;
}

void add_hmac_key(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vrrp_draft *d = obj;
	struct conf_hmac_key key = { 0 };
	const char *word = n->words[2].text;
	int64_t id;
	bool ok;

	if (!value_num(l, n, 1, 1, 255, &id))
		return;
	key.id = id;
	for (uint32_t i = 0; i < d->hmac_keys.n; i++)
		if (VEC_AT(d->hmac_keys, struct conf_hmac_key, i).id == key.id) {
			load_error(l, CONF_ERROR, n, 1, "key: there is a key %u already, this one is ignored",
				   key.id);
			return;
		}
	if (!strncmp(word, "file:", 5)) {
		if (!file_key(l, n, word + 5, &key))
			return;
		ok = true;
	} else {
		ok = !strncmp(word, "hex:", 4) ? hex_key(word + 4, &key) : text_key(word, strlen(word), &key);
	}
	if (!ok || key.len < KEY_MIN) {
		load_error(l, CONF_ERROR, n, 2, "key: a key has %d to %zu bytes (hex: two digits each)", KEY_MIN,
			   sizeof(key.bytes));
		return;
	}
	*(struct conf_hmac_key *)vec_add(l, &d->hmac_keys, sizeof(key)) = key;
}
