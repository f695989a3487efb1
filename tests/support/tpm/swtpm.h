#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <sys/types.h>

#include "tests/support/machine/temp_folder.h"

namespace assay::test {

/// A software TPM with EK certificates from a local CA of its own, in a temporary folder: made and started by
/// `start`, ended and removed by the destructor. The EK certificates are RSA-2048 (NV 0x01c00002) and ECC
/// P-384 (0x01c00016).
///     auto swtpm = Swtpm::start();
///     if (!swtpm) ASSAY_SKIP("swtpm is not installed");
class Swtpm {
  public:
    /// Null where swtpm or swtpm_setup is not installed. Throws std::runtime_error where they fail.
    static std::unique_ptr<Swtpm> start();
    Swtpm(const Swtpm&) = delete;
    Swtpm& operator=(const Swtpm&) = delete;
    ~Swtpm();

    /// For Tpm::open: "swtpm:path=...". One connection at a time.
    [[nodiscard]] std::string tcti() const;
    /// PEM: the root of the CA that signed the EK certificates, and the intermediate below it (which is not
    /// in the TPM's NV).
    [[nodiscard]] std::filesystem::path ca_root() const;
    [[nodiscard]] std::filesystem::path ca_intermediate() const;
    /// Ends the TPM and starts it anew on the same state: what a reboot of the host is for the TPM (reset
    /// count + 1).
    void restart();

  private:
    Swtpm() = default;
    void launch();
    void stop();

    TempFolder folder_;
    pid_t pid_ = -1;
};

}  // namespace assay::test
