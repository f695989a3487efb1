"""The edge cases of the design by their numbers, each with neighbours that flip it."""
from changes import *
from world import (CRASH_CART, HUB, KEYBOARD, MODEM, MODEM_DISK, STICK, STICK2, badge, change, crash_cart, device, event,
                   ilo_keyboard, keyboard, room_in, room_out, session, signature, t, virtual_cd)

CASES = []
ACCOMPANIED = (16, "ACCOMPANIED", "", "info", [])
UNATTESTED = (12, "UNATTESTED", "", "medium", [])
NO_ORDER = (5, "UNACCOMPANIED", "NO_ORDER", "high", [])
INTERVAL = "UNACCOMPANIED_INTERVAL"


def case(number, name, why, expect, *changes):
    CASES.append((f"edge-{number:02}-{name}", why, {"e1": expect} if isinstance(expect, tuple) else expect, seq(*changes)))


def accompanied(*notes):
    return (16, "ACCOMPANIED", "", "info", list(notes))


def escort_absent(*notes, severity="high"):
    return (11, "UNACCOMPANIED", "ESCORT_ABSENT", severity, list(notes))


def undetermined(reason, *notes):
    return (15, "UNDETERMINED", reason, "medium", list(notes))


def unknown_time(*notes, severity="high"):
    return (15, "UNACCOMPANIED", "UNKNOWN_TIME", severity, list(notes))


# 1: the escort leaves before
case(1, "escort-left", "The escort badges out at 14:05, the stick comes at 14:07, clocks are right to 60 s.", escort_absent(),
     goes_out("b-esc", "14:05"))
case(1, "escort-left-mounted", "The same, and it was mounted.", escort_absent(severity="critical"), goes_out("b-esc", "14:05"),
     first_event(mounted=True))
case(1, "escort-left-within-bounds", "A minute later: within the clocks' bounds; the heartbeat at the host a minute after settles it.", accompanied(INTERVAL),
     goes_out("b-esc", "14:06"))
case(1, "escort-left-bounds-not-met", "The badge-out one second earlier than that.", escort_absent(), goes_out("b-esc", "14:05:59"))
case(1, "host-clock", "Out at 14:05, and the host's clock is right to 90 s only: likewise.", accompanied(INTERVAL), goes_out("b-esc", "14:05"),
     first_event(clock_bound_ms=90_000))

# 2: the escort leaves afterwards
STAYS = seq(lambda w: w["events"]["events"][1].update(at=t("14:29")), goes_out("b-esc", "14:20"), goes_out("b-tech", "14:34"))
case(2, "escort-left-stick-stays", "The escort leaves at 14:20, the stick stays until 14:29.", accompanied(INTERVAL), STAYS)
case(2, "escort-left-stick-stays-mounted", "The same, mounted: the interval is high.", accompanied(INTERVAL), STAYS,
     first_event(mounted=True))
case(2, "stick-goes-first", "The stick goes a minute before the escort.", accompanied(), STAYS,
     lambda w: w["events"]["events"][1].update(at=t("14:19")))
case(2, "never-removed", "The escort leaves at 14:20 and the stick is still there.", accompanied(INTERVAL), STAYS,
     lambda w: w["events"]["events"].pop())
case(2, "escort-comes-back", "The escort is out for five minutes.", accompanied(INTERVAL), STAYS, add_rows(room_in("5", "b-esc", "14:25")))

# 4: no exit reader, or a badge-out that is missing
ROOM4 = seq(on_host("h-e01"), the_order(hosts=["h-e01"]), the_session(host="h-e01"),
            rows(room_in("1", "b-tech", "13:50", "4"), room_in("2", "b-esc", "13:50:30", "4")))
case(4, "no-exit-reader", "Leaving the room is not recorded, and the heartbeat is fresh.", accompanied(), ROOM4)
case(4, "no-exit-reader-old-heartbeat", "The same, and the newest heartbeat is too old.", undetermined("A3,A4,A5"), ROOM4,
     inserted_at("14:20", "14:21"), beats("14:08"))
case(4, "no-exit-reader-late-signature", "The same with a late signature and no heartbeat.", undetermined("A3,A4", "LATE_ATTEST"), ROOM4,
     no_sessions, late("14:10", STICK, host="h-e01"))
AGAIN = add_rows(room_in("5", "b-esc", "14:25"))
case(4, "badge-out-missing", "The escort badges in a second time and never out between; the heartbeat is fresh.", accompanied(),
     never_out("b-esc"), AGAIN)
case(4, "badge-out-missing-not-signed", "The same, and nobody signed.", undetermined("A4,A5"), never_out("b-esc"), AGAIN, no_sessions)
case(4, "badge-out-there", "The same with the badge-out.", UNATTESTED, never_out("b-esc"), AGAIN, no_sessions,
     add_rows(room_out("6", "b-esc", "14:15")))

# 5: one rack over
case(5, "other-rack", "The order is for rack B07, the stick came in B08, the same room.", (6, "WRONG_ASSET", "", "high", []),
     the_order(hosts=[], racks=["B07"]), on_host("h-b08"))
case(5, "same-rack", "The order is for rack B07.", accompanied(), the_order(hosts=[], racks=["B07"]))
case(5, "other-host-of-the-rack", "Another host of the rack; the session was opened for the rack.", accompanied(),
     the_order(hosts=[], racks=["B07"]), on_host("h-b07-2"), the_session(scope="rack"))
case(5, "other-host-session-of-one", "The same, and the session is for one host.", UNATTESTED,
     the_order(hosts=[], racks=["B07"]), on_host("h-b07-2"))

# 8 and 9: before the session opens
BEFORE = sessions(session(opened="14:10", beats=("14:17",)))
LATE = accompanied("LATE_ATTEST")
case(8, "late-signature", "Three minutes before the session, signed within ten minutes.", LATE, BEFORE, late("14:12", STICK))
case(8, "late-signature-tenth-minute", "Signed ten minutes afterwards.", LATE, BEFORE, late("14:17", STICK))
case(8, "late-signature-too-late", "Signed a second later than that.", UNATTESTED, BEFORE, late("14:17:01", STICK))
case(8, "late-signature-other-device", "Signed for other descriptors.", UNATTESTED, BEFORE, late("14:12", STICK2))
case(8, "late-signature-other-host", "Signed for the host beside it.", UNATTESTED, BEFORE, late("14:12", STICK, host="h-b07-2"))
case(8, "late-signature-invalid", "The signature does not verify.", UNATTESTED, BEFORE, late("14:12", STICK, valid=False))
case(8, "signed-before", "A signature for the device before it came is none for it.", UNATTESTED, BEFORE, late("14:06", STICK))
case(8, "outside-the-window", "Signed in time, and before the order's window.", NO_ORDER, BEFORE, inserted_at("13:59"), late("14:05", STICK))
case(9, "never-signed", "Three minutes before the session, never signed.", UNATTESTED, BEFORE)
case(9, "session-three-minutes-earlier", "The session opens as the stick comes.", accompanied(), sessions(session(opened="14:07", beats=("14:12",))))

# 10: there when the agent starts
# Nothing was seen to leave: from the session's end to the escort's leaving, and from then on.
STILL_THERE = [INTERVAL, INTERVAL]
PRESENT = {"kind": "present"}
case(10, "part-of-the-interval", "Between 13:58 and 14:06 it came, and the order begins at 14:00.", unknown_time(),
     between("13:58", "14:06", **PRESENT), sessions(session(opened="13:56", beats=("14:05",))))
case(10, "whole-interval", "Between 14:02 and 14:07 it came; all is true for all of it.", accompanied(*STILL_THERE),
     between("14:02", "14:07", **PRESENT))
case(10, "narrowed", "Between 13:30 and 14:07, and the kernel says: connected for two minutes.", accompanied(*STILL_THERE),
     between("13:30", "14:07", connected_ms=120_000, **PRESENT))
case(10, "narrowed-to-before", "The same, connected for 8 minutes: before the order.", NO_ORDER,
     between("13:30", "14:07", connected_ms=480_000, **PRESENT))
case(10, "escort-for-a-part", "The escort came, and signed, in the middle of the interval.", unknown_time(),
     between("14:02", "14:07", **PRESENT), no_rows_of("b-esc"), add_rows(room_in("5", "b-esc", "14:04")),
     the_session(escort=signature("k-esc", "14:05")))
case(10, "escort-signed-before-the-door", "The same row, by a clock within its bounds; the escort signed at the host before and after; the device stayed.", accompanied(INTERVAL),
     between("14:02", "14:07", **PRESENT), no_rows_of("b-esc"), add_rows(room_in("5", "b-esc", "14:04")))
case(10, "signed-for-a-part", "The session opens in the middle of the interval.", unknown_time(), between("14:02", "14:07", **PRESENT),
     sessions(session(opened="14:04", beats=("14:12",))))
case(10, "nobody-and-mounted", "No order in all the interval, nobody there, and mounted.", unknown_time(severity="critical"),
     between("11:00", "12:00", mounted=True, **PRESENT), no_orders, nobody, no_sessions)
case(10, "in-the-baseline", "Found at the start, and in the baseline.", (1, "BASELINE", "", "info", []), between("13:58", "14:06", **PRESENT),
     using(virtual_cd()))

# 11: in and out while the agent did not run
GHOST = (None, "GHOST_DEVICE", "", "high", [])
case(11, "ghost", "Counters of the kernel moved while the agent was stopped.", GHOST, between("14:02", "14:07", kind="ghost"))
case(11, "ghost-mounted", "And a disk's sequence number says that it was a disk.", (None, "GHOST_DEVICE", "", "critical", []),
     between("14:02", "14:07", kind="ghost", mounted=True))
case(11, "still-there", "The same device still there.", accompanied(*STILL_THERE), between("14:02", "14:07", **PRESENT))

# 12 and 13: what the BMC shows
case(12, "virtual-cd-at-post", "The virtual CD shows at POST, empty.", (1, "BASELINE", "", "info", []), no_orders, nobody, no_sessions,
     events(event(device=virtual_cd())))
case(12, "virtual-cd-with-media", "The same with media, and no order.", (2, "UNAUTHORISED_REMOTE_MEDIA", "", "high", []), no_orders, nobody,
     no_sessions, events(event(device=virtual_cd(), bmc_active=["media"])))
CONSOLE = seq(events(event(device=ilo_keyboard(), bmc_active=["console"])), the_order(remote_media=True), no_sessions)
case(13, "console", "The keyboard comes as the console opens; log and order agree.", (2, "REMOTE_MEDIA_OK", "", "info", []), CONSOLE,
     bmc_log("console", "14:06", "14:20"))
case(13, "console-not-logged", "The same without a session in the BMC's log.", (2, "UNAUTHORISED_REMOTE_MEDIA", "", "high", []), CONSOLE)
case(13, "console-no-order", "The same with the session and without an order.", (2, "UNAUTHORISED_REMOTE_MEDIA", "", "high", []), CONSOLE,
     no_orders, bmc_log("console", "14:06", "14:20"))

# 15: a hub
GROUP = {"event": "e3", "outcome": "DEVICE_NOT_PERMITTED", "severity": "high"}
HUB_EVENTS = (event(device=device(HUB, vid="05e3", pid="0610", serial="", grade="C", interfaces=("hub",))),
              event("e2", "14:07:02", device=device(port="1-4.1")),
              event("e3", "14:07:03", device=keyboard(port="1-4.2")))
OUT = [event("e4", "14:10", kind="remove"), event("e5", "14:10", kind="remove", device=device(port="1-4.1")),
       event("e6", "14:10", kind="remove", device=device(port="1-4.2"))]
NOT_PERMITTED = (14, "DEVICE_NOT_PERMITTED", "", "high", [])
case(15, "hub-with-two", "A hub with a stick and a keyboard: one group, three verdicts, the worst is told.",
     {"e1": ACCOMPANIED + ({"group": "e1", "group_worst": GROUP},), "e2": ACCOMPANIED + ({"group": "e1", "group_worst": GROUP},),
      "e3": NOT_PERMITTED + ({"group": "e1", "group_worst": GROUP},)}, events(*HUB_EVENTS, *OUT))
case(15, "second-stick-later", "The keyboard comes eleven seconds after the stick: another group.",
     {"e1": ACCOMPANIED + ({"group": "e1"},), "e2": ACCOMPANIED + ({"group": "e1"},),
      "e3": NOT_PERMITTED + ({"group": "e3", "group_worst": GROUP},)},
     events(*HUB_EVENTS[:2], event("e3", "14:07:13", device=keyboard(port="1-4.2")), *OUT))

# 16: a cable
WIGGLE = seq(lambda w: w["events"]["events"].extend([event("e2x", "14:07:32"), event("e3", "14:12", kind="remove")]),
             lambda w: w["events"]["events"][1].update(at=t("14:07:30")))
case(16, "wiggle", "Gone for two seconds, the same descriptors: one verdict, twice inserted.",
     ACCOMPANIED[:4] + (["FLAP"], {"count": 2}), WIGGLE)
case(16, "six-seconds", "Gone for six seconds: two uses.", {"e1": ACCOMPANIED + ({"count": 1},), "e2x": ACCOMPANIED + ({"count": 1},)}, WIGGLE,
     lambda w: w["events"]["events"][2].update(at=t("14:07:36")))
case(16, "other-serial", "Back in two seconds with another serial number.",
     {"e1": ACCOMPANIED, "e2x": (3, "MORPHING", "", "critical", [])}, WIGGLE,
     lambda w: w["events"]["events"][2].update(device=device(serial="4C530002")))

# 17: two faces
SWAP = events(event(device=device(MODEM_DISK, vid="12d1", pid="1f01", serial="", grade="C")),
              event("e2", "14:07:04", kind="remove"),
              event("e3", "14:07:08", device=keyboard()), event("e4", "14:12", kind="remove"))
MORPH = (3, "MORPHING", "", "critical", [])
ACC1 = ACCOMPANIED
case(17, "storage-then-keyboard", "On one port storage, and a keyboard eight seconds later.", {"e1": ACC1, "e3": MORPH}, SWAP)
case(17, "without-removal", "The same, and no removal was seen.", {"e1": accompanied(*STILL_THERE), "e3": MORPH}, SWAP,
     lambda w: w["events"]["events"].pop(1))
BOTH = the_order(devices=[{"descriptors_sha256": MODEM_DISK}, {"descriptors_sha256": KEYBOARD}])
case(17, "both-named", "The order names both descriptors.", {"e1": ACC1, "e3": ACC1}, SWAP, BOTH)
case(17, "one-named", "The order names one of them.", {"e1": (14, "DEVICE_NOT_PERMITTED", "", "high", []), "e3": MORPH}, SWAP,
     the_order(devices=[{"descriptors_sha256": KEYBOARD}]))
case(17, "both-named-in-a-draft", "An order that nobody approved names both.",
     {"e1": (7, "INVALID_ORDER", "NOT_APPROVED", "high", []), "e3": MORPH}, SWAP, BOTH, the_order(state="draft", history=[]))
case(17, "both-named-for-another-host", "An order names both, and came to cover this host afterwards.",
     {"e1": (6, "WRONG_ASSET", "", "high", ["ORDER_EDITED"]), "e3": MORPH}, SWAP, BOTH,
     history(change("14:30", "p-req", "hosts", ["h-b08"], ["h-b07"])))
case(17, "a-minute-later", "The keyboard comes a minute after the storage went: two devices.",
     {"e1": ACC1, "e3": NOT_PERMITTED}, SWAP, lambda w: w["events"]["events"][2].update(at=t("14:08:04")))
case(17, "next-port", "The keyboard comes on the next port.", {"e1": ACC1, "e3": NOT_PERMITTED}, SWAP,
     lambda w: [one.update(device=keyboard(port="1-5")) for one in w["events"]["events"][2:]])

# 18 to 20
case(18, "second-key", "The technician signs as escort with a second key.", (9, "SELF_ESCORT", "", "critical", []),
     sessions(session(escort="k-tech-second")))
case(18, "second-key-of-the-escort", "The escort signs with a second key.", accompanied(), sessions(session(escort="k-esc-second")),
     of("persons", "p-esc", keys=["k-esc", "k-esc-second"]))
VENDOR = seq(no_rows_of("b-esc"), add_rows(room_in("5", "b-vesc", "13:50"), room_out("6", "b-vesc", "14:35")),
             sessions(session(escort="k-vesc")))
case(19, "vendor-escort", "The escort is from the vendor's company.", (10, "INELIGIBLE_ESCORT", "EMPLOYER", "high", []), VENDOR)
case(19, "escort-changed-company", "The same person, employed by us.", accompanied(), VENDOR, of("persons", "p-vesc", employer="us"))
ABROAD = the_order(issuer="abroad-ops")
REFUSED = (7, "INVALID_ORDER", "ISSUER", "high", [])
EXCEPTION = {"order": "W-1", "reason": "ISSUER", "text": "artifact of a ticketing system", "approved_by": "p-ciso",
             "from": t("00:00"), "to": t("23:59"), "signature": "valid"}


def exception(**fields):
    return policy(exceptions=[{**EXCEPTION, **fields}])


case(20, "foreign-subsidiary", "A foreign subsidiary issued it, and it is not on the list; all else is true.", REFUSED, ABROAD)
case(20, "listed", "The same issuer on the list.", accompanied(), ABROAD, policy(issuers=["dc-ops", "abroad-ops"]))
case(20, "signed-exception", "A named approver signed an exception.", accompanied("EXCEPTION"), ABROAD, exception())
case(20, "exception-not-signed", "The exception's signature does not verify.", REFUSED, ABROAD, exception(signature="invalid"))
case(20, "exception-of-anybody", "Somebody signed it whom the policy does not name.", REFUSED, ABROAD, exception(approved_by="p-boss"))
case(20, "exception-for-another-order", "It is for another order.", REFUSED, ABROAD, exception(order="W-2"))
case(20, "exception-over", "It ended a minute before.", REFUSED, ABROAD, exception(to=t("14:06")))
case(20, "exception-by-the-requester", "The approver of the exception asked for the order.", REFUSED, ABROAD, exception(),
     the_order(requester="p-ciso", created_by="p-ciso"))
case(20, "exception-clears-nothing-else", "It does not help an order that was closed.", (7, "INVALID_ORDER", "CLOSED", "high", ["EXCEPTION"]),
     ABROAD, exception(), history(change("14:06", "p-req", "state", "approved", "closed")))

# 22: the host added
case(22, "host-added-after", "The host was put into the order after the event.", (6, "WRONG_ASSET", "", "high", ["ORDER_EDITED"]),
     history(change("14:30", "p-req", "hosts", ["h-b08"], ["h-b08", "h-b07"])))
case(22, "host-added-before-approval", "The host was put in before the approval.", accompanied(),
     history(change("09:30", "p-req", "hosts", ["h-b08"], ["h-b08", "h-b07"], "2026-03-01")))
case(22, "host-added-after-approval", "The host was put in between approval and event.", (7, "INVALID_ORDER", "EDITED", "high", []),
     history(change("12:00", "p-req", "hosts", ["h-b08"], ["h-b08", "h-b07"])))

# 23: one who can do all
MASTER = seq(the_order(requester="p-admin", created_by="p-admin"), approval(by="p-admin"))
SOD = (7, "INVALID_ORDER", "SOD", "critical", [])
case(23, "master-admin", "One person raised it, approved it and changed the technician's badge rights.", SOD, MASTER,
     rights_change("p-admin", "p-tech", "12:00"))
case(23, "rights-of-the-escort", "One person raised it, approved it and changed the escort's rights.", SOD, MASTER,
     rights_change("p-admin", "p-esc", "12:00"))
case(23, "approver-changed-rights", "Who approved it changed the rights; somebody else raised it.", SOD, rights_change("p-boss", "p-tech", "12:00"))
case(23, "no-rights-changed", "One person raised and approved it, and changed no rights.", (7, "INVALID_ORDER", "SELF_APPROVED", "high", []),
     MASTER)
case(23, "rights-changed-by-another", "Somebody without a part in the order changed the rights.", accompanied(),
     rights_change("p-admin", "p-tech", "12:00"))
case(23, "rights-of-another", "The rights of somebody without a part in it.", accompanied(), rights_change("p-boss", "p-staff", "12:00"))

# 24: late
DAYS_LATER = seq(first_event(received_at=t("14:00", "2026-03-04")), now("15:00", "2026-03-04"))
case(24, "late-delivery", "The host was offline and delivers two days later.", accompanied("LATE_DELIVERY"), DAYS_LATER)
case(24, "in-time", "Delivered within the hour.", accompanied(), first_event(received_at=t("15:07")))
case(24, "badge-rows-deleted", "The badge rows of that time are deleted by then.", undetermined("A3,A4", "LATE_DELIVERY"), DAYS_LATER,
     lambda w: w["badges"]["feeds"][0].update(kept_since=t("00:00", "2026-03-03"), watermark=t("14:00", "2026-03-04")), nobody)
case(24, "badge-ins-deleted", "Only the rows since 14:00 are left: the badge-ins are not.", undetermined("A3,A4", "LATE_DELIVERY"), DAYS_LATER,
     lambda w: w["badges"]["feeds"][0].update(kept_since=t("14:00")), nobody)
case(24, "deleted-and-a-day", "The same a day after the delivery.", (15, "UNACCOMPANIED", "UNPROVEN", "high", ["LATE_DELIVERY"]), DAYS_LATER,
     lambda w: w["badges"]["feeds"][0].update(kept_since=t("00:00", "2026-03-03")), now("14:01", "2026-03-05"))

# 25: a wrong clock
ANCHOR = {"at": t("14:05"), "boottime_ms": 1_000_000, "bound_ms": 500}
WRONG_CLOCK = seq(first_event(at=t("17:07"), boottime_ms=1_120_000, anchor=ANCHOR), lambda w: w["events"]["events"].pop())
case(25, "three-hours-wrong", "The wall clock is three hours off; the boot clock says 14:07.", accompanied("CLOCK_STEP", *STILL_THERE), WRONG_CLOCK)
case(25, "anchor-too-wide", "The anchor is right to seven minutes only.", undetermined("CLOCK", "CLOCK_STEP"), WRONG_CLOCK,
     first_event(anchor={**ANCHOR, "bound_ms": 420_000}))
case(25, "mapped-to-before", "The boot clock says 13:59.", (5, "UNACCOMPANIED", "NO_ORDER", "high", ["CLOCK_STEP"]), WRONG_CLOCK,
     first_event(boottime_ms=640_000))
case(25, "clock-right", "The wall clock agrees with the boot clock.", accompanied(*STILL_THERE), WRONG_CLOCK, first_event(at=t("14:07")))
case(25, "unproven", "Too wide, and a day later.", (15, "UNACCOMPANIED", "UNPROVEN", "high", ["CLOCK_STEP"]), WRONG_CLOCK,
     first_event(anchor={**ANCHOR, "bound_ms": 420_000}), now("14:20", "2026-03-03"))

# 26: a door controller's clock
FAST = seq(rows(room_in("1", "b-tech", "14:06:30"), room_in("2", "b-esc", "14:06:40"),
                room_out("3", "b-tech", "14:42"), room_out("4", "b-esc", "14:42:30")),
           sessions(session(opened="14:01", beats=("14:08",))), inserted_at("14:05", "14:06"))
case(26, "seven-minutes-fast", "Both badged in after they signed, by the door's clock: it is fast, and edges are unknown.",
     undetermined("A3"), FAST)
case(26, "offset-stated", "The same, and the controller's offset is known.", accompanied(), FAST,
     lambda w: w["badges"].update(controllers=[{"id": "c-1", "fast_ms": 420_000, "bound_ms": 5_000}]))
case(26, "nobody-signed", "The same badge rows, and nobody signed: nothing shows that the clock is fast.",
     (8, "TECHNICIAN_ABSENT", "", "high", []), FAST, no_sessions)
case(26, "out-by-a-fast-clock", "The escort goes out at 14:12 by a clock that is known to be fast: perhaps before 14:07.",
     undetermined("A3,A4"), rows(room_in("1", "b-tech", "14:06:30"), room_in("2", "b-esc", "14:06:40"), room_out("4", "b-esc", "14:12")))

# 28: the time of the producer
PRODUCED = {"occurred_at": None}


def salto(start, end):
    row = room_in("5", "b-esc", "13:50")
    del row["occurred_at"]
    return seq(no_rows_of("b-esc"), add_rows({**row, "occurred_from": t(start), "occurred_to": t(end)}))


case(28, "interval-before", "When the escort came in is known to an interval, that ends before.", accompanied(), salto("13:00", "14:05"))
case(28, "interval-around", "The interval ends after the event.", undetermined("A4"), salto("13:50", "14:10"))
case(28, "interval-at-the-bound", "It ends a minute before the event, clocks are right to 60 s.", undetermined("A4"), salto("13:00", "14:06"))

# 29: one badge in two cities
case(29, "two-cities", "The escort's badge was used in the other city at 14:20.", escort_absent("CREDENTIAL_CLONE"),
     add_rows(room_in("5", "b-esc", "14:20", "3")))
case(29, "two-cities-before", "In the other city ten minutes before coming in here.", escort_absent("CREDENTIAL_CLONE"),
     add_rows(room_in("5", "b-esc", "13:40", "3")))
case(29, "travelled", "In the other city an hour after going out here.", accompanied(), add_rows(room_in("5", "b-esc", "15:38", "3")))
case(29, "technician-in-two-cities", "The technician's badge.", (8, "TECHNICIAN_ABSENT", "", "high", ["CREDENTIAL_CLONE"]),
     add_rows(room_in("5", "b-tech", "14:20", "3")))

# 30: doors released
case(30, "fire-alarm", "A fire alarm released the room's doors.", undetermined("A3,A4", "MANUAL_REVIEW"), released("room-1", "14:00", "14:20"))
case(30, "fire-alarm-of-the-site", "It released the whole site.", undetermined("A3,A4", "MANUAL_REVIEW"), released("site-1", "14:00", "14:20"))
case(30, "fire-alarm-next-room", "It released the next room.", accompanied(), released("room-2", "14:00", "14:20"))
case(30, "fire-alarm-later", "It came two minutes later.", accompanied(), released("room-1", "14:09", "14:20"))
case(30, "fire-alarm-no-order", "Released, no order, and nobody's badge: who was there is not known.",
     (5, "UNACCOMPANIED", "NO_ORDER", "high", ["MANUAL_REVIEW"]), released("room-1", "14:00", "14:20"), no_orders, nobody, no_sessions)

# 31: staff
STAFF = seq(no_orders, no_sessions, rows(room_in("1", "b-staff", "13:50"), room_out("2", "b-staff", "14:35")))
case(31, "crash-cart", "Staff with an allow-listed keyboard, no order.", (None, "STAFF_USE", "", "info", []), STAFF, using(crash_cart()))
case(31, "crash-cart-bound", "The same with its driver: info stays info.", (None, "STAFF_USE", "", "info", []), STAFF, using(crash_cart()),
     first_event(bound=["hid"]))
case(31, "storage", "Staff with a stick.", NO_ORDER, STAFF)
case(31, "storage-on-the-allow-list", "Staff with a stick of the allow list: for input devices only.", NO_ORDER, STAFF,
     policy(allow=[{"descriptors_sha256": STICK}]))
case(31, "other-keyboard", "Staff with a keyboard that is not on the list.", NO_ORDER, STAFF, using(keyboard()))
case(31, "visitor-there-too", "Somebody is there who may not be alone.", NO_ORDER, STAFF, using(crash_cart()), add_rows(room_in("5", "b-tech", "13:55")))
case(31, "staff-left", "Staff left two minutes before.", (4, "NO_PERSON_KNOWN", "", "critical", []), STAFF, using(crash_cart()),
     goes_out("b-staff", "14:05"))

# 32: a stick that names nothing
SERIAL = the_order(devices=[{"serial": "4C530001"}])
case(32, "grade-c", "The order names the serial number, and it names no one stick.", (14, "DEVICE_NOT_PERMITTED", "", "high", []), SERIAL,
     using(device(grade="C")))
case(32, "grade-b", "Its grade is B.", (14, "DEVICE_NOT_PERMITTED", "", "high", []), SERIAL, using(device(grade="B")))
case(32, "grade-a", "Its grade is A.", accompanied(), SERIAL)
case(32, "other-serial", "Grade A, and the last digit differs.", (14, "DEVICE_NOT_PERMITTED", "", "high", []), SERIAL,
     using(device(serial="4C530002")))

# 33: events lost
LOST = {"provenance": "reconciled", "lost": 12}
case(33, "found-by-reconcile", "Events were lost during the visit; found by comparing, all true for all the interval.",
     accompanied("EVIDENCE_GAP", *STILL_THERE), between("14:03", "14:09", **LOST))
case(33, "from-before", "The interval begins before the order.", unknown_time("EVIDENCE_GAP"), between("13:55", "14:09", **LOST))

# 34: blocked
case(34, "blocked", "The device was never authorised, the escort is out.", escort_absent("ATTEMPT", severity="medium"),
     goes_out("b-esc", "14:05"), first_event(authorized=False))
case(34, "let-in", "The same, authorised.", escort_absent(), goes_out("b-esc", "14:05"))
case(34, "removal-says-nothing", "Blocked, and its removal does not say so.", escort_absent("ATTEMPT", severity="medium"),
     goes_out("b-esc", "14:05"), first_event(authorized=False), lambda w: w["events"]["events"][1].update(authorized=True))
case(34, "privileged", "Later an interface came without its device.",
     {"e1": escort_absent("ATTEMPT", severity="medium"), "e3": (None, "PRIVILEGED_OVERRIDE", "", "high", [])},
     goes_out("b-esc", "14:05"), first_event(authorized=False), lambda w: w["events"]["events"].append(event("e3", "14:09", kind="privileged")))

# 36: a kiosk
KIOSK = seq(no_rows_of("b-esc"), add_rows(badge("5", "b-esc", "r-kiosk", "in", "lobby-1", "room-1", "13:50")))
case(36, "kiosk", "The escort only checked in at the desk, and did not sign.", escort_absent(), KIOSK, no_sessions)
case(36, "kiosk-signed", "The same and signed.", (13, "ATTESTED_NO_BADGE", "", "medium", []), KIOSK)
case(36, "door", "The same reader as a door.", accompanied(), KIOSK, of("readers", "r-kiosk", kiosk=False))
case(36, "technician-at-the-kiosk", "The technician only checked in.", (8, "TECHNICIAN_ABSENT", "", "high", []), no_rows_of("b-tech"),
     add_rows(badge("5", "b-tech", "r-kiosk", "in", "lobby-1", "room-1", "13:50")))

# 37: a host that is not there
case(37, "unknown", "The inventory does not have the host.", (None, "UNKNOWN_ASSET", "", "high", []), on_host("h-nobody"))
case(37, "decommissioned", "The inventory has it out of service.", (None, "UNKNOWN_ASSET", "", "high", []), on_host("h-old"), the_order(hosts=["h-old"]))
case(37, "in-service", "The same, in service.", accompanied(), on_host("h-old"), the_order(hosts=["h-old"]), the_session(host="h-old"),
     of("hosts", "h-old", in_service=True))

# 38: a heartbeat from elsewhere
FAR = seq(inserted_at("14:15", "14:16"), beats("14:09", host="h-b07-2"))
case(38, "rack-session", "The heartbeat comes from another host of the rack, the session is the rack's.", accompanied(), FAR,
     the_session(scope="rack"))
case(38, "host-session", "The session is the host's.", UNATTESTED, FAR)
case(38, "other-rack", "The heartbeat comes from the next rack.", UNATTESTED, inserted_at("14:15", "14:16"), beats("14:09", host="h-b08"),
     the_session(scope="rack"))
case(38, "own-host", "The heartbeat comes from the host itself.", accompanied(), inserted_at("14:15", "14:16"), beats("14:09", host="h-b07"))
