"""Cases by the rows of the decision table, and its modifiers: what the table says, not what the program answers."""
from changes import *
from world import (KEYBOARD, MODEM, MODEM_DISK, STICK, card_reader, change, crash_cart, device, event, ilo_keyboard,
                   keyboard, order, room_in, room_out, badge, session, signature, t, virtual_cd, APPROVAL)

CASES = []


def case(name, why, expect, *changes):
    """expect: (row, outcome, reason, severity, notes) of e1, or {event: that}."""
    CASES.append((name, why, {"e1": expect} if isinstance(expect, tuple) else expect, seq(*changes)))


# Row 0
INVALID = (0, "EVIDENCE_INVALID", "", "critical", [])
case("row-00-signature", "The event's signature fails.", INVALID, first_event(evidence_failures=["signature"]))
case("row-00-chain", "The journal's chain fails; mounted, and critical is the most there is.", INVALID,
     first_event(evidence_failures=["chain"], mounted=True))
case("row-00-counter-and-boot", "Counter and boot fail, at a host that nobody knows: row 0 is first.", INVALID,
     on_host("h-nobody"), first_event(evidence_failures=["counter", "boot"]))
case("row-00-blocked", "The chain fails of a device that was never let in: one step down.",
     (0, "EVIDENCE_INVALID", "", "high", ["ATTEMPT"]), first_event(evidence_failures=["chain"], authorized=False))

# Row 1
BASELINE = (1, "BASELINE", "", "info", [])
case("row-01-card-reader", "The internal card reader where it belongs; no order, nobody there.", BASELINE,
     no_orders, nobody, no_sessions, events(event(device=card_reader())))
case("row-01-ilo-keyboard-idle", "The BMC's keyboard with no console open.", BASELINE, events(event(device=ilo_keyboard())))
case("row-01-mounted", "What is info is not raised: the internal card reader, mounted.", BASELINE,
     events(event(device=card_reader(), mounted=True)))
case("row-01-other-model", "The same device in a host of another model is a device like any other.",
     (5, "UNACCOMPANIED", "NO_ORDER", "high", []), no_orders, no_sessions, events(event(device=card_reader())),
     of("hosts", "h-b07", model="m2"))

ANY_CONTROLLER = lambda w: [each.pop("controller") for each in w["policy"]["baseline"]]
case("row-01-any-controller", "The baseline names no controller: the card reader's port is at any of them.", BASELINE,
     no_orders, nobody, no_sessions, ANY_CONTROLLER, events(event(device=card_reader())))

# Row 2
OK = (2, "REMOTE_MEDIA_OK", "", "info", [])
UNAUTHORISED = (2, "UNAUTHORISED_REMOTE_MEDIA", "", "high", [])
MEDIA = seq(events(event(device=virtual_cd(), bmc_active=["media"])), the_order(remote_media=True))
case("row-02-media", "Virtual media, an order for it, and the BMC's log has the session.", OK, MEDIA,
     bmc_log("media", "14:05", "14:20"))
case("row-02-media-any-controller", "The baseline names no controller for the BMC's port.", UNAUTHORISED, MEDIA, ANY_CONTROLLER)
case("row-02-media-mounted", "The same, mounted: info stays info.", OK, MEDIA, first_event(mounted=True),
     bmc_log("media", "14:05", "14:20"))
case("row-02-not-in-log", "As row-02-media, and the BMC's log has no session.", UNAUTHORISED, MEDIA)
case("row-02-log-of-another-kind", "The log has a console, active is media.", UNAUTHORISED, MEDIA,
     bmc_log("console", "14:05", "14:20"))
case("row-02-log-of-another-person", "The log has a session of somebody whom the order does not name.", UNAUTHORISED, MEDIA,
     bmc_log("media", "14:05", "14:20", user="p-staff"))
case("row-02-log-of-another-host", "The log of another host's BMC.", UNAUTHORISED, MEDIA,
     bmc_log("media", "14:05", "14:20", host="h-b08"))
case("row-02-log-ended-before", "The session ended a minute before.", UNAUTHORISED, MEDIA, bmc_log("media", "13:50", "14:06"))
case("row-02-order-is-not-for-media", "The order is for a visit, not for remote media; mounted.",
     (2, "UNAUTHORISED_REMOTE_MEDIA", "", "critical", []), MEDIA, the_order(remote_media=False), first_event(mounted=True),
     bmc_log("media", "14:05", "14:20"))
case("row-02-order-not-approved", "The order for remote media was never approved.", UNAUTHORISED, MEDIA,
     the_order(state="draft", history=[]), bmc_log("media", "14:05", "14:20"))
case("row-02-bmc-network", "The BMC's network interface came up, and there is no order.", UNAUTHORISED, no_orders, no_sessions,
     events(event(device=virtual_cd(), bmc_active=["nic"])))
case("row-02-log-not-received", "The BMC's log has not been received that far.",
     (15, "UNDETERMINED", "BMC", "medium", []), MEDIA, lambda w: w["sessions"].update(bmc_watermark=t("14:00")))
case("row-02-stick-while-console-is-open", "A stick at the front while an authorised console is open is no remote media.",
     (12, "UNATTESTED", "", "medium", ["UNACCOMPANIED_INTERVAL"]), no_sessions, events(event(bmc_active=["console"])), the_order(remote_media=True),
     bmc_log("console", "14:00", "14:20"))
case("row-02-log-knows-more", "The agent saw no active media, and the BMC's log has a session that no order names.",
     UNAUTHORISED, no_orders, no_sessions, events(event(device=virtual_cd())), bmc_log("media", "14:05", "14:20"))

# Row 3
case("row-03-bmc-ids-at-the-front", "The virtual CD's ids at a front port.", (3, "IMPERSONATION", "", "critical", []),
     events(event(device=virtual_cd(port="1-4"))))
case("row-03-baseline-ids-one-port-over", "The card reader's ids one port over.", (3, "IMPERSONATION", "", "critical", []),
     events(event(device=card_reader(port="1-8"))))
case("row-03-other-controller", "The card reader's ids and port, at another controller than the baseline names.",
     (3, "IMPERSONATION", "", "critical", []), events(event(device=card_reader(controller="0000:00:0d.0"))))
case("row-03-any-controller-one-port-over", "The baseline names no controller, and the card reader's ids are one port over.",
     (3, "IMPERSONATION", "", "critical", []), ANY_CONTROLLER, events(event(device=card_reader(port="1-8"))))
case("row-03-other-descriptors", "The card reader's ids and port, and other descriptors.",
     (3, "IMPERSONATION", "", "critical", []), events(event(device=card_reader(digest=STICK))))
case("row-03-blocked", "An impersonator that was never let in.", (3, "IMPERSONATION", "", "high", ["ATTEMPT"]),
     events(event(device=card_reader(port="1-8"), authorized=False)))

# Row 4
NO_PERSON = (4, "NO_PERSON_KNOWN", "", "critical", [])
case("row-04-nobody", "No order, nobody badged in, all feeds received.", NO_PERSON, no_orders, nobody, no_sessions)
case("row-04-all-went-out", "They went out at 14:00, the stick came at 14:07.", NO_PERSON, no_orders, no_sessions,
     goes_out("b-tech", "14:00"), goes_out("b-esc", "14:00"))
case("row-04-in-another-room", "No order, and people in the next room.", NO_PERSON, no_orders, no_sessions, visit_in_room("2"))
case("row-04-only-at-the-kiosk", "No order, and a visitor who only checked in.", NO_PERSON, no_orders, no_sessions,
     rows(badge("1", "b-tech", "r-kiosk", "in", "lobby-1", "room-1", "13:50")))
case("row-04-refused-at-the-door", "No order, and somebody whom the door refused.", NO_PERSON, no_orders, no_sessions,
     rows(room_in("1", "b-tech", "14:06", result="denied")))
case("row-04-order-made-afterwards", "Nobody there, and an order that was written after it covers nothing then.",
     NO_PERSON, nobody, no_sessions, the_order(created_at=t("14:30"), history=[change("14:40", "p-boss", "state", "draft", "approved")]))
case("row-04-feed-not-received", "As row-04-nobody, and the badge feed ends a minute before it could tell.",
     (5, "UNACCOMPANIED", "NO_ORDER", "high", []), no_orders, nobody, no_sessions, badges_known_to("14:08"))
case("row-04-feed-received", "The same, with the feed a second further.", NO_PERSON, no_orders, nobody, no_sessions,
     badges_known_to("14:08:01"))
case("row-04-rows-deleted", "Nobody there in the rows that are left; those of the time before were deleted.",
     (5, "UNACCOMPANIED", "NO_ORDER", "high", []), no_orders, nobody, no_sessions,
     lambda w: w["badges"]["feeds"][0].update(kept_since=t("14:00")))

# Row 5
NO_ORDER = (5, "UNACCOMPANIED", "NO_ORDER", "high", [])
case("row-05-no-order", "Two people, no order.", NO_ORDER, no_orders, no_sessions)
case("row-05-a-minute-early", "A minute before the order begins.", NO_ORDER, no_sessions, inserted_at("13:59"))
case("row-05-a-minute-late", "A minute after the order ended; both stayed.", NO_ORDER, no_sessions, inserted_at("15:01"),
     never_out("b-tech"), never_out("b-esc"))
case("row-05-rescheduled-before", "The order covered it until it was moved to the next day, the day before.",
     NO_ORDER, no_sessions, history(change("11:00", "p-req", "from", t("14:00"), t("14:00", "2026-03-03"), "2026-03-01"),
                                    change("11:00", "p-req", "to", t("15:00"), t("15:00", "2026-03-03"), "2026-03-01")))
case("row-05-orders-not-received", "No order among those received so far: it cannot be told.",
     (15, "UNDETERMINED", "A1,A2", "medium", []), no_orders, no_sessions, orders_known_to("14:07"))
case("row-05-orders-received", "The same, a second further.", NO_ORDER, no_orders, no_sessions, orders_known_to("14:07:01"))

# Row 6
WRONG = (6, "WRONG_ASSET", "", "high", [])
case("row-06-other-host", "The order is for the host beside it, in the same rack.", WRONG, the_order(hosts=["h-b07-2"]))
case("row-06-host-name", "The order has the host's name and not its asset identity.", WRONG, the_order(hosts=["db-7"]))
case("row-06-session-signed-here", "Nobody badged in; who signed here has an order for another host.", WRONG,
     the_order(hosts=["h-c01"]), nobody)
case("row-06-orders-not-received", "An order for this host can still come.",
     (15, "UNDETERMINED", "A1,A2", "medium", []), the_order(hosts=["h-b07-2"]), orders_known_to("14:07"))
case("row-06-other-day", "The order for the other host is of another time: no order at all.", NO_ORDER, no_sessions,
     the_order(hosts=["h-b07-2"], **{"from": t("16:00"), "to": t("17:00")}))

# Row 7


def invalid(reason, *notes, severity="high"):
    return (7, "INVALID_ORDER", reason, severity, list(notes))


case("row-07-issuer-not-listed", "An issuer that is not on the list.", invalid("ISSUER"), the_order(issuer="abroad-ops"))
case("row-07-issuer-owned", "An issuer on the list, whose owner is not approved.", invalid("ISSUER"), the_order(issuer="daughter-ops"))
case("row-07-issuer-of-nobody", "Nobody knows who runs the issuer.", (15, "UNDETERMINED", "A1", "medium", []),
     the_order(issuer="nobody-ops"))
case("row-07-approved-by-requester", "Approved by who asked for it.", invalid("SELF_APPROVED"), approval(by="p-req"))
case("row-07-approved-by-technician", "Approved by who did the work.", invalid("SELF_APPROVED"), approval(by="p-tech"))
case("row-07-approved-by-editor", "Approved by who had put the host in.", invalid("SELF_APPROVED"),
     history(change("09:30", "p-boss", "hosts", [], ["h-b07"], "2026-03-01")))
case("row-07-retroactive", "Approved a minute after the event.", invalid("RETROACTIVE"), approval(at=t("14:08")))
case("row-07-approved-just-before", "Approved a minute before the event.", (16, "ACCOMPANIED", "", "info", []),
     approval(at=t("14:06")))
case("row-07-never-approved", "Its state says approved, its history does not.", invalid("SELF_APPROVED"), the_order(history=[]))
case("row-07-draft", "A draft.", invalid("NOT_APPROVED"), the_order(state="draft", history=[]))
case("row-07-draft-history-not-received", "A draft, as far as its history has been received.",
     (15, "UNDETERMINED", "A1", "medium", []), the_order(state="draft", history=[]), orders_known_to("14:00"))
case("row-07-approval-withdrawn", "Approved, and sent back to draft before the event.", invalid("NOT_APPROVED"),
     history(change("12:00", "p-boss", "state", "approved", "draft")))
case("row-07-in-progress", "Approved, and in progress.", (16, "ACCOMPANIED", "", "info", []),
     history(change("14:00", "p-req", "state", "approved", "in_progress")))
case("row-07-closed", "Closed a minute before the event.", invalid("CLOSED"), history(change("14:06", "p-req", "state", "approved", "closed")))
case("row-07-closed-after", "Closed after the event.", (16, "ACCOMPANIED", "", "info", []),
     history(change("14:40", "p-req", "state", "approved", "closed")))
case("row-07-cancelled", "Cancelled before the event; mounted.", invalid("CLOSED", severity="critical"), first_event(mounted=True),
     history(change("12:00", "p-req", "state", "approved", "cancelled")))
case("row-07-edited-before", "A device was added after the approval, before the event.", invalid("EDITED"),
     history(change("12:00", "p-req", "devices", [{"kind": "hid"}], [{"kind": "storage"}])))
case("row-07-edited-before-approved-again", "The same, and approved again by another person.", (16, "ACCOMPANIED", "", "info", []),
     history(change("12:00", "p-req", "devices", [{"kind": "hid"}], [{"kind": "storage"}]),
             change("12:01", "p-req", "state", "approved", "draft"), change("12:30", "p-boss", "state", "draft", "approved")))
case("row-07-edited-after", "Its devices were changed a minute after the event.", invalid("EDITED", "ORDER_EDITED"),
     history(change("14:08", "p-req", "devices", [{"kind": "storage"}], [{"kind": "storage"}, {"kind": "hid"}])))
case("row-07-window-moved-after", "Its window was moved over the event afterwards.", invalid("EDITED", "ORDER_EDITED"),
     history(change("14:30", "p-req", "from", t("14:20"), t("14:00"))))
case("row-07-technician-added-after", "The technician was put in afterwards.", invalid("EDITED", "ORDER_EDITED"),
     history(change("14:30", "p-req", "technicians", ["p-tech2"], ["p-tech"])))
case("row-07-history-contradicts", "Its history leads to another host than it says now.", invalid("EDITED"),
     the_order(history=[change("09:30", "p-req", "hosts", [], ["h-b08"], "2026-03-01"), APPROVAL]))
case("row-07-orders-not-received", "All is true as far as orders have been received, and they end before the event.",
     (15, "UNDETERMINED", "A1", "medium", []), orders_known_to("14:06"))

# Row 8
ABSENT = (8, "TECHNICIAN_ABSENT", "", "high", [])
case("row-08-no-badge-in", "The technician never badged in.", ABSENT, no_rows_of("b-tech"))
case("row-08-went-out", "The technician went out two minutes before.", ABSENT, goes_out("b-tech", "14:05"))
case("row-08-next-room", "The technician is in the next room.", ABSENT, no_rows_of("b-tech"), add_rows(room_in("5", "b-tech", "13:50", "2")))
case("row-08-another-signed", "Another technician signed.", ABSENT, add_rows(room_in("5", "b-tech2", "13:50")),
     sessions(session(technician="k-tech2")))
case("row-08-none-named", "The order names no technician.", ABSENT, the_order(technicians=[]))
case("row-08-only-in-the-room", "The rack has a lock, and the technician is only in the room.", ABSENT, on_host("h-l01"),
     the_order(hosts=["h-l01"]), sessions(session(host="h-l01")),
     add_rows(badge("5", "b-esc", "r-l01-in", "in", "room-1", "L01", "14:00")))
case("row-08-in-the-locked-rack", "The same, and both opened the rack.", (16, "ACCOMPANIED", "", "info", []), on_host("h-l01"),
     the_order(hosts=["h-l01"]), sessions(session(host="h-l01")),
     add_rows(badge("5", "b-esc", "r-l01-in", "in", "room-1", "L01", "14:00"),
              badge("6", "b-tech", "r-l01-in", "in", "room-1", "L01", "14:00")))
case("row-08-second-technician-there", "The order names two, and one of them is there and signed.", (16, "ACCOMPANIED", "", "info", []),
     the_order(technicians=["p-tech2", "p-tech"]))

# Row 9
SELF = (9, "SELF_ESCORT", "", "critical", [])
case("row-09-named-twice", "One person is technician and escort; the right for it is there.", SELF, no_sessions,
     the_order(technicians=["p-esc"], escorts=["p-esc"]))
case("row-09-shared-badge", "Technician and escort share a badge.", SELF,
     of("persons", "p-tech", credentials=["b-tech", "b-esc"]))
case("row-09-badge-lent", "The technician came in by the escort's badge, and the badge system saw who it was.", SELF,
     rows(room_in("1", "b-esc", "13:50", person="p-tech"), room_in("2", "b-esc", "13:55"),
          room_out("3", "b-tech", "14:35"), room_out("4", "b-esc", "14:35:30")))
case("row-09-key-lent", "The escort's key signed for both.", SELF, sessions(session(technician="k-esc")))
case("row-09-blocked", "A self-escort's device that was never let in.", (9, "SELF_ESCORT", "", "high", ["ATTEMPT"]),
     sessions(session(escort="k-tech-second")), first_event(authorized=False))

# Row 10


def ineligible(reason, severity="high"):
    return (10, "INELIGIBLE_ESCORT", reason, severity, [])


def escorted_by(credential, key):
    return seq(no_rows_of("b-esc"), add_rows(room_in("5", credential, "13:50")), sessions(session(escort=key)),
               beats("14:08", key=key))


case("row-10-daughter", "The escort works for the vendor's daughter.", ineligible("EMPLOYER"), escorted_by("b-dau", "k-dau"))
case("row-10-no-right", "The escort may not be there alone.", ineligible("RIGHT"), escorted_by("b-new", "k-new"))
case("row-10-no-role", "Staff who is no escort.", ineligible("ROLE"), escorted_by("b-staff", "k-staff"))
case("row-10-one-of-the-technicians", "The escort is another technician of the order.", ineligible("TECHNICIAN"),
     the_order(technicians=["p-tech", "p-esc2"]), escorted_by("b-esc2", "k-esc2"),
     of("persons", "p-esc2", employer="us"))
SECOND = seq(add_order("W-2", technicians=["p-tech2"], hosts=["h-b08"]), add_rows(room_in("7", "b-tech2", "13:50")))
case("row-10-over-ratio", "An escort for one has two.", ineligible("RATIO"), escorted_by("b-esc2", "k-esc2"), SECOND,
     lambda w: w["sessions"]["sessions"].append(session("s-2", "h-b08", "W-2", "k-tech2", "k-esc2")))
case("row-10-within-ratio", "An escort for three has two.", (16, "ACCOMPANIED", "", "info", []), SECOND,
     lambda w: w["sessions"]["sessions"].append(session("s-2", "h-b08", "W-2", "k-tech2", "k-esc")))
case("row-10-split", "The escort signed in the next room too.", (10, "ESCORT_SPLIT", "", "high", []), SECOND,
     lambda w: w["sessions"]["sessions"].append(session("s-2", "h-c01", "W-2", "k-tech2", "k-esc")))
case("row-10-split-later", "The escort signed in the next room, after the event.", (16, "ACCOMPANIED", "", "info", []), SECOND,
     inserted_at("14:07", "14:09"),
     lambda w: w["sessions"]["sessions"].append(session("s-2", "h-c01", "W-2", "k-tech2", "k-esc", opened="14:20")))

# Row 11
ESCORT_ABSENT = (11, "UNACCOMPANIED", "ESCORT_ABSENT", "high", [])
case("row-11-next-room", "The escort is in the next room and signed nevertheless.", ESCORT_ABSENT, no_rows_of("b-esc"),
     add_rows(room_in("5", "b-esc", "13:50", "2")))
case("row-11-neither", "Neither badge nor signature of an escort.", ESCORT_ABSENT, no_rows_of("b-esc"), no_sessions)
case("row-11-none-named-none-there", "The order names no escort and none is there.", ESCORT_ABSENT, no_rows_of("b-esc"), no_sessions,
     the_order(escorts=[]))

# Row 12
UNATTESTED = (12, "UNATTESTED", "", "medium", [])
case("row-12-no-session", "Badges are true, nobody signed.", UNATTESTED, no_sessions)
case("row-12-heartbeat-old", "The newest heartbeat is a second too old.", UNATTESTED, inserted_at("14:18:01", "14:20"), beats("14:08"))
case("row-12-heartbeat-fresh", "The newest heartbeat is just fresh.",
     (16, "ACCOMPANIED", "", "info", ["UNACCOMPANIED_INTERVAL"]), inserted_at("14:18", "14:20"), beats("14:08"))
case("row-12-signature-invalid", "The escort's signature does not verify.", UNATTESTED,
     the_session(escort=signature("k-esc", "14:01", False)))
case("row-12-technician-did-not-sign", "Only the escort signed.", UNATTESTED, the_session(technician=signature("k-tech", "14:01", False)))
case("row-12-technician-signed-afterwards", "The technician signed after the event.", UNATTESTED,
     the_session(technician=signature("k-tech", "14:08")))
case("row-12-other-boot", "The session was signed in another boot of the host.", UNATTESTED, the_session(boot_id="boot-1"),
     first_event(boot_id="boot-2"))
case("row-12-other-version", "Both signed another version of the order.", UNATTESTED, the_session(order_digest="ff" * 32))
case("row-12-closed-before", "The session was closed a minute before.", UNATTESTED, the_session(closed_at=t("14:06"), heartbeats=[]))
case("row-12-mounted", "Nobody signed, and it was mounted.", (12, "UNATTESTED", "", "high", []), no_sessions,
     first_event(mounted=True))
case("row-12-can-still-sign", "Nobody signed yet, and ten minutes are not over.", (15, "UNDETERMINED", "A5", "medium", []),
     no_sessions, now("14:17"), badges_known_to("14:16"), orders_known_to("14:16"), sessions_known_to("14:16"))
case("row-12-sessions-not-received", "The session is there; that it was not closed is known only later.",
     (15, "UNDETERMINED", "A4,A5", "medium", []), sessions_known_to("14:06"))

# Row 13
TAILGATED = (13, "ATTESTED_NO_BADGE", "", "medium", [])
case("row-13-no-badge-in", "The escort signed and never badged in.", TAILGATED, no_rows_of("b-esc"))
case("row-13-written", "The same, and it was written.", (13, "ATTESTED_NO_BADGE", "", "high", []), no_rows_of("b-esc"),
     first_event(written=True))
case("row-13-yesterday", "The escort badged in the day before and never out.", TAILGATED, no_rows_of("b-esc"),
     lambda w: w["badges"]["rows"].append(room_in("5", "b-esc", "13:50") | {"occurred_at": t("13:50", "2026-03-01")}))
case("row-13-late-signature", "The escort never badged in and signed afterwards.",
     (13, "ATTESTED_NO_BADGE", "", "medium", ["LATE_ATTEST", "UNACCOMPANIED_INTERVAL"]),
     no_rows_of("b-esc"), no_sessions, late("14:10", STICK))

# Row 14
NOT_PERMITTED = (14, "DEVICE_NOT_PERMITTED", "", "high", [])
case("row-14-keyboard", "The order is for storage, a keyboard came.", NOT_PERMITTED, using(keyboard()))
case("row-14-keyboard-bound", "The same, and it got its driver.", (14, "DEVICE_NOT_PERMITTED", "", "critical", []),
     using(keyboard()), first_event(bound=["hid"]))
case("row-14-may-not-mount", "The order lets it connect, not be mounted.", (14, "DEVICE_NOT_PERMITTED", "", "critical", []),
     the_order(devices=[{"kind": "storage", "actions": ["connect"]}]), first_event(mounted=True))
case("row-14-storage-with-keyboard", "A stick that is a keyboard too.", NOT_PERMITTED, using(device(interfaces=("hid", "storage"))))
case("row-14-none-named", "The order names no device.", NOT_PERMITTED, the_order(devices=[]))
case("row-14-allow-list", "The order names no device, the allow list has it.", (16, "ACCOMPANIED", "", "info", []),
     the_order(devices=[]), using(crash_cart()))
case("row-14-descriptors-not-read", "The order names the descriptors, and they were not read.",
     (15, "UNDETERMINED", "A6", "medium", []), the_order(devices=[{"descriptors_sha256": STICK}]), using(device(digest="")))

# Row 15
case("row-15-badges-not-received", "The badge feed has not been received that far.",
     (15, "UNDETERMINED", "A3,A4", "medium", []), badges_known_to("14:07"))
case("row-15-badges-just-not-received", "The badge feed ends where the clocks' bound ends.",
     (15, "UNDETERMINED", "A3,A4", "medium", []), badges_known_to("14:08"))
case("row-15-badges-just-received", "A second further.", (16, "ACCOMPANIED", "", "info", []), badges_known_to("14:08:01"))
case("row-15-direction-unknown", "The escort's reader does not say in or out.", (15, "UNDETERMINED", "A4", "medium", []),
     no_rows_of("b-esc"), add_rows(badge("5", "b-esc", "r-new", "unknown", "lobby-1", "room-1", "13:50")))
case("row-15-no-feed-for-the-zone", "No badge feed covers the room.", (15, "UNDETERMINED", "A3,A4", "medium", []),
     lambda w: w["badges"]["feeds"][0].update(zones=["site-2"]))
case("row-15-unproven", "The same after a day and a minute.", (15, "UNACCOMPANIED", "UNPROVEN", "high", []),
     lambda w: w["badges"]["feeds"][0].update(zones=["site-2"]), now("14:08", "2026-03-03"))
case("row-15-not-yet-unproven", "The same a day after, to the minute.", (15, "UNDETERMINED", "A3,A4", "medium", []),
     lambda w: w["badges"]["feeds"][0].update(zones=["site-2"]), now("14:07", "2026-03-03"))
case("row-15-unproven-mounted", "Unproven, and mounted.", (15, "UNACCOMPANIED", "UNPROVEN", "critical", []), first_event(mounted=True),
     lambda w: w["badges"]["feeds"][0].update(zones=["site-2"]), now("14:08", "2026-03-03"))
case("row-15-employer-unknown", "Nobody knows who the technician works for.", (15, "UNDETERMINED", "A4", "medium", []),
     of("persons", "p-tech", employer=""))

# Row 16
ACCOMPANIED = (16, "ACCOMPANIED", "", "info", [])
case("row-16-the-visit", "The visit as it should be.", ACCOMPANIED)
case("row-16-mounted", "The same, mounted, written, bound: what is info is not raised.", ACCOMPANIED,
     first_event(mounted=True, written=True, dma=True, bound=["storage", "network"]))
case("row-16-first-minute", "The first second of the order's window.", ACCOMPANIED, inserted_at("14:00", "14:05"),
     sessions(session(opened="13:59", beats=("14:04",))))
case("row-16-no-escort-named", "The order names no escort; one is there and signed.", ACCOMPANIED, the_order(escorts=[]))
case("row-16-another-escort", "Not the escort named, but one with the right, who signed.", ACCOMPANIED, no_rows_of("b-esc"),
     add_rows(room_in("5", "b-esc2", "13:50"), room_out("6", "b-esc2", "14:35")), sessions(session(escort="k-esc2")))
case("row-16-staff-alone", "Visitors only need an escort, and the technician of the order is staff.", ACCOMPANIED,
     policy(escort_for="visitors"), the_order(technicians=["p-staff"], escorts=[]),
     rows(room_in("1", "b-staff", "13:50"), room_out("2", "b-staff", "14:35")),
     sessions(session(technician="k-staff", escort="k-staff")))
case("row-16-staff-alone-escort-for-everyone", "The same where everyone needs one.",
     (9, "SELF_ESCORT", "", "critical", []), the_order(technicians=["p-staff"], escorts=[]),
     rows(room_in("1", "b-staff", "13:50"), room_out("2", "b-staff", "14:35")),
     sessions(session(technician="k-staff", escort="k-staff")), beats("14:08", key="k-staff"))

# Modifiers, all on row 11 (high) and row 12 (medium)
GONE = goes_out("b-esc", "14:05")


def gone(severity, *notes):
    return (11, "UNACCOMPANIED", "ESCORT_ABSENT", severity, list(notes))


case("modifier-none", "Row 11 as it is.", gone("high"), GONE)
case("modifier-mounted", "Storage was mounted: one step up.", gone("critical"), GONE, first_event(mounted=True))
case("modifier-written", "Storage was written: one step up.", gone("critical"), GONE, first_event(written=True))
case("modifier-hid", "A keyboard was bound: one step up.", gone("critical"), GONE, first_event(bound=["hid"]))
case("modifier-network", "A network interface was bound: one step up.", gone("critical"), GONE, first_event(bound=["network"]))
case("modifier-dma", "A device with access to memory: one step up.", gone("critical"), GONE, first_event(dma=True))
case("modifier-storage-bound", "Storage that was only bound: no step.", gone("high"), GONE, first_event(bound=["storage"]))
case("modifier-once", "All of them together are one step.", (12, "UNATTESTED", "", "high", []), no_sessions,
     first_event(mounted=True, written=True, dma=True, bound=["hid", "network"]))
case("modifier-blocked", "Never authorised: one step down.", gone("medium", "ATTEMPT"), GONE, first_event(authorized=False))
case("modifier-blocked-low", "Never authorised, of row 12: low.", (12, "UNATTESTED", "", "low", ["ATTEMPT"]), no_sessions,
     first_event(authorized=False))
case("modifier-blocked-and-dma", "Up and down: as it was.", gone("high", "ATTEMPT"), GONE, first_event(authorized=False, dma=True))
case("modifier-blocked-and-critical", "Critical, up and down: critical.", (4, "NO_PERSON_KNOWN", "", "critical", ["ATTEMPT"]),
     no_orders, nobody, no_sessions, first_event(authorized=False, bound=["hid"]))
case("modifier-blocked-info", "Never authorised and accompanied: info stays info.", (16, "ACCOMPANIED", "", "info", ["ATTEMPT"]),
     first_event(authorized=False))


# A later record tells what was done with the device: kind "use". "e2" is the removal at 14:12.
def used(at="14:09", **fields):
    def apply(w):
        w["events"]["events"].insert(1, event("e1u", at, kind="use", **{"mounted": True, **fields}))
    return apply


CONNECT_ONLY = the_order(devices=[{"kind": "storage", "actions": ["connect"]}])
case("use-mounted-later", "Let in to be connected only; mounted two minutes later: not permitted, and one step up.",
     (14, "DEVICE_NOT_PERMITTED", "", "critical", []), CONNECT_ONLY, used())
case("use-not-mounted", "The same, and the record tells of no mount and nothing written.", (16, "ACCOMPANIED", "", "info", []),
     CONNECT_ONLY, used(mounted=False))
case("use-written-later", "Written to, by another program than a file system.", (14, "DEVICE_NOT_PERMITTED", "", "critical", []),
     CONNECT_ONLY, used(mounted=False, written=True))
case("use-permitted", "Mounted later, and the order lets it.", (16, "ACCOMPANIED", "", "info", []), used())
case("use-at-another-port", "A device at another port was mounted.", (16, "ACCOMPANIED", "", "info", []), CONNECT_ONLY,
     used(device=device(port="1-9")))
case("use-after-the-removal", "It was mounted when it was gone already: of no device that anybody saw.",
     (16, "ACCOMPANIED", "", "info", []), CONNECT_ONLY, used(at="14:13"))
case("use-alone", "Nobody's order, and mounted later: one step up.", (5, "UNACCOMPANIED", "NO_ORDER", "critical", []),
     no_orders, no_sessions, used())
case("use-alone-not-mounted", "The same, not mounted.", (5, "UNACCOMPANIED", "NO_ORDER", "high", []),
     no_orders, no_sessions, used(mounted=False))
