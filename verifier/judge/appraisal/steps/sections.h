#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/wire/evidence.h"
#include "evidence/wire/section/sections.h"
#include "verifier/judge/appraisal/steps/held_section.h"

namespace assay::judge {

/// The sections of the evidence held against the manifest: what a check is given is exactly what the manifest
/// names. Whether the manifest itself is believed is the quote's matter. Borrows the evidence, not what is
/// held.
class NamedSections {
  public:
    enum class State : std::uint8_t {
        as_named,   ///< there, with the length and digest that the manifest names
        altered,    ///< there, with others
        missing,    ///< named, and not there
        unlisted,   ///< there, and not named
        malformed,  ///< as named, and not decodable
    };
    struct Entry {
        State state = State::missing;
        ByteView bytes;                ///< empty unless `as_named`
        std::optional<Digest> named;   ///< the manifest's digest
        std::optional<Digest> actual;  ///< of the bytes that are there
        std::string problem;           ///< of a malformed one: what and where
        std::uint64_t length = 0;      ///< of the bytes that are there
        std::shared_ptr<const HeldSection>
            held;  ///< which they are, where they did not come with the evidence
    };

    NamedSections() = default;
    /// Hashes every section of the evidence once. `manifest`: null where it does not decode.
    NamedSections(const Evidence& evidence, const HeldSections& held, const Manifest* manifest);

    /// The bytes, if they are as the manifest names them.
    [[nodiscard]] std::optional<ByteView> find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
    /// Null where it is not as named, or came with the evidence.
    [[nodiscard]] std::shared_ptr<const HeldSection> find_held(std::string_view name) const;
    /// For a section that a check would need: one line, from the evidence's own gaps where they tell it.
    [[nodiscard]] std::string why_absent(std::string_view name) const;

    /// Decoding found the bytes wrong: from now on the section counts as absent.
    void mark_malformed(std::string_view name, const Error& error);
    void set_gaps(std::vector<Gap> gaps) { gaps_ = std::move(gaps); }
    [[nodiscard]] const std::vector<Gap>& gaps() const { return gaps_; }

  private:
    void add(const std::string& name, ByteView bytes, Digest digest, const Manifest* manifest,
             std::shared_ptr<const HeldSection> held);

    std::map<std::string, Entry, std::less<>> entries_;
    std::vector<Gap> gaps_;
};

}  // namespace assay::judge
