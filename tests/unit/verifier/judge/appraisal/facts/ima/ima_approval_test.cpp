#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "tests/support/appraisal/growing_ima_list.h"
#include "tests/support/builders/ima_signer.h"
#include "verifier/judge/appraisal/facts/ima/ima_progress.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

const std::string kPolicy =
    "name = \"test\"\nversion = 1\n"
    "required_sections = [\"boot-event-log\", \"pcrs\", \"smbios\", \"pci\", \"journal\"]\n"
    "pcr_selection = \"sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\"\n"
    "challenge_lifetime_s = 120\nsecure_boot_required = true\nek_certificate_required = true\n";

Result<Policy> policy_with(const std::string& rules) {
    return Policy::from_toml("test.toml", kPolicy + rules);
}
Policy must_have(const std::string& rules) {
    auto policy = policy_with(rules);
    INFO((policy ? "" : describe(policy.error())));
    REQUIRE(policy);
    return *policy;
}
std::string hex_of(std::string_view content) {
    return sha256(as_view(content)).hex();
}
std::string base64_of(Bytes bytes) {
    auto text = to_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    while (text.size() % 4 != 0) text += '=';
    return text;
}

/// What the check says of a list with one file of this name and content.
CheckOutcome outcome(const AttestationResult& result) {
    return *std::ranges::find(result.checks, "measured_files_are_approved", &CheckOutcome::check);
}
AttestationResult judged(GrowingImaList list, const std::string& rules) {
    list.policy = must_have(rules);
    return list.report(list.entries(), list.entries()).appraise().result;
}
GrowingImaList with_file(const std::string& path, const std::string& content) {
    GrowingImaList list;
    list.add([&](ImaBuilder& out) { out.file(path, content); });
    return list;
}
GrowingImaList with_signed(const std::string& path, const Digest& content, const Bytes& signature,
                           const std::string& name = "ima-sig") {
    GrowingImaList list;
    list.add([&](ImaBuilder& out) {
        const auto prefix = name == "ima-sigv2" ? "verity:sha256:" : "sha256:";
        out.entry(name, ByteWriter()
                            .bytes(ImaBuilder::digest_field(content.view(), prefix))
                            .bytes(ImaBuilder::path_field(path))
                            .bytes(ImaBuilder::field(signature))
                            .take());
    });
    return list;
}

}  // namespace

TEST_CASE("without rules for measured files there is nothing to judge, and nothing is asked for") {
    const auto result = judged(with_file("/usr/bin/sh", "sh"), "");
    CHECK(outcome(result).tier == Tier::none);
    CHECK_FALSE(outcome(result).required);
    CHECK(result.tier == Tier::affirming);
}

TEST_CASE("a file is approved by its digest under any name, or by its name and digest") {
    const auto list = with_file("/usr/bin/sh", "sh");
    for (const std::string& rules :
         {"[ima]\nunlisted = \"contraindicated\"\ndigests = [\"" + hex_of("sh") + "\"]\n",
          "[ima]\nunlisted = \"contraindicated\"\n[[ima.files]]\npath = \"/usr/bin/sh\"\nsha256 = [\"" +
              hex_of("other") + "\", \"" + hex_of("sh") + "\"]\n"}) {
        const auto result = judged(list, rules);
        CHECK(outcome(result).tier == Tier::affirming);
        CHECK(outcome(result).summary == "approved entries");
        CHECK(result.tier == Tier::affirming);
    }
}

TEST_CASE("a file with a name that the policy lists and another content is contraindicated, signed or not") {
    const auto content = sha256(as_view("evil"));
    const auto rules = "[ima]\nunlisted = \"allow\"\n[[ima.files]]\npath = \"/usr/bin/sh\"\nsha256 = [\"" +
                       hex_of("sh") + "\"]\n[[ima.signers]]\nname = \"us\"\npublic_key = \"" +
                       base64_of(ima_public_key(Key::p256)) + "\"\n";
    for (const auto& list : {with_file("/usr/bin/sh", "evil"),
                             with_signed("/usr/bin/sh", content, ima_signature(Key::p256, content))}) {
        const auto result = judged(list, rules);
        const auto* found = find_finding(result, "ima.unapproved");
        REQUIRE(found != nullptr);
        CHECK(found->tier == Tier::contraindicated);
        CHECK(found->subject == "file /usr/bin/sh");
        CHECK(found->expected == "sha256:" + hex_of("sh"));
        CHECK(found->actual == "sha256:" + hex_of("evil"));
        CHECK(found->evidence.starts_with("ima-log: entry 1 (offset 0x"));
        CHECK(found->basis == Basis::quoted);
    }
}

TEST_CASE("an entry of which no rule speaks has the tier that the policy names, a warning without a word") {
    const auto list = with_file("/usr/bin/new", "new");
    CHECK(find_finding(judged(list, "[ima]\n"), "ima.unlisted")->tier == Tier::warning);
    CHECK(find_finding(judged(list, "[ima]\nunlisted = \"contraindicated\"\n"), "ima.unlisted")->tier ==
          Tier::contraindicated);
    const auto allowed = judged(list, "[ima]\nunlisted = \"allow\"\n");
    CHECK(find_finding(allowed, "ima.unlisted") == nullptr);
    CHECK(outcome(allowed).tier == Tier::affirming);
    CHECK(outcome(allowed).summary == "entries of which no rule speaks");
}

TEST_CASE("entries under an ignored prefix are told as ignored, and no more") {
    const auto rules =
        "[ima]\nunlisted = \"contraindicated\"\n[[ima.ignore]]\nprefix = \"/var/lib/\"\nreason = \"data\"\n";
    const auto result = judged(with_file("/var/lib/x", "x"), rules);
    CHECK(outcome(result).tier == Tier::affirming);
    CHECK(outcome(result).summary == "ignored entries");
    CHECK(outcome(judged(with_file("/var/libx", "x"), rules)).tier == Tier::contraindicated);
}

TEST_CASE("a signature approves a file if it verifies with a key of the policy, and never by its key id") {
    const auto content = sha256(as_view("sh"));
    const auto rules = [](Key key) {
        return "[ima]\nunlisted = \"contraindicated\"\n[[ima.signers]]\nname = \"us\"\npublic_key = \"" +
               base64_of(ima_public_key(key)) + "\"\n";
    };
    for (const auto key : {Key::p256, Key::rsa2048}) {
        const auto signature = ima_signature(key, content);
        CHECK(outcome(judged(with_signed("/usr/bin/sh", content, signature), rules(key))).tier ==
              Tier::affirming);
        // The attacker's file with the true signature of another, and with the true key id in a signature.
        const auto evil = sha256(as_view("evil"));
        CHECK(outcome(judged(with_signed("/usr/bin/sh", evil, signature), rules(key))).tier ==
              Tier::contraindicated);
        auto forged = ima_signature(Key::p384, content);
        std::copy_n(signature.begin() + 3, 4, forged.begin() + 3);
        CHECK(outcome(judged(with_signed("/usr/bin/sh", content, forged), rules(key))).tier ==
              Tier::contraindicated);
    }
    const auto other = ima_signature(Key::p384, content);
    CHECK(outcome(judged(with_signed("/usr/bin/sh", content, other), rules(Key::p256))).tier ==
          Tier::contraindicated);
}

TEST_CASE("a signature of fs-verity approves an fs-verity digest, and only that") {
    const auto content = sha256(as_view("sh"));
    const auto rules = "[ima]\nunlisted = \"contraindicated\"\ndigests = [\"" + hex_of("listed") +
                       "\"]\n[[ima.signers]]\nname = \"us\"\npublic_key = \"" +
                       base64_of(ima_public_key(Key::p256)) + "\"\n";
    const auto tier = [&](tcg::ImaSignature::Kind kind, const std::string& name) {
        return outcome(
                   judged(with_signed("/x", content, ima_signature(Key::p256, content, kind), name), rules))
            .tier;
    };
    using Kind = tcg::ImaSignature::Kind;
    CHECK(tier(Kind::verity, "ima-sigv2") == Tier::affirming);
    CHECK(tier(Kind::file, "ima-sigv2") == Tier::contraindicated);
    CHECK(tier(Kind::verity, "ima-sig") == Tier::contraindicated);
    const auto listed = with_signed("/x", sha256(as_view("listed")), {}, "ima-sigv2");
    CHECK(outcome(judged(listed, rules)).tier == Tier::contraindicated);
}

TEST_CASE("a violation, an entry that cannot be read and one of SHA-1 are approved by no rule") {
    GrowingImaList list;
    list.add([](ImaBuilder& out) { out.violation("/usr/bin/sh"); });
    list.add([](ImaBuilder& out) { out.entry("unheard-of", to_bytes("data")); });
    list.add([](ImaBuilder& out) {
        out.entry("ima-ng", ByteWriter()
                                .bytes(ImaBuilder::digest_field(Bytes(20), "sha1:"))
                                .bytes(ImaBuilder::path_field("/usr/bin/old"))
                                .take());
    });
    const auto result =
        judged(list, "[ima]\n[[ima.files]]\npath = \"/usr/bin/sh\"\nsha256 = [\"" + hex_of("sh") + "\"]\n");
    CHECK(std::ranges::count(result.findings, "ima.unlisted", &Finding::id) == 3);
    CHECK(outcome(result).tier == Tier::warning);
}

TEST_CASE("what a hostile entry holds never makes the state larger than a document may be") {
    GrowingImaList list;
    for (std::size_t i = 0; i < limits::kImaNotes; ++i) {
        list.add([](ImaBuilder& out) {
            const std::string long_name(5000, 'x');
            out.entry("ima-ng", ByteWriter()
                                    .bytes(ImaBuilder::digest_field(Bytes(100'000), long_name + ":"))
                                    .bytes(ImaBuilder::path_field("/" + long_name + "\xff"))
                                    .take());
        });
    }
    list.policy = must_have("[ima]\n");
    const auto appraisal = list.report(list.entries(), list.entries()).appraise();
    REQUIRE(appraisal.next.ima);
    const auto encoded = encode_ima_state(*appraisal.next.ima);
    CHECK(encoded.size() < 64U * 1024U);
    CHECK(decode_ima_state(encoded).value() == *appraisal.next.ima);
}

TEST_CASE("only entries that the quote covers are judged, and none of a list that does not replay") {
    auto list = with_file("/usr/bin/new", "new");
    list.policy = must_have("[ima]\nunlisted = \"contraindicated\"\n");
    const auto ahead = list.report(1, 2).appraise().result;
    CHECK(outcome(ahead).tier == Tier::none);  // the quote covers no file, and so no unlisted one
    CHECK(ahead.tier == Tier::none);
    const auto cut = list.report(2, 1).appraise().result;
    CHECK(outcome(cut).tier == Tier::none);
    CHECK(cut.tier == Tier::contraindicated);
    const auto absent = list.report_with(0, {}, [](GrowingImaList::Sections&) {}).appraise().result;
    CHECK(outcome(absent).tier == Tier::none);
    CHECK(absent.tier != Tier::affirming);
}

TEST_CASE(
    "what was judged in an earlier part is said in every later report, and under new rules judged anew") {
    GrowingImaList list;
    constexpr std::size_t kFiles = limits::kImaNotes + 10;
    list.add_files(kFiles);
    list.policy = must_have("[ima]\ndigests = [\"" + hex_of("0") + "\"]\n");
    const auto known = list.report(20, 20).appraise().next.ima;
    REQUIRE(known);
    REQUIRE(known->files);
    CHECK(known->files->approved == 1);
    CHECK(known->files->unlisted.count == 18);
    const auto last = list.entries();
    auto whole = list.report(last, last).appraise().result;
    auto divided = list.report(last, last, known).appraise().result;
    whole.inputs.clear();
    divided.inputs.clear();
    CHECK(encode_attestation_result(divided) == encode_attestation_result(whole));
    CHECK(static_cast<std::size_t>(std::ranges::count(whole.findings, "ima.unlisted", &Finding::id)) ==
          limits::kImaNotes + 1);

    const auto offered = [&](const std::string& rules) {
        return ima_start(known, must_have(rules)).has_value();
    };
    CHECK(offered("[ima]\ndigests = [\"" + hex_of("0") + "\"]\n# a remark\n"));
    CHECK(offered(""));  // without rules what was judged is not needed
    CHECK_FALSE(offered("[ima]\ndigests = [\"" + hex_of("1") + "\"]\n"));
    CHECK_FALSE(offered("[ima]\nunlisted = \"allow\"\ndigests = [\"" + hex_of("0") + "\"]\n"));
    auto under_new_rules = list;
    under_new_rules.policy = must_have("[ima]\nunlisted = \"allow\"\n");
    // Appraised again all the same, as a rehearsal does: no verdict on files, and never a better one.
    const auto rehearsed = under_new_rules.report(last, last, known);
    CHECK_FALSE(part_continues(rehearsed));
    const auto appraisal = rehearsed.appraise();
    CHECK(outcome(appraisal.result).tier == Tier::none);
    CHECK(outcome(appraisal.result).required);
    CHECK(appraisal.result.tier == Tier::none);
    CHECK(find_finding(appraisal.result, "ima.unlisted") == nullptr);
    CHECK_FALSE(appraisal.next.ima->files);
}

TEST_CASE("rules for measured files that cannot hold are refused with their line") {
    const auto refused = [](const std::string& rules, const std::string& what) {
        const auto policy = policy_with(rules);
        INFO(rules);
        REQUIRE_FALSE(policy);
        CHECK(policy.error().context.find(what) != std::string::npos);
        CHECK(policy.error().context.starts_with("test.toml:"));
    };
    refused("[ima]\nunlisted = \"ignore\"\n", "one of warning, contraindicated, allow");
    refused("[ima]\ndigest = []\n", "unknown key 'digest'");
    refused("[ima]\ndigests = [\"ab\"]\n", "SHA-256 of 64 hex digits");
    refused("[[ima.files]]\npath = \"/x\"\n", "sha256");
    refused("[[ima.files]]\npath = \"/x\"\nsha256 = [\"" + hex_of("a") +
                "\"]\n[[ima.files]]\npath = \"/x\"\nsha256 = [\"" + hex_of("b") + "\"]\n",
            "path: twice");
    refused("[[ima.ignore]]\nprefix = \"/var/\"\n", "reason");
    refused("[[ima.signers]]\nname = \"us\"\npublic_key = \"AAAA\"\n", "public key in DER");
}
