#include "evidence/eventlog/replay/secure_boot_keys.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "evidence/base/byte_writer.h"
#include "evidence/eventlog/payload/efi_variable_content.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

struct Known {
    std::string_view name;
    std::string_view guid;
};
constexpr std::array kKeys{Known{"PK", kEfiGlobalVariable}, Known{"KEK", kEfiGlobalVariable},
                           Known{"db", kImageSecurityDatabase}, Known{"dbx", kImageSecurityDatabase}};
constexpr std::array kModes{Known{"SetupMode", kEfiGlobalVariable}, Known{"AuditMode", kEfiGlobalVariable},
                            Known{"DeployedMode", kEfiGlobalVariable}};

// What firmware measures of a machine whose keys anybody may write. By their digests, because whoever writes
// the log may hide such an event under a type that has no data under its digest.
struct Confession {
    std::string_view name;
    bool absent;  // measured with no data; else with the byte 1
};
constexpr std::array kConfessions{Confession{"SetupMode", false}, Confession{"AuditMode", false},
                                  Confession{"PK", true}};

/// UEFI_VARIABLE_DATA of a global variable.
Bytes global_variable(std::string_view name, const Bytes& data) {
    constexpr auto kGlobalVariable = "\x61\xdf\xe4\x8b\xca\x93\xd2\x11\xaa\x0d\x00\xe0\x98\x03\x2b\x8c"sv;
    ByteWriter out;
    out.text(kGlobalVariable).u64le(name.size()).u64le(data.size());
    for (const char c : name) out.u16le(static_cast<unsigned char>(c));
    return out.bytes(data).take();
}

/// The digests of what firmware may have measured, in one bank.
struct Measured {
    std::array<Digest, kConfessions.size()> confessions;  ///< in their order
    std::array<Digest, 2> secure_boot;                    ///< by its value
};

Measured measured_in(HashAlgorithm bank) {
    Measured out;
    for (std::size_t i = 0; i < kConfessions.size(); ++i) {
        const auto& [name, absent] = kConfessions.at(i);
        out.confessions.at(i) = hash(bank, {global_variable(name, absent ? Bytes() : Bytes{std::byte{1}})});
    }
    for (std::size_t value = 0; value < out.secure_boot.size(); ++value)
        out.secure_boot.at(value) = hash(bank, {global_variable("SecureBoot", {std::byte(value)})});
    return out;
}

const Measured& measured(HashAlgorithm bank) {
    static const auto kBanks = [] {
        std::map<HashAlgorithm, Measured> out;
        for (const auto each :
             {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512})
            out.emplace(each, measured_in(each));
        return out;
    }();
    return kBanks.at(bank);
}

template <std::size_t N>
bool is_one_of(const std::array<Known, N>& known, const EfiVariable& variable) {
    return std::ranges::any_of(known,
                               [&](const auto& each) { return is_variable(variable, each.name, each.guid); });
}

class Collector {
  public:
    explicit Collector(bool lists) : lists_(lists) {}
    void take_broken(const ParsedEvent& event) { found_.broken.push_back(event.index); }
    void take(const ParsedEvent& event, const EfiVariable& variable, bool behind_separator) {
        if (is_variable(variable, "SbatLevel", kShimLock)) return take_sbat(event, variable);
        if (behind_separator) return;
        if (is_one_of(kKeys, variable)) return take_keys(event, variable);
        if (is_one_of(kModes, variable)) return take_mode(event, variable);
    }
    void take(const ParsedEvent& event, const Confession& confession) {
        const std::string name(confession.name);
        if (confession.absent) {
            found_.keys.push_back({name, event.index, true, true, {}});
        } else {
            found_.modes.push_back({name, true, event.index});
        }
    }
    [[nodiscard]] SecureBootKeys found() { return std::move(found_); }

  private:
    void take_keys(const ParsedEvent& event, const EfiVariable& variable) {
        if (!lists_) {
            found_.keys.push_back({variable.name, event.index, variable.data.empty(), false, {}});
            return;
        }
        auto content = read_variable_content(variable, false);
        MeasuredKeys keys{
            variable.name, event.index, std::holds_alternative<AbsentContent>(content), true, {}};
        if (auto* lists = std::get_if<SignatureContent>(&content)) {
            keys.lists = std::move(lists->lists);
        } else if (!keys.absent) {
            found_.unreadable.push_back(event.index);
            return;
        }
        found_.keys.push_back(std::move(keys));
    }

    void take_mode(const ParsedEvent& event, const EfiVariable& variable) {
        const auto content = read_variable_content(variable, false);
        const auto* flag = std::get_if<FlagContent>(&content);
        if (flag == nullptr || flag->value > 1) return found_.unreadable.push_back(event.index);
        found_.modes.push_back({variable.name, flag->value == 1, event.index});
    }

    void take_sbat(const ParsedEvent& event, const EfiVariable& variable) {
        auto content = read_variable_content(variable, true);
        auto* level = std::get_if<SbatLevel>(&content);
        if (level == nullptr) return found_.unreadable.push_back(event.index);
        found_.sbat_levels.push_back({std::move(*level), event.index});
    }

    bool lists_;
    SecureBootKeys found_;
};

}  // namespace

bool SecureBootKeys::has(std::string_view name) const {
    return std::ranges::find(keys, name, &MeasuredKeys::name) != keys.end();
}

SecureBootKeys secure_boot_keys(const ReplayedEventLog& log, bool lists) {
    Collector collector(lists);
    bool behind_separator = false;
    const auto& confessions = measured(log.bank()).confessions;
    for (const auto& [event, digest, data] : log.verified(kSecureBootPcr)) {
        const auto confessed = std::ranges::find(confessions, digest);
        if (!data && confessed != confessions.end())
            collector.take(event, kConfessions.at(static_cast<std::size_t>(confessed - confessions.begin())));
        if (!data || !is_whole_structure(log.coverage(event).rule)) continue;
        // A separator is four bytes, whatever its type claims; a variable is longer.
        if (data->size() == 4) {
            behind_separator = true;
            continue;
        }
        if (auto variable = parse_efi_variable(*data))
            collector.take(event, *variable, behind_separator);
        else if (event.unverified_type == EV_EFI_VARIABLE_DRIVER_CONFIG)
            collector.take_broken(event);
    }
    return collector.found();
}

bool measured_secure_boot(const ReplayedEventLog& log) {
    const auto& digests = measured(log.bank()).secure_boot;
    return std::ranges::any_of(log.verified(kSecureBootPcr), [&](const VerifiedEvent& each) {
        return std::ranges::find(digests, each.digest) != digests.end();
    });
}

}  // namespace assay::tcg
