#include "evidence/device/smbios.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"
#include "evidence/device/smbios_fields.h"

namespace assay::smbios {
namespace {

// The bytes that an entry point's checksum covers add up to 0 (5.2.1, 5.2.2).
bool sums_to_zero(ByteView bytes) {
    const auto sum = std::accumulate(bytes.begin(), bytes.end(), 0U, [](unsigned total, std::byte b) {
        return total + std::to_integer<unsigned>(b);
    });
    return (sum & 0xffU) == 0;
}

Result<EntryPoint> parse_32_bit(ByteView bytes) {  // 5.2.1
    constexpr std::size_t kLength = 0x1f;
    ByteReader in(bytes);
    EntryPoint entry;
    in.bytes(4, "anchor");
    in.u8("checksum");
    const auto length = in.u8("entry point length");
    entry.major = in.u8("major version");
    entry.minor = in.u8("minor version");
    in.bytes(8, "maximum structure size, revision, formatted area");
    const auto intermediate = in.bytes(5, "intermediate anchor");
    in.u8("intermediate checksum");
    entry.table_size = in.u16le("structure table length");
    entry.table_address = in.u32le("structure table address");
    entry.structure_count = in.u16le("number of structures");
    in.u8("BCD revision");
    if (!in.ok()) return std::unexpected(*in.error());
    entry.length_1e = length == kLength - 1 && entry.major == 2 && entry.minor == 1;
    if (length != kLength && !entry.length_1e) {
        return fail(ErrorCode::malformed, "SMBIOS entry point: a length other than 1Fh", 5);
    }
    if (!equal(intermediate, as_view("_DMI_")) || !sums_to_zero(bytes.subspan(0x10, 0x0f))) {
        return fail(ErrorCode::malformed, "SMBIOS entry point: no intermediate anchor with a right checksum",
                    0x10);
    }
    if (!sums_to_zero(bytes.first(kLength))) {
        return fail(ErrorCode::malformed, "SMBIOS entry point: wrong checksum", 4);
    }
    return entry;
}

Result<EntryPoint> parse_64_bit(ByteView bytes) {  // 5.2.2
    constexpr std::size_t kLength = 0x18;
    ByteReader in(bytes);
    EntryPoint entry;
    entry.is_64_bit = true;
    in.bytes(5, "anchor");
    in.u8("checksum");
    const auto length = in.u8("entry point length");
    entry.major = in.u8("major version");
    entry.minor = in.u8("minor version");
    in.bytes(3, "docrev, revision, reserved");
    entry.table_size = in.u32le("structure table maximum size");
    entry.table_address = in.u64le("structure table address");
    if (!in.ok()) return std::unexpected(*in.error());
    if (length != kLength)
        return fail(ErrorCode::malformed, "SMBIOS entry point: a length other than 18h", 6);
    if (!sums_to_zero(bytes.first(kLength))) {
        return fail(ErrorCode::malformed, "SMBIOS entry point: wrong checksum", 5);
    }
    return entry;
}

bool starts_with(ByteView bytes, std::string_view anchor) {
    return as_text(bytes).starts_with(anchor);
}

// The string set after the formatted area (6.1.3): null-terminated strings, then one more null; two nulls
// where there is no string at all.
void read_strings(ByteReader& in, std::string_view left, std::vector<std::string_view>& strings) {
    const auto end = left.find(std::string_view("\0\0", 2));
    if (end == std::string_view::npos) {
        in.fail_here(ErrorCode::truncated, "strings run past the end of the table");
        return;
    }
    auto set = left.substr(0, end + 1);
    for (auto null = set.find('\0'); end != 0 && null != std::string_view::npos; null = set.find('\0')) {
        strings.push_back(set.substr(0, null));
        set.remove_prefix(null + 1);
    }
    in.bytes(end + 2, "strings");
}

class TableWalk {
  public:
    TableWalk(ByteView table, Smbios& out) : table_(table), in_(table), out_(out) {}

    Result<> run() {
        while (!in_.empty()) {
            if (out_.structures.size() == limits::kSmbiosStructures) {
                return fail(ErrorCode::limit, "SMBIOS: too many structures", in_.offset());
            }
            if (is_fill()) {
                quirk(Quirk::fill_after_last_structure, in_.offset());
                in_.rest();
                break;
            }
            const auto before = in_;
            if (structure()) break;
            if (in_.ok()) continue;
            if (out_.structures.empty()) return std::unexpected(*in_.error());
            in_ = before;
            quirk(Quirk::structure_cut, in_.offset());
            break;
        }
        if (out_.structures.empty())
            return fail(ErrorCode::truncated, "SMBIOS: a table without a structure", 0);
        if (out_.structures.back().type != kEndOfTable)
            quirk(Quirk::no_end_of_table, table_.size());
        else if (!in_.empty())
            quirk(Quirk::bytes_after_end_of_table, in_.offset());
        return {};
    }

  private:
    /// Nothing but 0x00 or 0xff up to the end. Costs no more than the walk: what only begins like that is a
    /// structure of FFh bytes, at least.
    bool is_fill() {
        const auto left = table_.subspan(in_.offset());
        const auto first = left.front();
        return !out_.structures.empty() && (first == std::byte{0} || first == std::byte{0xff}) &&
               std::ranges::all_of(left, [first](std::byte each) { return each == first; });
    }

    /// One structure (6.1.2); true if nothing more is to be read.
    bool structure() {
        Structure found;
        found.offset = in_.offset();
        ByteReader header = in_;
        found.type = header.u8("structure type");
        const std::size_t length = header.u8("structure length");
        found.handle = header.u16le("structure handle");
        if (header.ok() && length < kHeaderSize) {  // nothing says where the next one starts
            if (out_.structures.empty()) {
                in_.fail_at(found.offset + 1, ErrorCode::malformed,
                            "SMBIOS structure shorter than its header");
                return false;
            }
            quirk(Quirk::structure_length_below_4, found.offset + 1);
            return true;
        }
        found.formatted = in_.bytes(header.ok() ? length : kHeaderSize, "SMBIOS structure");
        if (header.error()) in_.fail_at(found.offset, header.error()->code, header.error()->context);
        if (!in_.ok()) return false;
        if (found.type == kEndOfTable && in_.remaining() < 2) {
            quirk(Quirk::end_of_table_cut, in_.offset());
            in_.rest();
        } else {
            read_strings(in_, as_text(table_.subspan(in_.offset())), found.strings);
            if (!in_.ok()) return false;
        }
        if (!handles_.insert(found.handle).second) quirk(Quirk::handle_twice, found.offset);
        for (const auto at : string_fields(found.type)) {
            const auto index = found.u8(at);
            if (index && *index > found.strings.size())
                quirk(Quirk::string_index_beyond_set, found.offset + at);
        }
        out_.structures.push_back(std::move(found));
        return out_.structures.back().type == kEndOfTable;
    }

    void quirk(Quirk quirk, std::size_t offset) { out_.quirks.push_back({quirk, offset}); }

    static constexpr std::size_t kHeaderSize = 4;
    ByteView table_;
    ByteReader in_;
    Smbios& out_;
    std::set<std::uint16_t> handles_;
};

void compare_with_entry_point(const EntryPoint& entry, std::size_t table_size, Smbios& out) {
    if (entry.length_1e) out.quirks.push_back({Quirk::entry_point_length_1e, 5});
    if (entry.is_64_bit ? table_size > entry.table_size : table_size != entry.table_size) {
        out.quirks.push_back({Quirk::table_size_differs, 0});
    }
    if (!entry.is_64_bit && entry.structure_count != out.structures.size()) {
        out.quirks.push_back({Quirk::structure_count_differs, 0});
    }
}

}  // namespace

std::string_view to_string(Quirk quirk) {
    switch (quirk) {
        case Quirk::table_address_outside_dump:
            return "table_address_outside_dump";
        case Quirk::entry_point_length_1e:
            return "entry_point_length_1e";
        case Quirk::no_end_of_table:
            return "no_end_of_table";
        case Quirk::end_of_table_cut:
            return "end_of_table_cut";
        case Quirk::bytes_after_end_of_table:
            return "bytes_after_end_of_table";
        case Quirk::structure_count_differs:
            return "structure_count_differs";
        case Quirk::table_size_differs:
            return "table_size_differs";
        case Quirk::structure_length_below_4:
            return "structure_length_below_4";
        case Quirk::structure_cut:
            return "structure_cut";
        case Quirk::fill_after_last_structure:
            return "fill_after_last_structure";
        case Quirk::string_index_beyond_set:
            return "string_index_beyond_set";
        case Quirk::handle_twice:
            return "handle_twice";
    }
    return "unknown";
}

Result<EntryPoint> parse_entry_point(ByteView bytes) {
    if (starts_with(bytes, "_SM3_")) return parse_64_bit(bytes);
    if (starts_with(bytes, "_SM_")) return parse_32_bit(bytes);
    return fail(ErrorCode::malformed, "SMBIOS entry point: neither _SM_ nor _SM3_", 0);
}

const QuirkSeen* Smbios::unread() const {
    const auto found = std::ranges::find_if(quirks, [](const QuirkSeen& seen) {
        return seen.quirk == Quirk::structure_cut || seen.quirk == Quirk::structure_length_below_4;
    });
    return found == quirks.end() ? nullptr : &*found;
}

const Structure* Smbios::first(std::uint8_t type) const {
    const auto found = std::ranges::find(structures, type, &Structure::type);
    return found == structures.end() ? nullptr : &*found;
}

Result<Smbios> parse_smbios(ByteView entry_point, ByteView table) {
    if (table.size() > limits::kSmbiosTable) return fail(ErrorCode::limit, "SMBIOS table too large");
    Smbios out;
    if (!entry_point.empty()) out.entry_point = TRY(parse_entry_point(entry_point));
    TRY_VOID(TableWalk(table, out).run());
    if (out.entry_point) compare_with_entry_point(*out.entry_point, table.size(), out);
    return out;
}

Result<Smbios> parse_smbios_file(ByteView file) {
    if (!starts_with(file, "_SM")) return parse_smbios({}, file);
    const auto entry = TRY(parse_entry_point(file));
    const std::size_t length = entry.is_64_bit ? 0x18 : 0x1f;
    constexpr std::size_t kDumpOffset = 0x20;
    const bool outside = entry.table_address < length || entry.table_address >= file.size();
    if (outside && file.size() <= kDumpOffset)
        return fail(ErrorCode::truncated, "SMBIOS dump without a table", length);
    // A 3.x size is a maximum: what the file has is what there is.
    auto table = file.subspan(outside ? kDumpOffset : entry.table_address);
    if (!entry.is_64_bit && entry.table_size < table.size()) table = table.first(entry.table_size);
    auto parsed = TRY(parse_smbios(file.first(length), table));
    if (outside)
        parsed.quirks.push_back({Quirk::table_address_outside_dump, entry.is_64_bit ? 0x10U : 0x18U});
    return parsed;
}

}  // namespace assay::smbios
