import GantryCore
import Glibc

@testable import GantryImages

/// Runs `body` with a directory of its own, on a real file system, that is gone afterwards.
func withTemporaryDirectory<Result>(_ body: (OpenDirectory) throws -> Result) throws -> Result {
    let parent = try OpenDirectory.open("/var/tmp")
    let name = "gantry-images-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let directory = try parent.make(name, mode: 0o700)
    let outcome = Swift.Result { try body(directory) }
    try parent.removeTree(name)
    return try outcome.get()
}
