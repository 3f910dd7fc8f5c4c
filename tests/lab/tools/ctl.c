/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-ctl - what keepalived's roles ask of a director, asked by hand: modes of virtual addresses, marks of health
 * checks; and a health check's request on a socket with such a mark. A tool of the lab, never installed.
 *
 * usage: lab-ctl vip ADDRESS live|muted|default
 *        lab-ctl vips                            ADDRESS MODE [local] [live], a line each
 *        lab-ctl mark VIP SERVER dr|tun          prints the mark
 *        lab-ctl unmark MARK
 *        lab-ctl marks                           VIP SERVER METHOD MARK, a line each
 *        lab-ctl get MARK SERVER PORT            one HTTP request; what came, or why nothing did
 *        lab-ctl ask MARK SERVER PORT            one datagram, likewise
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_wire.h"
#include "peer.h"

#define WAIT_SEC 2

static const char *const modes[] = { "default", "live", "muted", "held" };

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "lab-ctl: %s: %s\n", what, why);
	exit(1);
}

static uint32_t number(const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (!*text || *end || v > UINT32_MAX)
		die(text, "is no number");
	return v;
}

static union peer peer_of(const char *host, uint16_t port)
{
	union peer p;

	if (!peer_parse(&p, host, port))
		die(host, "is no address");
	return p;
}

/* ---- talking to the director ---- */

static struct ctl *director(void)
{
	const char *why = "";
	struct ctl *c;
	int r = ctl_open(&c, 0, &why);

	if (r < 0)
		die(strerror(-r), why);
	return c;
}

static void call(struct ctl *c, struct nlmsghdr *nlh, int (*f)(const struct nlmsghdr *, void *))
{
	int r = ctl_call(c, nlh, f, NULL);

	if (r < 0)
		die(strerror(-r), ctl_why(c));
	ctl_close(c);
}

static void put_addr(struct nlmsghdr *nlh, uint16_t attr, const char *text)
{
	union peer p = peer_of(text, 0);

	if (p.sa.sa_family == AF_INET6)
		mnl_attr_put(nlh, attr, 16, &p.in6.sin6_addr);
	else
		mnl_attr_put(nlh, attr, 4, &p.in.sin_addr);
	if (attr == ELVS_ATTR_ADDR)
		mnl_attr_put_u32(nlh, ELVS_ATTR_AF, p.sa.sa_family);
}

/* ---- answers ---- */

static uint32_t u32_of(const struct nlmsghdr *nlh, uint16_t attr)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) if (mnl_attr_get_type(a) == attr)
	{
		if (mnl_attr_validate(a, MNL_TYPE_U32) < 0)
			die("answer", "a number that is none");
		return mnl_attr_get_u32(a);
	}
	die("answer", "an attribute is missing");
}

static const char *addr_of(const struct nlmsghdr *nlh, uint16_t attr, char buf[INET6_ADDRSTRLEN])
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) if (mnl_attr_get_type(a) == attr)
	{
		if (mnl_attr_get_payload_len(a) != 16 ||
		    !inet_ntop(u32_of(nlh, ELVS_ATTR_AF), mnl_attr_get_payload(a), buf, INET6_ADDRSTRLEN))
			die("answer", "an address that is none");
		return buf;
	}
	die("answer", "an address is missing");
}

static int print_vip(const struct nlmsghdr *nlh, void *arg)
{
	uint32_t mode = u32_of(nlh, ELVS_ATTR_VIP_MODE), state = u32_of(nlh, ELVS_ATTR_VIP_STATE);
	char addr[INET6_ADDRSTRLEN];

	printf("%s %s%s%s\n", addr_of(nlh, ELVS_ATTR_ADDR, addr), mode <= ELVS_VIP_MODE_HELD ? modes[mode] : "?",
	       state & ELVS_VIP_IS_LOCAL ? " local" : "", state & ELVS_VIP_IS_LIVE ? " live" : "");
	return 0;
}

static int print_mark(const struct nlmsghdr *nlh, void *arg)
{
	printf("0x%x\n", u32_of(nlh, ELVS_ATTR_MARK));
	return 0;
}

static int print_check(const struct nlmsghdr *nlh, void *arg)
{
	char vip[INET6_ADDRSTRLEN], rs[INET6_ADDRSTRLEN];

	printf("%s %s %s 0x%x %u\n", addr_of(nlh, ELVS_ATTR_ADDR, vip), addr_of(nlh, ELVS_ATTR_RADDR, rs),
	       u32_of(nlh, ELVS_ATTR_METHOD) == IP_VS_CONN_F_TUNNEL ? "tun" : "dr", u32_of(nlh, ELVS_ATTR_MARK),
	       u32_of(nlh, ELVS_ATTR_OVERHEAD));
	return 0;
}

/* ---- questions ---- */

static void set_vip(const char *addr, const char *mode)
{
	struct ctl *c = director();
	struct nlmsghdr *nlh = ctl_request(c, ELVS_CMD_SET_VIP, NLM_F_ACK);
	uint32_t m = 0;

	while (m <= ELVS_VIP_MODE_HELD && strcmp(modes[m], mode))
		m++;
	put_addr(nlh, ELVS_ATTR_ADDR, addr);
	mnl_attr_put_u32(nlh, ELVS_ATTR_VIP_MODE, m); /* an unknown one: the director says so */
	call(c, nlh, NULL);
}

static void set_check(const char *vip, const char *rs, const char *method)
{
	struct ctl *c = director();
	struct nlmsghdr *nlh = ctl_request(c, ELVS_CMD_SET_CHECK, NLM_F_ACK);

	put_addr(nlh, ELVS_ATTR_ADDR, vip);
	put_addr(nlh, ELVS_ATTR_RADDR, rs);
	mnl_attr_put_u32(nlh, ELVS_ATTR_METHOD,
			 !strcmp(method, "tun")	 ? IP_VS_CONN_F_TUNNEL
			 : !strcmp(method, "dr") ? IP_VS_CONN_F_DROUTE
						 : IP_VS_CONN_F_MASQ);
	call(c, nlh, print_mark);
}

static void del_check(const char *mark)
{
	struct ctl *c = director();
	struct nlmsghdr *nlh = ctl_request(c, ELVS_CMD_DEL_CHECK, NLM_F_ACK);

	mnl_attr_put_u32(nlh, ELVS_ATTR_MARK, number(mark));
	call(c, nlh, NULL);
}

static void list(uint8_t cmd, int (*f)(const struct nlmsghdr *, void *))
{
	struct ctl *c = director();

	call(c, ctl_request(c, cmd, NLM_F_DUMP), f);
}

/* ---- a check's request ---- */

static int check_socket(int type, const char *mark, const char *host, const char *port)
{
	union peer p = peer_of(host, number(port));
	struct timeval patience = { .tv_sec = WAIT_SEC };
	uint32_t m = number(mark);
	int fd = socket(p.sa.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || (m && setsockopt(fd, SOL_SOCKET, SO_MARK, &m, sizeof(m)) < 0) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		die("socket", strerror(errno));
	if (connect(fd, &p.sa, peer_len(&p)) < 0) {
		printf("%s\n", errno == EINPROGRESS ? "no answer" : strerror(errno));
		exit(0);
	}
	return fd;
}

/* Sends the text and prints what comes: until the end of a stream, or one datagram. */
static void request(int fd, bool stream, const char *text)
{
	char buf[2048], *body;
	size_t have = 0;
	ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);

	while (n > 0 && have < sizeof(buf) - 1 && (n = recv(fd, buf + have, sizeof(buf) - 1 - have, 0)) > 0) {
		have += n;
		if (!stream)
			break;
	}
	buf[have] = 0;
	body = strstr(buf, "\r\n\r\n");
	if (have)
		printf("%s", body ? body + 4 : buf);
	else
		printf("%s\n", !n ? "closed" : errno == EAGAIN ? "no answer" : strerror(errno));
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 4 && !strcmp(verb, "vip"))
		set_vip(argv[2], argv[3]);
	else if (argc == 2 && !strcmp(verb, "vips"))
		list(ELVS_CMD_GET_VIP, print_vip);
	else if (argc == 5 && !strcmp(verb, "mark"))
		set_check(argv[2], argv[3], argv[4]);
	else if (argc == 3 && !strcmp(verb, "unmark"))
		del_check(argv[2]);
	else if (argc == 2 && !strcmp(verb, "marks"))
		list(ELVS_CMD_GET_CHECK, print_check);
	else if (argc == 5 && !strcmp(verb, "get"))
		request(check_socket(SOCK_STREAM, argv[2], argv[3], argv[4]), true,
			"GET / HTTP/1.0\r\nHost: check\r\n\r\n");
	else if (argc == 5 && !strcmp(verb, "ask"))
		request(check_socket(SOCK_DGRAM, argv[2], argv[3], argv[4]), false, "check\n");
	else
		die(verb, "no such question; see the head of ctl.c");
	return 0;
}
