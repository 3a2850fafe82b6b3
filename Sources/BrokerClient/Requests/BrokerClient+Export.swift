// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
public import Jobs
internal import NIOCore
internal import NIOHTTP1

extension BrokerClient {
    /// Jobs or their runs as one table, newest first, as it is written for whoever takes it.
    ///
    /// - Parameters:
    ///   - filter: which jobs; the controller wants `from` and `to`, at most ``JobExport/maximumDays`` apart.
    ///   - rows: what each line is.
    ///   - format: how the lines are written.
    /// - Returns: the text in pieces, of which the next is asked for when the one before has been taken.
    /// - Throws: ``BrokerClientError``, `CancellationError`; so does the iteration, where the export is cut short.
    public func exportJobs(
        _ filter: JobFilter,
        rows: JobExport.Rows = .jobs,
        format: JobExport.Format = .csv
    ) async throws -> StreamedBytes {
        let query = filter.parameters + [("rows", rows == .jobs ? nil : rows.rawValue)]
        var request = HTTPClientRequest(url: base.url(["api", "v1", "jobs", "export"], query: query))
        request.headers = headers
        request.headers.replaceOrAdd(name: "Accept", value: format.mediaType)
        do {
            // It may take long; that it goes on shows in its pieces.
            let response = try await http.execute(request, deadline: .distantFuture)
            if response.status.code != 200 { try check(response, await response.body.collect(upTo: maximumAnswer)) }
            return StreamedBytes("the export", body: response.body, base: base)
        } catch {
            throw Self.translated(error, base: base)
        }
    }
}
