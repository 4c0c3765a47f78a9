# Sourced by the other scripts: what a Debian or Ubuntu machine has to have, and how it gets it.
# shellcheck shell=bash disable=SC2034

# The window, and pictures without a window. The program loads these libraries by name when it starts, so the linker
# does not know of them.
WINDOW_PACKAGES=(
    libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon-x11-0   # X11
    libvulkan1 mesa-vulkan-drivers                                          # Vulkan, in software where there is no GPU
)

# The test of the real window: a display without a screen, a window manager, a hand, an eye, a screen reader.
WINDOW_TEST_PACKAGES=(
    xvfb openbox xdotool imagemagick
    dbus-daemon at-spi2-core python3-gi gir1.2-atspi-2.0
)

# Runs a command as root: directly, or with sudo, which asks for a password only where somebody can type it.
as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif [[ -t 0 ]]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# Installs those of the given packages that are missing. Where that cannot be done it says so and goes on: the
# libraries may well be there under another name, and what is really missing shows later.
need_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This machine has no apt-get; where something is missing, install what these Debian packages hold: $*" >&2
        return 0
    fi
    local package missing=()
    for package in "$@"; do
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    [[ ${#missing[@]} == 0 ]] && return 0
    local by_hand="install by hand: apt-get install --no-install-recommends ${missing[*]}"
    if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
        echo "Packages are missing and only root can add them; $by_hand" >&2
        return 0
    fi
    echo "Installing ${missing[*]}"
    local log
    log=$(mktemp)
    # A list that cannot be refreshed may still be good enough: the installation decides.
    as_root apt-get -q update >"$log" 2>&1 || true
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        tail -n 3 "$log" >&2
        echo "apt-get failed (the lines above are its last words); $by_hand" >&2
    fi
    rm -f "$log"
}

# Cargo and a C compiler: nothing works without them.
need_compilers() {
    if ! command -v cargo >/dev/null && [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]]; then
        PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
    fi
    if ! command -v cargo >/dev/null; then
        echo "cargo is missing: install Rust from https://rustup.rs and start again." >&2
        exit 1
    fi
    # Rust links with cc, and the memory allocator is C.
    command -v cc >/dev/null || need_packages gcc libc6-dev
    if ! command -v cc >/dev/null; then
        echo "A C compiler is missing: install gcc and start again." >&2
        exit 1
    fi
}
