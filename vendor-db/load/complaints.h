#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "vendor-db/model/vendor_db.h"

namespace assay::vendors {

/// Where reading goes on after an error: take() keeps the value or notes the complaint, so that one pass
/// finds all of them. What was read beside a complaint is never given out.
class Complaints {
  public:
    template <typename T>
    T take(Result<T> read, T otherwise = {}) {
        if (read) return std::move(*read);
        add(read.error());
        return otherwise;
    }
    void take(const Result<>& read) {
        if (!read) add(read.error());
    }
    /// `error` in the form of TomlReader::refuse(): "file:line: what; remedy".
    void add(const Error& error);
    /// `where` in the form of TomlReader::where(): "file:line".
    void add(std::string_view where, std::string what, std::string remedy);

    [[nodiscard]] bool empty() const { return all_.empty(); }
    [[nodiscard]] std::vector<Complaint> take_all() { return std::move(all_); }

  private:
    std::vector<Complaint> all_;
};

}  // namespace assay::vendors
