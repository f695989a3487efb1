#include "agent/collectors/pci_spaces.h"

#include <catch2/catch.hpp>

#include "agent/collectors/collectors.h"
#include "agent/devices/host/recorded_host.h"
#include "tests/support/machine/sample_machine.h"
#include "tests/support/machine/value.h"

using namespace assay;
using namespace assay::agent;
using test::SampleMachine;

namespace {

constexpr std::string_view kNvme = "0000:3b:00.0";
constexpr std::string_view kBoot = "0f8fad5b-d9cb-469f-a165-70867728950e";  // the sample machine's
const std::string kNvmeConfig = "/sys/bus/pci/devices/0000:3b:00.0/config";

Bytes space(std::size_t size, char fill = '\x86') {
    return to_bytes(std::string(size, fill));
}

// The sample machine as a service without privilege sees it, beside what root left for it.
SampleMachine cut(const std::optional<PciSpaces>& left) {
    SampleMachine machine;
    for (const auto* address : {"0000:00:1f.6", "0000:3b:00.0"})
        machine.file(fmt::format("/sys/bus/pci/devices/{}/config", address), std::string(64, '\x86'));
    if (left) machine.file(std::string(kPciSpacesFile), as_text(encode_pci_spaces(*left)));
    return machine;
}

PciSpaces left_by_root() {
    return {std::string(kBoot), 4000, {{"0000:00:1f.6", space(256)}, {std::string(kNvme), space(4096)}}};
}

struct WithGaps {
    std::vector<PciFunction> functions;
    std::vector<Gap> gaps;
};

WithGaps collected(const SampleMachine& machine) {
    RecordedHost host(machine.recording);
    GapLog gaps;
    const auto section = collect_pci({host, nullptr, {}}, gaps);
    REQUIRE(section);
    return {test::value(decode_pci_section(*section)), gaps.gaps()};
}

std::string reason(const SampleMachine& machine) {
    const auto outcome = collected(machine);
    REQUIRE(outcome.gaps.size() == 1);
    CHECK_THAT(outcome.gaps[0].reason, Catch::Contains("systemctl start assay-agent-pci.service"));
    return outcome.gaps[0].reason;
}

}  // namespace

TEST_CASE("PCI: what root left behind the header completes it, with the header as it is now, and is no gap") {
    auto spaces = left_by_root();
    spaces.functions[std::string(kNvme)][5] = std::byte{0x07};  // the command register, as it was then
    const auto outcome = collected(cut(spaces));
    CHECK(outcome.gaps.empty());
    REQUIRE(outcome.functions.size() == 2);
    CHECK(outcome.functions[0].config == space(256));
    CHECK(outcome.functions[1].config == space(4096));
}

TEST_CASE("PCI: without what root leaves, with one of another boot, one that is old or none, a gap says so") {
    CHECK_THAT(reason(cut(std::nullopt)), Catch::StartsWith("of 2 functions only the first 64 bytes"));
    auto other = left_by_root();
    other.boot_id = "another";
    CHECK_THAT(reason(cut(other)), Catch::Contains("stale, it is of another boot"));
    auto later = left_by_root();
    later.boottime_ms = 5001;
    CHECK_THAT(reason(cut(later)), Catch::Contains("stale"));
    auto old = cut(left_by_root());
    old.answer("clock", "", {"1700000000000", std::to_string(4000 + (3 * 3600 + 1) * 1000), "synchronised"});
    CHECK_THAT(reason(old), Catch::Contains("expected one of the last 3 h, got one of 10801 s ago"));
    auto broken = cut(std::nullopt);
    broken.file(std::string(kPciSpacesFile), "no CBOR");
    CHECK(collected(broken).gaps.size() == 1);
}

TEST_CASE("PCI: a function that came later, or is another one by now, is a gap and the others are whole") {
    auto spaces = left_by_root();
    spaces.functions.erase(std::string(kNvme));
    CHECK_THAT(reason(cut(spaces)),
               Catch::Contains("of 1 functions") && Catch::Contains("was not there yet"));
    for (const std::size_t at : {0x00, 0x02, 0x08, 0x0a, 0x0e}) {
        spaces = left_by_root();
        spaces.functions[std::string(kNvme)][at] = std::byte{0x11};
        CHECK_THAT(reason(cut(spaces)), Catch::Contains("is another device than when"));
    }
    // Bytes 0x2c on are the subsystem's of an ordinary function, and a bridge has something else there.
    spaces = left_by_root();
    spaces.functions[std::string(kNvme)][0x2c] = std::byte{0x11};
    CHECK(collected(cut(spaces)).gaps.empty());
    auto header = space(64, '\0');
    auto read = space(256, '\0');
    CHECK(whole_space({"", 0, {{"a", read}}}, "a", header));
    read[0x2c] = std::byte{0x11};
    CHECK_FALSE(whole_space({"", 0, {{"a", read}}}, "a", header));
}

TEST_CASE("PCI: root reads every function whole, and without the privilege says what it needs") {
    const SampleMachine machine;
    RecordedHost host(machine.recording);
    const auto spaces = test::value(read_pci_spaces(host));
    CHECK(spaces == PciSpaces{std::string(kBoot),
                              5000,
                              {{"0000:00:1f.6", space(256)}, {std::string(kNvme), space(256)}}});
    CHECK(test::value(decode_pci_spaces(encode_pci_spaces(spaces))) == spaces);
    const auto without = cut(std::nullopt);
    RecordedHost poor(without.recording);
    const auto refused = read_pci_spaces(poor);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::refused);
    CHECK_THAT(refused.error().context, Catch::Contains("expected CAP_SYS_ADMIN"));
}
