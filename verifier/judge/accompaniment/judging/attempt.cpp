#include "verifier/judge/accompaniment/judging/attempt.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/judging/escort.h"
#include "verifier/judge/accompaniment/judging/settled.h"
#include "verifier/judge/accompaniment/judging/visitors.h"
#include "verifier/judge/accompaniment/orders/device_rules.h"

// One order against one event. What A1 to A6 ask and the rows that they reach: docs/accompaniment.md,
// "Definition" and "The table"; what was chosen where those leave something open: "Choices" there.
namespace assay::accompaniment {
namespace {

// A1 to A6 by their place in `conditions`.
enum : std::size_t { kA1, kA2, kA3, kA4, kA5, kA6 };

struct Asked {
    const Scene& scene;
    const WorkOrder& order;
    const OrderVersion& version;  // in force at the event, or the first
    const Visitors& visitors;
};

// Whose key it was at the event, or is now.
std::set<std::string> claimants(const Asked& asked, const Signature& signature) {
    std::set<std::string> out;
    for (const auto as_of : {asked.scene.as_of, kNow}) {
        const auto& signers = asked.scene.knowledge.sessions().signers(signature, as_of);
        out.insert(signers.begin(), signers.end());
    }
    return out;
}

// Sessions of this order at the host.
std::vector<const Session*> sessions_of(const Asked& asked) {
    auto all = asked.scene.knowledge.sessions().at(asked.scene.host, asked.scene.event.time);
    std::erase_if(all, [&](const Session* session) { return session->order != asked.order.id; });
    return all;
}

void note_rows(Attempt& attempt, const Presence& presence, const Asked& asked) {
    for (const auto index : presence.rows) {
        attempt.inputs.insert(input_of(asked.scene.knowledge.presences().data().rows[index]));
    }
    if (presence.late_row)
        add_row(attempt.too_late, asked.scene.knowledge.presences().data().rows[*presence.late_row]);
    else if (presence.condition.cause == Cause::late)
        attempt.too_late.directory.insert(presence.condition.reason);
    attempt.cloned = attempt.cloned || presence.cloned;
    attempt.emergency = attempt.emergency || presence.condition.cause == Cause::emergency;
}

// A2, "an order is judged as it was at E": by the version in force, at both ends of the event's span. One
// that had the host at one end alone was changed in between, and the clocks do not say on which side. A host
// that only what the directory was told since puts into the order's rack is not known to be in its scope.
Condition scope_of(const Asked& asked) {
    const auto& [scene, order, version, visitors] = asked;
    const auto& directory = scene.knowledge.directory();
    bool all = true;
    bool any = false;
    bool moved = true;
    const auto* now_there = directory.host(scene.host.id);
    for (const auto at : {scene.span.from, scene.span.to}) {
        const auto* in_force = version_at(order, at);
        const auto& fields = (in_force != nullptr ? *in_force : version).fields;
        const bool has = in_scope(directory, fields, scene.host);
        all = all && has;
        any = any || has;
        moved = moved && (has || (now_there != nullptr && in_scope(directory, fields, *now_there)));
    }
    if (all) return scope_at(directory, version.fields, scene.host, scene.as_of);
    if (moved && now_there != &scene.host) {
        return unknown(
            Cause::late,
            fmt::format("the directory had host {} elsewhere at the event; it was told otherwise {}",
                        printable(scene.host.id), in_words(now_there->known)));
    }
    if (any) return unknown(Cause::interval, "the scope changed within the event's span");
    const bool now_in = in_scope(directory, order.versions.back().fields, scene.host);
    return fails(fmt::format("host {} was not in its scope{}", printable(scene.host.id),
                             now_in ? " then; it was added later" : ""));
}

// A signature is its signer's, whoever brought it.
std::string hand_of(const Signature& signature, std::string_view person) {
    return signature.received_at == kAtItsOwnTime ? "" : fmt::format("person:{}", person);
}

Input input_of(const Session& session, std::string_view escort) {
    return {"session", session.id, session.digest, hand_of(session.escort, escort),
            session.escort.received_at};
}

// ("Presence": inferred) A presence that only a missing badge-out makes uncertain counts where a fresh sign
// of life agrees.
Condition presence_condition(const Presence& presence, bool fresh) {
    if (presence.inferred && fresh)
        return holds(presence.condition.reason + "; a fresh signature at the host agrees");
    return presence.condition;
}

// The technician who signed a session of this order at the host is not one that it names. Where it is the
// escort, the two are one: row 9, not row 8.
std::optional<std::string> other_technician(const Asked& asked, std::string_view escort) {
    std::optional<std::string> other;
    for (const auto* session : sessions_of(asked)) {
        for (const auto& signer : claimants(asked, session->technician)) {
            const auto& named = asked.version.fields.technicians;
            if (std::ranges::find(named, signer) != named.end()) return {};
            if (signer != escort) other = signer;
        }
    }
    return other;
}

// Row 9. The one used a badge of the other, and the badge system saw who it was.
bool lent(const Asked& asked, const std::vector<std::size_t>& rows, std::string_view to) {
    const auto& directory = asked.scene.knowledge.directory();
    return std::ranges::any_of(rows, [&](std::size_t index) {
        const auto& row = asked.scene.knowledge.presences().data().rows[index];
        if (row.person.empty() || row.credential.empty()) return false;
        return std::ranges::any_of(std::array{asked.scene.as_of, kNow}, [&](Millis as_of) {
            const auto& holders = directory.holders_of_credential(row.credential, as_of);
            return std::ranges::find(holders, to) != holders.end();
        });
    });
}

// Row 9. The escort's key signed as technician too: keys are of persons, and one person is nobody's escort.
bool signed_for_both(const Asked& asked, const std::string& escort) {
    return std::ranges::any_of(sessions_of(asked), [&](const Session* session) {
        return claimants(asked, session->escort).contains(escort) &&
               claimants(asked, session->technician).contains(escort);
    });
}

// "Choices": escort of everyone, unless the policy says `visitors`.
bool needs_no_escort(const Asked& asked, std::string_view technician) {
    if (asked.scene.knowledge.policy().everyone_needs_escort) return false;
    return rights_of(technician, asked.scene).alone == Tri::yes;
}

// Those to whom A4 applies: what they stand on, in time and by more than one hand.
Basis basis_of(const Asked& asked, const Attempt& attempt, const Sessions::CoSignature& signature,
               const Presence& t, const Presence& x, bool alone) {
    Basis out{.order = asked.order,
              .span = asked.scene.span,
              .as_of = asked.scene.as_of,
              .zone = asked.scene.zone,
              .technician = attempt.technician,
              .escort = alone ? "" : attempt.escort,
              .signatures = {},
              .rows = {}};
    for (const auto* session : signature.sessions) {
        out.signatures.push_back(&session->technician);
        out.signatures.push_back(&session->escort);
    }
    for (const auto* late : signature.attestations) out.signatures.push_back(&late->escort);
    for (const auto* presence : {&t, &x}) {
        if (presence->condition.value != Tri::no)
            out.rows.insert(out.rows.end(), presence->rows.begin(), presence->rows.end());
    }
    return out;
}

// One hand behind two sides makes the order none; a site that has one hand only says so of itself.
void judge_hands(Attempt& attempt, OrderValidity& validity, const Basis& basis, const Knowledge& knowledge) {
    attempt.inputs.merge(delivered(basis, knowledge));
    auto hands = sole_hands(basis, knowledge);
    if (knowledge.policy().single_handed) {
        attempt.sole_word = std::move(hands);
    } else if (!hands.empty()) {
        attempt.conditions[kA1] = fails(hands.front().text);
        validity.reason = "SOD";
    }
}

// The first row of 6 to 16 that these conditions reach. The order of the lines is the table's: a false
// condition decides even if others are unknown, since what those turn out to be may name an earlier row, but
// never clears it. Row 15 comes behind all that is false, and row 16 only where nothing is left.
void decide(Attempt& attempt, const OrderValidity& validity, const Eligibility& eligible,
            const Presence& escort, bool single_handed) {
    const auto& c = attempt.conditions;
    const auto set = [&](Outcome outcome, int row, std::string reason = {}) {
        attempt.outcome = outcome;
        attempt.row = row;
        attempt.reason = std::move(reason);
    };
    // A4 asks two things. Where somebody claims to have escorted, row 10 has taken whether they may; rows 11
    // and 13 are about whether they were there.
    const bool there = c[kA4].value != Tri::no && escort.condition.value != Tri::no;
    if (c[kA2].value == Tri::no) return set(Outcome::wrong_asset, 6);
    if (c[kA1].value == Tri::no) {
        attempt.segregation = validity.reason == "SOD";
        return set(Outcome::invalid_order, 7, validity.reason);
    }
    if (c[kA3].value == Tri::no) return set(Outcome::technician_absent, 8);
    if (eligible.self) return set(Outcome::self_escort, 9);
    if (eligible.split) return set(Outcome::escort_split, 10);
    if (eligible.condition.value == Tri::no && !attempt.escort.empty())
        return set(Outcome::ineligible_escort, 10, eligible.reason);
    if (!there && (escort.contrary || c[kA5].value == Tri::no))
        return set(Outcome::unaccompanied, 11, "ESCORT_ABSENT");
    if (c[kA4].value == Tri::yes && c[kA3].value == Tri::yes && c[kA5].value == Tri::no)
        return set(Outcome::unattested, 12);
    if (!there && c[kA5].value == Tri::yes) return set(Outcome::attested_no_badge, 13);
    if (c[kA6].value == Tri::no) return set(Outcome::device_not_permitted, 14);
    std::string open;
    for (std::size_t i = 0; i < c.size(); ++i) {
        if (c[i].value != Tri::yes) open += fmt::format("{}A{}", open.empty() ? "" : ",", i + 1);
    }
    if (!open.empty()) return set(Outcome::undetermined, 15, open);
    if (attempt.unlisted) return set(Outcome::unattested, 12, "UNLISTED");
    if (single_handed) return set(Outcome::unattested, 12, "SINGLE");
    set(Outcome::accompanied, 16);
}

// `t`: the technician's presence, which is the same for every escort. A condition that fails does not stop
// the others: a verdict shows all six.
Attempt attempt(const Asked& asked, const std::string& technician, const Presence& t,
                const std::string& escort) {
    const auto& [scene, order, version, visitors] = asked;
    const auto& [event, host, knowledge, now, span, as_of, zone, people, around, now_around] = scene;
    Attempt out;
    out.order = order.id;
    out.technician = technician;
    out.escort = escort;
    out.inputs.insert({"order", order.id, version.digest, version.receipt.hand, version.receipt.at});
    out.signed_here = !sessions_of(asked).empty();
    auto validity = validity_of(order, span, escort, knowledge.directory(), knowledge.policy(),
                                knowledge.orders_watermark(), knowledge.as_of(event, order));
    out.edited_after = validity.edited_after;
    if (!validity.late.empty()) out.too_late.orders.insert(validity.late);
    out.exception = validity.exception;
    out.conditions[kA1] = validity.condition;
    out.conditions[kA2] = scope_of(asked);

    const bool alone = needs_no_escort(asked, technician);
    const auto signature = alone ? knowledge.sessions().covering_alone(event, host, order, technician, now)
                                 : knowledge.sessions().covering(event, host, order, technician, escort, now);
    for (const auto* session : signature.sessions) out.inputs.insert(input_of(*session, escort));
    for (const auto* late : signature.attestations) {
        out.inputs.insert({"late-attestation", late->order, late->digest, hand_of(late->escort, escort),
                           late->escort.received_at});
    }
    out.late = signature.late;
    out.unlisted = signature.unlisted;
    out.conditions[kA5] = signature.condition;

    note_rows(out, t, asked);
    out.conditions[kA3] = presence_condition(t, signature.fresh_session);
    if (technician.empty()) {
        out.conditions[kA3] = fails("the order names no technician");
    } else if (const auto other = other_technician(asked, escort)) {
        out.conditions[kA3] = fails(fmt::format("{} signed as technician; the order names {}",
                                                printable(*other), printable(technician)));
    }

    Eligibility eligible;
    Presence x;
    if (alone) {
        eligible.condition =
            holds(fmt::format("{} may be there alone; the policy asks for no escort", printable(technician)));
        x.condition = holds("not asked");
    } else if (escort.empty()) {
        x = knowledge.presences().of(escort, zone, event.time, event.clock_bound, as_of);
        eligible.condition = x.condition.value == Tri::no
                                 ? fails("nobody with an escort's right for the zone was there or signed")
                                 : x.condition;
    } else {
        eligible = eligibility_of(escort, technician, version.fields, host, event.time, knowledge);
        x = knowledge.presences().of(escort, zone, event.time, event.clock_bound, as_of);
        note_rows(out, x, asked);
        x.condition = presence_condition(x, signature.fresh_session);
        if (auto said = settled_by_signature(x, escort, scene)) x.condition = holds(*std::move(said));
        if (!eligible.self && (lent(asked, t.rows, escort) || lent(asked, x.rows, technician) ||
                               signed_for_both(asked, escort))) {
            eligible.condition = fails(
                fmt::format("{} and {} used one key or badge", printable(technician), printable(escort)));
            eligible.self = true;
        }
        if (auto ratio = ratio_kept(visitors, scene, version.fields, technician, escort);
            ratio.value == Tri::no && eligible.condition.value != Tri::no) {
            eligible.condition = std::move(ratio);
            eligible.reason = "RATIO";
        } else if (ratio.value == Tri::unknown && eligible.condition.value == Tri::yes) {
            eligible.condition = std::move(ratio);
        }
    }
    // Who may not escort is none, wherever they were; else what is wrong with their presence says more than
    // what is unknown of their rights.
    out.conditions[kA4] = eligible.condition.value == Tri::no ? eligible.condition
                          : x.condition.value != Tri::yes     ? x.condition
                                                              : eligible.condition;
    // A6: the order or the site's allow list; of the two answers the better one.
    auto allowed = allowed_by(version.fields.devices, event);
    if (allowed.value != Tri::yes) {
        auto listed = allowed_by(knowledge.policy().allow, event);
        if (listed.value == Tri::yes || (listed.value == Tri::unknown && allowed.value == Tri::no))
            allowed = std::move(listed);
    }
    out.conditions[kA6] = std::move(allowed);
    judge_hands(out, validity, basis_of(asked, out, signature, t, x, alone), knowledge);
    for (const auto of : {kA1, kA2, kA5}) {
        if (out.conditions[of].cause == Cause::late) out.too_late.directory.insert(out.conditions[of].reason);
    }
    if (eligible.condition.cause == Cause::late) out.too_late.directory.insert(eligible.condition.reason);
    add_entries(out, scene, t.rows);
    add_entries(out, scene, x.rows);
    decide(out, validity, eligible, x, knowledge.policy().single_handed);
    return out;
}

// "Choices": who claims to have escorted. Those who signed; if nobody did, those whom the order names; if it
// names nobody, those present who may escort.
std::vector<std::string> escorts_claimed(const Asked& asked) {
    std::set<std::string> claimed;
    for (const auto* session : sessions_of(asked)) claimed.merge(claimants(asked, session->escort));
    for (const auto* late : asked.scene.knowledge.sessions().late(asked.scene.event)) {
        if (late->order == asked.order.id) claimed.merge(claimants(asked, late->escort));
    }
    if (claimed.empty())
        claimed.insert(asked.version.fields.escorts.begin(), asked.version.fields.escorts.end());
    if (claimed.empty()) {
        const auto& named = asked.version.fields.technicians;
        for (const auto& seen : asked.scene.people) {
            if (seen.rights.escort != Tri::no && std::ranges::find(named, seen.person) == named.end()) {
                claimed.insert(seen.person);
            }
        }
    }
    if (claimed.empty()) claimed.insert("");
    return {claimed.begin(), claimed.end()};
}

// The furthest row that any escort reaches, where that is known without asking for them: decide() comes to
// these first. Once an escort got there the others cannot change the verdict; an order that names no escort
// would else try everybody in the room.
int furthest_row(const Asked& asked, const Presence& technician) {
    if (scope_of(asked).value == Tri::no) return 6;
    const auto& knowledge = asked.scene.knowledge;
    const auto validity =
        validity_of(asked.order, asked.scene.span, "", knowledge.directory(), knowledge.policy(),
                    knowledge.orders_watermark(), knowledge.as_of(asked.scene.event, asked.order));
    if (validity.condition.value == Tri::no) return 7;  // whoever escorts: an escort only adds reasons
    return technician.condition.value == Tri::no ? 8 : 16;
}

}  // namespace

// "Choices": of several combinations the one that gets furthest down the table. Equals go by what was signed
// at the host, and at last by their ids: the verdict must not depend on the order in which a feed lists
// people.
bool got_further(const Attempt& a, const Attempt& b) {
    const auto true_ones = [](const Attempt& attempt) {
        return std::ranges::count(attempt.conditions, Tri::yes, &Condition::value);
    };
    return std::tuple(-a.row, !a.signed_here, -true_ones(a), std::tie(a.order, a.technician, a.escort)) <
           std::tuple(-b.row, !b.signed_here, -true_ones(b), std::tie(b.order, b.technician, b.escort));
}

Attempt best_attempt(const WorkOrder& order, const Scene& scene) {
    const auto* in_force = version_at(order, scene.span.to);
    const auto visitors = visitors_of(scene);
    const Asked asked{.scene = scene,
                      .order = order,
                      .version = in_force != nullptr ? *in_force : order.versions.front(),
                      .visitors = visitors};
    auto technicians = asked.version.fields.technicians;
    if (technicians.empty()) technicians.emplace_back();
    const auto escorts = escorts_claimed(asked);
    std::optional<Attempt> best;
    for (const auto& technician : technicians) {
        const auto t = scene.knowledge.presences().of(technician, scene.zone, scene.event.time,
                                                      scene.event.clock_bound, scene.as_of);
        const auto last = furthest_row(asked, t);
        for (const auto& escort : escorts) {  // by their ids: of those that get as far the first counts
            auto next = attempt(asked, technician, t, escort);
            const bool done = next.row >= last;
            if (!best || got_further(next, *best)) best = std::move(next);
            if (done) break;
        }
    }
    return *std::move(best);
}

}  // namespace assay::accompaniment
