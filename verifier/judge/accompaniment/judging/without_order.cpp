#include "verifier/judge/accompaniment/judging/without_order.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/orders/device_rules.h"

namespace assay::accompaniment {
namespace {

bool is_staff_use(const Scene& scene) {
    return only_input(scene.event.device) && !scene.people.empty() &&
           allowed_by(scene.knowledge.policy().allow, scene.event).value == Tri::yes &&
           std::ranges::all_of(scene.people, [](const Present& seen) {
               return seen.presence.condition.value == Tri::yes && seen.rights.alone == Tri::yes;
           });
}

// An order, for another host, of somebody who was here or who signed here. One that was received too late
// says nothing of who was meant to be where.
const WorkOrder* order_of_somebody_here(const Scene& scene) {
    const auto& orders = scene.knowledge.orders();
    const auto meets = [&](const WorkOrder* order) {
        const auto* version = order == nullptr ? nullptr : version_at(*order, scene.span.to);
        return version != nullptr && version->fields.window.meets(scene.span) &&
               in_time(version->receipt, scene.knowledge.as_of(scene.event, *order).order);
    };
    for (const auto* session : scene.knowledge.sessions().at(scene.host, scene.event.time)) {
        if (const auto* order = orders.order(session->order); meets(order)) return order;
    }
    std::set<std::string> persons;
    for (const auto& seen : scene.people) persons.insert(seen.person);
    return orders.naming(persons, scene.span, meets);
}

std::string scope_text(const OrderFields& fields) {
    std::vector<std::string> parts;
    for (const auto& host : fields.hosts) parts.push_back("host " + printable(host));
    for (const auto& rack : fields.racks) parts.push_back("rack " + printable(rack));
    return parts.empty() ? "no host" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string names_of(const std::vector<Present>& people) {
    std::vector<std::string> out;
    for (const auto& seen : people) out.push_back(printable(seen.person));
    return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

bool nobody_there(const Scene& scene) {
    return scene.people.empty() &&
           scene.knowledge.presences().absence_known(scene.zone, scene.span).value == Tri::yes;
}

WithoutOrder without_order(const Scene& scene) {
    const auto& [event, host, knowledge, now, span, as_of, zone, people, around, now_around] = scene;
    WithoutOrder out;
    out.a1 = out.a2 = fails("no order covers this host and time");
    const auto say = [&](Outcome outcome, std::string text, std::string reason = {}) {
        out.outcome = outcome;
        out.text = std::move(text);
        out.reason = std::move(reason);
        return out;
    };
    if (is_staff_use(scene)) {
        return say(Outcome::staff_use,
                   fmt::format("An input device of the allow list, used by {}, who may be in {} alone.",
                               names_of(people), printable(zone)));
    }
    if (knowledge.orders_watermark() <= span.to) {
        out.a1 = out.a2 = unknown(Cause::feed, fmt::format("orders have been received up to {}",
                                                           instant_text(knowledge.orders_watermark())));
        return say(Outcome::undetermined, "No order covers this host and time among those received so far.",
                   "A1,A2");
    }
    if (const auto* order = order_of_somebody_here(scene)) {
        const auto* in_force = version_at(*order, span.to);
        const auto& version = in_force != nullptr ? *in_force : order->versions.front();
        const auto scope = scope_text(version.fields);
        out.order = order->id;
        out.input = {"order", order->id, version.digest, version.receipt.hand, version.receipt.at};
        out.a2 = fails(fmt::format("order {} is for {}", printable(order->id), scope));
        return say(Outcome::wrong_asset,
                   fmt::format("Order {} is for {}; the device came to host {} in {}.", printable(order->id),
                               scope, printable(host.id), printable(host.zone)));
    }
    const auto received = knowledge.presences().absence_known(zone, span);
    out.released = received.cause == Cause::emergency;
    if (people.empty() && received.value == Tri::yes) {
        return say(
            Outcome::no_person_known,
            fmt::format("No order covers this host and time, and nobody badged into {}.", printable(zone)));
    }
    return say(Outcome::unaccompanied,
               people.empty()
                   ? fmt::format("No order covers this host and time. Who was in {} is not known yet: {}.",
                                 printable(zone), received.reason)
                   : fmt::format("No order covers this host and time. In {}: {}.", printable(zone),
                                 names_of(people)),
               "NO_ORDER");
}

}  // namespace assay::accompaniment
