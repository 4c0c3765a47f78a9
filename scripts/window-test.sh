#!/usr/bin/env bash
# Drives the real window with mouse and keyboard on a display without a screen, and looks at what it shows.
# Usage: scripts/window-test.sh BINARY
# Controls are found by the names that the window tells a screen reader; what happened is seen on screenshots.
set -Eeuo pipefail

binary=$(realpath "$1")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
patience=120            # seconds until a condition that does not come true has failed; a slow machine gets its time
work=$(mktemp -d)       # screenshots, logs, and what the window keeps between runs
passed=0 helpers=() app=

# Nothing that a person keeps is read or written.
mkdir -m 700 "$work/run"
export HOME=$work XDG_RUNTIME_DIR=$work/run XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache
export WINIT_X11_SCALE_FACTOR=1
# Mesa before 23 draws wrong colours in windows without this.
export LP_PERF=no_rast_linear
unset WAYLAND_DISPLAY NO_AT_BRIDGE

# The system's file dialog, as far as the program sees it: somebody chooses this place.
mkdir "$work/bin"
printf '#!/bin/sh\necho "%s"\n' "$work/chosen.png" >"$work/bin/zenity"
chmod +x "$work/bin/zenity"
export PATH=$work/bin:$PATH

# --- the test's own words ---

end_all() {
    local pid
    [[ -z $app ]] || kill -KILL "$app" 2>/dev/null || true
    # The bus goes last: the others talk over it.
    for pid in $(printf '%s\n' "${helpers[@]}" | tac); do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
trap end_all EXIT
# Whatever goes wrong outside a check is a failure with a name, too.
trap '((BASH_SUBSHELL)) || fail "line $LINENO: $BASH_COMMAND"' ERR

# Runs a helper that writes its address to file descriptor 3, and prints the address.
start_helper() { # LOG COMMAND…
    local log=$1 address
    shift
    "$@" 3>"$work/$log.address" >"$work/$log.log" 2>&1 &
    helpers+=($!)
    eventually test -s "$work/$log.address" || fail "$1 does not start"
    read -r address <"$work/$log.address"
    printf -v "$log" %s "$address"
}

# Repeats a command until it succeeds.
eventually() {
    local end=$((SECONDS + patience))
    until "$@"; do
        ((SECONDS < end)) || return 1
        [[ -z $app ]] || kill -0 "$app" 2>/dev/null || return 1
        sleep 0.2
    done
}

not_mounted() { ! grep -q " $1 " /proc/mounts; }

fail() {
    echo "FAILED $1"
    import -silent -window root "$work/failed.png" 2>/dev/null || true
    controls >"$work/controls.txt" || true
    if [[ -n $app ]] && ! kill -0 "$app" 2>/dev/null; then
        echo "The window is gone; its last words:"
        tail -n 5 "$work/app.log"
    fi
    echo "Screenshots, logs and the list of controls are in $work"
    echo "window-test: $passed passed, 1 failed"
    exit 1
}

# Passes as soon as the command succeeds.
check() { # SENTENCE COMMAND…
    eventually "${@:2}" || fail "$1"
    passed=$((passed + 1))
    echo "ok $1"
}

not() { ! "$@"; }

# Every control, one a line: role, name, x, y, width, height, value.
controls() { /usr/bin/python3 "$here/window-controls.py" 2>>"$work/controls.log"; }

# Where the first control of that role and name is, and its value: sets x, y, w, h, value. The name is a regular
# expression.
find_control() { # ROLE NAME
    local line
    line=$(controls | awk -F '\t' -v role="$1" -v name="^($2)$" '$1 == role && $2 ~ name { print $3, $4, $5, $6, $7 }')
    [[ -n $line ]] && read -r x y w h value <<<"$line"
}

need_control() { eventually find_control "$@" || fail "there is a $1 '$2'"; }
is_on() { find_control "$@" && [[ $value == on ]]; }

# The number of training steps stands in the label after the label "Step".
training_steps() {
    controls | awk -F '\t' 'after { print $2; after = 0 } $1 == "label" && $2 == "Step" { after = 1 }'
}
more_steps_than() { (($(training_steps) > $1)); }

true_of() { awk "BEGIN { exit !($1) }"; }   # arithmetic with fractions

# Slowly enough for a window that draws a few frames a second.
press_mouse() { # X Y
    xdotool mousemove --window "$window" "$1" "$2"
    sleep 0.3
    xdotool mousedown 1
    sleep 0.2
}
click() { # ROLE NAME
    need_control "$@"
    press_mouse $((x + w / 2)) $((y + h / 2))
    xdotool mouseup 1
}
key() { xdotool key --window 0 "$1"; }
# Presses the mouse on a slider's middle line and moves it on to these percents of its width; the button stays down.
drag_slider() { # NAME PERCENT…
    local percent
    need_control slider "$1"
    press_mouse $((x + w * $2 / 100)) $((y + h / 2))
    for percent in "${@:3}"; do
        xdotool mousemove --window "$window" $((x + w * percent / 100)) $((y + h / 2))
        sleep 0.1
    done
}
choose() { # LIST ENTRY
    click 'combo box' "$1"
    click 'toggle button' "$2"
}

# Takes a picture of the window. Where the window is gone, import would wait for somebody to choose another.
look() { timeout 30 import -silent -window "$window" "$work/$1.png"; }

# How many pixels of the region in x, y, w, h differ visibly between two pictures.
pixels_changed() { # PICTURE PICTURE
    compare -metric AE -fuzz 2% "$work/$1.png[${w}x$h+$x+$y]" "$work/$2.png[${w}x$h+$x+$y]" null: 2>&1 || true
}
# Looks again; does at least a share of that region of x, y, w, h look other than in an earlier picture?
changed_since() { # PICTURE SHARE
    look now
    true_of "$(pixels_changed "$1" now) >= $2 * $w * $h"
}
# The region stays the same, to the pixel, over a second.
still() {
    look before && sleep 1 && look now && true_of "$(pixels_changed before now) == 0"
}
# Mean brightness, or another statistic, of that region: between bounds.
statistic_between() { # STATISTIC LOW HIGH
    look now
    local value
    value=$(convert "$work/now.png[${w}x$h+$x+$y]" -format "%[fx:$1]" info:)
    true_of "$value >= $2 && $value <= $3"
}
region() { x=$1 y=$2 w=$3 h=$4; }

window_is_there() {
    window=$(xdotool search --onlyvisible --name '^Scorescope$' 2>/dev/null | sed -n 1p)
    [[ -n $window ]]
}
open_window() {
    "$binary" >"$work/app.log" 2>&1 &
    app=$!
    check "the window opens" window_is_there
    xdotool windowfocus "$window"
}
size_is() { find_control frame '.*' && [[ $w == "$1" && $h == "$2" ]]; }
close_window() {
    key alt+F4
    local code=0 end=$((SECONDS + patience))
    while kill -0 "$app" 2>/dev/null && ((SECONDS < end)); do sleep 0.2; done
    kill -0 "$app" 2>/dev/null && fail "the window closes"
    wait "$app" || code=$?
    app=
    check "the window closes with exit code 0 (it is $code)" test "$code" == 0
}

# --- the display ---

start_helper bus dbus-daemon --session --nofork --nopidfile --print-address=3
export DBUS_SESSION_BUS_ADDRESS=${bus:?}
start_helper display Xvfb -displayfd 3 -screen 0 1400x950x24 -nolisten tcp
export DISPLAY=:${display:?}
openbox --sm-disable >"$work/openbox.log" 2>&1 &
helpers+=($!)
managed() { xdotool get_num_desktops >/dev/null 2>&1; }   # only a window manager knows
eventually managed || fail "openbox does not start"

# --- the Field tab ---

"$binary" render --seconds 0 --out "$work/expected.png"
open_window
check "it is 1280 by 800" size_is 1280 800
xdotool mousemove --window "$window" 900 20     # away from the probe
as_rendered() {
    region 0 0 1280 800
    look now
    true_of "$(pixels_changed expected now) < 0.01 * $w * $h"
}
check "it looks as 'scorescope render' draws it" as_rendered

need_control image 'Score field'
canvas=("$x" "$y" "$w" "$h")
look start
click 'push button' 'Start training'
check "the mouse starts training" find_control 'push button' 'Pause training'
check "training steps are counted" more_steps_than 0
region "${canvas[@]}"
check "the field changes while the network learns" changed_since start 0.01
for again in once twice; do
    region "${canvas[@]}"
    look "learning-$again"
    check "and goes on changing, seen $again" changed_since "learning-$again" 0.001
done
need_control unknown '.*'   # the loss curve: a plot has no role of its own
check "the loss curve is drawn" changed_since start 0.01

xdotool mousemove --window "$window" 900 20
key t
check "T pauses training" find_control 'push button' 'Start training'
region 0 0 1280 800
check "then the picture rests" still

need_control slider 'Noise level σ'
sigma=$value
region "${canvas[@]}"
look sigma
drag_slider 'Noise level σ' 50 45 40 35 30 25 20     # from the handle at the middle of the scale
sigma_below() { find_control slider 'Noise level σ' && true_of "$value < $1"; }
sigma_above() { find_control slider 'Noise level σ' && true_of "$value > $1"; }
check "dragging the slider lowers σ" sigma_below "0.5 * $sigma"
region "${canvas[@]}"
check "the field follows while the mouse is still down" changed_since sigma 0.1
xdotool mouseup 1
xdotool mousemove --window "$window" 900 20
region 0 0 1280 800
eventually still || fail "the picture does not rest after dragging"

need_control slider 'Noise level σ'
sigma=$value
look arrows
for _ in 1 2 3 4; do      # one press, one frame: presses within one slow frame count as one
    need_control slider 'Noise level σ'
    before=$value
    key Right
    eventually sigma_above "1.02 * $before" || fail "the right arrow key raises σ"
done
check "the arrow keys raise σ" sigma_above "1.1 * $sigma"
region "${canvas[@]}"
check "and the field follows" changed_since arrows 0.1

# --- the Samplers tab ---

key ctrl+2
check "Ctrl+2 opens the Samplers tab" is_on 'toggle button' Samplers
need_control image 'Particles of pane 1'
check "its picture is another" changed_since arrows 0.5

look langevin
click 'combo box' 'Sampler 1'
click 'toggle button' 'Annealed Langevin'
check "the list closes after a choice" not find_control 'toggle button' 'Annealed Langevin'
need_control image 'Particles of pane 1'
check "pane 1 shows the first noise level of the annealed sampler" changed_since langevin 0.5
click 'combo box' 'Sampler 2'
click 'toggle button' Langevin
check "the second list closes as well" not find_control 'toggle button' Langevin

xdotool mousemove --window "$window" 900 20
need_control image 'Particles of pane 1'
look start
key space
check "Space plays" find_control 'push button' Pause
need_control image 'Particles of pane 1'
check "the particles move" changed_since start 0.01
check "both samplers end" find_control label 'NFE 1000 of 1000.*'
# The share of the heavy mode that each pane shows, from "Share of each mode: 0.78, 0.22; truth: …".
share_between() { # PANE LOW HIGH
    local share
    share=$(controls | awk -F '\t' '$2 ~ /^Share of each mode/ { print $2 }' | sed -n "$1s/.*mode: \([0-9.]*\).*/\1/p")
    [[ -n $share ]] && true_of "$share >= $2 && $share <= $3"
}
check "annealing reaches the truth" share_between 1 0.73 0.83
check "plain Langevin does not" share_between 2 0.46 0.56

# --- from a scenario to a picture of it, as in a lesson ---

key ctrl+1
choose Scenario ring-8
untrained() { [[ $(training_steps) == 0 ]]; }
check "another scenario starts with another network" untrained
need_control image 'Score field'
canvas=("$x" "$y" "$w" "$h")
click 'push button' 'Start training'
check "which learns too" more_steps_than 20
key t
check "and pauses" find_control 'push button' 'Start training'
sigma_is_dragged() {
    drag_slider 'Noise level σ' 50 45 40 30
    xdotool mouseup 1
    eventually sigma_below 0.6
}
check "σ is dragged on its scale" sigma_is_dragged

key ctrl+2
click 'push button' 'Add pane'
click 'push button' 'Add pane'
choose 'Sampler 3' DDIM
choose 'Sampler 4' Heun
click 'check box' 'Equal NFE'
# Score evaluations of each pane, made and in all, from "NFE 3 of 1000".
spent() { controls | sed -n 's/^label\tNFE \([0-9]*\) of \([0-9]*\)\t.*/\1 \2/p'; }
four_panes() { # LOW HIGH
    [[ $(spent | awk -v low="$1" -v high="$2" '$1 >= low && $1 <= high && $2 >= 990 && $2 <= 1000' | wc -l) == 4 ]]
}
check "four samplers stand side by side at equal NFE" four_panes 0 0
drag_slider Position 0 10 25 40 50
xdotool mouseup 1
check "the position is dragged to the middle of all four" four_panes 440 560
xdotool mousemove --window "$window" 900 20
region 0 0 1280 800
eventually still || fail "the picture does not rest after dragging"
look middle

key ctrl+e
need_control entry 'Picture file .PNG.'
key ctrl+a
xdotool type --window 0 --delay 60 "$work/lesson.png"
key Return
check "the picture of the window is written" test -s "$work/lesson.png"
check "and the window says where" find_control label 'The picture of the window is in .*lesson.png'
as_seen() {
    [[ $(identify -format '%wx%h' "$work/lesson.png") == 1280x800 ]] &&
        true_of "$(pixels_changed middle lesson) < 0.001 * $w * $h"
}
check "it is what the window showed" as_seen
click 'push button' OK

click 'push button' 'Export picture.*'
click 'push button' 'Choose place.*'
check "the system's file dialog gives a place, too" test -s "$work/chosen.png"

# --- theme, size, and what is kept ---

bright() { region 700 4 300 30 && statistic_between mean "$1" 1; }
click 'combo box' Theme
click 'toggle button' Light
check "the light theme is bright" bright 0.9

xdotool windowsize "$window" 1024 700
check "the window becomes smaller" size_is 1024 700
xdotool mousemove --window "$window" 800 20
filled() {
    region 1015 2 7 20 && statistic_between mean 0.9 1 &&              # the corners are the theme's
        region 2 692 3 6 && statistic_between mean 0.9 1 &&
        find_control image 'Particles of pane 4' && ((x + w <= 1024 && x + w > 950)) &&
        statistic_between standard_deviation 0.05 1                    # and the panes are pictures
}
check "and is filled to its corners" filled
need_control image 'Particles of pane 2'
look smaller
key r
check "and still draws" changed_since smaller 0.01

close_window
open_window
check "opened again, the tab is as it was left" is_on 'toggle button' Samplers
check "and the theme" bright 0.9
check "and the size" size_is 1024 700
close_window

# Where the system's dialogs come through a portal, it has mounted its own files among ours, until the bus is gone.
end_all
helpers=()
eventually not_mounted "$work/run/doc" || true
rm -rf "$work" || echo "left behind: $work" >&2
echo "window-test: $passed passed, 0 failed"
