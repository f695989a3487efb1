#include "verifier/service/store/hosts/identity.h"

#include <iterator>

#include "evidence/base/hex.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::store {
namespace {

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

}  // namespace

IdentityColumns IdentityColumns::of(const Identity& identity) {
    return {.ek_public = to_hex(identity.ek_public),
            .ak_public = to_hex(identity.ak_public),
            .ek_certificates = to_hex(encode_list(identity.ek_certificates)),
            .iak = device_key_column(identity.iak),
            .idevid = device_key_column(identity.idevid)};
}

Result<> IdentityColumns::read_into(Identity& identity) const {
    identity.ek_public = TRY(bytes_from_column(ek_public));
    identity.ak_public = TRY(bytes_from_column(ak_public));
    identity.ek_certificates = TRY(decode_list(TRY(bytes_from_column(ek_certificates))));
    identity.iak = TRY(device_key_from_column(iak));
    identity.idevid = TRY(device_key_from_column(idevid));
    return {};
}

}  // namespace assay::store
