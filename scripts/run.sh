#!/usr/bin/env bash
# Sets up what is missing, builds, and opens the window. Without a display it does the same job without a window and
# writes what came out into a folder: $SCORESCOPE_OUT, or scorescope-out here.
# Arguments go to the program: scripts/run.sh --scenario ring-8
set -euo pipefail

out=$(realpath -m "${SCORESCOPE_OUT:-scorescope-out}")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/packages.sh
source "$root/scripts/packages.sh"

need_compilers
need_packages "${WINDOW_PACKAGES[@]}"

echo "Building (some minutes the first time)"
manifest=(--manifest-path "$root/Cargo.toml")
cargo build "${manifest[@]}" --release --locked
target=$(cargo metadata "${manifest[@]}" --no-deps --locked --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
scorescope=$target/release/scorescope

# Mesa before 23 draws wrong colours in windows without this.
export LP_PERF=${LP_PERF:-no_rast_linear}
if [[ -z ${XDG_RUNTIME_DIR:-} ]]; then
    XDG_RUNTIME_DIR=${TMPDIR:-/tmp}/scorescope-$(id -u)
    mkdir -p "$XDG_RUNTIME_DIR"
    chmod 700 "$XDG_RUNTIME_DIR"
    export XDG_RUNTIME_DIR
fi

if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} || $# -gt 0 ]]; then
    exec "$scorescope" "$@"
fi

echo "No display (neither DISPLAY nor WAYLAND_DISPLAY is set): the same job without a window"
if ! mkdir -p "$out"; then
    echo "The folder $out cannot be made: set SCORESCOPE_OUT to one that can." >&2
    exit 1
fi
cd "$out"

echo "Training"
"$scorescope" train --seed 1 --out model.safetensors | tail -n 1 >train.json

# The numbers of one list of the summary, with two digits.
shares() { # FILE KEY
    local numbers
    numbers=$(sed -n "s/.*\"$2\":\[\([^]]*\)\].*/\1/p" "$1" | tr , ' ')
    # shellcheck disable=SC2086  # one word for each number
    LC_ALL=C printf '%.2f ' $numbers
}

echo
printf '%-10s %-8s %-16s %s\n' Sampler Score 'Share of modes' Truth
for sampler in langevin annealed; do
    for score in exact learned; do
        model=()
        [[ $score == learned ]] && model=(--model model.safetensors)
        name=$sampler-$score
        "$scorescope" sample --sampler "$sampler" "${model[@]}" --particles 1280 --seed 1 --out "$name.csv" | tail -n 1 >"$name.json"
        printf '%-10s %-8s %-16s %s\n' "$sampler" "$score" "$(shares "$name.json" mode_weights)" "$(shares "$name.json" true_weights)"
    done
done
echo

echo "Drawing the window's pictures"
status=0 what=Everything
"$scorescope" render --tab field --out field.png &&
    "$scorescope" render --tab samplers --out samplers.png &&
    "$scorescope" render --tab field --size 720x480 --seconds 3 --out field.gif || status=$? what='Everything else'
echo "$what is in $out"
exit "$status"
