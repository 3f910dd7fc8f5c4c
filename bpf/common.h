/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * common - what every file of the data plane needs: kernel types, helpers, small macros.
 */
#ifndef ELVS_BPF_COMMON_H
#define ELVS_BPF_COMMON_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../abi/ctl_wire.h"
#include "../abi/maps.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))
/* clang must not merge, split or reorder across this */
#define barrier() asm volatile("" ::: "memory")
/* clang must forget what it knows of a value's range (it would drop the mask that the verifier wants to see) */
#define opaque(x) asm volatile("" : "+r"(x))

#ifndef memcpy
#define memcpy(d, s, n) __builtin_memcpy(d, s, n)
#endif
#ifndef memset
#define memset(d, c, n) __builtin_memset(d, c, n)
#endif

#endif
