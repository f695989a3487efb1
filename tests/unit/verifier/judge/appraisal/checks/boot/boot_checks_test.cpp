#include <algorithm>

#include <catch2/catch.hpp>

#include "evidence/eventlog/event_payload.h"
#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/builders/payload_builder.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

const Bytes kCertificate = ByteWriter().u8(0x30).u8(0x82).u16be(60).bytes(Bytes(60, std::byte{7})).take();
const Bytes kRevokedImage(32, std::byte{0xd1});
constexpr std::string_view kOtherOwner = "11111111-2222-3333-4444-555555555555";

std::string hex(const Bytes& bytes) {
    return to_hex(bytes);
}

// A host whose firmware measured proper keys, and whose shim measured an SBAT level.
EvidenceBuilder host_with_keys() {
    EvidenceBuilder host;
    const auto certificates = signature_list(kX509Guid, {kCertificate});
    for (auto& event : host.log.events) {
        for (const auto& name : {"PK", "KEK", "db", "dbx"}) {
            if (event.data != efi_variable(name, as_view("keys"))) continue;
            const std::string_view guid =
                std::string_view(name).starts_with("db") ? kImageDatabaseGuid : tcg::kEfiGlobalVariable;
            const auto content = std::string_view(name) == "dbx"
                                     ? signature_list(kSha256Guid, {kRevokedImage, Bytes(32)})
                                     : certificates;
            event.data = event.measured = efi_variable_of(guid, name, content);
        }
    }
    host.log.add(7, tcg::EV_EFI_VARIABLE_AUTHORITY,
                 efi_variable_of(kShimLockGuid, "SbatLevel", as_view("sbat,1,2024010900\nshim,4\n")));
    return host;
}

BuiltEvent& variable(EvidenceBuilder& host, std::string_view name) {
    for (auto& event : host.log.events) {
        const auto parsed = tcg::parse_efi_variable(event.data);
        if (parsed && parsed->name == name) return event;
    }
    throw std::runtime_error("no such variable");
}
void measure(BuiltEvent& event, Bytes data) {
    event.data = event.measured = std::move(data);
}

SecureBootPolicy keys_policy() {
    SecureBootPolicy policy;
    policy.certificates = {sha256(kCertificate)};
    policy.revoked = {Digest::from_bytes(HashAlgorithm::sha256, kRevokedImage).value()};
    policy.dbx_at_least = 2;
    policy.sbat_level_at_least = "2024010900";
    return policy;
}

const CheckOutcome& outcome(const Appraisal& appraisal, std::string_view check) {
    const auto found = std::ranges::find(appraisal.result.checks, check, &CheckOutcome::check);
    REQUIRE(found != appraisal.result.checks.end());
    return *found;
}
std::vector<std::string> ids(const Appraisal& appraisal, std::string_view prefix) {
    std::vector<std::string> found;
    for (const auto& finding : appraisal.result.findings) {
        if (finding.id.starts_with(prefix)) found.push_back(finding.id);
    }
    return found;
}
using Ids = std::vector<std::string>;

Appraisal keys_of(EvidenceBuilder host, const SecureBootPolicy& policy = keys_policy()) {
    auto made = host.build();
    made.policy.boot.secure_boot = policy;
    return made.appraise();
}
Appraisal arguments_of(EvidenceBuilder host, BootArgumentsPolicy policy) {
    auto made = host.build();
    made.policy.boot.boot_arguments = std::move(policy);
    return made.appraise();
}
// GRUB starts a kernel: the command, and what the kernel gets.
EvidenceBuilder host_started_with(const std::string& arguments) {
    EvidenceBuilder host;
    auto& command = host.log.find(8, tcg::EV_IPL);
    command.data = to_bytes("grub_cmd: linux /vmlinuz " + arguments + '\0');
    command.measured = to_bytes("linux /vmlinuz " + arguments);
    host.log.add(8, tcg::EV_IPL, to_bytes("kernel_cmdline: /vmlinuz " + arguments + '\0'),
                 to_bytes("/vmlinuz " + arguments));
    return host;
}
const BootArgumentsPolicy kArguments{{"init=", "ima=off", "single", "systemd.debug-shell"},
                                     {"lockdown=integrity"}};
constexpr auto kKeysCheck = "secure_boot_keys_are_approved";
constexpr auto kArgumentsCheck = "boot_arguments_are_allowed";

}  // namespace

TEST_CASE("a policy without the tables judges neither keys nor arguments, and requires nothing of them") {
    const auto appraisal = EvidenceBuilder().build().appraise();
    for (const auto check : {kKeysCheck, kArgumentsCheck}) {
        CHECK(outcome(appraisal, check).tier == Tier::none);
        CHECK_FALSE(outcome(appraisal, check).required);
    }
    CHECK(appraisal.result.tier == Tier::affirming);
}

TEST_CASE("approved keys, a current dbx and a current SBAT level are affirming") {
    const auto appraisal = keys_of(host_with_keys());
    CHECK(outcome(appraisal, kKeysCheck).tier == Tier::affirming);
    CHECK(ids(appraisal, "secure_boot.").empty());
    CHECK(appraisal.result.tier == Tier::affirming);
    auto by_owner = keys_policy();
    by_owner.certificates.clear();
    by_owner.owners = {std::string(kOwnerGuid)};
    CHECK(keys_of(host_with_keys(), by_owner).result.tier == Tier::affirming);
}

TEST_CASE("a key in PK, KEK or db that the policy does not approve is contraindicated, and named") {
    for (const auto name : {"PK", "KEK", "db"}) {
        auto host = host_with_keys();
        auto& event = variable(host, name);
        const auto before = tcg::parse_efi_variable(event.data).value();
        const auto other = signature_list(kX509Guid, {Bytes(64, std::byte{9})}, kOtherOwner);
        measure(event, efi_variable_of(tcg::guid_text(before.guid), name,
                                       joined_bytes({to_bytes(before.data), other})));
        const auto appraisal = keys_of(host);
        REQUIRE(ids(appraisal, "secure_boot.") == Ids{"secure_boot.key_unapproved"});
        const auto& finding =
            *std::ranges::find(appraisal.result.findings, "secure_boot.key_unapproved", &Finding::id);
        CHECK(finding.subject == name);
        CHECK_THAT(finding.actual, Catch::Contains(std::string(kOtherOwner)));
        CHECK(appraisal.result.tier == Tier::contraindicated);
    }
}

TEST_CASE("an image in db by its hash is approved by its hash alone") {
    auto host = host_with_keys();
    measure(variable(host, "db"),
            efi_variable_of(kImageDatabaseGuid, "db", signature_list(kSha256Guid, {kRevokedImage})));
    CHECK(ids(keys_of(host), "secure_boot.") == Ids{"secure_boot.key_unapproved"});
    auto policy = keys_policy();
    policy.images = policy.revoked;
    CHECK(keys_of(host, policy).result.tier == Tier::affirming);
}

TEST_CASE("a dbx without what must be revoked, or with too few entries, is outdated") {
    auto host = host_with_keys();
    measure(variable(host, "dbx"), efi_variable_of(kImageDatabaseGuid, "dbx", {}));
    const auto empty = keys_of(host);
    CHECK(ids(empty, "secure_boot.") ==
          Ids{"secure_boot.revocations_outdated", "secure_boot.revocations_outdated"});
    CHECK(empty.result.tier == Tier::contraindicated);
    auto policy = keys_policy();
    policy.dbx_at_least = 3;
    CHECK(ids(keys_of(host_with_keys(), policy), "secure_boot.") == Ids{"secure_boot.revocations_outdated"});
}

TEST_CASE(
    "an SBAT level below the policy's is outdated; of two the lower counts; without one it is unknown") {
    auto policy = keys_policy();
    policy.sbat_level_at_least = "2025010100";
    CHECK(ids(keys_of(host_with_keys(), policy), "secure_boot.") == Ids{"secure_boot.revocations_outdated"});
    auto two = host_with_keys();
    two.log.add(7, tcg::EV_EFI_VARIABLE_AUTHORITY,
                efi_variable_of(kShimLockGuid, "SbatLevel", as_view("sbat,1\n")));
    CHECK(ids(keys_of(two), "secure_boot.") == Ids{"secure_boot.revocations_outdated"});
    auto none = host_with_keys();
    none.log.events.pop_back();
    CHECK(ids(keys_of(none), "secure_boot.") == Ids{"secure_boot.keys_unknown"});
    CHECK(keys_of(none).result.tier == Tier::none);
}

TEST_CASE("keys that are not shown, not readable, under another GUID or behind the separator are unknown") {
    auto unreadable = host_with_keys();
    measure(variable(unreadable, "db"), efi_variable_of(kImageDatabaseGuid, "db", as_view("no list")));
    CHECK(ids(keys_of(unreadable), "secure_boot.") ==
          Ids{"secure_boot.keys_unknown", "secure_boot.keys_unknown"});
    auto other_guid = host_with_keys();
    measure(variable(other_guid, "db"),
            efi_variable_of(kOtherOwner, "db", signature_list(kX509Guid, {kCertificate})));
    CHECK(ids(keys_of(other_guid), "secure_boot.") == Ids{"secure_boot.keys_unknown"});
    auto late = host_with_keys();
    const auto moved = variable(late, "PK");
    std::erase_if(late.log.events, [&](const auto& event) { return event.data == moved.data; });
    late.log.events.push_back(moved);
    const auto appraisal = keys_of(late);
    CHECK(std::ranges::count(ids(appraisal, "secure_boot."), "secure_boot.keys_unknown") == 1);
    CHECK(appraisal.result.tier == Tier::none);
}

TEST_CASE("setup mode, audit mode and an empty platform key are found under any policy") {
    for (const auto name : {"SetupMode", "AuditMode", "DeployedMode"}) {
        for (const bool on : {true, false}) {
            auto host = host_with_keys();
            const auto data = efi_variable(name, Bytes{std::byte{on}});
            host.log.events.insert(host.log.events.begin() + 3,
                                   {7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, data, data, false});
            const auto found = ids(host.build().appraise(), "secure_boot.setup_mode");
            CHECK(found.size() == (on && std::string_view(name) != "DeployedMode" ? 1 : 0));
        }
    }
    auto no_key = host_with_keys();
    measure(variable(no_key, "PK"), efi_variable("PK", {}));
    auto made = no_key.build();
    CHECK(made.appraise().result.tier == Tier::contraindicated);
    made.policy.secure_boot_required = false;
    CHECK(made.appraise().result.tier == Tier::warning);
}

TEST_CASE("a command line without what is forbidden and with what is required is affirming") {
    const auto appraisal =
        arguments_of(host_started_with("quiet lockdown=integrity initrd=x ima=on"), kArguments);
    CHECK(outcome(appraisal, kArgumentsCheck).tier == Tier::affirming);
    CHECK(outcome(appraisal, kArgumentsCheck).basis == Basis::quoted);
    CHECK(appraisal.result.tier == Tier::affirming);
}

TEST_CASE("a forbidden argument is found in each of its spellings") {
    for (const std::string argument :
         {"init=/bin/sh", "\"init=/bin/sh\"", "init=\"/bin/a b\"", "ima=off", "single", "single=1",
          "systemd.debug-shell", "systemd.debug_shell=1", "-- init=/bin/sh", "\tima=off"}) {
        INFO(argument);
        const auto appraisal = arguments_of(host_started_with("lockdown=integrity " + argument), kArguments);
        CHECK(ids(appraisal, "boot.") == Ids{"boot.argument_forbidden", "boot.argument_forbidden"});
        CHECK(appraisal.result.tier == Tier::contraindicated);
    }
    for (const std::string argument : {"myinit=/bin/sh", "ima=on", "singles", "x=\"a init=/bin/sh\""}) {
        INFO(argument);
        CHECK(ids(arguments_of(host_started_with("lockdown=integrity " + argument), kArguments), "boot.")
                  .empty());
    }
}

TEST_CASE("a required argument that is missing, or there with another value, is found") {
    for (const std::string arguments :
         {"quiet", "lockdown=none", "xlockdown=integrity", "lockdown=integrity2"}) {
        INFO(arguments);
        const auto appraisal = arguments_of(host_started_with(arguments), kArguments);
        CHECK(ids(appraisal, "boot.") == Ids{"boot.argument_missing", "boot.argument_missing"});
    }
}

TEST_CASE("a command line that is relabelled, hidden under another type or not measured does not pass") {
    const auto arguments = std::string("lockdown=integrity init=/bin/sh");
    auto host = host_started_with(arguments);
    auto made = host.build();
    made.policy.boot.boot_arguments = kArguments;
    const auto shown_as = [&](auto edit) {
        auto other = host;
        edit(other.log.events);
        auto shown = made;
        shown.bundle.evidence.sections[std::string(section::kBootEventLog)] = [&] {
            // The digests of the true log with the data and types of the other.
            auto log = host.log;
            for (std::size_t i = 0; i < log.events.size(); ++i) {
                log.events[i].data = other.log.events[i].data;
                log.events[i].type = other.log.events[i].type;
            }
            return log.bytes();
        }();
        shown.bundle.evidence.manifest = manifest_of(host.host, host.boot_id, shown.bundle.evidence.sections);
        host.seal(shown);
        return shown.appraise();
    };
    const auto relabelled = shown_as(
        [&](auto& events) { events.back().data = to_bytes("grub_cmd: /vmlinuz " + arguments + '\0'); });
    CHECK(ids(relabelled, "boot.") == Ids{"boot.argument_forbidden"});
    const auto hidden = shown_as([&](auto& events) {
        for (auto& event : events) {
            if (event.pcr != 8) continue;
            event.type = tcg::EV_COMPACT_HASH;
            event.data = to_bytes("nothing to see"sv);
        }
    });
    CHECK(ids(hidden, "boot.") ==
          Ids{"boot.arguments_unknown", "boot.arguments_unknown", "boot.arguments_unknown"});
    CHECK(hidden.result.tier == Tier::none);
    EvidenceBuilder silent;
    std::erase_if(silent.log.events, [](const auto& event) { return event.pcr == 8; });
    CHECK(ids(arguments_of(silent, kArguments), "boot.") == Ids{"boot.arguments_unknown"});
}

TEST_CASE("systemd-stub's command line counts, and a hidden one under PCR 12 does not pass for none") {
    EvidenceBuilder host;
    std::erase_if(host.log.events, [](const auto& event) { return event.pcr == 8; });
    const auto line = ByteWriter().bytes(utf16le("lockdown=integrity ima=off")).u16le(0).take();
    auto stub = host;
    stub.log.add(12, tcg::EV_IPL, line);
    CHECK(ids(arguments_of(stub, kArguments), "boot.") == Ids{"boot.argument_forbidden"});
    auto hidden = host;
    hidden.log.add(12, tcg::EV_IPL, ByteWriter().bytes(utf16le("Credentials initrd")).u16le(0).take(), line);
    CHECK(ids(arguments_of(hidden, kArguments), "boot.") ==
          Ids{"boot.arguments_unknown", "boot.arguments_unknown"});
    auto windows = host;  // a tagged event of Windows is no command line
    windows.log.add(12, tcg::EV_EVENT_TAG, ByteWriter().u32le(0x00010001).u32le(2).u16le(1).take());
    CHECK(ids(arguments_of(windows, kArguments), "boot.") == Ids{"boot.arguments_unknown"});
}

TEST_CASE("the EFI stub's digest makes the kernel's own word count, and no other word") {
    EvidenceBuilder host;
    std::erase_if(host.log.events, [](const auto& event) { return event.pcr == 8; });
    const std::string line = "root=/dev/sda2 lockdown=integrity ima=off";
    const auto tag =
        ByteWriter().u32le(tcg::kLinuxLoadOptionsTag).u32le(26).text("LOADED_IMAGE::LoadOptions\0"sv);
    host.log.add(9, tcg::EV_EVENT_TAG, ByteWriter(tag).take(),
                 ByteWriter().bytes(utf16le(line)).u16le(0).take());
    const auto says = [&](const std::string& claimed) {
        KernelSection kernel;
        kernel.command_line = claimed;
        auto told = host;
        told.before_manifest = [&](AppraisalCase& made) {
            made.bundle.evidence.sections[std::string(section::kKernel)] = encode_kernel_section(kernel);
        };
        return ids(arguments_of(told, kArguments), "boot.");
    };
    CHECK(says(line + "\n") == Ids{"boot.argument_forbidden"});
    CHECK(says("root=/dev/sda2 lockdown=integrity") == Ids{"boot.arguments_unknown"});
}

TEST_CASE("separators, errors and ExitBootServices are judged where their PCR replays") {
    const auto milestones = [](auto edit) {
        EvidenceBuilder host;
        edit(host.log);
        return host.build().appraise();
    };
    const auto whole = milestones([](auto&) {});
    CHECK(outcome(whole, "boot_reached_its_milestones").tier == Tier::affirming);
    CHECK(ids(whole, "boot.").empty());
    const auto none = milestones([](auto& log) {
        std::erase_if(log.events, [](const auto& e) { return e.pcr == 2 && e.type == tcg::EV_SEPARATOR; });
        log.add(2, tcg::EV_EFI_BOOT_SERVICES_DRIVER, image_load_event("driver"), to_bytes("driver"sv));
    });
    CHECK(ids(none, "boot.") == Ids{"boot.separator"});
    CHECK(ids(milestones([](auto& log) { log.add(3, tcg::EV_SEPARATOR, Bytes(4)); }), "boot.") ==
          Ids{"boot.separator"});
    const auto error = milestones([](auto& log) {
        log.find(1, tcg::EV_SEPARATOR).measured = ByteWriter().u32le(1).take();
        log.find(1, tcg::EV_SEPARATOR).data = to_bytes("no SMBIOS"sv);
    });
    CHECK(ids(error, "boot.error_measured").size() == 1);
    CHECK(error.result.tier == Tier::contraindicated);
    const auto no_exit = milestones([](auto& log) {
        std::erase_if(log.events, [](const auto& e) { return e.pcr == 5 && e.type == tcg::EV_EFI_ACTION; });
    });
    CHECK(ids(no_exit, "boot.") == Ids{"boot.exit"});
    CHECK(no_exit.result.tier == Tier::warning);
}

TEST_CASE("firmware that measures its protections as off is believed, and silence is no proof") {
    CHECK(outcome(EvidenceBuilder().build().appraise(), "firmware_protections_are_on").tier == Tier::none);
    for (const auto& [text, id] : {std::pair{"DMA Protection Disabled"sv, "boot.dma_unprotected"},
                                   std::pair{"UEFI Debug Mode"sv, "boot.debug_mode"}}) {
        EvidenceBuilder host;
        const auto data = to_bytes(text);
        host.log.events.insert(host.log.events.begin() + 3, {7, tcg::EV_EFI_ACTION, data, data, false});
        const auto appraisal = host.build().appraise();
        CHECK(ids(appraisal, "boot.") == Ids{id});
        CHECK(appraisal.result.tier == Tier::warning);
    }
}

TEST_CASE("the tables of the boot are read, and refused by line when they cannot mean what they say") {
    const std::string base =
        "name = \"p\"\nversion = 3\nrequired_sections = [\"pcrs\"]\npcr_selection = "
        "\"sha256:0,7\"\nchallenge_lifetime_s = 60\n"
        "secure_boot_required = true\nek_certificate_required = false\n";
    const auto policy = Policy::from_toml(
        "p.toml", base + "[secure_boot]\nowners = [\"" + std::string(kOwnerGuid) + "\"]\ncertificates = [\"" +
                      hex(kRevokedImage) + "\"]\ndbx_at_least = 200\nsbat_level_at_least = \"2024010900\"\n" +
                      "[boot_arguments]\nforbidden = [\"init=\"]\n");
    INFO((policy ? "" : describe(policy.error())));
    REQUIRE(policy);
    CHECK(policy->boot.secure_boot->dbx_at_least == 200);
    CHECK(policy->boot.boot_arguments->forbidden == Ids{"init="});
    CHECK(policy->required_checks.contains(kKeysCheck));
    CHECK(policy->required_checks.contains(kArgumentsCheck));
    for (const auto* table :
         {"[secure_boot]\n", "[secure_boot]\nowner = [\"x\"]\n", "[secure_boot]\nowners = [\"77FA9ABD\"]\n",
          "[secure_boot]\nrevoked = [\"12\"]\n", "[secure_boot]\ndbx_at_least = 0\n",
          "[secure_boot]\nsbat_level_at_least = \"2024\"\n", "[boot_arguments]\n",
          "[boot_arguments]\nforbidden = [\"a b\"]\n", "[boot_arguments]\nrequired = [\"=x\"]\n",
          "[[boot_arguments]]\nforbidden = [\"init=\"]\n"}) {
        INFO(table);
        const auto refused = Policy::from_toml("p.toml", base + table);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().context, Catch::Contains("p.toml:"));
    }
}
