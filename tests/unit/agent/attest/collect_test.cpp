#include "agent/attest/collect.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "agent/devices/host/real_host.h"
#include "agent/devices/host/recorded_host.h"
#include "agent/devices/tpm/tpm.h"
#include "evidence/tpm/pcr.h"
#include "evidence/tpm/quote.h"
#include "tests/support/machine/sample_machine.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/value.h"
#include "tests/support/tpm/stub_tpm.h"
#include "tests/support/tpm/swtpm.h"

using namespace assay;
using namespace assay::agent;
using test::value;

namespace {

constexpr std::string_view kSelection = "sha256:10";

/// A TPM whose PCR 10 is extended between the reading and the quoting, `moves` times.
class MovingTpm final : public test::StubTpm {
  public:
    explicit MovingTpm(int moves) : moves_(moves) {}

    Result<PcrSection> read_pcrs(std::string_view) override {
        return PcrSection{{HashAlgorithm::sha256, {{10, pcr_}}}};
    }
    Result<TpmQuote> quote(std::string_view selection, ByteView extra_data) override {
        ++quotes;
        if (moves_-- > 0) pcr_ = extend(pcr_, sha256(as_view("measured")));
        tcg::Quote quote;
        quote.extra_data = to_bytes(extra_data);
        quote.selection = tcg::pcr_selection_from_text(selection).value();
        quote.pcr_digest = to_bytes(sha256(pcr_.view()).view());
        return TpmQuote{tcg::encode_quote(quote), Bytes(10)};
    }

    int quotes = 0;

  private:
    int moves_;
    Digest pcr_;
};

EvidenceRequest request() {
    EvidenceRequest request;
    request.host = "rack-1";
    request.nonce = Bytes(kNonceSize, std::byte{7});
    request.selection = kSelection;
    return request;
}

std::unique_ptr<Tpm> recorded_tpm_of(const std::filesystem::path& folder) {
    return std::make_unique<Tpm>([folder] { return recorded_tcti(value(load_recording(folder))); });
}

}  // namespace

TEST_CASE("The quote's extra data binds nonce and manifest, and the manifest every section") {
    RecordedHost host(test::SampleMachine().recording);
    MovingTpm tpm(0);
    auto asked = request();
    asked.journal = [] {
        return JournalPart{{{std::string(section::kJournal), to_bytes("journal")}}, {}, {}};
    };
    const auto evidence = value(make_evidence({host, &tpm, {}}, asked));
    const auto quote = value(tcg::parse_quote(evidence.quote));
    CHECK(quote.extra_data == to_bytes(evidence_binding(asked.nonce, evidence.manifest).view()));

    const auto manifest = value(decode_manifest(evidence.manifest));
    CHECK(manifest.host == "rack-1");
    CHECK(manifest.boot_id == "0f8fad5b-d9cb-469f-a165-70867728950e");
    CHECK(manifest.entries.size() == evidence.sections.size());
    for (const auto& [name, bytes] : evidence.sections) {
        const auto* entry = manifest.find(name);
        REQUIRE(entry != nullptr);
        CHECK(entry->digest == sha256(bytes));
    }
    for (const auto name : {section::kImaLog, section::kPcrs, section::kGaps, section::kJournal,
                            section::kTpm, section::kClock}) {
        CHECK(evidence.sections.contains(name));
    }
}

TEST_CASE("PCRs that move while it is quoted are read again, until quote and reading agree") {
    RecordedHost host(test::SampleMachine().recording);
    MovingTpm tpm(3);
    const auto evidence = value(make_evidence({host, &tpm, {}}, request()));
    CHECK(tpm.quotes == 4);
    const auto pcrs = value(decode_pcr_section(evidence.sections.at("pcrs")));
    const auto quote = value(tcg::parse_quote(evidence.quote));
    CHECK(quote.pcr_digest == to_bytes(sha256(pcrs.at(HashAlgorithm::sha256).at(10).view()).view()));
    for (const auto& gap : value(decode_gaps_section(evidence.sections.at("gaps"))))
        CHECK(gap.section != "pcrs");
}

TEST_CASE("PCRs that never come to rest end in evidence that says so") {
    RecordedHost host(test::SampleMachine().recording);
    MovingTpm tpm(1000);
    const auto evidence = value(make_evidence({host, &tpm, {}}, request()));
    CHECK(tpm.quotes == 8);
    const auto gaps = value(decode_gaps_section(evidence.sections.at("gaps")));
    REQUIRE(!gaps.empty());
    CHECK(gaps.back().section == "pcrs");
    CHECK(gaps.back().code == "conflict");
}

TEST_CASE("The IMA list is sent from where the verifier stands, if this is still the same boot") {
    const test::SampleMachine machine;
    RecordedHost host(machine.recording);
    MovingTpm tpm(0);
    auto asked = request();
    asked.ima = {"0f8fad5b-d9cb-469f-a165-70867728950e", 1, 4, sha256(as_view("state"))};
    const auto evidence = value(make_evidence({host, &tpm, {}}, asked));
    CHECK(!evidence.sections.contains("ima-log"));
    const auto part = value(decode_ima_part_section(evidence.sections.at("ima-log-part")));
    CHECK(part == ImaPart{sha256(as_view("state")), 1, 4, to_bytes("list")});
    CHECK(value(decode_manifest(evidence.manifest)).find("ima-log-part") != nullptr);

    asked.ima->offset = 1000;  // the list cannot have become shorter; if it did, nothing comes after it
    const auto beyond = value(make_evidence({host, &tpm, {}}, asked));
    CHECK(value(decode_ima_part_section(beyond.sections.at("ima-log-part"))).list.empty());

    asked.ima->boot_id = "11111111-d9cb-469f-a165-70867728950e";
    const auto anew = value(make_evidence({host, &tpm, {}}, asked));
    CHECK(anew.sections.at("ima-log") == to_bytes("ima list"));
    CHECK(!anew.sections.contains("ima-log-part"));

    RecordedHost without{Recording{}};
    asked.ima->boot_id = "00000000-0000-0000-0000-000000000000";
    const auto gap = value(make_evidence({without, &tpm, {}}, asked));
    CHECK(!gap.sections.contains("ima-log-part"));
}

TEST_CASE("Gaps of the caller stand beside those of the collectors") {
    RecordedHost host{Recording{}};
    MovingTpm tpm(0);
    auto asked = request();
    const Gap gap{"journal", "/var/lib", "io", "disk full"};
    asked.journal = [&gap] { return JournalPart{{}, {gap}, {}}; };
    const auto evidence = value(make_evidence({host, &tpm, {}}, asked));
    const auto gaps = value(decode_gaps_section(evidence.sections.at("gaps")));
    CHECK(std::ranges::count(gaps, gap) == 1);
    CHECK(std::ranges::count(gaps, std::string("ima-log"), &Gap::section) == 1);
    CHECK(gaps.size() > 10);
}

TEST_CASE("Without a TPM there is no evidence, and the reason is that of the TPM") {
    RecordedHost host(test::SampleMachine().recording);
    const Error why{ErrorCode::refused, "/dev/tpmrm0: no permission", {}};
    const auto none = make_evidence({host, nullptr, why}, request());
    REQUIRE(!none);
    CHECK(none.error() == why);
}

TEST_CASE("A nonce of another size, or no name, is a wrong request") {
    RecordedHost host(test::SampleMachine().recording);
    MovingTpm tpm(0);
    auto asked = request();
    asked.nonce.pop_back();
    CHECK(make_evidence({host, &tpm, {}}, asked).error().code == ErrorCode::usage);
    asked = request();
    asked.host.clear();
    CHECK(make_evidence({host, &tpm, {}}, asked).error().code == ErrorCode::usage);
}

TEST_CASE("This machine, recorded and played back, gives byte-identical evidence") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const test::TempFolder folder;
    const auto host = make_real_host();
    auto asked = request();
    asked.selection = kDefaultSelection;
    const auto bundle =
        value(record(*host, [&] { return open_tcti(swtpm->tcti()); }, {}, asked, "test", folder.path()));
    CHECK(!bundle.known_host.ak_activated);

    const auto recorded_host = value(open_recorded_host(folder.path()));
    const auto recorded_tpm = recorded_tpm_of(folder.path());
    const auto played = value(make_saved_bundle({*recorded_host, recorded_tpm.get(), {}}, asked, "test"));
    CHECK(played.evidence == bundle.evidence);
    CHECK(played.known_host.ak_public == bundle.known_host.ak_public);

    asked.nonce[0] ^= std::byte{1};
    const auto refused = make_evidence({*recorded_host, recorded_tpm.get(), {}}, asked);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::refused);
}

TEST_CASE("A sign of life is asked for once, and stands in the section clock as it was given") {
    RecordedHost host(test::SampleMachine().recording);
    MovingTpm tpm(2);  // PCRs move: quoted again
    auto asked = request();
    const Heartbeat beat{.seen = 1000, .kernel = 1001, .start_ms = 20'000, .devnums = {std::byte{4}}};
    int times = 0;
    asked.heartbeat = [&] {
        ++times;
        return std::optional(beat);
    };
    const auto evidence = value(make_evidence({host, &tpm, {}}, asked));
    CHECK(value(decode_clock_section(evidence.sections.at(std::string(section::kClock)))).watch == beat);
    CHECK(times == 1);
    asked.heartbeat = {};
    const auto without = value(make_evidence({host, &tpm, {}}, asked));
    CHECK_FALSE(value(decode_clock_section(without.sections.at(std::string(section::kClock)))).watch);
}

TEST_CASE("Each recorded host plays back to the very evidence of its bundle") {
    const std::string name = GENERATE("rack-7", "rack-8");
    const auto folder = std::filesystem::path(ASSAY_SOURCE_DIR) / "tests" / "recorded" / name;
    const auto host = value(open_recorded_host(folder));
    const auto tpm = recorded_tpm_of(folder);
    std::ifstream file(folder / "bundle.cbor", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    const auto bundle = value(decode_saved_bundle(as_view(bytes)));

    EvidenceRequest asked;
    asked.host = bundle.known_host.name;
    asked.nonce = bundle.challenge.nonce;
    asked.selection = bundle.challenge.selection;
    asked.journal = [&bundle] {
        return JournalPart{
            {{std::string(section::kJournal), bundle.evidence.sections.at("journal")}}, {}, {}};
    };
    CHECK(value(make_evidence({*host, tpm.get(), {}}, asked)) == bundle.evidence);
    CHECK(asked.host == name);
}
