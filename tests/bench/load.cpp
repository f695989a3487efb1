#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <curl/curl.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include "client/https_client.h"
#include "evidence/base/hex.h"
#include "evidence/wire/proof.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "verifier/service/store/hosts/admission.h"

// assay-fleet DATABASE URL CA PID HOSTS SECONDS kept|new THREADS [STRANGERS]
//
// A fleet of honest hosts with attestation keys in software against a verifier that serves (its SQLite file,
// its address, its CA, its process). Each host attests with everything, then again and again with
// everything held, over a connection that is kept or a new one each time. What is counted here is counted
// once more in the database. JSON: verdicts, the verifier's own CPU for each of them, bytes up, down and
// stored, and how long an agent waits. With STRANGERS the fleet then goes on beside that many requests of
// somebody who has no key, from another address: how long an agent waits then, and what the database grew by
// beyond what the fleet's own reports did before.
namespace {

using namespace assay;
using namespace assay::client;
using namespace assay::test;

constexpr int kArguments = 9;

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

/// Of the database as its reader sees it: the files also hold a write-ahead log, which is used again and
/// again.
std::int64_t stored_bytes(const std::string& database) {
    soci::session sql(soci::sqlite3, database);
    std::int64_t pages = 0, size = 0;
    sql << "PRAGMA page_count", soci::into(pages);
    sql << "PRAGMA page_size", soci::into(size);
    return pages * size;
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
        require(store::Enrolments(store)
                        .add_token({digest("token"), name_, "fleet", now, now + 300, 0})
                        .has_value() &&
                    store::Enrolments(store).add(enrolment, now).has_value() &&
                    store::Enrolments(store).activate(enrolment, now).has_value(),
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
        // A TPM's clock goes as everybody's does: one that doesn't is a finding, and each report news.
        const auto age = std::chrono::steady_clock::now() - made_at_;
        builder_.clock.clock_ms =
            clock_ms_ +
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(age).count());
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
    std::uint64_t clock_ms_ = builder_.clock.clock_ms;
    std::chrono::steady_clock::time_point made_at_ = std::chrono::steady_clock::now();
    AppraisalCase made_;
};

/// Somebody without a key, at another address, who asks for whatever may cost something.
class Stranger {
  public:
    Stranger(std::string url, const std::string& ca, std::string host)
        : url_(std::move(url)), host_(std::move(host)), curl_(curl_easy_init(), curl_easy_cleanup) {
        require(curl_ != nullptr, "curl");
        curl_easy_setopt(curl_.get(), CURLOPT_CAINFO, ca.c_str());
        curl_easy_setopt(curl_.get(), CURLOPT_INTERFACE, "127.0.0.2");
        curl_easy_setopt(curl_.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl_.get(), CURLOPT_WRITEFUNCTION, &Stranger::take);
        curl_easy_setopt(curl_.get(), CURLOPT_WRITEDATA, &answer_);
        builder_.host = host_;
        builder_.with_journal = false;
        made_ = builder_.build();
    }
    /// The n-th kind of request.
    void ask(std::size_t n) {
        const std::string evidence = "/v1/hosts/" + host_ + "/evidence";
        switch (n % 7) {
            case 0:
                return post("/v1/challenge", "");
            case 1:
                return post(evidence, std::string(30'000, 'x'), "application/cbor");
            case 2:
            case 3:
                return post(evidence, wrongly_signed(), "application/cbor");
            case 4:
                return post("/v1/evidence/" + std::string(120, 'A'), std::string(100'000, 'x'),
                            "application/cbor");
            case 5:
                return post("/v1/enrolments", R"({"host":"fleet-0","token":"guessed"})");
            default:
                return post("/v1/hosts/" + host_ + "x/evidence", wrongly_signed(), "application/cbor");
        }
    }
    [[nodiscard]] long answered() const { return answered_; }

  private:
    static std::size_t take(const char* data, std::size_t size, std::size_t count, void* to) {
        constexpr std::size_t kMost = 64U << 10U;
        auto& text = *static_cast<std::string*>(to);
        if (text.size() < kMost) text.append(data, size * count);
        return size * count;
    }
    /// All in order, for a nonce of this verifier, but that it is another key's.
    std::string wrongly_signed() {
        post("/v1/challenge", "");
        const auto asked = nlohmann::json::parse(answer_, nullptr, false);
        if (!asked.is_object() || !asked.contains("nonce")) return "x";
        auto& evidence = made_.bundle.evidence;
        evidence.nonce = from_base64url(asked.at("nonce").get<std::string>(), kNonceSize).value();
        made_.bundle.challenge.nonce = evidence.nonce;
        builder_.seal(made_);
        Proof proof{.evidence = evidence, .journal_from = 0, .ima_from = {}};
        proof.evidence.sections.clear();
        return std::string(as_text(encode_proof(proof)));
    }
    void post(const std::string& path, const std::string& body, const char* type = "application/json") {
        answer_.clear();
        const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
            curl_slist_append(nullptr, (std::string("Content-Type: ") + type).c_str()), curl_slist_free_all);
        const auto url = url_ + path;
        curl_easy_setopt(curl_.get(), CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl_.get(), CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl_.get(), CURLOPT_POSTFIELDS, body.data());
        curl_easy_setopt(curl_.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        if (curl_easy_perform(curl_.get()) == CURLE_OK) ++answered_;
    }

    std::string url_, host_, answer_;
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
    EvidenceBuilder builder_;
    AppraisalCase made_;
    long answered_ = 0;
};

/// What agents waited for their verdicts.
class Waits {
  public:
    void add(std::chrono::duration<double, std::milli> time) {
        const std::scoped_lock lock(mutex_);
        waits_.push_back(time.count());
    }
    void forget() {
        const std::scoped_lock lock(mutex_);
        waits_.clear();
    }
    double at(double share) {
        const std::scoped_lock lock(mutex_);
        if (waits_.empty()) return 0;
        const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(waits_.size() - 1));
        std::nth_element(waits_.begin(), waits_.begin() + place, waits_.end());
        return waits_[static_cast<std::size_t>(place)];
    }

  private:
    std::mutex mutex_;
    std::vector<double> waits_;
};

int run(int argc, char** argv) {
    const std::string database = argv[1];
    const ClientConfig config{.server = argv[2], .ca_file = argv[3], .cert_file = {}, .key_file = {}};
    const auto pid = std::strtol(argv[4], nullptr, 10);
    const auto hosts = std::strtoul(argv[5], nullptr, 10);
    const std::chrono::duration<double> time(std::strtod(argv[6], nullptr));
    const bool kept = std::string_view(argv[7]) == "kept";
    const auto threads = std::strtoul(argv[8], nullptr, 10);
    const auto strangers = argc > kArguments ? std::strtoul(argv[kArguments], nullptr, 10) : 0;
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
    Waits quiet, beside;
    auto* waits = &quiet;
    const auto attest = [&](Host& host, HttpsClient& client) {
        const auto begin = std::chrono::steady_clock::now();
        ++(host.attest(client, up, down) ? verdicts : failures);
        waits->add(std::chrono::steady_clock::now() - begin);
    };
    const auto go_on_until = [&](const std::function<bool()>& ends) {
        everywhere([&](std::vector<Host>& fleet) {
            auto client = HttpsClient::make(config).value();
            while (!ends()) {
                for (auto& host : fleet) {
                    if (!kept) client = HttpsClient::make(config).value();
                    attest(host, client);
                }
            }
        });
    };
    // Twice: the second report of a host concludes something else than its first, which had none before.
    everywhere([&](std::vector<Host>& fleet) {
        auto client = HttpsClient::make(config).value();
        for (int i = 0; i < 2; ++i) {
            for (auto& host : fleet) attest(host, client);
        }
    });
    const auto first_verdicts = verdicts.load();
    up = down = 0;
    quiet.forget();
    const auto bytes = stored_bytes(database);
    const auto cpu = cpu_seconds(pid);
    const auto start = std::chrono::steady_clock::now();
    go_on_until([&] { return std::chrono::steady_clock::now() - start >= time; });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    const auto spent = cpu_seconds(pid) - cpu;
    const auto steady = static_cast<double>(verdicts - first_verdicts);
    const auto grown = stored_bytes(database) - bytes;
    const auto sent_up = up.load(), sent_down = down.load();

    long answered = 0;
    double stored_by_strangers = 0;
    if (strangers != 0) {
        waits = &beside;
        const auto verdicts_before = verdicts.load();
        const auto bytes_before = stored_bytes(database);
        std::atomic<bool> done = false;
        std::jthread stranger([&] {
            Stranger somebody(config.server, config.ca_file, fmt::format("fleet-{}-0", first));
            for (std::size_t n = 0; n < strangers; ++n) somebody.ask(n);
            answered = somebody.answered();
            done = true;
        });
        go_on_until([&] { return done.load(); });
        stored_by_strangers =
            static_cast<double>(stored_bytes(database) - bytes_before) -
            static_cast<double>(grown) / steady * static_cast<double>(verdicts - verdicts_before);
    }
    if (count_stored(database) - before != static_cast<std::int64_t>(verdicts.load()))
        throw std::runtime_error("the database does not have as many attestations as were answered");
    if (failures != 0) throw std::runtime_error(fmt::format("{} attestations failed", failures.load()));
    fmt::print(
        R"({{"verdicts": {:.0f}, "seconds": {:.2f}, "per_second": {:.1f}, "cpu_ms": {:.3f}, "per_core": {:.1f}, "up": {:.0f}, "down": {:.0f}, "stored": {:.0f}, "p50_ms": {:.2f}, "p99_ms": {:.2f}, )"
        R"("strangers": {}, "answered": {}, "p99_beside_ms": {:.2f}, "stored_by_strangers": {:.0f}}})"
        "\n",
        steady, taken.count(), steady / taken.count(), 1000 * spent / steady, steady / spent,
        static_cast<double>(sent_up) / steady, static_cast<double>(sent_down) / steady,
        static_cast<double>(grown) / steady, quiet.at(0.5), quiet.at(0.99), strangers, answered,
        beside.at(0.99), stored_by_strangers);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != kArguments && argc != kArguments + 1) {
        std::cerr << "usage: assay-fleet DATABASE URL CA PID HOSTS SECONDS kept|new THREADS [STRANGERS]\n";
        return 2;
    }
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "assay-fleet: " << error.what() << "\n";
        return 1;
    }
}
