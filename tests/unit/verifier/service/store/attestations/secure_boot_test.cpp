#include "verifier/service/store/attestations/secure_boot.h"

#include "tests/unit/verifier/service/store/builders.h"
#include "verifier/service/store/hosts/known_hosts.h"

// What boots showed of Secure Boot, kept beside each host, on both engines.
using namespace assay;
using namespace assay::store;
using namespace builders;

namespace {

const Sections kSections{{"pci", Bytes(10)}};

judge::SecureBootSeen seen(const std::string& subject) {
    judge::SecureBootSeen out;
    out.facts.known = judge::BootKnown::quoted;
    out.facts.enabled = true;
    out.facts.certificates = {{sha256(as_view(subject)), subject, "CN=Root", kNow}};
    out.facts.db = {.measured = true, .certificates = {sha256(as_view(subject))}};
    out.revoked.images = {sha256(as_view("revoked"))};
    out.facts.dbx = sha256(judge::encode_revoked_entries(out.revoked));
    return out;
}

std::string mark(const std::string& of) {
    return digest_of(of).substr(0, 32);
}

Written<> report(Store& store, const std::string& host, int number, SeenSecureBoot shown,
                 bool authentic = true) {
    const auto known = Hosts(store).find(host);
    REQUIRE(known);
    auto next = attestation(*known, number, kSections);
    next.next.authentic = authentic;
    next.secure_boot = std::move(shown);
    return Attestations(store).add(next);
}

}  // namespace

STORE_TEST(boots_kept_once, "what hosts showed alike is kept once, and each host says since when") {
    const auto store = with_hosts(database);
    REQUIRE(report(*store, "web-1", 1, {mark("a"), seen("CN=A")}));
    REQUIRE(report(*store, "web-2", 2, {mark("a"), seen("CN=A")}));
    CHECK(database.number("SELECT COUNT(*) FROM secure_boot_documents") == 2);  // facts, and what is revoked
    REQUIRE(report(*store, "web-1", 3, {mark("a"), seen("CN=A")}));
    auto hosts = SecureBoot(*store).hosts();
    REQUIRE(hosts);
    REQUIRE(hosts->size() == 2);
    CHECK(hosts->at(0).host == "web-1");
    CHECK(hosts->at(0).since == kNow + 1);
    CHECK(hosts->at(0).facts == hosts->at(1).facts);
    REQUIRE(report(*store, "web-1", 4, {mark("b"), seen("CN=B")}));
    hosts = SecureBoot(*store).hosts();
    CHECK(hosts->at(0).since == kNow + 4);
    CHECK(hosts->at(1).since == kNow + 2);
    const auto facts = SecureBoot(*store).facts();
    REQUIRE(facts);
    REQUIRE(facts->size() == 2);
    CHECK(facts->at(hosts->at(0).facts) == seen("CN=B").facts);
    const auto revoked = SecureBoot(*store).revoked();
    REQUIRE(revoked);
    CHECK(revoked->at(hosts->at(0).revoked) == seen("CN=B").revoked);
}

STORE_TEST(boots_not_authentic, "evidence that is not authentic changes nothing that is kept") {
    const auto store = with_hosts(database);
    REQUIRE(report(*store, "web-1", 1, {mark("a"), seen("CN=A")}));
    REQUIRE(report(*store, "web-1", 2, {mark("b"), seen("CN=B")}, false));
    const auto hosts = SecureBoot(*store).hosts();
    REQUIRE(hosts->size() == 1);
    CHECK(hosts->at(0).since == kNow + 1);
}

STORE_TEST(boots_steady,
           "a host that is remembered with its mark needs no documents, and one that is not is refused") {
    const auto store = with_hosts(database);
    REQUIRE(report(*store, "web-1", 1, {mark("a"), seen("CN=A")}));
    REQUIRE(Hosts(*store).find("web-1"));
    REQUIRE(report(*store, "web-1", 2, {mark("a"), {}}));
    CHECK(Hosts(*store).remembered("web-1"));
    CHECK(store->known_hosts().find("web-1")->secure_boot == mark("a"));
    REQUIRE(report(*store, "web-1", 3, {mark("a"), {}}));
    const auto refused = report(*store, "web-1", 4, {mark("b"), {}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::internal);
    CHECK(SecureBoot(*store).hosts()->at(0).since == kNow + 1);
}

STORE_TEST(boots_broken, "a document that cannot be read is a fault of the database, told with its digest") {
    const auto store = with_hosts(database);
    REQUIRE(report(*store, "web-1", 1, {mark("a"), seen("CN=A")}));
    database.execute("UPDATE secure_boot_documents SET document = '00'");
    const auto facts = SecureBoot(*store).facts();
    REQUIRE_FALSE(facts);
    CHECK(facts.error().code == ErrorCode::internal);
    CHECK(facts.error().context.find(SecureBoot(*store).hosts()->at(0).facts) != std::string::npos);
}
