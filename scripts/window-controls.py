#!/usr/bin/python3
"""What the window tells a screen reader, one control a line: role, name, x, y, width, height, value; tabs between.

Places count from the window's upper left corner. The value of a button or box that is on is "on".
"""

import sys
import warnings

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)


def call_for_a_screen_reader():
    """Programs describe their windows only where somebody listens."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    value = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))
    where = ("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set")
    bus.call_sync(*where, value, None, Gio.DBusCallFlags.NONE, -1, None)


def describe(control):
    place = control.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
    value = control.get_value_iface()
    states = control.get_state_set()
    on = any(states.contains(state) for state in (Atspi.StateType.PRESSED, Atspi.StateType.CHECKED))
    shown = value.get_current_value() if value else "on" if on else ""
    name = control.get_name().replace("\n", " ")
    print(control.get_role_name(), name, place.x, place.y, place.width, place.height, shown, sep="\t")


def walk(control):
    """The control and everything in it, in the order in which it is read aloud."""
    if control is None:  # it went away meanwhile
        return
    if control.get_component_iface():
        describe(control)
    for index in range(control.get_child_count()):
        walk(control.get_child_at_index(index))


try:
    call_for_a_screen_reader()
    walk(Atspi.get_desktop(0))
except GLib.Error as error:  # a control, or the window, went away while it was read
    sys.exit(f"window-controls: {error}")
