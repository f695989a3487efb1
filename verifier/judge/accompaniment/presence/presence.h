#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge/accompaniment/directory.h"
#include "verifier/judge/accompaniment/interval_index.h"
#include "verifier/judge/accompaniment/policy.h"
#include "verifier/judge/accompaniment/presence/badge.h"
#include "verifier/judge/accompaniment/text_map.h"
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
    /// One of them, received below a watermark that its feed had told before.
    std::optional<std::size_t> late_row = {};
    /// For `unknown` with Cause::clock: the one door that was passed within the clocks' bounds.
    struct Crossing {
        Span time;  ///< when truly
        bool leaving = false;
    };
    std::optional<Crossing> crossing = {};
};

/// Badge rows as presence intervals, per person and per zone. Immutable; keeps references to its arguments,
/// which must outlive it.
class Presences {
  public:
    Presences(const Directory& directory, const BadgeData& badges, const Policy& policy);

    [[nodiscard]] const BadgeData& data() const { return badges_; }

    /// Presence of `person` in `zone` throughout `span`, with the clocks' bounds: `host_bound` widens the
    /// span, and each edge carries its controller's. False only where the feeds have been received so far.
    /// `as_of`: a badge, reader or zone that the directory got to know later proves no presence; nor does a
    /// row that came below a watermark already passed. What they say of an absence counts.
    [[nodiscard]] Presence of(std::string_view person, std::string_view zone, const Span& span,
                              Millis host_bound, Millis as_of = kNow) const;

    struct Seen {
        std::string person;
        Presence presence;
    };
    /// All who were, or may have been, in `zone` at some moment of `span`: each with presence yes or unknown.
    /// A row that came too late takes nobody out.
    [[nodiscard]] std::vector<Seen> people(std::string_view zone, const Span& span, Millis host_bound,
                                           Millis as_of = kNow) const;
    /// Likewise the badges that are nobody's: `person` is the credential.
    [[nodiscard]] std::vector<Seen> strangers(std::string_view zone, const Span& span, Millis host_bound,
                                              Millis as_of = kNow) const;

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

  private:
    /// A door passed: after it the person is in one of these zones. A line of the cache, for most of the time
    /// of a judgement is waiting for these.
    struct alignas(64) Edge {
        Span time;  ///< when truly: the controller's bound is in it
        Millis middle = 0;
        Millis known_from = kAtItsOwnTime;  ///< the directory knew holder, reader and zone
        std::array<ZoneNumber, 2> in{};     ///< `zones` of it
        ZoneNumber from = kNoZone;          ///< the zone that the row says was left
        ZoneNumber site = kNoZone;
        std::uint32_t row = 0;
        std::uint8_t count = 0;
        bool said_from = false;  ///< the row says which zone was left
        bool anywhere = false;   ///< the row does not say where to
        bool entering = false;
        bool cloned = false;
        bool late = false;  ///< below a watermark that its feed had told before

        /// At most two: a row that does not say in which direction names both sides of its door.
        [[nodiscard]] std::span<const ZoneNumber> zones() const { return std::span(in).first(count); }
        void add(ZoneNumber zone) { in.at(count++) = zone; }
    };
    struct Person {
        std::vector<Edge> edges;  ///< by middle
        Millis widest = 0;        ///< half the widest edge
        bool late = false;        ///< one of them came late
    };
    static_assert(sizeof(Edge) == 64);
    /// Persons, or badges of nobody, and who may be in a zone at a time.
    struct Group {
        using Named = std::pair<const std::string, Person>;
        /// Somebody, and by which edge.
        struct Candidate {
            const Named* named = nullptr;
            const Edge* edge = nullptr;  ///< of it
            std::size_t rank = 0;        ///< in the order of names
        };
        std::map<std::string, Person, std::less<>> persons;
        std::map<ZoneNumber, IntervalIndex<Candidate>> zones;  ///< of `persons`
        IntervalIndex<Candidate> anywhere;
    };
    /// Who held a credential, and from when until when.
    struct Held {
        std::string_view person;
        Millis from = kAtItsOwnTime;
        Millis until = kNow;  ///< not included, but for kNow
    };

    /// What holds for everybody in a zone at a time.
    struct Received {
        ZoneNumber zone = kNoZone;
        bool exits_seen = true;  ///< leaving it is recorded
        bool released = false;
        Condition rows;      ///< settled, for who rests on rows that are there
        Condition absences;  ///< settled, for who rests on rows that are not
    };
    [[nodiscard]] Received received_of(std::string_view zone, const Span& asked, Millis as_of) const;
    [[nodiscard]] Presence of(const Person& person, std::size_t near, const Span& span, Millis host_bound,
                              Millis as_of, const Received& received) const;
    [[nodiscard]] std::vector<Seen> those_in(const Group& group, std::string_view zone, const Span& span,
                                             Millis host_bound, Millis as_of) const;

    void index_holders();
    [[nodiscard]] std::vector<Held> holders_of(const BadgeRow& row) const;
    void add_rows();
    void order_edges(Group& group) const;
    void index_zones(Group& group) const;
    [[nodiscard]] Edge edge_of(const BadgeRow& row, std::size_t index, Millis known_from) const;
    [[nodiscard]] Tri membership(const Edge& edge, ZoneNumber zone) const;
    [[nodiscard]] bool contrary(const Edge& edge, ZoneNumber zone) const;
    [[nodiscard]] bool exit_unseen(const Edge* next, ZoneNumber zone) const;
    [[nodiscard]] std::string lateness(const Edge& edge) const;
    [[nodiscard]] bool released(std::string_view zone, const Span& span) const;
    [[nodiscard]] bool told_before(const Person& person, const Edge& edge, ZoneNumber zone, Millis at,
                                   Millis as_of) const;
    /// The first edge that can reach into what is asked, or begins behind it; `hint`: an edge about there.
    static std::size_t near(const Person& person, const Span& asked, std::size_t hint);
    /// `in_time`: by those edges alone that came in time.
    [[nodiscard]] Presence by_edges(const Person& person, std::size_t near, const Received& received,
                                    const Span& span, Millis host_bound, Millis as_of, bool in_time) const;

    const Directory& directory_;
    const BadgeData& badges_;
    const Policy& policy_;
    Group known_, strangers_;
    TextMap<std::vector<Held>> holders_;
    /// By source, by receipt: with the greatest watermark up to there.
    std::map<std::string, ControllerClock, std::less<>> clocks_;
    Millis slack_ = 0;  // a row of a moment is in a feed that was received this much beyond it
};

}  // namespace assay::accompaniment
