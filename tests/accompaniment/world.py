"""A small world for the cases of accompaniment: two sites, rooms, racks, people of three companies, one good visit.

Everything here is data as docs/formats/accompaniment-case.md has it. `base()` is the visit that is ACCOMPANIED; a
case changes a copy of it.
"""
import copy

DAY = "2026-03-02"
STICK = "a1" * 32
STICK2 = "a2" * 32
KEYBOARD = "b1" * 32
CRASH_CART = "b2" * 32
MODEM_DISK = "c1" * 32
MODEM = "c2" * 32
VIRTUAL_CD = "d1" * 32
ILO_KEYBOARD = "d2" * 32
CARD_READER = "d3" * 32
HUB = "e1" * 32


def t(clock, day=DAY):
    """ "14:07" or "14:07:30" of the day of the visit, in UTC."""
    return f"{day}T{clock}:00Z" if clock.count(":") == 1 else f"{day}T{clock}Z"


def device(digest=STICK, vid="0781", pid="5581", serial="4C530001", grade="A", port="1-4", interfaces=("storage",),
           controller="0000:00:14.0"):
    return {"vid": vid, "pid": pid, "serial": serial, "serial_grade": grade, "descriptors_sha256": digest,
            "controller": controller, "port": port, "interfaces": list(interfaces)}


def keyboard(digest=KEYBOARD, **more):
    return device(digest, vid="413c", pid="2113", serial="", grade="C", interfaces=("hid",), **more)


def crash_cart(**more):
    return device(CRASH_CART, vid="046d", pid="c31c", serial="", grade="C", interfaces=("hid",), **more)


def virtual_cd(**more):
    return device(**{"digest": VIRTUAL_CD, "vid": "046b", "pid": "ff20", "serial": "", "grade": "C", "port": "1-11",
                     **more})


def ilo_keyboard(**more):
    return device(**{"digest": ILO_KEYBOARD, "vid": "03f0", "pid": "7029", "serial": "", "grade": "C", "port": "1-12",
                     "interfaces": ("hid",), **more})


def card_reader(**more):
    return device(**{"digest": CARD_READER, "vid": "0bda", "pid": "0316", "serial": "", "grade": "C", "port": "1-7",
                     **more})


def event(ident="e1", at="14:07", host="h-b07", **more):
    out = {"id": ident, "host": host, "kind": "insert"}
    if at is not None:
        out["at"] = t(at)
    out["device"] = device()
    out.update(more)
    return out


def badge(ident, credential, reader, direction, zone_from, zone_to, at, **more):
    out = {"source": "onguard", "event_id": ident, "credential": credential, "reader": reader,
           "direction": direction, "zone_from": zone_from, "zone_to": zone_to, "occurred_at": t(at)}
    out.update(more)
    return out


def room_in(ident, credential, at, room="1", **more):
    lobby = "lobby-2" if room == "3" else "lobby-1"
    return badge(ident, credential, f"r-{room}-in", "in", lobby, f"room-{room}", at, **more)


def room_out(ident, credential, at, room="1", **more):
    lobby = "lobby-2" if room == "3" else "lobby-1"
    return badge(ident, credential, f"r-{room}-out", "out", f"room-{room}", lobby, at, **more)


def signature(key, at, valid=True):
    return {"key": key, "at": t(at), "signature": "valid" if valid else "invalid"}


def session(ident="s-1", host="h-b07", order="W-1", technician="k-tech", escort="k-esc", opened="14:01", closed="14:30",
            beats=("14:08", "14:17", "14:26"), **more):
    out = {"id": ident, "host": host, "order": order, "technician": signature(technician, opened),
           "escort": signature(escort, opened), "opened_at": t(opened), "closed_at": t(closed),
           "heartbeats": [signature(escort, at) for at in beats]}
    out.update(more)
    return out


def change(at, by, field, old, new, day=DAY):
    return {"at": t(at, day), "by": by, "field": field, "old": old, "new": new}


APPROVAL = {"at": t("10:00", "2026-03-01"), "by": "p-boss", "field": "state", "old": "draft", "new": "approved"}


def order(ident="W-1", **more):
    out = {"id": ident, "created_at": t("09:00", "2026-03-01"), "created_by": "p-req", "issuer": "dc-ops",
           "requester": "p-req", "technicians": ["p-tech"], "escorts": ["p-esc"], "hosts": ["h-b07"], "racks": [],
           "from": t("14:00"), "to": t("15:00"), "devices": [{"kind": "storage"}], "state": "approved",
           "history": [copy.deepcopy(APPROVAL)]}
    out.update(more)
    return out


def zone(ident, kind, parent=None, **more):
    return {"id": ident, "kind": kind, **({"parent": parent} if parent else {}), **more}


def person(ident, employer, badge_id=None, keys=(), **more):
    return {"id": ident, "employer": employer, "credentials": [badge_id] if badge_id else [], "keys": list(keys), **more}


def reader(ident, direction, zone_from, zone_to, controller="c-1", **more):
    return {"id": ident, "controller": controller, "direction": direction, "zone_from": zone_from, "zone_to": zone_to,
            **more}


def directory():
    escort = {"unescorted_zones": ["site-1", "site-2"], "escort_zones": ["site-1", "site-2"]}
    return {
        "zones": [
            zone("site-1", "site"), zone("lobby-1", "room", "site-1"), zone("room-1", "room", "site-1"),
            zone("room-2", "room", "site-1"), zone("room-4", "room", "site-1", exit_reader=False),
            zone("B07", "rack", "room-1"), zone("B08", "rack", "room-1"), zone("L01", "rack", "room-1", locked=True),
            zone("C01", "rack", "room-2"), zone("E01", "rack", "room-4"),
            zone("site-2", "site"), zone("lobby-2", "room", "site-2"), zone("room-3", "room", "site-2"),
            zone("D01", "rack", "room-3")],
        "persons": [
            person("p-tech", "vendor", "b-tech", ["k-tech", "k-tech-second"]),
            person("p-tech2", "vendor", "b-tech2", ["k-tech2"]),
            person("p-esc", "us", "b-esc", ["k-esc"], **escort),
            person("p-esc2", "us", "b-esc2", ["k-esc2"], escort_ratio=1, **escort),
            person("p-vesc", "vendor", "b-vesc", ["k-vesc"], **escort),
            person("p-daughter-esc", "vendor-daughter", "b-dau", ["k-dau"], **escort),
            person("p-staff", "us", "b-staff", ["k-staff"], unescorted_zones=["site-1"]),
            person("p-new", "us", "b-new", ["k-new"], escort_zones=["site-1"]),
            person("p-req", "us"), person("p-boss", "us"), person("p-admin", "us"), person("p-ciso", "us"),
            person("p-sub", "us-abroad")],
        "hosts": [
            {"id": "h-b07", "name": "db-7", "zone": "B07", "model": "m1"},
            {"id": "h-b07-2", "name": "db-8", "zone": "B07", "model": "m1"},
            {"id": "h-b08", "name": "db-9", "zone": "B08", "model": "m1"},
            {"id": "h-l01", "name": "hsm-1", "zone": "L01", "model": "m1"},
            {"id": "h-c01", "name": "web-1", "zone": "C01", "model": "m1"},
            {"id": "h-e01", "name": "web-2", "zone": "E01", "model": "m1"},
            {"id": "h-d01", "name": "web-3", "zone": "D01", "model": "m1"},
            {"id": "h-old", "name": "old-1", "zone": "B07", "model": "m1", "in_service": False}],
        "entities": [
            {"id": "us", "approved": True}, {"id": "us-abroad", "owners": ["us"], "approved": True},
            {"id": "vendor", "approved": True}, {"id": "vendor-daughter", "owners": ["vendor"], "approved": True},
            {"id": "holding", "approved": False, "decided": "board, 2025-11"},
            {"id": "holding-daughter", "owners": ["holding"], "approved": True}],
        "issuers": [{"id": "dc-ops", "entity": "us"}, {"id": "abroad-ops", "entity": "us-abroad"},
                    {"id": "daughter-ops", "entity": "holding-daughter"}, {"id": "nobody-ops"}],
        "readers": [
            reader("r-1-in", "in", "lobby-1", "room-1"), reader("r-1-out", "out", "room-1", "lobby-1"),
            reader("r-2-in", "in", "lobby-1", "room-2"), reader("r-2-out", "out", "room-2", "lobby-1"),
            reader("r-4-in", "in", "lobby-1", "room-4"),
            reader("r-3-in", "in", "lobby-2", "room-3", "c-2"), reader("r-3-out", "out", "room-3", "lobby-2", "c-2"),
            reader("r-l01-in", "in", "room-1", "L01", "c-3"), reader("r-l01-out", "out", "L01", "room-1", "c-3"),
            reader("r-kiosk", "in", "lobby-1", "room-1", kiosk=True)],
    }


def policy():
    return {
        "issuers": ["dc-ops", "daughter-ops", "nobody-ops"],
        "exception_approvers": ["p-ciso"],
        "allow": [{"vid": "046d", "pid": "c31c", "kind": "hid", "actions": ["connect"]}],
        "baseline": [
            {"model": "m1", "controller": "0000:00:14.0", "port": "1-11", "vid": "046b", "pid": "ff20",
             "interfaces": ["storage"], "descriptors_sha256": VIRTUAL_CD, "bmc": True},
            {"model": "m1", "controller": "0000:00:14.0", "port": "1-12", "vid": "03f0", "pid": "7029",
             "interfaces": ["hid"], "descriptors_sha256": ILO_KEYBOARD, "bmc": True},
            {"model": "m1", "controller": "0000:00:14.0", "port": "1-7", "vid": "0bda", "pid": "0316",
             "interfaces": ["storage"], "descriptors_sha256": CARD_READER}],
        "delta_s": 60,
        "escort_ratio": 3,
    }


def base():
    return {
        "events": {"events": [event(), event("e2", "14:12", kind="remove")]},
        "orders": {"watermark": t("16:00"), "orders": [order()]},
        "badges": {"feeds": [{"source": "onguard", "watermark": t("16:00"), "zones": ["site-1", "site-2"]}],
                   "rows": [room_in("1", "b-tech", "13:50"), room_in("2", "b-esc", "13:50:30"),
                            room_out("3", "b-tech", "14:35"), room_out("4", "b-esc", "14:35:30")]},
        "sessions": {"watermark": t("16:00"), "sessions": [session()]},
        "directory": directory(),
        "policy": policy(),
        "now": {"now": t("16:00")},
    }
