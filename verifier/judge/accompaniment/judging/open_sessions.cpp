#include "verifier/judge/accompaniment/judging/open_sessions.h"

#include <algorithm>
#include <optional>

#include "verifier/judge/accompaniment/judging/escort.h"
#include "verifier/judge/accompaniment/judging/hands.h"

namespace assay::accompaniment {
namespace {

std::vector<DeviceRule> connectable(const std::vector<DeviceRule>& order,
                                    const std::vector<DeviceRule>& allow) {
    std::vector<DeviceRule> out;
    for (const auto* rules : {&order, &allow}) {
        std::ranges::copy_if(*rules, std::back_inserter(out), [](const DeviceRule& rule) {
            return rule.actions.empty() || std::ranges::find(rule.actions, "connect") != rule.actions.end();
        });
    }
    return out;
}

// True, or not known only because orders may still come: a feed that lags must not lock anybody out.
bool counts(const Condition& condition) {
    return condition.value == Tri::yes || (condition.value == Tri::unknown && condition.cause == Cause::feed);
}

class SessionsAsked {
  public:
    SessionsAsked(const Host& host, const Knowledge& knowledge, Millis now)
        : host_(host), knowledge_(knowledge), now_{now, now} {}

    std::optional<OpenSession> of(const Session& session, std::string_view boot_id) const {
        const auto* order = knowledge_.orders().order(session.order);
        const auto* version = order == nullptr ? nullptr : version_at(*order, now_.to);
        if (version == nullptr || !version->fields.window.covers(now_) ||
            !in_scope(knowledge_.directory(), version->fields, host_)) {
            return {};
        }
        if (!session.boot_id.empty() && session.boot_id != boot_id) return {};
        if (!session.order_digest.empty() && session.order_digest != version->digest) return {};
        const auto fresh = knowledge_.sessions().fresh(session);
        const auto span = std::ranges::find_if(fresh, [&](const Span& each) { return each.covers(now_); });
        auto devices = connectable(version->fields.devices, knowledge_.policy().allow);
        if (span == fresh.end() || devices.empty() || !accompanied(session, *order, version->fields))
            return {};
        return OpenSession{session.id, order->id, std::move(devices), span->to};
    }

  private:
    [[nodiscard]] bool accompanied(const Session& session, const WorkOrder& order,
                                   const OrderFields& fields) const {
        const auto& sessions = knowledge_.sessions();
        for (const auto& technician : fields.technicians) {
            if (!sessions.signed_by(session.technician, technician)) continue;
            for (const auto& escort : sessions.signers(session.escort)) {
                const auto may = eligibility_of(escort, technician, fields, host_, now_, knowledge_);
                const auto validity = validity_of(order, now_, escort, knowledge_.directory(),
                                                  knowledge_.policy(), knowledge_.orders_watermark());
                const Basis basis{.order = order,
                                  .span = now_,
                                  .as_of = now_.from,
                                  .zone = knowledge_.directory().presence_zone(host_),
                                  .technician = technician,
                                  .escort = escort,
                                  .signatures = {&session.technician, &session.escort},
                                  .rows = {}};
                const bool one_hand =
                    !knowledge_.policy().single_handed && !sole_hands(basis, knowledge_).empty();
                if (counts(may.condition) && !may.self && !may.split && counts(validity.condition) &&
                    !one_hand) {
                    return true;
                }
            }
        }
        return false;
    }

    const Host& host_;
    const Knowledge& knowledge_;
    Span now_;
};

}  // namespace

std::vector<OpenSession> open_sessions(const Host& host, std::string_view boot_id, const Knowledge& knowledge,
                                       Millis now) {
    std::vector<OpenSession> out;
    const SessionsAsked asked(host, knowledge, now);
    for (const auto* session : knowledge.sessions().at(host, {now, now})) {
        if (auto open = asked.of(*session, boot_id)) out.push_back(*std::move(open));
    }
    std::ranges::sort(out, {}, &OpenSession::session);
    return out;
}

}  // namespace assay::accompaniment
