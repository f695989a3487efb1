#include "verifier/service/setup/own_certificates.h"

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "evidence/certificate/ek_certificate.h"
#include "evidence/certificate/pem.h"
#include "files/output.h"
#include "tests/support/causes.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/setup/authority.h"
#include "verifier/service/setup/certificate_watch.h"
#include "verifier/service/setup/certificates.h"
#include "verifier/service/store/operators.h"

using namespace assay;
using namespace assay::setup;
using assay::test::must;

namespace {

constexpr std::int64_t kMade = 1'800'000'000;
constexpr std::int64_t kTwoYears_s = 730 * kDay_s;

// A state folder with what is needed to be renewed: made at kMade, and opened two years later.
struct OwnState {
    test::TempFolder folder;
    StateFolder state{folder.path() / "state"};
    std::unique_ptr<store::Store> store;
    Credentials authority = must(make_authority("CA of a test", kMade));
    Credentials server = must(issue_server(authority, {"verifier.example", "192.0.2.1", "::1"}, kMade));
    Credentials admin = must(issue_operator(authority, "admin", kMade));

    OwnState() {
        std::filesystem::create_directories(state.operator_folder());
        std::filesystem::create_directories(state.ca_certificate().parent_path());
        put(state.config(), encode_config({}));
        put(state.ca_certificate(), authority.certificate);
        put(state.ca_key(), authority.key);
        put(state.server_certificate(), server.certificate);
        put(state.server_key(), server.key);
        put(operator_file(), admin.certificate);
        put(state.operator_folder() / "ca.pem", authority.certificate);
        store = must(store::Store::open(state.connection({})));
        must_hold(store::Operators(*store).add(
            {must(certificate_sha256(admin.certificate)), "admin", "admin", kMade, 0, "p-ada", ""}, "test"));
    }
    [[nodiscard]] std::filesystem::path operator_file() const {
        return state.operator_folder() / "operator.pem";
    }
    static void put(const std::filesystem::path& file, const std::string& text) {
        must_hold(files::replace_file(file, as_view(text), {.mode = kPrivate}));
    }
    static void must_hold(const Result<>& done) {
        if (!done) throw std::runtime_error(done.error().context);
    }
    [[nodiscard]] std::string read(const std::filesystem::path& file) const {
        return std::string(as_text(must(inputs::read_file(file, 1U << 20U))));
    }
    /// Every file's text but those of the database and of `but`.
    [[nodiscard]] std::map<std::string, std::string> files(const std::set<std::string>& but) const {
        std::map<std::string, std::string> out;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(state.root)) {
            const auto name = std::filesystem::relative(entry.path(), state.root).string();
            if (entry.is_regular_file() && !name.starts_with("assay.db") && !but.contains(name))
                out[name] = read(entry.path());
        }
        return out;
    }
};

}  // namespace

TEST_CASE(
    "server and operator are renewed for two years under the same CA, and nothing else of the state "
    "changes") {
    const OwnState own;
    const auto before = own.files({"server.pem", "operator/operator.pem"});
    const auto later = kMade + kTwoYears_s - 10 * kDay_s;
    const auto renewed = must(renew_certificates({own.state}, later));
    REQUIRE(renewed.size() == 2);
    CHECK(renewed[0].after.not_after == later + kTwoYears_s);
    CHECK(renewed[0].before.not_after == kMade + kTwoYears_s);
    CHECK(renewed[1].what == "operator admin");
    CHECK(own.files({"server.pem", "operator/operator.pem"}) == before);
    CHECK(must(server_names(own.read(own.state.server_certificate()))) ==
          std::vector<std::string>{"verifier.example", "192.0.2.1", "::1"});
    const auto who =
        must(store::Operators(*own.store).find(must(certificate_sha256(own.read(own.operator_file())))));
    CHECK(who.role == "admin");
    CHECK(who.person == "p-ada");
    CHECK(
        must(store::Operators(*own.store).find(must(certificate_sha256(own.admin.certificate)))).revoked_at ==
        0);
}

TEST_CASE("after the end certificates are renewed as before it") {
    const OwnState own;
    const auto later = kMade + kTwoYears_s + 10 * kDay_s;
    CHECK(test::says(check_own_certificates(must(own_certificates(own.state)), later).error(),
                     Cause::certificate_own_ended));
    must(renew_certificates({own.state}, later));
    CHECK(check_own_certificates(must(own_certificates(own.state)), later));
}

TEST_CASE("a start before the certificate's time says that the clock is wrong") {
    const OwnState own;
    const auto error = check_own_certificates(must(own_certificates(own.state)), kMade - kDay_s).error();
    INFO(error.context);
    CHECK(test::says(error, Cause::certificate_own_to_come));
    CHECK(check_own_certificates(must(own_certificates(own.state)), kMade));
}

TEST_CASE(
    "an operator's certificate that was sent is renewed in its place; a stranger's and a revoked one are "
    "not") {
    const OwnState own;
    const auto file = own.folder.path() / "otto.pem";
    const auto otto = must(issue_operator(own.authority, "otto", kMade));
    OwnState::put(file, otto.certificate);
    CHECK(renew_certificates({own.state, false, {}, {file}}, kMade).error().code == ErrorCode::not_found);
    const auto sha = must(certificate_sha256(otto.certificate));
    OwnState::must_hold(store::Operators(*own.store).add({sha, "otto", "operator", kMade, 0}, "test"));
    const auto renewed = must(renew_certificates({own.state, false, {}, {file}}, kMade + kDay_s));
    REQUIRE(renewed.size() == 1);
    CHECK(renewed[0].what == "operator otto");
    CHECK(own.read(own.state.server_certificate()) == own.server.certificate);
    const auto newer = must(certificate_sha256(own.read(file)));
    OwnState::must_hold(store::Operators(*own.store).revoke(newer, "test", kMade + kDay_s));
    CHECK(renew_certificates({own.state, false, {}, {file}}, kMade + kDay_s).error().code ==
          ErrorCode::refused);
}

TEST_CASE("a house PKI's certificate is not renewed here, and does not keep the others from it") {
    const OwnState own;
    const auto house = must(make_authority("House", kMade));
    const auto server = must(issue_server(house, {"verifier.example"}, kMade));
    OwnState::put(own.state.server_certificate(), server.certificate);
    const auto renewed = must(renew_certificates({own.state}, kMade + kDay_s));
    REQUIRE(renewed.size() == 2);
    CHECK_THAT(renewed[0].left_alone, Catch::Contains("CN=House"));
    CHECK(renewed[1].left_alone.empty());
    CHECK(own.read(own.state.server_certificate()) == server.certificate);
    const auto asked = renew_certificates({own.state, false, {"other.example"}, {}}, kMade + kDay_s);
    CHECK(test::says(asked.error(), Cause::certificate_of_others));
}

TEST_CASE("the authority renewed keeps key and name: what it issued is good under the old and the new one") {
    const OwnState own;
    const auto later = kMade + 3600 * kDay_s;
    const auto renewed = must(renew_certificates({own.state, true, {}, {}}, later));
    REQUIRE(renewed.size() == 1);
    CHECK(renewed[0].after.not_after > later + 3650 * kDay_s);
    const auto ca = own.read(own.state.ca_certificate());
    CHECK(ca != own.authority.certificate);
    CHECK(own.read(own.state.operator_folder() / "ca.pem") == ca);
    CHECK(renew_server({ca, own.authority.key}, own.server.certificate, {"a.example"}, later));
}

TEST_CASE("no certificate outlives the authority, and one that has ended issues none") {
    const auto authority = must(make_authority("CA", kMade));
    const auto end = kMade + 3653 * kDay_s;
    const auto server = must(issue_server(authority, {"a.example"}, end - 30 * kDay_s));
    CHECK(must(tcg::Certificate::parse(
                   must(tcg::pem_or_der(as_view(server.certificate), "CERTIFICATE")).front()))
              .not_after() == end);
    CHECK(issue_server(authority, {"a.example"}, end + 1).error().code == ErrorCode::refused);
}

TEST_CASE("a key that is not the authority's issues nothing") {
    const auto authority = must(make_authority("CA", kMade));
    const auto other = must(make_authority("CA", kMade));
    CHECK(issue_server({authority.certificate, other.key}, {"a.example"}, kMade).error().code ==
          ErrorCode::crypto);
    CHECK(renew_authority({authority.certificate, other.key}, kMade).error().code == ErrorCode::crypto);
}

TEST_CASE(
    "the log says it 60, 30 and 7 days before the end with the remedy, and that a new one is not in use "
    "yet") {
    const OwnState own;
    const auto in_use = must(own_certificates(own.state));
    CertificateReminders reminders(in_use);
    CHECK(reminders.due(in_use, kMade + kDay_s).empty());
    const auto sixty = reminders.due(in_use, kMade + kTwoYears_s - 60 * kDay_s);
    REQUIRE(sixty.size() == 2);
    CHECK_THAT(sixty[0].text, Catch::Contains("server certificate") && Catch::Contains("ends in 60 days") &&
                                  Catch::Contains("assay-verifier certificates renew"));
    CHECK_FALSE(sixty[0].grave);
    const auto seven = kMade + kTwoYears_s - 7 * kDay_s;
    CHECK(reminders.due(in_use, seven).front().grave);
    CHECK(reminders.due(in_use, seven + 3600).empty());
    must(renew_certificates({own.state}, seven));
    const auto after = reminders.due(must(own_certificates(own.state)), seven + kDay_s);
    REQUIRE(after.size() == 1);
    CHECK_THAT(after[0].text, Catch::Contains("reload the verifier"));
}

TEST_CASE("of a server's chain the earliest end counts, of a CA file the first certificate") {
    const OwnState own;
    const auto short_lived = must(issue_operator(own.authority, "between", kMade - 100 * kDay_s));
    OwnState::put(own.state.server_certificate(), own.server.certificate + short_lived.certificate);
    OwnState::put(own.state.ca_certificate(), own.authority.certificate + short_lived.certificate);
    const auto found = must(own_certificates(own.state));
    CHECK(found[0].validity.not_after == kMade + 3653 * kDay_s);
    CHECK(found[1].validity.not_after == kMade - 100 * kDay_s + kTwoYears_s);
}

TEST_CASE("the list ends with 0, 4 near an end and 3 behind it") {
    using command_line::ExitCode;
    const OwnState own;
    CHECK(must(certificates_list(own.state, true, kMade + kDay_s)) == ExitCode::done);
    CHECK(must(certificates_list(own.state, false, kMade + kTwoYears_s - kDay_s)) == ExitCode::warning);
    CHECK(must(certificates_list(own.state, true, kMade + kTwoYears_s + kDay_s)) ==
          ExitCode::contraindicated);
}
