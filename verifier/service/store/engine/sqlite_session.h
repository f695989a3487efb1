#pragma once

#include <string>

#include <soci/soci.h>

namespace assay::store {

/// Opens (and makes) the file in WAL mode, synchronous FULL, foreign keys on, waiting up to ten seconds for
/// another process, and adds PostgreSQL's decode(text, 'hex') and encode(bytes, 'hex'), so that bytes go
/// through the same SQL on both engines. Throws.
void open_sqlite(soci::session& session, const std::string& file);

}  // namespace assay::store
