// fuzz: runs the target that RKTLET_FUZZ_TARGET names under libFuzzer; the arguments are libFuzzer's. scripts/fuzz builds and calls it.

import Glibc

/// libFuzzer's own main (FuzzerDriver.cpp, `LLVMFuzzerRunDriver`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private let name = getenv("RKTLET_FUZZ_TARGET").map { String(cString: $0) } ?? ""

private let target: FuzzTarget = {
    guard let found = FuzzTarget.all.first(where: { $0.name == name }) else {
        let names = FuzzTarget.all.map { "\($0.name) \($0.longest)" }.joined(separator: "\n")
        print(names)
        exit(name.isEmpty ? 0 : 2)
    }
    return found
}()

private func one(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("\(target.name): \(error)")
    }
    return 0
}

_ = target
var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(runFuzzer(&count, &arguments, { one($0, $1) }))
