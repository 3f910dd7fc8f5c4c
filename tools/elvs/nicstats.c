/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nicstats - ethtool's statistics of one interface, those of XDP's failures (nicstats.h).
 */
#include <ctype.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nicstats.h"

#define STATS_MAX 4096
#define SUMS_MAX 32

/* Words between underscores: "queue" and numbers go, "rx0" becomes "rx". */
bool nicstats_name(char ret[32], const char *name)
{
	size_t n = 0, len, keep;

	if (!strstr(name, "xdp") || !(strstr(name, "drop") || strstr(name, "err") || strstr(name, "full")))
		return false;
	for (; *name; name += len + (name[len] == '_')) {
		len = keep = strcspn(name, "_");
		while (keep && isdigit((unsigned char)name[keep - 1]))
			keep--;
		if (!keep || (len == 5 && memcmp(name, "queue", 5) == 0))
			continue;
		if (n + keep + 2 > 32)
			break;
		if (n)
			ret[n++] = '_';
		memcpy(ret + n, name, keep);
		n += keep;
	}
	ret[n] = '\0';
	return true;
}

static int ethtool(int fd, const char *dev, void *data)
{
	struct ifreq ifr = { .ifr_data = data };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	return ioctl(fd, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
}

/* Some drivers count each queue, some the whole, some both: the larger of both sums is the number of failures. */
struct sums {
	char name[SUMS_MAX][32];
	uint64_t queues[SUMS_MAX], whole[SUMS_MAX];
	size_t n;
};

static void add(struct sums *s, const char *name, bool whole, uint64_t count)
{
	size_t i;

	for (i = 0; i < s->n && strcmp(s->name[i], name) != 0; i++)
		;
	if (i == SUMS_MAX)
		return;
	if (i == s->n)
		snprintf(s->name[s->n++], 32, "%s", name);
	*(whole ? &s->whole[i] : &s->queues[i]) += count;
}

static int count_of(int fd, const char *dev)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} q = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_STATS } };
	int r = ethtool(fd, dev, &q);

	if (r < 0)
		return r;
	return q.info.sset_mask && q.count <= STATS_MAX ? (int)q.count : -EOPNOTSUPP;
}

int nicstats_each(const char *dev, void (*f)(void *arg, const char *name, uint64_t count), void *arg)
{
	struct ethtool_gstrings *names = NULL;
	struct ethtool_stats *values = NULL;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r, i;
	struct sums sums = {};
	char text[ETH_GSTRING_LEN + 1], name[32];
	size_t k;

	if (fd < 0)
		return -errno;
	r = count_of(fd, dev);
	if (r <= 0)
		goto out;
	names = calloc(1, sizeof(*names) + (size_t)r * ETH_GSTRING_LEN);
	values = calloc(1, sizeof(*values) + (size_t)r * sizeof(__u64));
	if (!names || !values) {
		r = -ENOMEM;
		goto out;
	}
	*names = (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_STATS, .len = (__u32)r };
	*values = (struct ethtool_stats){ .cmd = ETHTOOL_GSTATS, .n_stats = (__u32)r };
	i = r;
	r = ethtool(fd, dev, names);
	if (r == 0)
		r = ethtool(fd, dev, values);
	if (r < 0)
		goto out;
	while (i-- > 0) {
		snprintf(text, sizeof(text), "%s", (const char *)names->data + (size_t)i * ETH_GSTRING_LEN);
		if (nicstats_name(name, text))
			add(&sums, name, strcmp(name, text) == 0, values->data[i]);
	}
	for (k = 0; k < sums.n; k++)
		f(arg, sums.name[k], sums.whole[k] > sums.queues[k] ? sums.whole[k] : sums.queues[k]);
out:
	free(names);
	free(values);
	close(fd);
	return r < 0 ? r : 0;
}
