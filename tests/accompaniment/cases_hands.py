"""One hand, or two of one person, behind two sides of a verdict; badge rows that came too late; sessions that nobody listed."""
from changes import *
from world import room_in, room_out, t

CASES = []
ACCOMPANIED = (16, "ACCOMPANIED", "", "info", [])
SOD = (7, "INVALID_ORDER", "SOD", "critical", [])


def case(name, why, expect, *changes):
    CASES.append((name, why, {"e1": expect}, seq(*changes)))


def entered_by(hand, *approvers, person="p-esc"):
    return of("persons", person, received_at=t("13:00"), hand=hand, hands=list(approvers))


def ordered_by(hand):
    return seq(the_order(received_at=t("13:00"), hand=hand), approval(received_at=t("13:00"), hand=hand))


def badged_by(hand, event_id="2"):
    def apply(w):
        for row in w["badges"]["rows"]:
            if row["event_id"] == event_id:
                row.update(received_at=t("13:55"), hand=hand)
    return apply


def is_of(hand, person):
    return lambda w: w["directory"].setdefault("hands", []).append({"id": hand, "person": person})


DIRECTORY = {"directory": entered_by, "order": ordered_by, "badge": badged_by}
OTTO, ADA = "operator:otto", "operator:ada"
for first, second in (("directory", "order"), ("directory", "badge"), ("order", "badge")):
    case(f"hands-{first}-{second}", f"One hand is behind the {first} and the {second}.", SOD, DIRECTORY[first](OTTO), DIRECTORY[second](OTTO))
    case(f"hands-{first}-{second}-split", "The same of two hands.", ACCOMPANIED, DIRECTORY[first](OTTO), DIRECTORY[second](ADA))
for side in ("directory", "order", "badge"):
    case(f"hands-{side}-signature", f"The hand behind the {side} is the escort's.", SOD, DIRECTORY[side](OTTO), is_of(OTTO, "p-esc"))
    case(f"hands-{side}-signature-split", "It is another person's.", ACCOMPANIED, DIRECTORY[side](OTTO), is_of(OTTO, "p-boss"))
case("hands-two-certificates-one-person", "Two hands of one person.", SOD, entered_by(OTTO), ordered_by("feed:jira"), is_of(OTTO, "p-boss"),
     is_of("feed:jira", "p-boss"))
case("hands-two-certificates-two-persons", "Of two persons.", ACCOMPANIED, entered_by(OTTO), ordered_by("feed:jira"), is_of(OTTO, "p-boss"),
     is_of("feed:jira", "p-ciso"))
case("hands-approver-of-directory", "Who approved the entry delivered the order.", SOD, entered_by(OTTO, ADA), ordered_by(ADA))
case("hands-technician-entry", "Who entered the technician delivered the order.", SOD, entered_by(OTTO, person="p-tech"), ordered_by(OTTO))
case("hands-badge-of-nobody-asked", "The hand behind the order delivered a badge row of somebody else.", ACCOMPANIED, ordered_by(OTTO),
     add_rows(room_in("8", "b-staff", "13:52", received_at=t("13:55"), hand=OTTO)))
case("hands-before-what-else-is-wrong", "The order was closed, too: one hand says more.", SOD, entered_by(OTTO), ordered_by(OTTO),
     history({"at": t("12:00"), "by": "p-boss", "field": "state", "old": "approved", "new": "closed"}))
SINGLE = policy(hands="single")
case("hands-single-site", "A site that has one hand only says so.", (12, "UNATTESTED", "SINGLE", "medium", ["SOLE_WORD"]), SINGLE,
     entered_by(OTTO), ordered_by(OTTO))
case("hands-single-site-of-two", "There nothing is better, whoever delivered it.", (12, "UNATTESTED", "SINGLE", "medium", []), SINGLE,
     entered_by(OTTO), ordered_by(ADA))

# A row below a watermark that its feed had told before
PASSED = {"received_at": t("14:30"), "watermark": t("14:20")}


def passed(*watermarks):
    return lambda w: w["badges"]["feeds"][0].update(passed=list(watermarks))


def row_received(event_id, clock):
    return lambda w: [row.update(received_at=t(clock), hand="feed:doors") for row in w["badges"]["rows"] if row["event_id"] == event_id]


case("late-row", "The escort's badge-in came after its feed had said that nothing more of then comes.",
     (15, "UNDETERMINED", "A4", "medium", ["ROW_LATE"]), passed(PASSED), row_received("2", "14:31"))
case("late-row-a-day", "A day later it is unproven.", (15, "UNACCOMPANIED", "UNPROVEN", "high", ["ROW_LATE"]), passed(PASSED),
     row_received("2", "14:31"), now("14:32", "2026-03-03"))
case("late-row-in-time", "It came a second before that.", ACCOMPANIED, passed(PASSED), row_received("2", "14:29:59"))
case("late-row-of-its-own-batch", "It came together with the watermark.", ACCOMPANIED, passed(PASSED), row_received("2", "14:30"))
case("late-row-above", "The watermark was below the row.", ACCOMPANIED, passed({**PASSED, "watermark": t("13:50")}), row_received("2", "14:31"))
case("late-row-tells-nothing-new", "A second badge-in of the escort came late; the first was there.",
     (16, "ACCOMPANIED", "", "info", ["ROW_LATE"]), passed(PASSED), add_rows(room_in("5", "b-esc", "13:58")), row_received("5", "14:31"))
case("late-row-out", "A badge-out that came late counts all the same.", (11, "UNACCOMPANIED", "ESCORT_ABSENT", "high", ["ROW_LATE"]),
     passed(PASSED), add_rows(room_out("5", "b-esc", "13:58")), row_received("5", "14:31"))
case("late-row-out-and-in", "The badge-in after it came late, too: it proves nothing.", (15, "UNDETERMINED", "A4", "medium", ["ROW_LATE"]),
     passed(PASSED), add_rows(room_out("5", "b-esc", "13:55"), room_in("6", "b-esc", "14:01")), row_received("5", "14:31"), row_received("6", "14:31"))

# A session for an order or persons that the verifier did not have when it was opened
case("unlisted", "All is true, and the session was opened as unlisted.", (12, "UNATTESTED", "UNLISTED", "medium", []), the_session(unlisted=True))
case("unlisted-and-nobody", "An unlisted session makes nothing else better.", (4, "NO_PERSON_KNOWN", "", "critical", []), no_orders, nobody,
     the_session(unlisted=True))

# A late signature counts by when it was received


def signed_late(at, received):
    def apply(w):
        late(at, w["events"]["events"][0]["device"]["descriptors_sha256"])(w)
        w["sessions"]["late_attestations"][-1]["escort"].update(received_at=t(received), posted=True)
    return apply


case("late-signature-in-time", "Given and received ten minutes after the event.", (16, "ACCOMPANIED", "", "info", ["LATE_ATTEST"]), no_sessions,
     signed_late("14:16", "14:17"))
case("late-signature-received-late", "Received a second later than that, whatever it says of itself.", (12, "UNATTESTED", "", "medium", []),
     no_sessions, signed_late("14:16", "14:17:01"))
case("late-signature-offline", "The record came three hours later: ten minutes from then.",
     (16, "ACCOMPANIED", "", "info", ["LATE_ATTEST", "LATE_DELIVERY"]), no_sessions, first_event(received_at=t("17:07")),
     signed_late("17:16", "17:17"), now("18:00"), sessions_known_to("18:00"))
case("late-signature-offline-late", "A second later than that.", (12, "UNATTESTED", "", "medium", ["LATE_DELIVERY"]), no_sessions,
     first_event(received_at=t("17:07")), signed_late("17:16", "17:17:01"), now("18:00"), sessions_known_to("18:00"))
