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
#define RTTIME_US 1000000 /* of computing without a pause; a reload of thousands of instances takes a tenth */

int schedule_realtime(const struct conf_process *p, int priority)
{
	const struct sched_param sp = { .sched_priority = priority };
	const uint64_t us = p->rlimit_rttime_us ? p->rlimit_rttime_us : RTTIME_US;
	const struct rlimit rl = { us, us };

	/* First the limit: a loop that never ends must not take the machine with it. */
	if (setrlimit(RLIMIT_RTTIME, &rl) < 0 || sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &sp) < 0)
		return -errno;
	return 0;
}

static void set_cpus(uint64_t mask)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < 64; i++)
		if (mask >> i & 1)
			CPU_SET(i, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		log_err("CPU affinity 0x%llx cannot be had: %s", (unsigned long long)mask, strerror(errno));
}

/* want: a real-time priority, 0: none; level: of the line in the log if it is refused. Returns what it got. */
static int apply(const struct conf_process *p, int want, int level)
{
	int r;

	if (p->nice && setpriority(PRIO_PROCESS, 0, p->nice) < 0)
		log_err("nice %d cannot be had: %s", p->nice, strerror(errno));
	if (p->cpus)
		set_cpus(p->cpus);
	r = want ? schedule_realtime(p, want) : 0;
	if (r < 0)
		log_msg(level, "real-time priority %d cannot be had: %s", want, strerror(-r));
	/* MCL_ONFAULT: what is used, not the gigabytes of addresses that configurations may take */
	if (p->no_swap && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_err("memory cannot be locked: %s", strerror(errno));
	return r < 0 ? 0 : want;
}

void schedule_apply(const struct conf_process *p)
{
	if (*p->name)
		prctl(PR_SET_NAME, p->name);
	apply(p, p->rt_priority, LOG_ERR);
}

int schedule_urgent(const struct conf_process *p)
{
	int want = p->rt_priority ? p->rt_priority : p->nice ? 0 : 1;

	/* timers are asked for in microseconds: the kernel's default is to let them be 50 of those late */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	/* nobody asked for the default: where it cannot be had (a container) it is not worth a line in every log */
	return apply(p, want, p->rt_priority ? LOG_ERR : LOG_DEBUG);
}
