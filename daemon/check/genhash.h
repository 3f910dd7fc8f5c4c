/* SPDX-License-Identifier: GPL-2.0-or-later */
/* genhash - `keepalived --genhash' and `genhash': prints the MD5 of a page, to be written as `digest' of a url. */
#ifndef ELVS_DAEMON_CHECK_GENHASH_H
#define ELVS_DAEMON_CHECK_GENHASH_H

/*
 * argv[0]: how it was called, for its usage; the rest genhash(1)'s options. Returns the exit status: 0 a hash was
 * printed, 1 it could not be had, 2 the options are wrong.
 */
int genhash_main(int argc, char **argv);

#endif
