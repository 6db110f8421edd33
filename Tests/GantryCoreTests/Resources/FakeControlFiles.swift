import Synchronization

@testable import GantryCore

/// Files of cgroups in memory.
final class FakeControlFiles: ControlFiles {
    struct State {
        var files: [String: String] = [:]
        /// Writes that the kernel refuses, by path.
        var refused: Set<String> = []
        var scores: [Int32: Int64] = [:]
        var writes: [String] = []
    }

    let state: Mutex<State>

    init(_ files: [String: String], scores: [Int32: Int64] = [:]) {
        state = Mutex(State(files: files, scores: scores))
    }

    func refuse(_ path: String) { _ = state.withLock { $0.refused.insert(path) } }

    var files: [String: String] { state.withLock { $0.files } }
    var scores: [Int32: Int64] { state.withLock { $0.scores } }
    var writes: [String] { state.withLock { $0.writes } }

    func read(_ path: String) throws(EngineError) -> String? { state.withLock { $0.files[path] } }

    func write(_ path: String, _ text: String) throws(EngineError) {
        let isTaken = state.withLock { state in
            guard !state.refused.contains(path), state.files[path] != nil else { return false }
            state.files[path] = text
            state.writes.append("\(path.split(separator: "/").last ?? "")=\(text)")
            return true
        }
        if !isTaken { throw EngineError(.invalid, "write \(path): Invalid argument") }
    }

    func tree(_ directory: String) -> [String] {
        let all = files.keys.compactMap { path -> String? in
            guard path.hasPrefix(directory + "/") else { return nil }
            return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }
        return Set(all).sorted { $0.count > $1.count }
    }

    func processes(_ directory: String) -> [Int32] { scores.keys.sorted() }
    func score(of process: Int32, in cgroup: String) throws(EngineError) -> Int64? { scores[process] }
    func setScore(_ score: Int64, of process: Int32, in cgroup: String) throws(EngineError) {
        state.withLock { $0.scores[process] = score }
    }
}
