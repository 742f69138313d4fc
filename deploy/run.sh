#!/usr/bin/env bash
# Starts the suite on loopback with SQLite, over TLS and with a token for each demo role,
# loads what DATA says and shows the status. Run again, it goes on with what is there. Ended
# by stop.sh.
#
#   STATE=DIR    where all of it is kept (default .accord)
#   PORT=N       the public endpoint (default 7200, or that of the last run of STATE).
#                Others follow: N+1 agreements, N+2 training, N+9 Redis, N+50 to N+52
#                metrics of gateway, agreements and training
#   DATA=demo    the published rosters, the fictitious demo agencies and their officers (default)
#        rosters | none
#   DEMO_SCALE=K so many times the demo's officers, 1 (default) to 100
#   WITHOUT_PREVIEW=REASON
#                start though the policy file is another than that on record and nobody
#                previewed whom it affects
#   BIN=DIR      programs to start, instead of building the release ones
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/suite.sh"
source "$(dirname "${BASH_SOURCE[0]}")/identity.sh"

data=${DATA:-demo}
scale=${DEMO_SCALE:-1}
bin=${BIN:-$repo/build/release/bin}
policy=$repo/deploy/policy/287g.textproto
access=$repo/deploy/policy/access.textproto
identity=$state/identity
# Of whom accordctl speaks unless told otherwise: the one who reads the most.
readonly current_role=unit_chief
# Longest wait for one program to serve.
readonly start_tenths=300

choose_port() {
  local last=''
  if [ -f "$state/port" ]; then last=$(<"$state/port"); fi
  port=${PORT:-${last:-7200}}
  if ! [[ $port =~ ^[1-9][0-9]{3,4}$ ]] || [ "$port" -lt 1024 ] || [ "$port" -gt 65484 ]; then
    fail "PORT must be a number from 1024 to 65484, not $port"
  fi
  for name in "${programs[@]}"; do
    if [ "$port" != "$last" ] && [ -n "$(pid_of "$name")" ]; then
      fail "$state is already running on port $last; end it first: make stop STATE='$state'"
    fi
  done
}

# ports_of NAME: all that the program listens on, its service first.
ports_of() {
  case $1 in
    redis) echo "$((port + 9))" ;;
    agreements) echo "$((port + 1)) $((port + 51))" ;;
    training) echo "$((port + 2)) $((port + 52))" ;;
    gateway) echo "$port $((port + 50))" ;;
  esac
}

# holder_of PORT: who listens there, as far as we may see; nothing when it is free.
holder_of() {
  local line pid
  line=$(ss -Hltnp "sport = :$1" | head -n 1)
  if [ -z "$line" ]; then return 0; fi
  pid=$(sed -n 's/.*pid=\([0-9]*\).*/\1/p' <<<"$line")
  if [ -z "$pid" ]; then
    echo "a process of another user"
  else
    echo "process $pid ($(readlink "/proc/$pid/exe" || echo unknown))"
  fi
}

check_ports() {
  local name number holder
  for name in "${programs[@]}"; do
    if [ -n "$(pid_of "$name")" ]; then continue; fi
    for number in $(ports_of "$name"); do
      holder=$(holder_of "$number")
      if [ -n "$holder" ]; then
        fail "port $number, for $name, is taken by $holder; choose another PORT"
      fi
    done
  done
}

build_programs() {
  if [ -n "${BIN:-}" ]; then return; fi
  make --no-print-directory -C "$repo" programs
}

# launch NAME COMMAND…: in the background, apart from this shell and its terminal.
launch() {
  local name=$1 pid
  shift
  rm -f "$state/run/$name.port"
  setsid "$@" </dev/null >>"$state/log/$name.log" 2>&1 9>&- &
  pid=$!
  echo "$pid $(start_time "$pid")" >"$state/run/$name.pid"
}

# hears_all: whether the gateway answers, and from services that it has just heard.
hears_all() {
  local metrics
  metrics=$(accordctl --timeout 2s metrics 2>/dev/null) && ! grep -q UNREACHABLE <<<"$metrics"
}

# is_ready NAME: whether it serves.
is_ready() {
  case $1 in
    redis)
      REDISCLI_AUTH=$(<"$identity/redis.password") \
        redis-cli -h 127.0.0.1 -p "$((port + 9))" ping 2>/dev/null | grep -q PONG
      ;;
    agreements | training) [ -s "$state/run/$1.port" ] ;;
    gateway) [ -s "$state/run/gateway.port" ] && hears_all ;;
  esac
}

await_ready() {
  local i
  for ((i = 0; i < start_tenths; i++)); do
    if is_ready "$1"; then return 0; fi
    if [ -z "$(pid_of "$1")" ]; then break; fi
    sleep 0.1
  done
  echo "$1 does not serve; the end of $state/log/$1.log:" >&2
  tail -n 15 "$state/log/$1.log" >&2
  return 1
}

start_redis() {
  put "$state/redis/redis.conf" <<END
bind 127.0.0.1
port $((port + 9))
requirepass $(<"$identity/redis.password")
# What is in it can be made again.
save ""
appendonly no
maxmemory 128mb
maxmemory-policy allkeys-lru
END
  launch redis redis-server "$state/redis/redis.conf" --dir "$state/redis"
}

# make_checkpoint_key NAME: of this run's own, made once. A real one, and its public half,
# belong elsewhere.
make_checkpoint_key() {
  local key=$state/$1.pem
  if [ ! -s "$key" ]; then
    (umask 077 && openssl genpkey -algorithm ed25519 -out "$key.new")
    mv "$key.new" "$key"
  fi
  openssl pkey -in "$key" -pubout -out "$state/$1.pub"
}

# Flags by which a service shows who it is, and asks who calls. People come to the gateway
# with tokens, services to each other with certificates too.
gate_of() {
  gate=(--tls-cert "$identity/$1.pem" --tls-key "$identity/$1.key"
    --access "$access" --bindings "$identity/bindings.textproto"
    --token-issuer "$token_issuer" --token-keys "$identity/keys.json")
}

start_agreements() {
  local -a gate
  make_checkpoint_key checkpoint
  gate_of agreements
  launch agreements "$bin/accord-agreements" \
    --listen "127.0.0.1:$((port + 1))" --metrics-listen "127.0.0.1:$((port + 51))" \
    --store "sqlite:$state/agreements.db" --policy "$policy" \
    --checkpoint-key "$state/checkpoint.pem" --port-file "$state/run/agreements.port" \
    --tls-client-ca "$identity/ca.pem" "${gate[@]}"
}

start_training() {
  local -a gate
  make_checkpoint_key checkpoint-training
  gate_of training
  launch training "$bin/accord-training" \
    --listen "127.0.0.1:$((port + 2))" --metrics-listen "127.0.0.1:$((port + 52))" \
    --store "sqlite:$state/training.db" --policy "$policy" \
    --agreements "127.0.0.1:$((port + 1))" --agreements-ca "$identity/ca.pem" \
    --agreements-cert "$identity/training.pem" --agreements-key "$identity/training.key" \
    --checkpoint-key "$state/checkpoint-training.pem" --port-file "$state/run/training.port" \
    --tls-client-ca "$identity/ca.pem" "${gate[@]}" \
    ${WITHOUT_PREVIEW:+--policy-without-preview "$WITHOUT_PREVIEW"}
}

start_gateway() {
  local -a gate
  gate_of gateway
  launch gateway "$bin/accord-gateway" \
    --listen "127.0.0.1:$port" --metrics-listen "127.0.0.1:$((port + 50))" \
    --agreements "127.0.0.1:$((port + 1))" --agreements-ca "$identity/ca.pem" \
    --agreements-cert "$identity/gateway.pem" --agreements-key "$identity/gateway.key" \
    --training "127.0.0.1:$((port + 2))" \
    --redis "127.0.0.1:$((port + 9))" --redis-password-file "$identity/redis.password" \
    --policy "$policy" --port-file "$state/run/gateway.port" "${gate[@]}"
}

# Ends what this call has started, when it does not come to its end.
undo() {
  local name
  for name in "${started[@]}"; do end_program "$name"; done
}

start_suite() {
  local name
  for name in "${programs[@]}"; do
    if [ -n "$(pid_of "$name")" ]; then continue; fi
    started=("$name" "${started[@]}")
    "start_$name"
    await_ready "$name" || exit 1
  done
}

accordctl() {
  "$bin/accordctl" --config "$state/client.yaml" "$@"
}

# Published lists, old to new: by the day they were fetched, participating before
# pending, then by the day (month, day, year) and half of the day in the name.
rosters_in_order() {
  local file name
  for file in "$repo"/deploy/rosters/*.xlsx; do
    name=${file##*/}
    if [[ $name =~ ^([0-9]{8})_(pa|pe)[a-zA-Z]+([0-9]{4})([0-9]{4})(am|pm) ]]; then
      printf '%s\t%s\n' "${BASH_REMATCH[1]}${BASH_REMATCH[2]}${BASH_REMATCH[4]}${BASH_REMATCH[3]}${BASH_REMATCH[5]}" "$file"
    else
      fail "$name does not say when it was published and fetched"
    fi
  done | LC_ALL=C sort | cut -f2-
}

# load NAME DIGEST COMMAND…: runs the command, unless it has loaded just this before.
load() {
  local name=$1 digest=$2 mark=$state/loaded-$1 code=0
  shift 2
  if [ "$(cat "$mark" 2>/dev/null)" = "$digest" ]; then return; fi
  echo "Loading $name…"
  "$@" || code=$?
  if [ "$code" != 0 ]; then
    tail -n 3 "$state/log/load-$name.log" >&2
    echo "Loading $name ended with code $code; all of it: $state/log/load-$name.log. Run again to go on." >&2
    incomplete=yes
    return
  fi
  echo "$digest" >"$mark"
}

import_rosters() {
  accordctl --context national_pm --progress import roster "${rosters[@]}" >"$state/log/load-rosters.log"
}

import_demo() {
  "$repo/deploy/demo/load.sh" "$bin/accordctl" "$state/client.yaml" "$identity" \
    >"$state/log/load-demo.log" 2>&1
}

# What a day brings, cases and notices, comes at its beginning and when the service starts: so
# that the officers loaded have theirs today, it is started again.
import_corps() {
  python3 "$repo/deploy/demo/corps.py" "$bin/accordctl" "$state/client.yaml" --scale "$scale" \
    >"$state/log/load-corps.log" 2>&1 || return
  bind_officer "$identity" "$access" "$(accordctl --output name list officers --limit 1 \
    --filter 'certification = CURRENT AND state = AUTHORIZED' 2>>"$state/log/load-corps.log")"
  end_program training
  start_training
  await_ready training && await_ready gateway
}

load_data() {
  if [ "$data" = none ]; then return; fi
  mapfile -t rosters < <(rosters_in_order)
  load rosters "$(cat "${rosters[@]}" | sha256sum)" import_rosters
  if [ "$data" = rosters ]; then return; fi
  load demo "$(sha256sum <"$repo/deploy/demo/load.sh")" import_demo
  load corps "$(sha256sum <"$repo/deploy/demo/corps.py") $scale" import_corps
}

say_where_to_look() {
  local ctl=$bin/accordctl profile=$state/client.yaml
  if [ "$PWD" = "$repo" ]; then
    ctl=${ctl#"$repo/"} profile=${profile#"$repo/"}
  fi
  cat <<END

Public endpoint   127.0.0.1:$port (gRPC over TLS, loopback only)
Who may call      who brings a token of $identity/tokens/; certificates from ca.pem beside it
Client profile    $profile; you are $current_role, and with --context ROLE any other
Logs              $state/log/
Metrics           http://127.0.0.1:$((port + 50))/metrics and :$((port + 51)), :$((port + 52))

Try               export ACCORD_CONFIG='$profile'
                  $ctl status 'Knox County'
                  $ctl list discrepancies --limit 10
                  $ctl training summary --fictitious
                  $ctl changes --limit 10
                  $ctl context list
End it            make stop STATE='$state'
END
}

case $data in
  demo | rosters | none) ;;
  *) fail "DATA must be demo, rosters or none, not $data" ;;
esac
if ! [[ $scale =~ ^[1-9][0-9]?$|^100$ ]]; then
  fail "DEMO_SCALE must be a number from 1 to 100, not $scale"
fi
(umask 077 && mkdir -p "$state"/{run,log,redis})
exec 9>"$state/run/lock"
flock --nonblock 9 || fail "another run of $state is just starting"
choose_port
check_ports
build_programs
# What was loaded was loaded into these databases.
if [ ! -e "$state/agreements.db" ]; then rm -f "$state"/loaded-* "$identity/agencies"; fi
if [ ! -e "$state/training.db" ]; then rm -f "$state/loaded-corps" "$identity/officer"; fi

make_identity "$identity" "$access" agreements training gateway
write_profile "$state/client.yaml" "127.0.0.1:$port" "$current_role" "$access"
echo "$port" >"$state/port"
started=()
trap undo EXIT
start_suite
trap - EXIT
if [ ${#started[@]} -eq 0 ]; then echo "Already running: $state."; fi
incomplete=no
load_data
accordctl metrics
say_where_to_look
[ "$incomplete" = no ]
