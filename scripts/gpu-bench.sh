#!/usr/bin/env bash
# Checks and measures this machine's graphics adapter with a built program: scripts/gpu-bench.sh [BINARY [FOLDER]].
# Every answer is compared with the processor's; one JSON object a line goes to FOLDER (gpu-bench beside the binary).
set -euo pipefail

binary=${1:-$(dirname "${BASH_SOURCE[0]}")/../target/release/scorescope}
folder=${2:-$(dirname "$binary")/gpu-bench}
if [[ ! -x $binary ]]; then
    echo "$binary is missing: cargo build --release --locked" >&2
    exit 1
fi
mkdir -p "$folder"

"$binary" doctor | tee "$folder/doctor.txt"
for what in particles unet; do
    echo "== bench $what --device gpu"
    "$binary" bench "$what" --device gpu --json | tee "$folder/$what.jsonl"
    # A program on the processor that plays the adapter says nothing about a graphics card.
    if grep -q '"software":true' "$folder/$what.jsonl"; then
        echo "No graphics card was found; what was measured is a program on the processor." >&2
        exit 1
    fi
done
echo "== bench particles, on the processor"
"$binary" bench particles --json | tee "$folder/particles-cpu.jsonl"
echo "All answers agree; the figures are in $folder"
