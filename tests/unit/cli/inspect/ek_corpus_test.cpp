// Certificates of real TPMs and their makers, each with what Assay says of it and, where that is not what the
// corpus expects, why.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/inspect/ek_verdict.h"
#include "evidence/certificate/pem.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "verifier/service/inputs/certificate_files.h"
#include "verifier/service/inputs/tpm_roots.h"

using namespace assay;
using namespace assay::cli;
namespace fs = std::filesystem;

namespace {

const fs::path kCertificates = fs::path(ASSAY_CORPUS_DIR) / "cert";
constexpr std::int64_t kExpectedAt = 1'795'324'367;  // 2026-11-22T05:12:47Z, when the peer was run

/// Every CA certificate of the corpus: as the peer had them, those that sign themselves are the roots.
struct Authorities {
    std::vector<tcg::Certificate> roots, intermediates;

    Authorities() {
        std::set<std::string> seen;
        for (const auto* folder : {"tpm-ca", "strict-der-quirks"}) {
            const auto files = inputs::files_of(kCertificates / folder, {".pem", ".der"}).value();
            for (const auto& file : files) {
                auto certificates = inputs::read_certificates(file).value();
                for (auto& each : certificates) {
                    if (!seen.insert(each.sha256().hex()).second) continue;
                    (each.subject() == each.issuer() ? roots : intermediates).push_back(std::move(each));
                }
            }
        }
    }
};

const Authorities& authorities() {
    static const Authorities all;
    return all;
}

std::string ids_of(const std::vector<tcg::EkReason>& reasons) {
    std::vector<std::string> ids;
    for (const auto& reason : reasons) {
        const std::string id(reason.id().substr(3));
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
    return fmt::format("{}", fmt::join(ids, " "));
}

std::vector<std::string> words(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

/// Is the path good, whatever the certificate is for? For one that signs itself: is it good as a root?
bool good_path(const std::string& ids) {
    static const std::set<std::string> kNotOfThePath{"is_a_ca",       "eku_missing",   "key_usage",
                                                     "key_unknown",   "names_nothing", "root_not_pinned",
                                                     "san_incomplete"};
    for (const auto& id : words(ids))
        if (!kNotOfThePath.contains(id) && !id.starts_with("quirk.")) return false;
    return true;
}

std::string judged(ByteView bytes) {
    const auto certificate = tcg::Certificate::parse(bytes);
    if (!certificate) return "malformed";
    const auto verdict = tcg::verify_ek_certificate({.leaf = *certificate,
                                                     .intermediates = authorities().intermediates,
                                                     .pinned_roots = authorities().roots,
                                                     .at_unix_time = kExpectedAt});
    return ids_of(verdict.reasons);
}

struct Row {
    const char* file;
    const char* ids;  // without "ek."
    const char* why;  // where the corpus expects something else
};

constexpr Row kRows[] = {
#include "tests/unit/cli/inspect/ek_corpus_rows.inc"
};

}  // namespace

TEST_CASE("each certificate case of the corpus is answered as written down here") {
    if (!fs::exists(kCertificates)) ASSAY_SKIP("no corpus of certificates");
    for (const auto& row : kRows) {
        INFO(row.file);
        const auto file = kCertificates / row.file;
        const auto blocks = tcg::pem_or_der(inputs::read_file(file, 1 << 20).value(), "CERTIFICATE");
        CHECK((blocks ? judged(blocks->front()) : "malformed") == row.ids);
    }
    for (const auto* folder : {"ek", "ek-odd", "idevid", "strict-der-quirks", "uefi-secure-boot"}) {
        for (const auto& entry : fs::directory_iterator(kCertificates / folder)) {
            const auto name = std::string(folder) + "/" + entry.path().filename().string();
            const bool manifest = entry.is_directory() || entry.path().extension() == ".tsv";
            const auto known = [&](const Row& row) { return row.file == name; };
            if (manifest || std::ranges::any_of(kRows, known)) continue;
            const auto blocks =
                tcg::pem_or_der(inputs::read_file(entry.path(), 1 << 20).value(), "CERTIFICATE");
            FAIL_CHECK("    {\"" << name << "\", \"" << (blocks ? judged(blocks->front()) : "malformed")
                                 << "\", \"\"},");
        }
    }
}

TEST_CASE("the paths of EK certificates are good where the peer says so, at the same time") {
    if (!fs::exists(kCertificates)) ASSAY_SKIP("no corpus of certificates");
    std::size_t good = 0, bad = 0;
    for (const auto& row : kRows) {
        const std::string name = row.file;
        if (!name.starts_with("ek/")) continue;
        INFO(name);
        const auto expected =
            corpus::read_text(kCertificates / "ek" / "expected" / (name.substr(3) + ".openssl-verify.txt"));
        const bool peer = expected.substr(0, expected.find(';')).find(": OK") != std::string::npos;
        CHECK(good_path(row.ids) == peer);
        ++(peer ? good : bad);
    }
    CHECK(good == 9);
    CHECK(bad == 10);
}

TEST_CASE("the CA certificates of TPM makers are good where the peer says so, or weaker than Assay allows") {
    if (!fs::exists(kCertificates)) ASSAY_SKIP("no corpus of certificates");
    std::map<std::string, std::string> peer;  // by digest
    const auto rows = corpus::lines(corpus::read_text(kCertificates / "tpm-ca" / "CA-MANIFEST.tsv"));
    for (std::size_t i = 2; i < rows.size(); ++i) {
        std::vector<std::string> columns;
        std::istringstream in(rows[i]);
        for (std::string column; std::getline(in, column, '\t');) columns.push_back(column);
        if (columns.size() > 12) peer[columns[0]] = columns[12];
    }
    std::map<std::string, std::size_t> differences;
    std::size_t same = 0;
    for (const auto* group : {&authorities().roots, &authorities().intermediates}) {
        for (const auto& certificate : *group) {
            const auto found = peer.find(certificate.sha256().hex());
            if (found == peer.end()) continue;
            const auto ids = judged(certificate.der());
            const bool trusted = found->second == "OK";
            if (good_path(ids) == trusted) {
                ++same;
                continue;
            }
            std::string why = trusted ? "refused here:" : "accepted here: " + found->second;
            for (const auto& id : words(ids))
                if (!good_path(id)) why += " " + id;
            ++differences[why];
        }
    }
    CHECK(same == 1229);
    for (const auto& [why, count] : differences) UNSCOPED_INFO(why << ": " << count);
    // The peer ran at OpenSSL's level 1, which takes SHA-1.
    CHECK(differences == std::map<std::string, std::size_t>{{"refused here: signature_weak", 17}});
}

TEST_CASE("the IDevID certificate of the corpus names its device, and nobody says that its key is fixed") {
    if (!fs::exists(kCertificates)) ASSAY_SKIP("no corpus of certificates");
    const auto folder = kCertificates / "idevid";
    EkCertificateQuestion question;
    question.role = tcg::TpmKeyRole::idevid;
    question.at_unix_time = 1'790'000'000;
    question.leaf =
        tcg::pem_or_der(inputs::read_file(folder / "prime256v1.cert.pem", 1 << 20).value(), "CERTIFICATE")
            .value()
            .front();
    question.roots = inputs::read_certificates(folder / "iak_idevid_chain.pem").value();
    const auto answer = judge_ek_certificate(question);
    CHECK(answer.verdict() == InspectVerdict::Verdict::invalid);
    CHECK(answer.has("idevid.no_issuer"));  // the chain there is another CA's, of the same test setup
    CHECK(answer.has("idevid.fixed_not_verified"));
    CHECK_FALSE(answer.has("idevid.key_usage"));
    const auto module = nlohmann::json::parse(answer.details.dump()).at("hardware_module");
    CHECK(module.at("type") == "2.23.133.1.2");
    CHECK(module.at("serial") == "ST");  // and 84 octets 00

    // What vouches for another device's IAK is a CA: it is no IAK itself.
    question.leaf = question.roots->front().der();
    CHECK(judge_ek_certificate(question).has("idevid.is_a_ca"));
}
