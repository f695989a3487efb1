#include "agent/devices/tpm/tcti.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>
#include <tss2/tss2_tpm2_types.h>
#include <unistd.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/cause.h"
#include "evidence/base/hex.h"

namespace assay::agent {
namespace {

constexpr std::array kDefaultDevices{"/dev/tpmrm0", "/dev/tpm0"};
constexpr std::string_view kCommand = "tpm";
constexpr std::size_t kMaxResponse = 65'536;  // far above TPM2_MAX_RESPONSE_SIZE

Result<std::string> default_conf() {
    for (const auto* device : kDefaultDevices) {
        if (::access(device, R_OK | W_OK) == 0) return fmt::format("device:{}", device);
        if (errno == EACCES || errno == EPERM) {
            return std::unexpected(
                error_of(Cause::tpm_permission, device, std::generic_category().message(errno)));
        }
    }
    return std::unexpected(error_of(Cause::tpm_absent, "/dev/tpmrm0, /dev/tpm0"));
}

/// tpm2-tss writes every failed command to stderr itself; here each is said once, in the Error. An own
/// setting wins.
void keep_library_quiet() {
    ::setenv("TSS2_LOG", "all+none", 0);  // NOLINT(concurrency-mt-unsafe): before the library's first use
}

/// A TCTI of our own is a table of functions that begins with TSS2_TCTI_CONTEXT_COMMON_V1, as tpm2-tss's are;
/// what it has no function for it does not implement. One command is under way at a time.
struct OwnTcti {
    TSS2_TCTI_CONTEXT_COMMON_V1 functions{};  // first: its address is the context's

    explicit OwnTcti(TSS2_TCTI_TRANSMIT_FCN transmit, TSS2_TCTI_RECEIVE_FCN receive) {
        functions.version = 1;
        functions.transmit = transmit;
        functions.receive = receive;
    }
};

template <typename T>
T& self(TSS2_TCTI_CONTEXT* context) {
    return *reinterpret_cast<T*>(context);  // NOLINT(*-reinterpret-cast): as TCTIs are made
}

template <typename T>
Tcti held(std::shared_ptr<T> own) {
    auto* context = reinterpret_cast<TSS2_TCTI_CONTEXT*>(own.get());  // NOLINT(*-reinterpret-cast)
    return {std::move(own), context};
}

ByteView command_bytes(std::size_t size, const std::uint8_t* bytes) {
    return std::as_bytes(std::span(bytes, size));
}

struct RecordingTcti : OwnTcti {
    Tcti to_tpm;
    Recording& recording;
    Bytes command;

    RecordingTcti(Tcti to, Recording& kept)
        : OwnTcti(transmit, receive), to_tpm(std::move(to)), recording(kept) {}

    static TSS2_RC transmit(TSS2_TCTI_CONTEXT* context, std::size_t size, const std::uint8_t* bytes) {
        auto& my = self<RecordingTcti>(context);
        my.command = to_bytes(command_bytes(size, bytes));
        return Tss2_Tcti_Transmit(my.to_tpm.get(), size, bytes);
    }

    static TSS2_RC receive(TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* bytes,
                           std::int32_t timeout) {
        auto& my = self<RecordingTcti>(context);
        const auto code = Tss2_Tcti_Receive(my.to_tpm.get(), size, bytes, timeout);
        if (code == TSS2_RC_SUCCESS && bytes != nullptr && !my.is_secret())
            my.recording.calls[{std::string(kCommand), to_hex(my.command)}] =
                std::vector{to_hex(command_bytes(*size, bytes))};
        return code;
    }

    [[nodiscard]] bool is_secret() const {
        ByteReader in(command);  // TPM 2.0 Part 1, 18: tag, size, command code
        in.u16be("tag");
        in.u32be("size");
        return in.u32be("commandCode") == TPM2_CC_ActivateCredential || !in.ok();
    }
};

struct RecordedTcti : OwnTcti {
    Recording recording;
    Bytes response;

    explicit RecordedTcti(Recording kept) : OwnTcti(transmit, receive), recording(std::move(kept)) {}

    static TSS2_RC transmit(TSS2_TCTI_CONTEXT* context, std::size_t size, const std::uint8_t* bytes) {
        auto& my = self<RecordedTcti>(context);
        const auto fields = my.recording.answer(kCommand, to_hex(command_bytes(size, bytes)));
        const auto kept = fields && fields->size() == 1 ? from_hex(fields->front(), kMaxResponse)
                                                        : Result<Bytes>(fail(ErrorCode::not_found, "none"));
        // A response without sessions (TPM 2.0 Part 1, 18): tag, size, response code.
        constexpr std::uint32_t kHead = 2 + 4 + 4;
        my.response =
            kept ? *kept : ByteWriter().u16be(TPM2_ST_NO_SESSIONS).u32be(kHead).u32be(kNotRecorded).take();
        return TSS2_RC_SUCCESS;
    }

    /// As long as its head says: tpm2-tss reads on in what was there before.
    static bool is_whole(ByteView response) {
        ByteReader in(response);
        in.u16be("tag");
        return in.u32be("size") == response.size() && in.ok();
    }

    static TSS2_RC receive(TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* bytes, std::int32_t) {
        const auto& response = self<RecordedTcti>(context).response;
        const auto room = std::exchange(*size, response.size());
        if (!is_whole(response)) return TSS2_TCTI_RC_MALFORMED_RESPONSE;
        if (bytes == nullptr) return TSS2_RC_SUCCESS;  // it was asked for the size
        if (room < response.size()) return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
        std::ranges::copy(response, std::as_writable_bytes(std::span(bytes, room)).begin());
        return TSS2_RC_SUCCESS;
    }
};

}  // namespace

Result<Tcti> open_tcti(const std::string& conf) {
    keep_library_quiet();
    const auto used = conf.empty() ? TRY(default_conf()) : conf;
    TSS2_TCTI_CONTEXT* raw = nullptr;
    if (const auto code = ::Tss2_TctiLdr_Initialize(used.c_str(), &raw); code != TSS2_RC_SUCCESS) {
        return std::unexpected(
            error_of(Cause::tpm_unreachable, fmt::format("TPM at \"{}\"", used), ::Tss2_RC_Decode(code)));
    }
    return Tcti(raw, [](TSS2_TCTI_CONTEXT* tcti) { ::Tss2_TctiLdr_Finalize(&tcti); });
}

Tcti recording_tcti(Tcti to_tpm, Recording& recording) {
    return held(std::make_shared<RecordingTcti>(std::move(to_tpm), recording));
}

Tcti recorded_tcti(Recording recording) {
    keep_library_quiet();
    return held(std::make_shared<RecordedTcti>(std::move(recording)));
}

}  // namespace assay::agent
