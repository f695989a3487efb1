#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

/// What a reason leads to by itself, and what a verdict comes to: the least of its reasons'. The first is the
/// default, so that what nobody judged is never good.
enum class Effect : std::uint8_t {
    invalid,    ///< it is not what it should be
    undecided,  ///< cannot tell: something that would be needed is missing
    valid,
    remark = valid,  ///< of a reason: changes nothing, such as a vendor's quirk, or what a reader should know
};

/// "invalid", "undecided", "valid".
constexpr std::string_view to_string(Effect effect) {
    constexpr std::array<std::string_view, 3> kNames{"invalid", "undecided", "valid"};
    return kNames.at(static_cast<std::size_t>(effect));
}

/// A kind of reason. Each judge has one table of them, a file of lines REASON(name, id, effect, sentence);
/// from it come an enum `Kind` of the names and an array of the rows, which `reason_rows(Kind)`, beside the
/// enum, gives: so there is no kind without its row.
struct ReasonRow {
    std::string_view id;        ///< stable, never changes its meaning: "ek.expired"
    Effect effect;              ///< what it leads to by itself
    std::string_view sentence;  ///< without the details of the case; empty where those say it all
};

template <typename Kind>
concept HasReasonRows = requires(Kind kind) { reason_rows(kind).at(0).effect; };

template <HasReasonRows Kind>
constexpr const ReasonRow& reason_row(Kind kind) {
    return reason_rows(kind).at(static_cast<std::size_t>(kind));
}

/// One reason, of a kind, with the details of the case.
template <HasReasonRows Kind>
struct Reason {
    Kind kind;
    std::string detail;  ///< hostile text in it, unless the judge says otherwise; may be empty

    bool operator==(const Reason&) const = default;
    [[nodiscard]] std::string_view id() const { return reason_row(kind).id; }
    [[nodiscard]] Effect effect() const { return reason_row(kind).effect; }
    /// Sentence and detail: "the SAN does not name one TPM: two models".
    [[nodiscard]] std::string text() const {
        const std::string sentence(reason_row(kind).sentence);
        return sentence.empty() || detail.empty() ? sentence + detail : sentence + ": " + detail;
    }
};

/// What was judged, with every reason that there is.
template <HasReasonRows Kind>
struct VerdictOf {
    std::vector<Reason<Kind>> reasons;
    std::vector<std::string> checked;  ///< what was verified and holds

    void add(Kind kind, std::string detail = "") { reasons.push_back({kind, std::move(detail)}); }
    /// Something was verified and holds. Without one of these nothing is valid.
    void holds(std::string what) { checked.push_back(std::move(what)); }
    [[nodiscard]] bool has(Kind kind) const {
        return std::ranges::find(reasons, kind, &Reason<Kind>::kind) != reasons.end();
    }
    /// `invalid` with a reason against it; else `undecided` with something left open, or with nothing
    /// verified; else `valid`.
    [[nodiscard]] Effect effect() const {
        auto least = checked.empty() ? Effect::undecided : Effect::valid;
        for (const auto& reason : reasons) least = std::min(least, reason.effect());
        return least;
    }
    [[nodiscard]] bool trusted() const { return effect() == Effect::valid; }
    /// "vendors.expired: ...; vendors.rolled_back: ...": each reason that is not a remark.
    [[nodiscard]] std::string against() const {
        std::string out;
        for (const auto& reason : reasons) {
            if (reason.effect() == Effect::remark) continue;
            out += (out.empty() ? "" : "; ") + std::string(reason.id()) + ": " + reason.text();
        }
        return out;
    }
};

}  // namespace assay
