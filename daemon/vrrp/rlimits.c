/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rlimits - see rlimits.h. */
#include "rlimits.h"

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

static void set_realtime(const struct conf_process *p)
{
	struct sched_param sp = { .sched_priority = p->rt_priority };
	struct rlimit rl = { p->rlimit_rttime_us, p->rlimit_rttime_us };

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &sp) < 0) {
		log_err("real-time priority %d cannot be had: %s", p->rt_priority, strerror(errno));
		return;
	}
	/* a loop that never ends must not take the machine with it */
	if (p->rlimit_rttime_us && setrlimit(RLIMIT_RTTIME, &rl) < 0)
		log_err("RLIMIT_RTTIME cannot be set: %s", strerror(errno));
}

static void set_cpus(uint64_t mask)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < 64; i++)
		if (mask & (1ull << i))
			CPU_SET(i, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		log_err("CPU affinity 0x%llx cannot be had: %s", (unsigned long long)mask, strerror(errno));
}

void rlimits_apply(const struct conf_process *p)
{
	/* timers are asked for in microseconds: the kernel's default is to let them be 50 of those late */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	if (p->nice && setpriority(PRIO_PROCESS, 0, p->nice) < 0)
		log_err("nice %d cannot be had: %s", p->nice, strerror(errno));
	if (p->cpus)
		set_cpus(p->cpus);
	if (p->rt_priority)
		set_realtime(p);
	/* MCL_ONFAULT: what is used, not the gigabytes of address space that configurations may take */
	if (p->no_swap && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_err("memory cannot be locked: %s", strerror(errno));
}
