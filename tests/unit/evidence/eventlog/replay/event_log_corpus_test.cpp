// Real boot event logs of 77 machines and fixtures, each held against what others say of it.
//
// The oracle of a log is the first of these that exists:
//   1. PCR values that its publisher read from the TPM (expected/FILE.upstream-pcrs.tsv);
//   2. tpm2_eventlog of 2026, where it exits 0: the release in Debian 12 computes a wrong PCR 0 for logs with
//      StartupLocality, so that one is never the oracle;
//   3. a plain replay in Python, which stands for what is left: logs that both versions refuse (PCR index
//      0xffffffff, CCEL, TPM 1.2) and that IBM's tool replays to the same values.
//      What it could read to the end without finding a PCR (a Spec ID event alone, a CCEL of SM3 digests)
//      must parse.
// Where none of them read the file to its end it is no log, and must be refused with an offset.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "evidence/eventlog/event_log.h"
#include "evidence/eventlog/replay/event_log_json.h"
#include "evidence/eventlog/replay/replay.h"
#include "tests/support/machine/skip.h"

namespace {

using namespace assay;
using namespace assay::tcg;
namespace fs = std::filesystem;

using Pcrs = std::map<std::pair<std::string, int>, std::string>;  // (bank, index) -> hex

struct Expectation {
    std::string oracle;
    Pcrs pcrs;
};

Bytes read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return to_bytes(text);
}

Pcrs read_tsv(const fs::path& path) {
    Pcrs pcrs;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        std::string bank;
        std::string hex;
        int index = 0;
        if (!line.starts_with('#') && fields >> bank >> index >> hex) pcrs[{bank, index}] = hex;
    }
    return pcrs;
}

// pcrs:\n  sha1:\n    0  : 0x...
Pcrs read_yaml(const fs::path& path) {
    Pcrs pcrs;
    std::ifstream in(path);
    std::string bank;
    for (std::string line; std::getline(in, line);) {
        if (line.find("exit_code:") != std::string::npos && !line.ends_with(" 0")) return {};
        if (line.starts_with("#") || line.starts_with("pcrs")) continue;
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        const auto value = line.find("0x");
        std::istringstream key(line.substr(0, colon));
        if (value == std::string::npos) {
            key >> bank;
        } else if (int index = 0; key >> index) {
            pcrs[{bank, index}] = line.substr(value + 2);
        }
    }
    return pcrs;
}

Expectation expectation_for(const fs::path& log) {
    const auto beside = (log.parent_path() / "expected" / log.filename()).string();
    if (fs::file_size(log) == 0) return {"refused", {}};
    // One log with three quotes of one machine: it belongs to the first of them.
    if (auto pcrs = read_tsv(beside + ".upstream-pcrs-of-good-1.tsv"); !pcrs.empty())
        return {"upstream", std::move(pcrs)};
    if (auto pcrs = read_tsv(beside + ".upstream-pcrs.tsv"); !pcrs.empty())
        return {"upstream", std::move(pcrs)};
    if (auto pcrs = read_yaml(beside + ".tpm2_eventlog-2026.pcrs.yaml"); !pcrs.empty())
        return {"tpm2_eventlog-2026", std::move(pcrs)};
    std::ifstream in(beside + ".python-replay.tsv");
    std::string summary;
    std::getline(in, summary);
    const bool read_all = summary.ends_with(" 0 bytes left") ||
                          log.filename() == "cos-113-intel-tdx-dupe-separator.bin" ||
                          log.filename() == "txt-logs.bin" ||
                          log.parent_path().filename() == "trustee-ccel";  // the rest of the area is fill
    if (!read_all) return {"refused", {}};
    return {"python-replay", read_tsv(beside + ".python-replay.tsv")};
}

// What is wrong with the replay; empty when it is as expected. PCRs that no event extended are the kernel's
// or the TPM's own (IMA in 10, reset values) and say nothing about the log.
std::string differences(const ReplayedPcrs& replayed, const Expectation& expected) {
    std::string text;
    std::size_t compared = 0;
    for (const auto& bank : replayed.banks) {
        for (int pcr = 0; pcr < static_cast<int>(kPcrCount); ++pcr) {
            const auto& value = bank.pcrs.at(static_cast<std::size_t>(pcr));
            const auto found = expected.pcrs.find({std::string(to_string(bank.bank)), pcr});
            if (value.events == 0 || found == expected.pcrs.end()) continue;
            ++compared;
            if (found->second != value.value.hex()) {
                text += " " + std::string(to_string(bank.bank)) + ":" + std::to_string(pcr);
            }
        }
    }
    return compared == 0 && !expected.pcrs.empty() ? " nothing to compare" : text;
}

std::vector<fs::path> corpus() {
    std::vector<fs::path> logs;
    const fs::path root = fs::path(ASSAY_CORPUS_DIR) / "eventlog";
    if (!fs::exists(root)) return logs;
    for (const auto& source : fs::directory_iterator(root)) {
        if (!source.is_directory()) continue;
        for (const auto& file : fs::directory_iterator(source.path())) {
            if (file.is_regular_file() && file.path().filename() != "MANIFEST.tsv")
                logs.push_back(file.path());
        }
    }
    std::ranges::sort(logs);
    return logs;
}

// Differences that are right: each is looked at by hand, and what is said of it is checked.
const std::map<std::string, std::string> kKnown{
    // Windows measured into the SHA-256 bank alone: the log's SHA-1 digests stop at the loader, the TPM's
    // SHA-1 bank holds
    // other values from the start. All SHA-256 PCRs agree.
    {"immune-guard/IMN-SUPERMICRO-EPP-MSDefender.bin",
     " sha1:0 sha1:1 sha1:2 sha1:3 sha1:4 sha1:5 sha1:6 sha1:7"},
    {"immune-guard/IMN-SUPERMICRO-WBCL-Quote-AIKs.bin",
     " sha1:0 sha1:1 sha1:2 sha1:3 sha1:4 sha1:5 sha1:6 sha1:7"},
    // An Intel TXT log: the dynamic launch sets PCRs 17 and 18 to zero, which the plain replay does not know.
    {"intel-secl/txt-logs.bin", " sha1:17 sha1:18 sha256:17 sha256:18"},
    // Called invalid for a Boot variable that is no UEFI_VARIABLE_DATA (event 31): its structure is sound, so
    // it parses, and
    // that one event's data is a mismatch that nobody can use.
    {"intel-secl/uefi_event_log_invalid.bin", " accepted"},
};

}  // namespace

TEST_CASE("real boot event logs replay to the values that their machines or their publishers give") {
    const auto logs = corpus();
    if (logs.empty()) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    std::map<std::string, int> agreed;
    std::vector<std::string> others;
    for (const auto& path : logs) {
        const auto bytes = read(path);
        const auto expected = expectation_for(path);
        const auto name = path.parent_path().filename().string() + "/" + path.filename().string();
        const auto log = parse_event_log(bytes);
        std::string outcome;
        if (log) {
            outcome = expected.oracle == "refused" ? " accepted" : differences(replay(*log), expected);
            CHECK(inspect_event_log(bytes).has_value());
        } else {
            CHECK(log.error().offset.has_value());
            CHECK_FALSE(log.error().context.empty());
            if (expected.oracle != "refused") outcome = " refused: " + describe(log.error());
        }
        if (outcome.empty()) {
            ++agreed[expected.oracle];
        } else {
            const auto known = kKnown.find(name);
            CHECK((known != kKnown.end() && known->second == outcome));
            others.push_back(name + " (" + expected.oracle + "):" + outcome);
        }
    }
    int total = 0;
    for (const auto& [oracle, count] : agreed) {
        std::cout << "boot event logs as " << oracle << " says: " << count << "\n";
        total += count;
    }
    std::cout << "boot event logs as expected: " << total << " of " << logs.size() << "\n";
    for (const auto& line : others) std::cout << "  other: " << line << "\n";
    CHECK(total >= 70);
}
