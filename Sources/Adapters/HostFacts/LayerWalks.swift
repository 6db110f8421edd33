import ByteText
import Dispatch
import Domain
import Glibc

/// Measures writable layers on one thread, a piece of each in turn: a large layer holds up no small one.
package final class LayerWalks: LayerMeter {
    private let queue = DispatchQueue(label: "rktlet.writable-layers", qos: .utility)
    private let mountpoint: String
    private let clock: any WallClock
    private let entriesInTurn: Int

    /// - Parameters:
    ///   - mountpoint: what clients are told that the layers are on, the same as of the layers' file system as a whole.
    ///   - entriesInTurn: how many entries of a layer are looked at before others have their turn.
    package init(mountpoint: String, clock: any WallClock, entriesInTurn: Int = 2000) {
        self.mountpoint = mountpoint
        self.clock = clock
        self.entriesInTurn = entriesInTurn
    }

    package func measure(_ layer: String) async -> FilesystemUsage? {
        let walk = LayerWalk(mountpoint: mountpoint)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { caller in
                guard walk.wait(caller) else { return }
                queue.async { [self] in
                    guard !walk.isOver, walk.begin(at: layer) else { return walk.finish(at: nil) }
                    goOn(walk)
                }
            }
        } onCancel: {
            walk.finish(at: nil)
        }
    }

    package func capacity() async -> FilesystemCapacity? {
        await withCheckedContinuation { caller in
            queue.async { [mountpoint] in
                var status = statvfs()
                let isThere = statvfs(mountpoint, &status) == 0
                guard isThere else { return caller.resume(returning: nil) }
                caller.resume(
                    returning: FilesystemCapacity(
                        bytes: UInt64(status.f_blocks).multipliedSaturating(by: UInt64(status.f_frsize)),
                        inodes: UInt64(status.f_files), freeInodes: UInt64(status.f_favail)))
            }
        }
    }

    private func goOn(_ walk: LayerWalk) {
        if walk.isOver { return }
        if walk.advance(entries: entriesInTurn) { return walk.finish(at: clock.now()) }
        queue.async { [self] in goOn(walk) }
    }
}
