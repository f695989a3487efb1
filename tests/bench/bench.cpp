#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "evidence/eventlog/replay/replay.h"
#include "evidence/wire/proof.h"
#include "evidence/wire/section/section_names.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/builders/payload_builder.h"
#include "tests/support/certificates/ek_path_builder.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"
#include "verifier/judge/appraisal/steps/prove.h"

// assay-bench                    nanoseconds per iteration of every loop, as JSON; loops take turns, and the
// best round counts assay-bench LOOP ITERATIONS    that loop alone, inside assay_bench_measured, for
// valgrind's --toggle-collect
// assay-bench --log FILE         writes the log that `assay inspect eventlog` is measured with

// Only what runs in here is counted: making the input costs more, and differently each time.
extern "C" [[gnu::noinline]] void assay_bench_measured(const std::function<void()>& loop, long iterations) {
    for (long i = 0; i < iterations; ++i) loop();
}

namespace {

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

constexpr std::size_t kEvents = 99;

// A rack server's log of ordinary size: 99 events, about 41 kB, most of it in Secure Boot variables.
EventLogBuilder ordinary_log() {
    auto log = EventLogBuilder::typical();
    for (int i = 0; i < 4; ++i) {
        log.events.insert(log.events.begin() + 3, BuiltEvent{});
        const auto data = efi_variable("db", Bytes(7500, std::byte{0x5a}));
        log.events.at(3) = {7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, data, data};
    }
    while (log.events.size() + 1 < kEvents) {
        log.add(8, tcg::EV_IPL, to_bytes("grub_cmd: menuentry 'Debian' --class debian {\0"),
                to_bytes("menuentry 'Debian' --class debian {"));
    }
    return log;
}

// The same size, with variables as a server has them: certificates in PK, KEK, db and of the boot loaders'
// signers, hashes in dbx.
EventLogBuilder log_with_certificates() {
    auto log = EventLogBuilder::typical();
    const auto path = EkPathBuilder().make();
    const auto root = to_bytes(path.root.der()), ca = to_bytes(path.intermediate.der()),
               leaf = to_bytes(path.leaf.der());
    const auto variable = [&log](std::string_view name, const std::vector<Bytes>& lists) {
        log.add(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG,
                efi_variable_of(kImageDatabaseGuid, name, joined_bytes(lists)));
    };
    const auto list = [](const Bytes& certificate) { return signature_list(kX509Guid, {certificate}); };
    variable("PK", {list(root)});
    variable("KEK", {list(root), list(ca), list(leaf)});
    variable("db", {list(root), list(ca), list(leaf), list(ca), list(leaf), list(root)});
    variable("dbx", {signature_list(kSha256Guid, std::vector<Bytes>(371, Bytes(32, std::byte{0x11})))});
    for (const auto& signer : {ca, leaf}) {
        log.add(7, tcg::EV_EFI_VARIABLE_AUTHORITY,
                efi_variable_of(kImageDatabaseGuid, "db", joined_bytes({guid(kOwnerGuid), signer})));
    }
    while (log.events.size() + 1 < kEvents) {
        log.add(8, tcg::EV_IPL, to_bytes("grub_cmd: menuentry 'Debian' --class debian {\0"sv),
                to_bytes("menuentry 'Debian' --class debian {"sv));
    }
    return log;
}

struct Input {
    AppraisalCase made;
    Bytes evidence;  // as received
    tcg::VerifyKey key;
    tcg::Signature signature;
};

/// `age_ms`: so that no two reports are the same, whose signature was just seen to be good.
EvidenceBuilder ordinary_host(Key ak, std::uint64_t age_ms) {
    EvidenceBuilder builder;
    builder.clock.clock_ms += age_ms;
    builder.ak = ak;
    builder.log = ordinary_log();
    for (unsigned i = 0; i < 38; ++i) {
        builder.pci.push_back(
            EvidenceBuilder::function(fmt::format("0000:{:02x}:00.0", i + 64), 0x8086, 0x1592, 0x8086, 1));
    }
    return builder;
}

/// A first report: everything, and 29 USB events. Three signatures: the quote and both indices.
Input input_of(Key ak, std::uint64_t age_ms) {
    auto builder = ordinary_host(ak, age_ms);
    for (int i = 0; i < 29; ++i) builder.journal.push_back(builder.event(DeviceEventKind::insert));
    builder.sessions = {builder.session()};
    auto made = builder.build();
    require(made.appraise().result.tier == Tier::affirming, "the input is not affirming");
    auto evidence = encode_evidence(made.bundle.evidence);
    auto key = tcg::VerifyKey::from(tcg::parse_tpm_public(made.bundle.known_host.ak_public).value()).value();
    auto signature = tcg::parse_signature(made.bundle.evidence.signature).value();
    return {std::move(made), std::move(evidence), std::move(key), std::move(signature)};
}

void check_signatures(const Input& input, int count) {
    for (int i = 0; i < count; ++i) {
        require(input.key.verify(input.made.bundle.evidence.quote, input.signature) ==
                    tcg::SignatureVerdict::valid,
                "signature");
    }
}

void appraise_received(Input& input) {
    input.made.bundle.evidence = decode_evidence(input.evidence).value();
    require(input.made.appraise().result.tier == Tier::affirming, "tier");
}

OpenMatter stick_left_in(std::size_t number) {
    const auto identity = to_bytes(sha256(as_view(std::to_string(number))).view());
    OpenMatter out;
    out.id = "usb.unaccompanied";
    out.subject = fmt::format("USB port 1-{}", number + 3);
    out.tier = to_string(Tier::contraindicated);
    out.basis = to_string(Basis::bound);
    out.since = kNow - 3600;
    out.record = 1;
    out.device = MatterDevice{
        .ids = "0781:5581",
        .name = "SanDisk Ultra",
        .serial = fmt::format("4C5300010{}", number),
        .port = fmt::format("1-{}", number + 3),
        .controller = "0000:00:14.0",
        .identity = identity,
        .descriptors = identity,
        .came_from_ms = (kNow - 3700) * 1000,
        .came_to_ms = (kNow - 3700) * 1000,
        .how = "insert",
        .mounted = {},
        .bound = {"usb-storage"},
    };
    return out;
}

/// A report of a host where nothing moved, as the service takes it: only the clock is new, all other sections
/// are held, and the journal rests. Two signatures: the quote and the counter.
struct SteadyReport {
    AppraisalCase made;
    HeldSections held;
    Bytes received;
    Tier expected = Tier::affirming;

    /// `matters`: sticks that are in without a session, told before and again.
    explicit SteadyReport(std::uint64_t age_ms, std::size_t matters = 0) {
        auto builder = ordinary_host(Key::p256, age_ms);
        made = builder.build();
        const auto before = made.appraise().next;
        auto& known = made.bundle.known_host;
        known.journal_sequence = before.journal_sequence;
        known.journal_head = before.journal_head;
        known.journal_anchor = before.journal_anchor;
        known.watch = before.watch;
        for (std::size_t i = 0; i < matters; ++i) {
            if (!known.open) known.open.emplace();
            known.open->push_back(stick_left_in(i));
            expected = Tier::contraindicated;
        }
        auto& evidence = made.bundle.evidence;
        auto& journal = evidence.sections.at(std::string(section::kJournal));
        auto section = decode_journal_section(journal).value();
        section.records.clear();
        journal = encode_journal_section(section);
        evidence.manifest = manifest_of(builder.host, kBootId, evidence.sections);
        builder.seal(made);
        evidence.journal_proof->value_attest.clear();
        evidence.journal_proof->value_signature.clear();
        for (auto at = evidence.sections.begin(); at != evidence.sections.end();) {
            if (at->first == section::kClock) {
                ++at;
                continue;
            }
            held.emplace(at->first, std::make_shared<const HeldSection>(std::move(at->second)));
            at = evidence.sections.erase(at);
        }
        received = encode_proof({.evidence = evidence, .journal_from = 0, .ima_from = {}});
    }
    void take() const {
        const auto proof = decode_proof(received).value();
        const auto context = made.context();
        require(prove(proof.evidence, context.known_host.name, context.known_host.ak_public).has_value(),
                "proof");
        const auto result = judge::judge(open_evidence(proof.evidence, context, held), context).result;
        require(result.tier == expected,
                result.findings.empty() ? "tier" : result.findings.front().id.c_str());
    }
};

struct LogWork {
    Bytes log;
    tcg::QuotedBank quoted;
    std::vector<Bytes> covered;  // what has to be hashed to know that data is covered
    std::size_t extends = 0;

    explicit LogWork(const Input& input) : log(input.made.bundle.evidence.sections.at("boot-event-log")) {
        const auto built = ordinary_log();
        const auto values = built.tpm_values(HashAlgorithm::sha256);
        for (unsigned pcr = 0; pcr < 16; ++pcr) quoted.at(pcr) = *values.at(pcr);
        const auto replayed =
            tcg::ReplayedEventLog::against(tcg::parse_event_log(log).value(), HashAlgorithm::sha256, quoted);
        for (const auto& event : replayed.log().unverified_events()) {
            if (event.extends()) ++extends;
            if (const auto data = replayed.verified_data(event)) covered.push_back(to_bytes(*data));
        }
    }
    void replay() const {
        const auto replayed =
            tcg::ReplayedEventLog::against(tcg::parse_event_log(log).value(), HashAlgorithm::sha256, quoted);
        require(replayed.comparison(7).agreement == tcg::PcrAgreement::match, "replay");
    }
    void bare() const {
        auto value = Digest::filled(HashAlgorithm::sha256, std::byte{0});
        for (const auto& data : covered) value = sha256(data);
        for (std::size_t i = 0; i < extends; ++i) value = extend(value, value);
        require(!value.is_filled_with(std::byte{0}), "bare");
    }
};

/// A path root, intermediate, EK with a revocation list of each CA: what is looked at where a TPM is new.
struct EkWork {
    EkPathBuilder path;
    EkPathBuilder::Made made = path.make();
    AppraisalCase host = EvidenceBuilder().build();

    EkWork() {
        host.roots = {made.root.der()};
        host.revocation_lists = {make_revocation_list({}, made.root, path.root_key),
                                 make_revocation_list({}, made.intermediate, path.intermediate_key)};
        host.bundle.known_host.ek_certificates = {made.leaf.der(), made.intermediate.der()};
        host.bundle.known_host.ek_public = encode_tpm_public(ek_public(path.leaf_key));
    }
    void look_anew() const {
        const auto& known = host.bundle.known_host;
        require(ek_standing_now({known.ek_public, known.ek_certificates}, host.trust(), host.now).trusted,
                "EK");
    }
    void look_again() const { require(ek_standing(host.context())->trusted, "EK"); }
};

using Loop = std::function<void()>;

double best_nanoseconds(const Loop& loop, int iterations) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < iterations; ++i) loop();
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
    return taken.count() / iterations;
}

int run(int argc, char** argv) {
    if (argc == 3 && argv[1] == std::string_view("--log")) {
        const auto log = log_with_certificates().bytes();
        std::ofstream out(argv[2], std::ios::binary);
        out << as_text(log) << std::flush;
        require(out.good(), argv[2]);
        return 0;
    }
    std::array ecc{input_of(Key::p256, 0), input_of(Key::p256, 1)};
    std::array rsa{input_of(Key::rsa2048, 0), input_of(Key::rsa2048, 1)};
    const LogWork log(ecc[0]);
    const std::array steady{SteadyReport(0), SteadyReport(1)};
    const std::array steady_one{SteadyReport(2, 1), SteadyReport(3, 1)};
    const std::array steady_five{SteadyReport(4, 5), SteadyReport(5, 5)};
    std::size_t turn = 0;
    const auto next = [&](auto& pair) -> auto& { return pair.at(++turn % 2); };
    const EkWork ek;
    const std::map<std::string_view, Loop> loops{{"ecdsa-3", [&] { check_signatures(ecc[0], 3); }},
                                                 {"rsa-3", [&] { check_signatures(rsa[0], 3); }},
                                                 {"ecdsa-2", [&] { check_signatures(ecc[0], 2); }},
                                                 {"appraisal", [&] { appraise_received(next(ecc)); }},
                                                 {"appraisal-rsa", [&] { appraise_received(next(rsa)); }},
                                                 {"steady", [&] { next(steady).take(); }},
                                                 {"steady-open-1", [&] { next(steady_one).take(); }},
                                                 {"steady-open-5", [&] { next(steady_five).take(); }},
                                                 {"eventlog", [&] { log.replay(); }},
                                                 {"eventlog-sha256", [&] { log.bare(); }},
                                                 {"ek-new", [&] { ek.look_anew(); }},
                                                 {"ek-known", [&] { ek.look_again(); }}};
    if (argc == 3) {
        const auto loop = loops.find(argv[1]);
        require(loop != loops.end(), "no such loop");
        loop->second();  // what is kept from one to the next is made now
        assay_bench_measured(loop->second, std::strtol(argv[2], nullptr, 10));
        return 0;
    }
    std::map<std::string_view, double> best;
    const bool toy = argc == 2 && argv[1] == std::string_view("--toy");
    const int rounds = toy ? 1 : 15;
    const int iterations = toy ? 2 : 200;
    for (int round = 0; round < rounds; ++round) {
        for (const auto& [name, loop] : loops) {
            const auto taken = best_nanoseconds(loop, iterations);
            const auto [kept, first] = best.try_emplace(name, taken);
            if (!first) kept->second = std::min(kept->second, taken);
        }
    }
    std::string out;
    for (const auto& [name, nanoseconds] : best)
        out += fmt::format("{}\"{}\": {:.0f}", out.empty() ? "{" : ", ", name, nanoseconds);
    fmt::print("{}, \"log_bytes\": {}, \"evidence_bytes\": {}}}\n", out, log.log.size(),
               ecc[0].evidence.size());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "assay-bench: " << error.what() << "\n";
        return 1;
    }
}
