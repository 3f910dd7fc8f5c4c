#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - the data plane's rows on XDP and TC, printed as TAP. Arguments go to dp_test (-h xdp|tc|frags, a TEXT).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${ELVS_BUILD:-$here/../../build}
export ELVS_GOLDEN=${ELVS_GOLDEN:-$here/../golden}
if [ ! -x "$build/tests/dp/dp_test" ]; then
	echo "Bail out! $build/tests/dp/dp_test is not built (run make, or set ELVS_BUILD)"
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP BPF_PROG_RUN and network namespaces need root"
	exit 0
fi
exec "$build/tests/dp/dp_test" "$@"
