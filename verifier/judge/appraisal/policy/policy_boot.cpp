#include "verifier/judge/appraisal/policy/policy_boot.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"

namespace assay::judge {
namespace {

constexpr std::int64_t kMostRevocations = 65'536;

bool is_guid(std::string_view text) {
    constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::ranges::equal(text, kForm, [](char c, char form) {
        return form == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

Result<std::set<std::string>> guids(const TomlReader& in, std::string_view key) {
    std::set<std::string> found;
    for (auto& text : TRY(in.optional_texts(key))) {
        if (!is_guid(text)) {
            return in.refuse(key, fmt::format("{}: expected a GUID in lower case, as "
                                              "77fa9abd-0359-4d32-bd60-28f4e78f784b, got '{}'",
                                              key, printable(text)));
        }
        found.insert(std::move(text));
    }
    return found;
}

Result<std::set<Digest>> digests(const TomlReader& in, std::string_view key) {
    std::set<Digest> found;
    for (const auto& text : TRY(in.optional_texts(key))) {
        const auto bytes = from_hex(text, 32);
        const auto digest = bytes ? Digest::from_bytes(HashAlgorithm::sha256, *bytes)
                                  : Result<Digest>(std::unexpected(bytes.error()));
        if (!digest) {
            return in.refuse(
                key, fmt::format("{}: expected a SHA-256 of 64 hex digits, got '{}'", key, printable(text)));
        }
        found.insert(*digest);
    }
    return found;
}

Result<SecureBootPolicy> secure_boot(const TomlReader& in) {
    TRY_VOID(in.only({"owners", "certificates", "images", "revoked", "dbx_at_least", "sbat_level_at_least"}));
    SecureBootPolicy policy;
    policy.owners = TRY(guids(in, "owners"));
    policy.certificates = TRY(digests(in, "certificates"));
    policy.images = TRY(digests(in, "images"));
    policy.revoked = TRY(digests(in, "revoked"));
    if (const auto least = TRY(in.optional_integer("dbx_at_least", 1, kMostRevocations)))
        policy.dbx_at_least = static_cast<std::uint32_t>(*least);
    policy.sbat_level_at_least = TRY(in.optional_text("sbat_level_at_least")).value_or("");
    const auto& date = policy.sbat_level_at_least;
    const bool is_date =
        date.size() == 10 && std::ranges::all_of(date, [](char c) { return c >= '0' && c <= '9'; });
    if (!date.empty() && !is_date)
        return in.refuse("sbat_level_at_least",
                         fmt::format("sbat_level_at_least: expected ten digits, as 2024010900, got '{}'",
                                     printable(date)));
    if (!policy.names_keys() && policy.revoked.empty() && policy.dbx_at_least == 0 && date.empty())
        return in.refuse("secure_boot", "secure_boot: the table says nothing; name a key, or leave it out");
    return policy;
}

Result<BootArgumentsPolicy> boot_arguments(const TomlReader& in) {
    TRY_VOID(in.only({"forbidden", "required"}));
    BootArgumentsPolicy policy;
    policy.forbidden = TRY(in.optional_texts("forbidden"));
    policy.required = TRY(in.optional_texts("required"));
    for (const auto key : {"forbidden", "required"}) {
        for (const auto& argument :
             key == std::string_view("forbidden") ? policy.forbidden : policy.required) {
            if (argument.find_first_of(" \t\"") != std::string::npos || argument.starts_with('='))
                return in.refuse(key,
                                 fmt::format("{}: '{}' is no single argument", key, printable(argument)));
        }
    }
    if (policy.forbidden.empty() && policy.required.empty()) {
        return in.refuse(
            "boot_arguments",
            "boot_arguments: the table says nothing; list forbidden or required, or leave it out");
    }
    return policy;
}

}  // namespace

std::vector<std::string> BootPolicy::checks() const {
    std::vector<std::string> checks;
    if (secure_boot) checks.emplace_back("secure_boot_keys_are_approved");
    if (boot_arguments) checks.emplace_back("boot_arguments_are_allowed");
    return checks;
}

Result<BootPolicy> read_boot_policy(const TomlReader& root) {
    BootPolicy policy;
    if (const auto table = TRY(root.optional_table("secure_boot")))
        policy.secure_boot = TRY(secure_boot(*table));
    if (const auto table = TRY(root.optional_table("boot_arguments")))
        policy.boot_arguments = TRY(boot_arguments(*table));
    return policy;
}

}  // namespace assay::judge
