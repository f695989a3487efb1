#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "evidence/codec/cbor.h"

/// An encoding without one of its parts, whatever format it is of: for tests that leave out everything in
/// turn.
namespace assay::test {

/// One part that may be left out.
struct CborPart {
    std::string where;  ///< "records[3]", "[0].serial"
    Bytes without;      ///< the whole encoding without it, deterministic as before
};

/// Walks one encoding and collects what it would be without each element of an array and each entry of a map,
/// at any depth.
class CborParts {
  public:
    explicit CborParts(ByteView whole) : whole_(whole) {
        walk("");
        if (at_ != whole_.size()) throw std::runtime_error("bytes behind the item");
    }
    [[nodiscard]] const std::vector<CborPart>& all() const { return parts_; }

  private:
    struct Head {
        std::size_t from = 0, to = 0;  // of its bytes
        unsigned major = 0;
        std::uint64_t argument = 0;
    };

    Head head() {
        Head out{.from = at_};
        const auto first = std::to_integer<unsigned>(whole_[at_++]);
        out.major = first >> 5U;
        out.argument = first & 31U;
        constexpr unsigned kOneByte = 24;
        if (out.argument >= kOneByte && out.major != 7) {
            const auto width = std::size_t{1} << (out.argument - kOneByte);
            out.argument = 0;
            for (std::size_t i = 0; i < width; ++i)
                out.argument = (out.argument << 8U) | std::to_integer<std::uint64_t>(whole_[at_++]);
        }
        out.to = at_;
        return out;
    }

    std::string text() {
        const auto key = head();
        const auto from = at_;
        at_ += key.argument;
        return std::string(as_text(whole_.subspan(from, key.argument)));
    }

    void walk(const std::string& where) {
        const auto item = head();
        if (item.major == 2 || item.major == 3) at_ += item.argument;
        if (item.major != 4 && item.major != 5) return;
        for (std::uint64_t i = 0; i < item.argument; ++i) {
            const auto from = at_;
            const auto name = item.major == 5 ? where + "." + text() : where + "[" + std::to_string(i) + "]";
            walk(name);
            parts_.push_back({name, without(item, from)});
        }
    }

    // From `from` to where the walk stands.
    [[nodiscard]] Bytes without(const Head& of, std::size_t from) const {
        cbor::Writer out;
        out.raw(whole_.first(of.from));
        of.major == 4 ? out.array(of.argument - 1) : out.map(of.argument - 1);
        out.raw(whole_.subspan(of.to, from - of.to));
        out.raw(whole_.subspan(at_));
        return out.take();
    }

    ByteView whole_;
    std::size_t at_ = 0;
    std::vector<CborPart> parts_;
};

}  // namespace assay::test
