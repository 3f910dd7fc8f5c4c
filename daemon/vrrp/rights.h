/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rights - what the role may do, and what the process may do that reads adverts for it (ear.h): next to nothing.
 *
 * Nothing can be taken back. Both return 0 or -errno, and then the process must not go on.
 */
#ifndef ELVS_VRRP_RIGHTS_H
#define ELVS_VRRP_RIGHTS_H

/*
 * The role: user elvs with CAP_NET_ADMIN and CAP_NET_RAW, for netlink, net sysctls, raw sockets, and what ip and nft
 * do in its name; no system calls that are for administrators of anything else. Logs what it cannot do.
 */
int rights_give_up(void);
/*
 * The ear: no capability, no file, no new socket, no program, no signal to others: it receives from the descriptors
 * that it has, and sends. Ends when its parent ends.
 */
int rights_give_up_all(void);

#endif
