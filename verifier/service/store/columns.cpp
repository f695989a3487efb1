#include "verifier/service/store/columns.h"

#include "evidence/base/hex.h"
#include "evidence/codec/cbor.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::store {

Result<Bytes> bytes_from_column(const std::string& hex) {
    auto bytes = from_hex(hex, hex.size());
    if (!bytes) return fail(ErrorCode::internal, "database: a column of bytes does not hold bytes");
    return bytes;
}

Bytes encode_list(const std::vector<Bytes>& items) {
    cbor::Writer out;
    out.array(items.size());
    for (const auto& item : items) out.bytes(item);
    return out.take();
}

Result<std::vector<Bytes>> decode_list(ByteView encoded) {
    constexpr std::size_t kItems = 100'000;
    return cbor::parse_document(encoded, "stored list", [](cbor::Reader& in) {
        std::vector<Bytes> items;
        in.array("items", kItems, [&] { items.push_back(to_bytes(in.bytes("item", limits::kSection))); });
        return items;
    });
}

bool hold_host(soci::session& sql, const std::string& host) {
    // SQLite's transaction holds everything already; in PostgreSQL this is the lock of a row.
    return execute(sql, "UPDATE host_state SET told = told + 1 WHERE host = :host", host) == 1;
}

std::unexpected<Error> not_enrolled() {
    return fail(ErrorCode::not_found, "no host of this name is enrolled");
}

}  // namespace assay::store
