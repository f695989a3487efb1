#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include "client/https_client.h"
#include "evidence/base/hex.h"
#include "evidence/wire/proof.h"
#include "tests/support/evidence_builder.h"
#include "verifier/store/store.h"

// assay-fleet DATABASE URL CA PID HOSTS SECONDS kept|new THREADS
//
// A fleet of honest hosts with attestation keys in software against a verifier that serves (its SQLite file,
// its address, its CA, its process). Each host attests once with everything, then again and again with
// everything held, over a connection that is kept or a new one each time. What is counted here is counted
// once more in the database. JSON: verdicts, the verifier's own CPU for each of them, bytes up, down and
// stored.
namespace {

using namespace assay;
using namespace assay::test;

double cpu_seconds(long pid) {
    std::ifstream in(fmt::format("/proc/{}/stat", pid));
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto behind_name = text.rfind(')');
    if (behind_name == std::string::npos) throw std::runtime_error("no such process");
    std::istringstream fields(text.substr(behind_name + 2));
    std::string skipped;
    double user = 0, system = 0;
    constexpr int kBeforeTimes = 11;  // proc(5): utime is field 14, and two are behind the name already
    for (int i = 0; i < kBeforeTimes; ++i) fields >> skipped;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t stored_bytes(const std::filesystem::path& database) {
    std::uint64_t sum = std::filesystem::file_size(database);
    const auto log = database.string() + "-wal";
    if (std::filesystem::exists(log)) sum += std::filesystem::file_size(log);
    return sum;
}

/// How many attestations the hosts of this fleet have in the database.
std::int64_t count_stored(const std::string& database) {
    soci::session sql(soci::sqlite3, database);
    std::int64_t sum = 0;
    sql << "SELECT COALESCE(SUM(revision), 0) FROM host_state WHERE host LIKE 'fleet-%'", soci::into(sum);
    return sum;
}

class Host {
  public:
    Host(std::string name, store::Store& store) : name_(std::move(name)), key_(fresh_key(Key::p256)) {
        const auto digest = [&](const char* what) { return sha256(as_view(what + name_)).hex(); };
        const store::Identity identity{.host = name_,
                                       .ek_digest = digest("ek"),
                                       .ak_digest = digest("ak"),
                                       .ek_public = encode_tpm_public(ek_public(shared_key(Key::p256))),
                                       .ak_public = encode_tpm_public(ak_public(key_.get())),
                                       .ek_certificates = {}};
        const auto now = static_cast<std::int64_t>(std::time(nullptr));
        const store::Enrolment enrolment{"e" + name_,      digest("token"), identity,
                                         digest("secret"), now + 300,       0};
        require(store.add_token({digest("token"), name_, "fleet", now, now + 300, 0}).has_value() &&
                    store.add_enrolment(enrolment, now).has_value() &&
                    store.activate(enrolment, now).has_value(),
                "enrolment");
        builder_.host = name_;
        builder_.all_pcrs = true;
        builder_.with_journal = false;
        made_ = builder_.build();
    }

    /// One attestation; false where it was not answered with a result.
    bool attest(HttpsClient& client, std::atomic<std::uint64_t>& up, std::atomic<std::uint64_t>& down) {
        const auto challenge = client.post("/v1/challenge", "", {});
        if (!challenge || challenge->status != 200) return false;
        const auto asked = nlohmann::json::parse(as_text(challenge->body));
        auto& evidence = made_.bundle.evidence;
        evidence.nonce = from_base64url(asked.at("nonce").get<std::string>(), kNonceSize).value();
        made_.bundle.challenge.nonce = evidence.nonce;
        builder_.clock.clock_ms += 1000;
        builder_.seal(made_);
        evidence.signature = encode_signature(sign(key_.get(), evidence.quote, tcg::Scheme::ecdsa));
        Proof proof{.evidence = evidence, .journal_from = 0, .ima_from = {}};
        proof.evidence.sections.clear();
        const auto body = encode_proof(proof);
        auto answer = client.post("/v1/hosts/" + name_ + "/evidence", "application/cbor", body);
        up += body.size();
        down += challenge->body.size();
        if (answer && answer->status == 202) {
            const auto ticket = nlohmann::json::parse(as_text(answer->body)).at("ticket").get<std::string>();
            const auto whole = encode_evidence(evidence);
            up += whole.size();
            answer = client.post("/v1/evidence/" + ticket, "application/cbor", whole);
        }
        if (!answer) return false;
        down += answer->body.size();
        if (answer->status != 200) std::cerr << as_text(answer->body) << "\n";
        return answer->status == 200;
    }

  private:
    std::string name_;
    tcg::EvpKey key_;
    EvidenceBuilder builder_;
    AppraisalCase made_;
};

int run(char** argv) {
    const std::string database = argv[1];
    const ClientConfig config{.server = argv[2], .ca_file = argv[3], .cert_file = {}, .key_file = {}};
    const auto pid = std::strtol(argv[4], nullptr, 10);
    const auto hosts = std::strtoul(argv[5], nullptr, 10);
    const std::chrono::duration<double> time(std::strtod(argv[6], nullptr));
    const bool kept = std::string_view(argv[7]) == "kept";
    const auto threads = std::strtoul(argv[8], nullptr, 10);
    auto store = store::Store::open("sqlite:" + database).value();
    std::vector<std::vector<Host>> fleets(threads);
    const auto first =
        static_cast<unsigned long>(count_stored(database)) + static_cast<unsigned long>(getpid());
    for (unsigned long n = 0; n < hosts; ++n)
        fleets[n % threads].emplace_back(fmt::format("fleet-{}-{}", first, n), *store);
    const auto before = count_stored(database);

    std::atomic<std::uint64_t> up = 0, down = 0, verdicts = 0, failures = 0;
    const auto everywhere = [&](const std::function<void(std::vector<Host>&)>& work) {
        std::vector<std::jthread> running;
        for (auto& fleet : fleets) running.emplace_back([&] { work(fleet); });
    };
    const auto attest = [&](Host& host, HttpsClient& client) {
        ++(host.attest(client, up, down) ? verdicts : failures);
    };
    everywhere([&](std::vector<Host>& fleet) {
        auto client = HttpsClient::make(config).value();
        for (auto& host : fleet) attest(host, client);
    });
    const auto first_verdicts = verdicts.load();
    up = down = 0;
    const auto bytes = stored_bytes(database);
    const auto cpu = cpu_seconds(pid);
    const auto start = std::chrono::steady_clock::now();
    everywhere([&](std::vector<Host>& fleet) {
        auto client = HttpsClient::make(config).value();
        while (std::chrono::steady_clock::now() - start < time) {
            for (auto& host : fleet) {
                if (!kept) client = HttpsClient::make(config).value();
                attest(host, client);
            }
        }
    });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    const auto spent = cpu_seconds(pid) - cpu;
    const auto steady = static_cast<double>(verdicts - first_verdicts);
    if (count_stored(database) - before != static_cast<std::int64_t>(verdicts.load()))
        throw std::runtime_error("the database does not have as many attestations as were answered");
    if (failures != 0) throw std::runtime_error(fmt::format("{} attestations failed", failures.load()));
    fmt::print(
        R"({{"verdicts": {:.0f}, "seconds": {:.2f}, "per_second": {:.1f}, "cpu_ms": {:.3f}, "per_core": {:.1f}, "up": {:.0f}, "down": {:.0f}, "stored": {:.0f}}})"
        "\n",
        steady, taken.count(), steady / taken.count(), 1000 * spent / steady, steady / spent,
        static_cast<double>(up) / steady, static_cast<double>(down) / steady,
        static_cast<double>(stored_bytes(database) - bytes) / steady);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    constexpr int kArguments = 9;
    if (argc != kArguments) {
        std::cerr << "usage: assay-fleet DATABASE URL CA PID HOSTS SECONDS kept|new THREADS\n";
        return 2;
    }
    try {
        return run(argv);
    } catch (const std::exception& error) {
        std::cerr << "assay-fleet: " << error.what() << "\n";
        return 1;
    }
}
