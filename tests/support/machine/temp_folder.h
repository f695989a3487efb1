#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace assay::test {

/// A folder of one test, gone with it. The path is short enough for a unix socket.
class TempFolder {
  public:
    TempFolder() {
        std::string form = "/tmp/assay-test.XXXXXX";
        if (::mkdtemp(form.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = form;
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace assay::test
