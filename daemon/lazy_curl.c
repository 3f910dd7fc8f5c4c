/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lazy_curl - see lazy_curl.h.
 *
 * Functions with a variable last argument are passed exactly one, a long, a pointer or a curl_off_t: on machines where
 * these are of one size they travel the same way, and the linker would be no wiser.
 */
#include "lazy_curl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <stdarg.h>

_Static_assert(sizeof(long) == sizeof(void *) && sizeof(long) == sizeof(curl_off_t), "one word each, see above");

#define CURL_NAME "libcurl.so.4"
#define SSL_NAME "libssl.so.3" /* which that one uses, too */

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

/* What the loader knows of a process, this knows of the loader: one for all, for functions that take no context */
static void *find(const char *library, const char *name)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	return handle ? dlsym(handle, name) : NULL;
}

#define REAL_IN(library, name)                                          \
	({                                                              \
		static __typeof__(&name) real;                          \
		if (!real)                                              \
			real = (__typeof__(&name))find(library, #name); \
		real;                                                   \
	})
#define REAL(name) REAL_IN(CURL_NAME, name)

const char *lazy_curl_load(void)
{
	return REAL(curl_global_init) && REAL_IN(SSL_NAME, SSL_CTX_set_options) ? NULL : dlerror();
}

/* ---- libcurl ---- */

CURLcode curl_global_init(long flags)
{
	return REAL(curl_global_init) ? REAL(curl_global_init)(flags) : CURLE_FAILED_INIT;
}

void curl_global_cleanup(void)
{
	if (REAL(curl_global_cleanup))
		REAL(curl_global_cleanup)();
}

CURL *curl_easy_init(void)
{
	return REAL(curl_easy_init) ? REAL(curl_easy_init)() : NULL;
}

void curl_easy_cleanup(CURL *e)
{
	if (e)
		REAL(curl_easy_cleanup)(e);
}

CURLcode curl_easy_perform(CURL *e)
{
	return REAL(curl_easy_perform)(e);
}

const char *curl_easy_strerror(CURLcode code)
{
	return REAL(curl_easy_strerror) ? REAL(curl_easy_strerror)(code) : "libcurl cannot be loaded";
}

#define ONE_MORE(ret, last)               \
	do {                              \
		va_list ap;               \
		va_start(ap, last);       \
		ret = va_arg(ap, void *); \
		va_end(ap);               \
	} while (0)

CURLcode curl_easy_setopt(CURL *e, CURLoption option, ...)
{
	void *arg;

	ONE_MORE(arg, option);
	return REAL(curl_easy_setopt)(e, option, arg);
}

CURLcode curl_easy_getinfo(CURL *e, CURLINFO info, ...)
{
	void *arg;

	ONE_MORE(arg, info);
	return REAL(curl_easy_getinfo)(e, info, arg);
}

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text)
{
	return REAL(curl_slist_append) ? REAL(curl_slist_append)(list, text) : NULL;
}

void curl_slist_free_all(struct curl_slist *list)
{
	if (list)
		REAL(curl_slist_free_all)(list);
}

CURLM *curl_multi_init(void)
{
	return REAL(curl_multi_init) ? REAL(curl_multi_init)() : NULL;
}

CURLMcode curl_multi_cleanup(CURLM *m)
{
	return m ? REAL(curl_multi_cleanup)(m) : CURLM_BAD_HANDLE;
}

CURLMcode curl_multi_setopt(CURLM *m, CURLMoption option, ...)
{
	void *arg;

	ONE_MORE(arg, option);
	return m ? REAL(curl_multi_setopt)(m, option, arg) : CURLM_BAD_HANDLE;
}

CURLMcode curl_multi_add_handle(CURLM *m, CURL *e)
{
	return REAL(curl_multi_add_handle)(m, e);
}

CURLMcode curl_multi_remove_handle(CURLM *m, CURL *e)
{
	return REAL(curl_multi_remove_handle)(m, e);
}

CURLMsg *curl_multi_info_read(CURLM *m, int *left)
{
	return REAL(curl_multi_info_read)(m, left);
}

CURLMcode curl_multi_socket_action(CURLM *m, curl_socket_t fd, int events, int *running)
{
	return REAL(curl_multi_socket_action)(m, fd, events, running);
}

/* ---- libssl ---- */

uint64_t SSL_CTX_set_options(SSL_CTX *c, uint64_t options)
{
	return REAL_IN(SSL_NAME, SSL_CTX_set_options)(c, options);
}
