#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sidebyside - two labs at once, each with its own supervisor: neither sees the other; and one that is killed with -9
# in the middle leaves nothing for long.
#
#   [ client --- router --- lan --- director, rs1..3 ]   [ the same again ]
. "$(dirname "$0")/lib.sh"
lab_begin
here=$(dirname "$0")

"$here/dr.sh" >"$LAB_RUN/one" 2>&1 &
one=$!
"$here/nat.sh" >"$LAB_RUN/two" 2>&1 &
two=$!
status=0
wait $one || status=$?
is "the first run is green" "$status: $(grep '^not ok' "$LAB_RUN/one" || true)" "0: "
status=0
wait $two || status=$?
is "the second, too" "$status: $(grep '^not ok' "$LAB_RUN/two" || true)" "0: "

"$here/nat.sh" >"$LAB_RUN/three" 2>&1 &
three=$!
wait_for 20 "grep -q '^ok 3' '$LAB_RUN/three'"
kill -KILL $three
wait $three 2>/dev/null || true
check "a killed run leaves its namespaces" test -n "$(lab_leftovers "elvslab$three" "$LAB_BASE.$three")"
lab_sweep
is "and the next run removes them" "$(lab_leftovers "elvslab$three" "$LAB_BASE.$three")" ""
lab_end
