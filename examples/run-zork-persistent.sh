#!/usr/bin/env bash
# Plays a story with one process for each command; the state file carries the game from one to the
# next.
#   examples/run-zork-persistent.sh story.z3 "open mailbox" "read leaflet"
set -euo pipefail

if [ $# -lt 1 ]; then
    echo "usage: $0 STORY [COMMAND...]" >&2
    exit 2
fi
story=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
state=$(mktemp -u)
trap 'rm -f "$state"' EXIT

play() {
    "${PYTHON:-python3}" "$here/zork_persistent.py" "$story" --state "$state" \
        --batches "${BATCHES:-1000}" --instructions "${INSTRUCTIONS:-1000}" "$@"
}

play
for command in "$@"; do
    play --input "$command"
done
