#include "verifier/service/casework/host_news.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/parts/host_parts.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/appraisal/facts/standing/gone_sections.h"
#include "verifier/judge/changes/boot_news.h"
#include "verifier/judge/changes/part_news.h"
#include "verifier/judge/changes/sensor_news.h"
#include "verifier/judge/changes/still_open.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/casework/site_directory.h"
#include "verifier/service/casework/site_receipts.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/hosts/known_hosts.h"

namespace assay::api {
namespace {

using Changes = std::vector<judge::SeenChange>;

struct BootBefore {
    std::int64_t revision = 0;
    std::string mark;
};

/// Of Host::boot_of.
std::optional<BootBefore> boot_before(const std::string& text) {
    BootBefore out;
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, out.revision);
    if (error != std::errc() || at == end || *at != ':') return std::nullopt;
    out.mark.assign(at + 1, end);
    return out;
}

class Comparison {
  public:
    Comparison(Service& service, const judge::OpenedEvidence& opened, const store::Host& host,
               const store::RememberedHost* remembered, const judge::Policy& policy, std::int64_t now)
        : service_(service),
          opened_(opened),
          host_(host),
          policy_(policy),
          now_(now),
          when_{.from = host.attested_at, .to = now},
          remembered_(remembered) {}

    Result<ComparedHost> run() {
        out_.boot_of = host_.boot_of;
        if (!opened_.is_authentic()) return std::move(out_);
        TRY_VOID(boot());
        if (host_.known.previous && host_.attested_at != 0) {
            TRY_VOID(parts());
            TRY_VOID(sections());
        }
        TRY_VOID(tell());
        return std::move(out_);
    }

  private:
    Result<> boot() {
        const auto uncompared = judge::uncompared_pcrs(policy_.unlogged_pcrs);
        const auto mark = judge::boot_mark(opened_, uncompared);
        const auto before = boot_before(host_.boot_of);
        if (before && before->mark == mark) return {};
        if (mark.empty()) {
            if (before)
                not_compared_ =
                    "no boot event log that a quote vouches for: nothing of this boot was compared";
            return {};
        }
        const auto now = TRY(judge::boot_chain_of(opened_));
        std::optional<judge::BootChain> was;
        if (before) {
            const auto bundle = store::Results(service_.store).bundle_of(host_.known.name, before->revision);
            if (!bundle && bundle.error().code != ErrorCode::not_found)
                return std::unexpected(bundle.error());
            if (auto chain = bundle ? judge::boot_chain_of(*bundle) : std::unexpected(bundle.error())) {
                was = *std::move(chain);
                auto news = judge::boot_news(*was, now, uncompared, when_);
                not_compared_ = std::move(news.not_compared);
                std::ranges::move(news.changes, std::back_inserter(changes_));
            } else {
                not_compared_ =
                    "the boot attested before cannot be read any more: " + describe(chain.error());
            }
        }
        if (judge::is_whole(now, was ? &*was : nullptr, uncompared))
            out_.boot_of = fmt::format("{}:{}", host_.revision + 1, mark);
        return {};
    }

    Result<> parts() {
        const auto parts = judge::HostParts::of(opened_.claims(), opened_.sections());
        out_.inventory = store::inventory_digest(parts->list());
        if (remembered_ && remembered_->inventory == out_.inventory) return {};
        auto news =
            judge::part_news(TRY(store::Parts(service_.store).held(host_.known.name)), stored_parts(), when_);
        std::ranges::move(news, std::back_inserter(changes_));
        return {};
    }

    const std::vector<judge::HostComponent>& stored_parts() {
        if (!parts_) {
            parts_.emplace();
            const auto parts = judge::HostParts::of(opened_.claims(), opened_.sections());
            for (const auto& part : parts->list()) parts_->push_back(store::as_stored(part));
        }
        return *parts_;
    }

    Result<> sections() {
        const auto& manifest = opened_.authentication().manifest;
        if (!manifest) return {};
        store::SectionDigests read;
        if (remembered_ == nullptr)
            read = TRY(store::Attestations(service_.store).held_sections(host_.known.name));
        const auto& held = remembered_ == nullptr ? read : remembered_->held;
        for (const auto& [name, digest] : held) {
            if (judge::has_section(*manifest, name)) continue;
            changes_.push_back(
                {.told = judge::gone_section(name, judge::shown(opened_.sections().why_absent(name)))});
        }
        const auto chassis = held.find(std::string(section::kChassis));
        return chassis == held.end() ? Result<>{} : sensors(*manifest, chassis->second);
    }

    /// `digest`: of the section before. One that is absent or cannot be read now tells of no sensor.
    Result<> sensors(const Manifest& manifest, const std::string& digest) {
        const auto* entry = manifest.find(section::kChassis);
        if (entry != nullptr && entry->digest.hex() == digest) return {};
        const auto before = TRY(store::Attestations(service_.store).held_sensors(host_.known.name, digest));
        const auto& now = opened_.claims().chassis;
        auto news = judge::sensor_news(before, now ? *now : std::vector<IntrusionSensor>(), when_);
        std::ranges::move(news, std::back_inserter(changes_));
        return {};
    }

    /// Who expected it is asked only where there is something to ask for.
    Result<> tell() {
        const auto& open = host_.known.open;
        const bool changed = open && std::ranges::any_of(*open, [](const OpenMatter& matter) {
                                 return matter.change && matter.change->kind != ChangeKind::watch;
                             });
        if (changes_.empty() && not_compared_.empty() && !changed) return {};
        HostNews news{.not_compared = not_compared_};
        const auto model =
            opened_.claims().tables ? judge::host_model(*opened_.claims().tables) : std::string();
        const auto boot = judge::boot_chain_of(opened_);
        auto counting = TRY(orders());
        const judge::Expectations by{.vendors = service_.vendors,
                                     .policy = policy_,
                                     .delivery = host_.known.delivery,
                                     .parts = stored_parts(),
                                     .boot = boot ? &*boot : nullptr,
                                     .orders = std::move(counting),
                                     .model = model,
                                     .now = now_};
        for (auto& change : changes_) {
            change.told.planned = judge::expected_by(change, by);
            if (news.changes.size() < limits::kHostChanges)
                news.changes.push_back(std::move(change.told));
            else if (change.told.planned.empty())
                ++news.more;
        }
        judge::add_expected_by_now(host_.known, by, news);
        if (!news.changes.empty() || !news.not_compared.empty()) out_.news = std::move(news);
        return {};
    }

    /// Those with changes that count for this host at some time since it last attested. When within that time
    /// the change was made nobody knows: what was received later than its begin came, perhaps, after it.
    Result<std::vector<judge::CountingOrder>> orders() {
        std::vector<judge::CountingOrder> out;
        if (host_.none.directory || !TRY(site::has_directory(service_))) return out;
        constexpr std::int64_t kSecond = 1000;
        const accompaniment::Span span{when_.from * kSecond, when_.to * kSecond};
        auto documents = TRY(store::SiteDocuments(service_.store)
                                 .list({.kind = "order", .from_ms = span.from, .to_ms = span.to}));
        std::erase_if(documents, [](const auto& each) { return !each.document.contains("\"changes\""); });
        if (documents.empty()) return out;
        const auto site = TRY(site::site_directory(service_));
        const auto& directory = site->read;
        const auto* self = directory.host(host_.identity.ek_digest);
        if (self == nullptr) return out;
        const auto policy = TRY(accompaniment::read_policy(TRY(site::received_policy(service_)).dump()));
        const auto received =
            TRY(accompaniment::read_orders(TRY(site::received_orders(service_, documents, span.to))));
        const accompaniment::Orders orders(directory, received.orders);
        for (const auto* order : orders.covering(*self, span)) {
            const auto* version = accompaniment::version_at(*order, span.to);
            if (version == nullptr || version->fields.changes.empty()) continue;
            const auto& window = version->fields.window;
            if (window.to < span.from || window.from > span.to) continue;
            if (!accompaniment::in_scope(directory, version->fields, *self, span.from)) continue;
            // An order counts for the time that is both in its window and since the host last attested.
            const accompaniment::Span met{std::max(span.from, window.from), std::min(span.to, window.to)};
            const auto validity = accompaniment::validity_of(*order, met, "", directory, policy, INT64_MAX,
                                                             {.event = span.from, .order = span.from});
            if (validity.condition.value == accompaniment::Tri::yes)
                out.push_back({order->id, version->fields.changes});
        }
        return out;
    }

    Service& service_;
    const judge::OpenedEvidence& opened_;
    const store::Host& host_;
    const judge::Policy& policy_;
    std::int64_t now_;
    judge::ChangeSpan when_;
    const store::RememberedHost* remembered_;
    std::optional<std::vector<judge::HostComponent>> parts_;
    Changes changes_;
    std::string not_compared_;
    ComparedHost out_;
};

}  // namespace

Result<ComparedHost> compared_with_before(Service& service, const judge::OpenedEvidence& opened,
                                          const store::Host& host, const store::RememberedHost* remembered,
                                          const judge::Policy& policy, std::int64_t now) {
    return Comparison(service, opened, host, remembered, policy, now).run();
}

}  // namespace assay::api
