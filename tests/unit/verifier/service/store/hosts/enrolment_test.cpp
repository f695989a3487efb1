#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/admission.h"

using namespace assay;
using namespace builders;

STORE_TEST(admits, "an activated enrolment admits the host, with every byte of its keys and certificates") {
    const auto store = database.open();
    const auto wanted = identity("web-1", "tpm", "ak");
    REQUIRE(enrol(*store, "token", wanted));
    const auto host = store::Hosts(*store).find("web-1");
    REQUIRE(host);
    REQUIRE(host->identity == wanted);
    REQUIRE(host->enrolled_at == kNow);
    REQUIRE(host->revision == 0);
    REQUIRE(host->known.ak_activated);
    REQUIRE(host->known.ek_certificates == wanted.ek_certificates);
    REQUIRE(host->known.iak_certificates == wanted.iak.certificates);
    REQUIRE(host->known.journal_head.empty());
    REQUIRE(store::Enrolments(*store).token(digest_of("token"))->spent_at == kNow);
    REQUIRE(store::Hosts(*store).count() == 1U);
}

STORE_TEST(second_tpm, "a known host name with another TPM is a conflict and changes nothing") {
    const auto store = database.open();
    const auto first = identity("web-1", "tpm", "ak");
    REQUIRE(enrol(*store, "token 1", first));
    const auto second = enrol(*store, "token 2", identity("web-1", "other tpm", "other ak"));
    REQUIRE(second.error().code == ErrorCode::conflict);
    REQUIRE(store::Hosts(*store).find("web-1")->identity == first);
    REQUIRE(store::Enrolments(*store).token(digest_of("token 2"))->spent_at == 0);
}

STORE_TEST(second_ak, "a known host with the same TPM and another AK is a conflict") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token 1", identity("web-1", "tpm", "ak")));
    REQUIRE(enrol(*store, "token 2", identity("web-1", "tpm", "ak 2")).error().code == ErrorCode::conflict);
}

STORE_TEST(second_name, "one EK, or one AK, under a second name is a conflict and admits no one") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token 1", identity("web-1", "tpm", "ak")));
    REQUIRE(enrol(*store, "token 2", identity("web-2", "tpm", "ak 2")).error().code == ErrorCode::conflict);
    REQUIRE(enrol(*store, "token 3", identity("web-2", "tpm 2", "ak")).error().code == ErrorCode::conflict);
    REQUIRE(store::Hosts(*store).find("web-2").error().code == ErrorCode::not_found);
    REQUIRE(store::Hosts(*store).count() == 1U);
}

STORE_TEST(again, "the same identity may enrol again, which spends the token and keeps the host as it was") {
    const auto store = database.open();
    const auto wanted = identity("web-1", "tpm", "ak");
    REQUIRE(enrol(*store, "token 1", wanted));
    REQUIRE(store::Attestations(*store).add(attestation(*store::Hosts(*store).find("web-1"), 1, {})));
    REQUIRE(enrol(*store, "token 2", wanted));
    REQUIRE(store::Hosts(*store).find("web-1")->revision == 1);
    REQUIRE(store::Enrolments(*store).token(digest_of("token 2"))->spent_at == kNow);
}

STORE_TEST(token_once, "a token admits one host once") {
    const auto store = database.open();
    REQUIRE(store::Enrolments(*store).add_token(token("token", "web-1")));
    const auto first = enrolment("1", "token", identity("web-1", "tpm", "ak"));
    REQUIRE(store::Enrolments(*store).add(first, kNow));
    REQUIRE(store::Enrolments(*store).activate(first, kNow));
    const auto second = enrolment("2", "token", identity("web-2", "tpm 2", "ak 2"));
    REQUIRE(store::Enrolments(*store).add(second, kNow));
    const auto result = store::Enrolments(*store).activate(second, kNow);
    REQUIRE(result.error().code == ErrorCode::conflict);
    REQUIRE(result.error().context.starts_with("token"));
    REQUIRE(store::Hosts(*store).find("web-2").error().code == ErrorCode::not_found);
}

STORE_TEST(race, "of enrolments that race for one name, one wins") {
    const auto store = database.open();
    std::atomic<int> admitted = 0;
    {
        std::vector<std::jthread> racers;
        for (int i = 0; i < 6; ++i) {
            racers.emplace_back([&, i] {
                const auto n = std::to_string(i);
                if (enrol(*store, "token " + n, identity("web-1", "tpm " + n, "ak " + n))) ++admitted;
            });
        }
    }
    REQUIRE(admitted == 1);
    REQUIRE(store::Hosts(*store).count() == 1U);
}

STORE_TEST(expiry,
           "an expired enrolment is forgotten, and a second one replaces a pending one of its token") {
    const auto store = database.open();
    REQUIRE(store::Enrolments(*store).add_token(token("token", "web-1")));
    REQUIRE(store::Enrolments(*store).add(enrolment("1", "token", identity("web-1", "tpm", "ak")), kNow));
    REQUIRE(store::Enrolments(*store).find("1"));
    REQUIRE(store::Enrolments(*store).find("1")->identity == identity("web-1", "tpm", "ak"));
    REQUIRE(store::Enrolments(*store).add(enrolment("2", "token", identity("web-1", "tpm", "ak")), kNow));
    REQUIRE(store::Enrolments(*store).find("1").error().code == ErrorCode::not_found);
    REQUIRE(store::Enrolments(*store).add_token(token("token 2", "web-2")));
    REQUIRE(
        store::Enrolments(*store).add(enrolment("3", "token 2", identity("web-2", "b", "b")), kNow + 1000));
    REQUIRE(store::Enrolments(*store).find("2").error().code == ErrorCode::not_found);
    REQUIRE(store::Enrolments(*store).drop("3"));
    REQUIRE(store::Enrolments(*store).find("3").error().code == ErrorCode::not_found);
}

STORE_TEST(hostile_text, "text that looks like SQL is text") {
    const auto store = database.open();
    const std::string name = "x'; DROP TABLE hosts; --:a \"\\ %";
    REQUIRE(enrol(*store, "token", identity(name, "tpm", "ak")));
    REQUIRE(store::Hosts(*store).find(name)->identity.host == name);
}

TEST_CASE("only the exchange of a TPM changes a row of hosts, and nothing removes one") {
    // The immutability that the tests above show by trying, shown once for every path there is.
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(ASSAY_SOURCE_DIR "/verifier/service/store")) {
        if (file.path().extension() != ".cpp") continue;
        std::ifstream in(file.path());
        const std::string text(std::istreambuf_iterator<char>(in), {});
        REQUIRE_FALSE(text.empty());
        const bool replaces = file.path().filename() == "replacements.cpp";
        REQUIRE((text.find("UPDATE hosts ") != std::string::npos) == replaces);
        REQUIRE(text.find("DELETE FROM hosts") == std::string::npos);
        REQUIRE(text.find("REPLACE INTO") == std::string::npos);
    }
}

STORE_TEST(stored_bytes_that_cannot_be_read,
           "stored bytes that cannot be read are a fault of the verifier, not of the request") {
    const auto store = database.open();
    REQUIRE(enrol(*store, "token 1", identity("web-1", "tpm 1", "ak 1")));
    REQUIRE(store::Hosts(*store).find("web-1"));
    database.execute("UPDATE hosts SET ek_certificates = ek_public");
    const auto host = store::Hosts(*store).find("web-1");
    REQUIRE_FALSE(host);
    CHECK(host.error().code == ErrorCode::internal);
    CHECK(host.error().context.starts_with("database: what is stored cannot be read"));
}
