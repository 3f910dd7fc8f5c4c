/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keepalived - the program of the keeper and its roles; called as genhash, that one. `elvsd -f FILE' is this program,
 * too. Its roles are in the folders beside; nothing is decided here.
 */
#include <string.h>

#include "keeper/main.h"

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL, *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";

	return !strcmp(name, "genhash") ? genhash_main(argc, argv) : keeper_main(argc, argv);
}
