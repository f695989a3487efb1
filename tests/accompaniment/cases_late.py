"""What was received when: each row of the design's table of what counts for an event, in time and a second late."""
from cases_edges import ABROAD, exception
from cases_rows import MEDIA, SECOND
from changes import *
from world import change, session, t

CASES = []
ACCOMPANIED = (16, "ACCOMPANIED", "", "info", [])
ORDER_LATE = (7, "INVALID_ORDER", "LATE", "high", ["ORDER_LATE"])
REFUSED = (7, "INVALID_ORDER", "ISSUER", "high", [])
# The stick comes at 14:07, by a clock that is right.
IN_TIME = "14:06:59"
LAST = "14:07"
LATE = "14:07:01"


def case(name, why, expect, *changes):
    CASES.append((f"late-{name}", why, {"e1": expect}, seq(*changes)))


def undetermined(reason, *notes):
    return (15, "UNDETERMINED", reason, "medium", list(notes))


def directory_late(reason):
    return undetermined(reason, "LATE_DIRECTORY")


def order_received(clock, hand="feed:jira", **more):
    return the_order(received_at=t(clock), hand=hand, **more)


def received(entry, clock, hand="feed:jira"):
    return {**entry, "received_at": t(clock), "hand": hand}


def entered(kind, ident, clock, **before):
    """The element as it is was entered at `clock`; before, it had these members instead (None: it lacked it), or was not there."""
    def apply(w):
        elements = w["directory"][kind]
        now = next(one for one in elements if one["id"] == ident)
        if before:
            elements.append({key: value for key, value in {**now, **before, "until": t(clock)}.items() if value is not None})
        now.update(received_at=t(clock), hand="operator:otto", hands=["operator:ada"])
    return apply


def becomes(kind, ident, clock, **after):
    """From `clock` on the element is another in these members, or not there any more where there are none."""
    def apply(w):
        elements = w["directory"][kind]
        then = next(one for one in elements if one["id"] == ident)
        if after:
            elements.append({**then, **after, "received_at": t(clock), "hand": "operator:otto", "hands": ["operator:ada"]})
        then["until"] = t(clock)
    return apply


def twins(name, why, expect, changed):
    """The same change received in time, at the last moment and a second late; only the last one counts as late."""
    case(name, why + " a second after the event.", expect, changed(LATE))
    case(name + "-last-moment", why + " at the moment of the event.", ACCOMPANIED, changed(LAST))
    case(name + "-in-time", why + " a second before the event.", ACCOMPANIED, changed(IN_TIME))


# An order, a version, an approval: until t_E and the host clock's bound.
twins("order", "The order was received", ORDER_LATE, order_received)
BOUND = first_event(clock_bound_ms=60_000)
case("order-within-bound", "Received at 14:08, and the host's clock is right to 60 s.", ACCOMPANIED, BOUND, order_received("14:08"))
case("order-beyond-bound", "A second later than that.", ORDER_LATE, BOUND, order_received("14:08:01"))
case("order-people-there", "The order comes an hour later, nobody signed, people are there.", ORDER_LATE, order_received("15:07"), no_sessions)
NO_PERSON = (4, "NO_PERSON_KNOWN", "", "critical")
case("order-nobody-there", "The order comes an hour later, and nobody was there: it does not say who was.",
     (*NO_PERSON, ["ORDER_LATE"]), order_received("15:07"), no_sessions, nobody)
case("order-nobody-there-in-time", "It was received a second before the event.", (8, "TECHNICIAN_ABSENT", "", "high", []),
     order_received(IN_TIME), no_sessions, nobody)
case("order-nobody-there-draft", "The order comes an hour later, and would not count in time either: nobody approved it.",
     (*NO_PERSON, []), order_received("15:07", state="draft", history=[]), no_sessions, nobody)
case("order-nobody-there-later-date", "The order was written an hour later, by its own word too: it never covered it.",
     (*NO_PERSON, []), order_received("15:07", created_at=t("15:06"), history=[{"at": t("15:06"), "by": "p-boss", "field": "state", "old": "draft", "new": "approved"}]),
     no_sessions, nobody)
case("order-for-media", "The order for remote media comes an hour later.", (2, "UNAUTHORISED_REMOTE_MEDIA", "", "high", ["ORDER_LATE"]),
     MEDIA, bmc_log("media", "14:05", "14:20"), order_received("15:07"))
case("order-for-media-in-time", "It was received a second before the event.", (2, "REMOTE_MEDIA_OK", "", "info", []),
     MEDIA, bmc_log("media", "14:05", "14:20"), order_received(IN_TIME))
twins("approval", "The approval, dated the day before, was received", ORDER_LATE, lambda clock: approval(received_at=t(clock), hand="feed:jira"))
BACK_DATED = change("09:30", "p-req", "hosts", ["h-b08"], ["h-b08", "h-b07"], "2026-03-01")
case("edit-back-dated", "The host was put in before the approval, by a history that was received after the event.", ORDER_LATE,
     history(received(BACK_DATED, "14:30")))
case("edit-received-at-once", "The same, received with the approval.", ACCOMPANIED,
     history(received(BACK_DATED, "14:00")))
CLOSED = change("14:06", "p-req", "state", "approved", "closed")
case("closing", "Closed a minute before the event; the closing was received an hour later. It counts all the same.",
     (7, "INVALID_ORDER", "CLOSED", "high", []), history(received(CLOSED, "15:06")))
case("closing-of-later", "Closed after the event, received an hour later.", ACCOMPANIED,
     history(received({**CLOSED, "at": t("14:31")}, "15:31")))
case("progress", "It went on to in_progress before the event; that was received later and takes nothing away.", ACCOMPANIED,
     history(received(change("14:05", "p-req", "state", "approved", "in_progress"), "15:06")))
AGAIN = change("14:06:30", "p-boss", "state", "closed", "approved")
case("approval-after-closing", "Closed and approved again before the event; both were received an hour later. The approval comes too late.",
     ORDER_LATE, history(received(CLOSED, "15:06"), received(AGAIN, "15:07")))
case("approval-after-closing-in-time", "Both were received before the event.", ACCOMPANIED,
     history(received(CLOSED, "14:06:30"), received(AGAIN, "14:06:30")))
ONWARD = change("14:06:30", "p-req", "state", "closed", "in_progress")
case("work-after-closing", "Closed, and in progress again: likewise.", ORDER_LATE, history(received(CLOSED, "15:06"), received(ONWARD, "15:07")))
case("work-after-closing-in-time", "Both were received before the event.", ACCOMPANIED,
     history(received(CLOSED, "14:06:30"), received(ONWARD, "14:06:30")))

# An issuer that delivers in batches: until t_E + L, if no export of its hand is missing.
BATCH = policy(issuers=[{"id": "dc-ops", "batch_s": 3600}])


def exports(*numbers_and_clocks, hand="feed:jira"):
    return lambda w: w["orders"].setdefault("exports", []).extend(
        {"hand": hand, "number": number, "received_at": t(clock)} for number, clock in numbers_and_clocks)


def exported(clock, number=42):
    return order_received(clock, export=number)


WHOLE = exports((40, "13:30"), (41, "14:00"), (42, "14:50"))
case("batch", "Received 43 min after the event in export 42; 40 and 41 were there.", ACCOMPANIED, BATCH, exported("14:50"), WHOLE)
case("batch-last-second", "Received an hour after the event, which the issuer may.", ACCOMPANIED, BATCH, exported("15:07"),
     exports((41, "14:00"), (42, "15:07")))
case("batch-too-late", "A second later than that.", ORDER_LATE, BATCH, exported("15:07:01"), exports((41, "14:00"), (42, "15:07:01")))
case("batch-hole", "Export 41 is missing.", ORDER_LATE, BATCH, exported("14:50"), exports((40, "13:30"), (42, "14:50")))
case("batch-hole-filled-later", "Export 41 came after 42.", ORDER_LATE, BATCH, exported("14:50"),
     exports((40, "13:30"), (41, "14:51"), (42, "14:50")))
case("batch-other-hand", "Export 41 of its hand is missing; that of another hand is there.", ORDER_LATE, BATCH, exported("14:50"),
     exports((40, "13:30"), (42, "14:50")), exports((41, "14:00"), hand="feed:other"))
case("batch-not-counted", "The order does not say in which export it came.", ORDER_LATE, BATCH, order_received("14:50"), WHOLE)
case("batch-not-exported", "It names an export that never came.", ORDER_LATE, BATCH, exported("14:50", 43), WHOLE)
case("batch-of-no-batch-issuer", "The issuer delivers at once.", ORDER_LATE, exported("14:50"), WHOLE)
case("batch-approval", "The order was there; its approval, of before the event, came in export 42.", ACCOMPANIED, BATCH,
     exported("13:30", 40), WHOLE, approval(received_at=t("14:50"), hand="feed:jira"))
case("batch-approval-hole", "The same, and export 41 is missing.", ORDER_LATE, BATCH,
     exported("13:30", 40), exports((40, "13:30"), (42, "14:50")), approval(received_at=t("14:50"), hand="feed:jira"))

# The directory: until t_E. What a person, key, right, zone or decision that came later would clear is not known.
twins("person", "The escort's entry was received", directory_late("A4,A5"), lambda clock: entered("persons", "p-esc", clock))
twins("key", "The escort's key was registered", directory_late("A5"), lambda clock: entered("persons", "p-esc", clock, keys=[]))
twins("right", "The escort's right was entered", directory_late("A4"), lambda clock: entered("persons", "p-esc", clock, escort_zones=[]))
twins("ratio", "That the escort may have more than one was entered", directory_late("A4"),
      lambda clock: seq(SECOND, sessions(session(), session("s-2", "h-b08", "W-2", "k-tech2", "k-esc")),
                        entered("persons", "p-esc", clock, escort_ratio=1)))
twins("employer", "That the escort does not work for the vendor was entered", directory_late("A4"),
      lambda clock: entered("persons", "p-esc", clock, employer="vendor"))
twins("zone", "That the host is in the order's rack was entered",
      directory_late("A2"), lambda clock: seq(the_order(hosts=[], racks=["B07"]), entered("hosts", "h-b07", clock, zone="B08")))
twins("entity-approved", "The company that runs the issuer was approved", directory_late("A1"),
      lambda clock: entered("entities", "us", clock, approved=None))
case("entity-approved-a-day", "The same a day later: it stays unproven.", (15, "UNACCOMPANIED", "UNPROVEN", "high", ["LATE_DIRECTORY"]),
     entered("entities", "us", LATE, approved=None), now("14:08", "2026-03-03"))
twins("entity-no-longer-refused", "The company that runs the issuer was refused before, and approved", directory_late("A1"),
      lambda clock: entered("entities", "us", clock, approved=False))
twins("issuer", "Who runs the issuer was entered", directory_late("A1"), lambda clock: entered("issuers", "dc-ops", clock))
case("entity-refused", "The company that runs the issuer is refused an hour after the event: that counts at once.", REFUSED,
     becomes("entities", "us", "15:07", approved=False))
case("owner-refused", "An owner that was entered an hour after the event is refused.", REFUSED,
     becomes("entities", "us", "15:07", owners=["holding"]))
case("owner-in-order", "The same owner, and approved.", ACCOMPANIED, of("entities", "holding", approved=True),
     becomes("entities", "us", "15:07", owners=["holding"]))

# What was taken away counts for what came before.
case("key-removed", "The escort's key is taken away half an hour after the event.", ACCOMPANIED, becomes("persons", "p-esc", "14:37", keys=[]))
case("key-removed-before", "It was taken away a second before.", (12, "UNATTESTED", "", "medium", []),
     becomes("persons", "p-esc", IN_TIME, keys=[]))
case("person-removed", "The escort leaves the house the same evening.", ACCOMPANIED, becomes("persons", "p-esc", "15:37"))

# An exception: until t_E. One that comes later explains, and clears nothing.
case("exception", "A named approver signed an exception a second after the event.", (7, "INVALID_ORDER", "ISSUER", "high", ["EXCEPTION"]),
     ABROAD, exception(received_at=t(LATE)))
case("exception-last-moment", "The same at the moment of the event.", (16, "ACCOMPANIED", "", "info", ["EXCEPTION"]), ABROAD,
     exception(received_at=t(LAST)))
case("exception-twice", "Two say the same, one of them in time.", (16, "ACCOMPANIED", "", "info", ["EXCEPTION"]), ABROAD,
     lambda w: [exception()(w), w["policy"]["exceptions"].insert(0, {**w["policy"]["exceptions"][0], "received_at": t(LATE)})])
