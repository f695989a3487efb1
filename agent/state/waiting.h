#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "evidence/base/result.h"

namespace assay::agent {

/// What the service waits for before it can attest: <state>/waiting.json, for as long as it waits.
struct Waiting {
    /// "configuration", "name", "ca", "tpm", "verifier", "admission" or "enrolment".
    std::string kind;
    std::string what;    ///< expected and found, one line
    std::string remedy;  ///< empty where `what` says it
    std::string since;   ///< RFC 3339; set when it is told
    /// Whether a person would read the same: but for how long a try took and how many bytes came, which the
    /// reasons of failed connections tell ("after 3 ms").
    [[nodiscard]] bool same_as(const Waiting& other) const;
    bool operator==(const Waiting&) const = default;
};

/// "what; remedy", printable.
std::string text_of(const Waiting& waiting);

std::string encode_waiting(const Waiting& waiting);
Result<Waiting> decode_waiting(std::string_view json);
/// Nothing where there is no file, or none that can be read.
std::optional<Waiting> load_waiting(const std::filesystem::path& state);

/// Tells what is waited for: in the log and as the service's status when it changes, never each time that it
/// is tried.
class WaitTeller {
  public:
    struct Voice {
        std::function<void(const std::string& text)> log;     ///< of each change
        std::function<void(const std::string& text)> status;  ///< one line, for `systemctl status`
        std::function<std::int64_t()> now;                    ///< Unix time, seconds
    };
    explicit WaitTeller(Voice voice) : voice_(std::move(voice)) {}

    /// `state`: the folder for waiting.json; empty: none is known yet. What cannot be written there is no
    /// more than not shown by the doctor.
    void tell(Waiting waiting, const std::filesystem::path& state);
    /// It is over: the file goes, and the next reason is told anew.
    void end(const std::filesystem::path& state);
    [[nodiscard]] bool is_waiting() const { return told_.has_value(); }

  private:
    Voice voice_;
    std::optional<Waiting> told_;
};

}  // namespace assay::agent
