/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message_fuzz - any datagrams from any role: what comes through has its type's form, and strings that end.
 *
 * Input: a byte that says who sends, then datagrams, each after a length of two bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/message.h"
#include "daemon/script/child.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

static void ends(const char *s, size_t size)
{
	if (strnlen(s, size) == size)
		abort();
}

static void look(struct message *m, enum role from, enum role to)
{
	char *argv[CHILD_ARGS_MAX + 1];

	if (m->type == MSG_NONE || m->type >= MSG_TYPES || (from == ROLE_KEEPER) == (to == ROLE_KEEPER))
		abort();
	if (m->size + offsetof(struct message, conf) != message_size(m->type))
		abort();
	if (m->type == MSG_CHECK_RESULT)
		ends(m->check_result.text, sizeof(m->check_result.text));
	else if (m->type == MSG_VRRP_STATE)
		ends(m->vrrp_state.why, sizeof(m->vrrp_state.why));
	else if (m->type == MSG_MAIL_DONE)
		ends(m->mail_done.text, sizeof(m->mail_done.text));
	else if (m->type == MSG_MAIL)
		ends(m->mail.body, sizeof(m->mail.body));
	else if (m->type == MSG_EXEC && child_args(m->exec.argv, sizeof(m->exec.argv), m->exec.argc, argv) == 0)
		for (unsigned i = 0; i < m->exec.argc; i++)
			if (argv[i] < m->exec.argv ||
			    argv[i] + strlen(argv[i]) >= m->exec.argv + sizeof(m->exec.argv))
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	enum role from = len ? in[0] % ROLES : 0, to = len ? in[0] / ROLES % ROLES : 0;
	struct message m;
	int sv[2], fd, r;

	if (len < 1 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return 0;
	for (size_t at = 1; at + 2 <= len;) {
		size_t n = (size_t)(in[at] | in[at + 1] << 8);

		at += 2;
		if (n > len - at)
			n = len - at;
		if (send(sv[0], in + at, n, MSG_DONTWAIT) < 0)
			break;
		r = message_recv(sv[1], from, to, &m, &fd);
		if (r == 1)
			look(&m, from, to);
		if (fd >= 0)
			abort(); /* none was sent */
		at += n;
	}
	close(sv[0]);
	close(sv[1]);
	return 0;
}
