#include <cstdint>
#include <cstdlib>
#include <span>

#include "verifier/judge/appraisal/facts/ima/ima_approval.h"

namespace {

using namespace assay;
using namespace assay::judge;

// Rules of every kind. The signer's key is the base point of P-256.
constexpr std::string_view kPolicy = R"(
name = "fuzz"
version = 1
required_sections = ["pcrs"]
pcr_selection = "sha256:10"
challenge_lifetime_s = 120
secure_boot_required = true
ek_certificate_required = true
[ima]
digests = ["ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"]
[[ima.files]]
path = "/usr/bin/sh"
sha256 = ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]
[[ima.ignore]]
prefix = "/var/"
reason = "data"
[[ima.signers]]
name = "signer"
public_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q=="
)";

const Policy& policy() {
    static const auto kRead = Policy::from_toml("fuzz.toml", kPolicy);
    if (!kRead) std::abort();
    return *kRead;
}

ImaFiles judged(std::span<const tcg::ParsedImaEntry> entries, ImaFiles files) {
    const ImaApproval approval(policy());
    for (const auto& entry : entries) approval.judge(entry, files);
    return files;
}

void look_at(const tcg::ParsedImaLog& list) {
    const auto entries = list.unverified_entries();
    const auto none = ImaFiles{.rules = *ima_rules(policy()), .unlisted = {}, .unapproved = {}};
    const auto whole = judged(entries, none);
    // Each entry is one thing, or the boot_aggregate at the beginning.
    const auto count = whole.approved + whole.ignored + whole.unlisted.count + whole.unapproved.count;
    if (count != entries.size() && count + 1 != entries.size()) std::abort();
    const auto half = entries.size() / 2;
    if (judged(entries.subspan(half), judged(entries.first(half), none)) != whole) std::abort();
    ImaState state;
    state.boot_id = "00000000-0000-4000-8000-000000000001";
    state.value = sha256({});
    state.files = whole;
    const auto read = decode_ima_state(encode_ima_state(state));
    if (!read || *read != state) std::abort();
    for (const auto& entry : entries) {
        const auto fields = tcg::ima_fields(entry);
        if (fields) static_cast<void>(tcg::parse_ima_signature(fields->signature));
    }
}

}  // namespace

// The same bytes as a binary list, as a text list, and as a signature.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    if (const auto list = tcg::parse_ima_log(bytes)) look_at(*list);
    if (const auto list = tcg::parse_ima_ascii(as_text(bytes))) look_at(*list);
    static_cast<void>(tcg::parse_ima_signature(bytes));
    return 0;
}
