// The 24 IMA lists of real machines and of other projects' tests, each as its MANIFEST.tsv says.
#include <iostream>
#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <openssl/x509.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/hex.h"
#include "evidence/certificate/pem.h"
#include "evidence/ima/boot_aggregate.h"
#include "evidence/ima/ima_log.h"
#include "evidence/ima/ima_signature.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"

namespace {

using namespace assay;
using namespace assay::tcg;

/// Lists that are not read to their end, and why.
const std::map<std::string, ErrorCode> kRefused{
    {"invalid_ima_log.txt", ErrorCode::malformed},              // no list
    {"sml-ima-ng-sha1-invalidated.bin", ErrorCode::truncated},  // its publisher cut it within an entry
    {"sml-ima-ng-sha1.bin", ErrorCode::truncated},              // a line feed behind the last entry
    {"sml-ima-sha1.bin", ErrorCode::truncated}};                // likewise

std::filesystem::path ima(const std::string& name) {
    return corpus::folder("ima") / name;
}
bool is_text(const std::string& content) {
    return content.starts_with("10 ") || content.starts_with("this-is");
}
Result<ParsedImaLog> parsed_file(const std::filesystem::path& path, const std::string& content) {
    if (is_text(content)) return parse_ima_ascii(content);
    const bool sha256 = path.filename() == "ima-sig-sha256.bin";
    return parse_ima_log(as_view(content), sha256 ? HashAlgorithm::sha256 : HashAlgorithm::sha1);
}

struct Value {
    unsigned pcr = 0;
    Digest value;
};
/// Lines of "bank PCR hex"; those with # are remarks.
std::vector<Value> values_in(const std::filesystem::path& path) {
    std::vector<Value> out;
    if (!std::filesystem::exists(path)) return out;
    for (const auto& line : corpus::lines(corpus::read_text(path))) {
        std::istringstream in(line);
        std::string bank;
        std::string hex;
        unsigned pcr = 0;
        if (line.starts_with('#') || !(in >> bank >> pcr >> hex)) continue;
        const auto algorithm = hash_algorithm_from_name(bank);
        if (!algorithm) continue;
        out.push_back({pcr, Digest::from_bytes(*algorithm, from_hex(hex, 64).value()).value()});
    }
    return out;
}
QuotedBank bank_of(const std::vector<Value>& values, HashAlgorithm bank) {
    QuotedBank out;
    for (const auto& each : values) {
        if (each.value.algorithm() == bank) out.at(each.pcr) = each.value;
    }
    return out;
}
ImaSigner signer_of(ByteView spki) {
    auto signer = ImaSigner::from_public_key(spki);
    if (!signer) throw std::runtime_error(describe(signer.error()));
    return std::move(*signer);
}
ImaSigner signer_of_pem(const std::string& name) {
    return signer_of(pem_or_der(corpus::read(ima("keylime/expected/" + name)), "PUBLIC KEY").value().at(0));
}

}  // namespace

TEST_CASE("each IMA list of the corpus is read as its manifest says, or refused with the place") {
    if (!corpus::present("ima")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    const auto entries = corpus::manifests("ima");
    CHECK(entries.size() == 24);
    std::size_t as_expected = 0;
    std::set<std::string> templates;
    for (const auto& each : entries) {
        const auto name = each.path.filename().string();
        INFO(name);
        const auto content = corpus::read_text(each.path);
        const auto list = parsed_file(each.path, content);
        if (const auto refused = kRefused.find(name); refused != kRefused.end()) {
            REQUIRE_FALSE(list);
            CHECK(list.error().code == refused->second);
            CHECK(list.error().offset);
            ++as_expected;
            continue;
        }
        if (!list) FAIL(describe(list.error()));
        std::size_t odd = 0;
        for (const auto& entry : list->unverified_entries()) {
            templates.emplace(entry.template_name);
            if (!ima_fields(entry) || (!entry.is_violation() && !ima_digest_covers_data(entry))) ++odd;
        }
        // Two are made up: of one, every digest; in the other one entry was edited, as its README says.
        if (name == "ima-log-unknown" || name == "ima-log-sha1" || name == "ima-log-sha256") {
            CHECK(list->unverified_entries().size() == 2);
        } else {
            CHECK(odd == (name == "imasig.bin" ? 1 : 0));
        }
        ++as_expected;
    }
    CHECK(as_expected == entries.size());
    CHECK(templates.size() == 14);
    std::cout << "IMA lists as their manifests say: " << as_expected << " of " << entries.size() << ", "
              << templates.size() << " templates\n";
}

TEST_CASE("each IMA list of the corpus replays in every bank to what other tools and real TPMs have") {
    if (!corpus::present("ima")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    std::size_t replayed = 0;
    for (const auto& each : corpus::manifests("ima")) {
        const auto name = each.path.filename().string();
        if (kRefused.contains(name)) continue;
        INFO(name);
        const auto content = corpus::read_text(each.path);
        const auto list = parsed_file(each.path, content);
        REQUIRE(list);
        const auto expected = each.path.parent_path() / "expected" / name;
        auto values = values_in(expected.string() + ".ibm-imaextend.tsv");
        if (is_text(content)) values = values_in(expected.string() + ".replay.tsv");
        for (const auto& wanted : values) {
            const auto bank = wanted.value.algorithm();
            // The edited entry of this list: the tool hashes its data in SHA-1 too, the kernel never did.
            if (name == "imasig.bin" && bank == HashAlgorithm::sha1) continue;
            INFO(to_string(bank) << " PCR " << wanted.pcr);
            const auto match = match_ima(*list, bank, wanted.pcr, ima_boot_state(bank), wanted.value);
            CHECK(match.agreement == ImaAgreement::match);
            ++replayed;
        }
    }
    CHECK(replayed >= 40);
    std::cout << "IMA replays: " << replayed << "\n";
}

TEST_CASE("a text list is the binary list of the same machine") {
    if (!corpus::present("ima")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    const auto text = corpus::read_text(ima("immune-guard/h12ssl.ascii"));
    const auto bytes = corpus::read(ima("immune-guard/h12ssl.bin"));
    const auto from_text = parse_ima_ascii(text);
    const auto from_bytes = parse_ima_log(bytes);
    REQUIRE(from_text);
    REQUIRE(from_bytes);
    const auto a = from_text->unverified_entries();
    const auto b = from_bytes->unverified_entries();
    REQUIRE(a.size() >= b.size());  // it was read a little later
    for (std::size_t i = 0; i < b.size(); ++i) {
        INFO(i);
        CHECK(a[i].template_digest == b[i].template_digest);
        CHECK(equal(a[i].template_data, b[i].template_data));
    }
}

TEST_CASE("a watched file that changed has another digest in the later list") {
    if (!corpus::present("ima")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    const auto contents = [](const std::string& name) {
        const auto bytes = corpus::read(ima("immune-guard/" + name));
        const auto list = parse_ima_log(bytes).value();
        std::set<std::string> found;
        for (const auto& entry : list.unverified_entries()) {
            const auto fields = ima_fields(entry);
            if (fields && fields->path == "/root/.ssh/authorized_keys")
                found.insert(to_hex(fields->file_hash));
        }
        return found;
    };
    CHECK(contents("h12ssl.created.bin").size() == 1);
    CHECK(contents("h12ssl.changed.bin").size() == 2);
}

TEST_CASE("signatures of measured files verify with the keys of their signers, and with no other") {
    if (!corpus::present("ima")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    const auto rsa = signer_of_pem("verify-signatures.ascii.rsa2048pub.pem");
    const auto ec = signer_of_pem("verify-signatures.ascii.secp256k1-pub.pem");
    const auto text = corpus::read_text(ima("keylime/verify-signatures.ascii"));
    const auto list = parse_ima_ascii(text).value();
    const auto by = [&](const ImaSigner& signer, std::size_t entry) {
        const auto fields = ima_fields(list.unverified_entries()[entry]).value();
        const auto signature = parse_ima_signature(fields.signature).value();
        const bool verified = signer.verifies(signature, fields.file_hash);
        if (verified) CHECK(signer.key_id() == signature.key_id);
        return verified;
    };
    CHECK(by(rsa, 0));
    CHECK_FALSE(by(ec, 0));
    CHECK(by(ec, 1));
    CHECK_FALSE(by(rsa, 1));

    const auto der = corpus::read(ima("ibm-acs/expected/imasig.bin.imakey.der"));
    const auto* at = as_uchar(der);
    const CHandle<X509, X509_free> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    Bytes spki(static_cast<std::size_t>(i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), nullptr)));
    auto* to = as_writable_uchar(spki);
    i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &to);
    const auto signer = signer_of(spki);
    const auto bytes = corpus::read(ima("ibm-acs/imasig.bin"));
    std::size_t verified = 0;
    std::set<std::string> others;
    const auto signed_list = parse_ima_log(bytes).value();
    for (const auto& entry : signed_list.unverified_entries()) {
        const auto fields = ima_fields(entry).value();
        if (fields.signature.empty()) continue;
        const auto signature = parse_ima_signature(fields.signature).value();
        if (signer.verifies(signature, fields.file_hash)) {
            CHECK(signature.key_id == signer.key_id());
            ++verified;
        } else {
            others.emplace(fields.path);
        }
    }
    CHECK(verified == 896);
    // The second has the right key id, and a signature that this key never made.
    CHECK(others ==
          std::set<std::string>{"/usr/bin/trojan_badkey", "/usr/bin/trojan_badsig", "/usr/sbin/atd"});
}

TEST_CASE("boot_aggregate of real lists is the hash of the boot PCRs that were read with them") {
    if (!corpus::present("ima") || !corpus::present("eventlog")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    const auto bytes = corpus::read(ima("immune-guard/h12ssl.bin"));
    const auto list = parse_ima_log(bytes).value();
    auto values = values_in(ima("immune-guard/expected/h12ssl.bin.upstream-pcrs.tsv"));
    const auto aggregate = boot_aggregate(list).value();
    const auto agreement = [&](const QuotedBank& bank, HashAlgorithm algorithm) {
        return boot_aggregate_agrees(aggregate.file_hash_name, aggregate.file_hash, algorithm, bank);
    };
    auto bank = bank_of(values, HashAlgorithm::sha1);
    CHECK(agreement(bank, HashAlgorithm::sha1) == AggregateAgreement::agrees);
    CHECK(agreement(bank_of(values, HashAlgorithm::sha256), HashAlgorithm::sha256) ==
          AggregateAgreement::other_bank);
    bank.at(3) = bank.at(7);
    CHECK(agreement(bank, HashAlgorithm::sha1) == AggregateAgreement::differs);
    bank.at(3).reset();
    CHECK(agreement(bank, HashAlgorithm::sha1) == AggregateAgreement::not_quoted);

    // A list of one line, and the event log that its boot_aggregate is over, PCRs 8 and 9 included.
    const auto log = corpus::read(corpus::folder("eventlog") / "ima-evm-utils" /
                                  "sample-binary_bios_measurements-pcrs-8-9.bin");
    const auto replayed = replay(parse_event_log(log).value());
    const auto line = corpus::read_text(ima("ima-evm-utils/sample-ascii_runtime_measurements-pcrs-8-9"));
    const auto one = parse_ima_ascii(line).value();
    const auto from_log = boot_aggregate(one).value();
    REQUIRE(from_log.file_hash_algorithm);
    const auto algorithm = *from_log.file_hash_algorithm;
    QuotedBank boot;
    const auto* found = replayed.bank(algorithm);
    REQUIRE(found != nullptr);
    for (unsigned pcr = 0; pcr < 10; ++pcr) boot.at(pcr) = found->pcrs.at(pcr).value;
    CHECK(boot_aggregate_agrees(from_log.file_hash_name, from_log.file_hash, algorithm, boot) ==
          AggregateAgreement::agrees);
}
