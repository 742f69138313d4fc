# shellcheck shell=bash
# Sourced by run.sh and stop.sh: where a run keeps its things, and which processes are its.
#
# A run keeps in run/NAME.pid "PID START", START being the moment the kernel says the
# process began, so that a number used again is never taken for ours.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# A relative STATE is below the caller's folder; the default is below the repository.
state=${STATE:-$repo/.accord}
case $state in
  /*) ;;
  *) state=$PWD/$state ;;
esac
# In the order in which they start.
# shellcheck disable=SC2034  # Used by those who source this.
readonly -a programs=(redis agreements training gateway)

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# start_time PID: in ticks since boot; nothing when there is no such process.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # Field 22; the name before it may hold spaces, but ends with the last parenthesis.
  local -a fields
  read -ra fields <<<"${stat##*) }"
  # A zombie has ended, though its number is not yet free.
  if [ "${fields[0]}" != Z ]; then echo "${fields[19]}"; fi
}

# pid_of NAME: the process that this run started under that name, while it lives.
pid_of() {
  local pid='' started=''
  if [ -f "$state/run/$1.pid" ]; then read -r pid started <"$state/run/$1.pid" || true; fi
  if [ -n "$pid" ] && [ "$(start_time "$pid")" = "$started" ]; then echo "$pid"; fi
}

# wait_end PID TENTHS: true when it ended in time.
wait_end() {
  local i
  for ((i = 0; i < $2; i++)); do
    if [ -z "$(start_time "$1")" ]; then return 0; fi
    sleep 0.1
  done
  return 1
}

# end_program NAME: asks it to end, and after 20 s makes it.
end_program() {
  local pid
  pid=$(pid_of "$1")
  if [ -n "$pid" ]; then
    kill -TERM "$pid" 2>/dev/null || true
    if ! wait_end "$pid" 200; then
      echo "$1 (process $pid) does not end when asked; killed"
      kill -KILL "$pid" 2>/dev/null || true
      wait_end "$pid" 50 || echo "$1 (process $pid) is still there"
    fi
  fi
  rm -f "$state/run/$1.pid" "$state/run/$1.port"
}
