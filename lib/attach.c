/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach - programs on interfaces. XDP by a pinned link; TC by clsact filters of a fixed handle. Every interface
 * has TC, since TC finishes what XDP cannot.
 *
 * What is attached is written down in the pin directory, so that any process can take it over or undo it:
 *   links/xdp-IFINDEX      the XDP link
 *   links/tc-IFINDEX       (an empty directory) our filters are there
 *   links/clsact-IFINDEX   (an empty directory) and the clsact qdisc is ours as well
 */
#include "internal.h"
#include "tc.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void pin_path(char *buf, size_t size, const char *pin_dir, const char *what, uint32_t ifindex)
{
	snprintf(buf, size, "%s/links/%s-%u", pin_dir, what, ifindex);
}

static const char *if_text(uint32_t ifindex, char buf[IF_NAMESIZE + 16])
{
	if (!if_indextoname(ifindex, buf))
		snprintf(buf, IF_NAMESIZE + 16, "interface %u", ifindex);
	return buf;
}

static struct attachment *att_find(const struct elvs *e, uint32_t ifindex)
{
	for (size_t i = 0; i < e->natt; i++)
		if (e->att[i].ifindex == ifindex)
			return &e->att[i];
	return NULL;
}

static struct attachment *att_add(struct elvs *e, uint32_t ifindex)
{
	struct attachment *a = realloc(e->att, (e->natt + 1) * sizeof(*a));

	if (!a)
		return NULL;
	e->att = a;
	a = &a[e->natt++];
	*a = (struct attachment){ .ifindex = ifindex, .link_fd = -1 };
	return a;
}

static void att_del(struct elvs *e, struct attachment *a)
{
	*a = e->att[--e->natt];
}

static void note(const struct elvs *e, const char *what, uint32_t ifindex, bool there)
{
	char path[512];

	if (!e->pin_dir)
		return;
	pin_path(path, sizeof(path), e->pin_dir, what, ifindex);
	if (there)
		mkdir(path, 0700);
	else
		rmdir(path);
}

/* ---- the data plane's table of interfaces ---- */

static struct elvs_if *if_slot(const struct elvs *e, uint32_t ifindex)
{
	struct elvs_if *a = &e->ifs[ifindex % ELVS_IFS], *b = &e->ifs[(ifindex % ELVS_IFS) ^ 1];

	if (a->ifindex == ifindex || (!a->ifindex && b->ifindex != ifindex))
		return a;
	return b->ifindex == ifindex || !b->ifindex ? b : NULL;
}

static int if_write(struct elvs *e, const struct elvs_if_info *info)
{
	struct elvs_if *i = if_slot(e, info->ifindex);
	char name[IF_NAMESIZE + 16];

	if (!i)
		return fail(e, -ENOSPC, "%s: the table of interfaces has no place for index %u",
			    if_text(info->ifindex, name), info->ifindex);
	memcpy(i->mac, info->mac, sizeof(i->mac));
	i->mtu = info->mtu;
	i->flags = (info->partial ? ELVS_IF_PARTIAL : 0) | (info->noarp ? ELVS_IF_NOARP : 0) |
		   (info->xmit ? ELVS_IF_XMIT : 0);
	STORE(i->ifindex, info->ifindex);
	return 0;
}

static void if_clear(struct elvs *e, uint32_t ifindex)
{
	struct elvs_if *i = if_slot(e, ifindex);

	if (i && i->ifindex == ifindex)
		STORE(i->ifindex, 0);
}

/* ---- XDP ---- */

static int busy(struct elvs *e, uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	char name[IF_NAMESIZE + 16];
	int fd = bpf_xdp_query(ifindex, 0, &q) ? -1 : bpf_prog_get_fd_by_id(q.prog_id);

	if (fd >= 0) {
		bpf_obj_get_info_by_fd(fd, &info, &len);
		close(fd);
	}
	return fail(
		e, -EBUSY,
		"%s: another XDP program is attached there (id %u%s%s); take it off (ip link set dev %s xdp off) or "
		"attach elvs by TC",
		if_text(ifindex, name), q.prog_id, info.name[0] ? ", " : "", info.name, name);
}

/*
 * May the other program be taken where the plain one was not? Drivers say no to a large MTU with several errors, some
 * with that for "no XDP at all".
 */
static bool frags_may_do(int err, uint16_t mtu)
{
	return err != -ENODEV && err != -EPERM && (err != -EOPNOTSUPP || mtu > 1500);
}

/* A plain program where it may be, one for multi-buffer frames where the MTU demands it. */
static int xdp_link(struct elvs *e, uint32_t ifindex, uint16_t mtu)
{
	LIBBPF_OPTS(bpf_link_create_opts, o, .flags = XDP_FLAGS_DRV_MODE);
	char name[IF_NAMESIZE + 16];
	int fd, prog, err;

	prog = prog_want(e, ELVS_PROG_XDP);
	if (prog < 0)
		return prog;
	fd = bpf_link_create(prog, ifindex, BPF_XDP, &o);
	err = fd < 0 ? -errno : 0;
	if (err && err != -EBUSY && err != -EEXIST && frags_may_do(err, mtu)) {
		prog = prog_want(e, ELVS_PROG_XDP_FRAGS);
		if (prog < 0)
			return prog;
		fd = bpf_link_create(prog, ifindex, BPF_XDP, &o);
		if (fd < 0 && (errno == EBUSY || errno == EEXIST))
			err = -errno;
	}
	if (fd >= 0)
		return fd;
	if (err == -EBUSY || err == -EEXIST)
		return busy(e, ifindex);
	return fail(e, err, "%s: native XDP is not possible there (%s)%s", if_text(ifindex, name), strerror(-err),
		    err == -ENODEV || err == -EPERM ? "" : "; attach by TC instead");
}

static int xdp_attach(struct elvs *e, struct attachment *a)
{
	char path[512], name[IF_NAMESIZE + 16];
	const struct elvs_if *i = if_slot(e, a->ifindex);
	int fd = xdp_link(e, a->ifindex, i ? i->mtu : 0), r;

	if (fd < 0)
		return fd;
	if (e->pin_dir) {
		pin_path(path, sizeof(path), e->pin_dir, "xdp", a->ifindex);
		unlink(path); /* of an interface that is no more */
		if (bpf_obj_pin(fd, path)) {
			r = -errno;
			close(fd);
			return fail(e, r, "%s: the XDP link cannot be pinned at %s: %s", if_text(a->ifindex, name),
				    path, strerror(-r));
		}
	}
	a->link_fd = fd;
	return 0;
}

static void xdp_detach(struct elvs *e, struct attachment *a)
{
	char path[512];

	if (a->link_fd < 0)
		return;
	bpf_link_detach(a->link_fd);
	close(a->link_fd);
	a->link_fd = -1;
	a->stale = false;
	if (!e->pin_dir)
		return;
	pin_path(path, sizeof(path), e->pin_dir, "xdp", a->ifindex);
	unlink(path);
}

/* Puts the programs of this process in place of a former one's, without a packet in between going unseen. */
static int xdp_replace(struct elvs *e, int link_fd)
{
	int prog = prog_want(e, ELVS_PROG_XDP);

	if (prog < 0)
		return prog;
	if (!bpf_link_update(link_fd, prog, NULL))
		return 0;
	prog = prog_want(e, ELVS_PROG_XDP_FRAGS);
	if (prog < 0)
		return prog;
	return bpf_link_update(link_fd, prog, NULL) ? -errno : 0;
}

/* ---- both ---- */

static int tc_attach_noted(struct elvs *e, struct attachment *a)
{
	char why[256], name[IF_NAMESIZE + 16];
	bool made = false;
	int r = tc_attach(a->ifindex, e->prog_fd[ELVS_PROG_TC_IN], e->prog_fd[ELVS_PROG_TC_OUT], &made, why,
			  sizeof(why));

	if (made) {
		a->made_clsact = true;
		note(e, "clsact", a->ifindex, true);
	}
	if (r)
		return fail(e, r, "%s: TC programs cannot be attached: %s%s%s", if_text(a->ifindex, name),
			    strerror(-r), why[0] ? ": " : "", why);
	a->tc = true;
	note(e, "tc", a->ifindex, true);
	return 0;
}

int elvs_attach(struct elvs *e, const struct elvs_if_info *info, enum elvs_hook hook)
{
	struct attachment *a = att_find(e, info->ifindex);
	char why[sizeof(e->why)];
	bool was_there = a;
	int r = if_write(e, info);

	if (r)
		return r;
	if (!a)
		a = att_add(e, info->ifindex);
	if (!a)
		return fail(e, -ENOMEM, "out of memory");
	if (!a->tc)
		r = tc_attach_noted(e, a);
	if (!r && hook & ELVS_HOOK_XDP && a->link_fd < 0)
		r = xdp_attach(e, a);
	else if (!r && !(hook & ELVS_HOOK_XDP))
		xdp_detach(e, a);
	if (!r || r == -EINPROGRESS || was_there)
		return r;
	memcpy(why, e->why, sizeof(why)); /* not half attached: as it was before */
	elvs_detach(e, info->ifindex);
	memcpy(e->why, why, sizeof(why));
	return r;
}

static void att_undo(struct elvs *e, struct attachment *a)
{
	xdp_detach(e, a);
	if (a->tc || a->made_clsact)
		tc_detach(a->ifindex, a->made_clsact);
	note(e, "tc", a->ifindex, false);
	note(e, "clsact", a->ifindex, false);
	if_clear(e, a->ifindex);
}

int elvs_detach(struct elvs *e, uint32_t ifindex)
{
	struct attachment *a = att_find(e, ifindex);
	char name[IF_NAMESIZE + 16];

	if (!a)
		return fail(e, -ENOENT, "%s: nothing is attached there", if_text(ifindex, name));
	att_undo(e, a);
	att_del(e, a);
	return 0;
}

size_t elvs_attachments(const struct elvs *e, uint32_t *ifindex, enum elvs_hook *hook, size_t max)
{
	for (size_t i = 0; i < e->natt && i < max; i++) {
		ifindex[i] = e->att[i].ifindex;
		hook[i] = e->att[i].link_fd >= 0 ? ELVS_HOOK_BOTH : ELVS_HOOK_TC;
	}
	return e->natt;
}

void attach_end_all(struct elvs *e)
{
	for (size_t i = 0; i < e->natt; i++) {
		if (!e->pin_dir)
			att_undo(e, &e->att[i]);
		else if (e->att[i].link_fd >= 0)
			close(e->att[i].link_fd);
	}
	free(e->att);
	e->att = NULL;
	e->natt = 0;
}

/* ---- taking over, and undoing without an instance ---- */

static bool link_alive(int fd, uint32_t ifindex)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.xdp.ifindex == ifindex;
}

static void adopt_xdp(struct elvs *e, struct attachment *a)
{
	char path[512];
	int fd, r;

	pin_path(path, sizeof(path), e->pin_dir, "xdp", a->ifindex);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return;
	r = link_alive(fd, a->ifindex) ? xdp_replace(e, fd) : -ENODEV;
	if (!r || r == -EINPROGRESS) {
		a->link_fd = fd;
		a->stale = r;
		return;
	}
	close(fd); /* the interface has gone, or takes our programs no longer: TC does the work */
	unlink(path);
}

void attach_renew(struct elvs *e)
{
	for (size_t i = 0; i < e->natt; i++) {
		struct attachment *a = &e->att[i];
		int r = a->stale ? xdp_replace(e, a->link_fd) : 0;

		if (r == -EINPROGRESS)
			continue;
		a->stale = false;
		if (r) /* as in adopt_xdp() */
			xdp_detach(e, a);
	}
}

static int adopt_one(struct elvs *e, const char *what, uint32_t ifindex)
{
	struct attachment *a = att_find(e, ifindex);

	if (!a)
		a = att_add(e, ifindex);
	if (!a)
		return fail(e, -ENOMEM, "out of memory");
	if (!strcmp(what, "xdp"))
		adopt_xdp(e, a);
	else if (!strcmp(what, "clsact"))
		a->made_clsact = true;
	return 0;
}

/* f for every line of the pin directory's links; stops at its first error. */
static int links_each(const char *pin_dir, int (*f)(void *arg, const char *what, uint32_t ifindex), void *arg)
{
	char path[512];
	struct dirent **name;
	int n, r = 0;

	snprintf(path, sizeof(path), "%s/links", pin_dir);
	n = scandir(path, &name, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char what[16];
		uint32_t ifindex;

		if (!r && sscanf(name[i]->d_name, "%15[a-z]-%u", what, &ifindex) == 2)
			r = f(arg, what, ifindex);
		free(name[i]);
	}
	if (n >= 0)
		free(name);
	return r;
}

static int adopt_line(void *arg, const char *what, uint32_t ifindex)
{
	return adopt_one(arg, what, ifindex);
}

int attach_adopt(struct elvs *e)
{
	int r = links_each(e->pin_dir, adopt_line, e);

	for (size_t i = 0; !r && i < e->natt;) {
		struct attachment *a = &e->att[i];

		if (tc_attach_noted(e, a) == -ENODEV) { /* the interface vanished while nobody looked */
			att_undo(e, a);
			att_del(e, a);
			continue;
		}
		i++;
	}
	return r;
}

static int undo_line(void *arg, const char *what, uint32_t ifindex)
{
	const char *pin_dir = arg;
	char path[512];
	int fd;

	pin_path(path, sizeof(path), pin_dir, what, ifindex);
	if (!strcmp(what, "xdp")) {
		fd = bpf_obj_get(path);
		if (fd >= 0) {
			bpf_link_detach(fd);
			close(fd);
		}
		unlink(path);
	} else { /* "clsact" sorts before "tc": removing the qdisc takes the filters along */
		tc_detach(ifindex, !strcmp(what, "clsact"));
		rmdir(path);
	}
	return 0;
}

static void remove_dir(const char *pin_dir, const char *sub)
{
	char path[1024];
	struct dirent **name;
	int n;

	snprintf(path, sizeof(path), "%s/%s", pin_dir, sub);
	n = scandir(path, &name, NULL, NULL);
	for (int i = 0; i < n; i++) {
		if (name[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s/%s", pin_dir, sub, name[i]->d_name);
			unlink(path);
		}
		free(name[i]);
	}
	if (n >= 0)
		free(name);
	snprintf(path, sizeof(path), "%s/%s", pin_dir, sub);
	rmdir(path);
}

int elvs_destroy(const char *pin_dir)
{
	char why[600];
	int r;

	if (!pin_dir || access(pin_dir, F_OK))
		return 0;
	links_each(pin_dir, undo_line, (void *)pin_dir);
	snprintf(why, sizeof(why), "%s/maps/settings", pin_dir);
	unlink(why); /* first: killed from here on, it is no instance any more */
	remove_dir(pin_dir, "links");
	remove_dir(pin_dir, "maps");
	remove_dir(pin_dir, "chunks");
	if (!rmdir(pin_dir))
		return 0;
	r = -errno;
	snprintf(why, sizeof(why), "%s cannot be removed: %s", pin_dir, strerror(-r));
	fail_without_instance(why);
	return r;
}
