#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/codec/cbor.h"

/// A codec as a table. A *shape* says how one C++ value stands in CBOR, in both directions at once:
///     void encode(cbor::Writer&, const T&) const
///     void decode(cbor::Reader&, std::string_view what, T&) const   // errors stick in the reader
/// `record(field("key", &S::member, shape), ...)` is the shape of a struct: a map with exactly these keys,
/// which stand in the table in their order on the wire (shorter first, then bytewise); another order does not
/// compile.
namespace assay::wire {

/// 0 to `max`, and to what the C++ type holds.
struct Unsigned {
    std::uint64_t max = std::numeric_limits<std::uint64_t>::max();

    void encode(cbor::Writer& out, std::uint64_t value) const { out.unsigned_integer(value); }
    template <std::unsigned_integral T>
    void decode(cbor::Reader& in, std::string_view what, T& value) const {
        const std::uint64_t fits = std::numeric_limits<T>::max();
        value = static_cast<T>(in.unsigned_integer(what, std::min(max, fits)));
    }
};

/// Any 64-bit signed integer.
struct Integer {
    void encode(cbor::Writer& out, std::int64_t value) const { out.integer(value); }
    void decode(cbor::Reader& in, std::string_view what, std::int64_t& value) const {
        value = in.integer(what);
    }
};

/// true or false.
struct Flag {
    void encode(cbor::Writer& out, bool value) const { out.boolean(value); }
    void decode(cbor::Reader& in, std::string_view what, bool& value) const { value = in.boolean(what); }
};

/// UTF-8 of at most `max` bytes, for which `rule` holds if there is one; `expected` names the rule in the
/// error.
struct Text {
    std::size_t max = limits::kText;
    bool (*rule)(std::string_view) = nullptr;
    std::string_view expected = {};

    void encode(cbor::Writer& out, const std::string& value) const { out.text(value); }
    void decode(cbor::Reader& in, std::string_view what, std::string& value) const {
        const auto start = in.input().offset();
        const auto text = in.text(what, max);
        if (in.ok() && rule != nullptr && !rule(text)) {
            in.input().fail_at(start, ErrorCode::malformed, fmt::format("{}: expected {}", what, expected));
        }
        value = text;
    }
};

/// A byte string of `min` to `max` bytes.
struct Blob {
    std::size_t min = 0;
    std::size_t max = 0;

    void encode(cbor::Writer& out, const Bytes& value) const { out.bytes(value); }
    void decode(cbor::Reader& in, std::string_view what, Bytes& value) const {
        const auto view = view_of(in, what);
        value.assign(view.begin(), view.end());
    }
    [[nodiscard]] ByteView view_of(cbor::Reader& in, std::string_view what) const {
        const auto start = in.input().offset();
        const auto view = in.bytes(what, max);
        if (in.ok() && view.size() < min) {
            in.input().fail_at(start, ErrorCode::malformed,
                               fmt::format("{}: expected at least {} bytes, got {}", what, min, view.size()));
        }
        return view;
    }
};

/// A byte string of exactly the array's size.
struct FixedBytes {
    template <std::size_t N>
    void encode(cbor::Writer& out, const std::array<std::byte, N>& value) const {
        out.bytes(value);
    }
    template <std::size_t N>
    void decode(cbor::Reader& in, std::string_view what, std::array<std::byte, N>& value) const {
        const auto view = Blob{N, N}.view_of(in, what);
        if (in.ok()) std::ranges::copy(view, value.begin());
    }
};

/// A digest of one algorithm, as a byte string of its size.
struct DigestOf {
    HashAlgorithm algorithm = HashAlgorithm::sha256;

    void encode(cbor::Writer& out, const Digest& value) const { out.bytes(value.view()); }
    void decode(cbor::Reader& in, std::string_view what, Digest& value) const {
        const auto size = digest_size(algorithm);
        const auto digest = Digest::from_bytes(algorithm, Blob{size, size}.view_of(in, what));
        if (in.ok() && digest) value = *digest;
    }
};

/// An enumeration as the text that `to_string` gives for each value.
template <typename E, std::size_t N>
struct Named {
    std::array<E, N> values;

    void encode(cbor::Writer& out, E value) const { out.text(to_string(value)); }
    void decode(cbor::Reader& in, std::string_view what, E& value) const {
        const auto start = in.input().offset();
        const auto text = in.text(what);
        for (const auto candidate : values) {
            if (to_string(candidate) != text) continue;
            value = candidate;
            return;
        }
        in.input().fail_at(start, ErrorCode::malformed,
                           fmt::format("{}: a name that the format does not have", what));
    }
};

/// An array of at most `max` elements.
template <typename Shape>
struct List {
    Shape element;
    std::size_t max = 0;

    template <typename T>
    void encode(cbor::Writer& out, const std::vector<T>& values) const {
        out.array(values.size());
        for (const auto& value : values) element.encode(out, value);
    }
    template <typename T>
    void decode(cbor::Reader& in, std::string_view what, std::vector<T>& values) const {
        in.array(what, max, [&] { element.decode(in, what, values.emplace_back()); });
    }
};
template <typename Shape>
List(Shape, std::size_t) -> List<Shape>;

/// A member that is std::optional: its key is absent when there is no value.
template <typename Shape>
struct Maybe {
    Shape shape;
};
template <typename Shape>
Maybe(Shape) -> Maybe<Shape>;

template <typename Struct, typename Member, typename Shape>
struct Field {
    std::string_view key;
    Member Struct::* member;
    Shape shape;

    static constexpr bool kRequired = true;
    static bool present(const Struct&) { return true; }
    void encode(cbor::Writer& out, const Struct& value) const { shape.encode(out, value.*member); }
    void decode(cbor::Reader& in, Struct& value) const { shape.decode(in, key, value.*member); }
};

template <typename Struct, typename Member, typename Shape>
struct Field<Struct, std::optional<Member>, Maybe<Shape>> {
    std::string_view key;
    std::optional<Member> Struct::* member;
    Maybe<Shape> shape;

    static constexpr bool kRequired = false;
    bool present(const Struct& value) const { return (value.*member).has_value(); }
    void encode(cbor::Writer& out, const Struct& value) const { shape.shape.encode(out, *(value.*member)); }
    void decode(cbor::Reader& in, Struct& value) const {
        shape.shape.decode(in, key, (value.*member).emplace());
    }
};

template <typename Struct, typename Member, typename Shape>
consteval auto field(std::string_view key, Member Struct::* member, Shape shape) {
    return Field<Struct, Member, Shape>{key, member, shape};
}

/// The version of a document: always the given number, in no member. Another one is `unsupported`.
struct Version {
    std::string_view key = "v";
    std::uint64_t version = 1;

    static constexpr bool kRequired = true;
    static bool present(const auto&) { return true; }
    void encode(cbor::Writer& out, const auto&) const { out.unsigned_integer(version); }
    void decode(cbor::Reader& in, auto&) const {
        const auto start = in.input().offset();
        const auto found = in.unsigned_integer(key);
        if (in.ok() && found != version) {
            in.input().fail_at(start, ErrorCode::unsupported,
                               fmt::format("version {}, this one reads {}", found, version));
        }
    }
};

template <typename... Fields>
class Record {
  public:
    consteval explicit Record(Fields... fields) : fields_{fields...}, keys_{fields.key...} {
        for (std::size_t i = 1; i < keys_.size(); ++i) {
            if (!cbor::key_less(keys_[i - 1], keys_[i])) throw "keys must stand in their order on the wire";
        }
    }

    template <typename Struct>
    void encode(cbor::Writer& out, const Struct& value) const {
        std::apply(
            [&](const auto&... each) {
                out.map((std::size_t{each.present(value)} + ...));
                ((each.present(value) ? (out.text(each.key), each.encode(out, value)) : void()), ...);
            },
            fields_);
    }

    template <typename Struct>
    void decode(cbor::Reader& in, std::string_view what, Struct& value) const {
        std::size_t next = 0;
        in.map(what, [&](std::string_view key) {
            // Keys ascend here and there: a field that is passed over is missing.
            while (next < kCount && cbor::key_less(keys_[next], key)) pass_over(in, what, next++);
            if (next == kCount || keys_[next] != key) return in.unknown(key);
            decode_field(in, next++, value, std::index_sequence_for<Fields...>());
        });
        while (next < kCount && in.ok()) pass_over(in, what, next++);
    }

  private:
    static constexpr std::size_t kCount = sizeof...(Fields);
    static constexpr std::array<bool, kCount> kRequired{Fields::kRequired...};

    void pass_over(cbor::Reader& in, std::string_view what, std::size_t index) const {
        if (!kRequired[index] || !in.ok()) return;
        in.input().fail_here(ErrorCode::malformed,
                             fmt::format("{}: key '{}' is missing", what, keys_[index]));
    }

    template <typename Struct, std::size_t... I>
    void decode_field(cbor::Reader& in, std::size_t index, Struct& value, std::index_sequence<I...>) const {
        ((index == I ? std::get<I>(fields_).decode(in, value) : void()), ...);
    }

    std::tuple<Fields...> fields_;
    std::array<std::string_view, kCount> keys_;
};

template <typename... Fields>
consteval auto record(Fields... fields) {
    return Record<Fields...>(fields...);
}

template <typename Shape, typename T>
Bytes encode_document(const Shape& shape, const T& value) {
    cbor::Writer out;
    shape.encode(out, value);
    return out.take();
}

/// One whole document of at most `limit` bytes.
template <typename T, typename Shape>
Result<T> decode_document(const Shape& shape, ByteView bytes, std::string_view what, std::size_t limit) {
    if (bytes.size() > limit) {
        return fail(ErrorCode::limit,
                    fmt::format("{}: {} bytes, at most {} allowed", what, bytes.size(), limit));
    }
    return cbor::parse_document(bytes, what, [&](cbor::Reader& in) {
        T value{};
        shape.decode(in, what, value);
        return value;
    });
}

}  // namespace assay::wire
