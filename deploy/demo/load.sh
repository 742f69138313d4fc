#!/usr/bin/env bash
# Records a few fictitious agencies in places that do not exist, one for each stage of
# the life cycle, and three that have been in force for long, whose officers corps.py records. All of them are marked fictitious, and what is shown of them carries
# SYNTHETIC. Dates count from today, so that the demo does not grow old. Each step is taken
# by the role that may take it.
#
#   deploy/demo/load.sh ACCORDCTL PROFILE IDENTITY
#
# IDENTITY is the folder of ../identity.sh: its coordinator is bound to the agencies once they
# are there.
set -euo pipefail
shopt -s inherit_errexit
source "$(dirname "${BASH_SOURCE[0]}")/../identity.sh"
accordctl=$1
profile=$2
identity=$3
access=$(dirname "${BASH_SOURCE[0]}")/../policy/access.textproto
# Longest wait for the programs to notice who is bound to what.
readonly bound_tenths=300

# Days from today: day -30, day +30.
day() { date -d "$1 days" +%F; }

# A request id made of the command, so that a load that broke off can be run again.
request_id() {
  local sum
  sum=$(printf '%s\0' demo "$@" | sha256sum)
  echo "${sum:0:8}-${sum:8:4}-${sum:12:4}-${sum:16:4}-${sum:20:12}"
}

# as ROLE ARGUMENTS…
as() {
  local role=$1
  shift
  "$accordctl" --config "$profile" --context "$role" --output name "$@"
}

# write ROLE ARGUMENTS…: prints the name of the resource that was written.
write() {
  as "$@" --request-id "$(request_id "${@:2}")"
}

declare -A agencies=()
# agency STORY NAME STATE KIND
agency() {
  agencies[$1]=$(write national_pm agency create --fictitious --display-name "$2" --state "$3" \
    --kind "$4")
}

# Until the coordinator reaches every agency.
await_bindings() {
  local i name
  for name in "${agencies[@]}"; do
    for ((i = 0; ; i++)); do
      if as agency_coordinator get "$name" >/dev/null 2>&1; then break; fi
      if [ "$i" = "$bound_tenths" ]; then
        as agency_coordinator get "$name"
        return 1
      fi
      sleep 0.1
    done
  done
}

# apply STORY MODEL DAYS: records, that many days from today, the agency's application.
# Prints the agreement's name.
apply() {
  write agency_coordinator agreement create --agency "${agencies[$1]}" --model "$2" \
    --date "$(day "$3")" --source 'Demo letter of interest'
}

# move ROLE VERB AGREEMENT DAYS REASON
move() {
  write "$1" agreement "$2" "$3" --date "$(day "$4")" --reason "$5" --source 'Demo record'
}

review() { move national_pm start-review "$1" "$2" 'Application complete'; }

# approve AGREEMENT DAYS: reviewed a week before.
approve() {
  review "$1" "$(($2 - 7))"
  move ice_director approve "$1" "$2" 'Review finished'
}

# sign AGREEMENT DAYS TEMPLATE: the agency signed the week before.
sign() {
  write ice_director agreement sign "$1" --agency-date "$(day "$(($2 - 7))")" \
    --federal-date "$(day "$2")" --template "$3" --reason 'Both signed'
}

# in_force STORY MODEL TEMPLATE DAYS: prints the name of an agreement in force since that day.
in_force() {
  local agreement
  agreement=$(apply "$1" "$2" "$(($4 - 90))")
  approve "$agreement" "$(($4 - 14))" >/dev/null
  sign "$agreement" "$4" "$3"
}

# One for each stage. A failure inside of "$(…)" as an argument would not end this script.
applied() { apply applied JEM -20; }

in_review() {
  local agreement
  agreement=$(apply in_review TFM -45)
  review "$agreement" -10
}

approved() {
  local agreement
  agreement=$(apply approved WSO -80)
  approve "$agreement" -5
}

active() { in_force active WSO WSO-2025-02-15 -120; }

to_be_suspended() {
  local agreement
  agreement=$(in_force to_be_suspended TFM TFM-2025-02-12 -150)
  move ice_director suspend "$agreement" 30 'Notice given; resources reviewed'
}

suspended() {
  local agreement
  agreement=$(in_force suspended JEM JEM-2025-02-15 -200)
  move ice_director suspend "$agreement" -15 'Annual data not delivered'
}

terminated() {
  local agreement
  agreement=$(in_force terminated JEM JEM-2025-02-15 -260)
  move ice_director terminate "$agreement" -30 'Agency gave notice'
}

# Of each model, so old that its officers have a past.
jail() { in_force jail JEM JEM-2025-02-15 -1200; }

warrant() { in_force warrant WSO WSO-2025-02-15 -900; }

task_force() { in_force task_force TFM TFM-2025-02-12 -800; }

withdrawn() {
  local agreement
  agreement=$(apply withdrawn TFM -60)
  move agency_coordinator withdraw "$agreement" -40 'Agency took its application back'
}

echo "# agencies"
agency applied "Demo Alder Flats County Sheriff's Office" KS county
agency in_review 'Demo Birchwater Police Department' FL municipality
agency approved "Demo Cinder Lake County Sheriff's Office" TX county
agency active "Demo Dunmere County Sheriff's Office" GA county
agency to_be_suspended 'Demo Elkhollow Police Department' OK municipality
agency suspended "Demo Fernridge County Sheriff's Office" NC county
agency terminated 'Demo Granite Basin Department of Corrections' AZ state_agency
agency withdrawn 'Demo Harrow Bay Police Department' LA municipality
agency jail "Demo Ironvale County Sheriff's Office" GA county
agency warrant "Demo Junipine County Sheriff's Office" NC county
agency task_force 'Demo Kestrel Ford Police Department' SC municipality
bind_agencies "$identity" "$access" "${agencies[@]}"
await_bindings
for story in applied in_review approved active to_be_suspended suspended terminated withdrawn \
  jail warrant task_force; do
  echo "# $story"
  "$story"
done
