#include "evidence/eventlog/replay/event_log_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/builders/payload_builder.h"

namespace {

using namespace assay;
using namespace assay::test;

std::string written(const Bytes& log) {
    std::string text;
    const auto done = tcg::write_event_log(log, [&text](std::string_view piece) { text += piece; });
    CHECK(done.has_value() == tcg::inspect_event_log(log).has_value());
    return text;
}

}  // namespace

TEST_CASE("a log that is written event by event is the text of its tree") {
    auto log = EventLogBuilder::typical();
    SECTION("as it comes") {}
    SECTION("with texts that look like the JSON around them") {
        log.add(8, tcg::EV_IPL, to_bytes("grub_cmd: \n  \"events\": []\n\0"sv));
        log.add(5, tcg::EV_EFI_ACTION, to_bytes("\n  \"events\": ["sv));
    }
    SECTION("of its header alone") {
        log.events.clear();
    }
    SECTION("with lists inside of an event") {
        log.add(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG,
                efi_variable("dbx", signature_list(kSha256Guid, {Bytes(32), Bytes(32)})));
        log.add(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, efi_variable("db", {}));
    }
    const auto bytes = log.bytes();
    CHECK(written(bytes) == tcg::inspect_event_log(bytes)->dump(2) + "\n");
}

TEST_CASE("of a log that does not parse nothing is written") {
    auto bytes = EventLogBuilder::typical().bytes();
    bytes.pop_back();
    CHECK(written(bytes).empty());
    CHECK(written({}).empty());
}
