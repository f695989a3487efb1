#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/judge/accompaniment/time.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/engine/database.h"

/// A service that judges: hosts report through its API, and each report is judged by what the store knows of
/// them after those before.
namespace assay::test {

class JudgedFleet : public TestService {
  public:
    explicit JudgedFleet(const std::string& connection = {}) : TestService(connection) {
        now = kNow;
        // The chain of acts is begun by this machine's clock, long after kNow, and none is before another.
        REQUIRE(store().database().write([](soci::session& sql) -> Result<> {
            sql << "UPDATE acts SET at_ms = 0";
            return {};
        }));
        policies().fallback() = test_policy();
        vendors() = must(vendors::load(test_vendor_sources()));
        tpm_trust = trust_of({TestIdentity::get().root});
        service().judge = judge::judge;
    }

    /// Admitted with the builder's keys: all hosts share them, under digests of their own.
    void admit(const std::string& host) {
        const auto digest = [&](const std::string& what) { return sha256(as_view(what + host)).hex(); };
        const auto& keys = TestIdentity::get();
        const store::Identity identity{
            .host = host,
            .ek_digest = digest("ek"),
            .ak_digest = digest("ak"),
            .ek_public = keys.ek_public,
            .ak_public = keys.ak_public,
            .ek_certificates = {keys.ek_certificate},
        };
        const store::Enrolment enrolment{"e" + host,       digest("token"), identity,
                                         digest("secret"), now + 300,       0};
        store::Enrolments admission(store());
        REQUIRE(admission.add_token({digest("token"), host, "otto", now, now + 60, 0}));
        REQUIRE(admission.add(enrolment, now));
        REQUIRE(admission.activate(enrolment, now));
    }

    /// Into another boot, in which its monitor starts anew.
    static void reboot(EvidenceBuilder& host) {
        ++host.clock.reset_count;
        host.boot_id = fmt::format("22222222-2222-3333-4444-{:012}", host.clock.reset_count);
        host.journal.push_back(host.event(DeviceEventKind::monitor_start));
        host.heartbeat->start_ms = host.journal.back().boottime_ms = EvidenceBuilder::kFirstRecord_ms;
    }

    /// A report of that host now, with the journal records that are not acknowledged; `change` has the
    /// sections before the manifest names them and the TPM signs.
    AttestationResult report(EvidenceBuilder& host, const std::function<void(Sections&)>& change = {}) {
        const auto found = must(store::Hosts(store()).find(host.host));
        auto& known = host.known;
        // As an agent does it that attests for the first time.
        known = found.known;
        host.all_pcrs = true;
        const auto is_anchor = [](const auto& each) { return each.kind == DeviceEventKind::anchor; };
        if (!known.journal_anchor && std::ranges::none_of(host.journal, is_anchor)) host.begin_anchored();
        auto made = host.build();
        auto& evidence = made.bundle.evidence;
        made.bundle.known_host = found.known;
        made.bundle.challenge.nonce = evidence.nonce = challenge();
        if (auto journal = evidence.sections.find(section::kJournal); journal != evidence.sections.end()) {
            auto records = decode_journal_section(journal->second).value();
            REQUIRE(records.records.size() >= known.journal_sequence);
            records.records.erase(
                records.records.begin(),
                records.records.begin() + static_cast<std::ptrdiff_t>(known.journal_sequence));
            journal->second = encode_journal_section(records);
        }
        if (change) change(evidence.sections);
        evidence.manifest = manifest_of(host.host, host.boot_id, evidence.sections);
        host.seal(made);
        const auto answer = submit(host.host, evidence);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return must(store::Results(store()).newest(host.host)).result;
    }

    /// A directory in which the hosts `all` are, and an approved order for what those `named` become from now
    /// to in sixteen hours; `other` takes the place of what the order says else.
    void give_order(const std::vector<std::string>& all, const std::vector<std::string>& named,
                    const nlohmann::json& changes, const nlohmann::json& other = nlohmann::json::object()) {
        using nlohmann::json;
        json hosts = json::array(), assets = json::array();
        for (const auto& host : all)
            hosts.push_back(
                {{"id", "asset-" + host}, {"ek", sha256(as_view("ek" + host)).hex()}, {"zone", "B07"}});
        for (const auto& host : named) assets.push_back("asset-" + host);
        const auto at = [&](std::int64_t after) { return accompaniment::instant_text((now + after) * 1000); };
        const auto in_force = give_directory(
            {{"zones",
              {{{"id", "site-1"}, {"kind", "site"}},
               {{"id", "B07"}, {"kind", "rack"}, {"parent", "site-1"}}}},
             {"persons", {{{"id", "p-tech"}, {"employer", "us"}, {"credentials", {"b-tech"}}}}},
             {"hosts", hosts},
             {"entities", {{{"id", "us"}, {"approved", true}}}},
             {"issuers", {{{"id", "dc-ops"}, {"entity", "us"}}}}});
        INFO(in_force.body);
        REQUIRE(in_force.status == 200);
        give("/v1/accompaniment/policy", {{"issuers", {"dc-ops"}}}, {api::Role::admin, true, "ada"});
        json order{{"id", "W-BIOS"},
                   {"created_at", at(-86'400)},
                   {"created_by", "p-req"},
                   {"issuer", "dc-ops"},
                   {"requester", "p-req"},
                   {"technicians", {"p-tech"}},
                   {"hosts", assets},
                   {"from", at(-60)},
                   {"to", at(16 * 3600)},
                   {"devices", json::array()},
                   {"changes", changes},
                   {"state", "approved"},
                   {"history",
                    {{{"at", at(-80'000)},
                      {"by", "p-boss"},
                      {"field", "state"},
                      {"old", "draft"},
                      {"new", "approved"}}}}};
        order.update(other);
        give("/v1/work-orders", {{"watermark", at(16 * 3600)}, {"orders", json::array({order})}},
             an_order_feed());
    }

    /// How many of that host's findings with this id a result has.
    static std::size_t count(const AttestationResult& result, std::string_view id) {
        return static_cast<std::size_t>(std::ranges::count(result.findings, id, &Finding::id));
    }

  private:
    void give(const std::string& where, const nlohmann::json& document, const api::Caller& by) {
        const auto answer = post(where, document, by);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
    }
};

/// The names of the matters that a result tells, as its findings' evidence has them.
inline std::vector<std::string> matters_of(const AttestationResult& result) {
    constexpr std::string_view kWord = "matter ";
    constexpr std::size_t kDigits = 16;
    std::vector<std::string> out;
    for (const auto& finding : result.findings) {
        const auto at = finding.evidence.rfind(kWord);
        if (at != std::string::npos) out.push_back(finding.evidence.substr(at + kWord.size(), kDigits));
    }
    return out;
}

}  // namespace assay::test
