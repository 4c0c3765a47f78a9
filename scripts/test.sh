#!/usr/bin/env bash
# Sets up what is missing and runs every check; stops at the first that fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/packages.sh
source scripts/packages.sh

need_compilers
need_packages "${WINDOW_PACKAGES[@]}" "${WINDOW_TEST_PACKAGES[@]}"
for component in fmt clippy; do
    if ! cargo "$component" --version >/dev/null 2>&1; then
        echo "cargo $component is missing: rustup component add rustfmt clippy" >&2
        exit 1
    fi
done

# Nothing that a person keeps is read or written, and nothing is shown on a person's screen.
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -m 700 "$state/run"
export XDG_RUNTIME_DIR=$state/run XDG_DATA_HOME=$state/data XDG_CONFIG_HOME=$state/config XDG_CACHE_HOME=$state/cache
unset DISPLAY WAYLAND_DISPLAY
# Pictures are compared, never replaced.
unset UPDATE_SNAPSHOTS
# Mesa before 23 draws wrong colours in windows without this.
export LP_PERF=no_rast_linear
# One build from nothing is faster and smaller without.
export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}

# Runs a command, says how long it took, ends everything where it fails.
step() { # NAME COMMAND…
    local name=$1 begun=$SECONDS status=0
    shift
    echo "== $name"
    "$@" || status=$?
    if [[ $status != 0 ]]; then
        echo "== FAILED after $((SECONDS - begun)) s, exit code $status: $name" >&2
        exit 1
    fi
    echo "== $((SECONDS - begun)) s: $name"
}

step 'cargo fmt --check' cargo fmt --check
step 'cargo clippy' cargo clippy --all-targets --locked -- -D warnings
step 'cargo doc' env RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --locked
step 'cargo test' cargo test --locked
step 'cargo build' cargo build --locked
target=$(cargo metadata --no-deps --locked --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
step 'the real window' scripts/window-test.sh "$target/debug/scorescope"
echo "All checks passed in $SECONDS s"
