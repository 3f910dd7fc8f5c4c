/* SPDX-License-Identifier: GPL-2.0-or-later */
/* schedule - see schedule.h. */
#include "schedule.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"

#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK 0x40000000
#endif
#define RTTIME_US 1000000 /* of computing without a pause, where nothing is said */

static void real_time(const struct conf_process *p)
{
	const struct sched_param sp = { .sched_priority = p->rt_priority };
	const uint64_t us = p->rlimit_rttime_us ? p->rlimit_rttime_us : RTTIME_US;
	const struct rlimit rl = { us, us };

	/* First the limit: a loop that never ends must not take the machine with it. */
	if (setrlimit(RLIMIT_RTTIME, &rl) < 0 || sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &sp) < 0)
		log_err("real-time priority %d cannot be had: %s", p->rt_priority, strerror(errno));
}

static void cpus(uint64_t mask)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (i < 64 && mask >> i & 1)
			CPU_SET(i, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		log_err("CPU affinity 0x%llx cannot be had: %s", (unsigned long long)mask, strerror(errno));
}

void schedule_apply(const struct conf_process *p)
{
	if (*p->name)
		prctl(PR_SET_NAME, p->name);
	if (p->nice && setpriority(PRIO_PROCESS, 0, p->nice) < 0)
		log_err("nice %d cannot be had: %s", p->nice, strerror(errno));
	if (p->cpus)
		cpus(p->cpus);
	if (p->rt_priority)
		real_time(p);
	/* MCL_ONFAULT: what is used, not the gigabytes of addresses that configurations may take */
	if (p->no_swap && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_err("memory cannot be locked: %s", strerror(errno));
}
