#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh - every unit test that meson knows, twice: as built, and under ASan and UBSan. Prints TAP, one line a case.
#
# usage: run.sh [normal|sanitized]...   (default: both)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
build=${ELVS_BUILD:-$root/build}
variants=("$@")
[ $# -gt 0 ] || variants=(normal sanitized)

sanitized_build() {
	local dir=$build/sanitized
	if [ ! -e "$dir/build.ninja" ]; then
		meson setup "$dir" "$root" -Db_sanitize=address,undefined -Db_lundef=false >"$build/sanitized.log" 2>&1
	fi
	ninja -C "$dir" --quiet meson-test-prereq >>"$build/sanitized.log" 2>&1
}

for v in "${variants[@]}"; do
	dir=$build
	if [ "$v" = sanitized ]; then
		dir=$build/sanitized
		sanitized_build || {
			tail -30 "$build/sanitized.log" | sed 's/^/# /'
			echo "Bail out! the sanitized build failed (whole log: $build/sanitized.log)"
			exit 1
		}
	fi
	# what fails is read from the log; meson's own status would only end us
	CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		meson test -C "$dir" --no-rebuild --num-processes 2 --quiet >/dev/null 2>&1 || true
done
exec "$here/tap.py" "$build" "${variants[@]}"
