"""What a case changes in the world: each function here gives a function that changes one thing in it."""
import copy

from world import badge, change, order, room_in, room_out, session, signature, t


def seq(*changes):
    def apply(w):
        for one in changes:
            one(w)
    return apply


def events(*new):
    def apply(w):
        w["events"]["events"] = copy.deepcopy(list(new))
    return apply


def first_event(**fields):
    """Members of the first event; None takes one away."""
    def apply(w):
        for key, value in fields.items():
            if value is None:
                w["events"]["events"][0].pop(key)
            else:
                w["events"]["events"][0][key] = value
    return apply


def inserted_at(clock, removed=None):
    def apply(w):
        w["events"]["events"][0]["at"] = t(clock)
        if removed:
            w["events"]["events"][1]["at"] = t(removed)
        elif t(clock) > w["events"]["events"][1]["at"]:
            w["events"]["events"].pop()
    return apply


def between(start, end, **fields):
    """The first event is an interval, and nothing was seen to leave."""
    def apply(w):
        one = w["events"]["events"][0]
        one.pop("at")
        one.update({"from": t(start), "to": t(end)}, **fields)
        w["events"]["events"] = [one]
    return apply


def on_host(host):
    return lambda w: [one.update(host=host) for one in w["events"]["events"]]


def using(dev):
    return lambda w: [one.update(device=copy.deepcopy(dev)) for one in w["events"]["events"]]


def no_orders(w):
    w["orders"]["orders"] = []


def the_order(**fields):
    return lambda w: w["orders"]["orders"][0].update(copy.deepcopy(fields))


def history(*entries):
    """Put before or after the approval by their time."""
    def apply(w):
        one = w["orders"]["orders"][0]
        one["history"] = sorted(one["history"] + copy.deepcopy(list(entries)), key=lambda e: e["at"])
        for entry in one["history"]:
            one[entry["field"]] = entry["new"]
    return apply


def approval(**fields):
    return lambda w: w["orders"]["orders"][0]["history"][0].update(fields)


def add_order(*args, **fields):
    return lambda w: w["orders"]["orders"].append(order(*args, **fields))


def orders_known_to(clock):
    return lambda w: w["orders"].update(watermark=t(clock))


def badges_known_to(clock):
    return lambda w: w["badges"]["feeds"][0].update(watermark=t(clock))


def sessions_known_to(clock):
    return lambda w: w["sessions"].update(watermark=t(clock))


def rows(*new):
    return lambda w: w["badges"].update(rows=copy.deepcopy(list(new)))


def add_rows(*new):
    return lambda w: w["badges"]["rows"].extend(copy.deepcopy(new))


def no_rows_of(credential):
    def apply(w):
        w["badges"]["rows"] = [one for one in w["badges"]["rows"] if one.get("credential") != credential]
    return apply


def nobody(w):
    w["badges"]["rows"] = []


def goes_out(credential, clock):
    def apply(w):
        for one in w["badges"]["rows"]:
            if one["credential"] == credential and one["direction"] == "out":
                one["occurred_at"] = t(clock)
    return apply


def never_out(credential):
    def apply(w):
        w["badges"]["rows"] = [one for one in w["badges"]["rows"]
                               if one["credential"] != credential or one["direction"] != "out"]
    return apply


def visit_in_room(room):
    """All badge rows of the visit, at the doors of another room."""
    return rows(room_in("1", "b-tech", "13:50", room), room_in("2", "b-esc", "13:50:30", room),
                room_out("3", "b-tech", "14:35", room), room_out("4", "b-esc", "14:35:30", room))


def no_sessions(w):
    w["sessions"]["sessions"] = []


def sessions(*new):
    return lambda w: w["sessions"].update(sessions=copy.deepcopy(list(new)))


def the_session(**fields):
    return lambda w: w["sessions"]["sessions"][0].update(fields)


def beats(*clocks, key="k-esc", **fields):
    return lambda w: w["sessions"]["sessions"][0].update(
        heartbeats=[{**signature(key, clock), **fields} for clock in clocks])


def late(clock, digest, key="k-esc", host="h-b07", order_id="W-1", valid=True):
    return lambda w: w["sessions"].setdefault("late_attestations", []).append(
        {"host": host, "order": order_id, "descriptors_sha256": digest, "escort": signature(key, clock, valid)})


def bmc_log(kind, start, end, user="p-tech", host="h-b07"):
    return lambda w: w["sessions"].setdefault("bmc_sessions", []).append(
        {"host": host, "kind": kind, "user": user, "from": t(start), "to": t(end)})


def policy(**fields):
    return lambda w: w["policy"].update(copy.deepcopy(fields))


def now(clock, day=None):
    return lambda w: w["now"].update(now=t(clock, day) if day else t(clock))


def of(kind, ident, **fields):
    """Members of one person, zone, host, entity or reader of the directory."""
    def apply(w):
        found = [one for one in w["directory"][kind] if one["id"] == ident]
        assert len(found) == 1, (kind, ident)
        found[0].update(fields)
    return apply


def rights_change(by, person, clock, day="2026-03-01", what="escort right for room-1"):
    return lambda w: w["directory"].setdefault("rights_changes", []).append(
        {"at": t(clock, day), "by": by, "person": person, "what": what})


def released(zone, start, end):
    return lambda w: w["badges"].setdefault("releases", []).append({"zone": zone, "from": t(start), "to": t(end)})


__all__ = [name for name in dir() if not name.startswith("_")]
