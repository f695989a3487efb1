#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/devices/host/host.h"
#include "agent/devices/tpm/tpm.h"
#include "evidence/wire/section/ima_state.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"

namespace assay::agent {

/// What a collector looks at. Borrowed.
struct Machine {
    Host& host;
    Tpm* tpm = nullptr;  ///< null where none could be opened; then `no_tpm` says why
    Error no_tpm = {ErrorCode::not_found, "no TPM was opened", {}};
};

/// Takes down what could not be read. At most kPerSection gaps of a section are kept one by one; a last one
/// counts the rest.
class GapLog {
  public:
    static constexpr std::size_t kPerSection = 32;

    void add(std::string_view section, std::string_view source, const Error& error);
    void add(const Gap& gap);
    /// The value; or nothing, and a gap that says why.
    template <typename T>
    std::optional<T> value_of(Result<T> result, std::string_view section, std::string_view source) {
        if (result) return std::move(*result);
        add(section, source, result.error());
        return std::nullopt;
    }
    /// In the order in which they were added.
    [[nodiscard]] std::vector<Gap> gaps() const;

  private:
    struct Count {
        std::string section;
        std::size_t kept = 0;
        std::size_t dropped = 0;
    };
    std::vector<Gap> gaps_;
    std::vector<Count> counts_;
};

/// Gives the section's bytes, or leaves at least one gap under the section's name that says why there are
/// none. Where only a part could be read, gives that part and leaves a gap for the rest.
using Collect = std::optional<Bytes> (*)(const Machine& machine, GapLog& gaps);

struct Collector {
    std::string_view section;
    Collect collect;
};

/// The table of collectors.inc, in its order.
std::span<const Collector> collectors();

#define COLLECTOR(name, section) std::optional<Bytes> collect_##name(const Machine& machine, GapLog& gaps);
#include "agent/collectors/collectors.inc"
#undef COLLECTOR

/// Labels of the physical PCI slots, by the address in them without its function: "0000:3b:00" -> "5". Empty
/// where the machine names none.
using PciSlots = std::map<std::string, std::string>;
PciSlots pci_slots(Host& host);
/// The label of the slot in which `address` ("0000:3b:00.0") sits; empty if none is known.
std::string slot_label(const PciSlots& slots, const std::string& address);

/// The section `ima-log-part`: the list of this boot from where `start` says.
std::optional<Bytes> collect_ima_log_part(const Machine& machine, const ImaStart& start, GapLog& gaps);

}  // namespace assay::agent
