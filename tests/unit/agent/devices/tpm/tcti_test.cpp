#include "agent/devices/tpm/tcti.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "agent/devices/tpm/tpm.h"
#include "evidence/tpm/key/credential.h"
#include "tests/support/machine/skip.h"
#include "tests/support/machine/value.h"
#include "tests/support/tpm/swtpm.h"

using namespace assay;
using namespace assay::agent;
using test::value;

namespace {

constexpr auto kSomePcrs = "sha256:0,1,2,3,4,5,6,7,8,9,10";
const std::string kReadClock = "80010000000a00000181";
// 35 bytes, success, TPMS_TIME_INFO with resetCount 7 and restartCount 0, safe.
const std::string kResetCount7 =
    "80010000002300000000" + std::string(32, '0') + "00000007" + "00000000" + "01";
const std::string kTpmFailed = "80010000000a00000101";

Recording clock_answers(const std::string& response) {
    Recording recording;
    recording.calls[{"tpm", kReadClock}] = std::vector{response};
    return recording;
}

std::unique_ptr<Tpm> played(Recording recording) {
    return std::make_unique<Tpm>([recording = std::move(recording)] { return recorded_tcti(recording); });
}

}  // namespace

TEST_CASE("A recorded TPM gives the response that was recorded, and refuses every other command") {
    const auto tpm = played(clock_answers(kResetCount7));
    CHECK(tpm->reset_count().value() == 7);
    CHECK(tpm->properties().error().code == ErrorCode::refused);
    CHECK(tpm->identity().error().code == ErrorCode::refused);
    CHECK(tpm->read_pcrs("sha256:0").error().code == ErrorCode::refused);
    CHECK(tpm->extend_journal(Digest{}).error().code == ErrorCode::refused);
    CHECK_THAT(tpm->journal_indices().error().context, Catch::Contains("not in the recording"));
    CHECK(tpm->reset_count().value() == 7);
}

TEST_CASE("A response that is recorded wrongly is an error") {
    const std::string response = GENERATE(as<std::string>(), "", "80", "zz", "80010000002300000000",
                                          "8001ffffffff00000000", std::string(20'000, '0'));
    INFO(response.size());
    CHECK_FALSE(played(clock_answers(response))->reset_count());
}

TEST_CASE(
    "A TPM is connected at the first call, and anew after one that failed, not after one that it refused") {
    int connected = 0;
    std::string response = kTpmFailed;
    Tpm tpm([&]() -> Result<Tcti> {
        if (++connected == 1) return fail(ErrorCode::not_found, "away");
        return recorded_tcti(clock_answers(response));
    });
    CHECK(connected == 0);
    CHECK(tpm.reset_count().error().code == ErrorCode::not_found);
    CHECK(tpm.reset_count().error().code == ErrorCode::tpm);
    CHECK(connected == 2);
    response = kResetCount7;
    CHECK(tpm.reset_count().value() == 7);
    CHECK(connected == 3);
    CHECK(tpm.properties().error().code == ErrorCode::refused);
    CHECK(tpm.reset_count().value() == 7);
    CHECK(connected == 3);
}

TEST_CASE("What a TPM answered while it was recorded plays back, and a quote over nothing else") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto over = sha256(as_view("nonce"));
    const auto to_tpm = [&] { return open_tcti(swtpm->tcti()); };
    const auto first = value(Tpm(to_tpm).identity());
    Recording recording;
    TpmSection properties;
    PcrSection pcrs;
    TpmQuote quote;
    {
        Tpm tpm([&]() -> Result<Tcti> { return recording_tcti(value(to_tpm()), recording); });
        CHECK(value(tpm.identity()) == first);
        properties = value(tpm.properties());
        pcrs = value(tpm.read_pcrs(kSomePcrs));
        quote = value(tpm.quote(kSomePcrs, over.view()));
    }
    const auto tpm = played(recording);
    CHECK(value(tpm->identity()) == first);
    CHECK(value(tpm->properties()) == properties);
    CHECK(value(tpm->read_pcrs(kSomePcrs)) == pcrs);
    CHECK(value(tpm->quote(kSomePcrs, over.view())) == quote);
    CHECK(tpm->quote(kSomePcrs, sha256(as_view("another")).view()).error().code == ErrorCode::refused);
    CHECK(value(tpm->quote(kSomePcrs, over.view())) == quote);
    Recording copy;
    Tpm again([&]() -> Result<Tcti> { return recording_tcti(recorded_tcti(recording), copy); });
    CHECK(value(again.quote(kSomePcrs, over.view())) == quote);
    CHECK(std::ranges::all_of(
        copy.calls, [&](const auto& call) { return recording.calls.at(call.first) == call.second; }));
}

TEST_CASE("The secret that a TPM gave for a credential is not recorded") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    Recording recording;
    Tpm tpm([&]() -> Result<Tcti> { return recording_tcti(value(open_tcti(swtpm->tcti())), recording); });
    const auto identity = value(tpm.identity());
    const auto ek = value(tcg::parse_tpm_public(identity.ek_public));
    const auto credential = value(
        tcg::make_credential(ek, value(tcg::compute_name(identity.ak_public)), Bytes(32, std::byte{0x5a})));
    CHECK(value(tpm.activate(credential.id_object, credential.encrypted_secret)) ==
          Bytes(32, std::byte{0x5a}));
    CHECK(recording.calls.size() > 5);
    for (const auto& [call, answer] : recording.calls) {
        CHECK(call.argument.substr(12, 8) != "00000147");
        CHECK(answer.value().front().find("5a5a5a5a") == std::string::npos);
    }
}
