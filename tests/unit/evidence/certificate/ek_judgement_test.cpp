#include <set>

#include <catch2/catch.hpp>

#include "evidence/certificate/ek_certificate.h"
#include "tests/support/certificates/ek_path_builder.h"

using namespace assay;
using namespace assay::tcg;
using namespace assay::test;
using test::Key;
using Kind = EkReasonKind;

namespace {

/// What a verdict says against the certificate; remarks where asked.
std::vector<Kind> kinds(const EkCertificateVerdict& verdict, bool remarks = false) {
    std::vector<Kind> out;
    for (const auto& reason : verdict.reasons)
        if ((reason.effect() == Effect::remark) == remarks) out.push_back(reason.kind);
    return out;
}
using Kinds = std::vector<Kind>;

/// A path and the lists of its two CAs. A test changes one of them.
struct Revocation {
    EkPathBuilder path;
    EkPathBuilder::Made made = path.make();
    RevocationSpec by_root, by_intermediate;
    EVP_PKEY* signer = path.intermediate_key;
    bool give_root = true, give_intermediate = true;

    [[nodiscard]] EkCertificateVerdict verify() const {
        std::vector<RevocationList> lists;
        if (give_root)
            lists.push_back(
                RevocationList::parse(make_revocation_list(by_root, made.root, path.root_key)).value());
        if (give_intermediate)
            lists.push_back(
                RevocationList::parse(make_revocation_list(by_intermediate, made.intermediate, signer))
                    .value());
        return verify_ek_certificate({.leaf = made.leaf,
                                      .intermediates = std::span(&made.intermediate, 1),
                                      .pinned_roots = std::span(&made.root, 1),
                                      .at_unix_time = kPathTime,
                                      .revocation_lists = lists});
    }
};

}  // namespace

TEST_CASE("with a list of each issuer, none of which names the path, an EK certificate is trusted") {
    const auto verdict = Revocation().verify();
    CHECK(verdict.trusted());
    CHECK(kinds(verdict) == Kinds{});
}

TEST_CASE("a revoked certificate, or a list that proves nothing, is not trusted") {
    Revocation asked;
    SECTION("the EK is revoked") {
        asked.by_intermediate.serials = {"77", asked.made.leaf.serial()};
        CHECK(kinds(asked.verify()) == Kinds{Kind::revoked});
    }
    SECTION("its CA is revoked") {
        asked.by_root.serials = {asked.made.intermediate.serial()};
        CHECK(kinds(asked.verify()) == Kinds{Kind::revoked});
    }
    SECTION("another serial number is revoked") {
        asked.by_intermediate.serials = {"77"};
        CHECK(asked.verify().trusted());
    }
    SECTION("the list is past its next update") {
        asked.by_intermediate.next_update = kPathTime - 1;
        CHECK(kinds(asked.verify()) == Kinds{Kind::crl_stale});
    }
    SECTION("a stale list revokes all the same") {
        asked.by_intermediate.next_update = kPathTime - 1;
        asked.by_intermediate.serials = {asked.made.leaf.serial()};
        CHECK(kinds(asked.verify()) == Kinds{Kind::revoked, Kind::crl_stale});
    }
    SECTION("the list is of a later time") {
        asked.by_intermediate.this_update = kPathTime + 10;
        CHECK(kinds(asked.verify()) == Kinds{Kind::crl_not_yet_valid});
    }
    SECTION("somebody else signed the list in the issuer's name") {
        asked.signer = shared_key(Key::p521);
        CHECK(kinds(asked.verify()) == Kinds{Kind::crl_signature_invalid});
    }
    SECTION("the list has a critical extension that is unknown") {
        asked.by_intermediate.critical_extension = "1.2.3.4.5";
        CHECK(kinds(asked.verify()) == Kinds{Kind::crl_unusable});
    }
    SECTION("the list of the EK's own issuer is not there") {
        asked.give_intermediate = false;
        CHECK(kinds(asked.verify()) == Kinds{Kind::crl_missing});
    }
    SECTION("the list of the root is not there") {
        asked.give_root = false;
        CHECK(kinds(asked.verify()) == Kinds{Kind::crl_missing});
    }
    SECTION("the issuer may not sign lists") {
        asked.path.intermediate.set("keyUsage", "critical,keyCertSign");
        asked.made = asked.path.make();
        CHECK(kinds(asked.verify()) == Kinds{Kind::crl_unusable});
    }
}

TEST_CASE("a revocation list cut anywhere, or followed by an octet, is refused") {
    const Revocation asked;
    Bytes der = make_revocation_list(asked.by_root, asked.made.root, asked.path.root_key);
    for (std::size_t size = 0; size < der.size(); ++size)
        CHECK_FALSE(RevocationList::parse(ByteView(der).first(size)));
    const auto list = RevocationList::parse(der).value();
    CHECK(list.issuer() == "CN=Test TPM Root");
    CHECK(list.this_update() == kPathTime - 1000);
    CHECK(list.next_update() == kPathTime + 1000);
    CHECK(list.sha256() == sha256(der));
    der.push_back(std::byte{0});
    CHECK_FALSE(RevocationList::parse(der));
}

TEST_CASE(
    "a revocation list that does not say when the next one is due is refused: it would never be stale") {
    Revocation asked;
    asked.by_root.next_update = 0;
    const auto list =
        RevocationList::parse(make_revocation_list(asked.by_root, asked.made.root, asked.path.root_key));
    REQUIRE_FALSE(list);
    CHECK_THAT(describe(list.error()), Catch::Contains("nextUpdate"));
}

TEST_CASE(
    "lists of other makers say nothing of a path, which is told; one of any issuer in it asks for all") {
    const Revocation asked;
    EkPathBuilder other;
    other.root.subject = other.root.issuer = "Other Root";
    const auto elsewhere = other.make();
    std::vector<RevocationList> lists;
    const auto verify = [&](bool of_many_makers) {
        return verify_ek_certificate({.leaf = asked.made.leaf,
                                      .intermediates = std::span(&asked.made.intermediate, 1),
                                      .pinned_roots = std::span(&asked.made.root, 1),
                                      .at_unix_time = kPathTime,
                                      .revocation_lists = lists,
                                      .lists_of_many_makers = of_many_makers});
    };
    lists.push_back(RevocationList::parse(make_revocation_list({}, elsewhere.root, other.root_key)).value());
    CHECK(kinds(verify(false)) == Kinds{Kind::crl_missing, Kind::crl_missing});
    CHECK(verify(true).trusted());
    CHECK(verify(true).has(Kind::revocation_not_checked));
    lists.push_back(
        RevocationList::parse(make_revocation_list({}, asked.made.root, asked.path.root_key)).value());
    CHECK(kinds(verify(true)) == Kinds{Kind::crl_missing});
}

TEST_CASE("a TPM attribute that is in the SAN twice is refused, the first one empty or not") {
    const auto* const twice = GENERATE(
        "0.2.23.133.2.1=id:54455354\n0.2.23.133.2.2=Model\n1.2.23.133.2.2=Other\n0.2.23.133.2.3=id:"
        "00010002\n",
        "0.2.23.133.2.1=id:54455354\n0.2.23.133.2.2=\n1.2.23.133.2.2=Model\n0.2.23.133.2.3=id:00010002\n",
        "0.2.23.133.2.1=id:54455354\n0.2.23.133.2.2=Model\n1.2.23.133.2.2=Model\n0.2.23.133.2.3=id:"
        "00010002\n",
        "0.2.23.133.2.1=id:54455354\n0.2.23.133.2.2=Model\n0.2.23.133.2.3=id:1\n+1.2.23.133.2.3=id:2\n");
    EkPathBuilder path;
    path.leaf.tpm = twice;
    const auto made = path.make();
    CHECK_FALSE(made.leaf.tpm());
    CHECK_THAT(made.leaf.ambiguity(), Catch::Contains("twice"));
    CHECK(kinds(path.verify()) == Kinds{Kind::san_ambiguous});
}

TEST_CASE("a SAN that lacks an attribute is trusted with a remark; one that is all empty names nothing") {
    EkPathBuilder path;
    path.leaf.tpm = "0.2.23.133.2.1=id:54455354\n";
    CHECK(path.verify().trusted());
    CHECK(kinds(path.verify(), true) == Kinds{Kind::san_incomplete, Kind::quirk_empty_subject});
    path.leaf.tpm = "0.2.23.133.2.1=\n0.2.23.133.2.2=\n0.2.23.133.2.3=\n";
    CHECK(kinds(path.verify()) == Kinds{Kind::names_nothing});
}

TEST_CASE("a root stands for the TPM makers of its pin, and for no other") {
    const auto made = EkPathBuilder().make();
    const auto judged = [&](std::vector<std::string> manufacturers, Digest root) {
        const RootMakers makers{root, std::move(manufacturers)};
        return verify_ek_certificate({.leaf = made.leaf,
                                      .intermediates = std::span(&made.intermediate, 1),
                                      .pinned_roots = std::span(&made.root, 1),
                                      .at_unix_time = kPathTime,
                                      .makers = std::span(&makers, 1)});
    };
    const Digest root = made.root.sha256();
    CHECK(judged({"id:54455354"}, root).trusted());
    CHECK(judged({"id:4E544300", "ID:54455354"}, root).trusted());
    CHECK(judged({}, root).trusted());
    CHECK(judged({"id:4E544300"}, sha256(as_view("another root"))).trusted());
    const auto other = judged({"id:4E544300"}, root);
    CHECK(kinds(other) == Kinds{Kind::maker_differs});
    CHECK_THAT(other.reasons.front().text(),
               Catch::Contains("id:54455354") && Catch::Contains("id:4E544300"));
}

TEST_CASE("every reason is given, none twice, in the order of the table") {
    EkPathBuilder path;
    path.at = 2'000'000'001;
    path.leaf.set("extendedKeyUsage", "").set("keyUsage", "critical,digitalSignature");
    path.leaf.extensions.emplace_back("1.2.3.4.5", "critical,DER:0500");
    path.intermediate.set("basicConstraints", "critical,CA:FALSE");
    const auto verdict = path.verify();
    std::set<Kind> seen;
    std::set<std::string> texts;
    for (const auto& reason : verdict.reasons) {
        seen.insert(reason.kind);
        CHECK(texts.insert(reason.text()).second);
    }
    CHECK(seen == std::set{Kind::expired, Kind::issuer_not_a_ca, Kind::unknown_critical_extension,
                           Kind::against_the_rules,  // no CA, and key usage for certificates
                           Kind::eku_missing, Kind::key_usage, Kind::quirk_empty_subject});
    CHECK(std::ranges::is_sorted(verdict.reasons, {}, &EkReason::kind));
    const auto unknown =
        std::ranges::find(verdict.reasons, Kind::unknown_critical_extension, &EkReason::kind);
    CHECK_THAT(unknown->text(), Catch::Contains("1.2.3.4.5"));
}

TEST_CASE("of two pinned roots with one subject the one that signed is found, in either order") {
    EkPathBuilder path;  // neither the name nor the key identifier tells them apart
    path.root.set("subjectKeyIdentifier", "01020304");
    EkPathBuilder twin = path;
    twin.root_key = shared_key(Key::p521);
    const auto made = path.make();
    const auto other = twin.make();
    const bool first = GENERATE(true, false);
    std::vector<Certificate> roots;
    roots.push_back(Certificate::parse((first ? made : other).root.der()).value());
    roots.push_back(Certificate::parse((first ? other : made).root.der()).value());
    const auto judged = [&](std::span<const Certificate> pinned, std::int64_t at) {
        return verify_ek_certificate(made.leaf, std::span(&made.intermediate, 1), pinned, at);
    };
    const auto verdict = judged(roots, kPathTime);
    CHECK(kinds(verdict) == Kinds{});
    CHECK(kinds(verdict, true) == Kinds{Kind::quirk_empty_subject, Kind::quirk_roots_share_a_subject});
    CHECK(verdict.root_sha256 == made.root.sha256());
    // What is wrong besides is said of the path by the root that signed, once.
    CHECK(kinds(judged(roots, 1'000'000'000)) ==
          Kinds{Kind::not_yet_valid, Kind::not_yet_valid, Kind::not_yet_valid});
    // With the other one alone it is nobody's.
    CHECK(kinds(judged(std::span(&other.root, 1), kPathTime)) == Kinds{Kind::signature_invalid});
}

TEST_CASE("a certificate that outlives its CA is trusted until the CA ends, with a remark") {
    EkPathBuilder path;
    path.intermediate.not_after = kPathTime + 1000;
    CHECK(path.verify().trusted());
    CHECK(kinds(path.verify(), true) == Kinds{Kind::quirk_empty_subject, Kind::quirk_outlives_its_ca});
    path.at = kPathTime + 1001;
    CHECK(kinds(path.verify()) == Kinds{Kind::expired});
    CHECK(kinds(path.verify(), true) == Kinds{Kind::quirk_empty_subject, Kind::quirk_outlives_its_ca});
}

TEST_CASE("ids are unique, and what each says is one line") {
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < kEkReasons.size(); ++i) {
        const auto kind = static_cast<Kind>(i);
        CHECK(ids.insert(reason_row(kind).id).second);
        CHECK((reason_row(kind).id.starts_with("ek.") || reason_row(kind).id.starts_with("iak.")));
        const bool quirk = reason_row(kind).id.find(".quirk.") != std::string_view::npos;
        CHECK(quirk == (kind >= Kind::quirk_padding));
        CHECK(reason_row(kind).sentence.find('\n') == std::string_view::npos);
    }
}
