/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attachments - see attachments.h. */
#include "attachments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

void attachments_load(struct attachments *a, struct elvs *e, const char *state_dir)
{
	char line[64], name[IFNAMSIZ];
	FILE *f;
	int hook;

	memset(a, 0, sizeof(*a));
	a->e = e;
	snprintf(a->file, sizeof(a->file), "%s/attach", state_dir);
	f = fopen(a->file, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f) && a->nwanted < 64)
		if (sscanf(line, "%15s %d", name, &hook) == 2 && hook >= 0 && hook <= ELVS_HOOK_BOTH) {
			memcpy(a->wanted[a->nwanted].ifname, name, IFNAMSIZ);
			a->wanted[a->nwanted++].hook = hook;
		}
	fclose(f);
}

static int save(const struct attachments *a)
{
	FILE *f = fopen(a->file, "we");
	int r = 0;

	if (!f)
		return -errno;
	for (size_t i = 0; i < a->nwanted; i++)
		fprintf(f, "%s %d\n", a->wanted[i].ifname, a->wanted[i].hook);
	if (fclose(f))
		r = -errno;
	return r;
}

int attachments_wanted(const struct attachments *a, const char *ifname)
{
	for (size_t i = 0; i < a->nwanted; i++)
		if (!strcmp(a->wanted[i].ifname, ifname))
			return a->wanted[i].hook;
	return -1;
}

int attachments_refused(const struct attachments *a, uint32_t ifindex)
{
	for (size_t i = 0; i < a->nrefused; i++)
		if (a->refused[i].ifindex == ifindex)
			return a->refused[i].error;
	return 0;
}

int attachments_want(struct attachments *a, const char *ifname, int hook)
{
	size_t i = 0;

	while (i < a->nwanted && strcmp(a->wanted[i].ifname, ifname))
		i++;
	if (i == 64)
		return -ENOSPC;
	if (i == a->nwanted)
		a->nwanted++;
	snprintf(a->wanted[i].ifname, IFNAMSIZ, "%s", ifname);
	a->wanted[i].hook = hook;
	return save(a);
}

static void info_of(const struct link *l, struct elvs_if_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->ifindex = l->ifindex;
	memcpy(ret->mac, l->mac, sizeof(ret->mac));
	ret->mtu = l->mtu > 65535 ? 65535 : l->mtu;
	ret->partial = link_partial_sums(l);
	ret->noarp = !link_is_ether(l) || l->flags & IFF_NOARP;
	ret->xmit = link_xdp_xmit(l, true);
}

static int done_index(const struct attachments *a, uint32_t ifindex)
{
	for (size_t i = 0; i < a->ndone; i++)
		if (a->done[i].info.ifindex == ifindex)
			return i;
	return -1;
}

static void undone(struct attachments *a, uint32_t ifindex)
{
	int i = done_index(a, ifindex);

	if (i >= 0)
		a->done[i] = a->done[--a->ndone];
}

static void done_note(struct attachments *a, const struct elvs_if_info *info, enum elvs_hook hook)
{
	int i = done_index(a, info->ifindex);

	if (i < 0 && a->ndone < ATTACH_MAX)
		i = a->ndone++;
	if (i < 0)
		return;
	a->done[i].info = *info;
	a->done[i].hook = hook;
}

/* -EINPROGRESS: TC forwards already; to be called again when the XDP program is there. */
static int set(struct attachments *a, const struct link *l, enum elvs_hook hook)
{
	int i = done_index(a, l->ifindex), r;
	enum elvs_hook was = i >= 0 ? a->done[i].hook : 0;
	struct elvs_if_info info;

	info_of(l, &info);
	if (was == hook && !memcmp(&a->done[i].info, &info, sizeof(info)))
		return 0;
	r = elvs_attach(a->e, &info, hook);
	if (r < 0 && r != -EINPROGRESS)
		return r;
	done_note(a, &info, r ? ELVS_HOOK_TC : hook);
	if (r && was != ELVS_HOOK_TC)
		log_info("attached to %s: TC, and XDP as soon as its program is loaded", l->name);
	else if (!r && was != hook)
		log_info("attached to %s: %s", l->name,
			 hook == ELVS_HOOK_TC ? "TC" : hook == ELVS_HOOK_XDP ? "XDP" : "XDP and TC");
	return r;
}

int attachments_set(struct attachments *a, const struct link *l, enum elvs_hook hook)
{
	static const enum elvs_prog programs[] = { ELVS_PROG_XDP, ELVS_PROG_XDP_FRAGS };
	int r = set(a, l, hook);

	for (size_t i = 0; i < 2 && r == -EINPROGRESS; i++)
		if (!elvs_prog_loaded(a->e, programs[i])) {
			elvs_prog_fd(a->e, programs[i]);
			r = set(a, l, hook);
		}
	return r;
}

int attachments_unset(struct attachments *a, uint32_t ifindex)
{
	undone(a, ifindex);
	return elvs_detach(a->e, ifindex);
}

/* A device that refuses XDP gets TC, and is not asked again until its interface is a new one. */
static bool attach_planned(struct attachments *a, const struct link *l, enum elvs_hook hook)
{
	int i = done_index(a, l->ifindex), r;

	if (i >= 0)	/* what is attached stays: detaching can reset a device's queues */
		hook |= a->done[i].hook;
	r = set(a, l, hook);
	if (r >= 0 || r == -EINPROGRESS)
		return false;
	if (!(hook & ELVS_HOOK_XDP) || attachments_refused(a, l->ifindex)) {
		log_warn("cannot attach to %s: %s", l->name, elvs_strerror(a->e));
		return false;
	}
	log_warn("no XDP on %s, using TC: %s", l->name, elvs_strerror(a->e));
	if (a->nrefused == 64)
		a->nrefused = 0;
	a->refused[a->nrefused].ifindex = l->ifindex;
	memcpy(a->refused[a->nrefused].ifname, l->name, IFNAMSIZ);
	a->refused[a->nrefused++].error = r == -EBUSY || elvs_prog_loaded(a->e, ELVS_PROG_XDP) ? r : -ENOEXEC;
	r = set(a, l, ELVS_HOOK_TC);
	if (r < 0)
		log_warn("cannot attach to %s: %s", l->name, elvs_strerror(a->e));
	return true;
}

static void drop_vanished(struct attachments *a, const struct links *links)
{
	enum elvs_hook hook[ATTACH_MAX];
	uint32_t ifindex[ATTACH_MAX];
	size_t n = elvs_attachments(a->e, ifindex, hook, ATTACH_MAX);

	for (size_t i = 0; i < n && i < ATTACH_MAX; i++)
		if (!link_find(links, ifindex[i])) {
			attachments_unset(a, ifindex[i]);
		}
	for (size_t i = 0; i < a->nrefused;)
		if (!link_find(links, a->refused[i].ifindex))
			a->refused[i] = a->refused[--a->nrefused];
		else
			i++;
}

/* What an earlier director attached counts as attached, so that nothing is taken away. */
static void learn_adopted(struct attachments *a)
{
	enum elvs_hook hook[ATTACH_MAX];
	uint32_t ifindex[ATTACH_MAX];
	size_t n = elvs_attachments(a->e, ifindex, hook, ATTACH_MAX);

	for (size_t i = 0; i < n && i < ATTACH_MAX; i++)
		if (done_index(a, ifindex[i]) < 0 && a->ndone < ATTACH_MAX) {
			memset(&a->done[a->ndone], 0, sizeof(a->done[0]));
			a->done[a->ndone].info.ifindex = ifindex[i];
			a->done[a->ndone++].hook = hook[i];
		}
}

bool attachments_apply(struct attachments *a, const struct links *links, const struct plan *plan)
{
	bool refused = false;

	drop_vanished(a, links);
	learn_adopted(a);
	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_entry *p = &plan->entry[i];
		const struct link *l = link_find(links, p->ifindex);
		int at = done_index(a, p->ifindex);

		if (!l)
			continue;
		if (p->hook)
			refused |= attach_planned(a, l, p->hook);
		else if (at >= 0)	/* attached earlier: its MAC and MTU must stay right */
			set(a, l, a->done[at].hook);
	}
	return refused;
}

size_t attachments_xdp(const struct attachments *a, uint32_t *ifindex, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < a->ndone && n < max; i++)
		if (a->done[i].hook & ELVS_HOOK_XDP)
			ifindex[n++] = a->done[i].info.ifindex;
	return n;
}

void attachments_forget(struct attachments *a)
{
	unlink(a->file);
	a->nwanted = 0;
}
