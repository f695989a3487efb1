#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/directory.h"
#include "verifier/judge/accompaniment/interval_index.h"
#include "verifier/judge/accompaniment/policy.h"
#include "verifier/judge/accompaniment/presence/badge.h"
#include "verifier/judge/accompaniment/tri.h"

namespace assay::accompaniment {

/// Was this person in this zone throughout this span?
struct Presence {
    Condition condition;
    /// For `no`: a door says so (badged out, or seen elsewhere). Else there is merely no badge-in.
    bool contrary = false;
    /// For `unknown` with Cause::inferred: true if a fresh sign of life at the host agrees.
    bool inferred = false;
    bool cloned = false;            ///< the badge was in two sites within the travel time
    std::vector<std::size_t> rows;  ///< of BadgeData::rows: what the answer stands on
};

/// Badge rows as presence intervals, per person and per zone. Immutable; keeps references to its arguments,
/// which must outlive it.
class Presences {
  public:
    Presences(const Directory& directory, const BadgeData& badges, const Policy& policy);

    [[nodiscard]] const BadgeData& data() const { return badges_; }

    /// Presence of `person` in `zone` throughout `span`, with the clocks' bounds: `host_bound` widens the
    /// span, and each edge carries its controller's. False only where the feeds have been received so far.
    [[nodiscard]] Presence of(std::string_view person, std::string_view zone, const Span& span,
                              Millis host_bound) const;

    struct Seen {
        std::string person;
        Presence presence;
    };
    /// All who were, or may have been, in `zone` at some moment of `span`: each with presence yes or unknown.
    [[nodiscard]] std::vector<Seen> people(std::string_view zone, const Span& span, Millis host_bound) const;

    /// The feeds that cover the zone have been received beyond `at`, by the slowest of the doors' clocks.
    /// Feed: not yet. Data: none covers it, or its rows since `since` were deleted.
    [[nodiscard]] Condition settled(std::string_view zone, Millis at, Millis since) const;

    /// Whether nobody's badge-in for `span` is missing: all feeds of the zone were received beyond it, keep
    /// rows since the longest stay before it, and no doors stood released.
    [[nodiscard]] Condition absence_known(std::string_view zone, const Span& span) const;

    /// Spans within `span` in which `person` was not in `zone`, by a door's word: from the moment of that
    /// door, where the clocks' bounds leave no doubt that some of it is in `span`.
    [[nodiscard]] std::vector<Span> absences(std::string_view person, std::string_view zone,
                                             const Span& span) const;

    /// Persons whose rows fell to nobody: no person, and no holder of the credential.
    [[nodiscard]] const std::vector<std::size_t>& unclaimed() const { return unclaimed_; }

  private:
    /// A door passed: after it the person is in one of these zones.
    struct Edge {
        Span time;  ///< when truly: the controller's bound is in it
        Millis middle = 0;
        std::size_t row = 0;
        std::vector<std::string_view> zones;
        std::string_view from;  ///< the zone that the row says was left; empty: not known
        std::string_view site;
        bool anywhere = false;  ///< the row does not say where to
        bool entering = false;
        bool cloned = false;
    };
    struct Person {
        std::vector<Edge> edges;  ///< by middle
        Millis widest = 0;        ///< half the widest edge
    };

    /// What holds for everybody in a zone at a time.
    struct Received {
        bool released = false;
        Condition rows;      ///< settled, for who rests on rows that are there
        Condition absences;  ///< settled, for who rests on rows that are not
    };
    [[nodiscard]] Received received_of(std::string_view zone, const Span& asked) const;
    [[nodiscard]] Presence of(std::string_view person, std::string_view zone, const Span& span,
                              Millis host_bound, const Received& received) const;

    void add_rows();
    void index_zones();
    [[nodiscard]] Edge edge_of(const BadgeRow& row, std::size_t index) const;
    [[nodiscard]] Tri membership(const Edge& edge, std::string_view zone) const;
    [[nodiscard]] bool contrary(const Edge& edge, std::string_view zone) const;
    [[nodiscard]] bool exit_unseen(const Edge* next, std::string_view zone) const;
    [[nodiscard]] bool released(std::string_view zone, const Span& span) const;
    [[nodiscard]] Presence by_edges(const Person& person, std::string_view zone, const Span& span,
                                    Millis host_bound) const;

    const Directory& directory_;
    const BadgeData& badges_;
    const Policy& policy_;
    std::map<std::string, Person, std::less<>> persons_;
    std::map<std::string_view, IntervalIndex<std::string_view>> zones_;
    IntervalIndex<std::string_view> anywhere_;
    std::map<std::string, ControllerClock, std::less<>> clocks_;
    std::vector<std::size_t> unclaimed_;
    Millis slack_ = 0;  // a row of a moment is in a feed that was received this much beyond it
};

}  // namespace assay::accompaniment
