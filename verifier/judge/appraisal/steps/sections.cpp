#include "verifier/judge/appraisal/steps/sections.h"

#include "verifier/judge/appraisal/checks/check.h"

namespace assay::judge {

NamedSections::NamedSections(const Evidence& evidence, const HeldSections& held, const Manifest* manifest) {
    if (manifest) {
        for (const auto& named : manifest->entries) entries_[named.name].named = named.digest;
    }
    for (const auto& [name, section] : held) {
        // What came with the evidence is what the host says now.
        if (!evidence.sections.contains(name))
            add(name, section->bytes(), section->digest(), manifest, section);
    }
    for (const auto& [name, bytes] : evidence.sections) add(name, bytes, sha256(bytes), manifest, nullptr);
}

void NamedSections::add(const std::string& name, ByteView bytes, Digest digest, const Manifest* manifest,
                        std::shared_ptr<const HeldSection> held) {
    auto& entry = entries_[name];
    entry.actual = digest;
    entry.length = bytes.size();
    if (!entry.named) {
        entry.state = State::unlisted;
        return;
    }
    const auto* listed = manifest->find(name);
    const bool same = digest == *entry.named && listed != nullptr && listed->length == bytes.size();
    entry.state = same ? State::as_named : State::altered;
    if (!same) return;
    entry.bytes = bytes;
    entry.held = std::move(held);
}

std::optional<ByteView> NamedSections::find(std::string_view name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end() || found->second.state != State::as_named) return std::nullopt;
    return found->second.bytes;
}

std::shared_ptr<const HeldSection> NamedSections::find_held(std::string_view name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end() || found->second.state != State::as_named) return nullptr;
    return found->second.held;
}

std::string NamedSections::why_absent(std::string_view name) const {
    if (const auto found = entries_.find(name); found != entries_.end()) {
        switch (found->second.state) {
            case State::altered:
                return "its bytes are not those that the manifest names";
            case State::missing:
                return "the manifest names it, and it was not sent";
            case State::unlisted:
                return "the manifest does not name it";
            case State::malformed:
                return "it cannot be decoded: " + found->second.problem;
            case State::as_named:
                break;
        }
    }
    for (const auto& gap : gaps_) {
        if (gap.section != name) continue;
        // Most reasons begin with their source already.
        const auto source = gap.reason.starts_with(gap.source) ? std::string() : shown(gap.source) + ": ";
        return source + shown(gap.reason) + " (" + shown(gap.code) + ")";
    }
    return "the host gives no reason";
}

void NamedSections::mark_malformed(std::string_view name, const Error& error) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return;
    found->second.state = State::malformed;
    found->second.problem = shown(describe(error));
}

}  // namespace assay::judge
