#!/usr/bin/env bash
# Ends the suite that `make run` started with this STATE, and nothing else. Data stay.
#
#   STATE=DIR deploy/stop.sh        DIR: default .accord
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/suite.sh"

running=()
for name in "${programs[@]}"; do
  if [ -n "$(pid_of "$name")" ]; then running+=("$name"); fi
done
if [ ${#running[@]} -eq 0 ]; then
  echo "Nothing of $state is running."
  exit 0
fi
# The other way round from starting, so that nobody loses what it rests on.
for ((i = ${#programs[@]} - 1; i >= 0; i--)); do
  end_program "${programs[i]}"
done
echo "Stopped ${running[*]} of $state. The data are still there: make run goes on with them."
