#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "evidence/base/stable_sort.h"
#include "verifier/judge/accompaniment/time.h"

namespace assay::accompaniment {

/// Which of many spans meet a given one: built once, asked in O(log n + answers). A sorted array whose middle
/// element is the root of an implicit tree, each node with the greatest end beneath it.
template <typename T>
class IntervalIndex {
  public:
    void add(Span span, T value) { nodes_.push_back({span, span.to, std::move(value)}); }

    /// After the last `add`, before the first `visit`.
    void build() {
        sort_stably(nodes_, [](const Node& a, const Node& b) { return a.span.from < b.span.from; });
        greatest(0, nodes_.size());
    }

    /// Calls `visit(value)` for each span that meets `query`, by their beginnings.
    template <typename Visit>
    void visit(const Span& query, Visit&& visit) const {
        walk(0, nodes_.size(), query, visit);
    }

    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  private:
    struct Node {
        Span span;
        Millis greatest_end;
        T value;
    };

    Millis greatest(std::size_t begin, std::size_t end) {
        const auto middle = begin + (end - begin) / 2;
        if (begin >= end) return INT64_MIN;
        auto& node = nodes_[middle];
        node.greatest_end = std::max({node.span.to, greatest(begin, middle), greatest(middle + 1, end)});
        return node.greatest_end;
    }

    template <typename Visit>
    void walk(std::size_t begin, std::size_t end, const Span& query, Visit& visit) const {
        if (begin >= end) return;
        const auto middle = begin + (end - begin) / 2;
        const auto& node = nodes_[middle];
        if (node.greatest_end < query.from) return;
        walk(begin, middle, query, visit);
        if (node.span.from > query.to) return;
        if (node.span.to >= query.from) visit(node.value);
        walk(middle + 1, end, query, visit);
    }

    std::vector<Node> nodes_;
};

}  // namespace assay::accompaniment
