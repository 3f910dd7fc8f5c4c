# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# tap - the few words of the Test Anything Protocol that every shell suite here speaks. To be sourced.
#
# TAP_PREFIX goes before each description (which variant of a matrix this is). The plan is printed at the end, so
# that a script which dies on its way has no plan and counts as failed.

TAP_COUNT=0
TAP_FAILED=0
TAP_PREFIX=${TAP_PREFIX:-}

# tap_say ok|not DESCRIPTION: one result
tap_say() {
	TAP_COUNT=$((TAP_COUNT + 1))
	if [ "$1" = ok ]; then
		echo "ok $TAP_COUNT - $TAP_PREFIX$2"
	else
		echo "not ok $TAP_COUNT - $TAP_PREFIX$2"
		TAP_FAILED=$((TAP_FAILED + 1))
	fi
}

# note TEXT...: a comment; several lines become several comments
note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# check DESCRIPTION COMMAND...: the command must succeed; what it printed is shown only when it does not
check() {
	local what=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	if [ $status = 0 ]; then
		tap_say ok "$what"
	else
		tap_say not "$what"
		note "command: $*"
		note "status:  $status"
		[ -z "$out" ] || note "$out"
	fi
}

# is DESCRIPTION GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		tap_say ok "$1"
	else
		tap_say not "$1"
		tap_differ "$2" "$3"
	fi
}

# tap_differ GOT WANTED: whole when short, as a difference when long
tap_differ() {
	if [ "$(wc -l <<<"$1$2")" -gt 40 ]; then
		note "wanted (-) and got (+):"
		note "$(diff -U1 <(echo "$2") <(echo "$1") | sed 1,2d | head -40)"
	else
		note "wanted:"
		note "$2"
		note "got:"
		note "$1"
	fi
}

# like DESCRIPTION GOT REGEX (extended, matched against each line)
like() {
	if grep -qE -- "$3" <<<"$2"; then
		tap_say ok "$1"
	else
		tap_say not "$1"
		note "wanted a line like: $3"
		note "got:"
		note "$2"
	fi
}

# unlike DESCRIPTION GOT REGEX
unlike() {
	if grep -qE -- "$3" <<<"$2"; then
		tap_say not "$1"
		note "no line should be like: $3"
		note "got:"
		note "$2"
	else
		tap_say ok "$1"
	fi
}

# within DESCRIPTION NUMBER LOWEST HIGHEST
within() {
	if [[ "$2" =~ ^[0-9]+$ ]] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then
		tap_say ok "$1"
	else
		tap_say not "$1"
		note "wanted $3 to $4, got '$2'"
	fi
}

# skip DESCRIPTION REASON
skip() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $TAP_PREFIX$1 # SKIP $2"
}

# later DESCRIPTION GOT WANTED REASON: known not to be so yet; a failure as soon as it is, so that this goes away
later() {
	if [ "$2" = "$3" ]; then
		tap_say not "$1 (it is so now: make this a test)"
	else
		skip "$1" "later: $4"
	fi
}

# tap_plan: the last line of a script
tap_plan() {
	echo "1..$TAP_COUNT"
	[ $TAP_FAILED = 0 ]
}
