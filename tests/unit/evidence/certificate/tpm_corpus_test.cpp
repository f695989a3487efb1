// Quotes and EK certificates of real TPMs, judged as others judged them.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <openssl/pem.h>

#include "evidence/base/hex.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/quote.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "tests/support/tpm/tpm_builder.h"

using namespace assay;
using namespace assay::tcg;
using corpus::read_text;
namespace fs = std::filesystem;

namespace {

const fs::path kCorpus = ASSAY_CORPUS_DIR;

/// The value of `name=value` in the text of a check, up to the next space or line end; empty where it is
/// absent.
std::string fact(const std::string& check, const std::string& name, const std::string& until = " \n") {
    std::smatch found;
    const std::regex pattern("(^|[ \n])" + name + "=([^" + until + "]*)");
    return std::regex_search(check, found, pattern) ? found[2].str() : "";
}

struct QuoteCase {
    std::string name;
    fs::path folder;
    std::string check;
};
std::vector<QuoteCase> quote_cases() {
    std::vector<QuoteCase> cases;
    for (const auto& source : fs::directory_iterator(kCorpus / "quote")) {
        for (const auto& entry : fs::directory_iterator(source.path())) {
            const auto name = entry.path().filename().string();
            if (!fs::exists(entry.path() / "attest.bin")) continue;
            cases.push_back({source.path().filename().string() + "/" + name, entry.path(),
                             read_text(source.path() / "expected" / (name + ".check.txt"))});
        }
    }
    return cases;
}

std::optional<TpmPublic> attestation_key(const fs::path& folder) {
    if (fs::exists(folder / "akpub.tpmt.bin"))
        return parse_tpm_public(corpus::read(folder / "akpub.tpmt.bin")).value();
    if (!fs::exists(folder / "akpub.pem")) return std::nullopt;
    const std::string pem = read_text(folder / "akpub.pem");
    const CHandle<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const EvpKey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    TpmPublic made = test::ak_public(key.get());
    made.scheme = {};  // a PEM file fixes none
    return made;
}

/// Some projects keep the bare RSASSA value in place of a TPMT_SIGNATURE.
Signature signature_of(const fs::path& folder) {
    const Bytes bytes = corpus::read(folder / "sig.bin");
    if (bytes.size() == 256) return {Scheme::rsassa, HashAlgorithm::sha256, bytes, {}, {}};
    return parse_signature(bytes).value();
}

PcrValues pcr_values(const fs::path& file) {
    PcrValues values;
    std::istringstream lines(read_text(file));
    std::string bank, index, hex;
    while (lines >> bank >> index >> hex) {
        const auto algorithm = hash_algorithm_from_name(bank);
        if (!algorithm) continue;
        REQUIRE(values.set(static_cast<unsigned>(std::stoul(index)),
                           Digest::from_bytes(*algorithm, from_hex(hex, 64).value()).value()));
    }
    return values;
}

void check_fields(const Quote& quote, const std::string& check) {
    const std::string extra = fact(check, "extraData");
    CHECK(to_hex(quote.extra_data) == (extra == "(empty)" ? "" : extra));
    CHECK(std::to_string(quote.clock_info.clock_ms) == fact(check, "clock"));
    CHECK(std::to_string(quote.clock_info.reset_count) == fact(check, "resetCount"));
    CHECK(std::to_string(quote.clock_info.restart_count) == fact(check, "restartCount"));
    CHECK(std::to_string(quote.clock_info.safe ? 1 : 0) == fact(check, "safe"));
    CHECK(quote.firmware_version == std::stoull(fact(check, "firmware"), nullptr, 16));
    CHECK(to_hex(quote.pcr_digest) == fact(check, "pcrDigest"));
    const std::string selection = std::regex_replace(
        fact(check, "selection", "\n").substr(0, fact(check, "selection", "\n").find(" pcrDigest")),
        std::regex("; "), "+");
    CHECK(to_text(quote.selection) == selection);
}

void check_pcr_digest(const Quote& quote, const QuoteCase& test_case) {
    const std::string check = fact(test_case.check, "pcr_digest_check", "\n");
    if (!check.starts_with("match with ")) return;
    const auto algorithm = hash_algorithm_from_name(check.substr(11)).value();
    const auto digest = pcr_digest(quote.selection, pcr_values(test_case.folder / "pcrs.tsv"), algorithm);
    REQUIRE(digest);
    CHECK(digest->hex() == to_hex(quote.pcr_digest));
}

std::vector<Certificate> pem_certificates(const fs::path& folder) {
    std::vector<Certificate> certificates;
    std::set<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.insert(entry.path());
    for (const auto& file : files) {
        if (file.extension() != ".pem" || file.filename() == "microsoft-aik-ca.pem") continue;
        const std::string pem = read_text(file);
        const CHandle<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        char* name = nullptr;
        char* header = nullptr;
        unsigned char* data = nullptr;
        long size = 0;
        while (PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1) {
            auto parsed = Certificate::parse(std::as_bytes(std::span(data, static_cast<std::size_t>(size))));
            OPENSSL_free(name);
            OPENSSL_free(header);
            OPENSSL_free(data);
            if (parsed) certificates.push_back(std::move(*parsed));
        }
    }
    return certificates;
}

/// Every CA certificate on the way up from `leaf` by name; a self-issued one is taken for a root.
std::pair<std::vector<Certificate>, std::vector<Certificate>> above(
    const Certificate& leaf, const std::vector<Certificate>& authorities) {
    std::pair<std::vector<Certificate>, std::vector<Certificate>> found;
    std::set<std::string> wanted{leaf.issuer()};
    std::set<std::string> taken;
    for (bool more = true; more;) {
        more = false;
        for (const auto& authority : authorities) {
            if (!wanted.contains(authority.subject()) || !taken.insert(authority.sha256().hex()).second)
                continue;
            const bool root = authority.subject() == authority.issuer();
            (root ? found.second : found.first).push_back(Certificate::parse(authority.der()).value());
            wanted.insert(authority.issuer());
            more = true;
        }
    }
    return found;
}

}  // namespace

TEST_CASE("quotes of real TPMs are read and judged as their checks say") {
    if (!fs::exists(kCorpus / "quote")) ASSAY_SKIP("no corpus of quotes");
    std::size_t quotes = 0, signatures = 0, digests = 0;
    for (const auto& test_case : quote_cases()) {
        INFO(test_case.name);
        const Bytes attest = corpus::read(test_case.folder / "attest.bin");
        const auto quote = parse_quote(attest);
        if (fact(test_case.check, "type") == "0x8018") {
            REQUIRE(quote);
            ++quotes;
            check_fields(*quote, test_case.check);
            check_pcr_digest(*quote, test_case);
            digests += fact(test_case.check, "pcr_digest_check").empty() ? 0 : 1;
            CHECK(encode_quote(*quote) == attest);
        } else {
            REQUIRE_FALSE(quote);
            CHECK_THAT(quote.error().context, Catch::Contains("TPM_ST_ATTEST_"));
        }
        const auto key = attestation_key(test_case.folder);
        const std::string expected = fact(test_case.check, "signature_check");
        if (!key || expected.empty()) continue;
        const Signature signature = signature_of(test_case.folder);
        const auto verdict = VerifyKey::from(*key)->verify(attest, signature);
        ++signatures;
        INFO(to_string(verdict));
        if (signature.hash == HashAlgorithm::sha1) {
            CHECK(verdict == SignatureVerdict::hash_not_allowed);
        } else {
            CHECK((verdict == SignatureVerdict::valid) == (expected == "valid"));
        }
    }
    CHECK(quotes >= 28);
    CHECK(signatures >= 16);
    CHECK(digests >= 25);
}

TEST_CASE("EK certificates of real TPMs are read, and trusted where a known CA signed them for an EK") {
    if (!fs::exists(kCorpus / "cert" / "ek")) ASSAY_SKIP("no corpus of certificates");
    const auto authorities = pem_certificates(kCorpus / "cert" / "tpm-ca");
    CHECK(authorities.size() > 300);
    std::size_t read = 0, trusted = 0, oaep = 0;
    for (const auto& entry : fs::directory_iterator(kCorpus / "cert" / "ek")) {
        if (entry.path().extension() != ".der") continue;
        INFO(entry.path().filename().string());
        const auto leaf = Certificate::parse(corpus::read(entry.path()));
        REQUIRE(leaf);
        ++read;
        CHECK(leaf->key_kind() != "unknown");
        const auto [intermediates, roots] = above(*leaf, authorities);
        const auto verdict = verify_ek_certificate(*leaf, intermediates, roots, leaf->not_before() + 86'400);
        std::string reasons;
        for (const auto& reason : verdict.reasons) reasons += reason.text() + "; ";
        INFO(leaf->key_kind() << " " << leaf->issuer() << ": " << reasons);
        const std::string peer = read_text(kCorpus / "cert" / "ek" / "expected" /
                                           (entry.path().filename().string() + ".openssl-verify.txt"));
        const bool peer_trusts = peer.find("no_check_time: OK") != std::string::npos;
        const bool odd_key =
            std::ranges::find(leaf->quirks(), EkReasonKind::quirk_oaep_key) != leaf->quirks().end();
        if (odd_key) {
            ++oaep;  // the peer cannot judge these at all; ours finds them signed, but over SHA-1
            CHECK_THAT(reasons, !Catch::Contains("certificate signature failure"));
            CHECK_THAT(reasons, Catch::Contains("digest algorithm too weak"));
        } else {
            // Google's attestation key certificates carry the EK's usage, but are for signatures alone.
            const bool signs = entry.path().filename().string().find("_sign_cert") != std::string::npos;
            CHECK(verdict.trusted() == (peer_trusts && leaf->has_ek_usage() && !signs));
        }
        trusted += verdict.trusted() ? 1 : 0;
    }
    CHECK(read >= 19);
    CHECK(trusted >= 5);
    CHECK(oaep >= 2);
}

TEST_CASE(
    "odd EK certificates from NV indices are read with their quirk named, and what is none is refused") {
    const auto folder = kCorpus / "cert" / "ek-odd";
    if (!fs::exists(folder)) ASSAY_SKIP("no corpus of odd certificates");
    const auto stored = Certificate::parse(corpus::read(folder / "ek_cert_untouched.cer"));
    REQUIRE(stored);
    CHECK(stored->quirks().front() == EkReasonKind::quirk_tcg_header);
    // 192 octets of 11: no NV area is erased to that.
    CHECK_FALSE(Certificate::parse(corpus::read(folder / "ek_cert_with_padded_bytes.cer")));
    CHECK_FALSE(Certificate::parse(corpus::read(folder / "badCert.pem")));
}
