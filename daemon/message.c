/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message - see message.h. Everything known about a message's form is in one table, made from MESSAGES.
 *
 * Invariant: what message_recv() returns has the sender's right to say it, its type's size, its descriptor or none as
 * the table says, and a NUL at the end of each of its strings.
 */
#include "message.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fdpass.h"

#define HEAD offsetof(struct message, conf)

/* The table's letters */
enum {
	KEEPER = 1 << ROLE_KEEPER,
	K = KEEPER,
	V = 1 << ROLE_VRRP,
	C = 1 << ROLE_CHECK,
	B = 1 << ROLE_BFD,
	S = 1 << ROLE_SCRIPT,
	T = 1 << ROLE_STATUS,
	N = 1 << ROLE_SNMP,
	D = 1 << ROLE_DBUS,
};

static const struct form {
	const char *name;
	uint32_t from, to; /* masks of roles */
	uint32_t size;	   /* of the payload */
	int fd;		   /* 1: one comes along, 0: none does, -1: may */
} forms[MSG_TYPES] = {
#define M(type, from, to, payload, fd) [type] = { #type, from, to, sizeof(struct payload), fd },
	MESSAGES(M)
#undef M
};

/* Where strings stand in payloads: their last byte is made a NUL. */
static const struct text {
	uint32_t type, at, size;
} texts[] = {
#define TEXT(type, member)                                                                    \
	{                                                                                     \
		type, offsetof(struct message, member), sizeof(((struct message *)0)->member) \
	}
	TEXT(MSG_MAIL, mail.subject),
	TEXT(MSG_MAIL, mail.body),
	TEXT(MSG_EXEC, exec.user),
	TEXT(MSG_EXEC, exec.group),
	TEXT(MSG_EXEC, exec.argv),
	TEXT(MSG_VRRP_STATE, vrrp_state.why),
	TEXT(MSG_VRRP_RESUME, vrrp_state.why),
	TEXT(MSG_BUS, bus.at),
	TEXT(MSG_CHECK_RESULT, check_result.text),
	TEXT(MSG_VRRP_COUNTS, vrrp_counts.vmac),
	TEXT(MSG_MAIL_DONE, mail_done.text),
#undef TEXT
};

static const struct form *form_of(uint32_t type)
{
	return type > MSG_NONE && type < MSG_TYPES ? &forms[type] : NULL;
}

size_t message_size(uint32_t type)
{
	const struct form *f = form_of(type);

	return f ? HEAD + f->size : 0;
}

const char *message_name(uint32_t type)
{
	const struct form *f = form_of(type);

	return f ? f->name : "MSG_?";
}

const char *role_name(enum role r)
{
	static const char *const names[ROLES] = { "keeper", "vrrp", "check", "bfd", "script", "status", "snmp", "dbus" };

	return (unsigned)r < ROLES ? names[r] : "?";
}

int message_send(int fd, struct message *m, int pass_fd)
{
	const struct form *f = form_of(m->type);
	int r;

	if (!f || (f->fd == 0 && pass_fd >= 0) || (f->fd == 1 && pass_fd < 0))
		return -EINVAL;
	m->size = f->size;
	r = fd_send_now(fd, m, HEAD + f->size, pass_fd);
	return r == -ECONNRESET ? -EPIPE : r;
}

static bool well_formed(const struct message *m, size_t len, enum role from, enum role to, bool has_fd)
{
	const struct form *f;

	if (len < HEAD || !(f = form_of(m->type)) || (from == ROLE_KEEPER) == (to == ROLE_KEEPER))
		return false; /* nobody has a socket but to the keeper */
	return m->size == f->size && len == HEAD + f->size && (f->from & 1u << from) && (f->to & 1u << to) &&
	       (f->fd == -1 || f->fd == has_fd);
}

static void end_strings(struct message *m)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].type == m->type)
			((char *)m)[texts[i].at + texts[i].size - 1] = '\0';
}

int message_recv(int fd, enum role from, enum role to, struct message *ret, int *ret_fd)
{
	ssize_t n = fd_recv_now(fd, ret, sizeof(*ret), ret_fd);

	if (n == -ECONNRESET)
		return 0;
	if (n == -EMSGSIZE)
		return -EBADMSG;
	if (n <= 0)
		return (int)n;
	if (!well_formed(ret, (size_t)n, from, to, *ret_fd >= 0)) {
		if (*ret_fd >= 0)
			close(*ret_fd);
		*ret_fd = -1;
		return -EBADMSG;
	}
	end_strings(ret);
	return 1;
}
