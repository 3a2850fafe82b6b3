// SPDX-License-Identifier: Apache-2.0

import Access
import FoundationEssentials
import GRDB
import Jobs

/// A filter of jobs as the database is asked for it: terms that a job has to fit, and a range of keys.
///
/// Each term can be what a statement goes through (``JobTerm/branches``) or what it looks at (``JobTerm/condition``).
struct JobSelection {
    private(set) var terms: [JobTerm] = []
    /// The lowest key, and the highest.
    private(set) var range: ClosedRange<Int64> = 0...Int64.max

    /// Whether the kept numbers of jobs tell how many there are.
    var isCounted: Bool { range == 0...Int64.max && terms.allSatisfy(\.isCounted) }

    /// Makes a selection; nil where no job can fit.
    ///
    /// - Parameters:
    ///   - filter: what was asked for.
    ///   - visibility: what may be seen.
    ///   - counts: the kept numbers, which tell which operations there are.
    ///   - db: where to look up the creation of a job.
    /// - Throws: what the database reports.
    init?(
        _ filter: JobFilter,
        _ visibility: JobQuery.Visibility,
        _ counts: [JobCountKey: Int],
        _ db: Database
    ) throws {
        // There are no templates and no reviews yet.
        guard filter.template == nil, filter.review == nil else { return nil }
        if !filter.statuses.isEmpty {
            terms.append(.status(JobStatus.allCases.filter(filter.statuses.contains)))
        }
        guard try addOperations(filter, visibility, counts) else { return nil }
        if let change = filter.change { terms.append(.change(change)) }
        if let origin = filter.retryOf { terms.append(.origin(origin)) }
        for (name, value) in filter.labels.sorted(by: { $0.key < $1.key }) { terms.append(.label(name, value)) }
        if let agent = filter.agent {
            terms.append(.agent(agent, RunState.allCases.filter(filter.agentStatuses.contains)))
        }
        guard addCreator(filter, visibility), narrow(from: filter.from?.firstKey, below: filter.to?.firstKey),
            addSearch(filter.search)
        else { return nil }
    }

    private mutating func addOperations(
        _ filter: JobFilter,
        _ visibility: JobQuery.Visibility,
        _ counts: [JobCountKey: Int]
    ) throws -> Bool {
        var patterns: [[OperationPattern]] = []
        if !filter.operations.isEmpty { patterns.append(try filter.operations.map { try OperationPattern($0) }) }
        if case .operations(let allowed) = visibility { patterns.append(allowed) }
        guard !patterns.isEmpty else { return true }
        let types = Set(counts.filter { $0.value > 0 }.keys.map(\.operation)).sorted().filter { type in
            patterns.allSatisfy { $0.contains { $0.matches(type) } }
        }
        terms.append(.operation(types))
        return !types.isEmpty
    }

    private mutating func addCreator(_ filter: JobFilter, _ visibility: JobQuery.Visibility) -> Bool {
        var name = filter.createdBy
        if case .own(let own, let since) = visibility {
            guard name == nil || name == own, narrow(from: since.firstKey) else { return false }
            name = own
        }
        if let name { terms.append(.creator(name)) }
        return true
    }

    private mutating func addSearch(_ search: String?) -> Bool {
        guard let search, !search.isEmpty else { return true }
        guard let ids = JobID.range(beginning: search), narrow(from: ids.lowerBound.key, upTo: ids.upperBound.key)
        else { return false }
        // Up to there the key is as exact as the id.
        if search.utf8.count > 13 { terms.append(.id(ids)) }
        return true
    }

    /// Leaves out what is not within bounds; false where nothing is left.
    mutating func narrow(from low: Int64? = nil, below end: Int64? = nil, upTo high: Int64? = nil) -> Bool {
        let low = max(range.lowerBound, low ?? 0)
        let high = min(range.upperBound, high ?? .max, end.map { $0 - 1 } ?? .max)
        guard low <= high else { return false }
        range = low...high
        return true
    }
}

extension JobSelection {
    /// A statement that gives the keys of all that is selected.
    struct Statement {
        /// The parts that are merged: each goes through an index in the order of keys.
        let branches: [JobTerm.Branch]
        /// What jobs are looked at for.
        let conditions: [JobTerm.Condition]
        let range: ClosedRange<Int64>
        /// Whether the branches can have the same jobs.
        let isOverlapping: Bool

        /// The text that gives a page of keys, the highest first.
        var page: String { keys + " LIMIT ? OFFSET ?" }

        private var keys: String {
            branches.map { $0.keys(conditions, isAlone: branches.count == 1) }
                .joined(separator: isOverlapping ? " UNION " : " UNION ALL ") + " ORDER BY 1 DESC"
        }

        /// The text that counts, given ``arguments``.
        ///
        /// What may be there twice is counted in the order of a page, in which that can be told without a table of all that
        /// was seen; all else in the indexes, which is several times as quick.
        var count: String {
            guard isOverlapping else {
                return "SELECT " + branches.map { "(\($0.count(conditions)))" }.joined(separator: " + ")
            }
            return "SELECT count(*) FROM (\(keys) LIMIT -1)"
        }

        /// What both texts are to be given; that of a page is given limit and offset as well.
        var arguments: [any SQLValue] {
            branches.flatMap { branch in
                branch.arguments + [range.lowerBound, range.upperBound] + conditions.flatMap(\.arguments)
            }
        }
    }

    /// The statement for this selection, going through the term of which there is least.
    func statement(_ counts: [JobCountKey: Int], _ db: Database) throws -> Statement {
        let place = try placeOfLeast(counts, db)
        let others = terms.indices.filter { $0 != place }.map { terms[$0].condition }
        return Statement(
            branches: place.map { terms[$0].branches } ?? [.all],
            conditions: others,
            range: range,
            isOverlapping: place.map { terms[$0].isOverlapping } ?? false
        )
    }

    /// Which term selects the fewest jobs, as far as that is known or can be found out by a short look.
    private func placeOfLeast(_ counts: [JobCountKey: Int], _ db: Database) throws -> Int? {
        let places = terms.indices.filter { !terms[$0].branches.isEmpty }
        guard places.count > 1 else { return places.first }
        var least: (place: Int, number: Int)?
        for place in places {
            let term = terms[place]
            let number: Int
            if term.isCounted {
                number = counts.reduce(0) { $0 + (term.contains($1.key) ? $1.value : 0) }
            } else {
                number = try look(at: term, db)
            }
            if number < least?.number ?? .max { least = (place, number) }
        }
        return least?.place
    }

    /// How many entries a look goes through; there are many more jobs behind most that have as many.
    private static let lookLength = 1000

    private func look(at term: JobTerm, _ db: Database) throws -> Int {
        let alone = Statement(branches: term.branches, conditions: [], range: range, isOverlapping: false)
        let parts = alone.branches.map { "SELECT * FROM (\($0.keys([], isAlone: false)) LIMIT \(Self.lookLength))" }
        return try db.once("SELECT count(*) FROM (\(parts.joined(separator: " UNION ALL ")))")
            .with(all: alone.arguments).first { $0[0] } ?? 0
    }
}

extension Database {
    /// How many jobs are selected.
    func number(of selection: JobSelection, _ counts: [JobCountKey: Int]) throws -> Int {
        if selection.isCounted {
            return counts.reduce(0) { sum, entry in
                sum + (selection.terms.allSatisfy { $0.contains(entry.key) } ? entry.value : 0)
            }
        }
        if selection.terms.count == 1, let number = try number(of: selection.terms[0], selection.range) {
            return number
        }
        let statement = try selection.statement(counts, self)
        return try once(statement.count).with(all: statement.arguments).first { $0[0] } ?? 0
    }

    /// How many jobs fit a term whose index does not know which are deleted: all in it, but for those.
    ///
    /// To look at each job would take ten times as long, and deleted ones are few: their rows are soon taken away.
    ///
    /// - Returns: the number; nil where the term has another kind of index.
    private func number(of term: JobTerm, _ range: ClosedRange<Int64>) throws -> Int? {
        let branches = term.branches.compactMap(\.withDeleted)
        guard !branches.isEmpty else { return nil }
        let all = JobSelection.Statement(
            branches: branches,
            conditions: [],
            range: range,
            isOverlapping: term.isOverlapping
        )
        let deleted = """
            SELECT count(*) FROM jobs j INDEXED BY deleted_jobs
            WHERE j.is_deleted = 1 AND j.job >= ? AND j.job <= ? AND \(term.condition.text)
            """
        let found = try once(all.count).with(all: all.arguments).first { $0[0] as Int } ?? 0
        let arguments: [any SQLValue] = [range.lowerBound, range.upperBound] + term.condition.arguments
        return found - (try once(deleted).with(all: arguments).first { $0[0] as Int } ?? 0)
    }

    /// The keys of the jobs in a window, and one more where there is one.
    func keys(
        of selection: JobSelection,
        _ counts: [JobCountKey: Int],
        _ window: ListingWindow<JobID>
    ) throws -> [Int64] {
        var selection = selection
        var offset = 0
        switch window.start {
        case .offset(let number): offset = max(0, number)
        case .after(let id): guard selection.narrow(below: id.key) else { return [] }
        }
        let statement = try selection.statement(counts, self)
        let rows = window.limit < Int.max ? max(0, window.limit) + 1 : window.limit
        return try once(statement.page).with(all: statement.arguments).with(rows).with(offset).all { $0[0] }
    }
}

extension Timestamp {
    /// The lowest key of a job of this millisecond.
    var firstKey: Int64 {
        Int64(clamping: UInt64(clamping: min(max(0, milliseconds), 0xFFFF_FFFF_FFFF)) << 12)
    }
}

extension JobID {
    /// The lowest and the highest id whose text begins so; nil where none can.
    static func range(beginning text: String) -> ClosedRange<JobID>? {
        let shape = "00000000-0000-0000-0000-000000000000"
        let text = text.lowercased()
        guard text.utf8.count <= shape.utf8.count,
            zip(text.utf8, shape.utf8).allSatisfy({ ($0 == UInt8(ascii: "-")) == ($1 == UInt8(ascii: "-")) })
        else { return nil }
        let rest = shape.dropFirst(text.utf8.count)
        guard let low = JobID(text + rest), let high = JobID(text + rest.replacing("0", with: "f")) else { return nil }
        return low...high
    }
}
