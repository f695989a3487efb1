#include <array>
#include <string>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/ima/ima_log.h"

// What template data holds. (kernel security/integrity/ima/ima_template.c, ima_template_lib.c)
namespace assay::tcg {
namespace {

struct NamedFormat {
    std::string_view name;
    std::string_view format;
};

constexpr std::array kFormats{
    NamedFormat{"ima", "d|n"},
    NamedFormat{"ima-ng", "d-ng|n-ng"},
    NamedFormat{"ima-ngv2", "d-ngv2|n-ng"},
    NamedFormat{"ima-sig", "d-ng|n-ng|sig"},
    NamedFormat{"ima-sigv2", "d-ngv2|n-ng|sig"},
    NamedFormat{"ima-buf", "d-ng|n-ng|buf"},
    NamedFormat{"ima-modsig", "d-ng|n-ng|sig|d-modsig|modsig"},
    NamedFormat{"evm-sig", "d-ng|n-ng|evmsig|xattrnames|xattrlengths|xattrvalues|iuid|igid|imode"},
};

// "sha256:" NUL digest; d-ngv2 puts "ima:" or "verity:" before it.
void file_digest(ByteReader& in, ByteView field, bool typed, ImaFields& out) {
    auto text = as_text(field);
    const auto nul = text.find('\0');
    if (nul == std::string_view::npos || nul == 0 || text[nul - 1] != ':') {
        return in.fail_here(ErrorCode::malformed, "file digest without an algorithm");
    }
    out.file_hash = field.subspan(nul + 1);
    out.file_hash_name = text.substr(0, nul - 1);
    if (const auto colon = out.file_hash_name.find(':'); typed && colon != std::string_view::npos) {
        out.is_verity = out.file_hash_name.substr(0, colon) == "verity";
        out.file_hash_name.remove_prefix(colon + 1);
    }
    const auto algorithm = hash_algorithm_from_name(out.file_hash_name);
    if (!algorithm) return;
    out.file_hash_algorithm = *algorithm;
    if (out.file_hash.size() != digest_size(*algorithm)) {
        in.fail_here(ErrorCode::malformed, fmt::format("file digest of {} bytes", out.file_hash.size()));
    }
}

void path(ByteReader& in, ByteView field, ImaFields& out) {
    out.path = as_text(field);
    if (out.path.ends_with('\0')) out.path.remove_suffix(1);
    if (out.path.find('\0') != std::string_view::npos)
        in.fail_here(ErrorCode::malformed, "a NUL within the path");
}

// An integer of the kernel's own width, little-endian.
std::uint64_t number(ByteReader& in, ByteView field) {
    if (field.size() != 2 && field.size() != 4) {
        in.fail_here(ErrorCode::malformed, fmt::format("a number of {} bytes", field.size()));
        return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = field.size(); i-- > 0;)
        value = (value << 8U) | std::to_integer<std::uint64_t>(field[i]);
    return value;
}

bool one_field(ByteReader& in, std::string_view id, ByteView field, ImaFields& out) {
    if (id == "d-ng" || id == "d-ngv2") {
        file_digest(in, field, id == "d-ngv2", out);
    } else if (id == "d") {
        out.file_hash = field;
        out.file_hash_name = "sha1";
        out.file_hash_algorithm = HashAlgorithm::sha1;
        if (field.size() != digest_size(HashAlgorithm::sha1))
            in.fail_here(ErrorCode::malformed, "file digest is not SHA-1");
    } else if (id == "n-ng" || id == "n") {
        path(in, field, out);
    } else if (id == "sig") {
        out.signature = field;
    } else if (id == "buf") {
        out.buffer = field;
    } else if (id == "d-modsig") {
        out.appended_hash = field;
    } else if (id == "modsig") {
        out.appended_signature = field;
    } else if (id == "evmsig") {
        out.evm_signature = field;
    } else if (id == "xattrnames") {
        out.xattr_names = as_text(field);
        if (out.xattr_names.ends_with('\0')) out.xattr_names.remove_suffix(1);
    } else if (id == "iuid") {
        out.uid = number(in, field);
    } else if (id == "igid") {
        out.gid = number(in, field);
    } else if (id == "imode") {
        out.mode = number(in, field);
    } else {
        return id == "xattrlengths" || id == "xattrvalues";
    }
    return true;
}

ImaFields old_fields(ByteReader& in) {
    ImaFields fields;
    one_field(in, "d", in.bytes(digest_size(HashAlgorithm::sha1), "file digest"), fields);
    const std::size_t size = in.u32le("file name length");
    one_field(in, "n", in.bytes(size, "file name"), fields);
    return fields;
}

}  // namespace

std::string_view ima_template_format(std::string_view name) {
    for (const auto& known : kFormats) {
        if (known.name == name) return known.format;
    }
    return name;
}

Result<ImaFields> ima_fields(const ParsedImaEntry& entry) {
    return parse_exact(entry.template_data, "IMA template data", [&](ByteReader& in) {
        if (entry.template_name == "ima") return old_fields(in);
        ImaFields fields;
        auto format = ima_template_format(entry.template_name);
        while (in.ok()) {
            const auto bar = format.find('|');
            const auto id = format.substr(0, bar);
            const std::size_t size = in.u32le("field length");
            const auto field = in.bytes(size, limits::kEventData, "field");
            if (in.ok() && !one_field(in, id, field, fields)) {
                in.fail_at(0, ErrorCode::unsupported, "template '" + printable(entry.template_name) + "'");
            }
            if (bar == std::string_view::npos) break;
            format.remove_prefix(bar + 1);
        }
        return fields;
    });
}

}  // namespace assay::tcg
