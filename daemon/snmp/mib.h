/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mib - objects by their identifier: a table of tables, each with its columns, over a view (view.h).
 *
 * Pure, but for the interfaces that a view looks up. What an object means stands in the MIBs (KEEPALIVED-MIB,
 * RFC 2787, RFC 6527); here is only where its value comes from. Nothing here can be written: the configuration is the
 * one place where things are set.
 */
#ifndef ELVS_SNMP_MIB_H
#define ELVS_SNMP_MIB_H

#include "agentx.h"
#include "view.h"

#define MIB_KEEPALIVED 1, 3, 6, 1, 4, 1, 9586, 100, 5
#define MIB_VRRP 1, 3, 6, 1, 2, 1, 68
#define MIB_VRRPV3 1, 3, 6, 1, 2, 1, 207

/* One row (or the one instance of a scalar): which, and where its values lie. */
struct row_at {
	const struct view *view;
	uint32_t i[3];	   /* places in the configuration's lists */
	const void *obj;   /* a struct of conf.h, or whatever the table's columns expect */
	const void *fact;  /* what is known at run time */
	struct line *line; /* room for a route or rule */
};

/* Where a value comes from: a field of obj or fact at an offset, or a function. */
enum how {
	HOW_GET,   /* get() */
	HOW_CONST, /* `at' itself */
	HOW_U8,
	HOW_U16,
	HOW_U32, /* and int32_t */
	HOW_U64,
	HOW_BOOL,    /* 1: true, 2: false */
	HOW_STR,     /* "" is a string, too */
	HOW_STR_OPT, /* "" and NULL: there is none */
	HOW_ADDR,    /* struct conf_addr; family 0: there is none */
	HOW_ADDR_TYPE,
	HOW_SECS,  /* microseconds, in seconds */
	HOW_CENTI, /* in hundredths of a second */
	HOW_USECS,
	HOW_SCRIPT, /* struct conf_script; none: there is none */
};

/* False: this row has no such thing. The type is set already. */
typedef bool column_get(const struct row_at *r, struct value *v);

struct column {
	uint8_t id;
	uint8_t type; /* enum agentx_value_type */
	uint8_t how;
	bool of_fact; /* else of obj */
	uint32_t at;
	column_get *get;
};

struct table {
	uint32_t oid[16]; /* up to where the column's number follows */
	uint8_t n_oid;
	uint8_t n_index; /* elements of an instance; 0: scalars, instance 0. Keyed tables: the most */
	uint8_t n_columns;
	uint8_t part;	  /* enum part; any of them */
	uint8_t need;	  /* enum need */
	uint8_t first[3]; /* number of the first row at each level */
	const struct column *columns;
	/* How many rows there are at this level, below i[0..level - 1] */
	uint32_t (*count)(const struct view *v, unsigned level, const uint32_t *i);
	/*
	 * Tables whose instances are no plain numbers: rows are counted by count(v, 0, NULL) in any order, and each has
	 * a key, returned by its length; 0: it has none (now).
	 */
	uint32_t (*key)(const struct view *v, uint32_t k, uint32_t *ret);
	bool (*row)(struct row_at *r); /* fills obj and fact of the row at r->i; false: it is not there */
};

/* The tables of all files, in the order of their OIDs. */
extern const struct table mib_global[], mib_vrrp[], mib_track[], mib_lines[], mib_lvs[], mib_vsg[], mib_rfc2787[],
	mib_rfc6527[];
extern const unsigned mib_global_n, mib_vrrp_n, mib_track_n, mib_lines_n, mib_lvs_n, mib_vsg_n, mib_rfc2787_n,
	mib_rfc6527_n;

/* v: its type and value, or NO_OBJECT, NO_INSTANCE. 0; -EAGAIN: *ret_need must be known first. */
int mib_get(const struct view *view, const struct oid *name, struct value *v, unsigned *ret_need);
/* The first instance behind s->start (or it itself: include), before s->end. END_OF_MIB if there is none. */
int mib_next(const struct view *view, const struct agentx_search *s, struct oid *ret_name, struct value *v,
	     unsigned *ret_need);

/* For column_get functions */
bool give_number(struct value *v, uint64_t n);			    /* true */
bool give_bytes(struct value *v, const void *bytes, size_t n);	    /* true */
bool give_text(struct value *v, const char *text);		    /* true; NULL: false */
bool give_address(struct value *v, const struct conf_addr *a);	    /* family 0: false */
bool give_address_type(struct value *v, const struct conf_addr *a); /* 1 IPv4, 2 IPv6 */
bool give_script(struct value *v, const struct conf_script *s);	    /* as keepalived writes it; none: false */

/* The rows of column tables */
#define C_FIELD(id, type, how, struct_, member)                                            \
	{                                                                                  \
		id, VALUE_##type, HOW_##how, false, offsetof(struct struct_, member), NULL \
	}
#define C_FACT(id, type, how, struct_, member)                                            \
	{                                                                                 \
		id, VALUE_##type, HOW_##how, true, offsetof(struct struct_, member), NULL \
	}
#define C_GET(id, type, f)                             \
	{                                              \
		id, VALUE_##type, HOW_GET, false, 0, f \
	}
#define C_IS(id, type, n)                                   \
	{                                                   \
		id, VALUE_##type, HOW_CONST, false, n, NULL \
	}
#define COLUMNS(list) .columns = list, .n_columns = sizeof(list) / sizeof((list)[0])
#define TABLE_OID(...) .oid = { __VA_ARGS__ }, .n_oid = sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t)

#endif
