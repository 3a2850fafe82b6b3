// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Glibc

/// The streams of the program: results go to stdout, everything else to stderr.
struct Console: Sendable {
    /// Whether stdout is a terminal.
    var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether stderr is a terminal that can rewrite a line.
    var isErrorTerminal: Bool {
        isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    }

    /// The environment of the program.
    let environment: [String: String]

    /// The streams of this process.
    init() {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        environment = variables
    }

    /// Takes the places of streams that are closed, so that no file or connection gets into them.
    ///
    /// What is put there cannot be used, so that a use of it fails as that of a closed stream would.
    static func holdClosedStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest number that is free is the one just found to be.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// How many columns a stream's terminal has; nil where it is no terminal.
    ///
    /// `COLUMNS` has the first word.
    func width(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a result to stdout.
    func write(_ text: String) {
        send(text, to: STDOUT_FILENO)
    }

    /// Writes a result that need not be text to stdout.
    func write(bytes: [UInt8]) {
        send(bytes[...], to: STDOUT_FILENO)
    }

    /// Writes a line to stderr.
    func say(_ line: String) {
        send(line + "\n", to: STDERR_FILENO)
    }

    /// Writes to stderr without a line break.
    func draw(_ text: String) {
        send(text, to: STDERR_FILENO)
    }

    private func send(_ text: String, to descriptor: Int32) {
        send(Array(text.utf8)[...], to: descriptor)
    }

    private func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var bytes = bytes
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return giveUp(on: descriptor)
            }
        }
    }

    /// Ends the program where nobody reads its results any more, as any program does that is not told to ignore it.
    private func giveUp(on descriptor: Int32) {
        guard descriptor == STDOUT_FILENO else { return }
        if errno == EPIPE {
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
        let reason = errno == EBADF ? "stdout is closed" : systemReason(errno)
        say("broker: cannot write the results: \(reason)")
        exit(ProgramExit.unexpected.rawValue)
    }
}
