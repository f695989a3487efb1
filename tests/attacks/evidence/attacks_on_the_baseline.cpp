#include "tests/attacks/evidence/tampering.h"
#include "tests/support/appraisal/baseline_builder.h"

// Devices that pretend to be the BMC's, and what is done through the BMC from afar.
using namespace assay;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

void judged_by_baseline(Case& made) {
    static const auto kDb = with_baselines({bmc_baseline()});
    made.vendors = &kDb;
}

// A host whose journal tells of `record`, judged by the baseline; somebody accompanied is there all the time.
void adds(const Builder& honest, Case& made, JournalRecord record) {
    auto builder = honest;
    builder.journal.push_back(std::move(record));
    resigned(builder, made, section::kJournal, Builder::encoded_journal(builder.journal));
    made.bundle.sessions = {builder.session()};
    judged_by_baseline(made);
}

JournalRecord comes(const Builder& builder, UsbDevice device) {
    auto record = builder.event(DeviceEventKind::insert);
    record.device = std::move(device);
    return record;
}

Bytes other_release() {
    auto descriptors = build::usb_descriptors();
    descriptors.at(12) = std::byte{7};
    return descriptors;
}

}  // namespace

ATTACK("baseline: the BMC's ids at the front", "plugs in a stick that shows the ids of the BMC's disk",
       "usb.impersonation", honest_host,
       [](Builder& host, Case& made) { adds(host, made, comes(host, bmc_device("1-4"))); })
ATTACK("baseline: the BMC's ids on another controller", "uses the same port number of an added controller",
       "usb.impersonation", honest_host, [](Builder& host, Case& made) {
           auto device = bmc_device();
           device.controller = "0000:5e:00.0";
           adds(host, made, comes(host, std::move(device)));
       })
ATTACK("baseline: the BMC's ids, other descriptors",
       "shows the BMC's ids at the BMC's port with an interface more", "usb.impersonation", honest_host,
       [](Builder& host, Case& made) { adds(host, made, comes(host, bmc_device("1-1", other_release()))); })
ATTACK("baseline: a medium from afar", "puts a disc into the BMC's drive over its console", "usb.bmc_media",
       honest_host, [](Builder& host, Case& made) { adds(host, made, bmc_use(host, 734'003'200)); })
ATTACK("baseline: mounted from afar", "mounts the BMC's medium and hides its size", "usb.bmc_media",
       honest_host, [](Builder& host, Case& made) {
           auto record = bmc_use(host, 0);
           record.use->mounted_at = {"/mnt"};
           adds(host, made, std::move(record));
       })
ATTACK("baseline: the BMC's disk comes with a medium", "attaches the virtual disk while the host runs",
       "usb.bmc_media", honest_host,
       [](Builder& host, Case& made) { adds(host, made, comes(host, bmc_device())); })
ATTACK(
    "baseline: the BMC's keyboard", "opens the remote console", "usb.bmc_console", honest_host,
    [](Builder& host, Case& made) {
        auto keyboard = bmc_device();
        ByteWriter out;  // a boot keyboard, as iLO shows it when a console opens
        out.u8(18).u8(1).u16le(0x0200).u8(0).u8(0).u8(0).u8(8).u16le(0x03f0).u16le(0x7029).u16le(1);
        out.u8(0).u8(0).u8(0).u8(1).u8(9).u8(2).u16le(25).u8(1).u8(1).u8(0).u8(0x80).u8(50);
        out.u8(9).u8(4).u8(0).u8(0).u8(1).u8(3).u8(1).u8(1).u8(0).u8(7).u8(5).u8(0x81).u8(3).u16le(8).u8(10);
        keyboard.descriptors = out.take();
        adds(host, made, comes(host, std::move(keyboard)));
    },
    Tier::warning)
ATTACK(
    "baseline: the BMC's network interface", "brings the BMC's interface up, as a way in", "usb.bmc_network",
    honest_host, [](Builder& host, Case& made) { adds(host, made, bmc_use(host, 0, true)); }, Tier::warning)

TEST_CASE("baseline: a stick with ids of its own and an empty drive of the BMC are affirming", "[attack]") {
    Builder builder;
    auto made = builder.build();
    auto stick = bmc_device("1-4", usb_descriptors_of(0x0781, 0x5581));
    stick.manufacturer = "Good Systems";
    adds(builder, made, comes(builder, std::move(stick)));
    CHECK(made.appraise().result.tier == Tier::affirming);
    auto empty = builder.build();
    adds(builder, empty, bmc_use(builder, 0));
    CHECK(empty.appraise().result.tier == Tier::affirming);
}
