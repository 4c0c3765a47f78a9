#!/usr/bin/python3
"""What the window tells a screen reader, one control a line: role, name, x y width height, value (tab-separated).

Text that others set from outside (labels) has an empty value. Places count from the window's upper left corner.
"""

import sys
import warnings

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)


def walk(accessible):
    """The control and everything in it, in the order in which it is read aloud."""
    component = accessible.get_component_iface()
    if component is not None:
        place = component.get_extents(Atspi.CoordType.WINDOW)
        value = accessible.get_value_iface()
        states = accessible.get_state_set()
        pressed = states.contains(Atspi.StateType.PRESSED) or states.contains(Atspi.StateType.CHECKED)
        shown = value.get_current_value() if value is not None else "on" if pressed else ""
        print(accessible.get_role_name(), accessible.get_name(), place.x, place.y, place.width, place.height, shown, sep="\t")
    for index in range(accessible.get_child_count()):
        child = accessible.get_child_at_index(index)
        if child is not None:
            walk(child)


def main():
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application is not None and application.get_name().startswith("scorescope"):
            walk(application)


if __name__ == "__main__":
    try:
        main()
    except gi.repository.GLib.Error as error:  # the window went away, or a control did, while it was read
        sys.exit(f"controls.py: {error}")
