#include <functional>
#include <limits>
#include <set>
#include <thread>

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include "evidence/base/fault.h"
#include "evidence/base/hex.h"
#include "tests/attacks/evidence/tampering.h"
#include "tests/support/machine/skip.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/admission.h"
#include "verifier/service/store/hosts/known_hosts.h"

// Injected failures: point after point fails, once each, until there is none left. No failure affirms, and
// what is stored afterwards is whole.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

/// Runs `work` in a thread of its own (so that nothing is remembered from the run before) with the point `n`
/// of that kind failing, for n = 0, 1, ... until a run passes fewer points. Gives how many failed.
std::uint64_t walk(std::string_view kind, const std::function<void(std::uint64_t n, bool failed)>& judge,
                   const std::function<void()>& work) {
    for (std::uint64_t n = 0;; ++n) {
        fault::Passed passed;
        std::exception_ptr thrown;
        std::thread([&] {
            try {
                fault::arm(n, kind);
                work();
            } catch (...) {
                thrown = std::current_exception();
            }
            passed = fault::disarm();
        }).join();
        if (thrown) std::rethrow_exception(thrown);
        judge(n, passed.failed);
        if (!passed.failed) return n;
    }
}

/// A host with everything that an appraisal judges, kept small: each point is one run.
EvidenceBuilder small_host() {
    EvidenceBuilder builder;
    builder.log.banks = {HashAlgorithm::sha256};
    builder.ima_files.resize(1);
    builder.begin_anchored();
    builder.all_pcrs = true;
    return builder;
}

/// A service on a store of its own that appraises for real, with one enrolled host.
class RealService {
  public:
    RealService() : RealService(nullptr) {
        const auto& keys = TestIdentity::get();
        const store::Identity identity{
            kHost,          sha256(keys.ek_public).hex(), sha256(keys.ak_public).hex(), keys.ek_public,
            keys.ak_public, {keys.ek_certificate}};
        const store::Enrolment enrolment{"e-1", "token", identity, "secret", kNow + 300, 0};
        require(
            store::Enrolments(*store_).add_token({"token", kHost, "otto", kNow, kNow + 60, 0}).has_value() &&
                store::Enrolments(*store_).add(enrolment, kNow).has_value() &&
                store::Enrolments(*store_).activate(enrolment, kNow).has_value(),
            "enrolment");
    }
    /// Another verifier on a copy of what that one stored, as of the same moment.
    explicit RealService(const RealService& other) : RealService(&other) {}
    RealService& operator=(const RealService&) = delete;

    /// An honest proof for a fresh challenge, with all sections beside it.
    std::string evidence() {
        auto builder = small_host();
        auto made = builder.build();
        made.bundle.evidence.nonce = must(api::make_nonce(service_.nonce_key, now()));
        builder.clock.clock_ms += ++asked_;
        auto& bytes = section_of(made, section::kJournal);
        auto journal = decode_journal_section(bytes).value();
        const auto known = must(store::Hosts(*store_).find(kHost)).known;
        if (known.journal_sequence == journal.head_sequence)
            journal.records.clear();  // acknowledged: an agent does not send them again
        made.bundle.known_host.journal_anchor = known.journal_anchor;
        bytes = encode_journal_section(journal);
        made.bundle.evidence.manifest = manifest_of(kHost, kBootId, made.bundle.evidence.sections);
        builder.seal(made);
        return std::string(as_text(encode_proof(
            {.evidence = made.bundle.evidence, .journal_from = known.journal_sequence, .ima_from = {}})));
    }
    api::Response submit(const std::string& evidence) {
        api::Request request;
        request.verb = api::Verb::post;
        must(api::set_target(request, std::string("/v1/hosts/") + kHost + "/evidence"));
        request.body = evidence;
        request.content_type = "application/cbor";
        return api::dispatch(std::move(request), service_);
    }
    store::Store& store() { return *store_; }
    /// What the verifier holds is read from the store again, and decoded again.
    void forget_sections() { service_.sections.clear(); }

    static constexpr const char* kHost = "rack-7";

  private:
    explicit RealService(const RealService* other)
        : store_(must(store::Store::open("sqlite:" + database_of(other).string()))),
          signer_(must(api::Signer::from_pem(new_signing_key()))),
          roots_{TestIdentity::get().root},
          trust_(trust_of(roots_)),
          service_{.store = *store_,
                   .policies = policies_,
                   .vendors = test_vendors(),
                   .tpm_trust = trust_,
                   .platform_roots = roots_,
                   .signer = signer_,
                   .metrics = metrics_,
                   .unproven = unproven_,
                   .refusals = refusals_,
                   .nonce_key = must(store_->shared_key()),
                   .now = [this] { return now(); },
                   .judge = judge::judge,
                   .build = "assay test"} {
        if (other) asked_ = other->asked_;
    }
    /// A copy of the other's database where there is one: nobody writes to it meanwhile.
    [[nodiscard]] std::filesystem::path database_of(const RealService* other) const {
        auto here = folder_.path() / "assay.db";
        for (const auto* end : {"", "-wal"}) {
            if (!other) break;
            auto from = other->folder_.path() / "assay.db";
            if (std::filesystem::exists(from += end))
                std::filesystem::copy_file(from, std::filesystem::path(here) += end);
        }
        return here;
    }
    /// The TPM's clock and the verifier's stay together, however many reports there are: a millisecond each.
    [[nodiscard]] std::int64_t now() const { return kNow + static_cast<std::int64_t>(asked_ / 1000); }
    static void must(Result<> result) { require(result.has_value(), "request"); }
    template <typename T>
    static T must(Result<T> result) {
        return test::must(std::move(result));
    }
    TempFolder folder_;
    std::unique_ptr<store::Store> store_;
    api::Signer signer_;
    std::vector<Bytes> roots_;
    TpmTrust trust_;
    PolicySet policies_{test_policy()};
    api::Metrics metrics_;
    api::UnprovenCounter unproven_{*store_, metrics_};
    api::RefusalLog refusals_{*store_};
    std::uint64_t asked_ = 0;
    api::Service service_;
};

bool affirms(const api::Response& response) {
    return response.status == 200 && json_of(response).at("tier") == "affirming";
}

/// What a result that should have been affirming says, for the one who reads the test's output.
std::string newest_findings(RealService& service) {
    const auto stored = store::Results(service.store()).newest(RealService::kHost);
    if (!stored) return describe(stored.error());
    std::string out;
    for (const auto& finding : stored->result.findings)
        out += fmt::format("{}: expected {}, got {}\n", finding.id, finding.expected, finding.actual);
    return out;
}

}  // namespace

TEST_CASE("failure: no read of a parser that fails within an appraisal affirms", "[attack]") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    const auto made = small_host().build();
    const auto inputs = made.inputs();  // roots are read when a verifier starts, not in an appraisal
    Appraisal appraisal;
    std::set<std::uint64_t> affirmed;
    const auto points = walk(
        "parse",
        [&](std::uint64_t n, bool failed) {
            if (failed && appraisal.result.tier == Tier::affirming) affirmed.insert(n);
            if (!failed) CHECK(appraisal.result.tier == Tier::affirming);
        },
        [&] { appraisal = judge::appraise(inputs); });
    for (const auto n : affirmed) UNSCOPED_INFO("point " << n << " failed, and the result is affirming");
    CHECK(affirmed.empty());
    CHECK(points > 300);
    fmt::print("{} reads failed, one at a time\n", points);
}

TEST_CASE("failure: no step of the store that fails while evidence is taken affirms or leaves half of it",
          "[attack]") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    spdlog::set_level(spdlog::level::off);
    RealService service;
    std::string evidence = service.evidence();
    api::Response response;
    std::string newest;
    const auto points = walk(
        "store",
        [&](std::uint64_t n, bool failed) {
            INFO("point " << n << ": " << response.status << " " << response.body.substr(0, 200));
            if (failed) {
                CHECK(response.status >= 500);
            } else {
                CHECK(affirms(response));
            }
            const auto stored = store::Results(service.store()).newest(RealService::kHost);
            const bool is_new = stored && stored->result_id != newest;
            if (stored) {
                CHECK(attestation_result_id(stored->result) == stored->result_id);
                newest = stored->result_id;
            }
            // Sent again, it is taken where nothing was stored, and refused where all of it was.
            const auto again = service.submit(evidence);
            CHECK(again.status == (is_new ? 403 : 200));
            if (!is_new) CHECK(affirms(again));
            newest = test::must(store::Results(service.store()).newest(RealService::kHost)).result_id;
            const auto bundle = store::Results(service.store()).newest_bundle(RealService::kHost);
            REQUIRE(bundle);
            CHECK(to_hex(bundle->evidence.nonce) == to_hex(decode_proof(as_view(evidence))->evidence.nonce));
            evidence = service.evidence();
        },
        [&] { response = service.submit(evidence); });
    CHECK(points > 2);  // what is remembered is not read: a report is one transaction
    fmt::print("{} steps of the store failed, one at a time\n", points);
}

TEST_CASE("failure: no read that fails on the whole way of evidence affirms, and what is stored is whole",
          "[attack]") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    spdlog::set_level(spdlog::level::off);
    // As an agent sends it: what the verifier holds is only named, so that each read counts. Every point
    // starts with a copy of the same database; else what the failures before it left open is read as well.
    RealService before;
    REQUIRE(affirms(before.submit(before.evidence())));
    const std::vector named{section::kPci, section::kSmbios, section::kBootEventLog};
    auto proof = decode_proof(as_view(before.evidence())).value();
    for (const auto name : named) proof.evidence.sections.erase(std::string(name));
    const std::string evidence(as_text(encode_proof(proof)));

    auto service = std::make_unique<RealService>(before);
    api::Response response;
    std::set<std::uint64_t> affirmed;
    const auto points = walk(
        "parse",
        [&](std::uint64_t n, bool failed) {
            INFO("point " << n << ": " << response.status << " " << response.body.substr(0, 200));
            if (failed && affirms(response)) affirmed.insert(n);
            if (!failed) {
                INFO(newest_findings(*service));
                CHECK(affirms(response));
            }
            if (response.status == 200) {
                const auto stored = store::Results(service->store()).newest(RealService::kHost);
                REQUIRE(stored);
                CHECK(stored->result_id == json_of(response).at("result_id").get<std::string>());
                CHECK(attestation_result_id(stored->result) == stored->result_id);
            }
            // Where the failure made it forget what it held, all is sent anew, and taken.
            const auto held = must(store::Attestations(service->store()).held_sections(RealService::kHost));
            const auto is_held = [&](std::string_view name) { return held.contains(std::string(name)); };
            if (!std::ranges::all_of(named, is_held)) {
                const auto anew = service->submit(service->evidence());
                INFO(anew.body);
                CHECK(affirms(anew));
            }
            service = std::make_unique<RealService>(before);
        },
        [&] { response = service->submit(evidence); });
    // What is remembered and cannot be read is read from the database, and affirms: once, for a report reads
    // it once. No other read does.
    const auto remembered = store::Hosts(before.store()).remembered(RealService::kHost);
    REQUIRE(remembered);
    const auto bytes = store::encode_remembered(*remembered);
    fault::arm(std::numeric_limits<std::uint64_t>::max(), "parse");
    REQUIRE(store::decode_remembered(bytes));
    const auto of_memory = fault::disarm().points;
    for (const auto n : affirmed) UNSCOPED_INFO("point " << n << " failed, and the answer is affirming");
    REQUIRE(affirmed.size() == of_memory);
    CHECK(*affirmed.rbegin() - *affirmed.begin() == of_memory - 1);
    CHECK(points > 600);
    fmt::print("{} reads failed on the way of evidence, one at a time\n", points);
}
