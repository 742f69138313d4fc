#!/usr/bin/env bash
# Installs what Accord needs on Debian 12: packages from deploy/debian-packages.txt and
# the build inputs of package-lock.json. Changes nothing when all is there, and then
# needs neither root nor a network. Starts no service.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

is_installed() {
  [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = 'install ok installed' ]
}

# Node counts as there however it came: other sources name their packages otherwise.
wanted_packages() {
  sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' deploy/debian-packages.txt
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
}

missing_packages() {
  local package
  wanted_packages | while read -r package; do
    if ! is_installed "$package"; then echo "$package"; fi
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "install-deps: packages are missing, and this is neither root nor is there sudo" >&2
    exit 1
  fi
}

# Debian starts a service as soon as it is installed, unless policy-rc.d forbids it.
readonly policy=/usr/sbin/policy-rc.d
policy_is_ours=no

forbid_starting() {
  if [ -e "$policy" ]; then return; fi
  policy_is_ours=yes
  printf '#!/bin/sh\n# Of install-deps.sh, while it installs.\nexit 101\n' |
    as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
}

allow_starting() {
  if [ "$policy_is_ours" = yes ]; then as_root rm -f "$policy"; fi
  policy_is_ours=no
}

# Of the services that came with this installation, none is to start at the next boot.
disable_services() {
  local package
  command -v systemctl >/dev/null || return 0
  for package in "$@"; do
    case $package in
      redis-server | postgresql) as_root systemctl disable --quiet "$package" || true ;;
    esac
  done
}

install_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  echo "install-deps: installing ${missing[*]}"
  trap allow_starting EXIT
  forbid_starting
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "${missing[@]}" </dev/null
  disable_services "${missing[@]}"
  allow_starting
}

# The lock file's digest is kept beside what was installed from it. No package's own
# scripts run.
install_build_inputs() {
  local stamp=node_modules/.accord-lock-digest digest
  digest=$(sha256sum package-lock.json | cut -d' ' -f1)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ]; then return; fi
  echo "install-deps: installing the build inputs of package-lock.json"
  # Not `npm ci`: it wants the lock to have buf for every platform, and some registries
  # have it for Linux alone. Versions are exact in package.json and in the lock.
  npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null
  echo "$digest" >"$stamp"
}

install_packages
install_build_inputs
