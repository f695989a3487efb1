#include "verifier/service/api/attest/ticket.h"

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/wire/evidence.h"
#include "verifier/service/api/nonce.h"

namespace assay::api {
namespace {

constexpr std::string_view kDomain = "assay-ticket-v1";
constexpr std::size_t kCode = 16;
constexpr std::size_t kDigest = 32;
constexpr std::size_t kFixed = 4 + 4 + kNonceSize + kDigest + kCode;

}  // namespace

Result<std::string> make_ticket(ByteView key, const Ticket& ticket) {
    ByteWriter out;
    out.u32be(static_cast<std::uint32_t>(ticket.expires_at)).u32be(ticket.bytes).bytes(ticket.nonce);
    out.bytes(ticket.manifest.view()).text(ticket.host);
    out.bytes(TRY(short_code(key, kDomain, out.view())));
    return to_base64url(out.view());
}

std::optional<Ticket> read_ticket(ByteView key, std::string_view text, std::int64_t now) {
    const auto bytes = from_base64url(text, kFixed + limits::kHostName);
    if (!bytes || bytes->size() <= kFixed) return std::nullopt;
    const ByteView all(*bytes);
    const auto body = all.first(all.size() - kCode);
    const auto code = short_code(key, kDomain, body);
    if (!code || !equal_secrets(*code, all.last(kCode))) return std::nullopt;
    ByteReader in(body);
    Ticket ticket;
    ticket.expires_at = static_cast<std::int64_t>(in.u32be("expiry"));
    ticket.bytes = in.u32be("bytes");
    ticket.nonce = to_bytes(in.bytes(kNonceSize, "nonce"));
    const auto manifest = Digest::from_bytes(HashAlgorithm::sha256, in.bytes(kDigest, "manifest"));
    if (!manifest || now >= ticket.expires_at) return std::nullopt;
    ticket.manifest = *manifest;
    ticket.host = as_text(body.subspan(kFixed - kCode));
    return ticket;
}

}  // namespace assay::api
