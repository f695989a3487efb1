// Input: the fields of a ticket as they would be signed. With the verifier's key it reads as what was made
// and has one spelling; with any other, and once it has expired, as nothing. The input itself is nobody's
// ticket.
#include <cstdint>
#include <cstdlib>

#include "evidence/base/limits.h"
#include "evidence/wire/evidence.h"
#include "tests/fuzz/round_trip.h"
#include "verifier/service/api/attest/ticket.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto bytes = fuzz::view_of(data, size);
    const Bytes key(32, std::byte{1});
    const Bytes other(32, std::byte{2});
    if (api::read_ticket(key, as_text(bytes), 0)) std::abort();
    if (size == 0 || size > limits::kHostName) return 0;
    const api::Ticket ticket{.host = std::string(as_text(bytes)),
                             .nonce = Bytes(kNonceSize, bytes.front()),
                             .manifest = sha256(bytes),
                             .expires_at = 1'790'000'000 + static_cast<std::int64_t>(size),
                             .bytes = static_cast<std::uint32_t>(size)};
    const auto text = api::make_ticket(key, ticket);
    if (!text) std::abort();
    const auto read = api::read_ticket(key, *text, ticket.expires_at - 1);
    if (!read || read->host != ticket.host || read->nonce != ticket.nonce ||
        read->manifest != ticket.manifest || read->expires_at != ticket.expires_at ||
        read->bytes != ticket.bytes)
        std::abort();
    if (api::read_ticket(key, *text, ticket.expires_at) || api::read_ticket(other, *text, 0)) std::abort();
    if (api::read_ticket(key, *text + "=", 0) || api::read_ticket(key, text->substr(1), 0)) std::abort();
    return 0;
}
