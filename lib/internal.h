/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * internal - what the files of libelvs share: the instance, its in-memory indexes, and who offers what to whom.
 * Not for other folders.
 *
 * Everything that must outlive the process lies in the maps. The records here (struct svc_rec, dest_rec, addr_rec)
 * are an index beside them, rebuilt by index_build() whenever an instance is opened.
 */
#ifndef ELVS_LIB_INTERNAL_H
#define ELVS_LIB_INTERNAL_H

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "../abi/hash.h"
#include "../abi/maps.h"
#include "elvs.h"
#include "extent.h"
#include "weights.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LOAD(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define STORE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELEASE)

static inline uint32_t pow2(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static inline uint32_t clamp(uint64_t n, uint32_t lo, uint32_t hi)
{
	return n < lo ? lo : n > hi ? hi : n;
}

enum { UNUSED = 0, LIVE = 1, TRASH = 2 };	/* elvs_svc.used, elvs_dest.used */

struct elvs_bpf;	/* the skeleton; only maps.c and programs.c see into it */

/* ---- window.c: the first part of a flat map, as far as it is used, mapped into this process ---- */
struct window {
	int fd;			/* borrowed */
	uint8_t *at;		/* address space for the whole map */
	size_t bytes, mapped;
};
int window_open(struct elvs *e, struct window *w, int fd, size_t bytes);	/* nothing is mapped yet */
int window_reach(struct elvs *e, struct window *w, size_t bytes);	/* at least; nothing moves */
void window_shrink(struct window *w, size_t bytes);	/* not much more than so many */
void window_close(struct window *w);

/* ---- chunk.c: a map of arrays; those that are looked at are mapped into this process ---- */
struct dir {
	struct elvs *e;
	int fd;			/* of the outer map; borrowed */
	int first_fd;		/* of chunk 0, for dir_grace() */
	int *inner_fd;		/* of all chunks; NULL = opened when one is to be mapped again */
	const char *name;
	uint32_t value_size;	/* of an inner entry */
	uint32_t entries;	/* of an inner array */
	bool whole;		/* to the kernel an inner array is one value: the data plane indexes it itself */
	bool rests;		/* unmapped by dir_rest() */
	uint32_t max, count;	/* chunks: possible, present (always the first `count`) */
	uint32_t nmapped;
	uint8_t **chunk;	/* NULL = not mapped just now */
};
enum dir_use { DIR_STAYS, DIR_RESTS, DIR_RESTS_WITH_FDS };	/* its chunks stay mapped, or may be unmapped */
int dir_open(struct elvs *e, struct dir *d, int fd, const char *name, uint32_t value_size, uint32_t entries,
	     bool whole, enum dir_use use);
int dir_grow(struct elvs *e, struct dir *d, uint32_t count);
/* Waits until no CPU runs a program that began before the call. */
void dir_grace(struct dir *d);
/* Maps chunk i again. -errno */
int dir_map(struct dir *d, uint32_t i);
/* The same for dir_at(): without memory for it the process ends, as when its own memory runs out. */
void dir_must_map(struct dir *d, uint32_t i);
/* Unmaps if more than so many chunks are mapped: pointers that dir_at() gave are no longer valid. */
void dir_rest(struct dir *d, uint32_t more_than);
void dir_close(struct dir *d);
static inline void *dir_at(const struct dir *d, uint32_t i)
{
	if (__builtin_expect(!d->chunk[i / d->entries], 0))
		dir_must_map((struct dir *)d, i / d->entries);
	return d->chunk[i / d->entries] + (size_t)(i % d->entries) * d->value_size;
}
void *map_mmap(int fd, size_t bytes);
int map_info(int fd, uint32_t *type, uint32_t *value_size, uint32_t *max_entries);

/* ---- stats.c ---- */
#define DESTS_MAPPED 4	/* chunks of destinations that stay mapped between calls of the library */
#define NCOUNTERS 5	/* conns, inpkts, outpkts, inbytes, outbytes */
struct rate {
	uint64_t last[NCOUNTERS];
	int64_t est[NCOUNTERS];
};

/* ---- the index ---- */
struct svc_rec {
	uint32_t hash_next;
	uint32_t prev, next;	/* all live services, newest first; 0 ends */
	uint32_t head;		/* live destinations, newest first */
	uint32_t trash;		/* number of destinations in the trash */
	uint32_t vip;		/* record of its address, 0 = none (fwmark) */
	uint32_t vip_prev, vip_next;
	uint32_t dirty_next;
	bool dirty;		/* the table in sched_dir is not that of the destinations */
	bool has_ep;
	bool seen;		/* rate.last is set */
	uint64_t idle_ms;	/* trash: since when nothing refers to it, 0 = still referenced */
	struct weights *weights; /* wrr only; NULL = not counted yet */
	struct rate rate;
};

struct dest_rec {
	uint32_t hash_next;
	uint32_t prev, next;	/* live: of its service; trash: of all trash */
	uint32_t addr;
	uint32_t addr_prev, addr_next;
	bool was_masq;		/* connections may still be translated */
	bool local;		/* counted in nlocal */
	bool seen;
	uint64_t idle_ms;
	struct rate *rate;	/* NULL = nothing was counted yet */
};

/* An address: of destinations (first = destination id) or of services (first = service index) */
struct addr_rec {
	union elvs_addr addr;
	uint16_t af;
	bool local;		/* services */
	bool held;		/* services: it stands on an interface other than a loopback */
	uint8_t mode;		/* services: enum elvs_vip_mode */
	uint32_t mode_slot;	/* services: 1 + where the mode stands in vip_dir; 0 = it is DEFAULT */
	bool known;		/* destinations: their next hop has been told, and stands in each of them */
	uint32_t refs;		/* 0 = free */
	uint32_t first;
	uint32_t hash_next;
};
struct addr_table {
	struct addr_rec *rec;	/* [0] unused */
	uint32_t count, size, free;
	uint32_t *bucket, mask;
};

enum { W_SETTINGS, W_SVCS, W_EPS, W_LOADS, W_RS_FILTER, W_IFS, W_CPUS, WINDOWS };

struct attachment {
	uint32_t ifindex;
	int link_fd;		/* XDP; -1 = TC only */
	bool stale;		/* XDP still runs a former process's program */
	bool made_clsact;
	bool tc;
};

#define PROG_CTL (ELVS_PROG_TC_MARK + 1)	/* beside enum elvs_prog: the control program */
#define PROGS (PROG_CTL + 1)

struct elvs {
	char why[512];
	char *pin_dir;
	bool adopted, manual_clock;
	uint32_t ncpus, cpu_slots;	/* possible CPUs; rounded up to a power of two */
	uint32_t max_conns;
	uint32_t nh_entries;		/* of nh_cache; a power of two */
	uint32_t dest_bytes;		/* of a destination with its per-CPU counters */

	struct elvs_bpf *skel;		/* what the object says of the maps; NULL once it is open */
	int *map_fd;			/* of every map, in the object's order */
	size_t nmaps;
	int prog_fd[PROGS];		/* -1 = not loaded */
	int prog_error[PROGS];		/* it was refused, and why */
	char *prog_why[PROGS];
	struct loader *loader;		/* of an XDP program, in the background */
	int loaded_fd;			/* tells its end; -1 = nothing is loaded in the background */
	int probe4_fd;			/* sockets that ask the kernel what kind of address it is */
	uint64_t fixed_bytes;		/* memory of the maps that do not grow */

	/* the maps */
	struct window window[WINDOWS];	/* behind the following pointers */
	struct elvs_settings *set;
	struct elvs_svc *svcs;		/* up to svc_top */
	struct elvs_ep_line *eps;	/* up to the present level's end */
	struct elvs_load *loads;	/* up to dest_top */
	uint64_t *rs_filter;
	struct elvs_if *ifs;
	struct elvs_cpu *cpus;
	struct dir conn, wconn, dest, sched, vip_modes, checks;
	int check_flows_fd;		/* of the outer map; borrowed */

	/* the index */
	struct svc_rec *srec;		/* ELVS_MAX_SVCS */
	struct dest_rec *drec;		/* ELVS_MAX_DESTS, touched as used */
	uint32_t svc_head, svc_free, svc_top;	/* live list; free list; first index never used */
	uint32_t dest_free, dest_top, trash_head;
	uint32_t nsvcs[2], ntrash_svcs;	/* live, by family (IPv4, IPv6) */
	uint32_t ndests, ntrash;
	uint32_t nlocal;		/* destinations, live or trash, that are this host */
	uint32_t nfwmark, nport0, mark_generation;
	uint32_t *svc_bucket, *dest_bucket;
	uint32_t dest_mask, dest_hashed;	/* of dest_bucket: size - 1; destinations in it */
	uint64_t seq;			/* last one given out */
	struct addr_table daddrs, vips;
	uint32_t ep_count;
	uint32_t dirty_head;
	int late_error;			/* of a table written early in a batch: told at its end */
	int batch;
	struct extents extents;
	bool filter_stale;		/* rs_filter has bits of destinations that are gone */
	uint64_t filter_ms, rate_ms, now_ms;
	bool tended;			/* the following are set */
	int64_t conns_before, wconns_before; /* alive when elvs_tend() came last */

	struct check_index *check_index; /* check.c; NULL until there is one */
	struct attachment *att;
	size_t natt;
	char verdict_name[ELVS_V_COUNT][24];
};

/* ---- error.c ---- */
/* Keeps the sentence for elvs_strerror() and returns err. */
int fail(struct elvs *e, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void fail_without_instance(const char *why);
/* While quiet, what libbpf has to say goes into `to` instead of stderr. */
struct bpf_silence {
	struct bpf_silence *outer;
	char *to;
	size_t size;
};
void bpf_silence_begin(struct bpf_silence *s, char *to, size_t size);
void bpf_silence_end(struct bpf_silence *s);

static inline struct elvs_dest *dest_at(const struct elvs *e, uint32_t id)
{
	return dir_at(&e->dest, id);
}
/* Entry `off` of a chunk of scheduler tables, which is one value of the map. */
static inline uint32_t *sched_at(const struct elvs *e, uint32_t chunk, uint32_t off)
{
	return (uint32_t *)e->sched.chunk[chunk] + off;
}
static inline const struct elvs_stats *dest_stats(const struct elvs *e, uint32_t id, uint32_t cpu)
{
	return (const struct elvs_stats *)((const uint8_t *)dest_at(e, id) + sizeof(struct elvs_dest)) + cpu;
}
static inline bool dest_referenced(const struct elvs *e, uint32_t id)
{
	const struct elvs_load *l = &e->loads[id];

	return LOAD(l->act) || LOAD(l->inact) || LOAD(dest_at(e, id)->persist);
}
static inline uint8_t kind_of(uint16_t af)
{
	return af == AF_INET6 ? ELVS_WK_V6 : ELVS_WK_V4;
}
static inline uint16_t family_of(uint8_t kind)
{
	return kind == ELVS_WK_V6 ? AF_INET6 : AF_INET;
}

/* ---- index.c ---- */
int index_build(struct elvs *e);
void index_free(struct elvs *e);
uint32_t svc_find(const struct elvs *e, const struct elvs_svc_key *k);	/* live or trash; 0 = none */
void svc_hash_add(struct elvs *e, uint32_t i);
void svc_hash_del(struct elvs *e, uint32_t i);
uint32_t dest_find(const struct elvs *e, uint32_t svc, uint16_t af, const union elvs_addr *a, uint16_t port);
void dest_hash_add(struct elvs *e, uint32_t id);
void dest_hash_del(struct elvs *e, uint32_t id);

/* ---- address.c ---- */
uint32_t addr_find(const struct addr_table *t, uint16_t af, const union elvs_addr *a);
/* Counts a reference; 0 = no memory */
uint32_t addr_get(struct addr_table *t, uint16_t af, const union elvs_addr *a);
void addr_put(struct addr_table *t, uint32_t i);
void addr_table_free(struct addr_table *t);
int addr_check_dest(struct elvs *e, uint16_t af, const union elvs_addr *a);	/* unicast or local */
const char *addr_text(uint16_t af, const union elvs_addr *a, char buf[INET6_ADDRSTRLEN]);
union elvs_addr addr_clean(uint16_t af, const union elvs_addr *a);

/* ---- hop.c ---- */
void hop_apply(struct elvs *e, uint32_t id);	/* what is known of the destination's address, into its entry */
void hop_adopt(struct elvs *e, uint32_t id);	/* and back: from the entry of a former process */
/* After any change of a destination's use, method or next hop: is one this very host? (ELVS_SET_LOCAL) */
void hop_local_note(struct elvs *e, uint32_t id);
void hop_local_flag(struct elvs *e);

/* ---- vip.c ---- */
bool vip_is_live(const struct addr_rec *a);
bool vip_is_muted(const struct addr_rec *a);
int vip_modes_adopt(struct elvs *e);

/* ---- check.c ---- */
int checks_adopt(struct elvs *e);
void checks_free(struct elvs *e);
uint64_t checks_bytes(const struct elvs *e);	/* of what is no dir */

/* ---- service.c ---- */
uint32_t svc_live(struct elvs *e, const struct elvs_svc_key *k);	/* 0 and the sentence if there is none */
void svc_key_of(const struct elvs_svc *s, struct elvs_svc_key *ret);
void svc_free(struct elvs *e, uint32_t i);
void svc_list_add(struct elvs *e, uint32_t i);
void svc_vip_add(struct elvs *e, uint32_t i);
void svc_fwmark_flag(struct elvs *e);

/* ---- dest.c ---- */
void dest_to_trash(struct elvs *e, uint32_t id);
void dest_free(struct elvs *e, uint32_t id);
void dest_live_add(struct elvs *e, uint32_t id);
void dest_addr_add(struct elvs *e, uint32_t id);
void dest_trash_add(struct elvs *e, uint32_t id);

/* ---- endpoint.c ---- */
struct ep_table {
	struct elvs_ep_line *lines;
	struct elvs_settings *set;
	uint32_t count;
	int (*reach)(struct elvs *e, uint32_t lines);	/* before so many lines are used; NULL = all may be */
	struct elvs *e;
};
int ep_add(struct ep_table *t, const struct elvs_ep *ep);
struct elvs_ep *ep_find(const struct ep_table *t, uint8_t kind, const uint32_t addr[4], uint16_t port, uint8_t proto);
bool ep_del(struct ep_table *t, uint8_t kind, const uint32_t addr[4], uint16_t port, uint8_t proto);

/* ---- svc_ep.c: which services have an endpoint, and with which flags ---- */
int svc_ep_update(struct elvs *e, uint32_t i);
void svc_ep_remove(struct elvs *e, uint32_t i);
void svc_ep_family(struct elvs *e, uint16_t af);
int svc_ep_reach(struct elvs *e);	/* the present level can be read */
int svc_ep_adopt(struct elvs *e);

/* ---- schedule.c: the services' tables ---- */
void sched_touch(struct elvs *e, uint32_t svc);		/* before any change of its destinations or scheduler */
void sched_reset(struct elvs *e, uint32_t svc);		/* scheduler bound anew */
void sched_dest_added(struct elvs *e, uint32_t svc, uint32_t id);
void sched_dest_removing(struct elvs *e, uint32_t svc, uint32_t id);	/* while it still stands in the list */
void sched_dest_removed(struct elvs *e, uint32_t svc, int32_t weight);
void sched_dest_edited(struct elvs *e, uint32_t svc, int32_t old_weight, int32_t weight);
void sched_drop(struct elvs *e, uint32_t svc);		/* service deleted: no table */
int sched_flush(struct elvs *e, uint32_t svc);		/* write it now, unless in a batch */
int sched_flush_all(struct elvs *e);
int sched_adopt(struct elvs *e);

/* ---- filter.c: Bloom filter of NAT real servers ---- */
void filter_add(struct elvs *e, uint32_t id);
void filter_rebuild(struct elvs *e);

/* ---- stats.c ---- */
void dest_raw(const struct elvs *e, uint32_t id, uint64_t ret[NCOUNTERS]);
void dest_passive(const struct elvs *e, uint32_t id, struct elvs_passive *ret);
void svc_raw(const struct elvs *e, uint32_t i, uint64_t ret[NCOUNTERS]);	/* live destinations and those gone */
void svc_counts_keep(struct elvs *e, uint32_t i);	/* before its `gone' is forgotten; clears it */
/* r NULL: none */
void counters_fill(struct elvs_counters *ret, const uint64_t raw[NCOUNTERS], const __u64 zero[NCOUNTERS],
		   const struct rate *r);
void rate_forget(struct rate **r);
void rates_update(struct elvs *e);

/* ---- conn.c ---- */
int conns_init(struct elvs *e, uint32_t start_conns);
void conns_limit(struct elvs *e);	/* max_conns into the settings */
void conns_grow(struct elvs *e);
void conns_alive(const struct elvs *e, int64_t *narrow, int64_t *wide);

/* ---- tend.c ---- */
/* Frees what is in the trash without references, after a grace period: for when ids run out. */
void trash_reap_now(struct elvs *e);

/* ---- attach.c ---- */
int attach_adopt(struct elvs *e);
void attach_end_all(struct elvs *e);

void attach_renew(struct elvs *e);	/* programs have been loaded: in place of a former process's */

/* ---- maps.c ---- */
int pins_find(struct elvs *e);	/* is there an instance? Sets `adopted`; sweeps away what is none */
int pins_make(struct elvs *e);
int maps_make(struct elvs *e);	/* or takes them over; the programs follow */
int maps_open(struct elvs *e);	/* the pointers and dirs of struct elvs */
void maps_done(struct elvs *e);	/* all is open: the object's description goes */
void maps_close(struct elvs *e);

/* ---- programs.c ---- */
#define PROGRAM_LOADERS 2
struct loader;
int programs_init(struct elvs *e, bool xdp_later);
/* Begins to load all but XDP's, in threads that use the maps' descriptors only. Each begin has its end. */
void programs_begin(struct elvs *e, struct loader *ret[PROGRAM_LOADERS]);
int programs_end(struct elvs *e, struct loader *l[PROGRAM_LOADERS]);
void programs_close(struct elvs *e);
/* As elvs_prog_fd(); but -EINPROGRESS instead of waiting, where loading goes on in the background. */
int prog_want(struct elvs *e, enum elvs_prog p);
int load_error(struct elvs *e, int r, const char *log);
struct elvs_bpf *skeleton_open(void);	/* NULL: errno */

/* ---- instance.c ---- */
int ctl_run(struct elvs *e, uint32_t op, uint32_t arg, uint32_t *ret_result);

#endif
