#include "evidence/eventlog/event_log.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"
#include "evidence/eventlog/payload/padding.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxAlgorithms = 16;
constexpr std::size_t kMaxDigestSize = 64;
constexpr std::size_t kSignatureSize = 16;
constexpr auto kSpecId03 = "Spec ID Event03\0"sv;
constexpr auto kSpecId02 = "Spec ID Event02\0"sv;
constexpr auto kSpecId00 = "Spec ID Event00\0"sv;
// TD Shim and OVMF put the Spec ID event of a CCEL under measurement register 1. (ACPI 6.5, 5.2.34;
// UEFI 2.10, 38.4.1)
constexpr std::uint32_t kCcelSpecIdIndex = 1;

// NV indices of the event log: instance and dynamic data of SPDM, log integrity. (PFP 1.06, 3.3.7)
bool is_event_log_nv_index(std::uint32_t index) {
    return index >= 0x01c40200 && index <= 0x01c40203;
}

// Sizes of algorithms that are not replayed, from the TCG Algorithm Registry; 0 where it is not known.
std::size_t registered_size(std::uint16_t id) {
    switch (id) {
        case 0x0012:
            return 32;  // SM3_256
        case 0x0027:
            return 32;  // SHA3_256
        case 0x0028:
            return 48;  // SHA3_384
        case 0x0029:
            return 64;  // SHA3_512
        default:
            return 0;
    }
}

std::uint32_t u32le_at(ByteView bytes, std::size_t at) {
    return std::to_integer<std::uint32_t>(bytes[at]) | std::to_integer<std::uint32_t>(bytes[at + 1]) << 8U |
           std::to_integer<std::uint32_t>(bytes[at + 2]) << 16U |
           std::to_integer<std::uint32_t>(bytes[at + 3]) << 24U;
}

std::uint16_t u16le_at(ByteView bytes, std::size_t at) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[at]) |
                                      std::to_integer<unsigned>(bytes[at + 1]) << 8U);
}

bool is_fill(ByteView bytes) {
    const auto first = bytes.front();
    return (first == std::byte{0} || first == std::byte{0xff}) &&
           std::ranges::all_of(bytes, [first](std::byte byte) { return byte == first; });
}

}  // namespace

/// Builds a ParsedEventLog record by record: a method per structure of the format page.
class EventLogParser {
  public:
    explicit EventLogParser(ByteView log, ByteReader& in) : all_(log), in_(in) {}

    Result<ParsedEventLog> run() {
        // An event takes a few hundred bytes; an unusual log grows the vectors.
        const auto likely = std::min<std::size_t>(all_.size() / 192 + 1, limits::kEvents);
        log_.events_.reserve(likely);
        first_digest_.reserve(likely);
        digest_count_.reserve(likely);
        first_event();
        log_.digests_.reserve(likely * log_.banks_.size());
        while (in_.ok() && !in_.empty() && !padding()) {
            if (log_.events_.size() >= limits::kEvents) {
                in_.fail_here(ErrorCode::limit, "more than " + std::to_string(limits::kEvents) + " events");
            } else if (log_.format_ == EventLogFormat::crypto_agile) {
                event2();
            } else {
                sha1_event();
            }
        }
        if (in_.error()) {
            return with_context<ParsedEventLog>(std::unexpected(*in_.error()),
                                                "event " + std::to_string(current_));
        }
        for (std::size_t i = 0; i < log_.events_.size(); ++i) {
            log_.events_[i].digests = std::span(log_.digests_).subspan(first_digest_[i], digest_count_[i]);
        }
        return std::move(log_);
    }

  private:
    void quirk(EventLogQuirk id, std::size_t offset, std::optional<std::uint32_t> event = {}) {
        if (!log_.has_quirk(id)) log_.quirks_.push_back({id, offset, event});
    }

    // What is left is fill and no record. Only a record of PCR 0 or of index 0xffffffff could begin like
    // fill.
    bool padding() {
        const auto left = all_.subspan(in_.offset());
        if (!is_fill(left.first(std::min<std::size_t>(left.size(), 8))) || !is_fill(left)) return false;
        quirk(EventLogQuirk::trailing_padding, in_.offset());
        in_.rest();
        return true;
    }

    void first_event() {
        if (in_.empty()) return in_.fail_here(ErrorCode::truncated, "an empty log");
        if (padding()) return in_.fail_at(0, ErrorCode::malformed, "nothing but fill");
        sha1_event();
        if (!in_.ok()) return;
        const auto& event = log_.events_.front();
        const auto signature = as_text(event.unverified_data).substr(0, kSignatureSize);
        if (event.unverified_type != EV_NO_ACTION) return quirk(EventLogQuirk::no_spec_id, 0, 0);
        if (signature == kSpecId02 || signature == kSpecId00) return quirk(EventLogQuirk::sha1_spec_id, 0, 0);
        if (signature != kSpecId03) return quirk(EventLogQuirk::no_spec_id, 0, 0);
        crypto_agile(event);
    }

    void crypto_agile(const ParsedEvent& header) {
        if (header.pcr == kCcelSpecIdIndex) {
            quirk(EventLogQuirk::cc_measurement_registers, 0, 0);
        } else if (header.pcr != 0) {
            quirk(EventLogQuirk::spec_id_pcr_not_zero, 0, 0);
        }
        if (!log_.digests_.front().is_filled_with(std::byte{0}))
            quirk(EventLogQuirk::spec_id_digest_not_zero, 8, 0);
        auto spec_id = parse_exact(without_padding(EV_NO_ACTION, header.unverified_data), "Spec ID event",
                                   [](ByteReader& in) { return parse_spec_id(in); });
        if (!spec_id) {
            const auto data_offset = in_.offset() - header.unverified_data.size();
            const auto& error = spec_id.error();
            return in_.fail_at(data_offset + error.offset.value_or(0), error.code, error.context);
        }
        log_.format_ = EventLogFormat::crypto_agile;
        log_.spec_id_ = std::move(*spec_id);
        log_.banks_.clear();
        for (const auto& algorithm : log_.spec_id_->algorithms) {
            if (algorithm.known) {
                log_.banks_.push_back(*algorithm.known);
            } else {
                quirk(EventLogQuirk::unknown_algorithm, 0, 0);
            }
        }
        // The header is a TCG_PCR_EVENT: its 20 bytes of zero are no digest of a bank.
        log_.digests_.clear();
        digest_count_.front() = 0;
    }

    // TCG_EfiSpecIDEvent (PFP 1.06, 10.4.5.1)
    static SpecIdEvent parse_spec_id(ByteReader& in) {
        SpecIdEvent spec_id;
        in.bytes(kSignatureSize, "signature");
        spec_id.platform_class = in.u32le("platformClass");
        spec_id.version_minor = in.u8("specVersionMinor");
        spec_id.version_major = in.u8("specVersionMajor");
        spec_id.errata = in.u8("specErrata");
        spec_id.uintn_size = in.u8("uintnSize");
        const auto count_offset = in.offset();
        const std::size_t count = in.u32le("numberOfAlgorithms");
        if (count == 0) in.fail_at(count_offset, ErrorCode::malformed, "numberOfAlgorithms: 0");
        if (!in.check_count(count, 4, kMaxAlgorithms, "numberOfAlgorithms")) return spec_id;
        spec_id.algorithms.reserve(count);
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            const auto algorithm = parse_algorithm(in);
            const bool repeated = std::ranges::any_of(
                spec_id.algorithms, [&](const auto& seen) { return seen.id == algorithm.id; });
            if (repeated) {
                in.fail_at(in.offset() - 4, ErrorCode::malformed,
                           fmt::format("algorithm 0x{:04x} twice", algorithm.id));
            }
            spec_id.algorithms.push_back(algorithm);
        }
        const std::size_t vendor_info_size = in.u8("vendorInfoSize");
        spec_id.vendor_info = in.bytes(vendor_info_size, "vendorInfo");
        return spec_id;
    }

    static LogAlgorithm parse_algorithm(ByteReader& in) {
        LogAlgorithm algorithm;
        algorithm.id = in.u16le("algorithmId");
        algorithm.size = in.u16le("digestSize");
        if (!in.ok()) return algorithm;
        if (const auto known = hash_algorithm_from_id(algorithm.id)) algorithm.known = *known;
        const auto size = algorithm.known ? digest_size(*algorithm.known) : registered_size(algorithm.id);
        const bool fits =
            size != 0 ? algorithm.size == size : algorithm.size != 0 && algorithm.size <= kMaxDigestSize;
        if (!fits) {
            in.fail_at(in.offset() - 2, ErrorCode::malformed,
                       fmt::format("digestSize: {} for algorithm 0x{:04x}", algorithm.size, algorithm.id));
        }
        return algorithm;
    }

    // TCG_PCR_EVENT (PFP 1.06, 10.2.1)
    void sha1_event() {
        auto event = begin_event();
        const auto raw = in_.bytes(digest_size(HashAlgorithm::sha1), "digest");
        if (!in_.ok()) return;
        if (log_.banks_.empty()) log_.banks_.push_back(HashAlgorithm::sha1);
        add_digest(HashAlgorithm::sha1, raw);
        finish_event(event);
    }

    // TCG_PCR_EVENT2 (PFP 1.06, 10.2.2)
    void event2() {
        auto event = begin_event();
        const auto count_offset = in_.offset();
        const std::size_t count = in_.u32le("digest count");
        const auto& listed = log_.spec_id_->algorithms;
        if (in_.ok() && (count == 0 || count > listed.size())) {
            in_.fail_at(
                count_offset, ErrorCode::malformed,
                fmt::format("digest count: {} where the Spec ID event lists {}", count, listed.size()));
        }
        std::uint32_t seen = 0;
        for (std::size_t i = 0; i < count && in_.ok(); ++i) one_digest(listed, seen);
        if (!in_.ok()) return;
        if (count < listed.size()) quirk(EventLogQuirk::digest_missing, event.offset, event.index);
        finish_event(event);
    }

    void one_digest(const std::vector<LogAlgorithm>& listed, std::uint32_t& seen) {
        const auto offset = in_.offset();
        const auto id_bytes = in_.bytes(2, "digest algorithm");
        if (!in_.ok()) return;
        const auto id = u16le_at(id_bytes, 0);
        std::size_t at = 0;
        while (at < listed.size() && listed[at].id != id) ++at;
        if (at == listed.size()) {
            return in_.fail_at(
                offset, ErrorCode::malformed,
                fmt::format("digest algorithm 0x{:04x}, which the Spec ID event does not list", id));
        }
        if ((seen >> at & 1U) != 0) {
            return in_.fail_at(offset, ErrorCode::malformed,
                               fmt::format("digest algorithm 0x{:04x} twice", id));
        }
        seen |= 1U << at;
        const auto raw = in_.bytes(listed[at].size, "digest");
        if (in_.ok() && listed[at].known) add_digest(*listed[at].known, raw);
    }

    ParsedEvent begin_event() {
        ParsedEvent event;
        event.index = static_cast<std::uint32_t>(log_.events_.size());
        event.offset = in_.offset();
        current_ = event.index;
        begun_at_digest_ = log_.digests_.size();
        const auto head = in_.bytes(8, "PCR index and event type");
        if (!in_.ok()) return event;
        event.pcr = u32le_at(head, 0);
        event.unverified_type = u32le_at(head, 4);
        if (event.pcr == ParsedEvent::kNoPcr) {
            quirk(EventLogQuirk::pcr_index_all_ones, event.offset, event.index);
        } else if (event.unverified_type == EV_NO_ACTION && is_event_log_nv_index(event.pcr)) {
            quirk(EventLogQuirk::nv_index_events, event.offset, event.index);
            event.pcr = ParsedEvent::kNoPcr;
        } else if (event.pcr >= kPcrCount) {
            in_.fail_at(event.offset, ErrorCode::malformed, fmt::format("PCR index: 0x{:08x}", event.pcr));
        }
        return event;
    }

    void finish_event(ParsedEvent& event) {
        const std::size_t size = in_.u32le("event size");
        event.unverified_data = in_.bytes(size, limits::kEventData, "event data");
        if (!in_.ok()) return;
        if (event.index != 0 && event.unverified_type == EV_NO_ACTION &&
            as_text(event.unverified_data).starts_with("Spec ID Event0"sv)) {
            quirk(EventLogQuirk::spec_id_repeated, event.offset, event.index);
        }
        if (without_padding(event.unverified_type, event.unverified_data).size() != size)
            quirk(EventLogQuirk::padded_structure, event.offset, event.index);
        first_digest_.push_back(static_cast<std::uint32_t>(begun_at_digest_));
        digest_count_.push_back(static_cast<std::uint8_t>(log_.digests_.size() - begun_at_digest_));
        log_.events_.push_back(event);
    }

    // The size was read as the algorithm's own, so from_bytes cannot refuse.
    void add_digest(HashAlgorithm algorithm, ByteView raw) {
        log_.digests_.push_back(*Digest::from_bytes(algorithm, raw));
    }

    ByteView all_;
    ByteReader& in_;
    ParsedEventLog log_;
    std::uint32_t current_ = 0;
    std::size_t begun_at_digest_ = 0;
    std::vector<std::uint32_t> first_digest_;  // by event: where its digests begin, until they no longer move
    std::vector<std::uint8_t> digest_count_;
};

std::string_view to_string(EventLogFormat format) {
    return format == EventLogFormat::crypto_agile ? "crypto-agile" : "sha1";
}

const Digest* ParsedEvent::digest_in(HashAlgorithm bank) const {
    for (const auto& digest : digests) {
        if (digest.algorithm() == bank) return &digest;
    }
    return nullptr;
}

bool ParsedEventLog::has_bank(HashAlgorithm bank) const {
    return std::ranges::find(banks_, bank) != banks_.end();
}

bool ParsedEventLog::has_quirk(EventLogQuirk quirk) const {
    return std::ranges::any_of(quirks_, [quirk](const auto& seen) { return seen.id == quirk; });
}

Result<ParsedEventLog> parse_event_log(ByteView log) {
    if (log.size() > limits::kEventLog) {
        return fail(ErrorCode::limit, fmt::format("boot event log: {} bytes, at most {} allowed", log.size(),
                                                  limits::kEventLog));
    }
    return parse_exact(log, "boot event log",
                       [log](ByteReader& in) { return EventLogParser(log, in).run(); });
}

}  // namespace assay::tcg
