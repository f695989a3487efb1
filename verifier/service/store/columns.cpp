#include "verifier/service/store/columns.h"

#include <iterator>

#include "evidence/base/hex.h"
#include "evidence/codec/cbor.h"

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
    return rows_changed(sql, "UPDATE host_state SET told = told + 1 WHERE host = :host", soci::use(host)) ==
           1;
}

std::string device_key_column(const DeviceKey& key) {
    if (!key.shown()) return "";
    std::vector<Bytes> items{key.public_area};
    items.insert(items.end(), key.certificates.begin(), key.certificates.end());
    return to_hex(encode_list(items));
}

Result<DeviceKey> device_key_from_column(const std::string& column) {
    DeviceKey key;
    if (column.empty()) return key;
    auto items = TRY(decode_list(TRY(bytes_from_column(column))));
    if (items.empty()) return fail(ErrorCode::internal, "database: a device key without its public area");
    key.public_area = std::move(items.front());
    key.certificates.assign(std::make_move_iterator(items.begin() + 1), std::make_move_iterator(items.end()));
    return key;
}

}  // namespace assay::store
