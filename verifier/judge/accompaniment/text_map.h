#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace assay::accompaniment {

/// By texts of the directory, asked for with a view; elements stay where they are. It has an order that
/// nobody sees: there is no way from one element to the next. Not for what a feed names: whoever chooses all
/// the keys can make them fall into one bucket.
template <typename T>
class TextMap {
  public:
    /// Makes an empty one where there is none.
    T& operator[](std::string_view key) {
        const auto found = all_.find(key);
        return found != all_.end() ? found->second : all_.try_emplace(std::string(key)).first->second;
    }
    /// Null where there is none.
    [[nodiscard]] const T* find(std::string_view key) const {
        const auto found = all_.find(key);
        return found == all_.end() ? nullptr : &found->second;
    }
    /// False where there is one, which stays.
    bool emplace(std::string_view key, const T& value) {
        return all_.try_emplace(std::string(key), value).second;
    }
    /// Each by itself, in no order: `change` sees one value and no other.
    template <typename Change>
    void change_each(Change change) {
        for (auto& [key, value] : all_) change(value);
    }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_map<std::string, T, Hash, std::equal_to<>> all_;
};

}  // namespace assay::accompaniment
