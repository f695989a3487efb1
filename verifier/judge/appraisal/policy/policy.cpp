#include "verifier/judge/appraisal/policy/policy.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"
#include "evidence/tpm/pcr.h"
#include "evidence/wire/section/section_names.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/judge/appraisal/checks/check.h"

namespace assay::judge {
namespace {

constexpr std::array kComponents{"bios", "bmc", "cpu-microcode", "drive", "nic", "esrt"};
// Every host has a system and a BIOS.
constexpr std::array<std::string_view, 11> kMayBeMissing{"board",  "bmc", "cpu", "drive", "nic", "pci",
                                                         "memory", "gpu", "psu", "tpm",   "usb"};
constexpr std::int64_t kLongestChallenge = 86'400;  // seconds
constexpr std::int64_t kShortestInterval = 10;
constexpr std::int64_t kLongestInterval = 30LL * 86'400;

std::unexpected<Error> refuse(const TomlReader& in, std::string_view key, std::string_view what) {
    return in.refuse(key, fmt::format("{}: {}", key, what));
}

class PolicyReader {
  public:
    explicit PolicyReader(const TomlFile& file) : in_(file.root()) {}

    Result<Policy> read() {
        TRY_VOID(in_.only({"name",
                           "version",
                           "required_sections",
                           "required_checks",
                           "disabled_checks",
                           "pcr_selection",
                           "challenge_lifetime_s",
                           "attestation_interval_s",
                           "secure_boot_required",
                           "ek_certificate_required",
                           "system_maker_required",
                           "unlogged_pcrs",
                           "without",
                           "firmware",
                           "expected",
                           "select",
                           "tiers",
                           "secure_boot",
                           "boot_arguments",
                           "ima"}));
        Policy policy;
        policy.name = TRY(in_.text("name"));
        policy.version = static_cast<std::uint64_t>(TRY(in_.integer("version", 1, INT64_MAX)));
        policy.required_sections = TRY(names("required_sections", [](const std::string& name) {
            // A part of the IMA list stands for the list.
            const bool known = std::ranges::find(section::kAll, name) != std::end(section::kAll) &&
                               name != section::kImaLogPart;
            return known ? "" : "no section of this name";
        }));
        if (policy.required_sections.empty()) {
            return refuse(in_, "required_sections",
                          "no required section: name at least \"boot-event-log\" and \"pcrs\"");
        }
        policy.disabled_checks = TRY(names("disabled_checks", [](const std::string& name) {
            if (name == kIndispensableCheck) return "this check cannot be switched off";
            return find_check(name) != nullptr ? "" : "no check of this name";
        }));
        TRY_VOID(read_required(policy));
        policy.pcr_selection = TRY(in_.text("pcr_selection"));
        TRY_VOID(judge_selection(policy.pcr_selection));
        policy.challenge_lifetime_s = TRY(in_.integer("challenge_lifetime_s", 1, kLongestChallenge));
        if (in_.has("attestation_interval_s")) {
            policy.attestation_interval_s =
                TRY(in_.integer("attestation_interval_s", kShortestInterval, kLongestInterval));
        }
        policy.secure_boot_required = TRY(in_.flag("secure_boot_required"));
        policy.ek_certificate_required = TRY(in_.flag("ek_certificate_required"));
        if (in_.has("system_maker_required"))
            policy.system_maker_required = TRY(in_.flag("system_maker_required"));
        TRY_VOID(read_unlogged(policy));
        TRY_VOID(read_without(policy));
        TRY_VOID(read_firmware(policy));
        policy.expected = TRY(read_expected(in_));
        policy.select = TRY(read_selector(in_));
        policy.tiers = TRY(read_tiers(in_));
        policy.boot = TRY(read_boot_policy(in_));
        require_checks(policy, policy.boot.checks());
        if (const auto ima = TRY(in_.optional_table("ima"))) policy.ima = TRY(ImaPolicy::read(*ima));
        return policy;
    }

  private:
    template <typename Judge>
    Result<std::set<std::string>> names(std::string_view key, Judge judge) {
        std::set<std::string> out;
        for (auto& name : TRY(in_.optional_texts(key, true))) {
            const std::string_view problem = judge(name);
            if (!problem.empty()) return refuse(in_, key, fmt::format("'{}': {}", printable(name), problem));
            out.insert(std::move(name));
        }
        return out;
    }

    // Where the policy does not say, each check's own word counts.
    Result<> read_required(Policy& policy) {
        if (!in_.has("required_checks")) {
            for (const auto& named : all_checks()) {
                const std::string name(named.name);
                if (named.check->required && !policy.disabled_checks.contains(name))
                    policy.required_checks.insert(name);
            }
            return {};
        }
        policy.required_checks = TRY(names("required_checks", [&](const std::string& name) {
            if (policy.disabled_checks.contains(name)) return "required and switched off at once";
            return find_check(name) != nullptr ? "" : "no check of this name";
        }));
        policy.required_checks.insert(std::string(kIndispensableCheck));
        return {};
    }

    Result<> judge_selection(const std::string& text) {
        const auto selection = tcg::pcr_selection_from_text(text);
        if (!selection) return refuse(in_, "pcr_selection", describe(selection.error()));
        if (selection->banks().size() != 1 || selection->banks().front().algorithm == HashAlgorithm::sha1 ||
            selection->selects_nothing()) {
            return refuse(in_, "pcr_selection",
                          "PCRs of exactly one bank, sha256 or better, as in \"sha256:0,1,2,7\"");
        }
        return {};
    }

    Result<> read_unlogged(Policy& policy) {
        for (const auto& each : TRY(in_.tables("unlogged_pcrs"))) {
            TRY_VOID(each.only({"pcr", "reason"}));
            TRY_VOID(each.text("reason"));  // for people; without one nothing is accepted
            policy.unlogged_pcrs.insert(
                static_cast<std::uint32_t>(TRY(each.integer("pcr", 0, tcg::kPcrCount - 1))));
        }
        return {};
    }

    Result<> read_without(Policy& policy) {
        for (const auto& each : TRY(in_.tables("without"))) {
            TRY_VOID(each.only({"component", "reason"}));
            const auto name = TRY(each.text("component"));
            if (std::ranges::find(kMayBeMissing, name) == kMayBeMissing.end()) {
                return refuse(each, "component",
                              fmt::format("expected one of {}, got '{}'", fmt::join(kMayBeMissing, ", "),
                                          printable(name)));
            }
            policy.without[TRY(vendors::component_from_name(name))] = TRY(each.text("reason"));
        }
        return {};
    }

    Result<> read_firmware(Policy& policy) {
        for (const auto& each : TRY(in_.tables("firmware"))) {
            TRY_VOID(each.only({"component", "match", "at_least"}));
            FirmwareFloor floor;
            floor.component = TRY(each.text("component"));
            floor.match = TRY(each.text("match"));
            floor.at_least = TRY(each.text("at_least"));
            if (std::ranges::find(kComponents, floor.component) == kComponents.end()) {
                return refuse(
                    each, "component",
                    fmt::format("expected one of bios, bmc, cpu-microcode, drive, nic, esrt, got '{}'",
                                printable(floor.component)));
            }
            policy.firmware.push_back(std::move(floor));
        }
        if (!policy.firmware.empty()) require_checks(policy, {"firmware_is_at_least_approved"});
        return {};
    }

    // Whoever names a least version, a key or an argument wants an answer: what is not known must not pass.
    static void require_checks(Policy& policy, const std::vector<std::string>& checks) {
        for (const auto& check : checks) {
            if (!policy.disabled_checks.contains(check)) policy.required_checks.insert(check);
        }
    }

    TomlReader in_;
};

}  // namespace

Result<Policy> Policy::from_toml(std::string_view file_name, std::string_view text) {
    const auto file = TRY(TomlFile::parse(std::string(file_name), text));
    auto policy = TRY(PolicyReader(file).read());
    policy.digest = sha256(as_view(text));
    return policy;
}

}  // namespace assay::judge
