#include "agent/state/activation.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "tests/support/builders/token_builder.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;

namespace {

constexpr std::int64_t kIssued = 1'790'000'000;
constexpr std::int64_t kHalf = 90LL * 86'400;

/// A host and what its verifier says of it; a test breaks one thing.
struct KeptBy {
    test::TempFolder state;
    TpmIdentity keys{to_bytes("ek"), {}, to_bytes("ak")};
    ActivationStatement statement{
        "rack-7", sha256(as_view("ak")), sha256(as_view("ek")), "assay 0.1.0", kIssued - 1,
        kIssued,  kIssued + (2 * kHalf)};

    [[nodiscard]] std::string token() const { return test::unsigned_token(activation_claims(statement)); }
    void told(const std::string& token) const { remember_activation(state.path(), token, "rack-7", keys); }
    [[nodiscard]] std::optional<KeptActivation> kept() const {
        return activation_for(state.path(), "rack-7", keys);
    }
    [[nodiscard]] bool wants(std::int64_t now) const {
        return wants_activation(state.path(), "rack-7", keys, now);
    }
    void write(const std::string& text) const { std::ofstream(state.path() / "activation.jwt") << text; }
};

}  // namespace

TEST_CASE("what the verifier said of these keys is kept as it came, and asked for anew at half of its time") {
    const KeptBy host;
    CHECK_FALSE(host.kept());
    CHECK(host.wants(kIssued));
    host.told(host.token());
    CHECK(host.kept() == KeptActivation{host.token(), host.statement});
    CHECK_FALSE(host.wants(kIssued));
    CHECK_FALSE(host.wants(kIssued + kHalf - 1));
    CHECK(host.wants(kIssued + kHalf));
}

TEST_CASE("what is about another host or TPM, or is no statement, takes the place of none") {
    KeptBy host;
    host.told(host.token());
    const auto before = host.kept();
    SECTION("another host") {
        host.statement.host = "rack-8";
        host.told(host.token());
    }
    SECTION("another attestation key") {
        host.statement.ak = sha256(as_view("another"));
        host.told(host.token());
    }
    SECTION("another endorsement key") {
        host.statement.ek = sha256(as_view("another"));
        host.told(host.token());
    }
    SECTION("no statement") {
        host.told("a.b.c");
    }
    SECTION("a verifier that says nothing") {
        host.told("");
    }
    CHECK(host.kept() == before);
}

TEST_CASE("after an exchange of the TPM the old statement goes into no bundle, and a new one is asked for") {
    KeptBy host;
    host.told(host.token());
    host.keys.ak_public = to_bytes("a new one");
    CHECK_FALSE(host.kept());
    CHECK(host.wants(kIssued));
}

TEST_CASE("a file that is no statement is an error for the doctor, and nothing for a bundle") {
    const KeptBy host;
    CHECK(load_activation(host.state.path()).value() == std::nullopt);
    for (const auto& text : {std::string("nonsense"), std::string(kMaxActivation + 1, 'a'), std::string()}) {
        host.write(text);
        CHECK_FALSE(load_activation(host.state.path()));
        CHECK_FALSE(host.kept());
        CHECK(host.wants(kIssued));
    }
}
