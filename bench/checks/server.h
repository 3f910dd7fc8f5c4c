/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server - the other side of the checks that are measured: takes every connection, answers any request with 200 OK.
 */
#ifndef ELVS_BENCH_CHECKS_SERVER_H
#define ELVS_BENCH_CHECKS_SERVER_H

/* Listens on port 80 of all addresses, says so by closing ready_fd, and serves until it is killed. */
void server_run(int ready_fd) __attribute__((noreturn));

#endif
