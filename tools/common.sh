# shellcheck shell=bash
# Sourced by the checks: where the tree is, and what a change is compared with.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

# Prints the commit that this tree is compared with: where it left main, or the commit
# before when it is main. Prints nothing when there is no such commit.
base_commit() {
  local main base head
  head=$(git rev-parse --verify --quiet HEAD) || return 0
  main=$(git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main || true)
  base=$([ -z "$main" ] || git merge-base "$main" "$head" 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$head" ]; then
    base=$(git rev-parse --verify --quiet 'HEAD~1' || true)
  fi
  echo "$base"
}

# Prints our C++ files, one a line: tracked ones, and new ones that are not ignored.
cpp_files() {
  git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' | while read -r file; do
    if [ -f "$file" ]; then echo "$file"; fi
  done
}

# test_programs BUILD LABEL…: the test programs under tests/LABEL, as build targets.
test_programs() {
  local build=$1 program inputs label
  shift
  ninja -C "$build" -t targets all | sed -n 's|^\(tests/[a-z0-9_]*_test\): .*|\1|p' |
    while read -r program; do
      inputs=$(ninja -C "$build" -t inputs "$program")
      for label in "$@"; do
        if grep -q "^tests/$label/" <<<"$inputs"; then echo "$program"; fi
      done
    done
}

# links_grpc BUILD PROGRAM
links_grpc() {
  ninja -C "$1" -t inputs "$2" | grep 'libgrpc' >/dev/null
}
