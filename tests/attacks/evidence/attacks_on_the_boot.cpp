#include "tests/attacks/evidence/tampering.h"
#include "tests/support/builders/payload_builder.h"

// What a boot can be made to be, on a machine whose TPM then tells of it: Secure Boot, milestones, the
// kernel's command line.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

}  // namespace

ATTACK("Secure Boot: moved to another PCR", "moves the SecureBoot event to PCR 1", "pcr.mismatch",
       honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made,
                     [](EventLogBuilder& log) { log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG).pcr = 1; });
       })
ATTACK(
    "Secure Boot: a value that is neither on nor off", "measures two bytes as SecureBoot",
    "secure_boot.unknown",
    [](Builder& b) {
        const auto odd = efi_variable("SecureBoot", Bytes(2, std::byte{1}));
        b.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG) =
            BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, odd, odd};
    },
    untouched, Tier::none)
ATTACK(
    "Secure Boot: a variable behind the separator", "changes db after the firmware has closed PCR 7",
    "secure_boot.order",
    [](Builder& b) {
        b.log.add(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, efi_variable("db", as_view("other keys")));
    },
    untouched, Tier::warning)
ATTACK(
    "Secure Boot: no separator", "boots firmware that never closes PCR 7", "secure_boot.order",
    [](Builder& b) {
        std::erase_if(b.log.events, [](const BuiltEvent& event) {
            return event.pcr == 7 && event.type == tcg::EV_SEPARATOR;
        });
    },
    untouched, Tier::warning)
ATTACK(
    "Secure Boot: two separators", "closes PCR 7 twice", "secure_boot.order",
    [](Builder& b) { b.log.add(7, tcg::EV_SEPARATOR, Bytes(4)); }, untouched, Tier::warning)

ATTACK(
    "Secure Boot: a name that is no text", "measures SecureBoot with half a surrogate pair in its name",
    "secure_boot.unknown",
    [](Builder& b) {
        auto odd = efi_variable("SecureBoot", Bytes{std::byte{1}});
        odd.at(32 + 1) = std::byte{0xd8};
        b.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG) =
            BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, odd, odd};
    },
    untouched, Tier::none)
ATTACK(
    "Secure Boot: overlapping signature lists", "measures a db whose first list reaches into the second",
    "secure_boot.keys_unknown",
    [](Builder& b) {
        const auto list = signature_list(kSha256Guid, {Bytes(32)});
        auto lists = joined_bytes({list, list});
        lists.at(16) = static_cast<std::byte>(list.size() + 40);
        b.log.events.insert(b.log.events.begin() + 3,
                            BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG,
                                       efi_variable_of(kImageDatabaseGuid, "db", lists),
                                       efi_variable_of(kImageDatabaseGuid, "db", lists)});
    },
    [](Builder&, Case& made) { made.policy.boot.secure_boot.emplace().dbx_at_least = 1; }, Tier::none)
ATTACK(
    "Secure Boot: setup mode", "boots in setup mode, where anybody may write the keys",
    "secure_boot.setup_mode",
    [](Builder& b) {
        const auto on = efi_variable("SetupMode", Bytes{std::byte{1}});
        b.log.events.insert(b.log.events.begin() + 3,
                            BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, on, on});
    },
    untouched)
ATTACK(
    "Secure Boot: setup mode hidden under another type", "shows the SetupMode event as a firmware volume",
    "secure_boot.setup_mode",
    [](Builder& b) {
        const auto on = efi_variable("SetupMode", Bytes{std::byte{1}});
        b.log.events.insert(b.log.events.begin() + 3,
                            BuiltEvent{7, tcg::EV_EFI_PLATFORM_FIRMWARE_BLOB, Bytes(16), on});
    },
    untouched)
ATTACK(
    "boot: DMA protection off, hidden under another type", "shows that event as a firmware volume",
    "boot.dma_unprotected",
    [](Builder& b) {
        b.log.events.insert(b.log.events.begin() + 3,
                            BuiltEvent{7, tcg::EV_EFI_PLATFORM_FIRMWARE_BLOB, Bytes(16),
                                       to_bytes("DMA Protection Disabled"sv)});
    },
    untouched, Tier::warning)
ATTACK(
    "boot: no ExitBootServices", "leaves the firmware without its last word", "boot.exit",
    [](Builder& b) {
        std::erase_if(b.log.events, [](const BuiltEvent& event) {
            return event.pcr == 5 && event.type == tcg::EV_EFI_ACTION;
        });
    },
    untouched, Tier::warning)
ATTACK(
    "boot: no separator in PCR 4", "measures a boot loader before the firmware has ended", "boot.separator",
    [](Builder& b) {
        std::erase_if(b.log.events, [](const BuiltEvent& event) {
            return event.pcr == 4 && event.type == tcg::EV_SEPARATOR;
        });
    },
    untouched, Tier::warning)
ATTACK(
    "boot: an argument that the policy forbids", "starts the kernel with init=/bin/sh",
    "boot.argument_forbidden",
    [](Builder& b) {
        b.log.add(8, tcg::EV_IPL, to_bytes("kernel_cmdline: /vmlinuz init=/bin/sh\0"sv),
                  to_bytes("/vmlinuz init=/bin/sh"sv));
    },
    [](Builder&, Case& made) { made.policy.boot.boot_arguments = BootArgumentsPolicy{{"init="}, {}}; })
ATTACK(
    "boot: an argument hidden under another type", "shows a kernel's command line as the digest of a file",
    "boot.arguments_unknown",
    [](Builder& b) {
        b.log.add(8, tcg::EV_COMPACT_HASH, to_bytes("a file"sv), to_bytes("/vmlinuz init=/bin/sh"sv));
    },
    [](Builder&, Case& made) { made.policy.boot.boot_arguments = BootArgumentsPolicy{{"init="}, {}}; },
    Tier::none)
