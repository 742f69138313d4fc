#!/usr/bin/env bash
# Records a few fictitious agencies in places that do not exist, one for each stage of
# the life cycle. All of them are marked fictitious, and what is shown of them carries
# SYNTHETIC. Dates count from today, so that the demo does not grow old.
#
#   deploy/demo/load.sh ACCORDCTL PROFILE
set -euo pipefail
shopt -s inherit_errexit
accordctl=$1
profile=$2

# Days from today: day -30, day +30.
day() { date -d "$1 days" +%F; }

# A request id made of the command, so that a load that broke off can be run again.
request_id() {
  local sum
  sum=$(printf '%s\0' demo "$@" | sha256sum)
  echo "${sum:0:8}-${sum:8:4}-${sum:12:4}-${sum:16:4}-${sum:20:12}"
}

# write ARGUMENTS…: prints the name of the resource that was written.
write() {
  "$accordctl" --config "$profile" --output name "$@" --request-id "$(request_id "$@")"
}

# apply NAME STATE KIND MODEL DAYS: records the agency and, that many days from today,
# its application. Prints the agreement's name.
apply() {
  local agency
  agency=$(write agency create --fictitious --display-name "$1" --state "$2" --kind "$3")
  write agreement create --agency "$agency" --model "$4" --date "$(day "$5")" \
    --source 'Demo letter of interest'
}

# move VERB AGREEMENT DAYS REASON
move() {
  write agreement "$1" "$2" --date "$(day "$3")" --reason "$4" --source 'Demo record'
}

# approve AGREEMENT DAYS: reviewed a week before.
approve() {
  move start-review "$1" "$(($2 - 7))" 'Application complete'
  move approve "$1" "$2" 'Review finished'
}

# sign AGREEMENT DAYS TEMPLATE: the agency signed the week before.
sign() {
  write agreement sign "$1" --agency-date "$(day "$(($2 - 7))")" \
    --federal-date "$(day "$2")" --template "$3" --reason 'Both signed'
}

# in_force NAME STATE KIND MODEL TEMPLATE DAYS: prints the name of an agreement in force
# since that day.
in_force() {
  local agreement
  agreement=$(apply "$1" "$2" "$3" "$4" "$(($6 - 90))")
  approve "$agreement" "$(($6 - 14))" >/dev/null
  sign "$agreement" "$6" "$5"
}

applied() {
  apply "Demo Alder Flats County Sheriff's Office" KS county JEM -20
}

in_review() {
  local agreement
  agreement=$(apply 'Demo Birchwater Police Department' FL municipality TFM -45)
  move start-review "$agreement" -10 'Application complete'
}

approved() {
  local agreement
  agreement=$(apply "Demo Cinder Lake County Sheriff's Office" TX county WSO -80)
  approve "$agreement" -5
}

active() {
  in_force "Demo Dunmere County Sheriff's Office" GA county WSO WSO-2025-02-15 -120
}

to_be_suspended() {
  local agreement
  agreement=$(in_force 'Demo Elkhollow Police Department' OK municipality TFM TFM-2025-02-12 -150)
  move suspend "$agreement" 30 'Notice given; resources reviewed'
}

suspended() {
  local agreement
  agreement=$(in_force "Demo Fernridge County Sheriff's Office" NC county JEM JEM-2025-02-15 -200)
  move suspend "$agreement" -15 'Annual data not delivered'
}

terminated() {
  local agreement
  agreement=$(in_force 'Demo Granite Basin Department of Corrections' AZ state_agency \
    JEM JEM-2025-02-15 -260)
  move terminate "$agreement" -30 'Agency gave notice'
}

withdrawn() {
  local agreement
  agreement=$(apply 'Demo Harrow Bay Police Department' LA municipality TFM -60)
  move withdraw "$agreement" -40 'Agency took its application back'
}

for story in applied in_review approved active to_be_suspended suspended terminated withdrawn; do
  echo "# $story"
  "$story"
done
