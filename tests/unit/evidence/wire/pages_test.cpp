// What docs/formats shows in hex, and what the fuzz targets start from, is what the encoders make.
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/codec/cbor.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/statement/session_document.h"
#include "evidence/wire/statement/session_statement.h"
#include "tests/support/builders/token_builder.h"
#include "tests/support/builders/wire_samples.h"
#include "tests/support/machine/baseline.h"

using namespace assay;

namespace {

std::vector<std::pair<std::string, Bytes>> sections() {
    return {
#define CBOR_SECTION(id, constant, name, type) {name, encode_##id##_section(sample::id())},
#include "evidence/wire/section/sections.inc"
    };
}

SessionDocument session_document() {
    const SessionStatement statement{.action = "open",
                                     .role = "escort",
                                     .session = "6f2c10aa93d84e7715",
                                     .host = "rack-7",
                                     .order = "WO-1017",
                                     .order_digest = {},
                                     .nonce = to_hex(sample::filled(32, 7)),
                                     .device = {},
                                     .at = 1'790'000'000};
    return {.text = session_statement_text(statement).value(),
            .public_key = sample::filled(44, 3),
            .signature = sample::filled(64, 9)};
}

constexpr const char* kActs = "12.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What the verifier answers an agent: the result as canonical JSON, by its names.
std::string answer_with(const AttestationResult& result) {
    const auto names = result_names(result);
    const nlohmann::json claims{
        {"assay.result-id", names.id}, {"assay.conclusion", names.conclusion}, {"assay.acts", kActs}};
    const nlohmann::json answer{{"result_id", names.id},
                                {"tier", to_string(result.tier)},
                                {"journal_acknowledged", 7},
                                {"ima", nullptr},
                                {"jwt", test::unsigned_token(claims.dump())},
                                {"result", nlohmann::json::parse(encode_attestation_result(result))}};
    return answer.dump();
}

void check_page(const std::string& page, const std::string& name, const Bytes& bytes) {
    INFO(page << ", block " << name << ": ASSAY_REBASELINE=1 writes it anew");
    CHECK(baseline::hex_block("docs/formats/" + page, name, bytes) == to_hex(bytes));
}

void check_corpus(const std::string& target, const std::string& name, const Bytes& bytes) {
    const auto path = "tests/fuzz/" + target + "_corpus/" + name;
    INFO(path << ": ASSAY_REBASELINE=1 writes it anew");
    CHECK(baseline::file(path, bytes) == bytes);
}

}  // namespace

TEST_CASE("the format pages show what the encoders make") {
    check_page("evidence.md", "manifest", encode_manifest(sample::manifest()));
    check_page("evidence.md", "proof", encode_proof(sample::proof()));
    check_page("evidence.md", "evidence", encode_evidence(sample::evidence()));
    for (const auto& [name, bytes] : sections())
        check_page(name == section::kJournal ? "journal.md" : "evidence.md", name, bytes);
    check_page("journal.md", "record", encode_journal_record(sample::journal_record()));
    check_page("journal.md", "session-document", encode_session_document(session_document()));
    check_page("saved-bundle.md", "ima-state", encode_ima_state(sample::ima_state()));
    check_page("saved-bundle.md", "open-matters",
               encode_open_matters({sample::device_matter(), sample::change_matter()}));
    check_page("saved-bundle.md", "challenge", encode_challenge(sample::challenge()));
    check_page("saved-bundle.md", "known-host", encode_known_host(sample::known_host()));
    check_page("saved-bundle.md", "work-session", encode_work_session(sample::work_session()));
    const auto result = sample::attestation_result();
    check_page("attestation-result.md", "result", to_bytes(encode_attestation_result(result)));
    check_page("attestation-result.md", "conclusion", to_bytes(encode_conclusion(result)));
    check_page("attestation-result.md", "occasion",
               to_bytes(encode_occasion(result, conclusion_digest(result))));
    check_page("cbor.md", "example",
               cbor::map({{"b", cbor::integer(-2)},
                          {"a", cbor::array({cbor::unsigned_integer(500), cbor::text("x")})},
                          {"aa", cbor::bytes(sample::filled(3, 1))}}));
}

TEST_CASE("the fuzz corpora are what the encoders make") {
    check_corpus("wire/fuzz_evidence", "evidence", encode_evidence(sample::evidence()));
    check_corpus("wire/fuzz_evidence", "proof", encode_proof(sample::proof()));
    check_corpus("wire/fuzz_evidence", "manifest", encode_manifest(sample::manifest()));
    for (const auto& [name, bytes] : sections()) check_corpus("wire/fuzz_sections", name, bytes);
    check_corpus("wire/fuzz_journal", "record", encode_journal_record(sample::journal_record()));
    check_corpus("wire/fuzz_saved_bundle", "bundle", encode_saved_bundle(sample::saved_bundle()));
    check_corpus("wire/fuzz_saved_bundle", "challenge", encode_challenge(sample::challenge()));
    check_corpus("wire/fuzz_saved_bundle", "known-host", encode_known_host(sample::known_host()));
    check_corpus("wire/fuzz_saved_bundle", "work-session", encode_work_session(sample::work_session()));
    check_corpus("wire/fuzz_open_matters", "matters",
                 encode_open_matters({sample::device_matter(), sample::change_matter()}));
    check_corpus("wire/fuzz_open_matters", "watch_point", encode_watch_point(sample::watch_point()));
    const auto result = sample::attestation_result();
    check_corpus("wire/fuzz_json", "result", to_bytes(encode_attestation_result(result)));
    check_corpus("wire/fuzz_json", "conclusion", to_bytes(encode_conclusion(result)));
    check_corpus("wire/fuzz_json", "empty", to_bytes("{}"));
    check_corpus("wire/fuzz_json", "key-twice", to_bytes(R"({"a":1,"a":[]})"));
    check_corpus("wire/fuzz_session_document", "document", encode_session_document(session_document()));
    check_corpus("wire/fuzz_session_statement", "open", to_bytes(session_document().text));
    check_corpus("agent/fuzz_attestation_answer", "verdict_with_result", to_bytes(answer_with(result)));
    check_corpus("codec/fuzz_cbor", "bundle", encode_saved_bundle(sample::saved_bundle()));
    check_corpus("codec/fuzz_cbor", "pci", encode_pci_section(sample::pci()));
}
