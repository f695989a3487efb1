#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <tss2/tss2_esys.h>

#include "evidence/base/result.h"

/// Owners for what tpm2-tss hands out, and its errors in words.
namespace assay::agent {

struct TssFree {
    template <typename T>
    void operator()(T* object) const {
        ::Esys_Free(object);
    }
    void operator()(ESYS_CONTEXT* context) const { ::Esys_Finalize(&context); }
};

/// What an Esys function allocated.
template <typename T>
using TssOwned = std::unique_ptr<T, TssFree>;

/// For a function's out-parameter: `Esys_X(..., out(owned))`; the pointer is owned at the end of the call's
/// full expression.
template <typename T>
class TssOut {
  public:
    explicit TssOut(TssOwned<T>& owner) : owner_(owner) {}
    TssOut(const TssOut&) = delete;
    TssOut& operator=(const TssOut&) = delete;
    ~TssOut() { owner_.reset(raw_); }
    operator T**() { return &raw_; }  // NOLINT(*-explicit-*): it stands for the out-parameter

  private:
    TssOwned<T>& owner_;
    T* raw_ = nullptr;
};
template <typename T>
TssOut<T> out(TssOwned<T>& owner) {
    return TssOut<T>(owner);
}

/// A transient object or session in the TPM: flushed at the end of its scope. Persistent objects only give
/// back the ESYS handle.
class TssHandle {
  public:
    TssHandle() = default;
    TssHandle(ESYS_CONTEXT* context, ESYS_TR handle, bool transient)
        : context_(context), handle_(handle), transient_(transient) {}
    TssHandle(TssHandle&& other) noexcept { swap(other); }
    TssHandle& operator=(TssHandle&& other) noexcept {
        swap(other);
        return *this;
    }
    TssHandle(const TssHandle&) = delete;
    TssHandle& operator=(const TssHandle&) = delete;
    ~TssHandle() {
        if (handle_ == ESYS_TR_NONE) return;
        if (transient_) {
            ::Esys_FlushContext(context_, handle_);
        } else {
            ::Esys_TR_Close(context_, &handle_);
        }
    }
    [[nodiscard]] ESYS_TR get() const { return handle_; }

  private:
    void swap(TssHandle& other) noexcept {
        std::swap(context_, other.context_);
        std::swap(handle_, other.handle_);
        std::swap(transient_, other.transient_);
    }
    ESYS_CONTEXT* context_ = nullptr;
    ESYS_TR handle_ = ESYS_TR_NONE;
    bool transient_ = false;
};

/// "quote: tpm:session(1):the authorization HMAC check failed" with what to do about it where that is known.
/// `refused` for authorisation and lockout, `io` for the way to the TPM, `tpm` otherwise.
Error tss_error(TSS2_RC code, std::string_view what);

/// TPM 2.0 Part 2, 6.6.3: the error of a format-1 code without handle, session or parameter number; others as
/// they are.
TSS2_RC tpm_error_number(TSS2_RC code);

}  // namespace assay::agent
