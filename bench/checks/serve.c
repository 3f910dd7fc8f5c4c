/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve - the benches' server as a program of its own: answers every connection to port 80 of whatever addresses this
 * network namespace has. Not measured itself. Runs until it is ended.
 */
#include <fcntl.h>

#include "server.h"

int main(void)
{
	server_run(open("/dev/null", O_RDONLY | O_CLOEXEC));
	return 0;
}
