// swift-tools-version: 6.2

import PackageDescription

// MARK: Fuzzing (docs/fuzzing.md)

/// Where libFuzzer is, without its `main`. Set by scripts/fuzz only: every other build has no fuzzer and no trace of its instruments in it.
let fuzzer = Context.environment["RKTLET_FUZZER"]

/// Code of ours tells the fuzzer where it has been; that of other packages does not: its paths are not what is looked for.
let fuzzed: [SwiftSetting] = fuzzer == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer,address"])]
let fuzzedC: [String] = fuzzer == nil ? [] : ["-fsanitize=fuzzer-no-link,address"]

// MARK: Settings

/// What every Swift target of ours is built with: warnings are errors, `any` is written out.
let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .treatAllWarnings(as: .error),
    ] + fuzzed

/// Async code runs where its caller runs: the command line's main thread, where blocking is nobody's loss.
let callerIsolated: [SwiftSetting] = strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

/// A sanitizer's runtime is a shared library, which a static file cannot have: `scripts/sanitize` says so.
let isSanitized = Context.environment["RKTLET_SANITIZED"] != nil

/// The engine's programs are static files: they start in a millisecond, and there is a supervisor per pod.
let staticExecutable: [LinkerSetting] = isSanitized ? [] : [.unsafeFlags(["-static-executable"])]

/// Foundation comes with ArgumentParser; a static executable does not find its parts by itself.
let staticFoundation: [LinkerSetting] =
    isSanitized
    ? []
    : [
        .unsafeFlags([
            "-static-executable", "-Xlinker", "--start-group", "-lFoundationEssentials", "-l_FoundationCShims",
            "-l_FoundationCollections", "-Xlinker", "--end-group",
        ])
    ]

// MARK: Products of other packages

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let grpcCore: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcInProcess: Target.Dependency = .product(name: "GRPCInProcessTransport", package: "grpc-swift-2")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let swiftProtobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

// MARK: Shapes

let strictC = ["-Wall", "-Wextra", "-Werror"]

/// A target of ours: built strictly, and importing what is listed here and nothing else (the build checks it).
func target(
    _ name: String, _ path: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [],
    settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/" + path, exclude: exclude, swiftSettings: settings)
}

/// The toolchain's linker: gold warns of what Foundation calls in glibc, a page of it with each program.
let lld: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

func executable(
    _ name: String, _ path: String, _ dependencies: [Target.Dependency], linker: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, swiftSettings: strict, linkerSettings: linker + lld)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], settings: [SwiftSetting] = strict
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/" + name, exclude: exclude, swiftSettings: settings)
}

func cLibrary(_ name: String, _ path: String, pkgConfig: String? = nil, debian: String = "libc6-dev") -> Target {
    .systemLibrary(name: name, path: "Sources/" + path, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

// MARK: The layer table (docs/architecture.md)

let leaves: [Target] = [
    target("ByteText", "Leaves/ByteText"),
    target("SmallFiles", "Leaves/SmallFiles"),
]

let domain: [Target] = [
    target("Domain", "Domain", ["ByteText"])
]

let adapters: [Target] = [
    cLibrary("CJSONC", "Adapters/CJSONC", pkgConfig: "json-c", debian: "libjson-c-dev"),
    target("JSON", "Adapters/JSON", ["ByteText", "CJSONC"]),
    cLibrary("CYAML", "Adapters/CYAML", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
    target("YAML", "Adapters/YAML", ["ByteText", "CYAML"]),
    cLibrary("CSystemd", "Adapters/CSystemd", pkgConfig: "libsystemd", debian: "libsystemd-dev"),
    target("Systemd", "Adapters/Systemd", ["ByteText", "CSystemd"]),
    target("JournalLog", "Adapters/JournalLog", ["ByteText", "Domain", "Systemd", logging]),
    cLibrary("CLinux", "Adapters/CLinux"),
    target("ChildProcess", "Adapters/ChildProcess", ["ByteText", "CLinux", subprocess, systemPackage]),
    target("SystemdRun", "Adapters/SystemdRun", ["ByteText", "ChildProcess", "Domain", "Systemd", logging]),
    target(
        "RktCLI", "Adapters/RktCLI",
        [
            "ByteText", "ChildProcess", "CLinux", "Domain", "HostFacts", "JSON", "SmallFiles", "SystemdRun", logging,
        ]),
    target("Cgroups", "Adapters/Cgroups", ["ByteText", "Domain"]),
    target("LogFiles", "Adapters/LogFiles", ["ByteText", "Domain"]),
    target(
        "HostFacts", "Adapters/HostFacts", ["ByteText", "ChildProcess", "CLinux", "Domain", "JSON", "SmallFiles"]),
]

let transport: [Target] = [
    cLibrary("CNGHTTP2", "Transport/CNGHTTP2", pkgConfig: "libnghttp2", debian: "libnghttp2-dev"),
    cLibrary("CZlib", "Transport/CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
    target("HTTP2", "Transport/HTTP2", ["ByteText", "CNGHTTP2", nioCore]),
    target("Gzip", "Transport/Gzip", ["CZlib"]),
    target("RequestMemory", "Transport/RequestMemory", [nioCore]),
    target(
        "GRPCTransport", "Transport/GRPCTransport",
        ["ByteText", "HTTP2", "Gzip", "RequestMemory", grpcCore, nioCore, nioPosix]),
    target("RequestSyntax", "Transport/RequestSyntax", ["ByteText", "Domain"]),
    target(
        "Streaming", "Transport/Streaming", ["ByteText", "Domain", "Gzip", "JSON", nioCore, nioHTTP1, nioPosix, nioSSL]),
    target("Measures", "Transport/Measures", ["ByteText"]),
    target("CallRecords", "Transport/CallRecords", ["ByteText"]),
    target(
        "CRI", "Transport/CRI",
        ["ByteText", "CallRecords", "Domain", "Measures", "RequestSyntax", grpcCore, grpcProtobuf, swiftProtobuf],
        exclude: ["Proto"]),
    target(
        "Gateway", "Transport/Gateway",
        [
            "ByteText", "CallRecords", "Domain", "JSON", "Measures", "RequestMemory", "RequestSyntax", "Streaming",
            httpTypes,
            hummingbird,
            hummingbirdCore, lifecycle,
            logging, nioCore, nioHTTP1, nioPosix, "YAML",
        ], exclude: ["Page"]),
]

let engine: [Target] = [
    .target(name: "CGantry", path: "Sources/Engine/CGantry", cSettings: [.unsafeFlags(strictC + fuzzedC)]),
    target("GantryCore", "Engine/GantryCore", ["ByteText", "CGantry", "JSON", "YAML"]),
    .target(
        name: "CArchive", path: "Sources/Engine/CArchive", cSettings: [.unsafeFlags(strictC + fuzzedC + ["-O2"])],
        linkerSettings: [.linkedLibrary("archive"), .linkedLibrary("zstd"), .linkedLibrary("z")]),
    target(
        "GantryImages", "Engine/GantryImages", ["ByteText", "CArchive", "CGantry", "GantryCore", "JSON"],
        settings: callerIsolated),
    target(
        "GantryCommands", "Engine/GantryCommands",
        ["ByteText", "GantryCore", "GantryImages", "JSON", "SmallFiles", argumentParser],
        settings: callerIsolated),
    executable("gantry", "Sources/Engine/gantry", ["ByteText", "GantryCommands"], linker: staticFoundation),
    executable(
        "gantry-pod", "Sources/Engine/gantry-pod", ["ByteText", "GantryCore"], linker: staticExecutable),
]

let app: [Target] = [
    target(
        "Daemon", "App/Daemon",
        [
            "ByteText", "Domain", "JSON", "Systemd", "JournalLog", "SystemdRun", "RktCLI", "HostFacts",
            "GRPCTransport", "Gateway", "Streaming", "Measures", "CallRecords", "Cgroups", "LogFiles",
            "CRI", "SmallFiles", grpcCore, nioPosix, lifecycle, logging, systemPackage, unixSignals, "YAML",
        ]),
    executable("rktlet", "Sources/App/rktlet", ["ByteText", "Daemon", "HostFacts", "JSON", argumentParser]),
]

let allTests: [Target] = [
    .target(
        name: "DomainFakes", dependencies: ["ByteText", "Domain"], path: "Tests/DomainFakes", swiftSettings: strict),
    .target(name: "TextSamples", path: "Tests/TextSamples", swiftSettings: strict),
    .target(name: "Waiting", path: "Tests/Waiting", swiftSettings: strict),
    tests("ByteTextTests", ["ByteText", "TextSamples"]),
    tests("SmallFilesTests", ["SmallFiles"]),
    tests("DomainTests", ["Domain", "DomainFakes", "TextSamples", "Waiting"]),
    tests("JSONTests", ["JSON", "TextSamples"]),
    tests("YAMLTests", ["YAML"]),
    tests("SystemdTests", ["Domain", "DomainFakes", "JournalLog", "Systemd", logging]),
    tests(
        "AdapterTests",
        [
            "Cgroups", "ChildProcess", "CLinux", "Domain", "DomainFakes", "HostFacts", "JSON", "LogFiles", "RktCLI",
            "Systemd",
            "SystemdRun", "TextSamples", logging,
        ],
        exclude: ["Support/fake-engine"]),
    .target(name: "PortContracts", dependencies: ["Domain"], path: "Tests/PortContracts", swiftSettings: strict),
    tests("PortContractTests", ["Domain", "DomainFakes", "PortContracts"]),
    tests("HTTP2Tests", ["HTTP2", "CNGHTTP2", nioCore]),
    tests(
        "GRPCTransportTests",
        ["GRPCTransport", "Gzip", "HTTP2", "RequestMemory", "Waiting", grpcCore, nioCore, nioEmbedded, nioPosix]),
    executable(
        "streaming-interop-server", "Tests/Interop/streaming/server", ["Domain", "DomainFakes", "JSON", "Streaming"]),
    executable("grpc-interop-server", "Tests/Interop/grpc/server", ["GRPCTransport", grpcCore, nioPosix]),
    tests(
        "CRITests",
        [
            "CRI", "CallRecords", "Domain", "DomainFakes", "RequestSyntax", "TextSamples", grpcCore, grpcInProcess,
            grpcProtobuf,
            swiftProtobuf,
        ]),
    tests(
        "GatewayTests",
        [
            "CallRecords", "Domain", "DomainFakes", "Gateway", "JSON", "LogFiles", "Measures", "RequestMemory",
            "TextSamples",
            "Waiting", httpTypes,
            hummingbird, lifecycle, logging, nioCore, nioEmbedded, nioHTTP1,
        ]),
    tests("CallRecordsTests", ["CallRecords"]),
    tests(
        "StreamingTests",
        [
            "ByteText", "Domain", "DomainFakes", "Gzip", "JSON", "Streaming", "Waiting", nioCore, nioEmbedded, nioHTTP1,
            nioPosix, nioSSL,
        ]),
    tests("GantryCoreTests", ["ByteText", "GantryCore", "JSON", "TextSamples", "Waiting"]),
    tests(
        "GantryImagesTests", ["CArchive", "GantryCore", "GantryImages", "JSON", "TextSamples"], settings: callerIsolated
    ),
    tests("GantryCLITests", ["GantryCommands", "GantryCore", "JSON", argumentParser], settings: callerIsolated),
    tests("DaemonTests", ["CallRecords", "Daemon", "Gateway", "HostFacts", "JournalLog", "RktCLI", logging]),
    // These need a system manager, crun and the engine: scripts/phases/node runs them.
    tests("SystemdHostTests", ["Systemd"]),
    tests(
        "PortContractHostTests",
        ["ChildProcess", "Domain", "HostFacts", "PortContracts", "RktCLI", "Systemd", "SystemdRun", logging]),
]

/// What the fuzz targets read with. Their functions are built into the fuzzer, and into a test that replays the corpora.
let fuzzDependencies: [Target.Dependency] = [
    "ByteText", "CRI", "Domain", "GRPCTransport", "GantryCore", "GantryImages", "Gateway", "Gzip", "HTTP2", "JSON",
    "LogFiles", "RequestSyntax", "RktCLI", "Streaming", "YAML", grpcCore, logging, nioCore, swiftProtobuf,
]

let fuzzing: [Target] =
    if let fuzzer {
        [
            .executableTarget(
                name: "fuzz", dependencies: fuzzDependencies, path: "Tests/Fuzz",
                exclude: ["Corpus", "Dictionaries", "Replay"], sources: ["Targets", "Driver"], swiftSettings: strict,
                linkerSettings: lld + [.unsafeFlags([fuzzer]), .linkedLibrary("stdc++"), .linkedLibrary("m")])
        ]
    } else {
        [
            .testTarget(
                name: "FuzzTests", dependencies: fuzzDependencies, path: "Tests/Fuzz",
                exclude: ["Corpus", "Dictionaries", "Driver"], sources: ["Targets", "Replay"], swiftSettings: strict)
        ]
    }

let package = Package(
    name: "rktlet",
    products: [
        .executable(name: "rktlet", targets: ["rktlet"]),
        .executable(name: "gantry", targets: ["gantry"]),
        .executable(name: "gantry-pod", targets: ["gantry-pod"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: leaves + domain + adapters + transport + engine + app + allTests + fuzzing
)
