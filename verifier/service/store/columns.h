#pragma once

#include <string>
#include <vector>

#include <soci/soci.h>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// What the statements of the store share. Bytes cross to the engine as hex: `decode(:name, 'hex')` and
/// `encode(column, 'hex')` in the SQL.
namespace assay::store {

/// `internal` where the column holds something else: then somebody else wrote it.
Result<Bytes> bytes_from_column(const std::string& hex);

/// A CBOR array of byte strings, for the few lists that are only ever read whole.
Bytes encode_list(const std::vector<Bytes>& items);
Result<std::vector<Bytes>> decode_list(ByteView encoded);

/// Within a transaction that changes what the host's next report is judged by: what other transactions want
/// of this host waits until this one ends, and what verifiers remember of it stands no more. False where no
/// host of this name is enrolled. Throws.
bool hold_host(soci::session& sql, const std::string& host);
/// `not_found`
std::unexpected<Error> not_enrolled();

}  // namespace assay::store
