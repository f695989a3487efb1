#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/orders/orders.h"

// A1: from an allowed issuer, approved by somebody else, before the event by its history, not closed, in
// force. By all that is known now, and by what was known at the event.
namespace assay::accompaniment {
namespace {

struct Refusal {
    std::string_view code;
    Condition condition;
};

bool one_of(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

// The last version that turned the state to approved, not later than `at`.
const OrderVersion* approval_at(const WorkOrder& order, Millis at) {
    const OrderVersion* found = nullptr;
    for (const auto& version : order.versions) {
        if (version.from > at) break;
        if (one_of(version.changed, "state") && version.fields.state == "approved") found = &version;
    }
    return found;
}

bool is_ended(std::string_view state) {
    return state == "closed" || state == "cancelled" || state == "rejected";
}

// Work goes on under an approval; any other state took it back.
bool keeps_approval(std::string_view state) {
    return state == "approved" || state == "scheduled" || state == "in_progress";
}

bool decides(std::string_view field) {
    return field != "state";
}

std::optional<Refusal> issuer_refused_at(const OrderFields& fields, const Directory& directory,
                                         const Policy& policy, Millis as_of) {
    if (std::ranges::find(policy.issuers, fields.issuer, &AllowedIssuer::id) == policy.issuers.end()) {
        return Refusal{"ISSUER", fails(fmt::format("issuer {} is not on the list of issuers",
                                                   printable(fields.issuer)))};
    }
    const auto* issuer = directory.issuer(fields.issuer, as_of);
    if (issuer == nullptr || issuer->entity.empty()) {
        return Refusal{"ISSUER",
                       unknown(Cause::data, fmt::format("who runs issuer {} is not in the directory",
                                                        printable(fields.issuer)))};
    }
    const auto chain = directory.owners_of(issuer->entity, as_of);
    const Entity* undecided = nullptr;
    bool known = true;
    for (const auto& id : chain) {
        const auto* entity = directory.entity(id, as_of);
        if (entity == nullptr) {
            known = false;
        } else if (entity->approved == false) {
            return Refusal{"ISSUER", fails(fmt::format(
                                         "issuer {} belongs to {}, which is not approved ({}): {}",
                                         printable(fields.issuer), printable(id), printable(entity->decided),
                                         printable(fmt::format("{}", fmt::join(chain, " < ")))))};
        } else if (!entity->approved) {
            undecided = undecided == nullptr ? entity : undecided;
        }
    }
    if (!known)
        return Refusal{"ISSUER",
                       unknown(Cause::data, fmt::format("an owner of issuer {} is not in the directory",
                                                        printable(fields.issuer)))};
    // An owner on whom nobody decided is no obstacle where the entity itself was approved.
    if (undecided != nullptr && undecided->id == issuer->entity) {
        return Refusal{"ISSUER",
                       unknown(Cause::data, fmt::format("nobody decided on {}, who runs issuer {}",
                                                        printable(undecided->id), printable(fields.issuer)))};
    }
    return {};
}

// The newest entry of the issuer and of who runs it: by whom and when it was decided.
Known newest_entry(const OrderFields& fields, const Directory& directory) {
    const auto* issuer = directory.issuer(fields.issuer);
    auto newest = issuer->known;
    for (const auto& id : directory.owners_of(issuer->entity)) {
        const auto* entity = directory.entity(id);
        if (entity != nullptr && entity->known.receipt.at > newest.receipt.at) newest = entity->known;
    }
    return newest;
}

// What refuses it counts whenever it came; what clears it counts only if it was known at the event.
std::optional<Refusal> issuer_refused(const OrderFields& fields, const Directory& directory,
                                      const Policy& policy, Millis event) {
    auto now = issuer_refused_at(fields, directory, policy, kNow);
    if (now || directory.newest_receipt() <= event) return now;
    const auto then = issuer_refused_at(fields, directory, policy, event);
    if (!then) return {};
    return Refusal{
        "ISSUER",
        unknown(Cause::late, fmt::format("at the event {}; what the directory says now it was told {}",
                                         then->condition.reason, in_words(newest_entry(fields, directory))))};
}

// One person who raised or approved the order, and changed the badge rights of those who used it.
std::optional<Refusal> duties_not_separated(const WorkOrder& order, const OrderFields& fields,
                                            const OrderVersion* approval, std::string_view escort,
                                            const Span& span, const Directory& directory,
                                            const Policy& policy) {
    for (const auto& change : directory.data().rights_changes) {
        if (change.at > span.to || change.at < order.created_at - policy.rights_window) continue;
        if (!one_of(fields.technicians, change.person) && change.person != escort) continue;
        const bool raised = change.by == fields.requester || change.by == order.created_by;
        const bool approved = approval != nullptr && change.by == approval->by;
        if (!raised && !approved) continue;
        return Refusal{
            "SOD",
            fails(fmt::format("{} {} the order and changed the rights of {} at {} ({})", printable(change.by),
                              raised && approved ? "raised and approved"
                              : raised           ? "raised"
                                                 : "approved",
                              printable(change.person), instant_text(change.at), printable(change.what)))};
    }
    return {};
}

std::optional<Refusal> not_approved_in_time(const WorkOrder& order, const OrderVersion* approval,
                                            const Span& span, Millis known_to) {
    if (approval != nullptr && approval->from <= span.from) return {};
    const auto* later = approval != nullptr ? approval : approval_at(order, INT64_MAX);
    if (later == nullptr && known_to <= span.to) {
        return Refusal{"NOT_APPROVED",
                       unknown(Cause::feed, fmt::format("no approval among the changes received up to {}",
                                                        instant_text(known_to)))};
    }
    if (later == nullptr) {
        return Refusal{"NOT_APPROVED", fails("its history has no approval, whatever its state says")};
    }
    if (later->from <= span.to) {
        return Refusal{"RETROACTIVE", unknown(span.from == span.to ? Cause::clock : Cause::interval,
                                              fmt::format("approved at {}, within the event's span",
                                                          instant_text(later->from)))};
    }
    return Refusal{"RETROACTIVE",
                   fails(fmt::format("{} at {}, after the event",
                                     order.created_at > span.to ? "created and approved" : "approved",
                                     instant_text(later->from)))};
}

std::optional<Refusal> self_approved(const WorkOrder& order, const OrderVersion& approval) {
    const auto& fields = approval.fields;
    const auto say = [&](std::string_view role) {
        return Refusal{"SELF_APPROVED",
                       fails(fmt::format("approved by {}, who is {}", printable(approval.by), role))};
    };
    if (approval.by.empty())
        return Refusal{"SELF_APPROVED", fails("its history does not say who approved it")};
    if (approval.by == fields.requester || approval.by == order.created_by) return say("its requester");
    if (one_of(fields.technicians, approval.by)) return say("its technician");
    for (const auto& version : order.versions) {
        if (version.from > approval.from) break;
        if (&version != &order.versions.front() && version.by == approval.by &&
            std::ranges::any_of(version.changed, decides)) {
            return say("the one who changed its content");
        }
    }
    return {};
}

std::optional<Refusal> ended(const WorkOrder& order, const Span& span) {
    const auto* first = version_at(order, span.from);
    const auto* last = version_at(order, span.to);
    const bool at_first = first != nullptr && is_ended(first->fields.state);
    const bool at_last = last != nullptr && is_ended(last->fields.state);
    if (at_first && at_last)
        return Refusal{"CLOSED", fails(fmt::format("it was {} since {}", printable(last->fields.state),
                                                   instant_text(first->from)))};
    if (at_first || at_last)
        return Refusal{"CLOSED", unknown(span.from == span.to ? Cause::clock : Cause::interval,
                                         "its state changed within the event's span")};
    return {};
}

// Approved, and then sent back.
std::optional<Refusal> withdrawn(const WorkOrder& order, const OrderVersion* approval, const Span& span) {
    if (approval == nullptr) return {};
    const auto* last = version_at(order, span.to);
    if (last == nullptr || keeps_approval(last->fields.state) || is_ended(last->fields.state)) return {};
    const auto text = fmt::format("its state was {} since {}, and no longer approved",
                                  printable(last->fields.state), instant_text(last->from));
    if (last->from <= span.from) return Refusal{"NOT_APPROVED", fails(text)};
    return Refusal{"NOT_APPROVED", unknown(span.from == span.to ? Cause::clock : Cause::interval, text)};
}

// Changed after the event: what it says now is not what was approved for it.
std::optional<Refusal> edited_since_event(const WorkOrder& order, const Span& span) {
    for (const auto& version : order.versions) {
        if (version.from <= span.to || &version == &order.versions.front()) continue;
        const auto field = std::ranges::find_if(version.changed, decides);
        if (field == version.changed.end()) continue;
        return Refusal{"EDITED",
                       fails(fmt::format("{} changed its {} at {}, after the event", printable(version.by),
                                         printable(*field), instant_text(version.from)))};
    }
    return {};
}

std::optional<Refusal> edited_since_approval(const WorkOrder& order, const OrderVersion& approval,
                                             const Span& span) {
    for (const auto& version : order.versions) {
        if (version.from <= approval.from) continue;
        if (version.from > span.to) break;
        const auto field = std::ranges::find_if(version.changed, decides);
        if (field == version.changed.end()) continue;
        return Refusal{"EDITED", fails(fmt::format("{} changed its {} at {}, after the approval of {}",
                                                   printable(version.by), printable(*field),
                                                   instant_text(version.from), instant_text(approval.from)))};
    }
    return {};
}

bool takes_part(const WorkOrder& order, std::string_view person) {
    return order.created_by == person ||
           std::ranges::any_of(order.versions, [&](const OrderVersion& version) {
               return version.fields.requester == person || one_of(version.fields.technicians, person);
           });
}

const OrderException* exception_for(const WorkOrder& order, std::string_view code, const Span& span,
                                    const Policy& policy) {
    if (code != "ISSUER") return nullptr;   // nothing else can be explained away
    const OrderException* found = nullptr;  // the one that was received first: if any was in time, it
    for (const auto& exception : policy.exceptions) {
        if (exception.order == order.id && exception.reason == code && exception.signature_valid &&
            exception.valid.covers(span) && one_of(policy.exception_approvers, exception.approved_by) &&
            !takes_part(order, exception.approved_by) &&
            (found == nullptr || exception.received_at < found->received_at)) {
            found = &exception;
        }
    }
    return found;
}

// By these versions of it, and the directory's of both times.
OrderValidity validity_by(const WorkOrder& order, const Span& span, std::string_view escort,
                          const Directory& directory, const Policy& policy, Millis known_to, Millis event) {
    OrderValidity out;
    const auto* version = version_at(order, span.to);
    const auto* in_force = version != nullptr ? version : &order.versions.front();
    const auto& fields = in_force->fields;
    const auto* approval = approval_at(order, span.to);

    std::vector<Refusal> refusals;
    const auto add = [&](std::optional<Refusal> refusal) {
        if (refusal) refusals.push_back(*std::move(refusal));
    };
    if (!order.contradiction.empty())
        add(Refusal{"EDITED",
                    fails("its history does not lead to what it says now: " + order.contradiction)});
    add(duties_not_separated(order, fields, approval, escort, span, directory, policy));
    add(issuer_refused(fields, directory, policy, event));
    add(not_approved_in_time(order, approval, span, known_to));
    if (approval != nullptr) add(self_approved(order, *approval));
    add(ended(order, span));
    add(withdrawn(order, approval, span));
    if (approval != nullptr) add(edited_since_approval(order, *approval, span));
    if (auto edited = edited_since_event(order, span)) {
        out.edited_after = true;
        add(std::move(edited));
    }
    if (!fields.window.covers(span)) {
        if (!fields.window.meets(span)) {
            add(Refusal{"EDITED", fails(fmt::format(
                                      "its window at that time was {} to {}; it was moved later",
                                      instant_text(fields.window.from), instant_text(fields.window.to)))});
        } else {
            add(Refusal{
                "WINDOW",
                unknown(span.from == span.to ? Cause::clock : Cause::interval,
                        fmt::format("the window, {} to {}, covers a part of the event's span",
                                    instant_text(fields.window.from), instant_text(fields.window.to)))});
        }
    }
    if (known_to <= span.to) {
        add(Refusal{"HISTORY", unknown(Cause::feed, fmt::format("its changes have been received up to {}",
                                                                instant_text(known_to)))});
    }
    // What a named approver signed in time is set aside; what is false comes before what is not known.
    std::erase_if(refusals, [&](const Refusal& refusal) {
        const auto* exception = exception_for(order, refusal.code, span, policy);
        if (exception == nullptr) return false;
        const bool late = exception->received_at > event;
        out.exception = fmt::format("{}: {} by {} ({})", refusal.condition.reason,
                                    late ? "explained after the event, and not set aside," : "set aside",
                                    printable(exception->approved_by), printable(exception->text));
        return !late;
    });
    for (const auto wanted : {Tri::no, Tri::unknown}) {
        for (auto& refusal : refusals) {
            if (refusal.condition.value != wanted) continue;
            out.condition = refusal.condition;
            out.reason = refusal.code;
            return out;
        }
    }
    out.condition =
        holds(fmt::format("order {} of {}, approved by {} at {}", printable(order.id),
                          printable(fields.issuer), printable(approval->by), instant_text(approval->from)));
    return out;
}

// That work was planned or began, and nothing else. Of what came too late this alone leaves an approval as it
// was known: an end, an edit or another approval between it and the event would make good what refuses it.
bool is_progress(const OrderVersion& version) {
    const auto& state = version.fields.state;
    return (state == "scheduled" || state == "in_progress") && std::ranges::none_of(version.changed, decides);
}

// Of one of its versions, that came too late.
std::string lateness(const WorkOrder& order, const OrderVersion& version, const Span& span) {
    const auto after = (version.receipt.at - span.to) / 1000;
    return fmt::format("{}order {}, dated {}, was received {}, {}",
                       &version == &order.versions.front()
                           ? std::string()
                           : fmt::format("the change of {} of ",
                                         printable(fmt::format("{}", fmt::join(version.changed, ", ")))),
                       printable(order.id), instant_text(version.from), in_words(version.receipt),
                       after < 0     ? std::string("within the event's span")
                       : after < 120 ? fmt::format("{} s after the event", after)
                                     : fmt::format("{} min after the event", after / 60));
}

}  // namespace

OrderValidity validity_of(const WorkOrder& order, const Span& span, std::string_view escort,
                          const Directory& directory, const Policy& policy, Millis known_to,
                          const AsOf& as_of) {
    auto now = validity_by(order, span, escort, directory, policy, known_to, as_of.event);
    const auto known = known_versions(order, as_of.order);
    if (known.size() == order.versions.size() || now.condition.value == Tri::no) return now;
    auto late = order.versions.begin() + static_cast<std::ptrdiff_t>(known.size());
    if (!known.empty()) {
        auto then = order;
        then.versions.assign(known.begin(), known.end());
        const auto as_known = validity_by(then, span, escort, directory, policy, known_to, as_of.event);
        if (as_known.condition == now.condition && now.condition.value != Tri::yes) return now;
        if (as_known.condition.value == Tri::yes) {
            late = std::find_if(late, order.versions.end(), [&](const OrderVersion& version) {
                return version.from <= span.to && !in_time(version.receipt, as_of.order) &&
                       !is_progress(version);
            });
            if (late == order.versions.end() || now.condition.value != Tri::yes) return now;
        }
    }
    now.late = lateness(order, *late, span);
    now.condition = fails(now.late);
    now.reason = "LATE";
    return now;
}

}  // namespace assay::accompaniment
