#include "verifier/judge/accompaniment/judging/internal.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/orders/device_rules.h"

namespace assay::accompaniment {
namespace {

class Internal {
  public:
    Internal(const Occurrence& occurrence, const Host& host, const Knowledge& knowledge)
        : occurrence_(occurrence),
          event_(occurrence.event),
          host_(host),
          knowledge_(knowledge),
          span_(event_.time.widened(event_.clock_bound)) {}

    std::optional<InternalRuling> run() {
        const auto* baseline = baseline_of(event_, host_.model, knowledge_.policy());
        const auto* imitation = imitated(event_, host_.model, knowledge_.policy());
        // A stick at the front stays one while somebody has the BMC's console open.
        if (at_bmc_port(event_, host_.model, knowledge_.policy()) &&
            (baseline != nullptr || imitation == nullptr)) {
            const auto active = active_on_bmc();
            if (!active.empty()) return remote(active);
        }
        if (baseline != nullptr) {
            return ruling(Outcome::baseline,
                          fmt::format("Port {} of model {} has this device in its baseline.",
                                      printable(event_.device.port), printable(host_.model)));
        }
        if (imitation != nullptr) {
            return ruling(
                Outcome::impersonation,
                fmt::format("It carries the ids {}:{} of the internal device at {}port {}, and differs "
                            "from it in {}.",
                            imitation->vid, imitation->pid,
                            imitation->controller.empty() ? "" : printable(imitation->controller) + " ",
                            printable(imitation->port), difference(*imitation)));
        }
        if (occurrence_.morphed_from && !both_named()) {
            return ruling(
                Outcome::morphing,
                fmt::format("On port {} {}:{} went and {}:{} came within {} s. No order names both.",
                            printable(event_.device.port), printable(occurrence_.morphed_from->vid),
                            printable(occurrence_.morphed_from->pid), printable(event_.device.vid),
                            printable(event_.device.pid), knowledge_.policy().morph / 1000));
        }
        return {};
    }

  private:
    InternalRuling ruling(Outcome outcome, std::string text, std::string reason = {}) {
        out_.outcome = outcome;
        out_.text = std::move(text);
        out_.reason = std::move(reason);
        return out_;
    }

    [[nodiscard]] std::string difference(const BaselineDevice& baseline) const {
        std::vector<std::string_view> parts;
        if (!on_controller(baseline, event_.device)) parts.emplace_back("controller");
        if (baseline.port != event_.device.port) parts.emplace_back("port");
        if (baseline.interfaces != event_.device.interfaces) parts.emplace_back("interfaces");
        if (baseline.digest != event_.device.digest) parts.emplace_back("descriptors");
        return fmt::format("{}", fmt::join(parts, ", "));
    }

    // What the agent saw active, and what the BMC's own log says was.
    [[nodiscard]] std::vector<std::string> active_on_bmc() const {
        std::set<std::string> active(event_.bmc_active.begin(), event_.bmc_active.end());
        for (const auto& session : knowledge_.sessions().data().bmc) {
            if (session.host == event_.host && session.time.meets(span_)) active.insert(session.kind);
        }
        return {active.begin(), active.end()};
    }

    // An order that counts at this host and time names the descriptors of both.
    [[nodiscard]] bool both_named() const {
        const auto names = [](const OrderFields& fields, const Device& device) {
            return !device.digest.empty() && std::ranges::any_of(fields.devices, [&](const DeviceRule& rule) {
                return rule.digest == device.digest;
            });
        };
        return std::ranges::any_of(knowledge_.orders().covering(host_, span_), [&](const WorkOrder* order) {
            const auto* version = version_at(*order, span_.to);
            return version != nullptr &&
                   scope_at(knowledge_.directory(), version->fields, host_, event_.time.from).value ==
                       Tri::yes &&
                   names(version->fields, event_.device) &&
                   names(version->fields, *occurrence_.morphed_from) &&
                   validity_of(*order, span_, "", knowledge_.directory(), knowledge_.policy(), INT64_MAX,
                               knowledge_.as_of(event_, *order))
                           .condition.value == Tri::yes;
        });
    }

    // Row 2.
    InternalRuling remote(const std::vector<std::string>& active) {
        const auto said = fmt::format("{}", fmt::join(active, ", "));
        std::string why = "no order for remote media covers this host and time";
        bool open = knowledge_.orders_watermark() <= span_.to;
        for (const auto* order : knowledge_.orders().covering(host_, span_)) {
            const auto* version = version_at(*order, span_.to);
            if (version == nullptr || !version->fields.remote_media) continue;
            const auto validity =
                validity_of(*order, span_, "", knowledge_.directory(), knowledge_.policy(),
                            knowledge_.orders_watermark(), knowledge_.as_of(event_, *order));
            out_.inputs.insert(
                {"order", order->id, version->digest, version->receipt.hand, version->receipt.at});
            out_.order = order->id;
            out_.a1 = validity.condition;
            if (!validity.late.empty()) out_.orders_late.insert(validity.late);
            out_.a2 = scope_at(knowledge_.directory(), version->fields, host_, event_.time.from);
            if (out_.a2->value == Tri::yes) out_.a2 = holds("in its scope");
            if (out_.a2->value == Tri::no) out_.a2 = fails("not in its scope");
            if (validity.condition.value == Tri::no || out_.a2->value == Tri::no) {
                why = fmt::format(
                    "order {} does not count: {}", printable(order->id),
                    validity.condition.value == Tri::no ? validity.condition.reason : out_.a2->reason);
                continue;
            }
            const auto* missing = not_logged(active, version->fields);
            if (missing == nullptr && validity.condition.value == Tri::yes && out_.a2->value == Tri::yes) {
                return ruling(Outcome::remote_media_ok,
                              fmt::format("Active on the BMC: {}. Order {} and the BMC's log agree.", said,
                                          printable(order->id)));
            }
            open = open || validity.condition.value == Tri::unknown || out_.a2->value == Tri::unknown ||
                   knowledge_.sessions().data().bmc_watermark <= span_.to;
            why = missing == nullptr
                      ? (validity.condition.value == Tri::yes ? *out_.a2 : validity.condition).reason
                      : fmt::format("the BMC's log has no {} session of somebody whom order {} names",
                                    *missing, printable(order->id));
        }
        if (open) {
            return ruling(Outcome::undetermined, fmt::format("Active on the BMC: {}. So far {}.", said, why),
                          "BMC");
        }
        return ruling(Outcome::unauthorised_remote_media,
                      fmt::format("Active on the BMC: {}; {}.", said, why));
    }

    // What is active without a session in the BMC's log by a person of the order.
    [[nodiscard]] const std::string* not_logged(const std::vector<std::string>& active,
                                                const OrderFields& fields) const {
        const auto names = [](const std::vector<std::string>& persons, const std::string& user) {
            return std::ranges::find(persons, user) != persons.end();
        };
        const auto missing = std::ranges::find_if(active, [&](const std::string& kind) {
            return std::ranges::none_of(knowledge_.sessions().data().bmc, [&](const BmcSession& session) {
                return session.host == event_.host && session.kind == kind && session.time.meets(span_) &&
                       (names(fields.technicians, session.user) || names(fields.escorts, session.user));
            });
        });
        return missing == active.end() ? nullptr : &*missing;
    }

    const Occurrence& occurrence_;
    const DeviceEvent& event_;
    const Host& host_;
    const Knowledge& knowledge_;
    Span span_;
    InternalRuling out_;
};

}  // namespace

std::optional<InternalRuling> internal_device(const Occurrence& occurrence, const Host& host,
                                              const Knowledge& knowledge) {
    return Internal(occurrence, host, knowledge).run();
}

}  // namespace assay::accompaniment
