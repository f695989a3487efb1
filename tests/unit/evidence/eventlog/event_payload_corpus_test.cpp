// The payloads of every event of the real logs: what is read, what is not and why, and that an edit of data
// whose digest is kept shows.
#include <array>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_payload.h"
#include "evidence/eventlog/replay/replay.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"

namespace {

using namespace assay;
using namespace assay::tcg;

// Calls `visit` with the mutable bytes and the parsed log of each file that is one; counts them.
template <typename Visit>
std::size_t for_each_log(Visit visit) {
    std::size_t logs = 0;
    for (const auto& source : std::filesystem::directory_iterator(corpus::folder("eventlog"))) {
        if (!source.is_directory()) continue;
        for (const auto& file : std::filesystem::directory_iterator(source.path())) {
            if (!file.is_regular_file() || file.path().extension() == ".tsv") continue;
            auto bytes = corpus::read(file.path());
            const auto log = parse_event_log(bytes);
            if (!log) continue;
            INFO(file.path().filename().string());
            visit(bytes, *log);
            ++logs;
        }
    }
    return logs;
}

std::string unread_as(const ParsedEvent& event, const EventPayload& payload) {
    if (const auto* unread = std::get_if<UnreadPayload>(&payload)) {
        const auto known = unread->why == "no structure is known for this data" || unread->why == "no data";
        return event_type_name(event.unverified_type) + ": " + (known ? unread->why : "broken");
    }
    if (const auto* variable = std::get_if<VariablePayload>(&payload)) {
        if (const auto* content = std::get_if<UnreadContent>(&variable->content))
            return "variable " + variable->variable.name + ": " + content->why;
    }
    return {};
}

}  // namespace

TEST_CASE("the payloads of real logs are read, and what is not read is named") {
    if (!corpus::present("eventlog")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    std::map<std::string_view, int> forms;
    std::map<std::string, int> unread;
    const auto logs = for_each_log([&](const Bytes&, const ParsedEventLog& log) {
        for (const auto& event : log.unverified_events()) {
            const auto payload = read_event_payload(event);
            ++forms[payload_form(payload)];
            if (const auto why = unread_as(event, payload); !why.empty()) ++unread[why];
            CHECK(describe_unverified_data(event).size() <= 203);
        }
    });
    for (const auto& [form, count] : forms) std::cout << "payloads read as " << form << ": " << count << "\n";
    for (const auto& [why, count] : unread) std::cout << "  not read: " << count << " " << why << "\n";
    if (logs != 74) ASSAY_SKIP("another corpus than the one that was counted");
    CHECK(forms["text"] == 2195);
    CHECK(forms["variable"] == 955);
    CHECK(forms["separator"] == 549);
    CHECK(forms["image-load"] == 238);
    CHECK(forms["firmware-blob"] == 217);
    CHECK(forms["tagged"] == 120);
    CHECK(forms["handoff-tables"] == 64);
    CHECK(forms["partition-table"] == 62);
    CHECK(forms["startup-locality"] == 15);
    CHECK(forms["sp800-155"] == 2);
    CHECK(forms["unread"] == 60);
    // One is a log that its publisher made invalid; the others are what no specification describes.
    CHECK(unread["EV_EFI_VARIABLE_BOOT: broken"] == 1);
    for (const auto& [why, count] : unread) {
        INFO(why);
        CHECK((count > 0 && (why == "EV_EFI_VARIABLE_BOOT: broken" || why.find("no ") != std::string::npos)));
    }
}

TEST_CASE("an edited byte of covered data in a real log shows, whatever the event and its digest are") {
    if (!corpus::present("eventlog")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    std::map<std::string, int> caught;
    for_each_log([&](Bytes& bytes, const ParsedEventLog& log) {
        for (const auto& event : log.unverified_events()) {
            if (event.digests.empty()) continue;
            const auto bank = event.digests.back().algorithm();
            const auto before = data_coverage(event, bank);
            if (before.coverage != DataCoverage::covered || before.covered.empty()) continue;
            const auto covered = static_cast<std::size_t>(before.covered.data() - bytes.data());
            const auto payload = read_event_payload(event);
            const auto* variable = std::get_if<VariablePayload>(&payload);
            const auto* text = std::get_if<TextPayload>(&payload);
            const bool own_words =
                variable != nullptr || event.unverified_type == EV_SEPARATOR ||
                event.unverified_type == EV_EFI_ACTION || event.unverified_type == EV_EFI_GPT_EVENT ||
                (text != nullptr &&
                 (text->kind == TextKind::grub_command || text->kind == TextKind::kernel_command_line));
            const auto name = variable != nullptr ? variable->variable.name
                              : text != nullptr   ? std::string(to_string(text->kind))
                                                  : std::string(payload_form(payload));
            for (const auto at : std::set{covered, covered + before.covered.size() / 2,
                                          covered + before.covered.size() - 1}) {
                bytes.at(at) ^= std::byte{1};
                const auto after = data_coverage(event, bank);
                bytes.at(at) ^= std::byte{1};
                INFO(name << " event " << event.index << " byte " << at);
                CHECK(after.coverage != DataCoverage::covered);
                // Old GRUBs' texts hash in several ways, so for them an edit is merely not covered.
                if (own_words && before.rule != CoverageRule::after_prefix)
                    CHECK(after.coverage == DataCoverage::mismatch);
                ++caught[name];
            }
        }
    });
    for (const auto name :
         {"SecureBoot", "PK", "KEK", "db", "dbx", "MokListTrusted", "SbatLevel", "BootOrder", "grub-command",
          "kernel-command-line", "action", "separator", "partition-table"}) {
        INFO(name);
        CHECK(caught[name] > 0);
    }
}
