/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lazy_curl - libcurl and libssl, loaded when they are needed: with the three dozen libraries behind them they cost a
 * process 4 MB and 20 ms, and most configurations have neither SSL_GET nor mail.
 *
 * Has the functions of both that we call, under their own names: whoever calls them includes <curl/curl.h> and links
 * this instead of the library. The first call loads it. In a jail that is too late, hence lazy_curl_load().
 */
#ifndef ELVS_DAEMON_LAZY_CURL_H
#define ELVS_DAEMON_LAZY_CURL_H

/* NULL: it is there. Otherwise what is wrong, a sentence; calls then fail as they do without memory. */
const char *lazy_curl_load(void);

#endif
