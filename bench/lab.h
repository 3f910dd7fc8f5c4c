/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab - network namespaces without names: they live as long as the process that made them, and leave nothing.
 */
#ifndef ELVS_BENCH_LAB_H
#define ELVS_BENCH_LAB_H

#include <stdint.h>

/* Makes a namespace and enters it. Returns a descriptor that lab_enter() takes and lab_path() names, or -errno. */
int lab_new(void);
int lab_enter(int ns);
/* Path of a namespace of this process, for `ip link add ... netns PATH`. Valid until the next call. */
const char *lab_path(int ns);

/* Runs printf-like lines through `ip -batch` in the present namespace. 0, or -EIO (ip has said why on stderr). */
int lab_ip(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Runs a program (argv ends with NULL; input NULL: none) in the present namespace. 0, or -EIO. */
int lab_run(const char *const argv[], const char *input);
/* Writes a value under /proc/sys of the present namespace. */
int lab_sysctl(const char *path, const char *value);

/* Keeps the process on the CPU where the scheduler has just put it, the idlest it knew of. Returns that CPU. */
int lab_pin(void);

uint32_t lab_ifindex(const char *name); /* 0: none */
int lab_mac(const char *name, uint8_t ret_mac[6]);

#endif
