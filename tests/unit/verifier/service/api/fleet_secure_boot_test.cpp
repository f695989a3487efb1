#include <algorithm>
#include <functional>
#include <map>

#include <catch2/catch.hpp>

#include "evidence/base/rfc3339.h"
#include "tests/support/builders/secure_boot_builder.h"
#include "tests/unit/verifier/service/api/judged_fleet.h"
#include "verifier/judge/appraisal/facts/boot/known_certificates.h"
#include "verifier/service/store/attestations/secure_boot.h"
#include "verifier/service/store/attestations/write_secure_boot.h"
#include "verifier/service/store/hosts/known_hosts.h"

// Secure Boot of a whole fleet: certificates, loaders, and what a revocation would stop.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

const Bytes& old_ca() {
    static const auto der = boot_certificate("Old Boot CA");
    return der;
}
const Bytes& new_ca() {
    static const auto der = boot_certificate("New Boot CA");
    return der;
}

class BootFleet : public JudgedFleet {
  public:
    /// A host whose boot that is; `by`: what let its loader in, empty: its log does not say.
    EvidenceBuilder& booted(const std::string& host, const Bytes& by,
                            const std::function<void(SecureBootLog&)>& change = {}) {
        if (!store::Hosts(store()).find(host)) admit(host);
        SecureBootLog boot{.enabled = true,
                           .db = {old_ca(), new_ca()},
                           .kek = {old_ca()},
                           .revoked = {Bytes(32, std::byte{1})},
                           .loaded = {{.path = "\\EFI\\debian\\shimx64.efi", .authority = by}}};
        if (change) change(boot);
        auto& out = builders_[host];
        out.host = host;
        out.log = boot.log();
        out.clock.clock_ms += 10'000;
        return out;
    }
    void shows(const std::string& host, const Bytes& by,
               const std::function<void(SecureBootLog&)>& change = {}) {
        report(booted(host, by, change));
        now += 10;
    }
    nlohmann::json ask(const std::string& query = {}) {
        const auto answer = get("/v1/fleet/secure-boot" + (query.empty() ? "" : "?" + query));
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return json_of(answer);
    }
    static nlohmann::json host(const nlohmann::json& answer, const std::string& name) {
        for (const auto& each : answer.at("hosts")) {
            if (each.at("host") == name) return each;
        }
        throw std::runtime_error("no host " + name);
    }

  private:
    std::map<std::string, EvidenceBuilder> builders_;
};

std::string fingerprint(const Bytes& der) {
    return sha256(der).hex();
}

}  // namespace

TEST_CASE("the fleet is told by model with certificates, loaders and what let them in, by their quotes") {
    BootFleet fleet;
    fleet.shows("rack-1", old_ca());
    fleet.shows("rack-2", old_ca());
    fleet.shows("rack-3", new_ca());
    const auto answer = fleet.ask();
    CHECK(answer.at("all").at("hosts") == 3);
    CHECK(answer.at("all").at("known").at("quoted") == 3);
    CHECK(answer.at("all").at("secure_boot").at("on") == 3);
    CHECK(answer.at("all").at("after").is_null());
    REQUIRE(answer.at("models").size() == 1);
    const auto& model = answer.at("models").at(0);
    CHECK_FALSE(model.at("model").get<std::string>().empty());
    REQUIRE(model.at("certificates").size() == 3);  // two of db, one of KEK
    const auto& certificate = model.at("certificates").at(0);
    CHECK(certificate.at("hosts") == 3);
    CHECK(certificate.at("not_after") == rfc3339_text(2'000'000'000));
    REQUIRE(model.at("images").size() == 2);
    const auto& image = model.at("images").at(0);
    CHECK(image.at("hosts") == 2);
    CHECK(image.at("let_in_by").at("subject") == "CN=Old Boot CA");
    CHECK(image.at("let_in_by").at("variable") == "db");
    const auto one = BootFleet::host(answer, "rack-1");
    CHECK(one.at("basis") == "quoted");
    CHECK(one.at("db") == "neither");
    CHECK(one.at("dbx_entries") == 1);
    CHECK(one.at("after").is_null());
    CHECK(answer.at("next").is_null());
}

TEST_CASE("who would not boot what it booted is told, who would is not, and what is not known is unknown") {
    BootFleet fleet;
    fleet.shows("rack-1", old_ca());
    fleet.shows("rack-2", new_ca());
    fleet.shows("rack-3", {});  // its log names nothing
    fleet.shows("rack-4", old_ca(), [](SecureBootLog& boot) { boot.enabled = false; });
    fleet.admit("rack-5");
    const auto answer = fleet.ask("if_revoked=" + fingerprint(old_ca()));
    CHECK(answer.at("if_revoked").at("read_as") == "certificate");
    CHECK(answer.at("if_revoked").at("name") == "CN=Old Boot CA");
    const auto outcome = [&](const std::string& name) {
        return BootFleet::host(answer, name).at("after").at("outcome");
    };
    CHECK(outcome("rack-1") == "stops");
    CHECK(outcome("rack-2") == "not-named");
    CHECK(outcome("rack-3") == "unknown");
    CHECK(outcome("rack-4") == "not-enforced");
    CHECK(outcome("rack-5") == "unknown");
    CHECK(BootFleet::host(answer, "rack-5").at("known") == "never-attested");
    CHECK(BootFleet::host(answer, "rack-1").at("after").at("loaded").size() == 1);
    const nlohmann::json wanted{{"stops", 1}, {"not-named", 1}, {"not-enforced", 1}, {"unknown", 2}};
    CHECK(answer.at("all").at("after") == wanted);
}

TEST_CASE("a hash that no certificate has is read as an image's, and the answer says so") {
    BootFleet fleet;
    fleet.shows("rack-1", old_ca());
    const auto image = fleet.ask().at("models").at(0).at("images").at(0).at("digest").get<std::string>();
    const auto loaded = fleet.ask("if_revoked=" + image);
    CHECK(loaded.at("if_revoked").at("read_as") == "image");
    CHECK(BootFleet::host(loaded, "rack-1").at("after").at("outcome") == "stops");
    const auto other = fleet.ask("if_revoked=" + std::string(64, 'a'));
    CHECK(BootFleet::host(other, "rack-1").at("after").at("outcome") == "not-named");
    CHECK(fleet.ask("if_revoked=windows%20uefi%20ca%202023").at("if_revoked").at("name") ==
          "Windows UEFI CA 2023");
    const auto refused = fleet.get("/v1/fleet/secure-boot?if_revoked=whatever");
    CHECK(refused.status == 400);
    CHECK(refused.body.find("Microsoft Windows Production PCA 2011") != std::string::npos);
}

TEST_CASE("a log that the quote does not vouch for tells nothing, and takes away what was known before") {
    BootFleet fleet;
    fleet.shows("rack-1", old_ca());
    auto& lying = fleet.booted("rack-1", old_ca());
    lying.pcrs_beside_log[7] = sha256(as_view("another boot"));
    fleet.report(lying);
    const auto one = BootFleet::host(fleet.ask("if_revoked=" + fingerprint(new_ca())), "rack-1");
    CHECK(one.at("known") == "not-vouched");
    CHECK(one.at("basis") == "none");
    CHECK(one.at("secure_boot").is_null());
    CHECK(one.at("db") == "unknown");
    CHECK(one.at("after").at("outcome") == "unknown");
    CHECK(one.at("after").at("why").get<std::string>().find("PCR 7") != std::string::npos);
}

TEST_CASE("a host that sends no boot event log is unknown, with the reason") {
    BootFleet fleet;
    auto& silent = fleet.booted("rack-1", old_ca());
    silent.left_out[std::string(section::kBootEventLog)] = true;
    fleet.report(silent);
    const auto one = BootFleet::host(fleet.ask(), "rack-1");
    CHECK(one.at("known") == "no-log");
    CHECK(one.at("why").get<std::string>().starts_with("no boot event log: "));
}

TEST_CASE("a host that attested before this was kept is told as such, and known after its next report") {
    BootFleet fleet;
    fleet.shows("rack-1", old_ca());
    REQUIRE(fleet.store().database().write([](soci::session& sql) -> Result<> {
        sql << "DELETE FROM host_secure_boot";
        return {};
    }));
    CHECK(BootFleet::host(fleet.ask(), "rack-1").at("known") == "not-kept");
    fleet.store().known_hosts().drop("rack-1");  // as after the update, in a new process
    fleet.shows("rack-1", old_ca());
    CHECK(BootFleet::host(fleet.ask(), "rack-1").at("known") == "quoted");
}

TEST_CASE("hosts with certificates of 2011 alone are counted, with what they lack") {
    BootFleet fleet;
    fleet.shows("rack-1", old_ca());
    SecureBootSeen seen;
    auto& facts = seen.facts;
    facts.known = BootKnown::quoted;
    facts.enabled = true;
    for (const auto& each : known_certificates()) {
        if (each.year != 2011) continue;
        const auto digest = must(Digest::from_bytes(HashAlgorithm::sha256, must(from_hex(each.sha256, 32))));
        auto& keys = each.variable == "db" ? facts.db : facts.kek;
        keys.measured = true;
        keys.certificates.push_back(digest);
        facts.certificates.push_back({digest, "CN=" + std::string(each.name), "", 1'790'000'000});
    }
    std::ranges::sort(facts.certificates, {}, &BootCertificate::sha256);
    REQUIRE(fleet.store().database().write([&](soci::session& sql) -> Result<> {
        return store::write_secure_boot(sql, "rack-1", {"mark", seen}, fleet.now);
    }));
    const auto answer = fleet.ask();
    CHECK(answer.at("all").at("db").at("only-2011") == 1);
    CHECK(answer.at("all").at("kek").at("only-2011") == 1);
    CHECK(answer.at("all").at("missing").at("Microsoft Corporation KEK 2K CA 2023") == 1);
    CHECK(BootFleet::host(answer, "rack-1").at("missing").size() == 4);
    CHECK(answer.at("models").at(0).at("certificates").at(0).at("name").is_string());
}

TEST_CASE("hosts come in pages by name, the counts are of all, and a model alone can be asked for") {
    BootFleet fleet;
    for (const auto* name : {"rack-1", "rack-2", "rack-3"}) fleet.shows(name, old_ca());
    fleet.admit("rack-4");
    const auto first = fleet.ask("limit=2");
    CHECK(first.at("hosts").size() == 2);
    CHECK(first.at("next") == "rack-2");
    CHECK(first.at("all").at("hosts") == 4);
    const auto second = fleet.ask("limit=2&after=rack-2");
    CHECK(second.at("hosts").at(0).at("host") == "rack-3");
    CHECK(second.at("next").is_null());
    std::string model;
    for (const char c : first.at("models").at(0).at("model").get<std::string>())
        model += c == ' ' ? std::string("%20") : std::string(1, c);
    const auto of_model = fleet.ask("model=" + model);
    CHECK(of_model.at("all").at("hosts") == 3);
    CHECK(fleet.ask("model=nothing").at("all").at("hosts") == 0);
    CHECK(fleet.get("/v1/fleet/secure-boot?limit=10001").status == 400);
    CHECK(fleet.get("/v1/fleet/secure-boot?whatever=1").status == 400);
}

TEST_CASE("a host that is silent is counted as such") {
    BootFleet fleet;
    fleet.shows("rack-1", old_ca());
    CHECK(fleet.ask().at("silent") == 0);
    fleet.now += 30 * 86'400;
    CHECK(fleet.ask().at("silent") == 1);
    CHECK(BootFleet::host(fleet.ask(), "rack-1").at("silent") == true);
}
