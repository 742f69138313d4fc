# shellcheck shell=bash
# Sourced by run.sh and demo/load.sh: who is who in a local run. All of it is made here, is
# good for this run only, and stays in one folder that only its owner can read:
#
#   ca.pem, ca.key              a throw-away authority
#   NAME.pem, NAME.key          of a service: spiffe://accord/service/NAME, on this machine
#   token.key, keys.json        what signs tokens, and its public half as a JWKS
#   tokens/ROLE                 a token of demo-ROLE
#   bindings.textproto          who has which role
#   agencies, officer           the demo agencies and the demo officer that some roles are bound to
#   redis.password
#
# It stands in for an identity provider and an authority, which an installation has elsewhere.

readonly token_issuer=http://demo.accord.invalid
readonly token_days=7
readonly ca_days=365
readonly leaf_days=30
# A certificate that ends within so many days is renewed.
readonly renew_days=7
# The office of some of the demo agencies (Georgia and North Carolina).
readonly demo_office=fieldOffices/atlanta

# put FILE: the input takes the file's place, whole.
put() {
  cat >"$1.new"
  mv "$1.new" "$1"
}

# roles_of ACCESS: codes of the roles that people have; services show certificates.
roles_of() {
  awk '/^roles \{/ { inside = 1 } /^\}/ { inside = 0 }
       inside && /^  code:/ { gsub(/"/, "", $2); if ($2 != "service") print $2 }' "$1"
}

# make_key FILE OPTION…: unless it is there.
make_key() {
  local file=$1
  shift
  if [ ! -s "$file" ]; then openssl genpkey "$@" | put "$file"; fi
}

# lasts FILE DAYS: whether the certificate is there and good for longer.
lasts() {
  [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend "$(($2 * 86400))" >/dev/null
}

# Renewed with the same key, so that what it has signed stays good. It outlives its leaves.
make_authority() {
  make_key "$1/ca.key" -algorithm EC -pkeyopt ec_paramgen_curve:P-256
  if lasts "$1/ca.pem" "$((leaf_days + renew_days))"; then return; fi
  openssl req -x509 -new -key "$1/ca.key" -days "$ca_days" \
    -subj '/CN=Accord local run' -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' \
    -addext 'keyUsage=critical,keyCertSign' | put "$1/ca.pem"
}

# make_certificate DIR NAME
make_certificate() {
  local leaf=$1/$2
  make_key "$leaf.key" -algorithm EC -pkeyopt ec_paramgen_curve:P-256
  if lasts "$leaf.pem" "$renew_days" &&
    openssl verify -CAfile "$1/ca.pem" "$leaf.pem" >/dev/null 2>&1; then return; fi
  openssl req -x509 -new -key "$leaf.key" -CA "$1/ca.pem" -CAkey "$1/ca.key" \
    -days "$leaf_days" -subj "/CN=$2" -addext 'basicConstraints=critical,CA:FALSE' \
    -addext 'keyUsage=critical,digitalSignature' -addext 'extendedKeyUsage=serverAuth,clientAuth' \
    -addext "subjectAltName=URI:spiffe://accord/service/$2,IP:127.0.0.1,DNS:localhost" |
    put "$leaf.pem"
}

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# public_key DIR: of tokens, the 32 bytes that end its DER form.
public_key() { openssl pkey -in "$1/token.key" -pubout -outform DER | tail -c 32 | base64url; }

# token DIR SUBJECT
token() {
  local now head body
  now=$(date +%s)
  head=$(printf '{"alg":"EdDSA","typ":"JWT","kid":"local"}' | base64url)
  body=$(printf '{"iss":"%s","sub":"%s","aud":"accord","iat":%d,"exp":%d}' \
    "$token_issuer" "$2" "$now" "$((now + token_days * 86400))" | base64url)
  printf '%s' "$head.$body" >"$1/signed"
  echo "$head.$body.$(openssl pkeyutl -sign -rawin -inkey "$1/token.key" -in "$1/signed" |
    base64url)"
  rm "$1/signed"
}

make_tokens() {
  local role
  make_key "$1/token.key" -algorithm ed25519
  printf '{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"local","x":"%s"}]}\n' \
    "$(public_key "$1")" | put "$1/keys.json"
  for role in $(roles_of "$2"); do
    token "$1" "demo-$role" | put "$1/tokens/$role"
  done
}

# within FIELD NAME…: as a binding says how far it reaches.
within() {
  local field=$1 name
  shift
  for name in "$@"; do echo "  $field: \"$name\""; done
}

# bindings DIR ACCESS: with the demo agencies and officer that are known so far.
bindings() {
  local role service
  local -a agencies=() officers=()
  if [ -f "$1/agencies" ]; then mapfile -t agencies <"$1/agencies"; fi
  if [ -f "$1/officer" ]; then mapfile -t officers <"$1/officer"; fi
  for service in training gateway; do
    echo "bindings { issuer: \"spiffe\" subject: \"spiffe://accord/service/$service\" role: \"service\" }"
  done
  for role in $(roles_of "$2"); do
    echo "bindings {"
    echo "  issuer: \"$token_issuer\" subject: \"demo-$role\" role: \"$role\""
    case $role in
      field_pm | field_office_director | training_officer) within field_offices "$demo_office" ;;
      agency_coordinator) within agencies "${agencies[@]}" ;;
      officer) within officers "${officers[@]}" ;;
    esac
    echo "}"
  done
}

# bind_agencies DIR ACCESS NAME…: the demo agencies are these.
bind_agencies() {
  local dir=$1 access=$2
  shift 2
  printf '%s\n' "$@" | put "$dir/agencies"
  bindings "$dir" "$access" | put "$dir/bindings.textproto"
}

# bind_officer DIR ACCESS NAME: the demo officer is this one.
bind_officer() {
  echo "$3" | put "$1/officer"
  bindings "$1" "$2" | put "$1/bindings.textproto"
}

# make_identity DIR ACCESS SERVICE…: whatever is missing or ends soon, and new tokens.
make_identity() (
  local dir=$1 access=$2 name
  shift 2
  umask 077
  mkdir -p "$dir/tokens"
  make_authority "$dir"
  for name in "$@"; do make_certificate "$dir" "$name"; done
  make_tokens "$dir" "$access"
  bindings "$dir" "$access" | put "$dir/bindings.textproto"
  if [ ! -s "$dir/redis.password" ]; then openssl rand -hex 32 | put "$dir/redis.password"; fi
)

# write_profile FILE SERVER CURRENT ACCESS: a context for each role, in the folder that holds
# identity/.
write_profile() {
  local role
  {
    echo "current: $3"
    echo "contexts:"
    for role in $(roles_of "$4"); do
      echo "  - {name: $role, server: '$2', tls: {ca: identity/ca.pem}, token_file: identity/tokens/$role}"
    done
  } | put "$1"
}
