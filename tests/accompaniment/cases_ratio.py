"""Who counts for the ratio, what a signature settles at a door, and which order a tie names."""
from changes import *
from world import person, room_in, room_out, session, t

CASES = []
ACCOMPANIED = (16, "ACCOMPANIED", "", "info", [])
RATIO = (10, "INELIGIBLE_ESCORT", "RATIO", "high", [])


def case(name, why, expect, *changes):
    CASES.append((name, why, {"e1": expect}, seq(*changes)))


def undetermined(reason, *notes):
    return (15, "UNDETERMINED", reason, "medium", list(notes))


def visitors(count, **more):
    """So many people of the vendor come in with the technician; nobody of them signs."""
    def apply(w):
        for i in range(count):
            w["directory"]["persons"].append(person(f"p-visitor-{i}", "vendor", f"b-visitor-{i}", **more))
            w["badges"]["rows"].append(room_in(f"v{i}", f"b-visitor-{i}", "13:51"))
            w["badges"]["rows"].append(room_out(f"w{i}", f"b-visitor-{i}", "14:34"))
    return apply


# 35: an escort for three
case("edge-35-six-one-signed", "Six visitors by badge, one of them signed, one escort for three.", RATIO, visitors(5))
case("edge-35-three-one-signed", "Three visitors by badge, one of them signed.", ACCOMPANIED, visitors(2))
SECOND_ESCORT = seq(of("persons", "p-esc2", escort_ratio=3), add_rows(room_in("8", "b-esc2", "13:52"), room_out("9", "b-esc2", "14:36")))
case("edge-35-six-two-escorts", "Six visitors, and a second escort for three in the room.", ACCOMPANIED, visitors(5), SECOND_ESCORT)
case("edge-35-six-second-escort-gone", "The second escort left at 14:00.", RATIO, visitors(5), SECOND_ESCORT, goes_out("b-esc2", "14:00"))
case("edge-35-six-second-escort-perhaps", "The second escort passed the door within the clocks' bounds.", undetermined("A4"), visitors(5),
     SECOND_ESCORT, goes_out("b-esc2", "14:07:30"))
case("edge-35-staff-do-not-count", "Five more who may be there alone.", ACCOMPANIED, visitors(5, unescorted_zones=["site-1"]))
case("edge-35-by-signature-only", "Three more work at other hosts of the room and signed there, without a badge row; an escort for three; theirs is gone.", RATIO,
     lambda w: [w["directory"]["persons"].append(person(f"p-other-{i}", "vendor", None, [f"k-other-{i}"])) for i in range(3)],
     lambda w: w["sessions"]["sessions"].extend(session(f"s-{i + 2}", "h-b08", "W-2", f"k-other-{i}", "k-esc2") for i in range(3)),
     add_rows(room_in("8", "b-esc2", "13:52"), room_out("9", "b-esc2", "14:00")))
case("edge-35-unclaimed-badges", "Three badges that are nobody's came in, too.", undetermined("A4"),
     add_rows(*(room_in(f"n{i}", f"b-nobody-{i}", "13:52") for i in range(3))))
case("edge-35-unclaimed-badges-few", "Two badges that are nobody's: with them it is three.", ACCOMPANIED,
     add_rows(*(room_in(f"n{i}", f"b-nobody-{i}", "13:52") for i in range(2))))
case("edge-35-unclaimed-badges-gone", "The three left before.", ACCOMPANIED,
     add_rows(*(room_in(f"n{i}", f"b-nobody-{i}", "13:52") for i in range(3)), *(room_out(f"o{i}", f"b-nobody-{i}", "14:00") for i in range(3))))

# 3: a door within the bounds of the event, and what the escort signed there
INTERVAL = ["UNACCOMPANIED_INTERVAL"]
LEAVING = goes_out("b-esc", "14:06:30")
ENTERING = seq(rows(room_in("1", "b-tech", "13:50"), room_in("2", "b-esc", "14:06:30"), room_out("3", "b-tech", "14:35"),
                    room_out("4", "b-esc", "14:35:30")))
case("edge-3-leaving-settled", "The escort passed the door within the bounds, and signed at the host a minute after the event.",
     (16, "ACCOMPANIED", "", "info", INTERVAL), LEAVING)
case("edge-3-leaving-nobody-signed-after", "The heartbeat was before the event.", undetermined("A4"), LEAVING, beats("14:05"))
case("edge-3-leaving-too-late", "The next heartbeat was eleven minutes after the event.", undetermined("A4"), LEAVING, beats("14:05", "14:18"))
case("edge-3-other-host", "The heartbeat was given at another host.", undetermined("A4"), LEAVING, beats("14:05"),
     lambda w: w["sessions"]["sessions"].append(session("s-2", "h-b08", "W-2", "k-tech2", "k-esc", beats=("14:08",))))
case("edge-3-rack-session", "It was given at another host of the rack, in a session of the rack.",
     (16, "ACCOMPANIED", "", "info", INTERVAL), LEAVING, the_session(scope="rack"), beats("14:08", host="h-b07-2"))
case("edge-3-posted-after-the-door", "It was posted, after the escort had passed the door at the latest.", undetermined("A4"), LEAVING,
     beats("14:08", posted=True))
case("edge-3-posted-before-the-door", "It was posted, while the escort may have been there.", (16, "ACCOMPANIED", "", "info", INTERVAL), LEAVING,
     beats("14:07:20", posted=True))
case("edge-3-entering-settled", "The escort came in within the bounds, and signed at the host before and after the event.", ACCOMPANIED, ENTERING,
     the_session(escort={"key": "k-esc", "at": t("14:06"), "signature": "valid"}))
case("edge-3-entering-after-only", "Signed by a colleague's heartbeat only after the event.", undetermined("A4,A5"), ENTERING,
     the_session(escort={"key": "k-esc", "at": t("14:07:10"), "signature": "valid"}))
case("edge-3-two-edges", "The escort went out and came back within the bounds: two doors are not settled.", undetermined("A4"),
     goes_out("b-esc", "14:06:30"), add_rows(room_in("5", "b-esc", "14:07:10")))

# The order that was signed at the host is the one that the answer names.
EDITED = (7, "INVALID_ORDER", "SELF_APPROVED", "high", [])
case("tie-session-wins", "W-0 and W-1 approved themselves; the session at the host names W-1.", (*EDITED, {"order": "W-1"}),
     approval(by="p-req"), add_order("W-0"), lambda w: w["orders"]["orders"][1]["history"][0].update(by="p-req"))
case("tie-closed-beside-it", "W-0 was closed; the session names W-1, which approved itself.", (*EDITED, {"order": "W-1"}),
     approval(by="p-req"), add_order("W-0", state="closed"),
     lambda w: w["orders"]["orders"][1]["history"].append({"at": t("12:00"), "by": "p-boss", "field": "state", "old": "approved",
                                                             "new": "closed"}))
case("tie-neither-signed", "Nobody signed: the smaller id.", (*EDITED, {"order": "W-0"}),
     approval(by="p-req"), add_order("W-0"), lambda w: w["orders"]["orders"][1]["history"][0].update(by="p-req"), no_sessions)
