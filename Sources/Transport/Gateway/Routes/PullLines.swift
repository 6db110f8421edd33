import Domain
import Hummingbird
import JSON
import NIOCore

/// A pull that tells how it goes, one JSON object a line: `pulling` with the seconds it has taken and how far it is, at the end `pulled` with the
/// image's id, or the problem. The client's leaving ends it.
struct PullLines: Sendable {
    let useCases: UseCases
    let reference: String
    let credentials: RegistryCredentials?
    /// How often it says that it goes on.
    var interval: Duration = .seconds(1)

    func lines() -> AsyncThrowingStream<ByteBuffer, any Error> {
        let (lines, line) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
        let start = ContinuousClock.now
        let work = Task {
            line.yield(pulling(since: start))
            let last = await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while (try? await Task.sleep(for: interval)) != nil { line.yield(pulling(since: start)) }
                }
                let last = await end()
                group.cancelAll()
                return last
            }
            // Nobody says anything any more.
            line.yield(last)
            line.finish()
        }
        line.onTermination = { _ in work.cancel() }
        return lines
    }

    private func pulling(since start: ContinuousClock.Instant) -> ByteBuffer {
        let progress = useCases.pullImage.progress(reference, credentials: credentials)
        return Self.line { json in
            json.member("status", "pulling")
            json.member("image", reference)
            json.member("elapsedSeconds", number: (ContinuousClock.now - start).components.seconds)
            guard let progress else { return }
            json.member("phase", progress.phase.rawValue)
            // 0 of an unknown total says nothing.
            if progress.totalBytes > 0 {
                json.member("bytes", quoted: progress.bytes)
                json.member("totalBytes", quoted: progress.totalBytes)
            }
            if progress.totalLayers > 0 {
                json.member("layers", number: progress.layers)
                json.member("totalLayers", number: progress.totalLayers)
            }
        }
    }

    private func end() async -> ByteBuffer {
        do throws(DomainError) {
            let id = try await useCases.pullImage(reference, credentials: credentials)
            return Self.line { json in
                json.member("status", "pulled")
                json.member("imageRef", id.rawValue)
            }
        } catch {
            let problem = Problem(error)
            return Self.line { json in
                json.member("status", "failed")
                json.member("problem") { problem.write(&$0, path: "/v1/images") }
            }
        }
    }

    private static func line(_ members: (inout JSONText) -> Void) -> ByteBuffer {
        var json = JSONText()
        json.object(members)
        return ByteBuffer(bytes: json.bytes + [UInt8(ascii: "\n")])
    }
}
