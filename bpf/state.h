/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state - IPVS's TCP state machine (ip_vs_proto_tcp): which state a packet leads to, and how long it may last.
 *
 * Three tables: packets from the client and from the real server of a NAT connection, and packets from the client
 * when the director sees nothing else (INPUT_ONLY: DR, TUN). A row holds 11 next states, 4 bits each.
 */
#ifndef ELVS_BPF_STATE_H
#define ELVS_BPF_STATE_H

#include "conn.h"

enum tcp_dir { TCP_DIR_IN, TCP_DIR_OUT, TCP_DIR_INPUT_ONLY };
enum tcp_event { TCP_EV_SYN, TCP_EV_FIN, TCP_EV_ACK, TCP_EV_RST, TCP_EV_NONE };

#define NO ELVS_TCP_NONE
#define ES ELVS_TCP_ESTABLISHED
#define SS ELVS_TCP_SYN_SENT
#define SR ELVS_TCP_SYN_RECV
#define FW ELVS_TCP_FIN_WAIT
#define TW ELVS_TCP_TIME_WAIT
#define CL ELVS_TCP_CLOSE
#define CW ELVS_TCP_CLOSE_WAIT
#define LA ELVS_TCP_LAST_ACK
#define LI ELVS_TCP_LISTEN
#define SA ELVS_TCP_SYNACK
/* in states      NO ES SS SR FW TW CL CW LA LI SA */
#define ROW(a, b, c, d, e, f, g, h, i, j, k)                                                                           \
	((__u64)(a) | (__u64)(b) << 4 | (__u64)(c) << 8 | (__u64)(d) << 12 | (__u64)(e) << 16 | (__u64)(f) << 20 |     \
	 (__u64)(g) << 24 | (__u64)(h) << 28 | (__u64)(i) << 32 | (__u64)(j) << 36 | (__u64)(k) << 40)

static const __u64 tcp_next[32] = {	/* 15 are used; a power of two bounds the index */
	[TCP_DIR_IN * 8 + TCP_EV_SYN] = ROW(SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR),
	[TCP_DIR_IN * 8 + TCP_EV_FIN] = ROW(CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW),
	[TCP_DIR_IN * 8 + TCP_EV_ACK] = ROW(ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES),
	[TCP_DIR_IN * 8 + TCP_EV_RST] = ROW(CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR),
	[TCP_DIR_IN * 8 + TCP_EV_NONE] = ROW(CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL),
	[TCP_DIR_OUT * 8 + TCP_EV_SYN] = ROW(SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR),
	[TCP_DIR_OUT * 8 + TCP_EV_FIN] = ROW(TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW),
	[TCP_DIR_OUT * 8 + TCP_EV_ACK] = ROW(ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES),
	[TCP_DIR_OUT * 8 + TCP_EV_RST] = ROW(CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL),
	[TCP_DIR_OUT * 8 + TCP_EV_NONE] = ROW(CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL),
	[TCP_DIR_INPUT_ONLY * 8 + TCP_EV_SYN] = ROW(SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR),
	[TCP_DIR_INPUT_ONLY * 8 + TCP_EV_FIN] = ROW(CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW),
	[TCP_DIR_INPUT_ONLY * 8 + TCP_EV_ACK] = ROW(ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES),
	[TCP_DIR_INPUT_ONLY * 8 + TCP_EV_RST] = ROW(CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL),
	[TCP_DIR_INPUT_ONLY * 8 + TCP_EV_NONE] = ROW(CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL),
};
#undef ROW
#undef NO
#undef ES
#undef SS
#undef SR
#undef FW
#undef TW
#undef CL
#undef CW
#undef LA
#undef LI
#undef SA

/* The 14th byte of a TCP header */
#define TCPF_FIN 0x01
#define TCPF_SYN 0x02
#define TCPF_RST 0x04
#define TCPF_ACK 0x10

/*
 * What a segment's flags mean: priority RST, SYN, FIN, ACK; one with none of them closes. Four bits for each of the
 * 16 combinations of ACK, RST, SYN, FIN, and no branches: the verifier would follow every one for all that comes after.
 */
#define EV4(a, b, c, d) (TCP_EV_##a | TCP_EV_##b << 4 | TCP_EV_##c << 8 | TCP_EV_##d << 12)
#define TCP_EVENTS                                                                                                     \
	((__u64)EV4(NONE, FIN, SYN, SYN) | (__u64)EV4(RST, RST, RST, RST) << 16 |                                      \
	 (__u64)EV4(ACK, FIN, SYN, SYN) << 32 | (__u64)EV4(RST, RST, RST, RST) << 48)

static __always_inline __u32 tcp_step(__u32 state, __u32 dir, __u8 flags)
{
	__u64 ev = TCP_EVENTS >> ((flags & 7) * 4 + (flags & TCPF_ACK) * 2);

	ev = (ev & 15) + dir * 8;
	opaque(ev);
	return (tcp_next[ev & 31] >> (state * 4)) & 15;
}

/* States that count as ActiveConn */
static __always_inline bool tcp_active(__u32 state)
{
	return (1u << state) & (1u << ELVS_TCP_ESTABLISHED | 1u << ELVS_TCP_SYN_SENT | 1u << ELVS_TCP_SYN_RECV |
				1u << ELVS_TCP_SYNACK);
}

static __always_inline __u32 state_timeout(__u8 proto, __u32 state)
{
	return proto == IPPROTO_TCP ? settings.timeout[state & 15] : settings.udp_timeout;
}

#endif
