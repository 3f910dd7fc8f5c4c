/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main - the programs inside keepalived's binary. They return exit statuses. */
#ifndef ELVS_KEEPER_MAIN_H
#define ELVS_KEEPER_MAIN_H

int keeper_main(int argc, char **argv);	 /* keepalived, or elvsd with -f, -t, --print-config */
int genhash_main(int argc, char **argv); /* daemon/check/genhash.c */

#endif
