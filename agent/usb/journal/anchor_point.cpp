#include "agent/usb/journal/anchor_point.h"

#include <fmt/core.h>

#include "agent/devices/private_file.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "evidence/tpm/journal_index.h"

namespace assay::agent::anchor_point {
namespace {

constexpr std::size_t kMaxFile = 4096;

std::unexpected<Error> damaged(const std::filesystem::path& file, std::string_view what) {
    return fail(
        ErrorCode::malformed,
        fmt::format("{}: {}; the TPM's word on the journal cannot be tied to it any more. Keep a copy, then "
                    "set it up anew with: assay-agent journal init --renew",
                    printable(file.string()), what));
}

Point next(const Point& point, const journal_frames::Frame& frame) {
    return {point.sequence + 1, tcg::extended(point.value, frame.digest), point.counter + 1};
}

// Index of the first frame after `sequence`.
std::size_t first_after(const journal_frames::Scan& journal, std::uint64_t sequence) {
    return static_cast<std::size_t>(sequence - journal.base.sequence);
}

bool reaches(const journal_frames::Scan& journal, std::uint64_t sequence) {
    return sequence >= journal.base.sequence && sequence <= journal.head.sequence;
}

}  // namespace

Result<std::optional<Point>> load(const std::filesystem::path& folder) {
    const auto file = folder / "anchor";
    const auto text = read_small_file(file, kMaxFile);
    if (!text && text.error().code == ErrorCode::not_found) return std::nullopt;
    if (!text) return std::unexpected(text.error());
    JsonReader in(*text, {.open = true});
    in.integer("v", 1, 1);
    if (in.failed()) return damaged(file, "no anchor of version 1");
    const auto sequence = in.count("sequence");
    const auto counter = in.count("counter");
    const auto value = in.text("value", kMaxFile, 0);
    if (!in.finish()) return damaged(file, "sequence, counter or value is missing");
    const auto bytes = from_hex(value, 32);
    const auto digest =
        bytes ? Digest::from_bytes(HashAlgorithm::sha256, *bytes) : fail(ErrorCode::malformed, "hex");
    if (!digest) return damaged(file, "value is no SHA-256 in hex");
    return Point{sequence, *digest, counter};
}

Result<> save(const std::filesystem::path& folder, const Point& point) {
    const Json json{
        {"v", 1}, {"sequence", point.sequence}, {"counter", point.counter}, {"value", point.value.hex()}};
    const auto text = json.dump() + "\n";
    return write_private_file(folder / "anchor", as_view(text));
}

std::optional<Place> find(const journal_frames::Scan& journal, const Point& from, const Digest& value,
                          std::uint64_t counter) {
    if (!reaches(journal, from.sequence)) return std::nullopt;
    auto point = from;
    std::optional<Place> found;
    for (auto i = first_after(journal, from.sequence);; ++i) {
        if (point.value == value && point.counter == counter) found = Place{i, point, false};
        if (point.value == value && point.counter == counter + 1 && i > first_after(journal, from.sequence))
            found = Place{i, point, true};
        if (i == journal.frames.size()) return found;
        point = next(point, journal.frames[i]);
    }
}

Point advanced(const journal_frames::Scan& journal, Point from, std::uint64_t sequence) {
    for (auto i = first_after(journal, from.sequence); from.sequence < sequence && i < journal.frames.size();
         ++i)
        from = next(from, journal.frames[i]);
    return from;
}

}  // namespace assay::agent::anchor_point
