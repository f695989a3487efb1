#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/eventlog/replay/replay.h"

namespace assay::tcg {

/// Who measured a kernel's command line.
enum class BootArgumentsSource : std::uint8_t {
    grub,          ///< PCR 8: the command line, or the command `linux` that led to it
    systemd_stub,  ///< PCR 12 (systemd-stub) or 8 (old systemd-boot): UTF-16
    efi_stub,      ///< PCR 9: a digest, that of the command line which the host itself names
};
std::string_view to_string(BootArgumentsSource source);  ///< "GRUB", "systemd-stub", "EFI stub"

struct BootArguments {
    BootArgumentsSource source = BootArgumentsSource::grub;
    std::uint32_t event = 0;
    bool of_module = false;  ///< of a multiboot module or hypervisor, not of the kernel itself
    std::string text;  ///< as measured, without the kernel's file name where GRUB puts one in front; hostile
};

/// The command lines that the TPM vouches for, whatever the events' types and prefixes claim. An attacker who
/// writes the log may hide what it says behind a type that has no data under its digest, so `uncovered` must
/// be empty before "there is no other command line" means anything.
struct MeasuredBootArguments {
    std::vector<BootArguments> lines;  ///< in the log's order; GRUB's twice, as command and as command line
    /// Verified events of PCR 8, and of PCR 12 where it has no line, whose data is under no digest: any of
    /// them may be a command line.
    std::vector<std::uint32_t> uncovered;
};

/// `claimed` is the host's /proc/cmdline: it counts where PCR 9 has the digest of it in UTF-16, as Linux' EFI
/// stub measures it, and nowhere else.
MeasuredBootArguments boot_arguments(const ReplayedEventLog& log, std::optional<std::string_view> claimed);

/// A command line as Linux splits it (lib/cmdline.c: white space outside quotes): without quotes, and '-' in
/// a name as '_', which are the same to the kernel.
std::vector<std::string> boot_argument_tokens(std::string_view text);

}  // namespace assay::tcg
