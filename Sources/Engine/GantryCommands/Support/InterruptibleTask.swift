import Dispatch
import Glibc

/// Runs one asynchronous task on the main thread until its end, which is the process's. SIGINT, SIGTERM and SIGHUP cancel it, so that it
/// leaves nothing behind.
enum InterruptibleTask {
    static func run(_ body: @escaping @MainLoop @Sendable () async -> Int32) -> Never {
        let task = Task { @MainLoop in exit(Output.exitCode(await body())) }
        var sources: [any DispatchSourceSignal] = []
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { task.cancel() }
            source.resume()
            sources.append(source)
        }
        withExtendedLifetime(sources) { MainLoop.jobs.run() }
    }
}
