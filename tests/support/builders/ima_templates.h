#pragma once

#include <string>
#include <vector>

#include "evidence/base/hex.h"
#include "tests/support/builders/ima_builder.h"

namespace assay::test {

/// One entry of a template: its fields as data, and as the kernel prints them.
struct ImaSample {
    struct Field {
        Bytes data;
        std::string text;
    };
    std::string name;
    std::vector<Field> fields;

    [[nodiscard]] Bytes data() const {
        ByteWriter out;
        for (const auto& field : fields) out.bytes(ImaBuilder::field(field.data));
        return out.take();
    }
    /// ascii_runtime_measurements' line, without its end.
    [[nodiscard]] std::string line(HashAlgorithm template_hash = HashAlgorithm::sha1) const {
        std::string out = "10 " + hash(template_hash, {data()}).hex() + " " + name;
        for (const auto& field : fields) out += " " + field.text;
        return out;
    }
};

/// One of each template that has a name, and some that are named by their format. What each field holds is
/// told by its id.
inline std::vector<ImaSample> ima_samples() {
    using Field = ImaSample::Field;
    const auto digest = sha256(as_view("content"));
    const auto named = [&](const std::string& name) {
        return Field{ByteWriter().text(name).u8(0).bytes(digest.view()).take(), name + digest.hex()};
    };
    const auto text = [](const std::string& value) {
        return Field{ByteWriter().text(value).u8(0).take(), value};
    };
    const auto hex = [](const Bytes& value) { return Field{value, to_hex(value)}; };
    const auto d_ng = named("sha256:");
    const auto ngv2 = named("ima:sha256:");
    const auto verity = named("verity:sha256:");
    const auto path = text("/usr/bin/sh");
    const auto sig = hex(to_bytes("\x03\x02\x04sig"));
    const auto empty = Field{};
    return {{"ima-ng", {d_ng, path}},
            {"ima-sig", {d_ng, path, sig}},
            {"ima-sig", {d_ng, path, empty}},
            {"ima-buf", {d_ng, text("kexec-cmdline"), hex(to_bytes("quiet"))}},
            {"ima-ngv2", {ngv2, path}},
            {"ima-sigv2", {ngv2, path, sig}},
            {"ima-sigv2", {verity, path, empty}},
            {"ima-modsig", {d_ng, path, empty, named("sha256:"), hex(to_bytes("modsig"))}},
            {"ima-modsig", {d_ng, path, sig, empty, empty}},
            {"evm-sig",
             {d_ng,
              path,
              hex(to_bytes("\x05\x02\x04")),
              text("security.selinux|security.ima"),
              hex(ByteWriter().u32le(3).u32le(2).take()),
              hex(to_bytes("xyzab")),
              {ByteWriter().u32le(1000).take(), "1000"},
              {ByteWriter().u32le(100).take(), "100"},
              {ByteWriter().u16le(0100755).take(), "33261"}}},
            {"d-ng|n-ng", {d_ng, path}},
            {"n-ng|sig|d-ng", {path, empty, d_ng}},
            {"n", {path}},
            {"sig", {sig}}};
}

}  // namespace assay::test
